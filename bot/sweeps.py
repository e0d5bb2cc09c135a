"""A run at several values of one field or two: the paths at each, and where the cheapest changes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import TypeVar

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import dedicated_at_par
from bot.requests.request import Field, Number, Request, Value, number_of
from bot.sweep_lines import Line
from bot.sweep_points import not_swept, points_of
from bot.sweep_runs import Point, PointRun, Runs
from bot.sweep_search import Quotes
from bot.verdicts import CaveatAt, Lead, Swept
from engine.caveats import BillingPath, Caveat, ContextOverflow, DefaultsUsed, NotOffered

_What = TypeVar("_What")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One point of a sweep: the swept fields with their values there, and the five paths."""

    fields: Point
    quotes: Quotes
    cheapest: BillingPath | None


def swept(request: Request, asking: Asking) -> Answer:
    """The answer to a sweep: each model in turn at each point, or why not and what works instead."""
    models = [asking.catalogue.get(key) for key in request.models]
    refused = not_swept(request, models)
    if refused:
        return Answer(request=request, as_of=asking.as_of, today=asking.today, verdict=refused)
    values = points_of(request.fields, models)
    runs = [Runs(request.fields, model, asking) for model in models]
    at = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    points = [[each.priced(point) for point in at] for each in runs]
    every = [run for of_model in points for run in of_model]
    paths = tuple(path for path in BillingPath if path in request.paths)
    defaults = tuple(f for f in Field if any(f in run.defaults for run in every))
    caveats = _caveats(points, defaults)
    lines = [
        line
        for each, of_model in zip(runs, points, strict=True)
        for line in _lines(request.fields, values, each, of_model)
    ]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Swept(
            fields=tuple(values),
            leads=tuple(lead for line in lines for lead in line.leads(paths)),
            paths=paths,
            left_out=tuple(_left_out(lines, paths)),
            points_alone=_points_alone(request.fields, next(iter(values))),
            stretches=tuple(stretch for line in lines for stretch in line.stretches()),
            allowed=tuple(_allowed(request.fields).items()),
            limits=tuple(span for line in lines for span in line.limit_spans(paths)),
            caveats=caveats,
        ),
        workload=every[0].workload,
        defaults=defaults,
        models=tuple(map(_entry, points)),
        caveats=tuple(dict.fromkeys(one.caveat for one in caveats)),
    )


def _entry(points: Sequence[PointRun]) -> ModelAnswer:
    """A model at its first point, with all of them."""
    first = points[0].entry
    return replace(
        first,
        at_par=dedicated_at_par(first.quotes),
        points=tuple(
            SweepPoint(fields=run.at, quotes=run.entry.quotes, cheapest=run.entry.cheapest)
            for run in points
        ),
    )


# -- what the amounts leave out --------------------------------------------------------------------------


def _caveats(
    runs: Sequence[Sequence[PointRun]], defaults: tuple[Field, ...]
) -> tuple[CaveatAt, ...]:
    """The caveats of all points, each once; what all models share closes them."""
    of_models = [_of_model(points, defaults) for points in runs]
    shared = [
        replace(caveat, model=None)
        for caveat in of_models[0]
        if all(any(_alike(caveat, other) for other in others) for others in of_models)
    ]
    own = [
        caveat
        for caveats in of_models
        for caveat in caveats
        if not any(_alike(caveat, other) for other in shared)
    ]
    return (*own, *shared)


def _alike(one: CaveatAt, other: CaveatAt) -> bool:
    return (one.caveat, one.point) == (other.caveat, other.point)


def _of_model(points: Sequence[PointRun], defaults: tuple[Field, ...]) -> list[CaveatAt]:
    """The caveats of one model in their order; one whose figures move is kept as it is at the last point that has it,
    rather one at which some path can be bought.
    """
    kept: dict[object, tuple[int, Caveat, Point]] = {}
    firsts: dict[object, Caveat] = {}
    alike: Counter[object] = Counter()
    for run in sorted(points, key=lambda run: run.entry.cheapest is not None):
        for rank, caveat in enumerate(run.caveats):
            name = _name(caveat)
            kept[name] = (rank, caveat, run.at)
            alike[name] += caveat == firsts.setdefault(name, caveat)
    model = points[0].entry.model
    return [
        CaveatAt(caveat=DefaultsUsed(fields=defaults), model=model, point={})
        if isinstance(caveat, DefaultsUsed)
        else CaveatAt(caveat=caveat, model=model, point={} if alike[name] == len(points) else at)
        for name, (_, caveat, at) in sorted(kept.items(), key=lambda one: one[1][0])
    ]


def _name(caveat: Caveat) -> object:
    """What makes two caveats the same one with other figures."""
    if isinstance(caveat, NotOffered) and not isinstance(caveat.reason, ContextOverflow):
        return caveat
    if isinstance(caveat, NotOffered):
        return (caveat.code, caveat.paths)
    return (caveat.code, *(getattr(caveat, name, None) for name in ("path", "field", "subject")))


# -- along the values -------------------------------------------------------------------------------------


def _lines(
    fields: Mapping[Field, Value],
    values: Mapping[Field, tuple[Number, ...]],
    runs: Runs,
    points: Sequence[PointRun],
) -> Iterator[Line]:
    """A line over the first field for each value of the second."""
    first, *second = values
    held = [dict(zip(second, each, strict=True)) for each in product(*(values[f] for f in second))]
    for nth, other in enumerate(held):
        own = points[nth :: len(held)]  # the second field changes from one point to the next
        yield Line(
            model=runs.model,
            field=first,
            values=values[first],
            held=next(iter(other.items()), None),
            points_alone=_points_alone(fields, first),
            known={run.at[first]: run.entry.quotes for run in own},
            run=_along(first, runs.workload, other),
            price=_along(first, runs.quotes, other),
            limits={} if other else _allowed(fields),
        )


def _along(
    field: Field, asked: Callable[[Point], _What], other: Point
) -> Callable[[Number], _What]:
    """What is asked of a point, at any value of one field with the other held."""
    return lambda value: asked({**other, field: value})


def _left_out(lines: Sequence[Line], paths: Sequence[BillingPath]) -> Iterator[Lead]:
    """Where the cheapest of all is a path that was not asked for."""
    if paths:
        yield from (
            lead for line in lines for lead in line.leads() if lead.path and lead.path not in paths
        )


def _allowed(fields: Mapping[Field, Value]) -> dict[Field, Decimal]:
    """The budget and the deadline that were said, each as one."""
    said = ((limit, number_of(fields, limit)) for limit in (Field.BUDGET_USD, Field.DEADLINE_HOURS))
    return {limit: amount for limit, amount in said if amount is not None}


def _points_alone(fields: Mapping[Field, Value], first: Field) -> bool:
    """Whether nothing is known between the points: of GPUs only whole clusters have a throughput of their own."""
    said = Field.PROMPT_TPS in fields and Field.DECODE_TPS in fields
    return first is Field.GPUS and not said
