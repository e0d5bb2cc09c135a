"""Which paths a text asks for, and which of them a follow-up is about.

A path that is only spoken of (*they run everything on Tinker*) narrows nothing: an answer about all paths is never wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .path_context import AROUND_PATHS, Clauses, asks_for, is_compared
from .path_words import PATH_WORDS, PATHS, Mention, listed
from .phrases import MODEL, Phrases, words_of


@dataclass(frozen=True, slots=True)
class SaidPaths:
    """`named` in order of mention. `excluded` are not meant; `every`: all of them are, where none is named.

    `asked`: the text asks for paths, where others only chat about them.
    """

    named: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    every: bool = False
    asked: bool = False

    def after(self, before: tuple[str, ...], *, also: bool, with_one: bool) -> tuple[str, ...]:
        """The paths of a request that had `before`; empty for all of them.

        `also` adds the paths named to those, `with_one` adds one.
        """
        old = () if self.every else before
        if self.excluded:
            kept = tuple(path for path in old if path not in self.excluded)
            others = tuple(path for path in PATHS if path not in self.excluded)
            old = kept if kept or self.named else others
        added = also or (with_one and len(self.named) == 1)
        return tuple(dict.fromkeys((*old, *self.named))) if added or not self.named else self.named


def said_paths(
    text: str, present: frozenset[str], mentions: Sequence[Mention], unwanted: frozenset[Mention]
) -> SaidPaths:
    """The paths of a text in lower case with these words and mentions, of which some are not meant."""
    every = _EVERY.found(text, present)
    if present.isdisjoint(PATH_WORDS):
        return SaidPaths(every=every, asked=every and _asks_for_paths(text))
    clauses = Clauses(text)
    wanted = [m for m in mentions if m not in unwanted]
    named = dict.fromkeys(path for m in _asked(clauses, wanted) for path in m.paths)
    not_meant = [m for m in mentions if m in unwanted and not clauses.tells(m.start)]
    excluded = {path for m in not_meant for path in m.all_paths} - named.keys()
    said = bool(named or excluded or every)
    return SaidPaths(
        named=tuple(named),
        excluded=tuple(path for path in PATHS if path in excluded),
        every=every,
        asked=said and _asks_for_paths(text),
    )


def _asked(clauses: Clauses, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The paths that are asked for; of one clause all or none, so that no half of a comparison narrows the answer."""
    judged = [
        (paths, clauses.of(paths[0].start), asks_for(clauses, paths))
        for together in listed(clauses.text, mentions)
        for is_model, paths in _by_kind(together)
        if not is_model
    ]
    halves = {clause for paths, clause, asks in judged if asks and is_compared(clauses, paths)}
    told = {
        clause
        for paths, clause, asks in judged
        if not asks and (not paths[0].bare or clause in halves)
    }
    for paths, clause, asks in judged:
        if asks and clause not in told:
            yield from paths


def _by_kind(together: Sequence[Mention]) -> Iterator[tuple[bool, list[Mention]]]:
    for is_model, group in groupby(together, key=lambda mention: mention.is_model):
        yield is_model, list(group)


def _asks_for_paths(text: str) -> bool:
    """Whether a text about paths asks something, or says nothing but paths, question words and filler."""
    if "?" in text:
        return True
    return MODEL not in text and not _DIGIT.search(text) and words_of(text) <= AROUND_PATHS


_DIGIT = re.compile(r"\d")
_EVERY = Phrases(
    "path paths",
    r"\b(?:all|any|every|each)(?: of)?(?: the| these| your)?(?: five| other)? paths?\b",
)
