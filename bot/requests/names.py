"""Model names: which models a text mentions, and which pieces stand in a model's place without being one.

A name is read as *pieces*: `Qwen3.5-397B-A17B` is `qwen`, `3p5`, `397b`, `a17b`. A mention is a run of pieces
that stand side by side and that at least one model holds together; it means the model whose whole name it is,
else the only model that holds it, else the only one of the calculator's four that does, if a piece has a number.
Digits match exactly; one typing slip in the letters of a whole name is forgiven where only one model is that near.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from pricing.catalogue import Catalogue, Model

from .request import Problem, ProblemCode

_ATOM = re.compile(r"[^\W\d_]+|\d+")
_LETTER_THEN_NUMBER = re.compile(r"([a-z]{2,})(\d.*)")
_NUMBER_PIECE = re.compile(r"[a-z]?\d+(?:p\d+)*[a-z]?")
_PATH = re.compile(r"(?<![\w/.:-])[\w.-]+(?:/[\w.-]+)+(?::peft:\d+)?")
_VERSION_WORD = re.compile(r"[a-z]{0,2}\d[\w.]*")

_OTHER_FAMILIES = frozenset(
    "chatgpt claude codestral devstral ernie gemini gemma grok haiku hunyuan magistral ministral mistral "
    "mixtral olmo opus sonnet".split()
)
"""Families that people ask for and that no provider here sells."""

_OTHER_VERSIONS = frozenset("opus sonnet haiku pro flash mini nano large medium small turbo lite instant".split())
_EVERYDAY_PIECES = frozenset("base code max open plus pro small super".split())
"""Pieces that are everyday words: they extend a name only behind a number or a hyphen."""

_PLAIN_WORDS = _EVERYDAY_PIECES | frozenset("exp flash instruct spark thinking ultra vision".split())
"""Pieces that never name a model by themselves."""

_ARTICLES = frozenset("a an any some my no".split())
_WORDLIKE = frozenset({"inkling", "ember", "muse"})
"""Families that are everyday words too: *an inkling* is none."""

_NOT_PIECES = frozenset("bf16 nvfp4 nvidia vl fast turbo spot us ultrafast exp".split())
_SLIP_MIN_LETTERS = 4
_LONGEST_NAME_ATOMS = 16


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of the text at `start`..`end` that names a model (`models` holds one), several, or an unknown one."""

    start: int
    end: int
    text: str
    models: tuple[str, ...] = ()
    weak: bool = False

    @property
    def key(self) -> str | None:
        return self.models[0] if len(self.models) == 1 else None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a name, with the models that hold it."""

    name: str
    holders: frozenset[str]
    start: int
    end: int
    last_atom: int


@dataclass(slots=True)
class _Scan:
    """A text as atoms: runs of letters, runs of digits; the string between two says whether they join."""

    text: str
    lower: str
    spans: list[tuple[int, int]]
    atoms: list[str]
    gaps: list[str]
    ends_word: list[bool]

    def starts_word(self, index: int) -> bool:
        start = self.spans[index][0]
        return start == 0 or not self.text[start - 1].isalnum()


def _scan(text: str) -> _Scan:
    lower = text.lower()
    lower = lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    spans = [m.span() for m in _ATOM.finditer(lower)]
    gaps = [lower[a[1] : b[0]] for a, b in pairwise(spans)] + [lower[spans[-1][1] :] if spans else ""]
    ends = [gap != "" or i == len(spans) - 1 for i, gap in enumerate(gaps)]
    return _Scan(text, lower, spans, [lower[a:b] for a, b in spans], gaps, ends)


def _squash(name: str) -> str:
    """One spelling for all: `Kimi K2.6`, `kimi_k2p6` and `kimi-k2-6` are `kimik2p6`."""
    found = list(_ATOM.finditer(name.lower()))
    joined = "".join(
        a[0] + ("p" if a[0][-1].isdigit() and b[0][0].isdigit() else "") for a, b in pairwise(found)
    )
    return joined + (found[-1][0] if found else "")


def _bare_label(model: Model) -> str:
    return re.sub(r"\s*\(\d+K\)", "", model.label)


def _names(model: Model) -> Iterator[str]:
    """Every whole name of a model, provider paths included."""
    yield model.key
    yield _bare_label(model)
    for variant in model.tinker:
        yield variant.id
        yield variant.id.partition(":")[0]
        yield variant.id.partition("/")[2].partition(":")[0]
    for path in model.fireworks_ids:
        yield path
        yield path.rpartition("/")[2]


def _pieces_of(model: Model) -> Iterator[str]:
    own = [model.key, _bare_label(model), *(v.id.partition("/")[2].partition(":")[0] for v in model.tinker)]
    own += [path.rpartition("/")[2] for path in model.fireworks_ids if "/models/" in path]
    for name in own:
        for word in re.split(r"[\s_-]+", re.sub(r"(?<=\d)\.(?=\d)", "p", name.lower())):
            word = word.strip("().")
            split = _LETTER_THEN_NUMBER.fullmatch(word)
            yield from (split[1], split[2]) if split and split[1] != "bf" else (word,)


def _near(name: str) -> Iterator[str]:
    """The name with each letter left out: two names one slip apart share one of these, or one is the other's."""
    yield name
    for i, character in enumerate(name):
        if not character.isdigit():
            yield name[:i] + name[i + 1 :]


