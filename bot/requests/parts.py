"""Tokens become parts: amounts, keys, joiners, and what lies between them.

A key knows whether `=`, `:` or `--` marks it, for then it must have a value.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from . import vocabulary as words
from .amounts import Amount, Number, Unit, amount_at, is_compared, is_more, names_several
from .fields import aliases, squash
from .lexer import Kind, Token
from .request import Field
from .view import Key, View


class Role(Enum):
    """What a part does. FILL is seen through; WORD, BREAK and TAKEN part what stands on their sides."""

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
    TAKEN = auto()


@dataclass(slots=True, eq=False)
class Part:
    """A piece of the text in the role it plays.

    `field` None on a key: it is one only beside tokens per second (*prefill*); `tps_field` is what it means there.
    `marked`: the `=`, `:` or `--` of a key. `distance`: how far apart a FILL keeps its neighbours.
    `of_others`: the key only describes what follows (*3 tool servers*), so a number before it is not its value.
    """

    role: Role
    start: int
    end: int
    text: str
    lower: str
    token: Token
    amount: Amount | None = None
    field: Field | None = None
    tps_field: Field | None = None
    marked: str = ""
    factor: Decimal = Decimal(1)
    divisor: int = 1
    distance: int = 1
    position: int = 0
    removed: bool = False
    of_others: bool = False

    @property
    def glued(self) -> bool:
        return self.token.glued

    @property
    def is_plain_word(self) -> bool:
        return self.token.kind is Kind.WORD


class Parts(list[Part]):
    """The parts of a text; looking past either end is safe."""

    def part(self, at: int) -> Part | None:
        return self[at] if 0 <= at < len(self) else None

    def role(self, at: int) -> Role | None:
        return self[at].role if 0 <= at < len(self) else None

    def behind_binding(self, at: int) -> int:
        """Behind the key at `at`, its `=` or `:`, and quotes."""
        at += 1
        while self.role(at) in (Role.BIND, Role.QUOTE):
            at += 1
        return at

    def is_bound_key(self, at: int) -> bool:
        part = self.part(at)
        if part is None or part.role not in (Role.KEY, Role.UNKNOWN_KEY, Role.MODEL_KEY):
            return False
        return bool(part.marked) or self.role(at + 1) is Role.BIND

    def is_glued(self, at: int) -> bool:
        part = self.part(at)
        return part is not None and part.glued

    def take_word(self, at: int) -> int:
        """Takes the part at `at`, with what is glued to it, out of the text; returns the position behind."""
        while True:
            if self[at].role is not Role.MODEL:
                self[at].role = Role.TAKEN
            at += 1
            if not self.is_glued(at) or self.role(at) in (Role.BREAK, Role.JOIN, Role.QUOTE):
                return at


_VERBS_TOO = ("may", "march")
"""Months only where they are written with a capital."""
_MOST_POSSESSIVES = 6
_LONGEST_WAY_BACK = 4
_TIMES = re.compile(r"x(\d{1,9}(?:\.\d+)?)")
_LONGEST_GLOSS = 12
_FIRST_SYMBOL = 0x2000
"""Signs from here on are symbols and emoji, which change nothing."""
_PROMPT_WORDS = frozenset("prompt prompttokens prefill prefilltokens input inputtokens".split())
_SIGNS = {
    **dict.fromkeys(":=", Role.BIND),
    **dict.fromkeys("\"'[](){}", Role.QUOTE),
    **dict.fromkeys(",/&", Role.JOIN),
    **dict.fromkeys(".;|\n?!", Role.BREAK),
    **dict.fromkeys("~+<>x-\u2192^\\@#_*`", Role.FILL),
    "..": Role.BREAK,
}
_PRICE_UNIT = re.compile(
    r"(?:per|/)\s?(?:"
    r"(?:1|a|one)?\s?(?:m|k|mm|mtok\w*|million|thousand)\b(?:\s(?:\w+\s)?tok(?:en)?s?\b)?"
    r"|1,?000(?:,?000)?\s(?:\w+\s)?tok(?:en)?s?\b"
    r"|1[mk]\b(?:\s(?:\w+\s)?tok(?:en)?s?\b)?)",
    re.IGNORECASE,
)
"""*Per 1M tokens, per million, /M*: the unit of a price; its digits are no number."""


def parts_of(view: View) -> Parts:
    """The parts of a text, in order."""
    reader = _PartsReader(view)
    while reader.at < len(view.tokens):
        reader.one()
    return _without_glosses(reader.parts)


def _without_glosses(parts: Parts) -> Parts:
    """The parts without what only explains a key: *Initial prompt (tokens): 8,000*."""
    kept = Parts()
    skip_to = 0
    for index, part in enumerate(parts):
        if index < skip_to:
            continue
        if part.role is Role.QUOTE and part.text == "(" and kept and kept[-1].role is Role.KEY:
            skip_to = _end_of_gloss(parts, index)
            if skip_to:
                continue
        part.position = len(kept)
        kept.append(part)
    return kept


def _end_of_gloss(parts: Parts, start: int) -> int:
    """Where a bracket without a number ends that has a `:` or `=` behind it; 0 for any other."""
    for index in range(start + 1, min(start + _LONGEST_GLOSS, len(parts))):
        part = parts[index]
        if part.role in (Role.AMOUNT, Role.BIND, Role.BREAK):
            return 0
        if part.text == ")":
            return index + 1 if parts.role(index + 1) is Role.BIND else 0
    return 0


@dataclass(slots=True)
class _PartsReader:
    """Walks over the tokens once; `verb` is the sign of an *increase* or *reduce* that waits for its *by*."""

    view: View
    at: int = 0
    verb: int = 0
    parts: Parts = field(default_factory=Parts)

    def _put(self, role: Role, count: int = 1) -> Part:
        first, last = self.view.tokens[self.at], self.view.tokens[self.at + count - 1]
        text = self.view.text[first.start : last.end]
        lower = first.lower if count == 1 else text.lower()
        position = len(self.parts)
        part = Part(role, first.start, last.end, text, lower, first, position=position)
        self.parts.append(part)
        self.at += count
        return part

    def one(self) -> None:
        token = self.view.tokens[self.at]
        if token.kind is Kind.MODEL:
            self._put(Role.MODEL)
        elif token.kind is Kind.DATE:
            self._put(Role.DATE)
        elif token.kind in (Kind.SKIP, Kind.MENTION):
            self._put(Role.WORD)
        elif token.lower == "--":
            self._option()
        elif self._amount() or self._gpu() or self._price_unit() or self._per_slash():
            return
        elif token.kind is Kind.WORD:
            self._word(token.lower)
        else:
            self._sign(token.lower)

    def _sign(self, sign: str) -> None:
        emoji = ord(sign[0]) > _FIRST_SYMBOL
        part = self._put(_SIGNS.get(sign, Role.FILL if emoji else Role.WORD))
        if sign == "-":
            part.distance = 2  # a dash keeps its neighbours further apart than a word

    # -- keys --------------------------------------------------------------------------------------

    def _option(self) -> None:
        """`--key`: the dashes and the key; one that is no key is unknown."""
        word = self.view.token(self.at + 1)
        if word is None or word.kind not in (Kind.WORD, Kind.GPU):
            self._put(Role.BREAK)
            return
        self.at += 1
        word.glued = False  # the dashes are the key's own
        squashed = squash(word.lower)
        found = aliases().get(squashed)
        key = Key(found, 1, squashed) if found else self.view.key(self.at)
        if squashed in ("model", "models"):
            self._put(Role.MODEL_KEY).marked = "--"
        elif key and (found or key.length > 1):
            self._key(key).marked = "--"
        else:
            self._put(Role.UNKNOWN_KEY).marked = "--"

    def _key(self, key: Key) -> Part:
        removed = self._is_removed()
        length = key.length + 2 * self._is_per(self.at + key.length, words.SINGULAR_COUNTED)
        if key.field is Field.GPUS and self._is_per(self.at + key.length, words.PER_MACHINE):
            return self._put(Role.WORD, length + 2)  # *GPUs per node* is not the cluster's count
        part = self._put(Role.KEY, length)
        part.field, part.removed = key.field, removed
        if key.field is Field.DECODE_TOKENS_PER_TURN:
            part.tps_field = Field.DECODE_TPS
        elif key.spelled in _PROMPT_WORDS:
            part.tps_field = Field.PROMPT_TPS
        self._changed_behind(part)
        part.of_others = (
            length == 1 and self.view.is_word(self.at) and names_several(self.view.lower(self.at))
        )
        part.of_others = part.of_others and self.view.key(self.at) is None
        return part

    def _is_per(self, at: int, things: frozenset[str]) -> bool:
        """Whether `/turn` or, for machines, *per node* goes on here."""
        slash = self.view.lower(at) == "/"
        per = self.view.lower(at) == "per" and things is words.PER_MACHINE
        return (slash or per) and self.view.lower(at + 1) in things

    def _changed_behind(self, key: Part) -> None:
        """*5 turns fewer, turns doubled, turns x2, cut the turns in half, turns back to the default*."""
        lower, after = self.view.lower(self.at), self.view.lower(self.at + 1)
        amount = self.parts[-2].amount if len(self.parts) > 1 else None
        if amount is not None and is_more(self.view, self.at):
            amount.change = 1 if lower in words.MORE else -1
            self._put(Role.FILL)
        elif amount is None and (times := _TIMES.fullmatch(lower)):
            key.role, key.factor = Role.FACTOR, Decimal(times[1])
            self._put(Role.FILL)
        elif reset := self._words_to_default():
            key.removed = True
            self._put(Role.FILL, reset)
        elif lower in words.FACTORS_BEHIND or (lower in ("in", "by") and after == "half"):
            key.role = Role.FACTOR
            key.factor = words.FACTORS_BEHIND.get(lower, Decimal("0.5"))
            self._put(Role.FILL, 2 if after == "half" else 1)

    def _words_to_default(self) -> int:
        """How many words *back to the default* takes here; 0 where it does not stand here."""
        for count in range(1, _LONGEST_WAY_BACK + 1):
            lower = self.view.lower(self.at + count - 1)
            if lower in words.DEFAULT:
                return count
            if lower not in ("back", "to", "at", "the", "its", "their"):
                break
        return 0

    def _is_removed(self) -> bool:
        """Whether *without the*, *drop our* or *no* stands before the key, or before the one it is joined to."""
        back = self.at - 1
        while back > self.at - _MOST_POSSESSIVES and self.view.lower(back) in words.POSSESSIVES:
            back -= 1
        if self.view.lower(back) in ("and", "or", ",", "&") and self.parts and len(self.parts) > 1:
            before = [part for part in self.parts if part.role is not Role.FILL][-2:]
            return before[0].role is Role.KEY and before[0].removed
        if self.view.lower(back) == "for" and self.view.lower(back - 1) in words.DEFAULT:
            return True
        if not self.view.is_word(back) or self.view.lower(back) not in words.REMOVERS:
            return False
        return self.view.lower(back - 1) not in words.NOT

    def _word(self, lower: str) -> None:
        if self._per(lower) or self._factor(lower):
            return
        bound = self.view.bound(self.at + 1)
        counted = bool(self.parts) and self.parts[-1].role is Role.AMOUNT
        if lower == "turn" and not counted and self.view.piece_is(self.at + 1, "1"):
            self._put(Role.FILL, 2)  # the first turn, not how many there are
        elif key := self.view.key(self.at):
            self._key(key)
        elif lower in ("model", "models") and bound:
            self._put(Role.MODEL_KEY)
        elif lower == "prefill" and bound and self._is_throughput(self.at + 2):
            self._put(Role.KEY).field = Field.PROMPT_TPS
        elif bound == "=":
            self._put(Role.UNKNOWN_KEY)
        elif count := self.view.not_key(self.at):
            self._put(Role.WORD, count)
        elif lower in words.JOINERS:
            self._put(Role.JOIN)
        elif lower in ("prefill", "prefills", "input") and not bound:
            self._put(Role.KEY).tps_field = Field.PROMPT_TPS
        else:
            self._plain(lower)

    def _is_throughput(self, at: int) -> bool:
        found = amount_at(self.view, at)
        return found is not None and found[0].unit is Unit.TOKENS_PER_SECOND

    def _plain(self, lower: str) -> None:
        if lower in words.RAISE:
            self.verb = 1
        elif lower in words.LOWER:
            self.verb = -1
        self._put(Role.FILL if lower in words.SEEN_THROUGH else Role.WORD)

    def _per(self, lower: str) -> bool:
        """*Per turn, a turn, each typical episode, a month*: what something is counted by, no key."""
        if lower not in words.PER:
            return False
        ahead = 1 + (self.view.lower(self.at + 1) in words.ADJECTIVES)
        thing = self.view.lower(self.at + ahead)
        if not self.view.is_word(self.at + ahead):
            return False
        machine = lower == "per" and thing in words.PER_MACHINE
        if (
            not machine
            and thing not in words.COUNTED
            and (thing not in words.TIMES or lower == "an")
        ):
            return False
        key = self.view.key(self.at + 1)
        if (key and key.length > 1 and ahead == 1) or (
            thing,
            self.view.lower(self.at + ahead + 1),
        ) == ("quarter", "of"):
            return False
        self._put(Role.FILL, ahead + 1)
        return True

    def _factor(self, lower: str) -> bool:
        """*Double the turns*: a factor, and the key it changes."""
        if lower in words.DENOMINATORS:
            return self._fraction(words.DENOMINATORS[lower])
        if lower not in words.FACTORS:
            return False
        factor = words.FACTORS[lower]
        return self._factor_of(factor, self.at + 1) or self._factor_of_it(factor)

    def _fraction(self, divisor: int) -> bool:
        """*A third of the turns, two thirds of the turns, a third fewer turns*."""
        before = self.parts[-1] if self.parts else None
        counted = before.amount if before and before.amount and before.amount.in_words else None
        count = counted.numbers[0].value if counted else Decimal(1)
        behind = self.view.lower(self.at + 1)
        if before is None or count is None or behind not in words.BEHIND_FRACTION:
            return False
        if behind in words.MORE or behind in words.FEWER:
            count = divisor + count if behind in words.MORE else divisor - count
            behind_words = 2
        else:
            behind_words = 1
        if not self._factor_of(count, self.at + behind_words, divisor):
            return False
        if counted or before.lower in ("a", "an"):
            before.role, before.amount = Role.FILL, None
            part = self.parts[before.position + 1]
            part.start, part.text = before.start, self.view.text[before.start : part.end]
        return True

    def _factor_of_it(self, factor: Decimal) -> bool:
        """*Double it, half as many*: of what, nobody says."""
        many = self.view.lower(self.at + 1) == "as"
        thing = self.view.lower(self.at + 1 + many)
        last = self.at + 1 + many
        if thing not in (("many", "much") if many else words.IT) or self.view.is_word(last + 1):
            return False
        part = self._put(Role.AMOUNT, last + 1 - self.at)
        part.amount = Amount([Number(factor, part.text)], unit=Unit.NO_FIELD)
        return True

    def _factor_of(self, factor: Decimal, behind: int, divisor: int = 1) -> bool:
        behind = self._behind_possessives(behind)
        key = self.view.key(behind)
        if key is None or self.view.bound(behind + key.length):
            return False
        part = self._put(Role.FACTOR, behind + key.length - self.at)
        part.field, part.factor, part.divisor = key.field, factor, divisor
        if self.view.lower(self.at) in ("and", "&"):
            following = self._behind_possessives(self.at + 1)
            also = self.view.key(following)
            if also and self.view.token(following + also.length) is None:
                return self._factor_of(factor, self.at + 1, divisor)
        return True

    def _behind_possessives(self, at: int) -> int:
        last = at + _MOST_POSSESSIVES
        while at < last and self.view.is_word(at) and self.view.lower(at) in words.POSSESSIVES:
            at += 1
        return at

    def _price_unit(self) -> bool:
        token = self.view.tokens[self.at]
        if token.lower not in ("per", "/"):
            return False
        match = _PRICE_UNIT.match(self.view.text, token.start)
        if match is None:
            return False
        self._put(
            Role.WORD, sum(t.start < match.end() for t in self.view.tokens[self.at : self.at + 8])
        )
        return True

    def _per_slash(self) -> bool:
        """The `/turn` of *tokens/turn*."""
        if not self._is_per(self.at, words.PER_SLASH):
            return False
        self._put(Role.FILL, 2)
        return True

    def _gpu(self) -> bool:
        """A GPU type alone, or with its count behind it: `B300 x 8`."""
        if self.view.tokens[self.at].kind is not Kind.GPU:
            return False
        self._put(Role.GPU)
        return True

    # -- amounts -----------------------------------------------------------------------------------

    def _amount(self) -> bool:
        found = amount_at(self.view, self._behind_times())
        if found is None:
            return False
        amount, end = found
        if self._behind_times() > self.at and amount.unit is None:
            amount.unit, amount.gpu_text = Unit.GPUS, self.parts[-1].text
        if self._is_factor(amount, end):
            return True
        amount.multiple = amount.multiple and is_compared(self.view, end)
        self._judge_by_what_stands_before(amount, end)
        part = self._put(Role.AMOUNT, end - self.at)
        part.amount = amount
        if part.token.lower == "$" and amount.unit is Unit.FOREIGN:
            part.start = self.parts[-2].start  # the `A` of `A$10k`
        hyphen = self.view.lower(self.at) == "-" and self.view.is_glued(self.at)
        if hyphen and self.view.is_glued(self.at + 1) and self.view.is_word(self.at + 1):
            self._put(Role.FILL).distance = 0  # `20-turn`
        return True

    def _is_factor(self, amount: Amount, end: int) -> bool:
        """*2x the turns, three times the episodes*."""
        times = self.view.lower(end) == "times"
        value = None if amount.is_range else amount.numbers[0].value
        if value is None or not (amount.multiple or times) or not value.is_finite():
            return False
        return self._factor_of(value, end + times)

    def _judge_by_what_stands_before(self, amount: Amount, end: int) -> None:
        before = self.parts[-1] if self.parts else None
        lower = before.lower if before else ""
        before_text = before.text if before else ""
        if lower == "by" and self._sign_of_change():
            amount.change = self._sign_of_change()
        elif lower in words.ANOTHER and self.view.key(end):
            amount.change = 1
        elif lower == "minus":
            amount.change = -1
        elif self._is_added_more(end):
            amount.change = 1
            self.parts[-1].role, self.parts[-1].field = Role.FILL, None
        self.verb = 0
        if lower == "+" and amount.unit in (None, Unit.TOKENS) and self._is_per_turn(end):
            amount.unit = Unit.ADDED_PER_TURN
        if lower == "every":
            amount.unit = Unit.NO_FIELD
        month = lower in words.MONTHS and (lower not in _VERBS_TOO or lower.title() == before_text)
        if month:
            amount.unit = Unit.NO_FIELD
        if amount.unit is Unit.HOURS and self._is_past(lower):
            amount.unit = Unit.NO_FIELD
        if amount.unit is Unit.DOLLARS and self._is_price_per():
            amount.unit = Unit.NO_FIELD

    def _sign_of_change(self) -> int:
        """1 behind *increase the turns by* and *turns up by*, -1 behind *reduce* and *down*."""
        before = self.parts[-2].lower if len(self.parts) > 1 else ""
        return {"up": 1, "down": -1}.get(before, self.verb)

    def _is_per_turn(self, at: int) -> bool:
        return self.view.lower(at) in words.PER and self.view.lower(at + 1) == "turn"

    def _is_past(self, before: str) -> bool:
        """*Each episode takes 15 minutes, it ran for 6 weeks, turns of 3 minutes*: no time that the run may take."""
        further = self.parts[-2] if len(self.parts) > 1 else None
        if before == "for":
            return further is not None and further.lower in words.PAST
        if before == "take":
            return further is not None and further.lower in words.HABIT
        if before == "of" and further is not None and further.role is Role.KEY:
            return further.field in (Field.TURNS, Field.EPISODES)
        return before in words.PAST

    def _is_price_per(self) -> bool:
        """*Cost per episode: $2*: a rate, which no field holds."""
        back = [
            part
            for part in self.parts[-4:]
            if part.role is not Role.BIND and part.lower not in ("is", "of", "at")
        ]
        return (
            len(back) > 1 and back[-1].lower.startswith("per ") and back[-2].lower in words.PRICES
        )

    def _behind_times(self) -> int:
        """Where the number begins: behind the `x` of `B300 x 8`."""
        if self.view.lower(self.at) == "x" and self.parts and self.parts[-1].role is Role.GPU:
            return self.at + 1
        return self.at

    def _is_added_more(self, end: int) -> bool:
        """*Add 10 turns*: the verb is no key then."""
        last = self.parts[-1] if self.parts else None
        if last is None or last.role is not Role.KEY or last.lower != "add" or last.marked:
            return False
        key = self.view.key(end)
        return key is not None and key.field in (Field.TURNS, Field.EPISODES, Field.GPUS)
