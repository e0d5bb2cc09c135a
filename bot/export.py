"""An answer as a file to keep: rows for a spreadsheet, or one page to hand on. Pure: an answer in, text out."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.answers import Answer, ModelAnswer
from bot.estimates import workload_of
from bot.formatting.quote import to_quote
from bot.requests.request import Field, Number
from bot.verdicts import Compared, Explained, Judged, Limited, Listed, Solved, Swept
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, usd_of
from engine.exact import exact
from engine.workload import Workload
from pricing.cards import GpuCard, TinkerCard, TokenCard
from pricing.quotes import Quote

if TYPE_CHECKING:
    from bot.limits import LimitsAgainst
    from bot.listing import ListedCard
    from bot.solutions import Solution

__all__ = ["to_csv", "to_quote"]

Cell = str | int | Decimal | bool | None
Row = Mapping[str, Cell]

# Spreadsheets take a file without it for the code page of the computer.
_BYTE_ORDER_MARK = "\ufeff"


def to_csv(answer: Answer) -> str:
    """The rows of an answer under a header with units, as RFC 4180 has them; empty where there is nothing to tabulate.

    Text that a spreadsheet would run as a formula begins with an apostrophe; numbers stay numbers.
    """
    rows = list(_rows(answer))
    if not rows:
        return ""
    header = dict.fromkeys(column for row in rows for column in row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(column) for column in header])
    writer.writerows([_cell(row.get(column)) for column in header] for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue()


def _rows(answer: Answer) -> Iterator[Row]:
    match answer.verdict:
        case Judged() | Compared() | Explained():
            yield from _path_rows(answer)
        case Swept():
            yield from _point_rows(answer)
        case Limited():
            for entry in answer.models:
                cluster = entry.quote(BillingPath.DEDICATED)
                yield from (_limit_row(entry, cluster, against) for against in entry.limits)
        case Solved():
            for entry in answer.models:
                yield from (_solution_row(entry, solution) for solution in entry.solutions)
        case Listed():
            yield from (_card_row(listed) for listed in answer.cards)
        case _:
            return


def _path_rows(answer: Answer) -> Iterator[Row]:
    if answer.workload is None:
        return
    for entry in answer.models:
        for quote in entry.quotes:
            yield _run(entry, answer.workload, answer) | _path(quote, entry.cheapest)


def _point_rows(answer: Answer) -> Iterator[Row]:
    """A row a path at each point; what was swept comes first."""
    for entry in answer.models:
        for point in entry.points:
            workload, _ = workload_of({**answer.request.fields, **point.fields}, answer.preset)
            swept = {_swept_column(field): value for field, value in point.fields.items()}
            for quote in point.quotes:
                run = _run(entry, workload, answer)
                yield {**swept, **run, **_path(quote, point.cheapest)}


def _swept_column(field: Field) -> str:
    return f"swept: {_COLUMNS.get(field, field.replace('_', ' '))}"


_COLUMNS: Mapping[Field, str] = {
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


def _run(entry: ModelAnswer, workload: Workload, answer: Answer) -> dict[str, Cell]:
    shape = workload.shape
    values: dict[Field, Number] = {
        Field.TURNS: shape.turns,
        Field.EPISODES: workload.episodes,
        Field.INITIAL_PROMPT_TOKENS: shape.initial_prompt_tokens,
        Field.TOKENS_ADDED_PER_TURN: shape.tokens_added_per_turn,
        Field.DECODE_TOKENS_PER_TURN: shape.decode_tokens_per_turn,
    }
    out: dict[str, Cell] = {"model": entry.model.key, "rates as of": answer.as_of.isoformat()}
    if answer.preset:
        out["preset"] = answer.preset.name
    return out | {_COLUMNS[field]: value for field, value in values.items()}


def _path(quote: Quote, cheapest: BillingPath | None) -> dict[str, Cell]:
    """What one path comes to, and the card behind it; the band and the hours are dedicated's."""
    estimate, card, plan = quote.priced.estimate, quote.card, quote.cluster
    cluster = estimate if isinstance(estimate, DedicatedEstimate) else None
    return {
        "path": quote.path,
        "variant": quote.variant,
        "status": quote.priced.status,
        "reasons": " ".join(reason.code for reason in quote.priced.reasons),
        "cheapest on offer": quote.path is cheapest,
        "per episode (USD)": estimate.usd_per_episode if estimate else None,
        "per run (USD)": usd_of(quote.priced),
        "per run if phases add (USD)": cluster.usd_high if cluster else None,
        "wall clock (hours)": cluster.cluster_hours if cluster else None,
        "wall clock if phases add (hours)": cluster.cluster_hours_high if cluster else None,
        "binding": cluster.binding if cluster else None,
        "GPUs": plan.gpus if plan else None,
        "GPU type": plan.gpu_type if plan else None,
        "prompt throughput (tokens/s)": plan.prompt_tps if plan else None,
        "decode throughput (tokens/s)": plan.decode_tps if plan else None,
        "rate card": card.id if card else None,
        "rate checked": card.verified_on.isoformat() if card else None,
        "source": card.source_url if card else None,
    }


