"""Where a text speaks of a path or a model, in order: the words for paths, and lists of what is mentioned together.

*Standard*, *priority* and *fast* are words for other things too, and *dedicated* and *serverless* describe other things:
what stands around a mention (paths.py) tells whether the path is meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .phrases import MODEL

TINKER = "tinker"
STANDARD = "serverless_standard"
PRIORITY = "serverless_priority"
FAST = "serverless_fast"
DEDICATED = "dedicated"
PATHS = (TINKER, STANDARD, PRIORITY, FAST, DEDICATED)
_SERVERLESS = (STANDARD, PRIORITY, FAST)

PATH_WORDS = frozenset(
    "tinker serverless standard priority fast dedicated demand fireworks".split()
)
"""A text without one of these names no path."""
_NAMED = {
    "tinker": (TINKER,),
    "fireworks": (*_SERVERLESS, DEDICATED),
    "serverless": (STANDARD,),
    "dedicated": (DEDICATED,),
    "on-demand": (DEDICATED,),
    "standard": (STANDARD,),
    "priority": (PRIORITY,),
    "fast": (FAST,),
}
_BARE = frozenset(("standard", "priority", "fast"))
_MODE = r"(?:standard|priority|fast)"
_MENTION = re.compile(
    rf"{MODEL}"
    rf"|(?<![\w/=-])(?:(?:fireworks(?: ai)?(?: |'s ))?serverless[ -](?P<mode>{_MODE})"
    rf"|fireworks(?: ai)?(?: |-|'s )(?P<of_fireworks>{_MODE}|serverless|dedicated|on-demand)"
    rf"|(?P<behind>{_MODE}) serverless"
    r"|(?P<name>tinker|fireworks(?: ai)?|serverless|dedicated|on-demand|standard|priority|fast))"
    r"(?:'s)?(?: (?:paths?|tiers?|modes?)\b)?(?![\w=]|-\w|\s?=)"
)
_JOINER = re.compile(
    r"(?!(?<=\bfast)\s+on )(?:\s*,\s*|\s*[/&+]\s*|\s+)(?:(?:and|or|nor|&|plus) )?(?:the |on |for |our )*"
)
"""*Price k2.6 fast on tinker* lists no two paths: a mode is on none."""
_LONGEST_JOINER = 24


@dataclass(frozen=True, slots=True)
class Mention:
    """A model, or the word for one path or several, at `start`..`end`. `bare`: the mode's name alone (*fast*).

    `word` is how it is said, `all_paths` what it means where it is not wanted: *no serverless* means none of its modes.
    """

    start: int
    end: int
    word: str = ""
    paths: tuple[str, ...] = ()
    bare: bool = False

    @property
    def is_model(self) -> bool:
        return not self.paths

    @property
    def all_paths(self) -> tuple[str, ...]:
        return _SERVERLESS if self.word == "serverless" else self.paths


def mentions(text: str) -> list[Mention]:
    """The models and words for paths in a text in lower case, where `phrases.MODEL` stands for each model."""
    return [_mention(match) for match in _MENTION.finditer(text)]


def _mention(match: re.Match[str]) -> Mention:
    if match[0] == MODEL:
        return Mention(*match.span())
    named = match["name"]
    if named:
        word = named.partition(" ")[0]
        bare = word in _BARE and not match[0].endswith(
            ("path", "paths", "tier", "tiers", "mode", "modes")
        )
        return Mention(*match.span(), word, _NAMED[word], bare)
    word = match["mode"] or match["of_fireworks"] or match["behind"]
    return Mention(*match.span(), word, _NAMED[word])


def listed(text: str, found: Sequence[Mention]) -> list[list[Mention]]:
    """What is mentioned together: *k2.5 and tinker*, *standard, priority and fast*."""
    lists: list[list[Mention]] = []
    for mention in found:
        if lists and _are_joined(text, lists[-1][-1].end, mention.start):
            lists[-1].append(mention)
        else:
            lists.append([mention])
    return lists


def _are_joined(text: str, end: int, start: int) -> bool:
    return start - end <= _LONGEST_JOINER and _JOINER.fullmatch(text, end, start) is not None
