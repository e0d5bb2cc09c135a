"""The working of an answer: the steps of each path of each model, with the caveats that belong beside each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, priced_run
from bot.instead import one_value_each
from bot.requests.request import Field, Request, several_values
from bot.steps import Name, PathWorking, Step, at_par_steps, cluster_bill, token_bill, token_counts
from bot.verdicts import Explained
from engine.caveats import (
    BillingPath,
    Caveat,
    DecodeExceedsAdded,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)
from engine.costs import DedicatedEstimate, TokenEstimate
from engine.workload import Workload
from pricing.quotes import Quote


def explained(request: Request, asking: Asking) -> Answer:
    """The answer to a question for the working, of each model named. One run is worked out: of several values of a
    field the first, and the verdict says which."""
    fields = one_value_each(request.fields)
    narrowed = {field: fields[field] for field in several_values(request.fields)}
    models = [asking.catalogue.get(key) for key in request.models]
    runs = [priced_run(fields, model, asking, paths=request.paths) for model in models]
    first = runs[0]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Explained(runs=tuple(run.verdict for run in runs), narrowed=narrowed),
        workload=first.workload,
        defaults=tuple(f for f in Field if any(f in run.defaults for run in runs)),
        models=tuple(_with_working(run) for run in runs),
        caveats=tuple(dict.fromkeys(caveat for run in runs for caveat in run.caveats)),
    )


def _with_working(run: PricedRun) -> ModelAnswer:
    return replace(run.entry, working=working_of(run.entry, run.workload, run.caveats))


def working_of(
    entry: ModelAnswer, workload: Workload, caveats: Sequence[Caveat]
) -> tuple[PathWorking, ...]:
    """What all paths of a model share, then each path with an amount."""
    shared = PathWorking(path=None, steps=tuple(_beside(token_counts(workload), caveats)))
    return (shared, *_path_workings(entry, workload, caveats))


def _path_workings(
    entry: ModelAnswer, workload: Workload, caveats: Sequence[Caveat]
) -> Iterator[PathWorking]:
    for quote in entry.quotes:
        estimate = quote.priced.estimate
        steps: list[Step] = []
        if isinstance(estimate, TokenEstimate):
            steps = list(token_bill(estimate, workload, quote.card))
        elif isinstance(estimate, DedicatedEstimate):
            steps = list(cluster_bill(estimate, quote.card))
            tinker = entry.quote(BillingPath.TINKER).priced.estimate
            if entry.at_par and tinker:
                steps += at_par_steps(entry.at_par, tinker.usd, estimate)
        if steps:
            beside = tuple(_beside(steps, caveats, quote))
            yield PathWorking(path=quote.path, steps=beside)


def _beside(
    steps: Sequence[Step] | Iterator[Step], caveats: Sequence[Caveat], quote: Quote | None = None
) -> Iterator[Step]:
    """Each step with the caveats that belong to it."""
    for step in steps:
        own = tuple(c for c in caveats if _concerns(c, step.name, quote))
        yield replace(step, caveats=own)


_AMOUNTS = (Name.RUN, Name.OVERLAPPING)


def _concerns(caveat: Caveat, name: Name, quote: Quote | None) -> bool:
    """Whether a caveat is about this figure of a path; what is about all of them stands below."""
    match caveat:
        case IdealPrefixCache():
            return name is Name.CACHED or name in _AMOUNTS
        case DecodeExceedsAdded():
            return name is Name.DECODED
        case OverflowDiffers() | WindowUnknown():
            return name is Name.PEAK
        case SaturatedThroughput() | ReplicasScaleLinearly():
            return name is Name.WALL_CLOCK
        case ThroughputUnusual(field=field):
            return name is (Name.PREFILL if field == "prompt_tps" else Name.DECODE)
        case FixedThroughput():
            return name is Name.MOST_GPUS
        case NotOffered(paths=paths) | StaleRates(paths=paths):
            return name in _AMOUNTS and quote is not None and quote.path in paths
        case ServerlessBaseModelOnly(paths=paths):
            return name in _AMOUNTS and quote is not None and quote.path in paths
        case UncertainStart(path=path) | HeldForReview(path=path):
            return name in _AMOUNTS and quote is not None and quote.path is path
        case _:
            return False
