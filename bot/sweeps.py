"""A run at several values of one field or two: the paths at each, and where the cheapest changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import pairwise, permutations, product
from typing import TypeVar

from bot.answers import SHAPE_DEFAULTS, Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, cluster_of, priced_run, workload_of
from bot.requests.request import Field, Number, Request, Value
from bot.sweep_points import no_room, points_of
from bot.verdicts import CaveatAt, FlipAt, Stretch, Swept
from engine.caveats import BillingPath, Caveat, ContextOverflow, DefaultsUsed, NotOffered
from engine.costs import DedicatedEstimate, Offered
from engine.solve import Bill, ClusterBill, TokenBill, cheaper_turns
from engine.workload import EpisodeShape
from pricing.cards import TokenCard
from pricing.catalogue import Model
from pricing.quotes import Quote, quote_model

SHAPE_FIELDS = frozenset({*SHAPE_DEFAULTS, Field.TOOL_RESULT_TOKENS_PER_TURN})
"""Whole fields of the run itself, at each value of which it has the same paths and cards."""

Point = Mapping[Field, Number]
Quotes = tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One point of a sweep: the swept fields with their values there, and the five paths."""

    fields: Mapping[Field, Number]
    quotes: tuple[Quote, ...]
    cheapest: BillingPath | None


def swept(request: Request, asking: Asking) -> Answer:
    """The answer to a sweep: each model in turn at each point, or why not and what works instead."""
    refused = no_room(request)
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
            flips=tuple(flip for line in lines for flip in line.flips()),
            stretches=tuple(s for line in lines if not line.held for s in line.stretches()),
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
    """The caveats of one model in their order; one whose figures move is kept as it is at the last point that has it."""
    kept: dict[object, tuple[int, Caveat, Point]] = {}
    times: dict[Caveat, int] = {}
    for at, run in points:
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


