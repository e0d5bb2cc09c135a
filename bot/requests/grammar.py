"""Binds amounts to keys: the reading of one text, before it is known which intent it has.

Amounts and keys form *runs*. A run is read in the direction, key value or value key, that leaves the fewest numbers
and keys alone; the two may mix. `=` binds always, `:` binds unless the key has its number already.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from . import fields as specs
from . import intents, numbers
from . import vocabulary as words
from .fields import gpu_type, squash
from .lexer import Kind, tokens
from .names import Mention, Names
from .parts import Amount, Part, PartsReader, Role, Unit
from .request import Field, Problem, ProblemCode, Span, Value


@dataclass(frozen=True, slots=True)
class Said:
    """What one place of the text says of a field: a value, or the fault that it has."""

    field: Field
    text: str
    value: Value | None = None
    fault: ProblemCode | None = None
    change: int = 0
    factor: Decimal | None = None
    from_said: bool = False


@dataclass(slots=True)
class Reading:
    """Everything that one text says, in order; nothing is merged or judged yet."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    removed: list[Field] = field(default_factory=list)
    keys: bool = False
    numbers: bool = False
    first_word: str = ""
    only_pairs: bool = False


@dataclass(slots=True)
class _Gap:
    """How two neighbours stand together: whether they may bind, how far apart, whether a list goes on."""

    adjacent: bool = False
    distance: int = 0
    joined: bool = False
    joiner: str = ""
    forced: bool = False
    empty_place: bool = False


@dataclass(slots=True)
class _Cluster:
    """A key, or amounts that may be one list."""

    parts: list[Part]
    gaps: list[_Gap]

    @property
    def is_key(self) -> bool:
        return self.parts[0].role is Role.KEY


_NEVER = 10**9


def read_text(text: str, names: Names, today: date) -> Reading:
    """Reads a normalised text."""
    mentions = names.mentions(text)
    reading = Reading(text, mentions)
    found = PartsReader(text, tokens(text, mentions)).read()
    binder = _Binder(reading, names, today, found)
    binder.bind()
    return reading


