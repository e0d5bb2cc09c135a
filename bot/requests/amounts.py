"""Amounts: a number or a range of the text, with the unit that stands with it.

Lists are joined later (runs.py), where it is known which key they belong to.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from . import numbers
from . import vocabulary as words
from .fields import aliases, squash
from .lexer import Kind, Token
from .request import Field
from .view import View


class Unit(Enum):
    """The unit that stands with an amount; it decides where the amount may be placed."""

    TOKENS = auto()
    TOKENS_PER_SECOND = auto()
    DOLLARS = auto()
    FOREIGN = auto()
    HOURS = auto()
    GPUS = auto()
    ADDED_PER_TURN = auto()
    NO_FIELD = auto()


@dataclass(slots=True)
class Number:
    """One number: its exact value (None: none that a field can hold) and the piece of text.

    `groups` are the digits between its commas (`5,000`), for where a comma always separates.
    """

    value: Decimal | None
    text: str
    groups: tuple[str, ...] = ()
    plain_digits: bool = False
    multiplier: Decimal = Decimal(1)


@dataclass(slots=True)
class Amount:
    """One number, or two with a step as a range.

    `hours` is what its unit of time is in hours. `soft`: number words that count only where they are placed.
    `change`: 1 for *10 more*, -1 for *10 fewer*. `multiple`: `3x`, no number but where it is a factor.
    `counts_other`: it counts some other thing (`30 files`), so it is no value of a key before it; `counts_no_key`: one
    that a request might be meant to set and cannot (`two nodes`).
    """

    numbers: list[Number]
    is_range: bool = False
    step: Number | None = None
    from_said: bool = False
    unit: Unit | None = None
    hours: Decimal = Decimal(1)
    gpu_text: str = ""
    soft: bool = False
    in_words: bool = False
    plus: bool = False
    change: int = 0
    multiple: bool = False
    counts_other: bool = False
    counts_no_key: bool = False


@dataclass(frozen=True, slots=True)
class _Suffix:
    """What letters glued to digits do. `taken`: they belong to the number, else they are a unit or a key behind it."""

    multiplier: str = ""
    taken: bool = True
    valid: bool = True
    multiple: bool = False


_UNITS_GLUED = (
    frozenset(words.HOURS_IN)
    | words.MINUTES
    | words.DOLLARS
    | words.FOREIGN_MONEY
    | words.TOKEN_WORDS
)
_BEGINNINGS = (
    numbers.STARTS
    | words.FOREIGN_SIGNS
    | numbers.INFINITE
    | frozenset("from between single $ usd us -".split())
)
"""What an amount may begin with, when it is not a number."""
_WITHIN = frozenset("in within under inside".split())
_FIRST_GROUP, _GROUP, _LAST_GROUP = (
    re.compile(pattern) for pattern in (r"[+-]?\d{1,3}", r"\d{3}", r"\d{3}(?:\.\d+)?")
)
_GPU_HOURS = re.compile(r"gpu-?(?:h|hr|hrs|hour|hours)")
_BEFORE_THE_END = words.APPROXIMATIONS | {"~"}
_GPU_LIKE = re.compile(r"[a-z]{1,3}\d{2,}\w*")


def amount_at(view: View, at: int) -> tuple[Amount, int] | None:
    """The amount that begins here, *from* and *between* included, and the position behind it."""
    token = view.token(at)
    if token is None or (
        token.kind not in (Kind.NUMBER, Kind.BAD) and token.lower not in _BEGINNINGS
    ):
        return None
    if view.lower(at - 1) in _WITHIN and (found := _one_of_time(view, at)):
        return found
    lead = view.lower(at) if view.lower(at) in ("from", "between") else ""
    found = number_at(view, at + bool(lead))
    if found is None:
        return None
    amount, end = found
    named = view.is_word(at - 1) and not lead and _is_noun(view, at - 1)
    end = _range(view, amount, end, between=lead == "between", named=named)
    if lead and not amount.is_range:
        return None
    amount.from_said = lead == "from" or amount.from_said
    end = _behind(view, amount, end)
    return amount, end


def _one_of_time(view: View, at: int) -> tuple[Amount, int] | None:
    """*Within a day, in half an hour*."""
    half = view.lower(at) == "half"
    unit = at + 1 + half
    if view.lower(unit - 1) not in ("a", "an", "one") or view.lower(unit) not in words.HOURS_IN:
        return None
    value = Decimal("0.5") if half else Decimal(1)
    number = Number(value, view.piece(at, unit))
    return Amount([number], unit=Unit.HOURS, hours=words.HOURS_IN[view.lower(unit)]), unit + 1


def number_at(view: View, at: int) -> tuple[Amount, int] | None:
    """One number, money signs before it and multipliers behind it included."""
    first, unit = at, None
    negative = view.lower(at) == "-" and _is_negative_money(view, at)
    at += negative
    if view.lower(at) in words.FOREIGN_SIGNS:
        unit, at = Unit.FOREIGN, at + 1
    elif view.lower(at) in ("$", "usd"):
        unit, at = Unit.FOREIGN if _is_foreign(view, at) else Unit.DOLLARS, at + 1
    elif view.lower(at) == "us" and view.lower(at + 1) == "$":
        unit, at = Unit.DOLLARS, at + 2
    token = view.token(at)
    if token is None:
        return None
    if token.kind is Kind.BAD:
        return Amount([Number(None, view.piece(first, at))], unit=unit), at + 1
    if token.kind is Kind.NUMBER:
        found = _digits(view, first, at, unit)
        if found and negative and (value := found[0].numbers[0].value) is not None:
            found[0].numbers[0].value = -value
        return found
    if token.lower in numbers.INFINITE:
        return Amount([Number(None, view.piece(first, at))], soft=True), at + 1
    return _in_words(view, first, at, unit) if token.kind is Kind.WORD else None


def _is_foreign(view: View, at: int) -> bool:
    """Whether the `$` here is that of `A$10k`."""
    return view.is_glued(at) and view.lower(at - 1) in words.FOREIGN_DOLLARS


def _is_negative_money(view: View, at: int) -> bool:
    """`-$5`, where the dash is no range's."""
    before = not view.is_glued(at) or view.lower(at - 1) in ("=", ":", "(")
    return before and view.lower(at + 1) == "$" and view.is_glued(at + 1)


