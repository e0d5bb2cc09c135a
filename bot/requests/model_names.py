"""The vocabulary of model names: whole names, the pieces of names and who holds them, and names one slip away.

`Qwen3.5-397B-A17B` is one whole name, squashed to `qwen3p5397ba17b`, and the pieces `qwen`, `3p5`, `397b`, `a17b`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.published import PUBLISHED_MODELS
from pricing.catalogue import Catalogue, Model

ATOM = re.compile(r"[^\W\d_]+|\d+")
"""Names are compared as runs of letters and runs of digits; what stands between two does not matter."""

_LETTERS_THEN_NUMBER = re.compile(r"([a-z]{2,})(\d.*)")
_VERSION_PIECE = re.compile(r"([a-z]\d+)p\d+")
_LABEL_WINDOW = re.compile(r"\s*\(\d+K\)")
_NOT_PIECES = frozenset("bf16 nvfp4 nvidia vl fast turbo spot us ultrafast exp".split())
_SLIP_MIN_LETTERS = 4

EVERYDAY_PIECES = frozenset("base code max open plus pro small super".split())
"""Pieces that are everyday words: they extend a name only behind a number or a hyphen."""

_PLAIN_PIECES = EVERYDAY_PIECES | frozenset("flash instruct spark thinking ultra vision".split())
"""Pieces that never name a model by themselves."""


def squash(name: str) -> str:
    """One spelling for all: `Kimi K2.6`, `kimi_k2p6` and `kimi-k2-6` are `kimik2p6`."""
    return squash_atoms(ATOM.findall(name.lower()))


def squash_atoms(atoms: Iterable[str]) -> str:
    """Atoms as one word; between two runs of digits stands the `p` of a version."""
    squashed = ""
    for atom in atoms:
        squashed = with_atom(squashed, atom)
    return squashed


def with_atom(squashed: str, atom: str) -> str:
    """A squashed name and the atom behind it."""
    return (
        f"{squashed}p{atom}" if squashed[-1:].isdigit() and atom[0].isdigit() else squashed + atom
    )


def digits_of(squashed: str) -> str:
    """The numbers of a squashed name, in order; they must match exactly."""
    return " ".join(re.findall(r"\d+", squashed))


def one_left_out(name: str) -> Iterator[str]:
    """The name, and the name with each letter left out: two names one slip apart share one of these."""
    yield name
    for i, character in enumerate(name):
        if not character.isdigit():
            yield name[:i] + name[i + 1 :]


def is_one_slip(a: str, b: str) -> bool:
    """Whether one letter changed, left out or added, or two neighbours swapped, makes `a` of `b`."""
    if digits_of(a) != digits_of(b) or abs(len(a) - len(b)) > 1:
        return False
    same = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rest_a, rest_b = a[same:], b[same:]
    if len(a) != len(b):
        longer, shorter = (rest_a, rest_b) if len(a) > len(b) else (rest_b, rest_a)
        return longer[1:] == shorter
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])


def bare_label(model: Model) -> str:
    """The label without the window in its bracket."""
    return _LABEL_WINDOW.sub("", model.label)


@dataclass(frozen=True, slots=True)
class ModelNames:
    """What every spelling means. `four`: the calculator's models, which win a piece with a number in it."""

    four: frozenset[str]
    whole: dict[str, frozenset[str]]
    forgiven: dict[str, frozenset[str]]
    paths: dict[str, str]
    owners: frozenset[str]
    holders: dict[str, frozenset[str]]
    families: frozenset[str]
    starts: frozenset[str]
    slips: dict[str, dict[str, frozenset[str]]]
    slip_lengths: dict[str, frozenset[int]]
    slip_starts: frozenset[str]

    def may_slip(self, atom: str) -> bool:
        """Whether a name one slip away may begin with this atom."""
        return not self.slip_starts.isdisjoint(one_left_out(atom))

    def near(self, squashed: str, digits: str) -> frozenset[str]:
        """The whole names that this spelling, with these numbers in it, is or is one slip from."""
        if len(squashed) not in self.slip_lengths.get(digits, ()):
            return frozenset()
        same_digits = self.slips[digits]
        names = {
            name for spelling in one_left_out(squashed) for name in same_digits.get(spelling, ())
        }
        return frozenset(name for name in names if name == squashed or is_one_slip(squashed, name))


