"""What Fireworks' page calls a model: labels such as `Kimi K3 (US)`, and links, read as covered models and variants."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pricing.catalogue import Catalogue, Model


class Variant(StrEnum):
    """How a model is served, where a label says more than its name."""

    FAST = "fast"
    US = "us"
    SPOT = "spot"
    ULTRA_FAST = "ultrafast"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Named:
    """A covered model, by key, and the variants of it that a label or a link names."""

    model: str
    variants: frozenset[Variant]


_VARIANT_WORDS = {variant.value: variant for variant in Variant} | {"turbo": Variant.FAST}
_MOST_WORDS = 30
_SAYS_NOTHING = frozenset({"preview"})
# Words before a model's name. A name that begins with its family (DeepSeek, Qwen, MiniMax) keeps it in the catalogue:
# without it, "V4 Pro" would be anybody's.
_MAKERS = frozenset(
    {"openai", "moonshot", "moonshotai", "ai", "nvidia", "meta", "zhipu", "z.ai", "zai", "alibaba"}
)
_VENDORS = _MAKERS | {"deepseek", "qwen", "minimax", "thinking", "machines"}
_PRECISIONS = frozenset({"bf16", "fp8", "nvfp4", "mxfp4", "int4"})

_WINDOW = re.compile(r"\s*\(\d+[KM]\)$")
_ULTRA_FAST = re.compile(r"ultra[-‑]?fast")
_BETWEEN_WORDS = re.compile(r"[\s(),_\-‑]+")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_MODEL_LINK = re.compile(
    r"(?:/models/fireworks/|accounts/fireworks/(?:models|routers)/)([A-Za-z0-9._-]+)/?(?:[?#]|$)"
)


class Labels:
    """Finds covered models by what a page calls them; what is not understood to its last word is not guessed."""

    def __init__(self, catalogue: Catalogue) -> None:
        models = {(name, model.key) for model in catalogue for name in _names(model)}
        holders = Counter(name for name, _ in models)
        self._by_name = {name: key for name, key in models if holders[name] == 1}
        self._by_id = {
            tail: Named(model.key, _variants_of_id(tail))
            for model in catalogue
            for tail in (model.key, *map(_tail, model.fireworks_ids))
        }

    def of_label(self, label: str) -> Named | None:
        """The model of a label, where all its other words are variants; the longest name wins.

        Case, spaces, hyphens, brackets, `.` or `p` for the point and a maker in front make no difference; digits do.
        """
        words = _words(label)
        if len(words) > _MOST_WORDS:
            return None
        return self._named(words) or self._named(_without_maker(words, _VENDORS))

    def of_link(self, link: str) -> Named | None:
        """The model of a link to a model's page, by its exact id."""
        tail = id_of_link(link)
        return self._by_id.get(tail) if tail else None

    def _named(self, words: list[str]) -> Named | None:
        for end in range(len(words), 0, -1):
            key = self._by_name.get(_joined(words[:end]))
            if key is not None:
                variants = _variants(words[end:])
                return None if variants is None else Named(key, variants)
        return None


def id_of_link(link: str) -> str | None:
    """The id at the end of a link to a model's page; None for a link to anything else."""
    match = _MODEL_LINK.search(link)
    return match[1] if match else None


def page_label(model: Model) -> str:
    """A model's label as a price page has it: without the window that ours may carry."""
    return _WINDOW.sub("", model.label)


def _names(model: Model) -> Iterator[str]:
    """What may stand for a model: label, key and ids, each without a precision and a maker as well."""
    tails = (_without_variants(_words(_tail(id_))) for id_ in model.fireworks_ids)
    for words in (_words(page_label(model)), _words(model.key), *tails):
        precise = words[:-1] if words[-1] in _PRECISIONS else words
        for shape in (words, precise):
            yield _joined(shape)
            yield _joined(_without_maker(shape, _MAKERS))


def _tail(id_: str) -> str:
    return id_.rpartition("/")[2]


def _words(text: str) -> list[str]:
    lowered = _ULTRA_FAST.sub(Variant.ULTRA_FAST, text.lower())
    return [word for word in _BETWEEN_WORDS.split(lowered) if word]


def _joined(words: list[str]) -> str:
    """A name without what spellings differ in. Figures stay apart: `Qwen3 8B` is not `Qwen 38B`."""
    joined = ""
    for word in words:
        apart = joined[-1:].isdigit() and word[0].isdigit()
        joined += ("|" if apart else "") + _POINT.sub("p", word)
    return joined


def _without_maker(words: list[str], makers: frozenset[str]) -> list[str]:
    start = 0
    while start < len(words) - 1 and words[start] in makers:
        start += 1
    return words[start:]


def _without_variants(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and words[end - 1] in _VARIANT_WORDS:
        end -= 1
    return words[:end]


def _variants(words: list[str]) -> frozenset[Variant] | None:
    """The variants that words name; None where one of them is no such word."""
    rest = _ULTRA_FAST.sub(Variant.ULTRA_FAST, "-".join(words)).split("-") if words else []
    said = [word for word in rest if word not in _SAYS_NOTHING]
    if any(word not in _VARIANT_WORDS for word in said):
        return None
    return frozenset(_VARIANT_WORDS[word] for word in said)


def _variants_of_id(tail: str) -> frozenset[Variant]:
    words = _words(tail)
    return _variants(words[len(_without_variants(words)) :]) or frozenset()