# -- where something changes -----------------------------------------------------------------------------

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The run of one model over one field, everything else held; between the points it is priced where asked."""

    model: Model
    field: Field
    values: tuple[Number, ...]
    held: tuple[Field, Number] | None
    shape: EpisodeShape
    known: dict[Number, Quotes]
    price: Callable[[Number], Quotes]

    def quotes(self, value: Number) -> Quotes:
        if value not in self.known:
            self.known[value] = self.price(value)
        return self.known[value]

    def flips(self) -> Iterator[FlipAt]:
        """Where another path becomes the cheapest; of those of dedicated also where, if its phases take turns."""
        other = [
            (above, cheapest_of(self.quotes(below), phases_add=True), after)
            for below, above, after in self._changes(lambda q: cheapest_of(q, phases_add=True))
        ]
        for below, above, after in self._changes(lambda q: cheapest_of(q, phases_add=False)):
            before = cheapest_of(self.quotes(below), phases_add=False)
            elsewhere = next((v for v, was, now in other if (was, now) == (before, after)), None)
            by_overlap = BillingPath.DEDICATED in (before, after) and elsewhere != above
            yield FlipAt(
                model=self.model,
                field=self.field,
                below=below,
                above=above,
                before=before,
                after=after,
                usd=_usd(self.quotes(above), after),
                held=self.held,
                overlap_decides=by_overlap,
                above_if_phases_add=elsewhere if by_overlap else None,
            )

    def stretches(self) -> Iterator[Stretch]:
        """Of each path the values over which its card and its standing stay as they are."""
        for path in BillingPath:
            first = self.values[0]
            for below, above, _ in self._changes(partial(_standing, path)):
                yield self._stretch(path, first, below)
                first = above
            yield self._stretch(path, first, self.values[-1])

    def _stretch(self, path: BillingPath, first: Number, last: Number) -> Stretch:
        quote = _of(self.quotes(first), path)
        return Stretch(model=self.model, first=first, last=last, quote=quote)

    def _changes(self, key: Callable[[Quotes], _Key]) -> Iterator[tuple[Number, Number, _Key]]:
        """The last value before each change, the first after it, and what it changes to.

        In a field of the shape the two are neighbours: between two points that differ the change is searched by
        halves. Of a cluster not every count between two has a known throughput, so there the points stand alone.
        """
        for low, high in pairwise(self._looked_at()):
            end = key(self.quotes(high))
            while (start := key(self.quotes(low))) != end:
                left, right = low, high
                while self.field in SHAPE_FIELDS and right - left > 1:
                    middle = int(left + right) // 2
                    same = key(self.quotes(middle)) == start
                    left, right = (middle, right) if same else (left, middle)
                low = right
                yield left, right, key(self.quotes(right))

    def _looked_at(self) -> list[Number]:
        """The points; over turns also wherever one bill may become cheaper than another, so that none is missed."""
        if self.field is not Field.TURNS or self.held:
            return list(self.values)
        first, last = int(self.values[0]), int(self.values[-1])
        crossed = {
            turns
            for one, other in permutations(self._bills(), 2)
            for cheaper in cheaper_turns(one, other, self.shape, most_turns=last)
            for turns in (cheaper.start - 1, cheaper.start)
        }
        return sorted({*self.values, *(turns for turns in crossed if first < turns < last)})

    def _bills(self) -> tuple[Bill, ...]:
        """Every bill that a point rests on, once."""
        points = [quote for value in self.values for quote in self.quotes(value)]
        return tuple({repr(bill): bill for quote in points for bill in _bills_of(quote)}.values())


def _lines(
    fields: Mapping[Field, Value],
    values: Mapping[Field, tuple[Number, ...]],
    model: Model,
    asking: Asking,
    points: Sequence[tuple[Point, PricedRun]],
) -> Iterator[_Line]:
    """A line over the first field for each value of the second."""
    first, *second = values
    for held in values[second[0]] if second else (None,):
        fixed: dict[Field, Value] = {**fields, **({second[0]: held} if held is not None else {})}

        def price(value: Number, fixed: dict[Field, Value] = fixed) -> Quotes:
            run = {**fixed, first: value}
            workload, _ = workload_of(run, asking.preset)
            cluster = cluster_of(run)
            return quote_model(model, workload, cluster=cluster, book=asking.book, on=asking.as_of)

        yield _Line(
            model=model,
            field=first,
            values=values[first],
            held=(second[0], held) if held is not None else None,
            shape=points[0][1].workload.shape,
            known={
                at[first]: run.entry.quotes
                for at, run in points
                if held is None or at[second[0]] == held
            },
            price=price,
        )


def _of(quotes: Quotes, path: BillingPath) -> Quote:
    return next(quote for quote in quotes if quote.path is path)


def _usd(quotes: Quotes, path: BillingPath | None) -> Decimal | None:
    estimate = _of(quotes, path).priced.estimate if path else None
    return estimate.usd if estimate else None


def cheapest_of(quotes: Quotes, *, phases_add: bool) -> BillingPath | None:
    """The cheapest path on offer, at the lower or the upper end of dedicated's band; of equals the first."""
    bills = {}
    for quote in quotes:
        if isinstance(quote.priced, Offered):
            estimate = quote.priced.estimate
            bills[quote.path] = estimate.usd
            if phases_add and isinstance(estimate, DedicatedEstimate):
                bills[quote.path] = estimate.usd_high
    return min(bills, key=lambda path: bills[path], default=None)


def _standing(path: BillingPath, quotes: Quotes) -> object:
    """Which card a path's amount rests on, and why it cannot be bought, without the figures of one run."""
    quote = _of(quotes, path)
    return quote.card, quote.priced.status, tuple(reason.code for reason in quote.priced.reasons)


def _bills_of(quote: Quote) -> Iterator[Bill]:
    estimate = quote.priced.estimate
    if isinstance(estimate, DedicatedEstimate):
        for phases_add in (False, True):
            yield ClusterBill(deployment=estimate.deployment, phases_add=phases_add)
    elif estimate is not None and isinstance(quote.card, TokenCard):
        yield TokenBill(rates=quote.card.rates)
