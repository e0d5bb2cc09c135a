"""What is to be known of solutions: of the paths that they speak of, and nothing that holds for one run of many alone."""

from collections.abc import Iterator

from bot.answers import ModelAnswer
from bot.estimates import PricedRun, caveats_resting_on
from bot.path_caveats import narrowed
from bot.requests.request import Field
from bot.solving.question import Question
from engine.caveats import (
    BillingPath,
    Caveat,
    ContextOverflow,
    DefaultsUsed,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    PhasesOverlap,
    ReplicasScaleLinearly,
)

Paths = frozenset[BillingPath]


def caveats_of_solutions(
    questions: list[Question],
    entries: list[ModelAnswer],
    runs: list[PricedRun],
    defaults: tuple[Field, ...],
) -> tuple[Caveat, ...]:
    """What matters to the solutions, those of all models together."""
    found = [
        caveat
        for question, entry, run in zip(questions, entries, runs, strict=True)
        for caveat in _of_solutions(question, entry, run)
    ]
    if len(runs) > 1:  # of which model, such amounts do not say
        found = [caveat for caveat in found if not isinstance(caveat, IdealPrefixCache)]
    own = [DefaultsUsed(fields=defaults) if isinstance(c, DefaultsUsed) else c for c in found]
    return tuple(dict.fromkeys((*_replicas(entries), *own)))


def _of_solutions(question: Question, entry: ModelAnswer, run: PricedRun) -> Iterator[Caveat]:
    """Amounts and windows of one number of turns say little about the others."""
    asked = _asked(question, entry)
    for caveat in caveats_resting_on(entry.solved_quotes, run, question.asking):
        if isinstance(caveat, PhasesOverlap):
            continue  # each solution has its own band
        if question.field is Field.TURNS and _of_one_number_of_turns(caveat):
            continue
        if own := narrowed(caveat, asked):
            yield own


def _asked(question: Question, entry: ModelAnswer) -> Paths:
    """The paths that the solutions speak of; where none was named also those that have no amount, which is to be known."""
    if not question.paths and question.field is not Field.GPUS:
        return frozenset(BillingPath)
    return frozenset(path for s in entry.solutions for path in (s.path, s.against) if path)


def _of_one_number_of_turns(caveat: Caveat) -> bool:
    if isinstance(caveat, NotOffered):
        return isinstance(caveat.reason, ContextOverflow)
    return isinstance(caveat, IdealPrefixCache | OverflowDiffers)


def _replicas(entries: list[ModelAnswer]) -> Iterator[Caveat]:
    """That so many clusters are so many times as fast is taken for granted."""
    for entry in entries:
        plan = entry.quote(BillingPath.DEDICATED).cluster
        for solution in entry.solutions:
            if solution.field is not Field.GPUS or not (solution.value and plan and plan.gpus):
                continue
            if solution.value > plan.gpus:
                replicas = solution.value // plan.gpus
                yield ReplicasScaleLinearly(replicas=replicas, cluster_gpus=plan.gpus)
