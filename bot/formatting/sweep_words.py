"""The words and figures that the parts of a sweep share."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.answers import ModelAnswer
from bot.formatting.figures import number
from bot.formatting.request_wording import field_words
from bot.formatting.wording import PATH_NAMES, listed
from bot.requests.request import CLUSTER_FIELDS, Field, Number
from bot.sweep_lines import cheapest_of, lacks_throughput, quote_of, to_be_had, too_small
from bot.sweeps import SweepPoint
from bot.verdicts import Lead, Swept
from engine.caveats import BillingPath
from engine.costs import Offered, Unpriced, usd_of
from pricing.catalogue import Model
from pricing.quotes import Quote


def capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def field_name(field: Field) -> str:
    """A field without a value: *turns*, *tokens decoded per turn*."""
    return field_words(field, 2).partition(" ")[2]


def short_name(path: BillingPath) -> str:
    """A path as it heads a column: `Standard` of serverless."""
    return capital(PATH_NAMES[path].removeprefix("Serverless "))


def values_words(field: Field, values: Sequence[Number]) -> str:
    """*5, 10 and 20 turns*."""
    *front, last = values
    return listed([*map(number, front), field_words(field, last)])


def span_words(
    field: Field, first: Number, last: Number, *, of: tuple[Number, Number], named: bool = True
) -> str:
    """A part of a range in words, with the field's name where it is not yet said: *up to 18 turns*, *from 23 on*."""
    start, end = of

    def worded(value: Number) -> str:
        return field_words(field, value) if named else number(value)

    if first == last:
        return f"at {worded(last)}"
    if (first, last) == of:
        return "throughout"
    if first == start:
        return f"up to {worded(last)}"
    if last == end:
        return f"from {worded(first)} on"
    return f"from {number(first)} to {worded(last)}"


def points_words(fields: Sequence[Field], points: Sequence[SweepPoint], entry: ModelAnswer) -> str:
    """Some points of a sweep: *at every point up to 10 turns*, *in 5 of 9 combinations* of those that tell who is cheapest.
    Nothing is said of the values between them."""
    if len(fields) > 1:
        every = len(ranked_points(entry))
        some = f"all {every:,}" if len(points) == every else f"{len(points):,} of {every:,}"
        return f"in {some} combinations"
    if len(points) == len(entry.points):
        return "at every point"
    if not points:
        return "at none of the points"
    field = fields[0]
    values = [point.fields[field] for point in points]
    at = [point.fields[field] for point in entry.points]
    if len(values) > 1 and values == at[: len(values)]:
        return f"at every point up to {field_words(field, values[-1])}"
    if len(values) > 1 and values == at[-len(values) :]:
        return f"at every point from {field_words(field, values[0])} on"
    return f"at {values_words(field, values)}"


def asked_of(verdict: Swept, entry: ModelAnswer) -> ModelAnswer:
    """The points of a model with the paths asked for alone that can be had, and the cheapest of those."""
    return had_of(entry, paths=verdict.paths)


def had_of(entry: ModelAnswer, *, paths: Sequence[BillingPath] = ()) -> ModelAnswer:
    """The points of a model with some paths or all, without a cluster that cannot hold it, and the cheapest of those."""
    points = tuple(_narrowed(point, entry.model, paths) for point in entry.points)
    return replace(entry, points=points)


def _narrowed(point: SweepPoint, model: Model, paths: Sequence[BillingPath]) -> SweepPoint:
    quotes = to_be_had(point.quotes, model)
    if paths:
        quotes = tuple(quote for quote in quotes if quote.path in paths)
    if len(quotes) == len(point.quotes):
        return point
    return replace(point, quotes=quotes, cheapest=cheapest_of(quotes, phases_add=False))


def quote_at(point: SweepPoint, path: BillingPath) -> Quote:
    return quote_of(point.quotes, path)


def is_timed(verdict: Swept) -> bool:
    """Whether the hours of dedicated tell something that its bill does not."""
    return not {*CLUSTER_FIELDS, Field.DEADLINE_HOURS}.isdisjoint(
        [*verdict.fields, *dict(verdict.allowed)]
    )


def is_idle(quote: Quote, model: Model) -> bool:
    """Whether there is an amount that cannot be bought as asked, or stands for a cluster that cannot hold the model."""
    if isinstance(quote.priced, Unpriced):
        return False
    return not isinstance(quote.priced, Offered) or too_small(quote, model) is not None


def best_usd(point: SweepPoint) -> Decimal | None:
    """The bill of the cheapest path on offer."""
    return usd_of(quote_at(point, point.cheapest).priced) if point.cheapest else None


def rival_of(point: SweepPoint) -> BillingPath | None:
    """The path that is cheapest if the phases of dedicated take turns, where that is another one."""
    other = cheapest_of(point.quotes, phases_add=True)
    return other if other is not point.cheapest else None


def ranked_leads(verdict: Swept, entry: ModelAnswer) -> list[Lead]:
    """Who leads a model from where to where; over two fields at those values of the second whose points tell who is."""
    columns = {tuple(point.fields.items())[1:] for point in ranked_points(entry)}
    return [
        lead
        for lead in verdict.leads
        if lead.model.key == entry.model.key and ((lead.held,) if lead.held else ()) in columns
    ]


def ranked_points(entry: ModelAnswer) -> list[SweepPoint]:
    """The points at which it is known who is cheapest: those with a throughput, or all where none has one."""
    return [p for p in entry.points if not lacks_throughput(p.quotes)] or list(entry.points)