def _digits(view: View, first: int, at: int, unit: Unit | None) -> tuple[Amount, int] | None:
    token = view.tokens[at]
    groups = _comma_groups(view, at)
    value: Decimal | None = numbers.literal("".join(groups) if groups else token.lower)
    amount = Amount([], unit=unit, plus=token.text[0] == "+")
    at += max(1, 2 * len(groups) - 1)
    plain = not groups and token.lower.isdigit()
    multiplier = Decimal(1)
    letters = view.token(at)
    if letters and letters.kind is Kind.WORD and letters.start == view.tokens[at - 1].end:
        suffix = _suffix(letters.lower)
        if suffix is None:
            return None
        amount.multiple = suffix.multiple
        value = _with_suffix(value, suffix)
        multiplier = (
            numbers.multiplied(Decimal(1), suffix.multiplier) if suffix.multiplier else multiplier
        )
        plain, at = plain and not suffix.taken, at + suffix.taken
    if value is not None and tuple(map(view.lower, range(at, at + 3))) == ("and", "a", "half"):
        value, plain, at = value + Decimal("0.5"), False, at + 3
    while (
        value is not None
        and view.lower(at) in numbers.SPACED_MULTIPLIERS
        and not view.bound(at + 1)
    ):
        multiplier = numbers.multiplied(multiplier, view.lower(at))
        value, plain, at = numbers.multiplied(value, view.lower(at)), False, at + 1
    if view.lower(at - 1) == "grand":
        amount.unit = Unit.DOLLARS
    if amount.multiple:
        amount.unit = Unit.NO_FIELD
    amount.numbers.append(Number(value, view.piece(first, at - 1), groups, plain, multiplier))
    return amount, at


def _with_suffix(value: Decimal | None, suffix: _Suffix) -> Decimal | None:
    if value is None or not suffix.valid:
        return None
    return numbers.multiplied(value, suffix.multiplier) if suffix.multiplier else value


