"""Cuts a normalised text into tokens: numbers, words, GPU types, dates, mentions of models, signs.

Nothing is placed here. What only looks like a number (times, ordinals, ratios) is a `skip` token; what looks like one
and is none that a field can hold (`0x14`, `½`, `1.2.3`) is a `bad` one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from . import numbers
from .fields import aliases, squash
from .names import Mention
from .normalise import MENTION


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    BAD = auto()
    SKIP = auto()
    WORD = auto()
    GPU = auto()
    DATE = auto()
    MODEL = auto()
    MENTION = auto()
    SIGN = auto()


@dataclass(slots=True)
class Token:
    """A piece of the text; `glued` where no white space stands before it, `day` of a date that exists."""

    kind: Kind
    text: str
    lower: str
    start: int
    end: int
    glued: bool
    day: date | None = None
    model: Mention | None = None


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_GPU = r"(?:h100(?:[ _-]?80\s?gb)?|h200(?:[ _-]?141\s?gb)?|b200(?:[ _-]?180\s?gb)?|b300(?:[ _-]?288\s?gb)?|gb300(?:[ _-]?288\s?gb)?)s?"
_OTHER_GPU = r"(?:a10g?|a100|a800|h20|h800|gb200|b900|l4|l40s?|v100|t4|mi\d{3}x?|rtx\s?\d{4}|tpus?(?:v\d)?)(?:[ _-]\d+\s?gb)?s?"

_TOKEN = re.compile(
    rf"""
      (?P<newline>\n)
    | (?P<iso>(?<![\d-])\d{{4}}-\d{{1,2}}-\d{{1,2}}(?![\d-]))
    | (?P<month>{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}\b)
    | (?P<day>\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH},?\s\d{{4}}\b)
    | (?P<allday>24/7\b)
    | (?P<bad>(?:\d*⁄\d+)+|[1-9]/[2-9](?=\s(?:of|a|the|as|dozen|hundred|thousand|million)\b)|∞|0x[0-9a-f]+\b|\d+(?:\.\d+){{2,}}(?!\.))
    | (?P<clock>(?<![\d.:-])\d{{1,2}}(?::\d{{2}})?(?::\d{{2}})?\s?[ap]\.?m\b\.?|(?<![\d.:-])\d+:\d+(?::\d+)?(?![\d:]))
    | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
    | (?P<number>(?:(?<![\w.)%])[+-])?{numbers.LITERAL})
    | (?P<gpu>(?:(?<![^\W_])|(?<=\dx)|(?<=\d\sx)){_GPU}(?:(?![^\W_])|(?=x\d)))
    | (?P<othergpu>(?:(?<![^\W_])|(?<=\dx)|(?<=\d\sx)){_OTHER_GPU}(?![^\W_]))
    | (?P<tps>(?:tok(?:en)?s?|t)\s?/\s?s(?:ec(?:ond)?s?)?\b|tok(?:en)?s?\s(?:per|a|each)\ssec(?:ond)?s?\b|\btps\b)
    | (?P<word>[^\W\d_][^\W_]*(?:'[^\W\d_]+|[_-][^\W\d_][^\W_]*|_\d[^\W_]*)*)
    | (?P<mention>{MENTION})
    | (?P<option>(?:(?<=\s)|(?<=^)|(?<=["'(]))--(?=[^\W\d_]))
    | (?P<dots>\.{{2,}})
    | (?P<operator>[+*/]=|(?<=\w)\s?-=)
    | (?P<equals>:=|==?|[<>]=)
    | (?P<sign>[^\s\w])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIMES_GPU = re.compile(rf"x\s?(?=(?:{_GPU}|[a-z]{{1,3}}\d{{2,}}\w*)(?![^\W_]))", re.IGNORECASE)
_SUFFIX = re.compile(r"(?P<word>[km](?=-[^\W\d_]))", re.IGNORECASE)
"""The `k` of *8k-token*, which is a word of its own."""
_GPU_TIMES = re.compile(r"x\s?(?=\d)", re.IGNORECASE)
_KINDS = {
    "bad": Kind.BAD,
    "clock": Kind.SKIP,
    "allday": Kind.SKIP,
    "ordinal": Kind.SKIP,
    "number": Kind.NUMBER,
    "gpu": Kind.GPU,
    "othergpu": Kind.GPU,
    "mention": Kind.MENTION,
    "word": Kind.WORD,
    "tps": Kind.WORD,
}
_ALWAYS_SPLIT = numbers.NUMBER_WORDS | {"half", "single"}


def tokens(text: str, mentions: Sequence[Mention]) -> list[Token]:
    """The tokens of a normalised text; where a model is mentioned stands one token."""
    found: list[Token] = []
    at = 0
    for mention in (*mentions, None):
        until = mention.start if mention else len(text)
        _cut(text, at, until, found)
        if mention:
            glued = mention.start > 0 and not text[mention.start - 1].isspace()
            found.append(
                Token(
                    Kind.MODEL,
                    mention.text,
                    mention.text.lower(),
                    mention.start,
                    mention.end,
                    glued,
                    model=mention,
                )
            )
            at = mention.end
    return found


def _cut(text: str, at: int, until: int, found: list[Token]) -> None:
    while at < until:
        if text[at] == " ":
            at += 1
            continue
        glued = at > 0 and text[at - 1] not in " \n"
        if found and (times := _times(found[-1].kind, text, at, until)):
            found.append(Token(Kind.SIGN, "x", "x", at, at + 1, glued))
            at = times.end()
            continue
        behind_number = bool(found) and found[-1].kind is Kind.NUMBER and found[-1].end == at
        match = (behind_number and _SUFFIX.match(text, at, until)) or _TOKEN.match(text, at, until)
        if match is None:  # an emoji, a lone underscore: as good as a space
            at += 1
            continue
        _add(match, glued, found)
        at = match.end()


def _times(before: Kind, text: str, at: int, until: int) -> re.Match[str] | None:
    """The `x` of `8xB300` and of `B300 x 8`."""
    pattern = {Kind.NUMBER: _TIMES_GPU, Kind.GPU: _GPU_TIMES}.get(before)
    return pattern.match(text, at, until) if pattern else None


def _add(match: re.Match[str], glued: bool, found: list[Token]) -> None:
    group, text = match.lastgroup or "", match[0]
    lower = text.lower()
    if group in ("iso", "month", "day"):
        found.append(Token(Kind.DATE, text, lower, *match.span(), glued, day=_day(group, lower)))
    elif group == "word" and "-" in lower and lower.partition("-")[0] in _ALWAYS_SPLIT:
        _add_parts(match, glued, found)
    elif group in _KINDS:
        if group == "tps":
            lower = "tps"
        elif group == "word":
            lower = re.sub(r"'s$", "", lower)
            if (
                lower[0] == "k"
                and found
                and found[-1].end == match.start()
                and squash(lower[1:]) in aliases()
            ):
                _add_k_and_key(match, found)
                return
        found.append(Token(_KINDS[group], text, lower, *match.span(), glued))
    else:
        sign = {"newline": "\n", "option": "--", "equals": "="}.get(group, text)
        if group == "dots":
            sign = ".." if text == ".." else "."
        elif text in ("<=", ">="):
            sign = "~"
        found.append(Token(Kind.SIGN, text, sign, *match.span(), glued))


def _add_parts(match: re.Match[str], glued: bool, found: list[Token]) -> None:
    """`twenty-five-turn` as its words, each glued to the one before."""
    start = match.start()
    for index, part in enumerate(match[0].split("-")):
        found.append(
            Token(Kind.WORD, part, part.lower(), start, start + len(part), glued or index > 0)
        )
        start += len(part) + 1


def _add_k_and_key(match: re.Match[str], found: list[Token]) -> None:
    """`5keps`: the thousand, and the key behind it."""
    start = match.start()
    found.append(Token(Kind.WORD, match[0][0], "k", start, start + 1, glued=True))
    found.append(
        Token(Kind.WORD, match[0][1:], match[0][1:].lower(), start + 1, match.end(), glued=True)
    )


def _day(group: str, lower: str) -> date | None:
    """The day that a date names; None where there is no such day, or the form is not ISO's."""
    if group == "iso":
        try:
            return date.fromisoformat(lower)
        except ValueError:
            return None
    month = next(n for n, name in enumerate(_MONTHS, start=1) if re.search(rf"\b{name}", lower))
    first, last = re.findall(r"\d+", lower)
    try:
        return date(int(last), month, int(first))
    except ValueError:
        return None
