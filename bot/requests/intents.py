"""Which question a text asks, as far as its words tell: the models and values that it names are not looked at."""

import re
from dataclasses import dataclass

from . import phrases as say
from .exclusions import excluded
from .fields import aliases, squash
from .path_words import mentions
from .paths import SaidPaths, said_paths
from .request import Field, Intent

# `shapes` is asked for by a whole text, which beside.py reads.
_NO_FIRST_WORD = (Intent.HELP, Intent.NONE, Intent.SHAPES)
_FIRST_WORDS = {
    **{intent.value: intent for intent in Intent if intent not in _NO_FIRST_WORD},
    "price": Intent.ESTIMATE,
    "cost": Intent.ESTIMATE,
    "quote": Intent.ESTIMATE,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of a text ask for.

    `first_word`: the intent whose name comes first; `sentence`: the one that the sentence asks for. `estimate`: it
    speaks of a price; `estimate_asked`: it asks for one. `sweep`: it wants the values side by side. `also` adds the
    models and paths named, `with_one` adds one. `unsolvable`: the words for what is asked for and cannot be worked out, with
    the field that they name; `dropped`: the fields that are taken back without their key. `why`: the text asks, of an
    answer before it, what its figures rest on. `unwanted`: which of the models mentioned, counted from 0, are not meant.
    """

    first_word: Intent | None
    sentence: Intent | None
    compare: bool
    compare_word: bool
    all_models: bool
    sweep: bool
    estimate: bool
    estimate_asked: bool
    help: bool
    also: bool
    with_one: bool
    start_over: bool
    solve_for: Field | None
    unsolvable: tuple[str, Field | None] | None
    why: bool
    dropped: tuple[Field, ...]
    paths: SaidPaths
    unwanted: frozenset[int]
    action: str | None


def asked(lower: str) -> Asked:
    """Reads the words of a text in lower case, in which `phrases.MODEL` stands for each model."""
    words = _Words(lower.replace("_", " "))
    first, solve_for = words.first_word(), words.solve_for()
    sentence = words.sentence(solve_for)
    mentioned = mentions(words.text)
    unwanted = excluded(words.text, mentioned, words.present)
    models = [mention for mention in mentioned if mention.is_model]
    return Asked(
        first_word=first,
        sentence=sentence,
        compare=words.say(say.COMPARE),
        compare_word=words.say(say.COMPARE_WORD),
        all_models=words.say(say.ALL_MODELS),
        sweep=words.say(say.SWEEP),
        estimate=words.say(say.ESTIMATE),
        estimate_asked=words.say(say.ESTIMATE_ASKED),
        help=words.say(say.HELP),
        also=words.say(say.ALSO),
        with_one=words.say(say.WITH_ONE),
        start_over=words.say(say.START_OVER),
        solve_for=solve_for,
        unsolvable=words.unsolvable(),
        why=words.say(say.WHY),
        dropped=words.dropped(),
        paths=said_paths(words.text, words.present, mentioned, unwanted),
        unwanted=frozenset(at for at, model in enumerate(models) if model in unwanted),
        action=words.action() if Intent.DIGEST in (first, sentence) else None,
    )


def is_known(word: str) -> bool:
    """Whether a word has its place in the language as the name, or a part of the name, of an intent."""
    words = _Words(word.replace("_", " "))
    if word in ("model", "models") or words.first_word() or words.sentence(words.solve_for()):
        return True
    greeting = say.GREETING.match(words.text)
    if greeting and greeting.end() == len(words.text):
        return True
    return words.say(say.ESTIMATE) or words.say(say.COMPARE) or words.say(say.HELP)


class _Words:
    """A text and the set of its words."""

    __slots__ = ("present", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.present = say.words_of(text)

    def say(self, phrases: say.Phrases) -> bool:
        return phrases.found(self.text, self.present)

    def first_word(self) -> Intent | None:
        greeting = say.GREETING.match(self.text)
        rest = self.text[greeting.end() :] if greeting else self.text
        word = re.match(r"[a-z]+(?![\w-])", rest)
        if word is None or word[0] not in _FIRST_WORDS or say.OTHER_FIRST_WORDS.match(rest):
            return None
        intent = _FIRST_WORDS[word[0]]
        if intent is Intent.ESTIMATE and word[0] != "estimate" and say.RATES.pattern.match(rest):
            return Intent.RATES  # *price per token*
        return intent

    def sentence(self, solve_for: Field | None) -> Intent | None:
        """The intent that the sentence asks for; of several the first in the language's order."""
        if self.say(say.DIGEST):
            return Intent.DIGEST
        if say.EXPLAIN.found(say.NOT_EXPLAIN.without(self.text, self.present), self.present):
            return Intent.EXPLAIN
        if solve_for is not None:
            return Intent.SOLVE
        if self.say(say.PAR) or self.say(say.LIMITS):
            return Intent.LIMITS
        rates_word = say.RATES_WORD.found(
            say.OTHER_RATES.without(self.text, self.present), self.present
        )
        return Intent.RATES if rates_word or self.say(say.RATES) else None

    def solve_for(self) -> Field | None:
        """The field whose value is asked for; *how many GPUs at par* are limits."""
        if self.say(say.CROSS):
            return Field.TURNS
        if self.say(say.HOW_MANY[Field.EPISODES]) or self.say(say.AFFORD):
            return Field.EPISODES
        par = self.say(say.PAR)
        if self.say(say.HOW_MANY[Field.GPUS]):
            return None if par else Field.GPUS
        if self.say(say.HOW_MANY[Field.TURNS]):
            return Field.TURNS
        named = say.SOLVE_WHAT.match(self.text)
        if named:
            return next(
                (f for f, thing in say.COUNTED.items() if re.fullmatch(thing, named[2])), None
            )
        return None if par else self._number_asked()

    def unsolvable(self) -> tuple[str, Field | None] | None:
        """*Solve for the budget*, *how many turns fit*: what cannot be solved for, and the field that it is."""
        fits = say.FITS.first(self.text, self.present)
        if fits and not say.BUDGET.search(self.text):
            return fits[0], Field.TURNS
        named = say.SOLVE_WHAT.match(self.text)
        for spelled in (named[1], named[2]) if named else ():
            field = aliases().get(squash(spelled))
            if field in say.COUNTED:
                return None
            if field or spelled in say.FIGURES:
                return spelled, field
        return None

    def dropped(self) -> tuple[Field, ...]:
        """The fields that are taken back without their key (*no time limit*)."""
        return tuple(field for field, phrases in say.TAKEN_BACK.items() if self.say(phrases))

    def _number_asked(self) -> Field | None:
        if self.say(say.NUMBER_OF[Field.EPISODES]) and say.BUDGET.search(self.text):
            return Field.EPISODES
        if self.say(say.NUMBER_OF[Field.GPUS]) and say.TIME.search(self.text):
            return Field.GPUS
        return None

    def action(self) -> str | None:
        """What to do about a digest."""
        return next(
            (name for name, pattern in say.DIGEST_ACTIONS.items() if pattern.search(self.text)),
            None,
        )
