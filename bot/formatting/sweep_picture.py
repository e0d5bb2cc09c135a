"""A sweep as a picture for a slide."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.answers import Answer, ModelAnswer
from bot.estimates import workload_of
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_tables import Lines, grid_series, priced_paths
from bot.formatting.sweep_wording import (
    best_usd,
    capital,
    field_name,
    is_notional,
    quote_at,
    said_of,
    short_name,
    sweep_text,
)
from bot.formatting.wording import (
    PATH_NAMES,
    listed,
    model_name,
)
from bot.requests.request import Field
from bot.sweeps import SHAPE_FIELDS
from bot.verdicts import Stretch, Swept
from engine.costs import DedicatedEstimate, usd_of
from pricing.cards import TokenCard

if TYPE_CHECKING:
    from bot.formatting.png import LinePicture, Mark, Series

_Points = list[tuple[Decimal, Decimal | None]]

# As many gaps between the points of a line as a picture can show.
_DENSE = 400


def picture(answer: Answer) -> "LinePicture":
    """The sweep as a picture for a slide: a line a path, or the cheapest run of each model or of each second value.

    Raises UsageError, with what to ask instead, for an answer that is no sweep.
    """
    from bot.formatting.png import LinePicture
    from bot.input import UsageError

    verdict = answer.verdict
    if not isinstance(verdict, Swept):
        raise UsageError(f"there is no sweep to draw: {sweep_text(answer)}")
    field, entry = verdict.fields[0], answer.models[0]
    several = len(answer.models) > 1
    names = listed(model_name(one.model.label) for one in answer.models)
    alone = not several and len(verdict.fields) == 1
    what = "US$ per run" if alone else "US$ of the cheapest run"
    return LinePicture(
        title=f"{names}: {what} by {field_name(field)}",
        subtitle=said_of(answer, verdict, entry).partition(". ")[0] if not several else "",
        x_label=capital(field_name(field)),
        y_label=what,
        series=tuple(
            _curves(answer, verdict, entry) if alone else _cheapest_curves(answer, verdict)
        ),
        footer=f"Tinker and Fireworks, rates of {answer.as_of}",
        marks=tuple(_marks(verdict)) if alone else (),
    )


def _marks(verdict: Swept) -> "Iterator[Mark]":
    from bot.formatting.png import Mark

    for flip in verdict.flips:
        if flip.before and flip.after and flip.usd is not None:
            text = f"{short_name(flip.after)} from {field_words(flip.field, flip.above)}"
            yield Mark(x=Decimal(flip.above), usd=flip.usd, text=text)


def _curves(answer: Answer, verdict: Swept, entry: ModelAnswer) -> "Iterator[Series]":
    """A line a path, with as many points as the picture can show where the engine has them all at once."""
    from bot.formatting.png import Series

    field = verdict.fields[0]
    for path in priced_paths(entry):
        own = [s for s in verdict.stretches if s.quote.path is path]
        if field in SHAPE_FIELDS:
            points = [point for stretch in own for point in _dense(answer, field, stretch)]
        else:
            points = [
                (Decimal(point.fields[field]), usd_of(quote_at(point, path).priced))
                for point in entry.points
            ]
        yield Series(name=PATH_NAMES[path], points=tuple(points), notional_from=_notional_from(own))


def _dense(answer: Answer, field: Field, stretch: Stretch) -> _Points:
    """The bills of a path at every value of a stretch, or at some hundreds of them."""
    values = _between(int(stretch.first), int(stretch.last))
    estimate = stretch.quote.priced.estimate
    if estimate is None:
        return [(Decimal(value), None) for value in values]
    from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd

    runs = [
        workload_of({**answer.request.fields, field: value}, answer.preset)[0] for value in values
    ]
    grid = ShapeGrid.of(
        turns=[run.shape.turns for run in runs],
        episodes=[run.episodes for run in runs],
        initial_prompt_tokens=[run.shape.initial_prompt_tokens for run in runs],
        tokens_added_per_turn=[run.shape.tokens_added_per_turn for run in runs],
        decode_tokens_per_turn=[run.shape.decode_tokens_per_turn for run in runs],
    )
    if isinstance(estimate, DedicatedEstimate):
        usd, _ = cluster_bill_usd(grid, estimate.deployment)
    elif isinstance(stretch.quote.card, TokenCard):
        usd = token_bill_usd(grid, stretch.quote.card.rates)
    else:
        raise TypeError("a bill by the token rests on a card of token rates")
    return [
        (Decimal(value), Decimal(str(bill)))
        for value, bill in zip(values, usd.tolist(), strict=True)
    ]


def _between(first: int, last: int) -> list[int]:
    """Every whole number, or so many of them evenly, both ends included."""
    gaps = min(last - first, _DENSE)
    return [first + (last - first) * k // gaps for k in range(gaps + 1)] if gaps else [first]


def _notional_from(own: Sequence[Stretch]) -> Decimal | None:
    """The value from which on a path can no longer be bought; None where it can at the end."""
    first = None
    for stretch in reversed(own):
        if not is_notional(stretch.quote):
            break
        first = Decimal(stretch.first)
    return first


def _cheapest_curves(answer: Answer, verdict: Swept) -> "Iterator[Series]":
    from bot.formatting.png import Series

    several = len(answer.models) > 1
    for entry in answer.models:
        label = model_name(entry.model.label)
        values = list(dict.fromkeys(point.fields[verdict.fields[0]] for point in entry.points))
        lines: Lines = [(label, tuple(map(best_usd, entry.points)))]
        if len(verdict.fields) > 1:
            lines = grid_series(verdict.fields, entry)
        for name, bills in lines:
            points = tuple(zip(map(Decimal, values), bills, strict=True))
            own = f"{label}, {name}" if several and name != label else name
            yield Series(name=own, points=points)