@dataclass(slots=True)
class _Binder:
    reading: Reading
    names: Names
    today: date
    parts: list[Part]

    def bind(self) -> None:
        self._first_word()
        self._models_in_place()
        self._unknown_keys()
        self._days()
        self._gpu_types()
        self._steps()
        self._compounds()
        self._texts_as_values()
        atoms = [i for i, p in enumerate(self.parts) if p.role in (Role.AMOUNT, Role.KEY)]
        for run in self._runs(atoms):
            self._bind_run(run)
        self._factors()
        self.reading.keys = self.reading.keys or any(p.role is Role.KEY and p.field for p in self.parts)

    def _first_word(self) -> None:
        """The first word that says nothing, and whether pairs of keys and values are all that follows it."""
        for index, part in enumerate(self.parts):
            if part.role in (Role.BREAK, Role.QUOTE, Role.JOIN) or (part.role is Role.FILL and part.text.lower() in words.FILLERS):
                continue
            if part.role is not Role.WORD or part.token is None or part.token.kind is not Kind.WORD:
                if part.role is Role.FILL and part.token and part.token.kind is Kind.WORD and not self.reading.first_word:
                    return
                return
            if intents.is_known(part.text.lower()):
                continue
            end = part.end
            while index + 1 < len(self.parts) and self.parts[index + 1].glued and self.parts[index + 1].role not in (Role.BREAK, Role.QUOTE, Role.JOIN, Role.BIND) or (index + 1 < len(self.parts) and self.parts[index + 1].text == "/" and self.parts[index + 1].glued):
                index += 1  # noqa: PLW2901 - the word goes on
                end = self.parts[index].end
            self.reading.first_word = self.reading.text[part.start : end]
            self.reading.only_pairs = self._only_pairs(index + 1)
            return

    def _only_pairs(self, at: int) -> bool:
        """Whether `key=value` and `--key` pairs are all that stands from here on, and at least one does."""
        pairs = False
        while at < len(self.parts):
            part = self.parts[at]
            if part.role in (Role.QUOTE, Role.JOIN, Role.BREAK):
                at += 1
                continue
            if not self._bound_key(at):
                return False
            pairs = True
            at += 1
            while at < len(self.parts) and (self.parts[at].glued or self.parts[at - 1].role is Role.BIND or self.parts[at].role is Role.BIND or self.parts[at - 1].marked == "--") and self.parts[at].role is not Role.BREAK:
                at += 1
        return pairs

    # -- places that are no numbers ----------------------------------------------------------------

    def _models_in_place(self) -> None:
        """`model=…`: a model, or a piece that is none; `a,b` names two."""
        for index, part in enumerate(self.parts):
            if part.role is not Role.MODEL_KEY:
                continue
            at = index + 1
            while at < len(self.parts) and self.parts[at].role in (Role.BIND, Role.QUOTE):
                at += 1
            self._place_of_model(at, marked=part.marked == "--")

    def _place_of_model(self, at: int, *, marked: bool) -> None:
        first = at
        while at < len(self.parts):
            part = self.parts[at]
            here = at == first and part.glued and part.text not in "\n;|"
            if part.role is Role.MODEL:
                at += 1
            elif (part.role is Role.BREAK and not here) or self._bound_key(at):
                return
            else:
                at = self._unknown_model(at)
            if not (at < len(self.parts) and self.parts[at].text == "," and at + 1 < len(self.parts) and (self.parts[at + 1].glued or self.parts[at + 1].role is Role.MODEL)):
                return
            at += 1

    def _bound_key(self, at: int) -> bool:
        part = self.parts[at]
        return part.role in (Role.KEY, Role.UNKNOWN_KEY, Role.MODEL_KEY) and (
            bool(part.marked) or (at + 1 < len(self.parts) and self.parts[at + 1].role is Role.BIND)
        )

    def _unknown_model(self, at: int) -> int:
        start = self.parts[at].start
        mention = self.names.at(self.reading.text, start, until=len(self.reading.text))
        if mention.text:
            self.reading.mentions.append(mention)
            self.reading.mentions.sort(key=lambda m: m.start)
        end = max(mention.end, start + 1)
        while at < len(self.parts) and self.parts[at].start < end:
            self.parts[at].role = Role.MODEL if mention.text else Role.WORD
            at += 1
        return at

    def _unknown_keys(self) -> None:
        """`key=value` and `--key value` whose key is no field: the value goes with it."""
        for index, part in enumerate(self.parts):
            if part.role is not Role.UNKNOWN_KEY:
                continue
            at = index + 1
            while at < len(self.parts) and self.parts[at].role is Role.QUOTE:
                at += 1
            bound = at < len(self.parts) and self.parts[at].role is Role.BIND
            end = self._swallow(at + 1 if bound else index + 1, bound=bound)
            last = self.parts[end - 1]
            text = self.reading.text[part.start : last.end] if end > index + 1 else part.text
            self._problem(ProblemCode.FIELD_UNKNOWN, None, text, _nearest_fields(part.text))

    def _swallow(self, at: int, *, bound: bool) -> int:
        """Takes the value of an unknown key out of the text; returns where the rest begins."""
        while at < len(self.parts) and self.parts[at].role is Role.QUOTE:
            at += 1
        first = at
        while at < len(self.parts):
            part = self.parts[at]
            if at > first and not (part.glued and part.role is not Role.BREAK):
                if not (part.role is Role.JOIN and part.text == "," and part.glued):
                    break
            if not bound and (part.role is not Role.AMOUNT or at > first):
                break
            if part.role in (Role.BREAK, Role.QUOTE) or self._bound_key(at) or (at > first and part.text == ","and not self._glued_after(at)):
                break
            if part.role is Role.MODEL and part.start in {m.start for m in self.reading.mentions} and not bound:
                break
            part.role = Role.WORD
            at += 1
        return at

    def _glued_after(self, at: int) -> bool:
        return at + 1 < len(self.parts) and self.parts[at + 1].glued

    def _days(self) -> None:
        """*As of* and its day; a date without it has no place."""
        index = 0
        while index < len(self.parts):
            part = self.parts[index]
            if part.role is Role.KEY and part.field is Field.AS_OF:
                index = self._as_of(index)
            elif part.role is Role.DATE:
                self._unplaced(part.text)
                part.role = Role.WORD
            index += 1

    def _as_of(self, index: int) -> int:
        key = self.parts[index]
        key.role = Role.WORD
        at = index + 1
        explicit = bool(key.marked)
        while at < len(self.parts) and (
            self.parts[at].role in (Role.BIND, Role.QUOTE) or self.parts[at].text.lower() in ("the", "rates", "of", "on", "date", "day")
        ):
            explicit = explicit or self.parts[at].role is Role.BIND
            at += 1
        if at >= len(self.parts):
            if explicit:
                self._fault(Field.AS_OF, ProblemCode.VALUE_INVALID, key.text)
            return at
        part = self.parts[at]
        if part.role is Role.DATE:
            return self._day_list(at)
        if part.text.lower() in ("today", "today's") or (part.text.lower() == "now" and not explicit):
            part.role = Role.WORD
            if part.text.lower() != "now":
                self.reading.said.append(Said(Field.AS_OF, part.text, self.today))
        elif explicit or part.role is Role.AMOUNT or part.text.lower() in _TEMPORAL:
            text = part.text if part.role is not Role.BREAK else key.text
            self._fault(Field.AS_OF, ProblemCode.VALUE_INVALID, text)
            if part.role is not Role.BREAK and not self._bound_key(at):
                self._consume_word(at)
        return at

    def _consume_word(self, at: int) -> None:
        """Takes a word, with what is glued to it, out of the text."""
        while True:
            if self.parts[at].role is not Role.MODEL:
                self.parts[at].role = Role.WORD
            at += 1
            if at >= len(self.parts) or not self.parts[at].glued or self.parts[at].role in (Role.BREAK, Role.JOIN, Role.QUOTE):
                return

    def _day_list(self, at: int) -> int:
        said: list[Part] = []
        while at < len(self.parts) and self.parts[at].role is Role.DATE:
            said.append(self.parts[at])
            self.parts[at].role = Role.WORD
            step = at + 1
            while step < len(self.parts) and (self.parts[step].role is Role.JOIN or self.parts[step].text.lower() in ("to", "-", "..")):
                step += 1
            if step >= len(self.parts) or self.parts[step].role is not Role.DATE or step == at + 1:
                break
            at = step
        for part in said:
            day = part.token.day if part.token else None
            if day is None:
                self._fault(Field.AS_OF, ProblemCode.VALUE_INVALID, part.text)
            elif day > self.today:
                self._fault(Field.AS_OF, ProblemCode.VALUE_OUT_OF_RANGE, part.text)
            else:
                self.reading.said.append(Said(Field.AS_OF, part.text, day))
        return at

    def _gpu_types(self) -> None:
        """GPU types wherever they stand, and `gpu_type=…` with something that is none."""
        for index, part in enumerate(self.parts):
            if part.role is Role.KEY and part.field is Field.GPU_TYPE:
                self._gpu_type_key(index)
            elif part.role is Role.GPU:
                self._gpu(part.text)
                part.role = Role.FILL
            elif part.amount is not None and part.amount.unit is Unit.GPUS:
                self._gpu(part.amount.gpu_text)

    def _gpu(self, text: str) -> None:
        kind = gpu_type(text)
        if kind is None:
            self._fault(Field.GPU_TYPE, ProblemCode.VALUE_INVALID, text)
        else:
            self.reading.said.append(Said(Field.GPU_TYPE, text, kind))

    def _gpu_type_key(self, index: int) -> None:
        key = self.parts[index]
        key.role = Role.WORD
        self.reading.keys = True
        if key.removed:
            self.reading.removed.append(Field.GPU_TYPE)
        at = index + 1
        explicit = bool(key.marked)
        while at < len(self.parts) and self.parts[at].role in (Role.BIND, Role.QUOTE):
            explicit = explicit or self.parts[at].role is Role.BIND
            at += 1
        if not explicit or (at < len(self.parts) and self.parts[at].role is Role.GPU):
            return
        if at >= len(self.parts) or self.parts[at].role in (Role.BREAK, Role.KEY, Role.UNKNOWN_KEY, Role.MODEL):
            self._fault(Field.GPU_TYPE, ProblemCode.VALUE_INVALID, key.text)
            return
        value = self.parts[at]
        if value.amount is None or value.amount.unit is not Unit.GPUS:
            self._fault(Field.GPU_TYPE, ProblemCode.VALUE_INVALID, value.text)
            self._consume_word(at)

    # -- amounts -----------------------------------------------------------------------------------

    def _steps(self) -> None:
        """*In steps of 5*: the step of the range before it."""
        for index, part in enumerate(self.parts):
            if part.amount is None or part.role is not Role.AMOUNT:
                continue
            back = index - 1
            while back >= 0 and self.parts[back].text.lower() in ("of", "by", "size", "~", "=", ":"):
                back -= 1
            word = self.parts[back].text.lower() if back >= 0 else ""
            step_word = word in ("step", "steps", "increments", "increment", "stepping", "every", "interval", "intervals")
            by_word = index - back == 2 and self.parts[index - 1].text.lower() == "by"
            if not (step_word or by_word):
                continue
            before = self._range_before(back)
            if before is not None and before.amount and not part.amount.is_range:
                before.amount.step = part.amount.numbers[0]
                part.role = Role.FILL

    def _range_before(self, at: int) -> Part | None:
        for part in reversed(self.parts[max(0, at - 6) : at + 1]):
            if part.role is Role.AMOUNT and part.amount:
                return part if part.amount.is_range and part.amount.step is None else None
            if part.role is Role.BREAK and part.text not in (";",):
                return None
        return None

    def _compounds(self) -> None:
        """*20-turn*, *20turns*, *20 turn episodes*: a number and its unit as an adjective, seen through by the rest."""
        for index, part in enumerate(self.parts):
            if part.role is not Role.AMOUNT or part.amount is None:
                continue
            at = index + 1
            hyphen = at < len(self.parts) and self.parts[at].weight == 0 and self.parts[at].role is Role.FILL
            at += hyphen
            if hyphen:
                while at < len(self.parts) and self.parts[at].text in ("token", "-"):
                    at += 1
            if at >= len(self.parts) or self.parts[at].role is not Role.KEY:
                continue
            key = self.parts[at]
            glued = hyphen or key.start == part.end
            adjective = key.text.lower() == "turn" and at + 1 < len(self.parts) and self.parts[at + 1].field is Field.EPISODES and not self._bound_key(at + 1)
            if (glued or adjective) and not self._bound_key(at) and not self._joined_before(index) and _fits(part, key) and not part.amount.change:
                self._place(key, [part], [])
                for taken in self.parts[index : at + 1]:
                    taken.role = Role.FILL
                    taken.weight = 1

    def _joined_before(self, index: int) -> bool:
        return index >= 2 and self.parts[index - 1].role is Role.JOIN and any(
            p.role is Role.AMOUNT for p in self.parts[max(0, index - 3) : index - 1]
        )

    def _texts_as_values(self) -> None:
        """`turns=many`, `--turns`: a marked key without a number."""
        for index, part in enumerate(self.parts):
            if part.role is not Role.KEY or part.field is None:
                continue
            at = index + 1
            while at < len(self.parts) and self.parts[at].role is Role.QUOTE:
                at += 1
            bind = self.parts[at].text if at < len(self.parts) and self.parts[at].role is Role.BIND else ""
            bind = "=" if bind and bind != ":" else bind
            if not bind and not part.marked:
                continue
            part.marked = part.marked or bind
            at = at + 1 if bind else index + 1
            self._marked_value(part, at, colon=bind == ":" and part.marked != "--")

    def _marked_value(self, key: Part, at: int, *, colon: bool) -> None:
        while at < len(self.parts) and (
            self.parts[at].role is Role.QUOTE or (self.parts[at].role is Role.FILL and self.parts[at].text.lower() in _BEFORE_VALUES)
        ):
            at += 1
        value = self.parts[at] if at < len(self.parts) else None
        if value is not None and value.role is Role.AMOUNT:
            self._list_with_text(key, at, colon=colon)
            return
        if value is not None and value.role is Role.JOIN and value.text == "," and at + 1 < len(self.parts) and self.parts[at + 1].role is Role.AMOUNT and not colon and self.parts[at + 1].glued:
            self._fault(key.field, ProblemCode.VALUE_INVALID, key.text)
            self._consume_word(at + 1)
        elif colon and self._has_number_before(key):
            key.marked = ""
            return
        elif value is None or value.role in (Role.BREAK, Role.KEY, Role.UNKNOWN_KEY, Role.MODEL_KEY, Role.MODEL, Role.JOIN):
            self._fault(key.field, ProblemCode.VALUE_INVALID, key.text)
        else:
            self._fault(key.field, ProblemCode.VALUE_INVALID, value.text)
            if not colon or value.role is Role.WORD:
                self._consume_word(at)
        key.role = Role.WORD
        self.reading.keys = True

    def _list_with_text(self, key: Part, at: int, *, colon: bool) -> None:
        """`turns=5,many,20`: a list with a word in it."""
        stop = at + 1
        while stop < len(self.parts) and self.parts[stop].glued and self.parts[stop].role in (Role.JOIN, Role.AMOUNT, Role.WORD):
            stop += 1
        inner = self.parts[at + 1 : stop]
        if colon or not any(p.role is Role.WORD and self.parts[at + 1 + i - 1].text == "," for i, p in enumerate(inner)):
            return
        self._fault(key.field, ProblemCode.VALUE_INVALID, self.reading.text[self.parts[at].start : self.parts[stop - 1].end])
        key.role = Role.WORD
        self._consume_word(at)
        for part in inner:
            part.role = Role.WORD

    def _has_number_before(self, key: Part) -> bool:
        index = self.parts.index(key)
        back = index - 1
        while back >= 0 and self.parts[back].role is Role.FILL:
            back -= 1
        if back < 0 or self.parts[back].role is not Role.AMOUNT:
            return False
        return back == 0 or self.parts[back - 1].role is not Role.BIND

    def _runs(self, atoms: Sequence[int]) -> Iterator[list[_Cluster]]:
        """The clusters of amounts and keys, cut where nothing connects two neighbours."""
        run: list[_Cluster] = []
        for position, index in enumerate(atoms):
            part = self.parts[index]
            gap = self._gap(atoms[position - 1], index) if position else _Gap()
            last = run[-1] if run else None
            if last and part.role is Role.AMOUNT and not last.is_key and gap.joined and self._may_join(last.parts[-1], part):
                last.parts.append(part)
                last.gaps.append(gap)
            else:
                if run and not gap.adjacent:
                    yield run
                    run = []
                run.append(_Cluster([part], [gap]))
        if run:
            yield run

    def _may_join(self, a: Part, b: Part) -> bool:
        """Two amounts of one list: plain numbers, of one unit where both have one."""
        if a.amount is None or b.amount is None or a.amount.change or b.amount.change:
            return False
        if a.amount.counted_thing or Unit.NO_FIELD in (a.amount.unit, b.amount.unit):
            return False
        return a.amount.unit is None or b.amount.unit is None or a.amount.unit is b.amount.unit

    def _gap(self, first: int, second: int) -> _Gap:
        between = self.parts[first + 1 : second]
        a, b = self.parts[first], self.parts[second]
        if a.role is b.role is Role.AMOUNT:
            return self._list_gap(between)
        key_first = a.role is Role.KEY and b.role is Role.AMOUNT
        if a.role is b.role is Role.KEY:
            return _Gap(adjacent=all(p.role in (Role.FILL, Role.MODEL) for p in between))
        return self._binding_gap(a, b, between, key_first=key_first)

    def _list_gap(self, between: Sequence[Part]) -> _Gap:
        joins = [p for p in between if p.role is Role.JOIN]
        others = [p for p in between if p.role is not Role.JOIN]
        fillers = all(p.role is Role.FILL and p.weight == 1 and p.text.lower() in _BEFORE_VALUES for p in others)
        if not joins or not (fillers or all(p.role is Role.QUOTE for p in others)):
            return _Gap(adjacent=bool(between) and all(p.role in (Role.FILL, Role.MODEL) for p in between))
        commas = sum(p.text == "," for p in joins)
        glued = len(between) == 1 and joins[0].text == "," and joins[0].glued
        return _Gap(joined=True, joiner="," if glued else joins[-1].text.lower(), empty_place=commas > 1)

    def _binding_gap(self, a: Part, b: Part, between: Sequence[Part], *, key_first: bool) -> _Gap:
        key, amount = (a, b) if key_first else (b, a)
        bound = [p for p in between if p.role is Role.BIND]
        if bound:
            allowed = key_first and all(p.role in (Role.BIND, Role.QUOTE, Role.FILL) for p in between)
            return _Gap(adjacent=allowed, distance=-1, forced=allowed and key.marked in ("=", "--"))
        if any(p.role not in (Role.FILL, Role.MODEL) for p in between):
            return _Gap()
        vocabulary = words.LINKS | words.NOUNS_BEHIND_KEYS | {"tokens"} if key_first else words.BETWEEN_NUMBER_AND_KEY
        distance = 0
        for part in between:
            lower = part.text.lower()
            plain = lower in words.LINKS or lower in words.BETWEEN_NUMBER_AND_KEY or lower in words.NOUNS_BEHIND_KEYS or lower in words.FILLERS
            if plain and lower not in vocabulary:
                return _Gap()
            distance += part.weight
        thing = key_first and amount.amount is not None and amount.amount.counted_thing and key.marked not in ("=", "--")
        fits = _fits(amount, key) and not thing
        return _Gap(adjacent=fits, distance=distance, forced=fits and key_first and key.marked == "--")

    # -- a run -------------------------------------------------------------------------------------

    def _bind_run(self, run: list[_Cluster]) -> None:
        for action in _plan(run, self._alone):
            self._do(action)

    def _alone(self, part: Part) -> int:
        """What it costs to leave an amount without a key: nothing where its unit places it."""
        amount = part.amount
        assert amount is not None
        placed = amount.unit in (Unit.DOLLARS, Unit.FOREIGN, Unit.HOURS, Unit.GPUS, Unit.ADDED_PER_TURN)
        return 0 if amount.soft or placed or amount.ratio else len(amount.numbers)

    def _do(self, action: "_Action") -> None:
        if action.key is None:
            self._leave_alone(action.parts, action.gaps)
        elif not action.parts:
            self._key_alone(action.key)
        else:
            self._place(action.key, action.parts, action.gaps)

    def _key_alone(self, key: Part) -> None:
        if key.field is None:
            return
        self.reading.keys = True
        if key.removed and not key.marked:
            self.reading.removed.append(key.field)
        elif key.marked:
            self._fault(key.field, ProblemCode.VALUE_INVALID, key.text)

    _BY_UNIT = {
        Unit.DOLLARS: Field.BUDGET_USD,
        Unit.FOREIGN: Field.BUDGET_USD,
        Unit.HOURS: Field.DEADLINE_HOURS,
        Unit.GPUS: Field.GPUS,
        Unit.ADDED_PER_TURN: Field.TOKENS_ADDED_PER_TURN,
    }

    def _leave_alone(self, parts: list[Part], gaps: list[_Gap]) -> None:
        unit = next((p.amount.unit for p in parts if p.amount and p.amount.unit), None)
        target = self._BY_UNIT.get(unit) if unit else None
        if target is not None and parts[-1].amount and not parts[-1].amount.counted_thing or target is not None:
            self._value(target, parts, gaps)
            return
        if any(g.joiner == "/" for g in gaps[1:]) and len(parts) == 2 and all(p.amount and p.amount.numbers[0].digits for p in parts):
            return  # a ratio, such as 24/7
        for part in parts:
            amount = part.amount
            assert amount is not None
            if amount.soft or amount.ratio:
                continue
            self._leave_number(part, amount)

    def _leave_number(self, part: Part, amount: Amount) -> None:
        index = self.parts.index(part)
        back = index - 1
        while back >= 0 and (self.parts[back].role is Role.QUOTE or (self.parts[back].role is Role.FILL and self.parts[back].text.lower() in _BEFORE_VALUES)):
            back -= 1
        if back >= 1 and self.parts[back].text == ":":
            name = back - 1
            while name >= 0 and self.parts[name].role is Role.QUOTE:
                name -= 1
            if name >= 0 and self.parts[name].role in (Role.WORD, Role.FILL) and self.parts[name].token and self.parts[name].token.kind is Kind.WORD:
                text = self.reading.text[self.parts[name].start : part.end]
                self._problem(ProblemCode.FIELD_UNKNOWN, None, text, _nearest_fields(self.parts[name].text))
                self.reading.numbers = True
                return
        for number in [*amount.numbers, *([amount.step] if amount.step else [])]:
            self._unplaced(number.text if amount.is_range else part.text)

    def _place(self, key: Part, parts: list[Part], gaps: list[_Gap]) -> None:
        self.reading.keys = True
        unit = next((p.amount.unit for p in parts if p.amount and p.amount.unit), None)
        target = key.field
        if unit is Unit.TOKENS_PER_SECOND and key.tps_field is not None:
            target = key.tps_field
        assert target is not None
        if not all(_fits(part, key) for part in parts) and not (key.marked and unit is Unit.TOKENS):
            self._fault(target, ProblemCode.VALUE_INVALID, self.reading.text[parts[0].start : parts[-1].end])
            return
        self._value(target, parts, gaps)

    def _value(self, target: Field, parts: list[Part], gaps: list[_Gap]) -> None:
        """Reads the amounts as the value of a field, and judges it."""
        self.reading.numbers = True
        text = self.reading.text[parts[0].start : parts[-1].end]
        amounts = [p.amount for p in parts if p.amount]
        change = next((a.change for a in amounts), 0)
        if any(a.unit is Unit.FOREIGN for a in amounts):
            self._fault(target, ProblemCode.VALUE_INVALID, text)
            return
        factor = next((a.factor for a in amounts if a.factor != 1), Decimal(1))
        if len(amounts) == 1 and amounts[0].is_range:
            self._range_value(target, amounts[0], factor, text)
            return
        if any(a.is_range for a in amounts) or any(g.empty_place for g in gaps[1:]):
            self._fault(target, ProblemCode.VALUE_INVALID, text)
            return
        values = _list_values(target, amounts)
        values = [v * factor if v is not None and v.is_finite() else v for v in values]
        self._list_value(target, values, text, change)

    def _list_value(self, target: Field, values: list[Decimal | None], text: str, change: int) -> None:
        faults = [specs.fault(target, v) for v in values] if not change else []
        if any(v is None for v in values) or ProblemCode.VALUE_INVALID in faults:
            self._fault(target, ProblemCode.VALUE_INVALID, text)
            return
        if ProblemCode.VALUE_OUT_OF_RANGE in faults:
            self._fault(target, ProblemCode.VALUE_OUT_OF_RANGE, text)
            return
        distinct = tuple(dict.fromkeys(specs.number(v) for v in values if v is not None))
        if len(distinct) == 1:
            self.reading.said.append(Said(target, text, distinct[0], change=change))
        elif target in specs.ONE_VALUE_FIELDS:
            self._fault(target, ProblemCode.VALUE_CONFLICT, text)
        else:
            self.reading.said.append(Said(target, text, distinct))

    def _range_value(self, target: Field, amount: Amount, factor: Decimal, text: str) -> None:
        ends = [n.value * factor if n.value is not None and n.value.is_finite() else n.value for n in amount.numbers]
        step = amount.step.value if amount.step else None
        whole = specs.RANGES[target].whole
        bad_step = amount.step is not None and (
            step is None or not step.is_finite() or step <= 0 or (whole and step != step.to_integral_value())
        )
        faults = [specs.fault(target, end) for end in ends]
        if ProblemCode.VALUE_INVALID in faults or bad_step:
            self._fault(target, ProblemCode.VALUE_INVALID, text)
        elif ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            self._fault(target, ProblemCode.VALUE_INVALID, text)
        elif ProblemCode.VALUE_OUT_OF_RANGE in faults:
            self._fault(target, ProblemCode.VALUE_OUT_OF_RANGE, text)
        elif ends[0] == ends[1]:
            self.reading.said.append(Said(target, text, specs.number(ends[0] or Decimal(0))))
        elif target in specs.ONE_VALUE_FIELDS:
            self._fault(target, ProblemCode.VALUE_CONFLICT, text)
        else:
            start, end = (specs.number(e) for e in ends if e is not None)
            span = Span(start=start, end=end, step=specs.number(step) if step is not None else None)
            self.reading.said.append(Said(target, text, span, from_said=amount.from_said))

    def _factors(self) -> None:
        for part in self.parts:
            if part.role is Role.FACTOR and part.field is not None:
                self.reading.said.append(Said(part.field, part.text, factor=part.factor))
                self.reading.keys = True

    # -- problems ----------------------------------------------------------------------------------

    def _fault(self, target: Field | None, code: ProblemCode, text: str) -> None:
        assert target is not None
        self.reading.keys = True
        self.reading.said.append(Said(target, text, fault=code))

    def _unplaced(self, text: str) -> None:
        self.reading.numbers = True
        self._problem(ProblemCode.UNPLACED, None, text, "say what it counts, as in `turns=20`")

    def _problem(self, code: ProblemCode, target: Field | None, text: str, hint: str) -> None:
        self.reading.problems.append(Problem(code=code, field=target, text=text, hint=hint))


