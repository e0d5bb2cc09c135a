"""What follows `/rlcost digest`, or a mention about digests, becomes one request. Pure: no clock, no network.

    markup -> thresholds -> times -> zones -> days -> models -> words

Each step takes what it knows out of the text. What is left in the end must be a word without weight; anything else is
a problem that names it, so that nothing is ever read as something else than was meant.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from bot.formatting.figures import limit
from bot.formatting.request_wording import problem_text
from bot.formatting.wording import listed
from bot.requests.names import Names
from bot.requests.normalise import LONGEST_TEXT, MENTION, normalise
from bot.schedule import LARGEST_PERCENT, LARGEST_USD, Cadence
from bot.zones import SHORT_NAME, meant_zone, nearest, zone_instead, zone_words, zones_in
from pricing.catalogue import Catalogue

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = "subscribe weekly on mondays at 09:00 Europe/Berlin kimi-k2p6 over 5%"


class DigestAction(StrEnum):
    """What is to be done about a channel's digest."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    LIST = "list"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRequest:
    """What was asked about digests; None is what was not said, and no action asks for the panel.

    `channel_id` None is the channel in which it was asked. `at` is `HH:MM`, `weekday` counts from Monday 0, `zone` is
    an IANA name, `models` are keys. Nothing is to be done where there are problems; each says in a sentence what was
    found, and what to type.
    """

    action: DigestAction | None = None
    channel_id: str | None = None
    channel_name: str | None = None
    cadence: Cadence | None = None
    at: str | None = None
    weekday: int | None = None
    zone: str | None = None
    models: tuple[str, ...] = ()
    over_percent: Decimal | None = None
    over_usd: Decimal | None = None
    problems: tuple[str, ...] = ()


def read_digest(text: str, catalogue: Catalogue) -> DigestRequest:
    """Read a text as Slack sends it, with its escaping. Never raises: what cannot be read is in the problems."""
    if len(text) > LONGEST_TEXT:
        return DigestRequest(
            problems=(f"That is {len(text):,} characters; write it as `{EXAMPLE}`.",)
        )
    said = _Said(text)
    channel = _channel(said)
    said.rest = normalise(said.rest)
    percent, usd = _thresholds(said)
    at = _time(said)
    zone = _zone(said)
    cadence, weekday = _days(said)
    models = _models(said, catalogue)
    action = _action(said, _words(said))
    return DigestRequest(
        action=action,
        channel_id=channel[0],
        channel_name=channel[1],
        cadence=cadence,
        at=at,
        weekday=weekday,
        zone=zone,
        models=models,
        over_percent=percent,
        over_usd=usd,
        problems=tuple(dict.fromkeys(said.problems))[:_MOST_PROBLEMS],
    )


# -- what is left of the text ----------------------------------------------------------------------------

_MOST_PROBLEMS = 6
_ECHO_LENGTH = 60
_GAP = " ; "
"""Stands where something was taken out, so that what stood around it is not read as one."""


@dataclass(slots=True)
class _Said:
    """The text while it is read. `details` are the pieces that say something of a subscription."""

    rest: str
    details: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """All that matches, taken out."""
        found = list(pattern.finditer(self.rest))
        self.take_out([match.span() for match in found])
        return found

    def take_out(self, spans: Iterable[tuple[int, int]]) -> None:
        pieces, at = [], 0
        for start, end in spans:
            pieces += [self.rest[at:start], _GAP]
            at = max(at, end)
        self.rest = "".join([*pieces, self.rest[at:]])

    def only(self, kind: str, pieces: Sequence[str], values: Sequence[str]) -> str | None:
        """The one value that all pieces mean; several are a problem."""
        self.details += pieces
        if len(set(values)) > 1:
            self.problems.append(f"{_quoted(pieces)} are more than one {kind}: keep one.")
            return None
        return values[0] if values else None


def _quoted(pieces: Iterable[str]) -> str:
    return listed(_quote(piece) for piece in dict.fromkeys(pieces))


def _quote(text: str) -> str:
    piece = " ".join(text.split()).replace("`", "'").replace(MENTION, "@mention")
    return f"`{piece[:_ECHO_LENGTH]}…`" if len(piece) > _ECHO_LENGTH else f"`{piece}`"


# -- markup ----------------------------------------------------------------------------------------------

