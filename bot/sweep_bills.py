"""What a path's bill comes to at many values of a sweep, between its points too: what a picture draws."""

from collections.abc import Sequence
from decimal import Decimal

from bot.answers import Answer
from bot.estimates import workload_of
from bot.requests.request import CLUSTER_FIELDS, Field, Number
from bot.verdicts import Stretch
from engine.costs import DedicatedEstimate, dedicated
from pricing.cards import TokenCard

_Bills = list[Decimal | None]


def bills_over(
    answer: Answer, stretch: Stretch, field: Field, values: Sequence[Number]
) -> list[Decimal | None]:
    """The run's bills, in US dollars, at values of the swept field within a stretch; None where the path has no amount.

    Over a field of the run they are of the engine's grid, right to a double.
    """
    estimate = stretch.quote.priced.estimate
    if estimate is None:
        return [None] * len(values)
    if field not in CLUSTER_FIELDS:  # those leave the tokens of a run as they are
        return _over_runs(answer, stretch, field, values)
    if isinstance(estimate, DedicatedEstimate):
        return _over_clusters(estimate, field, values)
    return [estimate.usd] * len(values)


def _over_clusters(estimate: DedicatedEstimate, field: Field, values: Sequence[Number]) -> _Bills:
    clusters = [{field.value: value if field is Field.GPUS else Decimal(value)} for value in values]
    return [
        dedicated(estimate.workload, estimate.deployment.model_copy(update=cluster)).usd
        for cluster in clusters
    ]


def _over_runs(answer: Answer, stretch: Stretch, field: Field, values: Sequence[Number]) -> _Bills:
    from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd  # with NumPy, for pictures

    fields = {**answer.request.fields, **dict([stretch.held] if stretch.held else [])}
    runs = [workload_of({**fields, field: value}, answer.preset)[0] for value in values]
    grid = ShapeGrid.of(
        turns=[run.shape.turns for run in runs],
        episodes=[run.episodes for run in runs],
        initial_prompt_tokens=[run.shape.initial_prompt_tokens for run in runs],
        tokens_added_per_turn=[run.shape.tokens_added_per_turn for run in runs],
        decode_tokens_per_turn=[run.shape.decode_tokens_per_turn for run in runs],
    )
    estimate, card = stretch.quote.priced.estimate, stretch.quote.card
    if isinstance(estimate, DedicatedEstimate):
        usd, _ = cluster_bill_usd(grid, estimate.deployment)
    elif isinstance(card, TokenCard):
        usd = token_bill_usd(grid, card.rates)
    else:
        raise TypeError("a bill by the token rests on a card of token rates")
    return [Decimal(str(bill)) for bill in usd.tolist()]
