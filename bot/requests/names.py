"""Which models a text mentions, and which pieces stand in a model's place without being one.

A mention is a whole name, a name one slip away, or a run of pieces that at least one model holds together. A run means
the only model that holds it, else the only one of the calculator's four that does, if a piece has a number in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from pricing.catalogue import Catalogue

from .fields import is_counted
from .model_names import ATOM, EVERYDAY_PIECES, model_names, squash, with_atom
from .path_words import PATH_WORDS
from .request import Problem, ProblemCode

_PATH = re.compile(r"(?<![\w/.:-])[\w.-]+(?:/[\w.-]+)+(?::peft:\d+)?")
_BRACKET = re.compile(r"\((\d+K)\)")
_PLACE = re.compile(r"\s*([^\s,;|\"'()\[\]{}]+)")
_ON = re.compile(r"[-_]?[^\W_]|\.[^\W\d_]*\d")
_GLUED_TAIL = re.compile(r"(?:[-_]|\.(?=\w))[\w.-]*\w|[^\W_]+[\w.-]*")
_SPACED_VERSION = re.compile(r"\s([a-z]{1,2}\d[\w.]*|\d+(?:\.\d+)?b|\d+\.\d+|\d)(?![\w,]|[.-]\d)")
_MORE_SIZES = re.compile(r"(?:[\s-](?:\d+b|[a-z]\d+b)\b)*")
_WORD_THAT_IS_COUNTED = re.compile(
    r"\s*(?:-\s?)?(?!and\b|or\b|vs\b|for\b|with\b|at\b|on\b)[^\W\d_]+(?!\w*\s*[=:])"
)
_FOLLOWING = re.compile(r"\s*-?\s?([^\W\d_]+)")
_BOUND = re.compile(r"\w*\s*[=:]")
_OF_A_SIZE = re.compile(r"\s*(?:-\s?)?(?:tok|active|param|expert)")
_SIZE = re.compile(r"[a-z]\d+(?:p\d+)?[a-z]?|\d+b")
_VERSION_NUMBER = re.compile(r"\d+(?:p\d+)?")
_WEAK = re.compile(r"[mv]\d+(?:p\d+)?")
_NO_VERSION = re.compile(r"(?:g?[hb]|a|mi|gb)\d{3}.*|[qhv]\d{1,2}|fy\d\d|p\d|ep\d*")

_OTHER_FAMILIES = frozenset(
    "chatgpt claude codestral devstral ernie gemini gemma gpt grok haiku hunyuan magistral ministral mistral mixtral "
    "olmo opus sonnet".split()
)
"""Families that people ask for and that no provider here sells; `gpt` alone is always unknown."""
_OTHER_VERSIONS = frozenset(
    "opus sonnet haiku pro flash mini nano large medium small turbo lite instant".split()
)
_OTHER_VERSION = re.compile(rf"\s*(?:-\s?)?(?:{'|'.join(sorted(_OTHER_VERSIONS))})\b")
_GLUED_VERSION = re.compile(r"(?!\.)[\w.-]*\w")
_NEXT_WORD = re.compile(r"[\s-]([\w.]*\w)")
_VERSION_WORD = re.compile(r"[a-z]{0,2}\d[\w.]*")
_ARTICLES = frozenset("a an any some my no".split())
_WORDLIKE = frozenset({"inkling", "ember", "muse"})
"""Families that are everyday words too: *an inkling* is none."""
_SUFFIXES = frozenset("fast turbo us spot ultrafast based s only".split())
"""What may be glued to a name without making it another (*k2.6-based*)."""
_LONGEST_NAME_ATOMS = 16
_LONGEST_SLIP_ATOMS = 10
_MOST_PIECES = 8
_PLACE_LENGTH = 200
_DIGITS_WITHIN_ATOMS = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of the text at `start`..`end` that names a model (`models` holds one), several, or an unknown one.

    `weak`: it counts only where nothing else in the text names a model (`m3`).
    """

    start: int
    end: int
    text: str
    models: tuple[str, ...] = ()
    weak: bool = False

    @property
    def key(self) -> str | None:
        return self.models[0] if len(self.models) == 1 else None


