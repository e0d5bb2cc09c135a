"""A sweep as a picture for a slide."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor

from bot.answers import Answer, ModelAnswer
from bot.formatting.grounds import shape_values
from bot.formatting.picture import Amount, Band, Crossing, LinePicture, Series
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_tables import column_name, priced_paths
from bot.formatting.sweep_verdict import headline_of, said_of, swept_of
from bot.formatting.sweep_words import (
    asked_of,
    best_usd,
    capital,
    field_name,
    is_idle,
    quote_at,
    ranked_leads,
    ranked_points,
    short_name,
    span_words,
)
from bot.formatting.wording import PATH_NAMES, gpus_words, listed, model_name
from bot.requests.request import Field, Number, Value
from bot.sweep_bills import bills_over
from bot.sweep_points import is_wide
from bot.verdicts import Lead, Stretch, Swept
from engine.caveats import BillingPath
from engine.costs import usd_of

# As many gaps between the points of a line as a picture can show.
_DENSE = 400
# As many lines as a picture can name beside each other.
_MOST_LINES = 20

# Of each path its own line in every picture, whichever others are drawn.
_PLACES = tuple(BillingPath)

_Column = tuple[Field, Number] | None
"""A value of the second field of a grid."""


def picture(answer: Answer) -> LinePicture:
    """The sweep as a picture for a slide: a line a path, or the cheapest run of each model or of each second value.

    Raises TypeError for an answer that is none.
    """
    verdict = swept_of(answer)
    field, entry = verdict.fields[0], answer.models[0]
    several = len(answer.models) > 1
    names = listed(model_name(one.model.label) for one in answer.models)
    of_paths = not several and len(verdict.fields) == 1
    what = "US$ per run" if of_paths else "cheapest run"
    values = tuple(dict.fromkeys(Decimal(point.fields[field]) for point in entry.points))
    return LinePicture(
        title=f"{names}: {what} by {' and '.join(map(field_name, verdict.fields))}",
        subtitle=_subtitle(answer, verdict),
        x_label=capital(field_name(field)),
        y_label=what if of_paths else "US$ of the cheapest run",
        series=tuple(
            _path_curves(answer, verdict) if of_paths else _cheapest_curves(answer, verdict)
        ),
        values=values,
        basis=_basis(answer, verdict),
        footer=f"Tinker and Fireworks, rates of {answer.as_of}",
        crossings=tuple(_crossings(verdict)) if of_paths else (),
        bands=tuple(_bands(verdict)) if of_paths else (),
        ordered=not several and not of_paths,
        log_values=is_wide(field, *(entry.points[at].fields[field] for at in (0, -1))),
    )


def _subtitle(answer: Answer, verdict: Swept) -> str:
    """The verdict; of several models who is cheapest in each."""
    if len(answer.models) == 1:
        return said_of(verdict, answer.models[0]).replace("`", "")
    return " ".join(
        f"{model_name(entry.model.label)}: {headline_of(verdict, entry)}" for entry in answer.models
    )


def _basis(answer: Answer, verdict: Swept) -> str:
    """The rest of the run: *1,000 episodes, 8,000 initial prompt tokens, …, dedicated on 8 × B300*."""
    held: dict[Field, Value] = {**shape_values(answer), **answer.request.fields}
    beside = {*verdict.fields, Field.AS_OF}
    cluster = answer.models[0].quote(BillingPath.DEDICATED).cluster
    own = ""
    if len(answer.models) == 1 and Field.GPUS not in verdict.fields and cluster:
        beside |= {Field.GPUS, Field.GPU_TYPE}
        if cluster.gpus is not None and cluster.gpu_type is not None:
            own = f", dedicated on {gpus_words(cluster.gpus, cluster.gpu_type)}"
    words = [field_words(field, value) for field, value in held.items() if field not in beside]
    preset = f"{answer.preset.name}: " if answer.preset else ""
    return f"{preset}{', '.join(words)}{own}{_left_out(answer, verdict)}"


def _left_out(answer: Answer, verdict: Swept) -> str:
    """How many values of the second field are drawn, where there is no room for all."""
    columns = list(
        dict.fromkeys(
            lead.held
            for entry in answer.models
            for lead in ranked_leads(verdict, asked_of(verdict, entry))
        )
    )
    drawn = _drawn_columns(answer, columns)
    if len(drawn) == len(columns):
        return ""
    return f" · {len(drawn)} of {len(columns)} values of {field_name(verdict.fields[1])} are drawn"


def _crossings(verdict: Swept) -> Iterator[Crossing]:
    for before, after in pairwise(verdict.leads):
        if before.path is after.path or not before.path:
            continue
        if after.path and after.usd_first is not None:
            where = field_words(after.field, after.first)
            verb = "at" if verdict.points_alone else "from"
            yield Crossing(
                x=Decimal(after.first),
                usd=after.usd_first,
                text=f"{short_name(after.path)} {verb} {where}",
            )


def _bands(verdict: Swept) -> Iterator[Band]:
    if not any(lead.path for lead in verdict.leads):
        return
    for lead in verdict.leads:
        if lead.path is None:
            of = verdict.leads[0].first, verdict.leads[-1].last
            where = span_words(lead.field, lead.first, lead.last, of=of)
            yield Band(
                start=Decimal(lead.first),
                end=Decimal(lead.last),
                text=f"{capital(where)} no path can be bought as asked",
            )


# -- lines -----------------------------------------------------------------------------------------------


def _path_curves(answer: Answer, verdict: Swept) -> Iterator[Series]:
    """A line a path."""
    field, entry = verdict.fields[0], answer.models[0]
    for path in priced_paths(entry):
        own = [stretch for stretch in verdict.stretches if stretch.quote.path is path]
        amounts = [one for stretch in own for one in _dense(answer, field, stretch)]
        if verdict.points_alone:
            quotes = [(point.fields[field], quote_at(point, path)) for point in entry.points]
            amounts = [
                Amount(Decimal(x), usd_of(q.priced), is_idle(q, entry.model)) for x, q in quotes
            ]
        joined = not (verdict.points_alone and path is BillingPath.DEDICATED)
        yield Series(
            name=PATH_NAMES[path], amounts=tuple(amounts), joined=joined, place=_PLACES.index(path)
        )


def _cheapest_curves(answer: Answer, verdict: Swept) -> Iterator[Series]:
    """A line of the cheapest run for each model, or for each value of the second field of each."""
    for entry in answer.models:
        label = model_name(entry.model.label)
        held: dict[_Column, list[Lead]] = {}
        for lead in ranked_leads(verdict, asked_of(verdict, entry)):
            held.setdefault(lead.held, []).append(lead)
        drawn = _drawn_columns(answer, list(held))
        for column, leads in ((column, held[column]) for column in drawn):
            name = column_name(*column) if column else label
            own = f"{entry.model.key}, {name}" if column and len(answer.models) > 1 else name
            amounts = tuple(_cheapest(answer, verdict, entry, leads))
            yield Series(name=own, amounts=amounts, joined=not verdict.points_alone)


def _drawn_columns(answer: Answer, columns: Sequence[_Column]) -> Sequence[_Column]:
    """The values of the second field that there is room for, evenly, both ends included."""
    room = _MOST_LINES // len(answer.models)
    gaps = min(len(columns), room) - 1
    return [columns[(len(columns) - 1) * at // gaps] for at in range(gaps + 1)] if gaps else columns


def _cheapest(
    answer: Answer, verdict: Swept, entry: ModelAnswer, leads: Sequence[Lead]
) -> Iterator[Amount]:
    if verdict.points_alone:
        yield from _cheapest_points(verdict, entry, leads)
        return
    for lead in leads:
        if lead.path is None:
            yield Amount(Decimal(lead.first), None)
            yield Amount(Decimal(lead.last), None)
        for stretch in verdict.stretches:
            first, last = max(stretch.first, lead.first), min(stretch.last, lead.last)
            same = stretch.quote.path is lead.path and stretch.held == lead.held
            if same and stretch.model.key == entry.model.key and first <= last:
                yield from _dense(answer, lead.field, stretch, between=(first, last))


def _cheapest_points(verdict: Swept, entry: ModelAnswer, leads: Sequence[Lead]) -> Iterator[Amount]:
    field, held = verdict.fields[0], leads[0].held
    for point in ranked_points(asked_of(verdict, entry)):
        if held is None or point.fields[held[0]] == held[1]:
            yield Amount(Decimal(point.fields[field]), best_usd(point))


def _dense(
    answer: Answer,
    field: Field,
    stretch: Stretch,
    *,
    between: tuple[Number, Number] | None = None,
) -> Iterator[Amount]:
    """The bills of a path at every value of a stretch, or at some hundreds of them."""
    first, last = between or (stretch.first, stretch.last)
    asked = {point.fields[field] for point in answer.models[0].points}
    within = (value for value in asked if first < value < last)
    values = sorted({first, last, *within, *_between(field, first, last)})
    bills = bills_over(answer, stretch, field, values)
    notional = is_idle(stretch.quote, stretch.model)
    for value, usd in zip(values, bills, strict=True):
        yield Amount(Decimal(value), usd, notional)


def _between(field: Field, first: Number, last: Number) -> Iterator[int]:
    """Every whole number within two ends, or so many of them, evenly or as they stand evenly on a logarithmic scale."""
    low, high = ceil(first), floor(last)
    if high - low <= _DENSE:
        yield from range(low, high + 1)
    elif is_wide(field, low, high):
        yield from (round(low * (high / low) ** (at / _DENSE)) for at in range(_DENSE + 1))
    else:
        yield from (low + (high - low) * at // _DENSE for at in range(_DENSE + 1))
