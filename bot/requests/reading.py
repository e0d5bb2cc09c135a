"""What one text says, gathered while it is read: fields, faults, models, unplaced numbers."""

from dataclasses import dataclass, field

from .fields import nearest_field
from .names import Mention
from .request import Field, Problem, ProblemCode, Value
from .values import Said

_MOST_HINTS = 8


@dataclass(slots=True)
class Reading:
    """Everything that one text says, in order; nothing is merged or judged yet.

    `keys` and `numbers`: whether any was said. `first_word`: the first word that has no place in the language, and
    `only_pairs` whether pairs of keys and values are all that follows it.
    """

    text: str
    mentions: list[Mention]
    said: list[Said] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    removed: list[Field] = field(default_factory=list)
    keys: bool = False
    numbers: bool = False
    first_word: str = ""
    only_pairs: bool = False

    def say(self, said: Said) -> None:
        self.keys = True
        self.said.append(said)

    def fault(self, target: Field, code: ProblemCode, text: str, near: Value | None = None) -> None:
        self.say(Said(target, text, fault=code, near=near))

    def unplaced(self, text: str) -> None:
        self.numbers = True
        self._problem(ProblemCode.UNPLACED, text, "say what it counts, as in `turns=20`")

    def unknown_key(self, key: str, text: str) -> None:
        hint = nearest_field(key) if len(self.problems) < _MOST_HINTS else ""
        self._problem(ProblemCode.FIELD_UNKNOWN, text, hint)

    def _problem(self, code: ProblemCode, text: str, hint: str) -> None:
        self.problems.append(Problem(code=code, text=text, hint=hint))