def _limit_row(entry: ModelAnswer, cluster: Quote, against: "LimitsAgainst") -> Row:
    limits, plan = against.limits, cluster.cluster
    return {
        "model": entry.model.key,
        "against": against.against,
        "GPUs": plan.gpus if plan else None,
        "GPU type": plan.gpu_type if plan else None,
        "most GPUs": limits.max_gpus,
        "GPUs per replica": against.replica_gpus,
        "most replicas": against.max_replicas,
        "least prompt throughput (tokens/s)": limits.min_prompt_tps,
        "least decode throughput (tokens/s)": limits.min_decode_tps,
        "binding": limits.binding,
        "headroom (times)": limits.headroom,
        "unreachable": " ".join(limits.unreachable),
    }


def _solution_row(entry: ModelAnswer, solution: "Solution") -> Row:
    return {
        "model": entry.model.key,
        "field": solution.field,
        "path": solution.path,
        "against": solution.against,
        "value": solution.value,
        "reason": solution.reason,
        "value if phases add": solution.value_if_phases_add,
        "reason if phases add": solution.reason_if_phases_add,
        "holds until": solution.until,
        "holds again from": solution.again,
        "can be bought": solution.offered,
        "fits the window": solution.fits_window,
        "too long from": solution.too_long_from,
        "per run (USD)": solution.usd,
        "wall clock (hours)": solution.wall_clock_hours,
    }


def _card_row(listed: "ListedCard") -> Row:
    card = listed.card
    token = card if isinstance(card, TokenCard) else None
    return {
        "rate card": card.id,
        "path": card.key.path,
        "model": token.model if token else None,
        "variant": card.variant if isinstance(card, TinkerCard) else None,
        "GPU type": card.gpu_type if isinstance(card, GpuCard) else None,
        "input (USD per 1M tokens)": token.input_usd_per_mtok if token else None,
        "cached input (USD per 1M tokens)": token.cached_input_usd_per_mtok if token else None,
        "output (USD per 1M tokens)": token.output_usd_per_mtok if token else None,
        "GPU-hour (USD)": card.usd_per_gpu_hour if isinstance(card, GpuCard) else None,
        "in force": listed.in_force,
        "from": card.effective_from.isoformat(),
        "to": card.effective_to.isoformat() if card.effective_to else None,
        "ended": card.ended,
        "checked": card.verified_on.isoformat(),
        "confidence": card.confidence,
        "source": card.source_url,
    }


# Spreadsheets keep fifteen digits: twelve places are enough where a number is neither tiny nor huge.
_PLACES, _SMALLEST, _LARGEST = Decimal("1e-12"), Decimal("1e-6"), Decimal("1e20")


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _text(value) if isinstance(value, str) else _number(Decimal(value))


def _number(value: Decimal) -> str:
    """A number as any spreadsheet reads it: a point, no commas, no zeros behind it; what is tiny keeps its digits."""
    with exact():
        if value and not _SMALLEST <= abs(value) < _LARGEST:
            return f"{value:.14e}"
        text = f"{value.quantize(_PLACES):f}"
    return text.rstrip("0").rstrip(".")


# A formula begins with one of these, also behind blanks; full-width signs are read as the plain ones.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]|\s*[\t\r\n]")


def _text(value: str) -> str:
    """Text that no spreadsheet takes for a formula, also behind spaces."""
    return f"'{value}" if _FORMULA.match(value) else value