def model_names(catalogue: Catalogue) -> ModelNames:
    """The vocabulary of a catalogue."""
    whole: dict[str, set[str]] = {}
    holders: dict[str, set[str]] = {}
    paths: dict[str, str] = {}
    forgiven: dict[str, set[str]] = {}
    starts: set[str] = set()
    for model in catalogue:
        for name in _whole_names(model):
            whole.setdefault(squash(name), set()).add(model.key)
            starts.add(ATOM.findall(name.lower())[0])
        paths |= {path.lower(): model.key for path in _paths(model)}
        for piece in _pieces(model):
            holders.setdefault(piece, set()).add(model.key)
            starts.add(ATOM.findall(piece)[0])
        for name in (model.key, bare_label(model), model.key.partition("-")[2]):
            if sum(map(str.isalpha, squash(name))) >= _SLIP_MIN_LETTERS:
                forgiven.setdefault(squash(name), set()).add(model.key)
    four = frozenset(PUBLISHED_MODELS)
    _hold_major_versions(holders, four)
    slips, lengths = _slips(forgiven)
    return ModelNames(
        four=four,
        whole={name: frozenset(keys) for name, keys in whole.items()},
        forgiven={name: frozenset(keys) for name, keys in forgiven.items()},
        paths=paths,
        owners=frozenset(
            path.partition("/")[0] for path in paths if not path.startswith("accounts/")
        ),
        holders={piece: frozenset(keys) for piece, keys in holders.items()},
        families=frozenset(p for p in holders if p.isalpha() and len(p) > 2) - _PLAIN_PIECES,
        starts=frozenset(starts),
        slips=slips,
        slip_lengths=lengths,
        slip_starts=frozenset(
            spelling
            for start in _first_letters(catalogue, forgiven)
            for spelling in one_left_out(start)
        ),
    )


def _first_letters(catalogue: Catalogue, squashed: Iterable[str]) -> Iterator[str]:
    """What names begin with: `gpt` of `gpt-oss-120b`, and `gptoss` where its hyphens are left out."""
    for model in catalogue:
        for name in (model.key, model.key.partition("-")[2]):
            yield from ATOM.findall(name.lower())[:1]
    for name in squashed:
        yield ATOM.findall(name)[0]


def _whole_names(model: Model) -> Iterator[str]:
    yield model.key
    yield bare_label(model)
    for path in _paths(model):
        yield path.rpartition("/")[2].partition(":")[0]


def _paths(model: Model) -> Iterator[str]:
    for variant in model.tinker:
        yield variant.id
        yield variant.id.partition(":")[0]
    yield from model.fireworks_ids


def _pieces(model: Model) -> Iterator[str]:
    names = [
        model.key,
        bare_label(model),
        *(variant.id.rpartition("/")[2].partition(":")[0] for variant in model.tinker),
    ]
    names += [path.rpartition("/")[2] for path in model.fireworks_ids if "/models/" in path]
    for name in names:
        for word in re.split(r"[\s_-]+", re.sub(r"(?<=\d)\.(?=\d)", "p", name.lower())):
            split = _LETTERS_THEN_NUMBER.fullmatch(word.strip("()."))
            pieces = split.groups() if split else (word.strip("()."),)
            yield from (piece for piece in pieces if piece and word not in _NOT_PIECES)


def _hold_major_versions(holders: dict[str, set[str]], four: frozenset[str]) -> None:
    """`k2` is held by each of the four that is a k2 point something, so that it stays ambiguous."""
    for piece, keys in list(holders.items()):
        version = _VERSION_PIECE.fullmatch(piece)
        if version and keys & four:
            holders.setdefault(version[1], set()).update(keys & four)


def _slips(
    names: Iterable[str],
) -> tuple[dict[str, dict[str, frozenset[str]]], dict[str, frozenset[int]]]:
    """By the digits of a name: every spelling with a letter left out, and the lengths worth looking at."""
    spellings: dict[str, dict[str, set[str]]] = {}
    lengths: dict[str, set[int]] = {}
    for name in names:
        digits = digits_of(name)
        lengths.setdefault(digits, set()).update((len(name) - 1, len(name), len(name) + 1))
        same_digits = spellings.setdefault(digits, {})
        for spelling in one_left_out(name):
            same_digits.setdefault(spelling, set()).add(name)
    frozen = {
        d: {s: frozenset(n) for s, n in by_spelling.items()} for d, by_spelling in spellings.items()
    }
    return frozen, {digits: frozenset(found) for digits, found in lengths.items()}
