"""What a text says beside models and fields: presets, the list of them, and a file to export the answer to.

Read before everything else and taken out of the text, so that no digit of `terminal-50` counts and no part of
`deep-research-kimi` names a model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from pricing.shapes import presets

from .exclusions import is_led
from .export_words import without_export
from .fields import aliases, is_counted, squash
from .phrases import MODEL
from .request import Problem, ProblemCode

_MOST_HINTS = 8
_MOST_AROUND = 12
"""Spaces in a text that may be about the beginning of some presets and nothing else."""
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """`text` is what remains to be read. `named`: the presets named, each once; `dropped`: one is not wanted any more.

    `listing`: the presets are asked for, those that begin with `prefix` if there is one.
    """

    text: str
    named: tuple[str, ...] = ()
    dropped: bool = False
    unknown: tuple[Problem, ...] = ()
    listing: bool = False
    prefix: str | None = None
    export: str | None = None

    @property
    def says_something(self) -> bool:
        return bool(self.named or self.dropped or self.unknown or self.export)

    @property
    def preset(self) -> str | None:
        """The preset that is wanted, where it is one."""
        return self.named[0] if len(self.named) == 1 else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        if len(self.named) < 2:
            return self.unknown
        first, second = self.named[:2]
        two = Problem(code=ProblemCode.VALUE_CONFLICT, text=second, hint=first)
        return (two, *self.unknown)


def beside(text: str) -> Beside:
    """Takes out of a normalised text what it says beside models and fields."""
    lower = text.lower()
    rest, export = without_export(text)
    named: tuple[str, ...] = ()
    unknown: tuple[Problem, ...] = ()
    dropped = False
    if "preset" in lower or "shape" in lower or any(head in lower for head in _vocabulary().heads):
        rest, named, dropped, unknown = _without_presets(rest)
    changed = rest is not text
    found = Beside(
        text=_SPACES.sub(" ", rest).strip() if changed else text,
        named=named,
        dropped=dropped,
        unknown=unknown,
        export=export,
    )
    return _listed(found) if "shapes" in lower or "presets" in lower else found


def _without_presets(text: str) -> tuple[str, tuple[str, ...], bool, tuple[Problem, ...]]:
    """The text without its presets, those that are meant, whether one is not meant any more, and what is none."""
    found = list(_names_in(text))
    meant = [name for match, name in found if not is_led(text, match.start())]
    text = _cut(text, [match.span() for match, _ in found])
    text, removed = _REMOVED.subn(" ", text)
    in_place = list(_IN_PLACE.finditer(text))
    unknown = [_unknown(match[1]) for match in in_place]
    text = _cut(text, [match.span() for match in in_place])
    hyphened = (m for m in _NAME_LIKE.finditer(text) if "-" in m[0] or "_" in m[0])
    almost = [m for m in islice(hyphened, _MOST_HYPHENED) if _is_almost_a_name(m)]
    unknown += [_unknown(match[0]) for match in almost]
    text = _cut(text, [match.span() for match in almost])
    dropped = removed > 0 or len(meant) < len(found)
    return text, tuple(dict.fromkeys(meant)), dropped, tuple(unknown)


def shared_prefix(text: str) -> tuple[str, str] | None:
    """The beginning that several presets share, and the text without it; None where it can be no more than a word."""
    found = _vocabulary().beginning.search(text)
    if found is None or text.count(" ") > _MOST_AROUND:
        return None
    prefix = re.sub(r"[ _]+", "-", found[0].lower())
    return prefix, f"{text[: found.start()]} {text[found.end() :]}".strip()


def says_nothing_else(text: str) -> bool:
    """Whether nothing but models, `key=value` and filler is left of a text, with `phrases.MODEL` for each model."""
    words = _WORD.findall(_PAIR.sub(" ", text.replace(MODEL, " ")))
    return all(word in _AROUND_A_PREFIX for word in words)


def prefix_problem(prefix: str) -> Problem:
    """Several presets begin so: which one is meant is for whoever asks to say."""
    names = [shape.name for shape in presets().beginning(prefix)]
    return Problem(code=ProblemCode.VALUE_INVALID, text=prefix, hint=", ".join(names[:_MOST_HINTS]))


# -- presets ---------------------------------------------------------------------------------------------

_SPACES = re.compile(r"[^\S\n]{2,}")
_WORD = re.compile(r"[^\W\d](?:[\w-]*\w)?")
_PAIR = re.compile(r"(?:--)?[\w-]+\s?[=:]\s?[^\s,;]+")
_AROUND_A_PREFIX = frozenset(
    "a about an and but compare cost estimate explain for how instead limits on please pls preset price rates same shape "
    "solve sweep the then try what with".split()
)
_REMOVED = re.compile(
    r"\b(?:without|drop|remove|no|forget|clear|skip|ignore|lose)\s+(?:(?:the|that|this|our|any|a)\s+)?preset\b",
    re.IGNORECASE,
)
"""*Without the preset*."""
_IN_PLACE = re.compile(
    r"(?<![\w-])(?:--preset(?:\s*=\s*|\s+)|preset\s?=\s?)[\"']?([^\s,;\"'=]+)[\"']?", re.IGNORECASE
)
"""What stands where a preset must, and is none."""
_NAME_LIKE = re.compile(r"(?<![\w/=.-])[^\W\d_][\w-]*\w(?![\w/=-])")
_MOST_HYPHENED = 8
"""Words with hyphens of a text that are looked at for a slip in a preset's name; a typed request has few."""
_ALMOST = 0.9
"""How alike a word and a preset's name are, of 1, for the name to be meant (`swe-pro-sonet45`)."""
_BEFORE_A_NAME = re.compile(
    r"(?:^\W*|[,;:(|\n]\s*|\b(?:on|as|preset|shape|use|using|try|price|compare|rates|limits|explain|vs|\S*\d\S*)\s+)$",
    re.IGNORECASE,
)
_BEHIND_A_NAME = re.compile(
    r"\s*(?:$|[,;:.!?)|\n])|\s+(?:\S*\d|(?:on|for|at|with|and|vs|please)\b)", re.IGNORECASE
)
_LONGEST_BEFORE = 32
_LEAST_WORDS = 3
"""Words that make a name of words with spaces (*long read tool*); two are everyday ones (*manus agent*)."""
_KEY = r"(?:(?:(?<![\w-])--)?[\"']?\b(?:preset|shape)[\"']?(?:\s?[=:]\s?|\s+)[\"']?|(?<![\w/=.\-]))"
_END = r"(?!\w|[-./]\w|\s?=)(?:\s?:(?=\s))?"
_VERSION_OF_A_MODEL = re.compile(r"[ _-]?(?:k\d|\d[.p]\d)", re.IGNORECASE)
_NUMBER_APART = re.compile(r" \d+$")
_NEXT_WORD = re.compile(r"\s?-?\s?([^\W\d_]+)(?!\w*\s?[=:])")


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """`heads`: words of which a text must hold one to name a preset; `beginning`: that of several names."""

    pattern: re.Pattern[str]
    by_letters: dict[str, str]
    heads: tuple[str, ...]
    beginning: re.Pattern[str]
    beginnings: frozenset[str]


