"""What one text says, before it is known which intent it has: fields, faults, models, unplaced numbers.

First everything that is no number finds its place (models after `model=`, unknown keys with their values, days, GPU
types, texts where a number should stand); then amounts are bound to keys.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from . import runs, values
from . import vocabulary as words
from .amounts import Amount, Unit
from .lexer import tokens
from .names import Names
from .parts import Part, Parts, Role, parts_of
from .phrases import FIGURE
from .places import Places
from .reading import Reading
from .request import Field, ProblemCode
from .values import Said
from .view import View


def read_text(text: str, names: Names, today: date) -> Reading:
    """Reads a normalised text."""
    mentions = names.mentions(text)
    reading = Reading(text, mentions)
    parts = parts_of(View(text, tokens(FIGURE.hidden(text), mentions)))
    Places(reading, names, today, parts).settle()
    _Grammar(reading, parts).read()
    return reading


@dataclass(slots=True)
class _Grammar:
    reading: Reading
    parts: Parts

    def read(self) -> None:
        for index, part in enumerate(self.parts):
            if part.role is Role.AMOUNT and part.amount:
                self._step(index, part.amount)
                self._compound(index, part.amount)
        for index, part in enumerate(self.parts):
            if part.role is Role.KEY and part.field:
                self._marked_key(index)
        found = list(runs.bindings(self.parts))
        for first, second in pairwise(found):
            self._share_throughput(first, second)
        for binding in found:
            self._take(binding)
        for part in self.parts:
            if part.role is Role.FACTOR and part.field:
                said = Said(part.field, part.text, factor=part.factor, divisor=part.divisor)
                self.reading.say(said)

    # -- amounts before they are bound -------------------------------------------------------------

    def _step(self, index: int, amount: Amount) -> None:
        """*In steps of 5*: the step of the range before it."""
        back = index - 1
        while back >= 0 and (
            self.parts[back].lower in ("of", "size") or self.parts[back].role is Role.BIND
        ):
            back -= 1
        word = self.parts[back].lower if back >= 0 else ""
        by_word = index - back == 1 and word == "by"
        if amount.is_range or not (word in words.STEP_WORDS or by_word):
            return
        before = self._range_before(back)
        if before is not None:
            before.step = amount.numbers[0]
            self.parts[index].role = Role.FILL

    def _range_before(self, at: int) -> Amount | None:
        for part in reversed(self.parts[max(0, at - 6) : at]):
            if part.role is Role.BREAK:
                return None
            if part.amount is not None:
                return part.amount if part.amount.is_range and part.amount.step is None else None
        return None

    def _compound(self, index: int, amount: Amount) -> None:
        """*20-turn*, *20turns*, *20 turn episodes*: an adjective, placed at once and seen through by the rest."""
        part = self.parts[index]
        at = index + 1
        hyphen = self.parts.role(at) is Role.FILL and self.parts[at].distance == 0
        at += hyphen
        while hyphen and self.parts.part(at) and self.parts[at].text in ("token", "-"):
            at += 1
        key = self.parts.part(at)
        if key is None or key.role is not Role.KEY or self.parts.is_bound_key(at) or amount.change:
            return
        behind = self.parts.part(at + 1)
        adjective = key.lower == "turn" and behind is not None and behind.field is Field.EPISODES
        adjective = adjective and not self.parts.is_bound_key(at + 1)
        glued = hyphen or (key.glued and key.start - part.end <= 1)
        if (glued or adjective) and not self._is_listed(index) and runs.fits(part, key):
            self._bind(key, [part], empty_place=False)
            for taken in self.parts[index : at + 1]:
                taken.role, taken.distance = Role.FILL, 1

    def _is_listed(self, index: int) -> bool:
        """Whether the amount is the last of a list (*10, 20 or 40-turn episodes*)."""
        near = self.parts[max(0, index - 3) : index]
        return (
            bool(near)
            and near[-1].role is Role.JOIN
            and any(part.role is Role.AMOUNT for part in near)
        )

    # -- keys that are marked, and what stands in their place --------------------------------------

    def _marked_key(self, index: int) -> None:
        """`turns=many`, `--turns`: a marked key without a number is at fault."""
        key = self.parts[index]
        at = index + 1
        while self.parts.role(at) is Role.QUOTE:
            at += 1
        bind = self.parts[at].token.lower if self.parts.role(at) is Role.BIND else ""
        if not bind and not key.marked:
            return
        key.marked = key.marked or bind
        self._marked_value(key, index, at + 1 if bind else index + 1)

    def _marked_value(self, key: Part, index: int, at: int) -> None:
        assert key.field is not None
        colon = key.marked == ":"
        while (part := self.parts.part(at)) and (
            part.role is Role.QUOTE or runs.is_approximation(part)
        ):
            at += 1
        if part is not None and part.role is Role.AMOUNT:
            if not colon:
                self._list_with_text(key, at)
            return
        placed = part is not None and part.amount is not None
        if colon and (placed or self._has_number_before(index)):
            key.marked = ""  # *12 turns: …*, *rollouts: 20-turn*, where the colon is punctuation
            return
        key.role = Role.TAKEN
        empty_first = (
            part is not None
            and part.text == ","
            and self.parts.role(at + 1) is Role.AMOUNT
            and self.parts.is_glued(at + 1)
        )
        no_value = (
            part is None or part.role in (Role.BREAK, Role.MODEL, Role.JOIN) or self._is_key(at)
        )
        self.reading.fault(
            key.field,
            ProblemCode.VALUE_INVALID,
            key.text if no_value or part is None else part.text,
        )
        if empty_first and not colon:
            self.parts.take_word(at + 1)
        elif not no_value and (not colon or part is None or part.role is Role.WORD):
            self.parts.take_word(at)

    def _is_key(self, at: int) -> bool:
        return self.parts.role(at) in (Role.KEY, Role.UNKNOWN_KEY, Role.MODEL_KEY)

    def _list_with_text(self, key: Part, at: int) -> None:
        """`turns=5,many,20`: of a list with a word in it nothing stays."""
        stop = at + 1
        while self.parts.is_glued(stop) and self.parts.role(stop) in (
            Role.JOIN,
            Role.AMOUNT,
            Role.WORD,
        ):
            stop += 1
        listed = self.parts[at:stop]
        text_in_list = any(
            part.role is Role.WORD and before.text == "," for before, part in pairwise(listed)
        )
        if text_in_list and key.field:
            self.reading.fault(
                key.field,
                ProblemCode.VALUE_INVALID,
                self.reading.text[listed[0].start : listed[-1].end],
            )
            for part in (key, *listed):
                part.role = Role.TAKEN

    def _has_number_before(self, index: int) -> bool:
        back = index - 1
        while self.parts.role(back) is Role.FILL:
            back -= 1
        return self.parts.role(back) is Role.AMOUNT and self.parts.role(back - 1) is not Role.BIND

    def _share_throughput(self, first: runs.Binding, second: runs.Binding) -> None:
        """*30k prompt and 1.5k decode tok/s*: the unit behind the second is that of both."""
        if not (first.key and second.key and first.amounts and second.amounts):
            return
        pair = (_throughput(first), _throughput(second))
        if {field for field, _ in pair} != {Field.PROMPT_TPS, Field.DECODE_TPS} or pair[0][
            1
        ] == pair[1][1]:
            return
        end = max(part.end for part in (first.key, *first.amounts))
        start = min(part.start for part in (second.key, *second.amounts))
        if self.reading.text[end:start].strip() not in ("and", "&", "/", "+"):
            return
        for part in (*first.amounts, *second.amounts):
            if part.amount and part.amount.unit is None:
                part.amount.unit = Unit.TOKENS_PER_SECOND

    # -- bindings ----------------------------------------------------------------------------------

    def _take(self, binding: runs.Binding) -> None:
        if binding.key is None:
            self._leave_alone(binding)
        elif len(binding.amounts) > 1 and self._is_tuple(binding.key):
            self._leave_alone(runs.Binding(None, binding.amounts))
        elif binding.amounts:
            self._bind(binding.key, binding.amounts, empty_place=binding.empty_place)
        elif binding.key.field is not None:
            self._key_alone(binding.key, binding.key.field)

    def _is_tuple(self, key: Part) -> bool:
        """*Turns/episodes 20/5000*: several keys for several numbers, whose order is nobody's to guess."""
        joiner, before = self.parts.part(key.position - 1), self.parts.role(key.position - 2)
        return joiner is not None and joiner.text in ("/", "&") and before is Role.KEY

    def _key_alone(self, key: Part, target: Field) -> None:
        self.reading.keys = True
        if key.marked == ":" and self._heads_a_shape(key):
            return
        if key.marked:
            self.reading.fault(target, ProblemCode.VALUE_INVALID, key.text)
        elif key.removed:
            self.reading.removed.append(target)

    def _heads_a_shape(self, key: Part) -> bool:
        """*Rollouts: 20 turns each*: the colon is punctuation, for the number behind it has a key of its own."""
        return key.field is Field.EPISODES and not self._is_key(
            self.parts.behind_binding(key.position)
        )

    def _bind(self, key: Part, parts: Sequence[Part], *, empty_place: bool) -> None:
        amounts = [part.amount for part in parts if part.amount]
        text = self.reading.text[parts[0].start : parts[-1].end]
        throughput = any(amount.unit is Unit.TOKENS_PER_SECOND for amount in amounts)
        target = key.tps_field if throughput and key.tps_field else key.field
        assert target is not None
        self.reading.numbers = True
        elsewhere = _is_per_something_else(target, self._behind(key, parts[-1]))
        if elsewhere or self._is_total(target, key, parts):
            self._leave_alone(runs.Binding(None, tuple(parts)))
        elif not all(runs.fits(part, key) for part in parts):
            self.reading.fault(target, ProblemCode.VALUE_INVALID, text)
        else:
            self.reading.say(values.said_by(target, amounts, text, empty_place=empty_place))

    def _behind(self, key: Part, last: Part) -> str:
        """What follows a key and its amounts, in lower case."""
        part = self.parts.part(max(key.position, last.position) + 1)
        return part.lower if part and part.role is Role.FILL else ""

    def _is_total(self, target: Field, key: Part, amounts: Sequence[Part]) -> bool:
        """*40k output tokens in total, a total of 40k, total prompt tokens 400k*: what all turns come to together."""
        first = min(key.position, amounts[0].position)
        last = max(key.position, amounts[-1].position)
        before = [part.lower for part in self._fill(range(first - 1, first - 3, -1))]
        of_all = "total" in before
        if target is Field.INITIAL_PROMPT_TOKENS:
            return of_all and bool(words.TOKEN_WORDS & set(key.lower.split()))
        if target not in _PER_TURN:
            return False
        behind = [part.lower for part in self._fill(range(last + 1, last + 4))]
        a_turn = any(text.endswith("turn") for text in behind) or "turn" in key.lower.split()
        return not a_turn and (of_all or bool(words.IN_ALL & set(behind)))

    def _fill(self, positions: Iterable[int]) -> Iterator[Part]:
        """The parts at these positions up to the first that is not seen through."""
        for at in positions:
            part = self.parts.part(at)
            if part is None or part.role is not Role.FILL:
                return
            yield part

    def _leave_alone(self, binding: runs.Binding) -> None:
        """Amounts without a key: their unit places them, or they have no place."""
        amounts = [part.amount for part in binding.amounts if part.amount]
        target = next(
            (runs.PLACED_BY_UNIT[a.unit] for a in amounts if a.unit in runs.PLACED_BY_UNIT), None
        )
        if target is not None:
            text = self.reading.text[binding.amounts[0].start : binding.amounts[-1].end]
            self.reading.numbers = True
            self.reading.say(values.said_by(target, amounts, text, empty_place=binding.empty_place))
            return
        if binding.joiners == ("/",) and all(amount.numbers[0].plain_digits for amount in amounts):
            return  # a ratio, such as 24/7
        for part, amount in zip(binding.amounts, amounts, strict=True):
            several = amount.counts_no_key and amount.numbers[0].value != 1
            if several or not (amount.soft or amount.multiple):
                self._leave_number(part, amount)

    def _leave_number(self, part: Part, amount: Amount) -> None:
        self.reading.numbers = True
        key = self._unknown_key_before(part)
        if key is not None:
            self.reading.unknown_key(key.text, self.reading.text[key.start : part.end])
            return
        if not amount.is_range:
            self.reading.unplaced(part.text)
            return
        for number in (*amount.numbers, *([amount.step] if amount.step else [])):
            self.reading.unplaced(number.text)

    def _unknown_key_before(self, part: Part) -> Part | None:
        """The word of `word: 20`, where the number has no other place."""
        back = part.position - 1
        while back >= 0 and (
            self.parts[back].role is Role.QUOTE or runs.is_approximation(self.parts[back])
        ):
            back -= 1
        if self.parts.role(back) is not Role.BIND:
            return None
        back -= 1
        while self.parts.role(back) is Role.QUOTE:
            back -= 1
        word = self.parts.part(back)
        return word if word and word.role in (Role.WORD, Role.FILL) and word.is_plain_word else None


def _throughput(binding: runs.Binding) -> tuple[Field | None, bool]:
    """The throughput that a binding is, or would be with tokens per second; and whether it has them."""
    key = binding.key
    if key is not None and key.field in (Field.PROMPT_TPS, Field.DECODE_TPS):
        return key.field, True
    units = {part.amount.unit for part in binding.amounts if part.amount}
    return (key.tps_field if key else None), Unit.TOKENS_PER_SECOND in units


def _is_per_something_else(target: Field, behind: str) -> bool:
    """Whether an amount is *per* something that its field is not: tokens per episode, tok/s per GPU, money a week."""
    start, _, thing = behind.removeprefix("/").rpartition(" ")
    if start not in words.PER and not behind.startswith("/"):
        return False
    if target in (Field.PROMPT_TPS, Field.DECODE_TPS):
        return thing in words.PER_MACHINE
    if target is Field.BUDGET_USD:
        return thing in words.TIMES
    return target in _PER_TURN and thing in words.EPISODE_WORDS


_PER_TURN = (
    Field.TOKENS_ADDED_PER_TURN,
    Field.TOOL_RESULT_TOKENS_PER_TURN,
    Field.DECODE_TOKENS_PER_TURN,
)