_TEMPORAL = frozenset(
    "yesterday tomorrow last next this monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
    "christmas easter q1 q2 q3 q4 spring summer autumn fall winter".split()
)
_BEFORE_VALUES = (words.LINKS | {"~", "+", "<", ">", "=", "\u2192"}) - {"a", "an"} | {"a", "an"}


# -- the plan of a run: which amounts go with which key --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Action:
    """A key with its amounts; no key: amounts left alone; no amounts: a key left alone."""

    key: Part | None
    parts: list[Part]
    gaps: list[_Gap]


@dataclass(frozen=True, slots=True)
class _Plan:
    alone: int
    preference: int
    actions: tuple[_Action, ...]
    rest: "_Plan | None"

    @property
    def cost(self) -> tuple[int, int]:
        return self.alone, self.preference


_AloneCost = Callable[[Part], int]
_NOTHING = _Plan(0, 0, (), None)
_IMPOSSIBLE = _Plan(_NEVER, 0, (), None)


def _plan(run: list[_Cluster], alone: _AloneCost) -> Iterator[_Action]:
    """The binding that leaves the fewest numbers and keys alone; ties go to the nearer, then to the run's direction.

    Worked out from the end, in one pass: `free[i]` is the best from cluster i on when the key before it still
    has no amount, `taken[i]` when it has one (or there is none).
    """
    cost_alone = alone
    key_value = run[0].is_key
    count = len(run)
    taken: list[_Plan] = [_NOTHING] * (count + 2)
    free: list[_Plan] = [_NOTHING] * (count + 2)
    for i in range(count - 1, -1, -1):
        cluster = run[i]
        if cluster.is_key:
            key = cluster.parts[0]
            # The key waits for what follows; where that does not take it, it is alone.
            taken[i] = min(_alone_key(key, taken[i + 1]), free[i + 1], key=lambda p: p.cost) if i + 1 < count and not run[i + 1].is_key else _alone_key(key, taken[i + 1])
            free[i] = taken[i]
            continue
        tail = _tail_plan(run, i, taken, cost_alone, key_value=key_value)
        wholes = _whole_plans(cluster, run, i, taken, cost_alone, key_value=key_value)
        taken[i] = min([*wholes, *_splits(run, i, tail, cost_alone, key=None)], key=lambda p: p.cost)
        free[i] = _IMPOSSIBLE
        if i and run[i - 1].is_key and cluster.gaps[0].adjacent:
            key, gap = run[i - 1].parts[0], cluster.gaps[0]
            cost = 2 * gap.distance + (not key_value)
            heads = list(_splits(run, i, tail, cost_alone, key=key))
            fitting = [p for p in heads if all(_fits(a, key) for a in p.actions[0].parts)]
            heads = fitting or (heads if gap.forced else [])
            if heads:
                best = min(heads, key=lambda p: p.cost)
                free[i] = _Plan(best.alone - (1000 if gap.forced else 0), best.preference + cost, best.actions, best.rest)
    plan: _Plan | None = taken[0]
    while plan is not None:
        yield from plan.actions
        plan = plan.rest