def _comma_groups(view: View, at: int) -> tuple[str, ...]:
    """The digits of `1,000,000`: one to three first, three in every later group; empty where they do not fit."""
    if (
        view.is_glued(at)
        and view.lower(at - 1) == ","
        and view.is_glued(at - 1)
        and _is_number(view, at - 2)
    ):
        return ()  # inside a longer run of commas that did not fit
    groups = [view.lower(at)]
    while (
        view.lower(at + 1) == ","
        and view.is_glued(at + 1)
        and view.is_glued(at + 2)
        and _is_number(view, at + 2)
    ):
        groups.append(view.lower(at + 2))
        at += 2
    fits = len(groups) > 1 and _FIRST_GROUP.fullmatch(groups[0]) is not None
    fits = fits and all(_GROUP.fullmatch(group) for group in groups[1:-1])
    return tuple(groups) if fits and _LAST_GROUP.fullmatch(groups[-1]) else ()


def _is_number(view: View, at: int) -> bool:
    token = view.token(at)
    return token is not None and token.kind is Kind.NUMBER


def _suffix(lower: str) -> _Suffix | None:
    """Reads the letters glued to digits; None where they make it a word (`32GB`)."""
    if lower in numbers.SUFFIXES:
        return _Suffix(multiplier=lower)
    if lower in words.MEASURES:
        return None
    if lower in ("x", "ish"):
        return _Suffix(multiple=lower == "x")
    if len(lower) == 1 and lower not in words.HOURS_IN:
        return _Suffix(valid=False)
    known = (
        lower in _UNITS_GLUED
        or lower == "tps"
        or squash(lower) in aliases()
        or lower.partition("_")[0] in words.NOT_KEYS
    )
    return _Suffix(taken=False) if known else _Suffix(valid=False)


def _in_words(view: View, first: int, at: int, unit: Unit | None) -> tuple[Amount, int] | None:
    if view.lower(at) == "single" and view.lower(at + 1) == "turn":
        return Amount([Number(Decimal(1), view.piece(first, at))], soft=True), at + 1
    if view.lower(at) in ("a", "an") and view.lower(at + 1) not in numbers.BEHIND_ARTICLE:
        return None
    spoken: list[str] = []
    while len(spoken) < numbers.LONGEST_IN_WORDS and view.is_word(at + len(spoken)):
        spoken.append(view.lower(at + len(spoken)))
    found = numbers.in_words(spoken)
    vague = _is_vague(view, at)
    if found is None or (vague and not found.multiplied):
        return None
    last = at + found.words - 1
    unit = Unit.DOLLARS if view.lower(last) == "grand" else unit
    number = Number(
        None if vague else found.value, view.piece(first, last), multiplier=found.multiplier
    )
    return Amount([number], unit=unit, soft=not found.multiplied, in_words=True), last + 1


def _is_vague(view: View, at: int) -> bool:
    """*A few dozen, a couple of hundred, two thirds of a million*: no number that can be told."""
    at -= view.lower(at - 1) == "of"
    return view.lower(at - 1) in words.VAGUE or view.lower(at - 1) in words.DENOMINATORS


# -- ranges ----------------------------------------------------------------------------------------------


def _is_noun(view: View, at: int) -> bool:
    """Whether the word here may be what a number behind it is the number of (*tier 3*)."""
    lower = view.lower(at)
    return lower not in words.NO_NOUNS and lower not in words.LIST_LEADS and not view.is_key_end(at)


def _range(view: View, amount: Amount, at: int, *, between: bool, named: bool) -> int:
    """Goes on to `..50`, `-50`, `to 50`, `and 50` behind *between*, and to `:5`."""
    joiner = view.lower(at)
    dash = joiner == "-" and view.is_glued(at) == view.is_glued(at + 1)
    dash = dash and not (named and not view.is_glued(at))
    joined = dash or joiner in ("..", "\u2192") or joiner in words.RANGE_WORDS
    joined = joined or (joiner == "and" and between)
    if not joined and not (joiner == "up" and view.lower(at + 1) == "to"):
        return at
    start = at + 1
    while start < at + 3 and view.lower(start) in _BEFORE_THE_END:
        start += 1
    found = number_at(view, start)
    if found is None:
        if joiner != ".." or not view.is_word(start):
            return at
        amount.numbers[0].value = None  # `5..many`
        return start + 1
    other, end = found
    share_multiplier(amount.numbers[0], other.numbers[0])
    amount.numbers += other.numbers
    amount.is_range = True
    amount.from_said = joiner == "\u2192"
    amount.unit = amount.unit or other.unit
    amount.soft = amount.soft and other.soft
    if (
        joiner in ("-", "..")
        and view.lower(end) in ("-", "..")
        and view.is_glued(end)
        and _is_number(view, end + 1)
    ):
        amount.numbers[0].value = None  # `8-12-16`
        end += 2
    return _glued_step(view, amount, end)


