"""A place in the tokens to look ahead from: the words there, the key there, what binds it."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import vocabulary as words
from .fields import aliases, squash
from .lexer import Kind, Token
from .request import Field

_LONGEST_KEY = 7
_PAST_THE_END = 16
_CLOSING = frozenset("\"'")


@dataclass(frozen=True, slots=True)
class Key:
    """A field's key in the text: how many tokens it takes, and how it is spelled, squashed."""

    field: Field
    length: int
    spelled: str


class View:
    """The tokens of a text; every method looks at an absolute position and is safe past either end."""

    __slots__ = ("_lowers", "text", "tokens")

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        # Most looks are at the words near by, and some past the end.
        self._lowers = [token.lower for token in tokens] + [""] * _PAST_THE_END

    def token(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def lower(self, at: int) -> str:
        try:
            return self._lowers[at]
        except IndexError:
            return ""

    def is_word(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].kind is Kind.WORD

    def is_glued(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].glued

    def piece(self, first: int, last: int) -> str:
        """The text from one token to another, both included."""
        return self.text[self.tokens[first].start : self.tokens[last].end]

    def piece_is(self, at: int, lower: str) -> bool:
        """Whether a token stands here, apart from the one before and the letters behind it."""
        return self.lower(at) == lower and not self.is_glued(at) and not self.is_glued(at + 1)

    def bound(self, at: int) -> str:
        """The `=` or `:` that stands here, behind closing quotes; empty where none does."""
        while self.lower(at) in _CLOSING:
            at += 1
        return self.lower(at) if self.lower(at) in ("=", ":") else ""

    def phrases(self, at: int, most: int) -> list[str]:
        """The words from here on, squashed together ever longer."""
        found: list[str] = []
        spelled = ""
        for token in self.tokens[at : at + most]:
            if token.kind is not Kind.WORD:
                break
            spelled += squash(token.lower)
            found.append(spelled)
        return found

    def key(self, at: int) -> Key | None:
        """The longest key that begins here and is meant as one."""
        token = self.token(at)
        if token is None or token.kind is not Kind.WORD:
            return None
        known = aliases()
        spelled = self.phrases(at, _LONGEST_KEY)
        length = next((n for n in range(len(spelled), 0, -1) if spelled[n - 1] in known), 0)
        if (
            not length
            or self.not_key(at) > length
            or (length == 1 and self._is_common_noun(at, token))
        ):
            return None
        return Key(known[spelled[length - 1]], length, spelled[length - 1])

    def is_key_end(self, at: int) -> bool:
        """Whether the word here is, or ends, a key."""
        return squash(self.lower(at)) in aliases()

    def not_key(self, at: int) -> int:
        """How many words here are a thing that no field counts (*tool calls*); 0 for none."""
        spelled = self.phrases(at, 2)
        return next((n for n in range(len(spelled), 0, -1) if spelled[n - 1] in words.NOT_KEYS), 0)

    def _is_common_noun(self, at: int, token: Token) -> bool:
        """*An episode takes 20 turns* sets no episodes; a word glued to another (*multi-turn*) is no key."""
        if token.lower == "gpu" and self.lower(at + 1) in words.MACHINES:
            return True
        before = self.token(at - 1)
        if before is None or before.kind is not Kind.WORD:
            return False
        if token.lower in words.EPISODE_WORDS and not self.bound(at + 1):
            return before.lower in words.DETERMINERS
        return token.glued and before.end == token.start