def _digits(squashed: str) -> str:
    return " ".join(re.findall(r"\d+", squashed))


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter changed, left out or added, or two neighbours swapped, makes `a` of `b`."""
    if _digits(a) != _digits(b) or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    tail_a, tail_b = a[start:], b[start:]
    if len(a) != len(b):
        longer, shorter = (tail_a, tail_b) if len(a) > len(b) else (tail_b, tail_a)
        return longer[1:] == shorter
    return tail_a[1:] == tail_b[1:] or (tail_a[:2] == tail_b[1::-1] and tail_a[2:] == tail_b[2:])


@dataclass(slots=True)
class Names:
    """The vocabulary of model names of a catalogue."""

    catalogue: Catalogue
    four: frozenset[str] = frozenset()
    _whole: dict[str, set[str]] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)
    _holders: dict[str, frozenset[str]] = field(default_factory=dict)
    _families: frozenset[str] = frozenset()
    _slips: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _slip_lengths: dict[str, set[int]] = field(default_factory=dict)
    _owners: frozenset[str] = frozenset()

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Names":
        names = cls(catalogue, frozenset(m.key for m in catalogue if m.cluster is not None))
        holders: dict[str, set[str]] = {}
        for model in catalogue:
            names._add_names(model)
            for piece in _pieces_of(model):
                if piece and piece not in _NOT_PIECES:
                    holders.setdefault(piece, set()).add(model.key)
        names._add_versions(holders)
        names._holders = {piece: frozenset(keys) for piece, keys in holders.items()}
        names._owners = frozenset(path.partition("/")[0] for path in names._paths if not path.startswith("accounts"))
        names._families = frozenset(p for p in holders if p.isalpha() and len(p) > 2) - _PLAIN_WORDS
        return names

    def _add_names(self, model: Model) -> None:
        for name in _names(model):
            squashed = _squash(name)
            self._whole.setdefault(squashed, set()).add(model.key)
            if "/" in name:
                self._paths[name.lower()] = model.key
        for name in (model.key, _bare_label(model), model.key.partition("-")[2]):
            squashed = _squash(name)
            if sum(c.isalpha() for c in squashed) >= _SLIP_MIN_LETTERS:
                same_digits = self._slips.setdefault(_digits(squashed), {})
                lengths = self._slip_lengths.setdefault(_digits(squashed), set())
                lengths.update(len(squashed) + difference for difference in (-1, 0, 1))
                for near in _near(squashed):
                    same_digits.setdefault(near, set()).add(squashed)

    def _add_versions(self, holders: dict[str, set[str]]) -> None:
        """`k2` is held by whoever is a k2 point something, so that it stays ambiguous."""
        for piece in [p for p in holders if _NUMBER_PIECE.fullmatch(p) and "p" in p[1:]]:
            major = piece.partition("p")[0]
            if not major.isdigit() and (four := holders[piece] & self.four):
                holders.setdefault(major, set()).update(four)

    # -- reading -----------------------------------------------------------------------------------

    def mentions(self, text: str) -> list[Mention]:
        """What names a model in the text, in order; pieces with `models` empty are unknown."""
        scan = _scan(text)
        found = list(self._path_mentions(text))
        taken = [(m.start, m.end) for m in found]
        index = 0
        while index < len(scan.atoms):
            start = scan.spans[index][0]
            inside = next((end for begin, end in taken if begin <= start < end), None)
            mention = None if inside or not scan.starts_word(index) else self._mention_at(scan, index)
            if mention:
                found.append(mention)
            end = inside or (mention.end if mention else scan.spans[index][1])
            index += 1
            while index < len(scan.atoms) and scan.spans[index][0] < end:
                index += 1
        found.sort(key=lambda m: m.start)
        strong = any(not m.weak for m in found)
        return [m for m in found if not (m.weak and strong)]

    def _path_mentions(self, text: str) -> Iterator[Mention]:
        if "/" not in text:
            return
        for match in _PATH.finditer(text):
            path = match[0].rstrip(".-")
            span = (match.start(), match.start() + len(path))
            key = self._paths.get(path.lower())
            if key is None and ("models/" in path.lower() or "routers/" in path.lower()):
                key = next(iter(self._whole.get(_squash(path.rpartition("/")[2]), ())), None)
                yield Mention(*span, path, (key,) if key else ())
            elif key is not None:
                yield Mention(*span, path, (key,))
            elif (owner := path.partition("/")[0].lower()) in self._owners or ":peft:" in path:
                whole = self._whole.get(_squash(path.partition("/")[2])) if owner in self._owners else None
                yield Mention(*span, path, tuple(whole) if whole and len(whole) == 1 else ())

    def at(self, text: str, start: int, *, until: int) -> Mention:
        """What stands in a model's place at `start`: a mention, or the word there, unknown."""
        scan = _scan(text[:until])
        index = next((i for i, span in enumerate(scan.spans) if span[0] >= start), None)
        word = re.compile(r"\s*([^\s,;|\"'()\[\]{}]+)").match(text, start, until)
        path = next((m for m in self._path_mentions(text[:until]) if m.start == (word.start(1) if word else -1)), None)
        if path:
            return path
        if index is not None and word and scan.spans[index][0] < word.end():
            mention = self._mention_at(scan, index, in_place=True)
            if mention and mention.start == word.start(1):
                return mention
        if word is None:
            return Mention(start, start, "")
        return Mention(word.start(1), word.end(1), word[1].rstrip(".!?:"))

    def _mention_at(self, scan: _Scan, index: int, *, in_place: bool = False) -> Mention | None:
        return (
            self._whole_name(scan, index)
            or self._slip(scan, index, in_place=in_place)
            or self._run_of_pieces(scan, index, in_place=in_place)
            or self._other_family(scan, index)
        )

    def _joins(self, scan: _Scan, index: int) -> bool:
        return scan.gaps[index] in ("", "-", "_", ".", " ", "/", "- ", " -") or scan.gaps[index] == " ("

    def _windows(self, scan: _Scan, index: int) -> Iterator[tuple[int, str]]:
        """Ever longer spellings from `index` on, each ending where a word ends."""
        squashed = ""
        for last in range(index, min(index + _LONGEST_NAME_ATOMS, len(scan.atoms))):
            squashed += ("p" if squashed[-1:].isdigit() and scan.atoms[last][0].isdigit() else "") + scan.atoms[last]
            if scan.ends_word[last]:
                yield last, squashed
            if not self._joins(scan, last):
                return

    def _whole_name(self, scan: _Scan, index: int) -> Mention | None:
        best: Mention | None = None
        for last, squashed in self._windows(scan, index):
            keys = self._whole.get(squashed)
            if keys and len(keys) == 1 and self._may_end(scan, index, last):
                best = self._mention(scan, index, last, tuple(keys))
        if best is None or self._is_everyday_word(scan, index, best) or self._glued_on(scan, best.end):
            return None
        end = self._bracket_end(scan, best, best.models)
        return Mention(best.start, end, scan.text[best.start : end], best.models)

    def _is_everyday_word(self, scan: _Scan, index: int, mention: Mention) -> bool:
        before = scan.atoms[index - 1] if index else ""
        return mention.text.lower() in _WORDLIKE and before in _ARTICLES

    def _mention(self, scan: _Scan, index: int, last: int, models: tuple[str, ...]) -> Mention:
        start, end = scan.spans[index][0], scan.spans[last][1]
        if "(" in scan.text[start:end] and scan.text[end : end + 1] == ")":
            end += 1
        return Mention(start, end, scan.text[start:end], models)

    def _glued_on(self, scan: _Scan, end: int) -> bool:
        """Whether the word goes on behind the name (`kimi-k2p6-large`): then it is another name."""
        return re.match(r"[-_./]?\w|[-_]\w", scan.lower[end : end + 2]) is not None and bool(
            re.match(r"[-_]?[^\W_]|\.[^\W\d_]*\d", scan.lower[end : end + 3])
        )

    def _may_end(self, scan: _Scan, index: int, last: int) -> bool:
        """A number that stands apart and counts something (`glm 5 turns`) is no part of a name."""
        apart = last > index and scan.gaps[last - 1] in (" ", "- ", " -", " (")
        if not (apart and scan.atoms[last].isdigit()):
            return True
        return re.match(r"\s*(?:-\s?)?[^\W\d_]", scan.lower[scan.spans[last][1] :]) is None

    def _slip(self, scan: _Scan, index: int, *, in_place: bool) -> Mention | None:
        best: Mention | None = None
        first = scan.atoms[index]
        exact: set[str] = set()
        for last, squashed in self._windows(scan, index):
            exact.update((squashed, squashed[len(first) :]))
            digits = _digits(squashed)
            spelled_out = in_place or "-" in scan.gaps[index:last]
            same_digits = self._slips.get(digits) if digits or spelled_out else None
            if same_digits is None or len(squashed) not in self._slip_lengths[digits]:
                continue
            near = {name for slip in _near(squashed) for name in same_digits.get(slip, ())}
            near = {name for name in near if name not in exact and _one_slip(squashed, name)}
            keys = {key for name in near for key in self._whole.get(name, ())}
            keys |= {key for name in near for key in self._by_tail(name)}
            if len(keys) == 1 and self._may_end(scan, index, last) and self._piece_free(scan, index):
                best = self._mention(scan, index, last, tuple(keys))
        return best if best and not self._glued_on(scan, best.end) else None

    def _by_tail(self, squashed: str) -> set[str]:
        """The models whose key without its family is this (`oss-120b`)."""
        return {m.key for m in self.catalogue if _squash(m.key.partition("-")[2]) == squashed}

    def _piece_free(self, scan: _Scan, index: int) -> bool:
        """A slip begins a name: it is not looked for inside a word that a hyphen joins to the one before."""
        return index == 0 or scan.gaps[index - 1] not in ("-", "_", ".")

    # -- runs of pieces ----------------------------------------------------------------------------

    def _piece_at(self, scan: _Scan, index: int) -> _Piece | None:
        best: _Piece | None = None
        squashed = ""
        for last in range(index, min(index + 4, len(scan.atoms))):
            if last > index and scan.gaps[last - 1] not in ("", ".", "-", "_"):
                break
            squashed += ("p" if squashed[-1:].isdigit() and scan.atoms[last][0].isdigit() else "") + scan.atoms[last]
            glued_next = not scan.ends_word[last]
            if squashed in self._holders and not (glued_next and not squashed.isalpha()):
                best = _Piece(squashed, self._holders[squashed], scan.spans[index][0], scan.spans[last][1], last)
        return best

    def _run_of_pieces(self, scan: _Scan, index: int, *, in_place: bool) -> Mention | None:
        pieces: list[_Piece] = []
        holders: frozenset[str] = frozenset()
        at = index
        while at < len(scan.atoms) and (piece := self._piece_at(scan, at)):
            together = piece.holders & holders if pieces else piece.holders
            if not together or not self._extends(scan, pieces, piece, at):
                break
            pieces.append(piece)
            holders = together
            at = piece.last_atom + 1
            if not self._joins(scan, at - 1):
                break
        if not pieces:
            return None
        return self._judge(scan, index, pieces, holders, in_place=in_place)

    def _extends(self, scan: _Scan, pieces: list[_Piece], piece: _Piece, at: int) -> bool:
        if not pieces:
            return True
        glued = scan.gaps[at - 1] in ("", "-", "_", ".")
        if piece.name in _EVERYDAY_PIECES and not glued:
            return any(any(c.isdigit() for c in p.name) for p in pieces)
        if piece.name[0].isdigit() and piece.name[-1].isdigit() and not glued:
            return not self._counts_something(scan, piece)
        return True

    def _counts_something(self, scan: _Scan, piece: _Piece) -> bool:
        """Whether a number piece that stands apart is a number of the sentence: `glm 5 turns`."""
        after = scan.lower[piece.end :]
        if piece.name.isdigit() or re.fullmatch(r"\d+p\d+", piece.name):
            return re.match(r"\s*(?:-\s?)?[^\W\d_]+(?!\w*\s*[=:])", after) is not None and not self._name_goes_on(after)
        before = scan.lower[: piece.start].rstrip()[-1:]
        return before in ("=", "$") or re.match(r"\s*(?:-\s?)?tok", after) is not None

    def _name_goes_on(self, after: str) -> bool:
        word = re.match(r"[\s-]*([\w.]+)", after)
        return bool(word) and _squash(word[1]) in self._holders if word else False

    def _judge(
        self, scan: _Scan, index: int, pieces: list[_Piece], holders: frozenset[str], *, in_place: bool
    ) -> Mention | None:
        names = {p.name for p in pieces}
        if not self._names_something(scan, index, pieces, in_place=in_place):
            return None
        span = self._mention(scan, index, pieces[-1].last_atom, ())
        tail = self._foreign_tail(scan, pieces, names)
        if tail is not None:
            return Mention(span.start, tail, scan.text[span.start : tail])
        if names == {"gpt"}:
            return self._other_family(scan, index) or span
        with_number = any(any(c.isdigit() for c in name) for name in names)
        four = holders & self.four
        chosen = holders if len(holders) == 1 else four if with_number and len(four) == 1 else holders
        end = self._bracket_end(scan, span, chosen)
        ordered = tuple(m.key for m in self.catalogue if m.key in chosen)
        weak = len(pieces) == 1 and re.fullmatch(r"[mv]\d+(p\d+)?", pieces[0].name) is not None
        return Mention(span.start, end, scan.text[span.start : end], ordered, weak and not in_place)

    def _names_something(self, scan: _Scan, index: int, pieces: list[_Piece], *, in_place: bool) -> bool:
        """A run needs a family or a piece such as `k2p6` or `120b`; a bare number or an everyday word is none."""
        if in_place:
            return any(not p.name.isdigit() for p in pieces)
        first = pieces[0]
        if any(p.name in self._families for p in pieces):
            before = scan.atoms[index - 1] if index else ""
            return not (first.name in _WORDLIKE and len(pieces) == 1 and before in _ARTICLES)
        if index and scan.gaps[index - 1] in ("-", "_", ".") and scan.atoms[index - 1].isalnum():
            return False
        sizes = [p for p in pieces if re.fullmatch(r"[a-z]\d+(?:p\d+)?[a-z]?|\d+b", p.name)]
        return bool(sizes) and not (sizes[0].name[0].isdigit() and self._counts_something(scan, sizes[0]))

    def _foreign_tail(self, scan: _Scan, pieces: list[_Piece], names: set[str]) -> int | None:
        """Where a name goes on with something that its models do not hold (`kimi-k4`, `qwen 72b`): its end."""
        end = pieces[-1].end
        glued = re.compile(r"(?:[-_]|\.(?=\w))[\w.-]*\w|[^\W_]+[\w.-]*").match(scan.lower, end)
        if glued:
            return glued.end() if not self._is_suffix(glued[0]) else None
        if any(any(c.isdigit() for c in name) for name in names) and not names <= self._families:
            return None
        spaced = re.compile(r"\s([a-z]{1,2}\d[\w.]*|\d+(?:\.\d+)?b|\d+\.\d+|\d)(?![\w,]|[.-]\d)").match(scan.lower, end)
        if spaced is None or self._number_of_sentence(scan, spaced, names):
            return None
        rest = re.compile(r"(?:[\s-](?:\d+b|[a-z]\d+b)\b)*").match(scan.lower, spaced.end())
        return rest.end() if rest else spaced.end()

    def _is_suffix(self, glued: str) -> bool:
        return glued.strip("-_.") in ("fast", "turbo", "us", "spot", "based", "s", "ultrafast", "only")

    def _number_of_sentence(self, scan: _Scan, spaced: re.Match[str], names: set[str]) -> bool:
        word = spaced[1]
        if word[0].isalpha():
            return re.fullmatch(r"(?:g?[hb]|a|mi|gb)\d{3}.*|[qhv]\d{1,2}|fy\d\d|p\d|ep\d*", word) is not None
        if "kimi" in names and word.isdigit():
            return True
        return re.match(r"\s*(?:-\s?)?(?!and\b|or\b|vs\b|for\b|with\b|at\b|on\b)[^\W\d_]+(?!\w*\s*[=:])", scan.lower[spaced.end() :]) is not None

    def _bracket_end(self, scan: _Scan, span: Mention, keys: Iterable[str]) -> int:
        """Behind a name, its label's bracket belongs to it: `Kimi K2.6 (128K)`."""
        for key in keys:
            bracket = re.search(r"\((\d+K)\)", self.catalogue.get(key).label)
            if bracket:
                found = re.compile(rf"\s*(?:\(\s*{bracket[1]}\s*\)|\s{bracket[1]}\b(?!\s*[\w=:-]))", re.I).match(scan.text, span.end)
                if found:
                    return found.end()
        return span.end

    def _other_family(self, scan: _Scan, index: int) -> Mention | None:
        """A family that is not covered, with whatever versions follow: `claude 3.5 sonnet`."""
        word = scan.atoms[index]
        start, end = scan.spans[index]
        if word != "gpt" and word not in _OTHER_FAMILIES:
            return None
        glued = re.compile(r"[\w.-]*\w").match(scan.lower, end)
        end = glued.end() if glued and scan.lower[end] != "." else end
        following = re.compile(r"[\s-]([\w.]*\w)")
        while (more := following.match(scan.lower, end)) and self._is_version(scan, more):
            end = more.end()
        return Mention(start, end, scan.text[start:end])

    def _is_version(self, scan: _Scan, more: re.Match[str]) -> bool:
        if more[1] in _OTHER_VERSIONS:
            return True
        if not _VERSION_WORD.fullmatch(more[1]) or more[1][-1] == "k":
            return False
        counts = re.match(r"\s*(?:-\s?)?(?!sonnet|opus|haiku|pro|flash|mini|and\b|vs\b|or\b)[^\W\d_]+(?!\w*\s*[=:])", scan.lower[more.end() :])
        return not (more[1][0].isdigit() and counts)

    # -- problems ----------------------------------------------------------------------------------

    def problem(self, mention: Mention) -> Problem:
        """What to say of a mention that does not name one model."""
        if mention.models:
            return Problem(code=ProblemCode.MODEL_AMBIGUOUS, text=mention.text, hint=", ".join(mention.models))
        return Problem(code=ProblemCode.MODEL_UNKNOWN, text=mention.text, hint=", ".join(self._nearest(mention.text)))

    def _nearest(self, text: str) -> list[str]:
        from rapidfuzz import fuzz, process  # 28 ms to import, and needed only for a hint

        keys = [model.key for model in self.catalogue]
        near = process.extract(_squash(text), keys, scorer=fuzz.WRatio, processor=_squash, limit=3, score_cutoff=60)
        return [key for key, _, _ in near] or keys[:4]
