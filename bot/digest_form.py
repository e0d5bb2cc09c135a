"""A submitted form of digests -> channel and schedule, with an error at each input that cannot be read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.digest_requests import DigestAction, DigestRequest, read_digest
from bot.formatting.digest_form import (
    CADENCE,
    CHANNEL,
    MODELS,
    PERCENT,
    TIME,
    USD,
    WEEKDAY,
    ZONE,
)
from bot.schedule import DEFAULT, DEFAULT_WEEKDAY, Cadence, Schedule
from pricing.catalogue import Catalogue

_AS_TEXT = {TIME: "at {}", ZONE: "{}", PERCENT: "over {}%", USD: "over ${}"}
"""How each input would be typed behind `/rlcost digest subscribe`: both are read by the same language."""

_FIELDS = {TIME: "at", ZONE: "zone", PERCENT: "over_percent", USD: "over_usd"}
_WANTED = {
    TIME: "choose a time of day",
    ZONE: "write one time zone, such as Europe/Berlin",
    PERCENT: "write a number such as 5",
    USD: "write a number such as 500",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A channel and when it is told; without a schedule, what is wrong: a sentence for each input."""

    channel_id: str
    schedule: Schedule | None
    errors: Mapping[str, str]


def submitted(state: Mapping[str, Any], *, catalogue: Catalogue) -> Submission:
    """What the values of a form say."""
    values: dict[str, Mapping[str, Any]] = {
        name: next(iter(inputs.values()), {}) for name, inputs in state.items()
    }
    channel = str(values.get(CHANNEL, {}).get("selected_conversation") or "")
    errors = {} if channel else {CHANNEL: "Choose a channel."}
    read: dict[str, DigestRequest] = {}
    for name, pattern in _AS_TEXT.items():
        typed = _typed(values.get(name, {}))
        read[name] = read_digest(pattern.format(typed) if typed else "", catalogue)
        if read[name].problems:
            errors[name] = read[name].problems[0].replace("`", "")
        elif typed and not _says_only(name, read[name]):
            errors[name] = f"{typed[:60]} is not read here: {_WANTED[name]}."
    if errors:
        return Submission(channel_id=channel, schedule=None, errors=errors)
    weekly = _typed(values.get(CADENCE, {})) == Cadence.WEEKLY
    weekday = _typed(values.get(WEEKDAY, {})) or str(DEFAULT_WEEKDAY)
    schedule = Schedule(
        cadence=Cadence.WEEKLY if weekly else Cadence.DAILY,
        at=read[TIME].at or DEFAULT.at,
        weekday=int(weekday) if weekly else None,
        zone=read[ZONE].zone or DEFAULT.zone,
        models=_models(values.get(MODELS, {}), catalogue),
        over_percent=_threshold(read[PERCENT].over_percent),
        over_usd=_threshold(read[USD].over_usd),
    )
    return Submission(channel_id=channel, schedule=schedule, errors={})


def _says_only(name: str, read: DigestRequest) -> bool:
    """Whether an input says its own value and nothing beside it, which would get lost."""
    said = getattr(read, _FIELDS[name])
    alone = DigestRequest(action=DigestAction.SUBSCRIBE, **{_FIELDS[name]: said})
    return said is not None and read == alone


def _typed(element: Mapping[str, Any]) -> str:
    option = element.get("selected_option") or {}
    said = element.get("value") or element.get("selected_time") or option.get("value") or ""
    return str(said).strip()


def _models(element: Mapping[str, Any], catalogue: Catalogue) -> tuple[str, ...]:
    """The chosen models; one that has left the catalogue while the form was open is passed over."""
    chosen = [str(option.get("value")) for option in element.get("selected_options") or ()]
    return tuple(model for model in chosen if model in catalogue)


def _threshold(value: Decimal | None) -> Decimal | None:
    return value or None