def _step(alone: int, preference: int, actions: tuple[_Action, ...], rest: _Plan) -> _Plan:
    return _Plan(alone + rest.alone, preference + rest.preference, actions, rest)


def _alone_key(key: Part, rest: _Plan) -> _Plan:
    cost = 0 if key.field is None else 1
    return _step(cost + (1000 if key.marked in ("=", "--") else 0), 0, (_Action(key, [], []),), rest)


def _splits(run: list[_Cluster], i: int, after: Callable[[list[_Cluster]], _Plan], cost_alone: _AloneCost, *, key: Part | None) -> Iterator[_Plan]:
    """The amounts of a cluster as one list, or as a head and a tail; the head goes to `key`, or is left alone."""
    cluster = run[i]
    count = len(cluster.parts)
    for cut in sorted({1, count - 1, count} - {0}, reverse=True):
        head, rest = cluster.parts[:cut], cluster.parts[cut:]
        alone = 0 if key else sum(cost_alone(p) for p in head)
        action = _Action(key, head, cluster.gaps[:cut])
        if key is None and not rest:
            continue
        tail = after([_Cluster(rest, [_Gap(), *cluster.gaps[cut + 1 :]])] if rest else [])
        last_joined = cluster.gaps[-1].joiner in ("and", "or", "&")
        tie = 1 if rest and (cut == count - 1) == last_joined and count > 2 else 0
        yield _step(alone, tie, (action,), tail)


