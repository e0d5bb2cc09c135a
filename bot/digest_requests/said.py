"""A text while it is read: what is left of it, and what was wrong with what was taken out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.formatting.wording import listed
from bot.requests.normalise import MENTION

MOST_PROBLEMS = 6
_ECHO_LENGTH = 60
GAP = " ; "
"""Stands where something was taken out, so that what stood around it is not read as one."""


@dataclass(slots=True)
class Said:
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
        """Take out what stands at some places, from the first to the last."""
        pieces, at = [], 0
        for start, end in spans:
            pieces += [self.rest[at:start], GAP]
            at = max(at, end)
        self.rest = "".join([*pieces, self.rest[at:]])

    def only(self, kind: str, pieces: Sequence[str], values: Sequence[str]) -> str | None:
        """The one value that all pieces mean; several are a problem."""
        self.details += pieces
        if len(set(values)) > 1:
            self.problems.append(f"{quoted(pieces)} are more than one {kind}: keep one.")
            return None
        return values[0] if values else None


def quoted(pieces: Iterable[str]) -> str:
    """Several pieces in a sentence, each once."""
    return listed(quote(piece) for piece in dict.fromkeys(pieces))


def quote(text: str) -> str:
    """A piece of the text as a problem shows it: on one line, and not too long."""
    piece = " ".join(text.split()).replace("`", "'").replace(MENTION, "@mention")
    return f"`{piece[:_ECHO_LENGTH]}…`" if len(piece) > _ECHO_LENGTH else f"`{piece}`"