class Names:
    """Reads the mentions of a catalogue's models."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.keys = tuple(model.key for model in catalogue)
        brackets = ((model.key, _BRACKET.search(model.label)) for model in catalogue)
        self.windows = {key: found[1] for key, found in brackets if found}
        self.names = model_names(catalogue)

    def mentions(self, text: str) -> list[Mention]:
        """What names a model in the text, in order; those with `models` empty are unknown."""
        found = list(self._paths(text))
        paths = iter([*found])
        path = next(paths, None)
        scan = _Scan(text, self)
        skip_to = 0
        for index, (start, _) in enumerate(scan.spans):
            while path is not None and path.end <= start:
                path = next(paths, None)
            in_path = path is not None and path.start <= start
            if in_path or start < skip_to or not scan.starts_word(index):
                continue
            mention = scan.mention(index)
            if mention is not None:
                found.append(mention)
                skip_to = mention.end
        found.sort(key=lambda mention: mention.start)
        strong = any(not mention.weak for mention in found)
        return [mention for mention in found if not (mention.weak and strong)]

    def in_place(self, text: str, start: int) -> Mention:
        """What stands in a model's place at `start`: a mention, or the word there, unknown."""
        found = self._in_place(text[start : start + _PLACE_LENGTH])
        return replace(found, start=found.start + start, end=found.end + start)

    def _in_place(self, text: str) -> Mention:
        word = _PLACE.match(text)
        if word is None:
            return Mention(0, 0, "")
        at = word.start(1)
        path = next((mention for mention in self._paths(text) if mention.start == at), None)
        if path is not None:
            return path
        scan = _Scan(text, self)
        index = next((i for i, span in enumerate(scan.spans) if span[0] == at), None)
        mention = scan.mention(index, in_place=True) if index is not None else None
        return mention or Mention(at, word.end(1), word[1].rstrip(".!?:"))

    def _paths(self, text: str) -> Iterator[Mention]:
        """A provider's path names its model, known or not."""
        for match in _PATH.finditer(text) if "/" in text else ():
            path = match[0].rstrip(".-")
            lower = path.lower()
            owner, _, name = lower.partition("/")
            ours = owner in self.names.owners or owner == "accounts" or ":peft:" in lower
            key = self.names.paths.get(lower)
            if key is None and ours and ":peft:" not in lower:
                keys = self.names.whole.get(squash(name.rpartition("/")[2]), frozenset())
                key = next(iter(keys)) if len(keys) == 1 else None
            if key is not None or ours:
                yield Mention(match.start(), match.start() + len(path), path, (key,) if key else ())

    def problem(self, mention: Mention, *, hinted: bool = True) -> Problem:
        """What to say of a mention that does not name one model."""
        if not hinted and not mention.models:
            return Problem(code=ProblemCode.MODEL_UNKNOWN, text=mention.text)
        if mention.models:
            return Problem(
                code=ProblemCode.MODEL_AMBIGUOUS, text=mention.text, hint=", ".join(mention.models)
            )
        return Problem(
            code=ProblemCode.MODEL_UNKNOWN,
            text=mention.text,
            hint=", ".join(self._nearest(mention.text)),
        )

    def _nearest(self, text: str) -> list[str]:
        from rapidfuzz import fuzz, process  # slow to import, and needed only for a hint

        near = process.extract(
            squash(text), self.keys, scorer=fuzz.WRatio, processor=squash, limit=3, score_cutoff=60
        )
        return [key for key, _, _ in near] or list(self.keys[:4])


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a name at atoms up to `last`, with the models that hold it."""

    name: str
    holders: frozenset[str]
    end: int
    last: int

    @property
    def has_digit(self) -> bool:
        return any(character.isdigit() for character in self.name)


class _Scan:
    """One text as atoms, runs of letters and runs of digits; `gaps[i]` is what stands behind the i-th."""

    def __init__(self, text: str, of: Names) -> None:
        self.text = text
        lower = text.lower()
        # A capital that becomes two letters would shift every position behind it.
        self.lower = lower if len(lower) == len(text) else "".join(c.lower()[0] for c in text)
        self.names = of.names
        self.windows = of.windows
        self.keys = of.keys
        found = list(ATOM.finditer(self.lower))
        self.spans = [match.span() for match in found]
        self.atoms = [match[0] for match in found]
        self.gaps = [self.lower[a[1] : b[0]] for a, b in pairwise(self.spans)]
        self.gaps.append(self.lower[self.spans[-1][1] :] if self.spans else "")
        self.digits_ahead = self._digits_ahead()

    def _digits_ahead(self) -> list[int]:
        """How many atoms away the next digits of the same name could be."""
        ahead = [_DIGITS_WITHIN_ATOMS + 1] * (len(self.atoms) + 1)
        for i in range(len(self.atoms) - 1, -1, -1):
            joined = ahead[i + 1] + 1 if self.joins(i) else _DIGITS_WITHIN_ATOMS + 1
            ahead[i] = 0 if self.atoms[i].isdigit() else joined
        return ahead

    def starts_word(self, index: int) -> bool:
        start = self.spans[index][0]
        return start == 0 or not self.text[start - 1].isalnum()

    def joins(self, index: int) -> bool:
        return self.gaps[index] in ("", "-", "_", ".", " ", "/", "- ", " -", " (")

    def is_glued(self, index: int) -> bool:
        """Whether the atom is joined to the one before it without a space."""
        return index > 0 and self.gaps[index - 1] in ("", "-", "_", ".")

    def mention(self, index: int, *, in_place: bool = False) -> Mention | None:
        """What is named from this atom on; `in_place`: it stands where a model must."""
        if self.atoms[index].isdigit() and not in_place:
            return self._run_of_pieces(index, in_place=False) if self._is_size(index) else None
        begins = self.atoms[index] in self.names.starts
        return (
            (self._whole_name(index) if begins else None)
            or self._slip(index, in_place=in_place)
            or (self._run_of_pieces(index, in_place=in_place) if begins else None)
            or self._other_family(index)
        )

    def _is_size(self, index: int) -> bool:
        """Whether digits begin a size such as `120b`, the one piece that begins with them and names a model."""
        return not self.gaps[index] and index + 1 < len(self.atoms) and self.atoms[index + 1] == "b"

    def _spellings(self, index: int, most: int = _LONGEST_NAME_ATOMS) -> Iterator[tuple[int, str]]:
        """Ever longer spellings from the atom on, each ending where a word ends."""
        squashed = ""
        last_possible = min(index + most, len(self.atoms))
        for last in range(index, last_possible):
            atom = self.atoms[last]
            apart = last > index and self.gaps[last - 1] == " " and atom.isdigit()
            if (
                apart
                and squashed[-1:].isdigit()
                and not self.gaps[last]
                and last < len(self.atoms) - 1
            ):
                return  # *K2 5k episodes*
            squashed = with_atom(squashed, atom)
            if self.gaps[last] or last == len(self.atoms) - 1:
                yield last, squashed
            if not self.joins(last):
                return

    def _span(self, index: int, last: int, models: tuple[str, ...] = ()) -> Mention:
        start, end = self.spans[index][0], self.spans[last][1]
        if "(" in self.text[start:end] and self.text[end : end + 1] == ")":
            end += 1
        return Mention(start, end, self.text[start:end], models)

    # -- whole names -------------------------------------------------------------------------------

    def _whole_name(self, index: int) -> Mention | None:
        best: Mention | None = None
        for last, squashed in self._spellings(index):
            if self.atoms[last] in PATH_WORDS and not self.is_glued(last):
                break  # *kimi k2.6 fast*: a router's name, but here the path's
            keys = self.names.whole.get(squashed)
            if keys and len(keys) == 1 and self._may_end(index, last):
                best = self._span(index, last, tuple(keys))
        if (
            best is None
            or self._goes_on(best.end)
            or self._is_everyday_word(index, best.text.lower())
        ):
            return None
        return self._with_bracket(best)

    def _with_bracket(self, mention: Mention) -> Mention:
        """Behind a name, its label's bracket belongs to it: `Kimi K2.6 (128K)`."""
        window = next((self.windows[key] for key in mention.models if key in self.windows), None)
        if window is None:
            return mention
        pattern = rf"\s*(?:\(\s*{window}\s*\)|\s{window}\b(?!\s*[\w=:-]))"
        found = re.compile(pattern, re.IGNORECASE).match(self.text, mention.end)
        end = found.end() if found else mention.end
        return Mention(
            mention.start, end, self.text[mention.start : end], mention.models, mention.weak
        )

    def _is_everyday_word(self, index: int, name: str) -> bool:
        return name in _WORDLIKE and index > 0 and self.atoms[index - 1] in _ARTICLES

    def _goes_on(self, end: int) -> bool:
        """Whether the word goes on behind the name (`kimi-k2p6-large`): then it is another name."""
        tail = _GLUED_TAIL.match(self.lower, end)
        return bool(tail and _ON.match(self.lower, end) and tail[0].strip("-_.") not in _SUFFIXES)

    def _may_end(self, index: int, last: int) -> bool:
        """A number that stands apart and counts something (`glm 5 turns`) is no part of a name."""
        apart = last > index and not self.is_glued(last)
        if not (apart and self.atoms[last].isdigit()):
            return True
        return not self._counts(self.spans[last][1])

    def _counts(self, end: int) -> bool:
        """Whether the number that ends here counts what follows: a key, a unit, a letter glued to it."""
        word = _FOLLOWING.match(self.lower, end)
        if word is None or _BOUND.match(self.lower, word.end()):
            return False
        return word.start(1) == end or is_counted(word[1])

    def _slip(self, index: int, *, in_place: bool) -> Mention | None:
        hyphen = "-" in self.gaps[index : index + 2]
        if self.is_glued(index) or not (
            in_place or hyphen or self.digits_ahead[index] <= _DIGITS_WITHIN_ATOMS
        ):
            return None
        if not self.names.may_slip(self.atoms[index]):
            return None
        best: Mention | None = None
        first = self.atoms[index]
        inside: set[str] = set()  # a name with one more word at an end is that name
        for last, squashed in self._spellings(index, most=_LONGEST_SLIP_ATOMS):
            digits = " ".join(filter(str.isdigit, self.atoms[index : last + 1]))
            if digits or in_place or "-" in self.gaps[index:last]:
                near = self.names.near(squashed, digits) - inside - {squashed[len(first) :]}
            else:
                near = frozenset()
            inside |= {squashed, squashed[len(first) :]}
            keys = {key for name in near for key in self.names.forgiven[name]}
            if len(keys) == 1 and self._may_end(index, last):
                best = self._span(index, last, tuple(keys))
        return self._with_bracket(best) if best and not self._goes_on(best.end) else None

    # -- runs of pieces ----------------------------------------------------------------------------

    def _piece(self, index: int) -> _Piece | None:
        best: _Piece | None = None
        squashed = ""
        for last in range(index, min(index + 4, len(self.atoms))):
            if last > index and not self.is_glued(last):
                break
            squashed = with_atom(squashed, self.atoms[last])
            whole_word = bool(self.gaps[last]) or last == len(self.atoms) - 1
            if squashed in self.names.holders and (whole_word or squashed.isalpha()):
                best = _Piece(squashed, self.names.holders[squashed], self.spans[last][1], last)
        return best

    def _run_of_pieces(self, index: int, *, in_place: bool) -> Mention | None:
        pieces: list[_Piece] = []
        holders: frozenset[str] = frozenset()
        at = index
        while at < len(self.atoms) and len(pieces) < _MOST_PIECES and (piece := self._piece(at)):
            together = piece.holders & holders if pieces else piece.holders
            if not together or (pieces and not self._extends(pieces, piece, at)):
                break
            pieces.append(piece)
            holders, at = together, piece.last + 1
            if not self.joins(piece.last):
                break
        if not pieces or not self._names_something(index, pieces, in_place=in_place):
            return None
        return self._judged(index, pieces, holders, in_place=in_place)

    def _extends(self, pieces: list[_Piece], piece: _Piece, at: int) -> bool:
        if self.is_glued(at):
            return True
        if piece.name in EVERYDAY_PIECES:
            return any(p.has_digit for p in pieces)
        return not (_VERSION_NUMBER.fullmatch(piece.name) and self._counts(piece.end))

    def _names_something(self, index: int, pieces: list[_Piece], *, in_place: bool) -> bool:
        """A run needs a family or a piece such as `k2p6` or `120b`; a bare number or an everyday word is none."""
        if in_place:
            return any(not piece.name.isdigit() for piece in pieces)
        if any(piece.name in self.names.families for piece in pieces):
            return not (len(pieces) == 1 and self._is_everyday_word(index, pieces[0].name))
        if self.is_glued(index):
            return False
        size = next((piece for piece in pieces if _SIZE.fullmatch(piece.name)), None)
        if size is None or not size.name[0].isdigit():
            return size is not None
        before = self.lower[: self.spans[index][0]].rstrip()[-1:]
        return before not in ("=", "$") and _OF_A_SIZE.match(self.lower, size.end) is None

    def _judged(
        self, index: int, pieces: list[_Piece], holders: frozenset[str], *, in_place: bool
    ) -> Mention | None:
        span = self._span(index, pieces[-1].last)
        tail = self._foreign_tail(pieces)
        if tail is not None:
            return Mention(span.start, tail, self.text[span.start : tail])
        if [piece.name for piece in pieces] == ["gpt"]:
            return self._other_family(index)
        four = holders & self.names.four
        of_four = len(holders) > 1 and len(four) == 1 and any(piece.has_digit for piece in pieces)
        chosen = four if of_four else holders
        weak = not in_place and len(pieces) == 1 and _WEAK.fullmatch(pieces[0].name) is not None
        ordered = tuple(key for key in self.keys if key in chosen)
        return self._with_bracket(Mention(span.start, span.end, span.text, ordered, weak))

    def _foreign_tail(self, pieces: list[_Piece]) -> int | None:
        """Where a name goes on with something that its models do not hold (`kimi-k4`, `qwen 72b`): its end."""
        end = pieces[-1].end
        glued = _GLUED_TAIL.match(self.lower, end)
        if glued:
            return glued.end() if glued[0].strip("-_.") not in _SUFFIXES else None
        families = {piece.name for piece in pieces} <= self.names.families
        if not families and any(piece.has_digit for piece in pieces):
            return None
        spaced = _SPACED_VERSION.match(self.lower, end)
        if spaced is None or self._is_of_sentence(spaced, pieces):
            return None
        sizes = _MORE_SIZES.match(self.lower, spaced.end())
        return sizes.end() if sizes else spaced.end()

    def _is_of_sentence(self, spaced: re.Match[str], pieces: list[_Piece]) -> bool:
        """Whether what follows a family is no version of it: a GPU, a quarter, a number of something."""
        if spaced[1][0].isalpha():
            return _NO_VERSION.fullmatch(spaced[1]) is not None
        if spaced[1].isdigit() and pieces[0].name == "kimi":
            return True
        return _WORD_THAT_IS_COUNTED.match(self.lower, spaced.end()) is not None

    # -- other families ----------------------------------------------------------------------------

    def _other_family(self, index: int) -> Mention | None:
        """A family that is not covered, with whatever versions follow: `claude 3.5 sonnet`."""
        if self.atoms[index] not in _OTHER_FAMILIES:
            return None
        start, end = self.spans[index]
        glued = _GLUED_VERSION.match(self.lower, end)
        end = glued.end() if glued else end
        while (more := _NEXT_WORD.match(self.lower, end)) and self._is_version(more):
            end = more.end()
        return Mention(start, end, self.text[start:end])

    def _is_version(self, more: re.Match[str]) -> bool:
        if more[1] in _OTHER_VERSIONS:
            return True
        if _VERSION_WORD.fullmatch(more[1]) is None or more[1].endswith("k"):
            return False
        if _OTHER_VERSION.match(self.lower, more.end()):
            return True
        return more[1][0].isalpha() or _WORD_THAT_IS_COUNTED.match(self.lower, more.end()) is None