def _tail_plan(run: list[_Cluster], i: int, taken: list[_Plan], cost_alone: _AloneCost, *, key_value: bool) -> Callable[[list[_Cluster]], _Plan]:
    """What becomes of the tail of cluster `i`: the value of the key behind it, or left alone."""

    def after(tail: list[_Cluster]) -> _Plan:
        if not tail:
            return taken[i + 1]
        return min(_whole_plans(tail[0], run, i, taken, cost_alone, key_value=key_value), key=lambda p: p.cost)

    return after


def _whole_plans(cluster: _Cluster, run: list[_Cluster], i: int, taken: list[_Plan], cost_alone: _AloneCost, *, key_value: bool) -> Iterator[_Plan]:
    """A cluster left alone, or as the value of the key behind it."""
    yield _step(sum(cost_alone(p) for p in cluster.parts), 0, (_Action(None, cluster.parts, cluster.gaps),), taken[i + 1])
    if i + 1 >= len(run) or not run[i + 1].is_key or not run[i + 1].gaps[0].adjacent:
        return
    key, gap = run[i + 1].parts[0], run[i + 1].gaps[0]
    if key.marked in ("=", "--") or not all(_fits(part, key) for part in cluster.parts):
        return
    yield _step(0, 2 * gap.distance + key_value, (_Action(key, cluster.parts, cluster.gaps),), taken[i + 2])