@cache
def _vocabulary() -> _Vocabulary:
    names = [shape.name for shape in presets()]
    beginnings = [
        "-".join(name.split("-")[:most])
        for name in names
        for most in range(1, len(name.split("-")))
    ]
    spellings = "|".join(_spelling(name) for name in sorted(names, key=len, reverse=True))
    several = sorted({name for name in beginnings if beginnings.count(name) > 1}, reverse=True)
    shared = "|".join(name.replace("-", "[ _-]") for name in several)
    return _Vocabulary(
        pattern=re.compile(rf"{_KEY}({spellings}){_END}", re.IGNORECASE),
        by_letters={_letters(name): name for name in names},
        heads=tuple(dict.fromkeys(name.partition("-")[0] for name in names)),
        beginning=re.compile(rf"(?<![\w/=.-])(?:{shared})(?![\w/=-])", re.IGNORECASE),
        beginnings=frozenset(beginnings),
    )


def _letters(name: str) -> str:
    return re.sub(r"[ _.-]", "", name.lower())


def _spelling(name: str) -> str:
    """`swe-pro-sonnet45` with its hyphens in any form, as `SWE pro Sonnet 4.5` too."""
    return r"[ _-]{0,3}".join(
        re.sub(r"(?<=[a-z])\d+", lambda digits: r"[ _-]?" + r"\.?".join(digits[0]), piece)
        for piece in name.split("-")
    )


def _names_in(text: str) -> Iterator[tuple[re.Match[str], str]]:
    known = _vocabulary()
    for match in known.pattern.finditer(text):
        if not _counts(match[1], text, match.end(1)):
            yield match, known.by_letters[_letters(match[1])]