def share_multiplier(first: Number, last: Number) -> None:
    """*3-5k* is 3,000 to 5,000: a multiplier behind the last number is that of plain smaller ones before it."""
    if first.value is None or last.value is None or first.multiplier != 1 or first.groups:
        return
    shared = numbers.product(first.value, last.multiplier)
    if last.multiplier > 1 and shared < last.value:
        first.value = shared


def _glued_step(view: View, amount: Amount, at: int) -> int:
    spaced = view.lower(at - 2) == ".."
    if view.lower(at) != ":" or not (view.is_glued(at + 1) or spaced):
        return at
    found = number_at(view, at + 1)
    if found is None:
        return at
    step, end = found
    amount.step = step.numbers[0]
    return end


# -- what stands behind an amount ------------------------------------------------------------------------


def _behind(view: View, amount: Amount, at: int) -> int:
    """The unit, and the words that turn the amount into something else."""
    if view.lower(at) == "+" and view.is_glued(at) and not _is_number(view, at + 1):
        at += 1
    if view.lower(at) == "-" and view.lower(at + 1) == "ish":
        at += 2
    at = _unit(view, amount, at)
    if view.lower(at) in words.MONTHS and not amount.numbers[0].groups:
        amount.unit = Unit.NO_FIELD
    if is_more(view, at):
        amount.change = 1 if view.lower(at) in words.MORE else -1
        at = _unit(view, amount, at + 1) if amount.unit is None else at + 1
    amount.counts_other = _counts_other(view, amount, at)
    amount.counts_no_key = amount.counts_other and bool(view.not_key(at))
    return at


def is_more(view: View, at: int) -> bool:
    """Whether *more* or *fewer* stands here, and not *more than*, *more like* or *more or less*."""
    lower = view.lower(at)
    return (lower in words.MORE or lower in words.FEWER) and view.lower(at + 1) not in (
        "than",
        "like",
        "or",
    )


def _counts_other(view: View, amount: Amount, at: int) -> bool:
    """Whether a thing that no field counts follows (`30 steps`, `3 files`)."""
    if not view.is_word(at) or view.key(at):
        return False
    lower = view.lower(at)
    if lower in words.STEP_WORDS and amount.is_range:
        return False
    plural = names_several(lower)
    return bool(view.not_key(at)) or (plural and amount.unit is None)


def names_several(lower: str) -> bool:
    """Whether a word is the plural of some thing, as far as its ending tells."""
    return lower == "people" or (
        lower.endswith("s") and len(lower) > 3 and lower not in words.NO_NOUNS
    )


def is_compared(view: View, at: int) -> bool:
    """Whether a price is compared here: `3x cheaper`, `2x the cost`."""
    at += view.lower(at) in ("the", "as")
    return view.lower(at) in words.PRICE_COMPARISONS or view.lower(at) in ("much", "cheap")


def _unit(view: View, amount: Amount, at: int) -> int:
    hyphen = view.lower(at) == "-" and view.is_glued(at)
    word = at + hyphen
    token = view.token(word)
    if token is None:
        return at
    lower = token.lower
    gpu = view.token(word + 1)
    if lower == "dedicated" and gpu and gpu.kind is Kind.GPU:
        return _gpus(view, amount, at, word + 1)
    if token.kind is Kind.GPU or lower == "x":
        return _gpus(view, amount, at, word)
    if lower == "%" or lower in ("percent", "pct"):
        amount.unit = Unit.NO_FIELD
        return at + 1
    if _is_gpu_hours(view, word):
        amount.unit = Unit.NO_FIELD
        return word + 1
    if amount.unit is None and view.bound(word + 1) != "=":
        if lower in words.HOURS_IN or lower in words.MINUTES:
            return _hours(view, amount, word)
        if lower == "tps":
            return _tokens_per_second(view, amount, word)
        if lower in words.TOKEN_WORDS and not amount.plus:
            amount.unit = Unit.TOKENS
            return word + 1
    at = _money(view, amount, at, token)
    return _added_per_turn(view, amount, at)


