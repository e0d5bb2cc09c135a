"""The calculator of 2026-05-16 beside the answer, in words, and what moved."""

from collections.abc import Iterator
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import NO_AMOUNT, money, number, rounded
from bot.formatting.layout import Cell, Figure, Section, Table
from bot.formatting.moved_wording import moved_text
from bot.formatting.wording import model_name, vs_tinker
from bot.moved import LEAST_TPS, PublishedAnswer
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, Offered, usd_of
from engine.published import PUBLISHED_MODELS, PUBLISHED_ON
from pricing.catalogue import Model
from pricing.quotes import Quote


def published_sections(answer: Answer, entry: ModelAnswer) -> Iterator[Section]:
    """The published calculator's figures beside the answer, and what moved; or that it had none."""
    published = answer.published
    if published is None:
        yield Section(title=f"The calculator of {PUBLISHED_ON}", lines=(_no_figures(entry.model),))
        return
    yield Section(
        title=f"The calculator of {PUBLISHED_ON} beside this answer",
        table=Table(
            header=("Figure", PUBLISHED_ON, str(answer.as_of)),
            rows=tuple(_published_rows(entry, published)),
            numeric=frozenset({1, 2}),
        ),
    )
    moved = tuple(moved_text(moved) for moved in published.moved)
    yield Section(title="What moved", lines=moved or ("Nothing.",))


def _no_figures(model: Model) -> str:
    if model.key in PUBLISHED_MODELS:
        return f"That page had no figures for a throughput below {LEAST_TPS} token per second."
    return f"That page had no figures for {model_name(model.label)}."


def _published_rows(entry: ModelAnswer, published: PublishedAnswer) -> Iterator[tuple[Cell, ...]]:
    figures, limits = published.figures, entry.at_par
    tinker, cluster = entry.quote(BillingPath.TINKER), entry.quote(BillingPath.DEDICATED)
    ratio = vs_tinker(cluster, usd_of(tinker.priced))
    hours = Decimal(figures.dedicated_cluster_hours)
    yield "Tinker, run", _dollars(figures.tinker_usd), _today(tinker)
    yield "Dedicated, run", _dollars(figures.dedicated_usd), _today(cluster)
    yield "Dedicated vs Tinker", figures.dedicated_vs_tinker, ratio
    yield "Cluster-hours", Figure(rounded(hours), hours), _hours(cluster)
    for label, was, now in (
        ("most GPUs", figures.at_par_max_gpus, limits.max_gpus if limits else None),
        (
            "least prompt tok/s",
            figures.at_par_min_prompt_tps,
            limits.min_prompt_tps if limits else None,
        ),
        (
            "least decode tok/s",
            figures.at_par_min_decode_tps,
            limits.min_decode_tps if limits else None,
        ),
    ):
        yield f"At par: {label}", _whole(was), _whole(now)


def _dollars(usd: float) -> Figure:
    return Figure(money(Decimal(usd)), Decimal(usd))


def _today(quote: Quote) -> Cell:
    usd = usd_of(quote.priced)
    if usd is None:
        return NO_AMOUNT
    marked = "" if isinstance(quote.priced, Offered) else " (notional)"
    return Figure(f"{money(usd)}{marked}", usd)


def _hours(quote: Quote) -> Cell:
    estimate = quote.priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return NO_AMOUNT
    return Figure(rounded(estimate.cluster_hours), estimate.cluster_hours)


def _whole(value: int | None) -> Cell:
    return NO_AMOUNT if value is None else Figure(number(value), Decimal(value))
