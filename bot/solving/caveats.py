"""What is to be known of solutions: of the paths that they speak of, and nothing that holds for one run of many alone."""

from collections.abc import Iterator
from dataclasses import replace

from bot.answers import ModelAnswer
from bot.estimates import PricedRun
from bot.requests.request import Field
from bot.solving.question import Question
from engine.caveats import (
    BillingPath,
    Caveat,
    ConflictingSources,
    ContextOverflow,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)
from pricing.doubts import rate_doubts

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
    asked, asking = _asked(question, entry), question.asking
    quotes = [quote for quote in run.entry.quotes if quote.path in asked]
    doubts = rate_doubts(quotes, book=asking.book, on=asking.as_of, today=asking.today)
    for caveat in run.caveats:
        if isinstance(caveat, PhasesOverlap):
            continue  # each solution has its own band
        if question.field is Field.TURNS and _of_one_number_of_turns(caveat):
            continue
        if isinstance(caveat, ConflictingSources) and caveat not in doubts:
            continue
        if narrowed := _narrowed(caveat, asked):
            yield narrowed


def _asked(question: Question, entry: ModelAnswer) -> Paths:
    """The paths that the solutions speak of; where none was named also those that have no amount, which is to be known."""
    if not question.paths and question.field is not Field.GPUS:
        return frozenset(BillingPath)
    return frozenset(path for s in entry.solutions for path in (s.path, s.against) if path)


def _of_one_number_of_turns(caveat: Caveat) -> bool:
    if isinstance(caveat, NotOffered):
        return isinstance(caveat.reason, ContextOverflow)
    return isinstance(caveat, IdealPrefixCache | OverflowDiffers)


def _narrowed(caveat: Caveat, asked: Paths) -> Caveat | None:
    """A caveat as it stands for the paths asked for; None where it is about others."""
    match caveat:
        case NotOffered() | WindowUnknown() | StaleRates() | ServerlessBaseModelOnly():
            paths = tuple(path for path in caveat.paths if path in asked)
            return replace(caveat, paths=paths) if paths else None
        case HeldForReview() | UncertainStart():
            return caveat if caveat.path in asked else None
        case IdealPrefixCache(usd_without_hits=amounts):
            kept = tuple(amount for amount in amounts if amount[0] in asked)
            return replace(caveat, usd_without_hits=kept) if kept else None
        case OverflowDiffers(windows=windows):
            own = tuple(window for window in windows if window[0] in asked)
            return replace(caveat, windows=own) if len({size for _, size in own}) > 1 else None
        case SaturatedThroughput() | FixedThroughput() | ThroughputUnusual():
            return caveat if BillingPath.DEDICATED in asked else None
        case _:
            return caveat


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
