"""Places for what is no number: models after `model=`, unknown keys with their values, days, GPU types.

Run before amounts are bound to keys, so that what was taken here stands in nobody's way.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from . import intents
from . import vocabulary as words
from .amounts import Unit
from .fields import gpu_type
from .names import Names
from .parts import Part, Parts, Role
from .reading import Reading
from .request import Field, ProblemCode
from .values import Said

_RATES = r"(?:list |published )?(?:rates?|prices?|pricing|rate cards?)\b(?! (?:changes?|moves?|rises?|cuts?))"
_PAST_RATES = re.compile(
    rf"\b(yesterday)'s {_RATES}|\b(?:at|with|on|using|under|by) (last \w+)'s {_RATES}"
    r"|\b(?:rates?|prices?|pricing|rate cards?) (?:of|from) (yesterday|last \w+)\b(?!')",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Places:
    """Takes everything out of the parts that is no amount and no key of one."""

    reading: Reading
    names: Names
    today: date
    parts: Parts

    def settle(self) -> None:
        self._first_word()
        for index, part in enumerate(self.parts):
            if part.role is Role.MODEL_KEY:
                self._models_in_place(self.parts.behind_binding(index))
        for index, part in enumerate(self.parts):
            if part.role is Role.UNKNOWN_KEY:
                self._unknown_key(index)
        self._days()
        self._gpu_types()

    # -- a word in a model's place -----------------------------------------------------------------

    def _first_word(self) -> None:
        for index, part in enumerate(self.parts):
            skipped = part.role in (Role.BREAK, Role.QUOTE, Role.JOIN)
            if skipped or (part.role is Role.FILL and part.lower in words.FILLERS):
                continue
            if part.role is not Role.WORD or not part.is_plain_word:
                return
            if intents.is_known(part.lower):
                continue
            last = index
            while self.parts.is_glued(last + 1) and (
                self.parts.role(last + 1) not in (Role.BREAK, Role.QUOTE, Role.JOIN, Role.BIND)
                or self.parts[last + 1].text == "/"
            ):
                last += 1
            self.reading.first_word = self.reading.text[part.start : self.parts[last].end]
            self.reading.only_pairs = self._only_pairs(last + 1)
            return

    def _only_pairs(self, at: int) -> bool:
        """Whether `key=value` and `--key` pairs are all that stands from here on, and at least one does."""
        pairs = False
        while (part := self.parts.part(at)) is not None:
            if part.role in (Role.QUOTE, Role.JOIN, Role.BREAK):
                at += 1
                continue
            if not self.parts.is_bound_key(at):
                return False
            pairs, at = True, at + 1
            while (
                (value := self.parts.part(at))
                and value.role is not Role.BREAK
                and self._belongs_to_pair(at)
            ):
                at += 1
        return pairs

    def _belongs_to_pair(self, at: int) -> bool:
        before = self.parts[at - 1]
        bind = Role.BIND in (self.parts[at].role, before.role)
        return self.parts[at].glued or bind or before.marked == "--"

    def _models_in_place(self, at: int) -> None:
        """The value of `model=`: a model, or a piece that is none; `a,b` names two."""
        first = at
        while (part := self.parts.part(at)) is not None:
            stops = part.role is Role.BREAK and not (
                at == first and part.glued and part.text not in "\n;|"
            )
            if stops or self.parts.is_bound_key(at):
                return
            at = at + 1 if part.role is Role.MODEL else self._model_in_place(at)
            comma = self.parts.part(at)
            if (
                comma is None
                or comma.text != ","
                or not (self.parts.is_glued(at + 1) or self.parts.role(at + 1) is Role.MODEL)
            ):
                return
            at += 1

    def _model_in_place(self, at: int) -> int:
        start = self.parts[at].start
        mention = self.names.in_place(self.reading.text, start)
        if mention.text:
            self.reading.mentions.append(mention)
            self.reading.mentions.sort(key=lambda m: m.start)
        end = max(mention.end, start + 1)
        while (part := self.parts.part(at)) is not None and part.start < end:
            part.role = Role.MODEL if mention.text else Role.TAKEN
            at += 1
        return at

    # -- keys that are no field --------------------------------------------------------------------

    def _unknown_key(self, index: int) -> None:
        """`key=value` and `--key value`: the value goes with the key."""
        part = self.parts[index]
        behind = index + 1
        while self.parts.role(behind) is Role.QUOTE:
            behind += 1
        bound = self.parts.role(behind) is Role.BIND
        end = self._take_value(behind + 1) if bound else self._take_number(index + 1)
        self.reading.unknown_key(part.text, self.reading.text[part.start : self.parts[end - 1].end])

    def _take_value(self, at: int) -> int:
        while self.parts.role(at) is Role.QUOTE:
            at += 1
        first = at
        while (part := self.parts.part(at)) is not None:
            if part.role in (Role.BREAK, Role.QUOTE) or self.parts.is_bound_key(at):
                break
            if at > first and not part.glued:
                break
            if at > first and part.text == "," and not self.parts.is_glued(at + 1):
                break
            part.role = Role.TAKEN
            at += 1
        return at

    def _take_number(self, at: int) -> int:
        if self.parts.role(at) is not Role.AMOUNT:
            return at
        self.parts[at].role = Role.TAKEN
        return at + 1

    # -- days --------------------------------------------------------------------------------------

    def _days(self) -> None:
        """*As of* and its day; a date without it has no place."""
        for index, part in enumerate(self.parts):
            if part.role is Role.KEY and part.field is Field.AS_OF:
                part.role = Role.TAKEN
                self._as_of(index)
        for part in self.parts:
            if part.role is Role.DATE:
                part.role = Role.TAKEN
                self.reading.unplaced(part.text)
        if not any(said.field is Field.AS_OF for said in self.reading.said):
            self._past_rates()

    def _past_rates(self) -> None:
        """*At yesterday's rates*: a day that has to be said."""
        found = _PAST_RATES.search(self.reading.text)
        if found is None:
            return
        day = next(group for group in found.groups() if group)
        near = self.today - timedelta(days=1) if day.lower() == "yesterday" else None
        self.reading.fault(Field.AS_OF, ProblemCode.VALUE_INVALID, day, near)

    def _as_of(self, index: int) -> None:
        key = self.parts[index]
        at = index + 1
        explicit = bool(key.marked)
        while (part := self.parts.part(at)) is not None and (
            part.role in (Role.BIND, Role.QUOTE)
            or part.lower in ("the", "rates", "of", "on", "date", "day")
        ):
            explicit = explicit or part.role is Role.BIND
            at += 1
        if key.removed:
            self.reading.removed.append(Field.AS_OF)
        elif part is None:
            if explicit:
                self.reading.fault(Field.AS_OF, ProblemCode.VALUE_INVALID, key.text)
        elif part.role is Role.DATE:
            self._day_list(at)
        elif part.lower == "today":
            part.role = Role.TAKEN
            self.reading.say(Said(Field.AS_OF, part.text, self.today))
        elif explicit or part.role is Role.AMOUNT or part.lower in words.TEMPORAL:
            self._no_day(key, at)

    def _no_day(self, key: Part, at: int) -> None:
        part = self.parts[at]
        if part.role is Role.BREAK or self.parts.is_bound_key(at):
            self.reading.fault(Field.AS_OF, ProblemCode.VALUE_INVALID, key.text)
            return
        end = self.parts.take_word(at)
        while (
            self.parts.is_glued(end)
            and self.parts[end].text == "/"
            and self.parts.is_glued(end + 1)
        ):
            end = self.parts.take_word(end + 1)  # *05/16/2026*
        following = self.parts.part(end)
        if following and (part.lower in words.MONTHS or following.lower in words.MONTHS):
            end = self.parts.take_word(end)  # *May 16*, a day without its year
        text = self.reading.text[part.start : self.parts[end - 1].end]
        self.reading.fault(Field.AS_OF, ProblemCode.VALUE_INVALID, text)

    def _day_list(self, at: int) -> None:
        while self.parts.role(at) is Role.DATE:
            part = self.parts[at]
            part.role = Role.TAKEN
            day = part.token.day
            if day is None:
                self.reading.fault(Field.AS_OF, ProblemCode.VALUE_INVALID, part.text)
            elif day > self.today:
                self.reading.fault(Field.AS_OF, ProblemCode.VALUE_OUT_OF_RANGE, part.text)
            else:
                self.reading.say(Said(Field.AS_OF, part.text, day))
            after = at + 1
            while self.parts.role(after) is Role.JOIN or (
                self.parts.part(after) and self.parts[after].lower in ("to", "-", "..")
            ):
                after += 1
            if after == at + 1:
                return
            at = after

    # -- GPU types ---------------------------------------------------------------------------------

    def _gpu_types(self) -> None:
        """GPU types wherever they stand, and `gpu_type=…` with something that is none."""
        for index, part in enumerate(self.parts):
            if part.role is Role.KEY and part.field is Field.GPU_TYPE:
                self._gpu_type_key(index)
            elif part.role is Role.GPU:
                self._gpu_type(part.text)
                part.role = Role.FILL
            elif part.role is Role.AMOUNT and part.amount and part.amount.unit is Unit.GPUS:
                self._gpu_type(part.amount.gpu_text)

    def _gpu_type(self, text: str) -> None:
        kind = gpu_type(text)
        fault = None if kind else ProblemCode.VALUE_INVALID
        self.reading.say(Said(Field.GPU_TYPE, text, kind, fault=fault))

    def _gpu_type_key(self, index: int) -> None:
        key = self.parts[index]
        key.role = Role.TAKEN
        self.reading.keys = True
        if key.removed:
            self.reading.removed.append(Field.GPU_TYPE)
        at = self.parts.behind_binding(index)
        explicit = bool(key.marked) or any(p.role is Role.BIND for p in self.parts[index + 1 : at])
        value = self.parts.part(at)
        if not explicit or (value and value.role is Role.GPU):
            return
        if value is None or value.role in (Role.BREAK, Role.KEY, Role.UNKNOWN_KEY, Role.MODEL):
            self.reading.fault(Field.GPU_TYPE, ProblemCode.VALUE_INVALID, key.text)
        elif value.amount is None or value.amount.unit is not Unit.GPUS:
            self.reading.fault(Field.GPU_TYPE, ProblemCode.VALUE_INVALID, value.text)
            self.parts.take_word(at)