def _gpus(view: View, amount: Amount, at: int, word: int) -> int:
    """`8xB300`, `8 B300s`, `8x b900`: the type is kept as text, it may be none of the five."""
    if view.lower(at) == "x":
        word = at + 1
        if not (
            view.token(word)
            and (view.tokens[word].kind is Kind.GPU or _GPU_LIKE.fullmatch(view.lower(word)))
        ):
            return at
    if amount.unit is not None:
        return at
    amount.unit, amount.gpu_text = Unit.GPUS, view.tokens[word].text
    return word + 1


def _is_gpu_hours(view: View, at: int) -> bool:
    if _GPU_HOURS.fullmatch(view.lower(at)):
        return True
    return view.lower(at) == "gpu" and view.lower(at + 1) in ("hour", "hours", "hr", "hrs")


def _hours(view: View, amount: Amount, at: int) -> int:
    """A time that the run may take; *3 days ago* and *8 hours a day* are none."""
    unit, at = view.lower(at), at + 1
    counted = view.lower(at + 1)
    habit = view.lower(at) in words.PER and (counted in words.TIMES or counted in words.COUNTED)
    habit = habit or view.lower(at) in ("each", "apiece") or _is_adjective(view, at)
    if view.lower(at) in ("ago", "saved", "late", "early") or habit:
        amount.unit = Unit.NO_FIELD
        return at
    amount.unit = Unit.HOURS
    amount.hours = words.HOURS_IN.get(unit, Decimal(1))
    if unit in words.MINUTES:
        for number in amount.numbers:
            if number.value is not None:
                number.value = numbers.hours_of_minutes(number.value)
    return at


def _is_adjective(view: View, at: int) -> bool:
    """Whether a time only describes what the key here names: *30-minute episodes*."""
    key = view.key(at)
    shape = key is not None and key.field in (Field.TURNS, Field.EPISODES)
    return shape and view.lower(at - 1) in words.SINGULAR_TIMES and not view.bound(at + 1)


def _tokens_per_second(view: View, amount: Amount, at: int) -> int:
    """A throughput; where a key goes on from the unit (*tok/s prefill*) the unit is left to it."""
    if view.lower(at + 1) in ("/", "per", "each", "a") and view.lower(at + 2) in words.PER_MACHINE:
        amount.unit = Unit.NO_FIELD
        return at + 3
    amount.unit = Unit.TOKENS_PER_SECOND
    key = view.key(at)
    return at if key and key.length > 1 else at + 1


def _money(view: View, amount: Amount, at: int, token: Token) -> int:
    """*Dollars* behind the number; money *per* something is a rate, which no field holds."""
    sign_behind = token.lower == "$" and token.glued and not _is_number(view, at + 1)
    if sign_behind or token.lower in words.DOLLARS:
        amount.unit, at = Unit.DOLLARS, at + 1
    elif token.lower in words.FOREIGN_MONEY:
        amount.unit, at = Unit.FOREIGN, at + 1
    if amount.unit not in (Unit.DOLLARS, Unit.FOREIGN):
        return at
    rate = view.lower(at) in ("/", "per") or (
        view.lower(at) in words.PER and _is_rated(view.lower(at + 1))
    )
    amount.unit = Unit.NO_FIELD if rate else amount.unit
    return at


def _is_rated(lower: str) -> bool:
    """Whether money *a* something is a rate: an hour, a GPU-hour, a token."""
    return lower in words.TIMES or lower in words.TOKEN_WORDS or lower.startswith("gpu")


def _added_per_turn(view: View, amount: Amount, at: int) -> int:
    """`+12k/turn`."""
    if not amount.plus or amount.unit is not None:
        return at
    per = at + (view.lower(at) in words.TOKEN_WORDS)
    if view.lower(per) in words.PER and view.lower(per + 1) == "turn":
        amount.unit = Unit.ADDED_PER_TURN
        return per + 2
    return at
