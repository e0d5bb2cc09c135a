"""Numbers as people write them, in digits and in words, exact.

`k` is 1000 everywhere. Nothing here raises: what is too large to work with is infinite.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

_EXACT = Context(prec=2200, traps=[])
"""More digits than a text can hold, so no product of two numbers of a text is ever rounded."""
_ROUNDED = Context(prec=28, traps=[])
_MINUTES_PER_HOUR = Decimal(60)

LITERAL = r"(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?"
_LONGEST_EXPONENT = 6

_ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_MULTIPLIERS = {
    "dozen": 12,
    "hundred": 100,
    **dict.fromkeys(("k", "thousand", "grand"), 10**3),
    **dict.fromkeys(("m", "mil", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
}
SUFFIXES = frozenset(_MULTIPLIERS) - {"dozen", "hundred"}
"""Multipliers that may be glued to digits."""
SPACED_MULTIPLIERS = frozenset(_MULTIPLIERS) - {"m", "b"}
"""Multipliers that may stand apart from them."""
_WORD_MULTIPLIERS = {
    name: factor for name, factor in _MULTIPLIERS.items() if name not in ("m", "b", "bn")
}
NUMBER_WORDS = frozenset(_ONES) | frozenset(_TENS)
BEHIND_ARTICLE = frozenset(_WORD_MULTIPLIERS) | {"quarter", "half"}
"""What makes a number of *a* and *an*."""
INFINITE = frozenset("inf infinity infinite nan".split())
STARTS = (
    NUMBER_WORDS
    | (frozenset(_WORD_MULTIPLIERS) - {"k", "grand", "mil"})
    | {"a", "an", "half", "quarter"}
)
LONGEST_IN_WORDS = 12


@dataclass(frozen=True, slots=True)
class WordNumber:
    """A number in words: how many words it takes, and whether a multiplier makes it one on its own.

    `multiplier` is the last of *five thousand*, where it stands behind all the rest.
    """

    value: Decimal
    words: int
    multiplied: bool
    multiplier: Decimal = Decimal(1)


def literal(text: str) -> Decimal | None:
    """The exact value of digits (`5_000`, `5e3`, `-1`); infinite where its exponent is past all sense."""
    plain = text.replace("_", "")
    exponent = re.search(r"[eE]([+-]?)(\d+)$", plain)
    if exponent and len(exponent[2].lstrip("0")) > _LONGEST_EXPONENT:
        return Decimal("Infinity") if exponent[1] != "-" else Decimal("1e-999999")
    return Decimal(plain)


def multiplied(value: Decimal, multiplier: str) -> Decimal:
    """The value times what `multiplier` stands for (`k`, `million`, `dozen`)."""
    return product(value, Decimal(_MULTIPLIERS[multiplier]))


def product(a: Decimal, b: Decimal) -> Decimal:
    """The exact product; infinite where it is past all sense."""
    return _EXACT.multiply(a, b)


def quotient(a: Decimal, b: int) -> Decimal:
    """The quotient, exact where it takes no more than 28 digits."""
    return _ROUNDED.divide(a, Decimal(b))


def hours_of_minutes(minutes: Decimal) -> Decimal:
    """Minutes in hours, to 28 digits."""
    return _ROUNDED.divide(minutes, _MINUTES_PER_HOUR)


def in_words(words: Sequence[str]) -> WordNumber | None:
    """The number that the words begin with: `twenty five`, `half a million`, `a dozen`, `two and a half thousand`."""
    if not words or words[0] not in STARTS:
        return None
    if words[0] in ("half", "quarter"):
        return _part_of_multiplier(words)
    if words[0] == "a" and list(words[1:2]) == ["quarter"]:
        part = _part_of_multiplier(words[1:])
        return WordNumber(part.value, part.words + 1, multiplied=True) if part else None
    if words[0] in ("a", "an"):
        if len(words) < 2 or words[1] not in _WORD_MULTIPLIERS:
            return None
        rest = _counted(("one", *words[1:]))
        return WordNumber(rest.value, rest.words, multiplied=True) if rest else None
    if words[0] in _WORD_MULTIPLIERS:
        rest = _counted(("one", *words))
        return WordNumber(rest.value, rest.words - 1, multiplied=True) if rest else None
    if len(words) > 1 and words[1] == "quarters":
        part = _part_of_multiplier(("quarter", *words[2:]))
        if part:
            return WordNumber(part.value * _ONES.get(words[0], 0), part.words + 1, multiplied=True)
    return _counted(words)


def _part_of_multiplier(words: Sequence[str]) -> WordNumber | None:
    part = Decimal("0.5") if words[0] == "half" else Decimal("0.25")
    skip = 1 + (len(words) > 1 and words[1] == "of")
    skip += len(words) > skip and words[skip] in ("a", "an")
    if len(words) > skip and words[skip] in _WORD_MULTIPLIERS:
        return WordNumber(part * _WORD_MULTIPLIERS[words[skip]], skip + 1, multiplied=True)
    return None


def _counted(words: Sequence[str]) -> WordNumber | None:
    total, current, at, last = Decimal(0), Decimal(0), 0, ""
    for at, word in enumerate(words):
        if word in _ONES and (
            last in ("", "multiplier") or (last == "tens" and 0 < _ONES[word] < 10)
        ):
            current, last = current + _ONES[word], "ones"
        elif word in _TENS and last in ("", "multiplier"):
            current, last = current + _TENS[word], "tens"
        elif word in _WORD_MULTIPLIERS and last:
            factor = _WORD_MULTIPLIERS[word]
            small = factor in (12, 100)
            total, current = (
                (total, current * factor) if small else (total + current * factor, Decimal(0))
            )
            last = "multiplier"
        elif not (word == "and" and last == "multiplier" and _small_follows(words, at + 1)):
            break
    else:
        at = len(words)
    return _with_half(words, at, total + current, last) if last else None


def _with_half(words: Sequence[str], at: int, value: Decimal, last: str) -> WordNumber:
    """`two and a half`, `two and a half million`, `a million and a half`."""
    if tuple(words[at : at + 3]) != ("and", "a", "half"):
        last_multiplier = Decimal(_WORD_MULTIPLIERS.get(words[at - 1], 1))
        any_multiplier = any(word in _WORD_MULTIPLIERS for word in words[:at])
        return WordNumber(value, at, any_multiplier, last_multiplier)
    at += 3
    if last == "multiplier":
        return WordNumber(
            value + Decimal("0.5") * _WORD_MULTIPLIERS[words[at - 4]], at, multiplied=True
        )
    if at < len(words) and words[at] in _WORD_MULTIPLIERS:
        return WordNumber(
            (value + Decimal("0.5")) * _WORD_MULTIPLIERS[words[at]], at + 1, multiplied=True
        )
    return WordNumber(value + Decimal("0.5"), at, multiplied=True)


def _small_follows(words: Sequence[str], at: int) -> bool:
    """Whether `and` goes on with one number (*a hundred and fifty thousand*), not with the next of a list."""
    following = list(words[at : at + 3])
    if not following or following[0] not in NUMBER_WORDS:
        return False
    last = _WORD_MULTIPLIERS[words[at - 2]]
    return all(_WORD_MULTIPLIERS.get(word, last + 1) > last for word in following[1:])
