"""What the rows of an export share: what each is about, what a path comes to, and the card behind it.

A column means one thing wherever it stands, and its name carries the unit. Days are ISO dates; paths, fields and reasons
are the words of the JSON.
"""

from collections.abc import Mapping
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.requests.request import Field, Number
from engine.costs import DedicatedEstimate, usd_of
from engine.workload import Workload
from pricing.cards import AnyCard, GpuCard, TokenCard
from pricing.quotes import Quote

Cell = str | int | Decimal | bool | None
Row = dict[str, Cell]
"""A row by its columns; None where there is nothing to say."""

COLUMNS: Mapping[Field, str] = {
    Field.TURNS: "turns per episode",
    Field.EPISODES: "episodes",
    Field.INITIAL_PROMPT_TOKENS: "initial prompt (tokens)",
    Field.TOKENS_ADDED_PER_TURN: "added per turn (tokens)",
    Field.TOOL_RESULT_TOKENS_PER_TURN: "tool result per turn (tokens)",
    Field.DECODE_TOKENS_PER_TURN: "decoded per turn (tokens)",
    Field.GPUS: "GPUs",
    Field.PROMPT_TPS: "prompt throughput (tokens/s)",
    Field.DECODE_TPS: "decode throughput (tokens/s)",
}


def run_of(
    answer: Answer, entry: ModelAnswer, workload: Workload | None, *, without: Field | None = None
) -> Row:
    """The model, the day of the rates, the preset, and the run; `without` the field that is solved for."""
    out: Row = {"model": entry.model.key, "rates as of": answer.as_of.isoformat()}
    if answer.preset:
        out["preset"] = answer.preset.name
    if workload:
        shape = workload.shape
        values: dict[Field, Number] = {
            Field.TURNS: shape.turns,
            Field.EPISODES: workload.episodes,
            Field.INITIAL_PROMPT_TOKENS: shape.initial_prompt_tokens,
            Field.TOKENS_ADDED_PER_TURN: shape.tokens_added_per_turn,
            Field.DECODE_TOKENS_PER_TURN: shape.decode_tokens_per_turn,
        }
        out |= {COLUMNS[field]: value for field, value in values.items() if field is not without}
    return out


def path_of(quote: Quote) -> Row:
    """What one path comes to, on which cluster, by which card; the band and the hours are dedicated's."""
    estimate, plan = quote.priced.estimate, quote.cluster
    cluster = estimate if isinstance(estimate, DedicatedEstimate) else None
    return {
        **standing_of(quote),
        "per episode (USD)": estimate.usd_per_episode if estimate else None,
        "per run (USD)": usd_of(quote.priced),
        "per run if phases add (USD)": cluster.usd_high if cluster else None,
        "wall clock (hours)": cluster.cluster_hours if cluster else None,
        "wall clock if phases add (hours)": cluster.cluster_hours_high if cluster else None,
        "binding": cluster.binding if cluster else None,
        "GPUs": plan.gpus if plan else None,
        **cluster_of(quote),
        **card_of(quote.card),
    }


def standing_of(quote: Quote | None) -> Row:
    """Which path, and whether it can be bought as asked; empty for what all paths share."""
    return {
        "path": quote.path if quote else None,
        "variant": quote.variant if quote else None,
        "status": quote.priced.status if quote else None,
        "reasons": " ".join(reason.code for reason in quote.priced.reasons) if quote else None,
    }


def cluster_of(quote: Quote) -> Row:
    plan = quote.cluster
    return {
        "GPU type": plan.gpu_type if plan else None,
        COLUMNS[Field.PROMPT_TPS]: plan.prompt_tps if plan else None,
        COLUMNS[Field.DECODE_TPS]: plan.decode_tps if plan else None,
    }


def against_of(quote: Quote) -> Row:
    """The other path of a pair: whether it can be bought, its bill and its card."""
    own = {**standing_of(quote), "per run (USD)": usd_of(quote.priced), **card_of(quote.card)}
    return {f"against: {column}": value for column, value in own.items()}


def card_of(card: AnyCard | None) -> Row:
    """The rates of a card, and where they are from."""
    token = card if isinstance(card, TokenCard) else None
    return {
        "input (USD per 1M tokens)": token.input_usd_per_mtok if token else None,
        "cached input (USD per 1M tokens)": token.cached_input_usd_per_mtok if token else None,
        "output (USD per 1M tokens)": token.output_usd_per_mtok if token else None,
        "GPU-hour (USD)": card.usd_per_gpu_hour if isinstance(card, GpuCard) else None,
        **source_of(card),
    }


def source_of(card: AnyCard | None) -> Row:
    return {
        "rate card": card.id if card else None,
        "rate checked": card.verified_on.isoformat() if card else None,
        "source": card.source_url if card else None,
    }
