"""Time zones as people write them: by IANA name in any case, or by a city that only one zone has."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from bot.schedule import zone_names

_CONTINENTS = frozenset(
    "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()
)
_NO_CITIES = frozenset("act north south west nsw lhi center easter wake".split())
"""Zones of these continents whose last word is an everyday one."""
_SEVERAL_ZONES = {
    "America/New_York": "est edt et eastern",
    "America/Chicago": "cst cdt ct central",
    "America/Denver": "mst mdt mt mountain",
    "America/Los_Angeles": "pst pdt pt pacific",
    "Asia/Kolkata": "ist",
    "Asia/Tokyo": "jst",
    "Asia/Seoul": "kst",
    "Asia/Dubai": "gst",
    "Asia/Singapore": "sgt sst",
    "Australia/Sydney": "aest aedt aet",
    "Europe/Berlin": "cest mez mesz",
    "Europe/Helsinki": "eest",
    "Europe/London": "bst",
    "Europe/Moscow": "msk",
}
_ABBREVIATIONS = {word: zone for zone, words in _SEVERAL_ZONES.items() for word in words.split()}
_WORD = re.compile(r"[^\s,;()\[\]{}\"!?]+")
_MOST_ZONE_WORDS = 4
SHORT_NAME = 3
_NEAR = 75


@lru_cache(maxsize=1)
def zone_words() -> dict[str, str]:
    """What each zone is called, in lower case and with spaces: by its name, and by its city."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    listed_zones = [line.split("\t")[2] for line in table.splitlines() if line[:1] not in ("", "#")]
    spoken = {"z": "UTC"}
    # The table has each place once; the other names of a place come after it.
    for name in (*listed_zones, *sorted(zone_names())):
        region, _, city = name.partition("/")
        city = city.rpartition("/")[2].lower()
        if region in _CONTINENTS and city not in _NO_CITIES:
            spoken.setdefault(city.replace("_", " "), name)
    return spoken | {name.lower().replace("_", " "): name for name in zone_names()}


class SaidZone(NamedTuple):
    """A piece of a text that names a zone, and which; None for one that is not known or could be several."""

    start: int
    end: int
    zone: str | None


def zones_in(text: str) -> Iterator[SaidZone]:
    """Every zone that a text names, in order."""
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        found = _zone_at(text, words, at)
        if found is None:
            at += 1
            continue
        last, zone = found
        yield SaidZone(words[at].start(), words[last - 1].end(), zone)
        at = last


def zone_instead(text: str) -> str:
    """What to write for a piece that names no one zone: that of a city, or the nearest name."""
    return (
        meant_zone(text) or nearest(text, {name: name for name in zone_names()}) or "Europe/Berlin"
    )


def meant_zone(text: str) -> str | None:
    """The zone of a city for an abbreviation that several places use, such as EST."""
    return _ABBREVIATIONS.get(text.lower().rstrip(".:"))


def _zone_at(text: str, words: list[re.Match[str]], at: int) -> tuple[int, str | None] | None:
    """Behind which word a zone that begins at this one ends, and its name: None for one that is not known."""
    most = 1
    while (
        most < _MOST_ZONE_WORDS
        and at + most < len(words)
        and text[words[at + most - 1].end() : words[at + most].start()] == " "
    ):
        most += 1
    for count in range(most, 0, -1):
        last = at + count
        said = text[words[at].start() : words[last - 1].end()].rstrip(".:").replace("_", " ")
        if said.lower() in _ABBREVIATIONS:
            return last, None
        zone = zone_words().get(said.lower())
        # *Met* and *wet* are words; MET and WET are zones.
        if zone and (len(said) > SHORT_NAME or said.isupper() or zone in ("UTC", "GMT")):
            return last, zone
    region = words[at][0].partition("/")[0].title()
    return (at + 1, None) if "/" in words[at][0] and region in _CONTINENTS else None


def nearest(text: str, names: Mapping[str, str]) -> str | None:
    """What a misspelt word was meant to be, as it is to be typed."""
    from rapidfuzz import fuzz, process  # slow to import, and needed only for a hint

    found = process.extractOne(
        text.lower(), list(names), scorer=fuzz.ratio, processor=str.lower, score_cutoff=_NEAR
    )
    return names[found[0]] if found else None
