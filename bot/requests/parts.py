"""Tokens become parts: amounts with their units, keys, joiners, and what lies between them.

An *amount* is one number, or a range, with its unit; lists are joined later, where it is known which key they
belong to. A *key* knows whether `=`, `:` or `--` marks it, for then it must have a value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from . import numbers
from . import vocabulary as words
from .fields import aliases, gpu_type, squash
from .lexer import Kind, Token
from .request import Field


class Role(Enum):
    """What a part does."""

    AMOUNT = auto()
    KEY = auto()
    GPU = auto()
    DATE = auto()
    MODEL = auto()
    MODEL_KEY = auto()
    UNKNOWN_KEY = auto()
    FACTOR = auto()
    BIND = auto()
    QUOTE = auto()
    JOIN = auto()
    FILL = auto()
    WORD = auto()
    BREAK = auto()


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
    digits: bool = False


@dataclass(slots=True)
class Amount:
    """One number, or two with a step as a range."""

    numbers: list[Number]
    is_range: bool = False
    step: Number | None = None
    from_said: bool = False
    unit: Unit | None = None
    factor: Decimal = Decimal(1)
    gpu: str | None = None
    gpu_text: str = ""
    soft: bool = False
    plus: bool = False
    change: int = 0
    ratio: bool = False
    counted_thing: bool = False


@dataclass(slots=True)
class Part:
    """A piece of the text in the role it plays."""

    role: Role
    start: int
    end: int
    text: str
    amount: Amount | None = None
    field: Field | None = None
    tps_field: Field | None = None
    token: Token | None = None
    marked: str = ""
    factor: Decimal = Decimal(1)
    glued: bool = False
    weight: int = 1
    removed: bool = False


_TPS_SIDES = {
    **dict.fromkeys(("prompt", "prompttokens", "prefill", "prefilltokens", "input", "inputtokens"), Field.PROMPT_TPS)
}
_LONGEST_KEY = 7
_TOKEN_WORDS = frozenset("token tokens tok toks".split())
_SECONDS_PER_MINUTE_EXACT = Decimal(60)


@dataclass(slots=True)
class PartsReader:
    """Walks over the tokens once, from left to right."""

    text: str
    tokens: Sequence[Token]
    at: int = 0
    parts: list[Part] = field(default_factory=list)
    verb: int = 0

    def read(self) -> list[Part]:
        while self.at < len(self.tokens):
            before = self.at
            self._one()
            assert self.at > before
        return self.parts

    # -- looking around ----------------------------------------------------------------------------

    def _token(self, offset: int = 0) -> Token | None:
        index = self.at + offset
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def _lower(self, offset: int = 0) -> str:
        token = self._token(offset)
        return token.lower if token else ""

    def _put(self, role: Role, count: int, **facts: object) -> Part:
        first, last = self.tokens[self.at], self.tokens[self.at + count - 1]
        part = Part(role, first.start, last.end, self.text[first.start : last.end], token=first, glued=first.glued)
        for name, value in facts.items():
            setattr(part, name, value)
        self.parts.append(part)
        self.at += count
        return part

    # -- one part ----------------------------------------------------------------------------------

    def _one(self) -> None:
        token = self.tokens[self.at]
        if token.kind is Kind.MODEL:
            self._put(Role.MODEL, 1)
        elif token.kind is Kind.DATE:
            self._put(Role.DATE, 1)
        elif token.kind is Kind.SKIP or token.kind is Kind.MENTION:
            self._put(Role.WORD, 1)
        elif self._option() or self._amount() or self._gpu() or self._price_unit():
            return
        elif token.kind is Kind.WORD:
            self._word()
        else:
            self._sign(token)

    def _sign(self, token: Token) -> None:
        sign = token.lower
        if sign == ":" or sign == "=":
            self._put(Role.BIND, 1)
        elif sign in ('"', "'", "[", "]", "(", ")", "{", "}"):
            self._put(Role.QUOTE, 1)
        elif sign in (",", "/", "&"):
            self._put(Role.JOIN, 1)
        elif sign in ("~", "+", "<", ">", "x", "->", "\u2192"):
            self._put(Role.FILL, 1)
        elif sign == "-":
            self._put(Role.FILL, 1, weight=2)
        elif sign in (".", ";", "|", "\n", "?", "!", ".."):
            self._put(Role.BREAK, 1)
        elif ord(sign[0]) > 0x2000 or sign in ("^", "\\", "@", "#", "_", "*", "`"):
            self._put(Role.FILL, 1)
        else:
            self._put(Role.WORD, 1)

    def _option(self) -> bool:
        """`--key`: the dashes and the key, which must be one word."""
        if self._lower() != "--":
            return False
        word = self._token(1)
        if word is None or word.kind is Kind.MODEL or word.kind is Kind.NUMBER:
            self._put(Role.BREAK, 1)
            return True
        self.at += 1
        found = aliases().get(squash(word.lower))
        if squash(word.lower) in ("model", "models"):
            self._put(Role.MODEL_KEY, 1, marked="--")
        elif found is not None:
            self._put(Role.KEY, 1, field=found, marked="--", tps_field=self._tps_field(word.lower, found))
        elif (longer := self._key_length()) > 1:
            self._key(longer, marked="--")
        else:
            self._put(Role.UNKNOWN_KEY, 1, marked="--")
        return True

    # -- words -------------------------------------------------------------------------------------

    def _word(self) -> None:
        if self._per() or self._factor():
            return
        lower = self._lower()
        length = self._key_length()
        if length:
            self._key(length)
        elif lower in ("model", "models") and self._bound_at(1):
            self._put(Role.MODEL_KEY, 1)
        elif self._bound_at(1) == "=":
            self._put(Role.UNKNOWN_KEY, 1)
        elif self._not_key_length():
            self._put(Role.WORD, self._not_key_length())
        elif lower in words.JOINERS:
            self._put(Role.JOIN, 1)
        elif lower in ("prefill", "input") and not self._bound_at(1):
            self._put(Role.KEY, 1, tps_field=Field.PROMPT_TPS)
        else:
            if lower in words.RAISE or lower in words.LOWER:
                self.verb = 1 if lower in words.RAISE else -1
            known = lower in words.LINKS or lower in words.BETWEEN_NUMBER_AND_KEY or lower in words.FILLERS
            self._put(Role.FILL if known or lower in words.NOUNS_BEHIND_KEYS else Role.WORD, 1)

    def _bound_at(self, offset: int) -> str:
        """The `=` or `:` that stands at the offset, behind quotes."""
        while self._lower(offset) in ('"', "'", "]", ")") and self._lower(offset):
            offset += 1
        return self._lower(offset) if self._lower(offset) in ("=", ":") else ""

    def _phrase(self, offset: int, most: int) -> list[str]:
        """Words side by side from the offset on, squashed together ever longer."""
        found: list[str] = []
        spelled = ""
        for count in range(most):
            token = self._token(offset + count)
            if token is None or token.kind is not Kind.WORD:
                break
            spelled += squash(token.lower)
            found.append(spelled)
        return found

    def _key_length(self) -> int:
        """How many words the longest key takes that begins here; 0 for none."""
        spelled = self._phrase(0, _LONGEST_KEY)
        known = aliases()
        length = next((n for n in range(len(spelled), 0, -1) if spelled[n - 1] in known), 0)
        if length and self._is_common_noun(length):
            return 0
        if length and self._longer_not_key() > length:
            return 0
        return length

    def _longer_not_key(self) -> int:
        return self._not_key_length()

    def _is_common_noun(self, length: int) -> bool:
        """*An episode takes 20 turns* sets no episodes; *tool* in *20 tools* is its own word."""
        token = self._token()
        if length != 1 or token is None:
            return False
        if token.lower in words.EPISODE_WORDS and not self._bound_at(1):
            before = self.tokens[self.at - 1] if self.at else None
            return before is not None and before.kind is Kind.WORD and before.lower in words.DETERMINERS
        before = self.tokens[self.at - 1] if self.at else None
        return token.glued and before is not None and before.kind is Kind.WORD and before.end == token.start

    def _not_key_length(self) -> int:
        spelled = self._phrase(0, 2)
        return next((n for n in range(len(spelled), 0, -1) if spelled[n - 1] in words.NOT_KEYS), 0)

    def _tps_field(self, spelled: str, found: Field) -> Field | None:
        if found is Field.DECODE_TOKENS_PER_TURN:
            return Field.DECODE_TPS
        return _TPS_SIDES.get(squash(spelled))

    def _key(self, length: int, marked: str = "") -> None:
        spelled = self._phrase(0, length)[-1]
        found = aliases()[spelled]
        removed = self._is_removed()
        self._put(
            Role.KEY, length, field=found, marked=marked, tps_field=self._tps_field(spelled, found), removed=removed
        )

    def _is_removed(self) -> bool:
        back = self.at - 1
        while back >= 0 and self.tokens[back].lower in words.POSSESSIVES and self.tokens[back].kind is Kind.WORD:
            back -= 1
        return back >= 0 and self.tokens[back].kind is Kind.WORD and self.tokens[back].lower in words.REMOVERS

    def _per(self) -> bool:
        """*Per turn, a turn, each episode, a month*: what something is counted by, no key."""
        if self._lower() not in words.PER:
            return False
        ahead = 1 + (self._lower(1) in ("typical", "average", "single", "full", "normal", "one"))
        thing = self._lower(ahead)
        token = self._token(ahead)
        if token is None or token.kind is not Kind.WORD:
            return False
        if thing in words.TIMES_OF_RATES and self._lower() != "an" or thing in words.COUNTED:
            here = self.at
            self.at += 1
            longer = self._key_length()
            self.at = here
            if longer > 1 and ahead == 1:
                return False
            if self._lower() in ("a", "an", "each", "every") and thing not in words.COUNTED | words.TIMES_OF_RATES:
                return False
            self._put(Role.FILL, ahead + 1)
            return True
        return False

    def _factor(self) -> bool:
        """*Double the turns*: a factor, and the key it changes."""
        factor = words.FACTORS.get(self._lower())
        if factor is None:
            return False
        skip = 1
        while self._lower(skip) in words.POSSESSIVES and self._lower(skip):
            skip += 1
        here = self.at
        self.at += skip
        length = self._key_length()
        found = aliases()[self._phrase(0, length)[-1]] if length else None
        self.at = here
        if found is None:
            return False
        self._put(Role.FACTOR, skip + length, factor=factor, field=found)
        return True

    def _price_unit(self) -> bool:
        """*Per 1M tokens, per million, /M*: the unit of a price; its digits are no number."""
        if self._lower() not in ("per", "/"):
            return False
        match = re.compile(
            r"(?:per|/)\s?(?:(?:1|a|one)?\s?(?:m|k|mm|mtok\w*|million|thousand)\b(?:\s(?:\w+\s)?(?:tok(?:en)?s?)\b)?"
            r"|1,?000(?:,?000)?\s(?:\w+\s)?(?:tok(?:en)?s?)\b|1(?:m|k)\b(?:\s(?:\w+\s)?tok(?:en)?s?\b)?)",
            re.IGNORECASE,
        ).match(self.text, self.tokens[self.at].start)
        if match is None:
            return False
        count = sum(1 for t in self.tokens[self.at : self.at + 8] if t.start < match.end())
        self._put(Role.WORD, count)
        return True

    def _gpu(self) -> bool:
        token = self._token()
        if token is None or token.kind is not Kind.GPU:
            return False
        if self._lower(1) == "x" and (count := self._token(2)) and count.kind is Kind.NUMBER:
            start = self.at
            self.at += 2
            amount, taken = self._number(0)
            if amount is not None:
                amount.unit, amount.gpu_text = Unit.GPUS, token.text
                self.at = start
                self._put(Role.AMOUNT, 2 + taken, amount=amount)
                return True
            self.at = start
        self._put(Role.GPU, 1)
        return True

    # -- amounts -----------------------------------------------------------------------------------

    def _amount(self) -> bool:
        start = self.at
        from_said = self._lower() == "from"
        between = self._lower() == "between"
        offset = 1 if from_said or between else 0
        amount, taken = self._number(offset)
        if amount is None:
            return False
        taken = self._range(amount, taken, between=between, from_said=from_said)
        if offset and not amount.is_range:
            self.at = start
            self._put(Role.FILL, 1)
            return True
        taken = self._after(amount, taken)
        if self.verb and self.parts and self.parts[-1].text.lower() == "by":
            amount.change = self.verb
        self.verb = 0
        if self._add_more(amount, taken):
            amount.change = 1
        self._put(Role.AMOUNT, taken, amount=amount)
        self._glued_key(amount)
        return True

    def _add_more(self, amount: Amount, taken: int) -> bool:
        """*Add 10 turns*: the verb is no key then."""
        last = self.parts[-1] if self.parts else None
        if last is None or last.role is not Role.KEY or last.text.lower() != "add" or last.marked:
            return False
        here = self.at
        self.at += taken
        length = self._key_length()
        found = aliases()[self._phrase(0, length)[-1]] if length else None
        self.at = here
        if found not in (Field.TURNS, Field.EPISODES, Field.GPUS):
            return False
        last.role, last.field = Role.FILL, None
        return True

    def _number(self, offset: int) -> tuple[Amount | None, int]:
        """One number from the offset on, money signs before it and multipliers behind it included, and its tokens."""
        unit: Unit | None = None
        first = offset
        token = self._token(offset)
        if token is not None and (token.lower in ("$", "us$", "usd") or token.lower in words.FOREIGN_SIGNS):
            unit = Unit.FOREIGN if token.lower in words.FOREIGN_SIGNS else Unit.DOLLARS
            offset += 1
            token = self._token(offset)
        elif token is not None and token.lower == "us" and self._lower(offset + 1) == "$":
            unit, offset = Unit.DOLLARS, offset + 2
            token = self._token(offset)
        if token is None:
            return None, 0
        if token.kind is Kind.BAD:
            return Amount([Number(None, self._text(first, offset))], unit=unit), offset + 1
        if token.kind is Kind.NUMBER:
            return self._digits(first, offset, unit)
        if token.kind is Kind.WORD:
            return self._in_words(first, offset, unit)
        return None, 0

    def _text(self, first: int, last: int) -> str:
        return self.text[self.tokens[self.at + first].start : self.tokens[self.at + last].end]

    def _digits(self, first: int, offset: int, unit: Unit | None) -> tuple[Amount | None, int]:
        token = self.tokens[self.at + offset]
        groups = self._comma_groups(offset)
        value: Decimal | None = numbers.literal("".join(groups) if groups else token.lower)
        plain = not groups and re.fullmatch(r"\d+", token.lower) is not None
        amount = Amount([], unit=unit, plus=token.text[0] == "+")
        offset += 2 * len(groups) - 1 if groups else 1
        suffix = self._token(offset)
        if suffix and suffix.kind is Kind.WORD and suffix.glued and suffix.start == self.tokens[self.at + offset - 1].end:
            taken = self._suffix(amount, suffix)
            if taken is None:
                return None, 0
            value = self._multiply(value, taken)
            plain = plain and not taken
            offset += 1 if taken is not _KEY_FOLLOWS and taken is not _K_AND_KEY else 0
        while self._lower(offset) in numbers.SPACED_MULTIPLIERS and not self._is_key_word(offset):
            value = self._multiply(value, self._lower(offset))
            if self._lower(offset) == "grand":
                amount.unit = Unit.DOLLARS
            plain = False
            offset += 1
        amount.numbers.append(Number(value, self._text(first, offset - 1), groups, digits=plain))
        return amount, offset

    def _comma_groups(self, offset: int) -> tuple[str, ...]:
        """The digits of `1,000,000`: one to three first, three in every later group; empty where they do not fit."""
        if self._lower(offset - 1) == "," and self._token(offset - 2) and self.tokens[self.at + offset].glued:
            before = self.tokens[self.at + offset - 2]
            if before.kind is Kind.NUMBER and self.tokens[self.at + offset - 1].glued:
                return ()
        groups = [self._lower(offset)]
        at = offset + 1
        while self._lower(at) == "," and (digits := self._token(at + 1)) and digits.kind is Kind.NUMBER:
            if not (digits.glued and self.tokens[self.at + at].glued):
                break
            groups.append(digits.lower)
            at += 2
        whole = [group.partition(".")[0] for group in groups]
        fits = len(groups) > 1 and re.fullmatch(r"[+-]?\d{1,3}", groups[0]) is not None
        fits = fits and all(re.fullmatch(r"\d{3}", group) for group in whole[1:])
        return tuple(groups) if fits and all("." not in group for group in groups[:-1]) else ()

    def _is_key_word(self, offset: int) -> bool:
        return self._lower(offset) == "k" and self._bound_at(offset + 1) != ""

    def _multiply(self, value: Decimal | None, suffix: str) -> Decimal | None:
        if value is None or not suffix or suffix in (_KEY_FOLLOWS,):
            return value
        if suffix == _NO_NUMBER:
            return None
        return numbers.multiplied(value, "k" if suffix == _K_AND_KEY else suffix)

    def _suffix(self, amount: Amount, suffix: Token) -> str | None:
        """What letters glued to digits do: the multiplier they are, or a mark; None where this is a word, no number."""
        lower = suffix.lower
        if lower in numbers.SUFFIXES:
            if lower == "grand":
                amount.unit = Unit.DOLLARS
            return lower
        if lower in ("ish",):
            return ""
        if lower in words.MEASURES or re.fullmatch(r"d|g", lower) and lower not in words.HOURS:
            return None
        if lower == "x":
            amount.unit = Unit.NO_FIELD
            amount.ratio = True
            return ""
        if lower in words.HOURS or lower in words.DOLLARS or lower in words.FOREIGN_MONEY or lower in _TOKEN_WORDS:
            return _KEY_FOLLOWS
        if squash(lower) in aliases() or lower.partition("_")[0] in words.NOT_KEYS or lower == "tps":
            return _KEY_FOLLOWS
        head = next((n for n in ("k", "m") if lower.startswith(n) and squash(lower[1:]) in aliases()), "")
        if head == "k":
            suffix.lower = lower[1:]
            return _K_AND_KEY
        return _NO_NUMBER

    def _in_words(self, first: int, offset: int, unit: Unit | None) -> tuple[Amount | None, int]:
        if self._lower(offset) == "single" and self._lower(offset + 1) == "turn":
            return Amount([Number(Decimal(1), self._text(first, offset))], soft=True), offset + 1
        spoken: list[str] = []
        while (token := self._token(offset + len(spoken))) and token.kind is Kind.WORD and len(spoken) < 12:
            spoken.append(token.lower)
        found = numbers.in_words(spoken)
        if found is None:
            return None, 0
        last = offset + found.words - 1
        if self._lower(last) == "grand":
            unit = Unit.DOLLARS
        if spoken[0] in ("a", "an") and found.words == 1:
            return None, 0
        soft = not found.multiplied
        return Amount([Number(found.value, self._text(first, last))], unit=unit, soft=soft), last + 1

    def _range(self, amount: Amount, taken: int, *, between: bool, from_said: bool) -> int:
        """Goes on to `..50`, `-50`, `to 50`, `and 50` behind *between*, and to `:5`."""
        joiner = self._lower(taken)
        token = self._token(taken)
        if token is None:
            return taken
        after = self._token(taken + 1)
        dash = joiner == "-" and after is not None and after.glued == token.glued
        if amount.unit is not None and joiner in words.DOLLARS:
            return taken
        if not (
            joiner in ("..", "\u2192", "->")
            or dash
            or joiner in words.RANGE_WORDS
            or (joiner == "and" and between)
        ):
            return taken
        skip = 1
        while self._lower(taken + skip) in ("about", "around", "~", "roughly", "up", "to", "maybe") and skip < 3:
            skip += 1
        other, end = self._number(taken + skip)
        if other is None:
            if joiner == ".." and after is not None:
                amount.numbers[0].value = None
                return taken + 1
            return taken
        if self._another_follows(end) and dash:
            end = self._swallow_dashes(end)
            other.numbers[0].value = None
        amount.numbers += other.numbers
        amount.is_range, amount.from_said = True, from_said
        amount.unit = amount.unit or other.unit
        amount.soft = amount.soft and other.soft
        if self._lower(end) == ":" and (step := self._token(end + 1)) and step.glued and step.kind in (Kind.NUMBER, Kind.BAD):
            number, stop = self._number(end + 1)
            if number is not None:
                amount.step = number.numbers[0]
                end = stop
        return end

    def _another_follows(self, end: int) -> bool:
        token, after = self._token(end), self._token(end + 1)
        return bool(token and after and token.lower in ("-", "..") and token.glued and after.glued and after.kind is Kind.NUMBER)

    def _swallow_dashes(self, end: int) -> int:
        while self._another_follows(end):
            end += 2
        return end

    def _after(self, amount: Amount, taken: int) -> int:
        """The unit behind the amount, and the words that turn it into something else."""
        if self._lower(taken) == "+" and (token := self._token(taken)) and token.glued:
            taken += 1
        if self._lower(taken) == "-" and self._lower(taken + 1) == "ish":
            taken += 2
        taken = self._unit(amount, taken)
        taken = self._change(amount, taken)
        self._mark_thing(amount, taken)
        return taken

    def _unit(self, amount: Amount, taken: int) -> int:
        hyphen = 1 if self._lower(taken) == "-" and (t := self._token(taken)) and t.glued else 0
        lower, token = self._lower(taken + hyphen), self._token(taken + hyphen)
        if token is None:
            return taken
        if token.kind is Kind.GPU or lower == "x":
            return self._gpu_unit(amount, taken, hyphen)
        if lower == "%" or lower in ("percent", "pct"):
            amount.unit = Unit.NO_FIELD
            return taken + 1
        if lower == "$" and token.glued and not self._starts_number(taken + 1):
            amount.unit, taken = Unit.DOLLARS, taken + 1
        elif lower in words.DOLLARS or lower in words.FOREIGN_MONEY:
            amount.unit = Unit.DOLLARS if lower in words.DOLLARS else Unit.FOREIGN
            taken += 1
        elif lower in words.HOURS and amount.unit is None and not self._bound_at(taken + hyphen + 1):
            return self._hours(amount, taken + hyphen, lower)
        elif lower in _TOKEN_WORDS and amount.unit is None:
            amount.unit = Unit.TOKENS
            return taken + hyphen + 1
        elif lower == "tps" and amount.unit is None:
            return self._tps(amount, taken)
        elif re.match(r"gpu-?hours?|gpu-?hrs?$", lower) or (lower == "gpu" and self._lower(taken + 1) in ("hours", "hour", "hrs", "-")):
            if lower != "gpu" or self._lower(taken + 1) != "-" or self._lower(taken + 2).startswith(("h",)):
                amount.unit = Unit.NO_FIELD
                return taken + (1 if lower != "gpu" else 2)
        if amount.unit in (Unit.DOLLARS, Unit.FOREIGN) and self._is_rate(taken):
            amount.unit = Unit.NO_FIELD
        return self._plus_per_turn(amount, taken)

    def _starts_number(self, offset: int) -> bool:
        token = self._token(offset)
        return token is not None and token.kind is Kind.NUMBER

    def _is_rate(self, taken: int) -> bool:
        lower, after = self._lower(taken), self._lower(taken + 1)
        return lower in ("/", "per") or (lower in ("a", "an", "each", "every") and after in words.TIMES_OF_RATES)

    def _plus_per_turn(self, amount: Amount, taken: int) -> int:
        if amount.plus and amount.unit in (None, Unit.TOKENS):
            ahead = taken + (self._lower(taken) in _TOKEN_WORDS)
            if self._lower(ahead) in words.PER and self._lower(ahead + 1) == "turn":
                amount.unit = Unit.ADDED_PER_TURN
                return ahead + 2
        return taken

    def _tps(self, amount: Amount, taken: int) -> int:
        amount.unit = Unit.TOKENS_PER_SECOND
        if self._lower(taken + 1) in ("/", "per", "each") and self._lower(taken + 2) in ("gpu", "node", "replica", "user", "card"):
            amount.unit = Unit.NO_FIELD
            return taken + 3
        here = self.at
        self.at += taken
        key = self._key_length() > 1
        self.at = here
        return taken if key else taken + 1

    def _hours(self, amount: Amount, taken: int, lower: str) -> int:
        token = self._token(taken)
        if lower in ("w", "d", "h") and token and not token.glued and self._lower(taken + 1) in ("/",):
            return taken
        taken += 1
        past = self._lower(taken) == "ago" or (self._lower(taken) in ("a", "per", "/") and self._lower(taken + 1) in words.TIMES_OF_RATES)
        if past:
            amount.unit = Unit.NO_FIELD
            return taken
        amount.unit = Unit.HOURS
        amount.factor = Decimal(1) if lower in words.MINUTES else words.HOURS[lower]
        if lower in words.MINUTES:
            for number in amount.numbers:
                number.value = number.value / _SECONDS_PER_MINUTE_EXACT if number.value is not None else None
        return taken

    def _gpu_unit(self, amount: Amount, taken: int, hyphen: int) -> int:
        """`8xB300`, `8 B300s`; `3x cheaper` is no number, `2x the turns` is a factor."""
        if self._lower(taken) != "x":
            token = self._token(taken + hyphen)
            if amount.unit is None and token:
                amount.unit, amount.gpu_text = Unit.GPUS, token.text
                return taken + hyphen + 1
            return taken
        after = self._token(taken + 1)
        if after is not None and (after.kind is Kind.GPU or re.fullmatch(r"[a-z]{1,3}\d{2,}\w*", after.lower)):
            amount.unit, amount.gpu_text = Unit.GPUS, after.text
            return taken + 2
        return taken

    def _change(self, amount: Amount, taken: int) -> int:
        lower = self._lower(taken)
        if lower in words.MORE | words.FEWER and self._lower(taken + 1) not in ("than", "like", "or"):
            amount.change = 1 if lower in words.MORE else -1
            return taken + 1
        return taken

    def _mark_thing(self, amount: Amount, taken: int) -> None:
        """Whether the number counts some other thing (`30 steps`, `3 files`): then it is no value of a key before it."""
        here = self.at
        self.at += taken
        token = self._token()
        if token is not None and token.kind is Kind.WORD and not self._key_length():
            lower = token.lower
            known = lower in words.LINKS | words.BETWEEN_NUMBER_AND_KEY | words.FILLERS | words.JOINERS | words.PER
            plural = lower.endswith("s") and len(lower) > 3 and not known
            amount.counted_thing = bool(self._not_key_length()) or (plural and amount.unit is None)
        self.at = here

    def _glued_key(self, amount: Amount) -> None:
        """`20-turn`: the hyphen between a number and its key is none of a sentence."""
        token, after = self._token(), self._token(1)
        if token is None or after is None or token.lower != "-" or not token.glued or not after.glued:
            return
        if after.kind is Kind.WORD:
            self._put(Role.FILL, 1, weight=0)


_KEY_FOLLOWS = "\0key"
_K_AND_KEY = "\0kkey"
_NO_NUMBER = "\0none"