def _fits(part: Part, key: Part) -> bool:
    """Whether an amount's unit lets it stand in the key's field."""
    amount = part.amount
    assert amount is not None
    unit = amount.unit
    if key.field is None:
        return unit is Unit.TOKENS_PER_SECOND
    if unit is None:
        return True
    if unit is Unit.TOKENS:
        return key.field in specs.TOKEN_FIELDS
    if unit is Unit.TOKENS_PER_SECOND:
        return key.tps_field is not None or key.field in (Field.PROMPT_TPS, Field.DECODE_TPS)
    if unit is Unit.ADDED_PER_TURN:
        return key.field in specs.TOKEN_FIELDS
    wanted = {Unit.DOLLARS: Field.BUDGET_USD, Unit.FOREIGN: Field.BUDGET_USD, Unit.HOURS: Field.DEADLINE_HOURS}
    return key.field is (wanted.get(unit) or (Field.GPUS if unit is Unit.GPUS else None))


def _list_values(target: Field, amounts: list[Amount]) -> list[Decimal | None]:
    """The numbers of a list; for turns a comma always separates, elsewhere it may group thousands."""
    values: list[Decimal | None] = []
    for amount in amounts:
        number = amount.numbers[0]
        if target is Field.TURNS and number.groups:
            values += [numbers.literal(group) for group in number.groups]
        else:
            values.append(number.value)
    return values


def _nearest_fields(key: str) -> str:
    from rapidfuzz import process  # slow to import, and needed only for a hint

    near = process.extractOne(squash(key), list(specs.aliases()), score_cutoff=70)
    return str(specs.aliases()[near[0]]) if near else ", ".join(f.value for f in list(Field)[:3])
