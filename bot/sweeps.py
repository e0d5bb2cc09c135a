"""A run at several values of one field or two: the paths at each, and where the cheapest changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, cluster_of, priced_run, workload_of
from bot.requests.request import Field, Number, Request, Value
from bot.sweep_lines import Line, Quotes
from bot.sweep_points import not_swept, points_of
from bot.verdicts import CaveatAt, Swept
from engine.caveats import BillingPath, Caveat, ContextOverflow, DefaultsUsed, NotOffered
from pricing.catalogue import Model
from pricing.quotes import quote_model

Point = Mapping[Field, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One point of a sweep: the swept fields with their values there, and the five paths."""

    fields: Point
    quotes: Quotes
    cheapest: BillingPath | None


def swept(request: Request, asking: Asking) -> Answer:
    """The answer to a sweep: each model in turn at each point, or why not and what works instead."""
    refused = not_swept(request)
    if refused:
        return Answer(request=request, as_of=asking.as_of, today=asking.today, verdict=refused)
    models = [asking.catalogue.get(key) for key in request.models]
    values = points_of(request.fields, models)
    runs = [_priced_points(request.fields, values, model, asking) for model in models]
    every = [one for points in runs for one in points]
    defaults = tuple(f for f in Field if any(f in run.defaults for _, run in every))
    caveats = _caveats(runs, defaults)
    lines = [
        line
        for model, points in zip(models, runs, strict=True)
        for line in _lines(request.fields, values, model, asking, points)
    ]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Swept(
            fields=tuple(values),
            leads=tuple(lead for line in lines for lead in line.leads()),
            points_alone=_points_alone(request.fields, next(iter(values))),
            stretches=tuple(stretch for line in lines for stretch in line.stretches()),
            caveats=caveats,
        ),
        workload=every[0][1].workload,
        defaults=defaults,
        models=tuple(_entry(points) for points in runs),
        caveats=tuple(dict.fromkeys(one.caveat for one in caveats)),
    )


def _priced_points(
    fields: Mapping[Field, Value],
    values: Mapping[Field, Sequence[Number]],
    model: Model,
    asking: Asking,
) -> list[tuple[Point, PricedRun]]:
    points = [dict(zip(values, at, strict=True)) for at in product(*values.values())]
    return [(at, priced_run({**fields, **at}, model, asking)) for at in points]


def _entry(points: Sequence[tuple[Point, PricedRun]]) -> ModelAnswer:
    """A model at its first point, with all of them."""
    return replace(
        points[0][1].entry,
        points=tuple(
            SweepPoint(fields=at, quotes=run.entry.quotes, cheapest=run.entry.cheapest)
            for at, run in points
        ),
    )


# -- what the amounts leave out --------------------------------------------------------------------------


def _caveats(
    runs: Sequence[Sequence[tuple[Point, PricedRun]]], defaults: tuple[Field, ...]
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


def _of_model(
    points: Sequence[tuple[Point, PricedRun]], defaults: tuple[Field, ...]
) -> list[CaveatAt]:
    """The caveats of one model in their order; one whose figures move is kept as it is at the last point that has it,
    rather one at which some path can be bought.
    """
    kept: dict[object, tuple[int, Caveat, Point]] = {}
    times: dict[Caveat, int] = {}
    for at, run in sorted(points, key=lambda point: point[1].entry.cheapest is not None):
        for rank, caveat in enumerate(run.caveats):
            if isinstance(caveat, DefaultsUsed):
                caveat = DefaultsUsed(fields=defaults)
            kept[_name(caveat)] = (rank, caveat, at)
            times[caveat] = times.get(caveat, 0) + 1
    model = points[0][1].entry.model
    return [
        CaveatAt(
            caveat=caveat,
            model=model,
            point={} if times[caveat] == len(points) or isinstance(caveat, DefaultsUsed) else at,
        )
        for _, caveat, at in sorted(kept.values(), key=lambda one: one[0])
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
    model: Model,
    asking: Asking,
    points: Sequence[tuple[Point, PricedRun]],
) -> Iterator[Line]:
    """A line over the first field for each value of the second."""
    first, *second = values
    for held in values[second[0]] if second else (None,):
        fixed: dict[Field, Value] = {**fields, **({second[0]: held} if held is not None else {})}

        def price(value: Number, fixed: dict[Field, Value] = fixed) -> Quotes:
            run = {**fixed, first: value}
            workload, _ = workload_of(run, asking.preset)
            cluster = cluster_of(run)
            return quote_model(model, workload, cluster=cluster, book=asking.book, on=asking.as_of)

        yield Line(
            model=model,
            field=first,
            values=values[first],
            held=(second[0], held) if held is not None else None,
            points_alone=_points_alone(fields, first),
            known={
                at[first]: run.entry.quotes
                for at, run in points
                if held is None or at[second[0]] == held
            },
            price=price,
        )


def _points_alone(fields: Mapping[Field, Value], first: Field) -> bool:
    """Whether nothing is known between the points: of GPUs only whole clusters have a throughput of their own."""
    said = Field.PROMPT_TPS in fields and Field.DECODE_TPS in fields
    return first is Field.GPUS and not said
