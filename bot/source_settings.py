"""Whether, how often and where the sources of rates are asked, out of the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.fetching import API_KEY_VARIABLE, source_urls
from bot.settings import SettingsError
from pricing.sources import SourceId

EVERY_VARIABLE = "RLCOST_CHECK_EVERY_HOURS"
DEFAULT_EVERY_HOURS = 6
_MOST_HOURS = 24 * 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """A URL for each source, None where it is off. `every` None: this replica never checks."""

    urls: Mapping[SourceId, str | None]
    api_key: str | None = field(repr=False)
    every: timedelta | None


def source_settings(environ: Mapping[str, str]) -> SourceSettings:
    """The settings of checks. Raises SettingsError for the first variable that is at fault."""
    return SourceSettings(
        urls=source_urls(environ),
        api_key=environ.get(API_KEY_VARIABLE, "").strip() or None,
        every=_every(environ.get(EVERY_VARIABLE, "").strip() or str(DEFAULT_EVERY_HOURS)),
    )


def _every(text: str) -> timedelta | None:
    # Digits alone, and few: int() would take signs, underscores and other scripts' digits too.
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > _MOST_HOURS:
        raise SettingsError(
            f"{EVERY_VARIABLE} is {text!r}; put a whole number of hours from 1 to {_MOST_HOURS} there, "
            "or 0 for no checks"
        )
    return timedelta(hours=int(text)) if int(text) else None