_COMMAND = re.compile(
    r"^\s*(?:(?:hey|hi|hello)?[\s,]*<@[UWB]\w*(?:\|[^<>]*)?>[\s,:]*)?(?:/?rlcost\b\s*)?",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<#([CGD]\w+)(?:\|([^<>]*))?>")
_OTHER_MARKUP = re.compile(r"<[@!#]([^<>|]*)(?:\|[^<>]*)?>|(?<![\w/])@[^\W\d][\w.-]*")
_LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^<>|]*>|(?<![\w<|])(?:https?://|www\.)[^\s<>|]+")
_PLAIN_CHANNEL = re.compile(r"(?<![\w&/])#[^\s<>|,;]*\w")
_THIS_CHANNEL = re.compile(r"\b(?:this channel|here)\b", re.IGNORECASE)
_AT_SIGN = re.compile(r"(?<!\S)@\s?(?=\d)")


def _channel(said: _Said) -> tuple[str | None, str | None]:
    """The channel that is named, with its id; read before Slack's markup is taken out of the text."""
    said.rest = _AT_SIGN.sub("at ", _COMMAND.sub("", said.rest, count=1))
    named = said.take(_CHANNEL)
    for other in said.take(_OTHER_MARKUP):
        piece = _quote(f"@{other[1].lstrip('@')}" if other[1] else other[0])
        said.problems.append(
            f"{piece} is no channel, and a digest goes to one: leave it out, or pick a channel such as `#general`."
        )
    for found in said.take(_LINK):
        said.problems.append(f"{_quote(found[0].strip('<>'))} was not read: leave the link out.")
    for found in said.take(_PLAIN_CHANNEL):
        said.problems.append(
            f"{_quote(found[0])} came without its id: type `#` and pick the channel from the list that Slack offers."
        )
    if len({channel[1] for channel in named}) > 1:
        names = _quoted(f"#{channel[2] or channel[1]}" for channel in named)
        said.problems.append(f"{names} are more than one channel: keep one.")
        return None, None
    if not named:
        return None, None
    channel_id, name = named[0].groups()
    here = _THIS_CHANNEL.search(said.rest)
    if here:
        pieces = _quoted([here[0], f"#{name or channel_id}"])
        said.problems.append(f"{pieces} are both said: keep one.")
    return channel_id, name or None


# -- thresholds ------------------------------------------------------------------------------------------

_OVER = r"(?:(?:\bby )?\b(?:over|above|more than|greater than|exceeding|exceeds?)\b|>)"
_UNIT = r"(?:%|percent\b|per cent\b|pct\b|dollars?\b|usd\b|euros?\b|eur\b)"
_SIGN = r"(?:us ?)?[$€£¥]"
_AMOUNT = rf"-? ?(?:{_SIGN} ?)?-?\d[\d.,]{{0,20}}(?<![.,])(?: ?[kmb]\b)?(?: ?{_UNIT})?"
_MARKED_AMOUNT = rf"(?:-? ?{_SIGN} ?{_AMOUNT}|-?\d[\d.,]{{0,20}}(?: ?[kmb]\b)? ?{_UNIT})"
_THRESHOLD = re.compile(
    rf"{_OVER} ?(?P<first>{_AMOUNT})"
    rf"(?:,? (?P<joined>or|and) (?:{_OVER} ?)?(?P<second>{_MARKED_AMOUNT}))?",
    re.IGNORECASE,
)
_BARE_THRESHOLD = re.compile(
    rf"(?<![\w.,$€£¥-])(?:-? ?{_SIGN} ?\d[\d.,]*(?<![.,])(?: ?[kmb]\b)?|-?\d[\d.,]* ?{_UNIT})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_THOUSANDS_OR_PLACES = re.compile(r"\d{1,3}\.\d{3}")
"""`1.500` dollars: as many write fifteen hundred as write one and a half."""
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def _thresholds(said: _Said) -> tuple[Decimal | None, Decimal | None]:
    """From how many per cent, or from how many dollars on, a change counts."""
    found = said.take(_THRESHOLD)
    for bare in said.take(_BARE_THRESHOLD):
        piece = bare[0].strip()
        said.problems.append(f"{_quote(piece)} is no threshold yet: write `over {piece}`.")
    pieces = [m[part].strip() for m in found for part in ("first", "second") if m[part]]
    said.details += pieces
    percents = [piece for piece in pieces if _is_percent(piece)]
    dollars = [piece for piece in pieces if not _is_percent(piece)]
    either = len(percents) == len(dollars) == 1 and (found[0]["joined"] or "").lower() == "or"
    if len(pieces) > 1 and not either:
        said.problems.append(
            f"{_quoted(pieces)} are more than one threshold: keep one, or let either count, as in "
            "`over 5% or over $500`."
        )
        return None, None
    return (
        _percent(said, percents[0]) if percents else None,
        _usd(said, dollars[0]) if dollars else None,
    )


def _is_percent(piece: str) -> bool:
    return re.search(r"%|percent|per cent|pct", piece, re.IGNORECASE) is not None


def _percent(said: _Said, piece: str) -> Decimal | None:
    value = _NUMBER.match(piece)
    rest = piece[value.end() :].strip().lower() if value else ""
    if value and rest in ("%", "percent", "per cent", "pct"):
        percent = Decimal(value[0].replace(",", ""))
        if 0 < percent <= LARGEST_PERCENT:
            return percent
    said.problems.append(
        f"{_quote(piece)} is no threshold: write a share above 0 and up to {LARGEST_PERCENT:,} per cent, "
        "as in `over 5%`."
    )
    return None


def _usd(said: _Said, piece: str) -> Decimal | None:
    plain = re.sub(r"^us(?= ?\$)", "", piece.lower())
    marked = "$" in plain or re.search(r"dollars?|usd", plain)
    bare = re.sub(r"^\$ ?| ?(?:dollars?|usd)$", "", plain).strip()
    value = _NUMBER.match(bare)
    unit = bare[value.end() :].strip() if value else ""
    if marked and value and unit in _TIMES and not _is_unclear(value[0], unit):
        usd = Decimal(value[0].replace(",", "")) * _TIMES[unit]
        if 0 < usd <= LARGEST_USD:
            return usd
    said.problems.append(
        f"{_quote(piece)} is no threshold: write per cent, as in `over 5%`, or US dollars above 0 and up to "
        f"{limit(LARGEST_USD)}, as in `over $1,500`."
    )
    return None


def _is_unclear(value: str, unit: str) -> bool:
    return not unit and _THOUSANDS_OR_PLACES.fullmatch(value) is not None


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


def _time(said: _Said) -> str | None:
    for offset in said.take(_OFFSET):
        said.problems.append(
            f"{_quote(offset[0])} does not say when summer time is kept: write a zone, such as `Europe/Berlin`."
        )
    found = said.take(_CLOCK)
    if any(match["zulu"] for match in found):
        said.rest += f"{_GAP}UTC"
    times = []
    for match in found:
        at = _clock(match)
        if at is None:
            said.problems.append(
                f"{_quote(match[0])} is no time of day: write one from `00:00` to `23:59`."
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


def _zone(said: _Said) -> str | None:
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
            f"{_quote(text)} does not say one zone: write the zone of a city, such as `{instead}`."
        )
    return f"{_quote(text)} is no zone that I know: write one such as `{instead}`."


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


def _days(said: _Said) -> tuple[Cadence | None, int | None]:
    for other in said.take(_OTHER_CADENCE):
        said.problems.append(
            f"{_quote(other[0])} cannot be had: write `daily`, or `weekly` with one day such as `on mondays`."
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
        pieces = _quoted([cadences[0][0], days[0][0]])
        said.problems.append(f"{pieces} do not go together: write `daily`, or `weekly` and a day.")
    if day is None:
        return cadence, None
    return cadence or Cadence.WEEKLY, WEEKDAYS.index(day)


def _cadence(match: re.Match[str]) -> Cadence:
    weekly = (match["unit"] or match["word"]).lower() in ("week", "weekly")
    return Cadence.WEEKLY if weekly else Cadence.DAILY


# -- models ----------------------------------------------------------------------------------------------

_ALL_MODELS = re.compile(
    r"\b(?:all|every|any) (?:of )?(?:the )?(?:covered )?models?\b", re.IGNORECASE
)


def _models(said: _Said, catalogue: Catalogue) -> tuple[str, ...]:
    every = said.take(_ALL_MODELS)
    names = _names(catalogue)
    mentions = names.mentions(said.rest)
    said.take_out([(mention.start, mention.end) for mention in mentions])
    keys = tuple(dict.fromkeys(mention.key for mention in mentions if mention.key))
    for mention in [m for m in mentions if not m.key][:_MOST_PROBLEMS]:
        said.problems.append(problem_text(names.problem(mention), example_model=names.keys[0]))
    if every and mentions:
        pieces = _quoted([every[0][0], mentions[0].text])
        said.problems.append(f"{pieces} do not go together: keep one.")
    said.details += [mention.text for mention in mentions] + [match[0] for match in every]
    return keys


@lru_cache(maxsize=4)
def _names(catalogue: Catalogue) -> Names:
    return Names(catalogue)


# -- words -----------------------------------------------------------------------------------------------

_ACTIONS = {
    DigestAction.SUBSCRIBE: "subscribe start enable",
    DigestAction.UNSUBSCRIBE: "unsubscribe stop cancel remove disable off",
    DigestAction.LIST: "list show",
    DigestAction.SEND: "send post now",
}
_ACTION_WORDS = {word: action for action, words in _ACTIONS.items() for word in words.split()}
_LISTING = frozenset("subscribed subscriptions what which".split())
"""Words that ask for the list where no action is said."""
_PEOPLE = frozenset("me us my our".split())
"""Words without weight in a question for the list; elsewhere *me* would be a person, and *our time* a zone."""
_FILLERS = _LISTING | frozenset(
    "a about an and any are at can change changes channel could digest digests do does for get have hello here hey hi "
    "how i if in is it just like model models move moves of on only or please pls posting price prices pricing rate rates "
    "sending subscription thank thanks that the them there these they this time timezone to tz want we when with would "
    "you zone".split()
)
_TOKEN = re.compile(r"[^\s;]+")
_WEIGHTY = re.compile(rf"[^\W_]|[$€£¥%<>=~+#@{MENTION}]")
"""What a smiley lacks."""
_MARKS = "\"'.,:!?()[]{}-–|&/*_…"
_MOST_HINTS = 3


def _words(said: _Said) -> list[str]:
    """The words that ask for something, in order; those that nothing was made of become problems."""
    asked: list[str] = []
    strays: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(said.rest):
        word = token[0].strip(_MARKS).lower()
        if word in _FILLERS or not _WEIGHTY.search(word):
            continue
        if word in _ACTION_WORDS or word in _PEOPLE:
            asked.append(word)
        elif strays and strays[-1][1] + 1 == token.start():
            strays[-1] = (f"{strays[-1][0]} {token[0]}", token.end())
        else:
            strays.append((token[0], token.end()))
    asked += sorted(_LISTING & set(re.findall(r"\w+", said.rest.lower())))
    for count, (stray, _) in enumerate(strays[:_MOST_PROBLEMS]):
        said.problems.append(_stray(stray.strip(",.:!?"), hinted=count < _MOST_HINTS))
    return asked


def _stray(text: str, *, hinted: bool) -> str:
    near = nearest(text, _vocabulary()) if hinted and len(text) > SHORT_NAME else None
    if near and "=" not in text:
        return f"{_quote(text)} was not read: did you mean `{near}`?"
    return f"{_quote(text)} was not read: leave it out, or write it as in `{EXAMPLE}`."


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, str]:
    """Every word that means something here, and how it is best typed."""
    words = [*_ACTION_WORDS, *Cadence, *WEEKDAYS, *(f"{day}s" for day in WEEKDAYS), "midnight"]
    return zone_words() | {word: word for word in words}


def _action(said: _Said, words: Sequence[str]) -> DigestAction | None:
    verbs = [word for word in words if word in _ACTION_WORDS]
    actions = {_ACTION_WORDS[word] for word in verbs}
    if len(actions) > 1:
        said.problems.append(f"{_quoted(verbs)} ask for different things: keep one.")
        return None
    action = next(iter(actions), None) or _implied(said, words)
    people = [word for word in words if word in _PEOPLE]
    if people and action is not DigestAction.LIST:
        said.problems.append(
            f"{_quoted(people)} was not read: a digest goes to a channel, and a zone has a name; leave it out."
        )
    if action not in (DigestAction.SUBSCRIBE, None) and said.details:
        said.problems.append(
            f"{_quoted(said.details)} says nothing to `{action}`: leave it out, or write `subscribe` to be told "
            "again and again."
        )
    return action


def _implied(said: _Said, words: Sequence[str]) -> DigestAction | None:
    """What a text without a verb asks for: settings are those of a subscription."""
    if said.details:
        return DigestAction.SUBSCRIBE
    return DigestAction.LIST if not _LISTING.isdisjoint(words) else None
