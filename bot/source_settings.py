"""Whether, how often and where the sources of rates are asked, out of the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.addresses import url_fault
from bot.settings import SettingsError
from pricing.sources import SOURCES, Source, SourceId

API_KEY_VARIABLE = "FIREWORKS_API_KEY"
EVERY_VARIABLE = "RLCOST_CHECK_EVERY_HOURS"
DEFAULT_EVERY_HOURS = 6
_MOST_HOURS = 24 * 7

_KEY = re.compile(r"[\x21-\x7e]+")


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


def source_urls(environ: Mapping[str, str]) -> Mapping[SourceId, str | None]:
    """Where each source is fetched; None where it is turned off, or lacks the key that it needs.

    A variable that is empty turns its source off. Raises SettingsError for a URL that cannot be
    used, and for a key that cannot be sent.
    """
    key = environ.get(API_KEY_VARIABLE, "").strip()
    if key and not _KEY.fullmatch(key):
        raise SettingsError(
            f"{API_KEY_VARIABLE} holds a space or a character that no key has; copy the key anew"
        )
    return {
        source.id: None if source.needs_key and not key else _source_url(source, environ)
        for source in SOURCES.values()
    }


def _source_url(source: Source, environ: Mapping[str, str]) -> str | None:
    url = environ.get(source.url_variable, source.url).strip()
    if not url:
        return None
    fault = url_fault(url, query_allowed=True)
    if fault:
        raise SettingsError(
            f"{source.url_variable} {fault}; put an https URL there, such as {source.url}, or "
            "http for this machine alone, or leave it empty to turn the source off"
        )
    return url


def _every(text: str) -> timedelta | None:
    # Digits alone, and few: int() would take signs, underscores and other scripts' digits too.
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > _MOST_HOURS:
        raise SettingsError(
            f"{EVERY_VARIABLE} is {text!r}; put a whole number of hours from 1 to {_MOST_HOURS} there, "
            "or 0 for no checks"
        )
    return timedelta(hours=int(text)) if int(text) else None