def _counts(name: str, text: str, end: int) -> bool:
    """Whether the words only look like a name: *the terminal 50 turns*, *deep research kimi k2.6*, *our manus agent*."""
    if " " not in name:
        return False
    if name.lower().endswith("kimi") and _VERSION_OF_A_MODEL.match(text, end):
        return True
    word = _NEXT_WORD.match(text, end)
    behind = word[1].lower() if word else ""
    if _NUMBER_APART.search(name):
        return is_counted(behind)
    words = name.lower().split()
    of_key = squash(words[-1] + behind) if behind else ""
    everyday = len(words) < _LEAST_WORDS and not any(map(str.isdigit, name))
    return everyday or of_key in aliases() or is_counted(behind)


def _is_almost_a_name(word: re.Match[str]) -> bool:
    """Whether a word with hyphens is a preset's name with a slip in it, or the beginning of one where a name stands."""
    name = word[0].lower().replace("_", "-")
    known = _vocabulary()
    parts = name.split("-")
    if parts[0] not in known.heads or known.beginning.fullmatch(name):
        return False
    if name in known.beginnings:
        long = len(parts) > 2 or any(character.isdigit() for character in name)
        return long and _stands_as_name(word)
    from difflib import get_close_matches

    return bool(get_close_matches(name, known.by_letters.values(), n=1, cutoff=_ALMOST))


def _stands_as_name(word: re.Match[str]) -> bool:
    """Whether a word is no adjective of the next (*a Search-R1 style agent*) and no part of a sentence."""
    text, start, end = word.string, word.start(), word.end()
    before = _BEFORE_A_NAME.search(text, max(0, start - _LONGEST_BEFORE), start)
    return before is not None and _BEHIND_A_NAME.match(text, end) is not None


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text


def _unknown(said: str) -> Problem:
    """What stands in a preset's place: the beginning of several names, or like some."""
    prefix = said.lower().replace("_", "-").strip("-")
    if prefix in _vocabulary().beginnings:
        return prefix_problem(prefix)
    from rapidfuzz import process  # slow to import, and needed only for a hint

    near = process.extract(said.lower(), [shape.name for shape in presets()], limit=_NEAREST)
    hint = ", ".join(name for name, _, _ in near)
    return Problem(code=ProblemCode.VALUE_INVALID, text=said, hint=hint)


# -- the list --------------------------------------------------------------------------------------------

_NOUN = r"(?:(?:the|all|all the|your|any|available|preset|episode|published)\s)*(?:shapes|presets)"
_LISTING = re.compile(
    rf"\W*(?:(?:please|pls|hi|hello|hey|rlcost|ok|and|can you|could you)\W+)*"
    rf"(?:(?:list|show|see|give|tell|print)(?:\s(?:me|us))?\s)?"
    rf"(?:(?:which|what)(?:\s(?:kinds? of|are|is))?\s)?{_NOUN}"
    r"(?:\s(?:(?:are|is)\s)?(?:there|available|covered|known)(?:\sare)?|\s(?:do|can)\s(?:you|i|we)\s(?:have|know|use|name)"
    r"|\s(?:exist|are there))?"
    r"(?:\s(?:(?:of|for|like|with|beginning with|called)\s)?(?P<prefix>[a-z][a-z0-9_ -]*?))?(?:[\s,]+(?:please|pls|thanks))?\W*",
    re.IGNORECASE,
)


_LIST_OF = re.compile(r"\W*(?:(?:list|show)\s)?(?:shapes|presets)\s([\w-]+)\W*", re.IGNORECASE)
"""Nothing but the list of those that begin so."""


def _listed(found: Beside) -> Beside:
    """*Shapes, list presets, which shapes are there, shapes swe-pro*: the whole text, or it is none."""
    match = _LISTING.fullmatch(found.text)
    if match is None:
        return found
    said = match["prefix"] or (found.unknown[0].text if found.unknown else "")
    named = found.named[0] if found.named else None
    prefix = re.sub(r"[ _]+", "-", said.lower())
    completed = prefix if prefix in _vocabulary().beginnings else _completed(prefix)
    if not prefix or completed:
        return Beside(
            text="", listing=True, prefix=completed if prefix else named, export=found.export
        )
    if found.unknown:
        return replace(found, listing=True, text="")
    asked = _LIST_OF.fullmatch(found.text)
    if asked is None:
        return found
    return replace(found, listing=True, text="", unknown=(_unknown(asked[1]),))


def _completed(prefix: str) -> str | None:
    """The beginning in whole words of the presets that begin so (*swe-pro-sonnet*), where there is only one."""
    whole = {
        "-".join(shape.name.split("-")[: prefix.count("-") + 1])
        for shape in presets()
        if shape.name.startswith(prefix)
    }
    return whole.pop() if len(whole) == 1 else None
