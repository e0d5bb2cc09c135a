"""When digests come: the time of day, its zone, and on which days."""

import re

from bot.digest_requests.said import GAP, Said, quote, quoted
from bot.schedule import Cadence
from bot.zones import meant_zone, zone_instead, zones_in

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# -- the time of day -------------------------------------------------------------------------------------

_OFFSET = re.compile(
    r"(?<![\w/])(?:utc|gmt) ?[+-] ?\d{1,2}(?::?\d\d)?\b|(?<=:\d\d) ?[+-] ?\d\d:?\d\d\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w:.,$+-])(?:(?P<hour>\d{1,4}):(?P<minute>\d{1,4})(?![\d:]) ?(?P<half>[ap]\.?m\b\.?)?"
    r"|(?P<only_hour>\d{1,2}) ?(?P<its_half>[ap]\.?m\b\.?))(?P<zulu>z\b)?(?!\w)"
    r"|\b(?:12 )?(?P<word>noon|midday|midnight)\b",
    re.IGNORECASE,
)


def time_in(said: Said) -> str | None:
    """The time of day, as `HH:MM`."""
    for offset in said.take(_OFFSET):
        said.problems.append(
            f"{quote(offset[0])} does not say when summer time is kept: write a zone, such as `Europe/Berlin`."
        )
    found = said.take(_CLOCK)
    if any(match["zulu"] for match in found):
        said.rest += f"{GAP}UTC"
    times = []
    for match in found:
        at = _clock(match)
        if at is None:
            said.problems.append(
                f"{quote(match[0])} is no time of day: write one from `00:00` to `23:59`."
            )
        else:
            times.append(at)
    return said.only("time", [match[0] for match in found], times)


def _clock(match: re.Match[str]) -> str | None:
    """`HH:MM`, or None for a time that no clock shows."""
    if match["word"]:
        return "00:00" if match["word"].lower() == "midnight" else "12:00"
    hour, minute = match["hour"] or match["only_hour"], match["minute"] or "00"
    half = (match["half"] or match["its_half"] or "")[:1].lower()
    if len(hour) > 2 or len(minute) != 2 or int(minute) > 59:
        return None
    if not half:
        return f"{int(hour):02}:{minute}" if int(hour) < 24 else None
    if not 1 <= int(hour) <= 12:
        return None
    return f"{int(hour) % 12 + (12 if half == 'p' else 0):02}:{minute}"


# -- the zone --------------------------------------------------------------------------------------------


def zone_in(said: Said) -> str | None:
    """The zone, as IANA names it."""
    found = list(zones_in(said.rest))
    pieces = [said.rest[start:end] for start, end, zone in found if zone]
    for start, end, zone in found:
        if zone is None:
            said.problems.append(_no_zone(said.rest[start:end]))
    said.take_out([(start, end) for start, end, _ in found])
    return said.only("zone", pieces, [zone for _, _, zone in found if zone])


def _no_zone(text: str) -> str:
    instead = zone_instead(text)
    if meant_zone(text):
        return (
            f"{quote(text)} does not say one zone: write the zone of a city, such as `{instead}`."
        )
    return f"{quote(text)} is no zone that I know: write one such as `{instead}`."


# -- days ------------------------------------------------------------------------------------------------

_DAY_NUMBERS = {
    name: day
    for day, names in enumerate(
        ("mon", "tue tues", "wed", "thu thur thurs", "fri", "sat", "sun"),
    )
    for name in (WEEKDAYS[day], f"{WEEKDAYS[day]}s", *names.split())
}
_DAY = re.compile(rf"\b(?:(?:every|each) )?(?P<day>{'|'.join(_DAY_NUMBERS)})\b", re.IGNORECASE)
_CADENCE = re.compile(
    r"\b(?:(?:once )?(?:every|each)|once (?:a|per)) (?P<unit>day|week)\b"
    r"|\b(?P<word>daily|everyday|weekly)\b",
    re.IGNORECASE,
)
_OTHER_CADENCE = re.compile(
    r"\b(?:hourly|bi-?weekly|fortnightly|monthly|bi-?monthly|quarterly|yearly|annually|twice|weekdays?|weekends?"
    r"|(?:every|each|per|a) (?:hour|month|quarter|year|weekday|weekend|other \w+))\b",
    re.IGNORECASE,
)


def days_in(said: Said) -> tuple[Cadence | None, int | None]:
    """Daily or weekly, and the weekday, from Monday 0; a weekday alone is weekly."""
    for other in said.take(_OTHER_CADENCE):
        said.problems.append(
            f"{quote(other[0])} cannot be had: write `daily`, or `weekly` with one day such as `on mondays`."
        )
    cadences = said.take(_CADENCE)
    days = said.take(_DAY)
    day = said.only(
        "weekday", [d[0] for d in days], [WEEKDAYS[_DAY_NUMBERS[d["day"].lower()]] for d in days]
    )
    said_cadence = said.only(
        "cadence", [c[0] for c in cadences], [_cadence(c).value for c in cadences]
    )
    cadence = Cadence(said_cadence) if said_cadence else None
    if days and cadence is Cadence.DAILY:
        pieces = quoted([cadences[0][0], days[0][0]])
        said.problems.append(f"{pieces} do not go together: write `daily`, or `weekly` and a day.")
    if day is None:
        return cadence, None
    return cadence or Cadence.WEEKLY, WEEKDAYS.index(day)


def _cadence(match: re.Match[str]) -> Cadence:
    weekly = (match["unit"] or match["word"]).lower() in ("week", "weekly")
    return Cadence.WEEKLY if weekly else Cadence.DAILY
