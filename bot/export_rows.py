"""Which rows an answer has as an export: one a path, a point, a limit, a solution, a step or a rate card."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.answers import Answer, ModelAnswer
from bot.estimates import workload_of
from bot.export_columns import (
    COLUMNS,
    Row,
    against_of,
    card_of,
    cluster_of,
    path_of,
    run_of,
    source_of,
    standing_of,
)
from bot.judged import Judged, judge
from bot.listing import ListedCard
from bot.requests.request import Field, number_of
from bot.verdicts import Compared, Explained, Limited, Listed, Solved, Swept
from engine.caveats import BillingPath
from pricing.cards import GpuCard, TinkerCard, TokenCard
from pricing.quotes import Quote

if TYPE_CHECKING:
    from bot.limits import LimitsAgainst
    from bot.solving.solution import ReplicasRow, Solution
    from bot.sweeps import SweepPoint


def rows_of(answer: Answer) -> Iterator[Row]:
    """The rows of an answer; none where it holds no figures."""
    match answer.verdict:
        case Judged() | Compared():
            yield from _path_rows(answer)
        case Swept():
            for entry in answer.models:
                for point in entry.points:
                    yield from _point_rows(answer, entry, point)
        case Limited():
            for entry in answer.models:
                yield from (_limits_row(answer, entry, found) for found in entry.limits)
        case Solved():
            for entry in answer.models:
                yield from _solution_rows(answer, entry)
        case Explained():
            for entry in answer.models:
                yield from _step_rows(answer, entry)
        case Listed():
            yield from (_listed_row(answer, listed) for listed in answer.cards)
        case _:
            return


# -- paths: estimates, comparisons and sweeps -----------------------------------------------------------


def _path_rows(answer: Answer) -> Iterator[Row]:
    """A row a path of each model; in a comparison the path by which a model is ranked has its rank."""
    ranks: dict[tuple[str, BillingPath], int] = {}
    if isinstance(answer.verdict, Compared):
        ranked = enumerate(answer.verdict.ranked, start=1)
        ranks = {(each.model.key, each.best.path): rank for rank, each in ranked}
    for entry in answer.models:
        run = run_of(answer, entry, answer.workload)
        for quote in entry.quotes:
            rank = {"rank": ranks.get((entry.model.key, quote.path))} if ranks else {}
            cheapest = {"cheapest on offer": quote.path is entry.cheapest}
            yield {**run, **path_of(quote), **rank, **cheapest} | _allowed(
                answer, entry.quotes, quote
            )


def _point_rows(answer: Answer, entry: ModelAnswer, point: "SweepPoint") -> Iterator[Row]:
    """A row a path at one point; what was swept comes first."""
    workload, _ = workload_of({**answer.request.fields, **point.fields}, answer.preset)
    swept = {f"swept: {COLUMNS[field]}": value for field, value in point.fields.items()}
    run = run_of(answer, entry, workload)
    for quote in point.quotes:
        cheapest = {"cheapest on offer": quote.path is point.cheapest}
        yield {**swept, **run, **path_of(quote), **cheapest} | _allowed(answer, point.quotes, quote)


def _allowed(answer: Answer, quotes: tuple[Quote, ...], quote: Quote) -> Row:
    """Whether a path stays within the budget and the deadline that were said."""
    fields = answer.request.fields
    judged = judge(
        quotes,
        budget_usd=number_of(fields, Field.BUDGET_USD),
        deadline_hours=number_of(fields, Field.DEADLINE_HOURS),
    )
    budget, deadline = judged.budget, judged.deadline
    return {
        **(_kept(_BUDGET, budget.limit, budget.holds.get(quote.path, "")) if budget else {}),
        **(
            _kept(_DEADLINE, deadline.limit, deadline.holds.get(quote.path, "")) if deadline else {}
        ),
    }


_BUDGET, _DEADLINE = ("budget (USD)", "within budget"), ("deadline (hours)", "within deadline")


def _kept(columns: tuple[str, str], limit: Decimal, holds: bool | str | None) -> Row:
    """A limit and whether it is kept: overlap decides where that is None."""
    return dict(zip(columns, (limit, "if phases overlap" if holds is None else holds), strict=True))


# -- limits ---------------------------------------------------------------------------------------------


def _limits_row(answer: Answer, entry: ModelAnswer, found: "LimitsAgainst") -> Row:
    """The cluster, the path that it is set against, and how far each may change; empty for any number, or where
    `unreachable` names it."""
    limits, cluster = found.limits, entry.quote(BillingPath.DEDICATED)
    return {
        **run_of(answer, entry, answer.workload),
        **path_of(cluster),
        **_allowed(answer, entry.quotes, cluster),
        **against_of(entry.quote(found.against)),
        "headroom (times)": limits.headroom,
        "most GPUs": limits.max_gpus,
        "GPUs per replica": found.replica_gpus,
        "most replicas": None if "gpus" in limits.unreachable else found.max_replicas,
        "least prompt throughput (tokens/s)": limits.min_prompt_tps,
        "least decode throughput (tokens/s)": limits.min_decode_tps,
        "unreachable": " ".join(limits.unreachable),
    }


# -- solutions ------------------------------------------------------------------------------------------


def _solution_rows(answer: Answer, entry: ModelAnswer) -> Iterator[Row]:
    for solution in entry.solutions:
        quote = entry.quote(solution.path)
        run = run_of(answer, entry, answer.workload, without=solution.field) | _beside(solution)
        match solution.field:
            case Field.TURNS if solution.is_most_turns:
                yield run | _most_turns(answer, entry, solution)
            case Field.TURNS:
                yield run | _turns(answer, entry, solution)
            case Field.EPISODES:
                yield run | _episodes(answer, quote, solution)
            case _:
                yield from (run | row for row in _replicas(answer, quote, solution))


def _beside(solution: "Solution") -> Row:
    """A budget or a deadline that does not decide the solution."""
    budget, deadline = solution.budget, solution.deadline
    return {
        **(_kept(_BUDGET, budget.limit, budget.holds) if budget else {}),
        **(_kept(_DEADLINE, deadline.limit, deadline.holds) if deadline else {}),
    }


def _turns(answer: Answer, entry: ModelAnswer, solution: "Solution") -> Row:
    """From how many turns on a path is cheaper than the other. Bills and rates are those of the one run that is priced; the
    cards are all that the solution rests on."""
    return {
        "priced at (turns per episode)": answer.workload.shape.turns if answer.workload else None,
        **path_of(entry.quote(solution.path)),
        **against_of(entry.quote(solution.against or solution.path)),
        "cheaper from (turns)": solution.value,
        "reason": solution.reason,
        "cheaper from if phases add (turns)": solution.value_if_phases_add,
        "reason if phases add": solution.reason_if_phases_add,
        "cheaper until (turns)": solution.until,
        "cheaper until if phases add (turns)": solution.until_if_phases_add,
        "cheaper again from (turns)": solution.again,
        "cheaper again from if phases add (turns)": solution.again_if_phases_add,
        "against is cheaper from (turns)": solution.against_from,
        "can be bought": solution.offered,
        "fits the window": solution.fits_window,
        "too long from (turns)": solution.too_long_from,
        "rests on (rate cards)": _cards(solution),
    }


def _most_turns(answer: Answer, entry: ModelAnswer, solution: "Solution") -> Row:
    """How many turns of one path the budget buys and the deadline leaves time for; the bill is that of so many, or of one."""
    fields = answer.request.fields
    return {
        "budget (USD)": number_of(fields, Field.BUDGET_USD),
        "deadline (hours)": number_of(fields, Field.DEADLINE_HOURS),
        "priced at (turns per episode)": max(1, solution.value)
        if solution.value is not None
        else None,
        **path_of(solution.run or entry.quote(solution.path)),
        "most turns": solution.value,
        "reason": solution.reason,
        "most turns if phases add": solution.value_if_phases_add,
        "bound by": solution.binding,
        "can be bought": solution.offered,
        "fits the window": solution.fits_window,
        "too long from (turns)": solution.too_long_from,
        "rests on (rate cards)": _cards(solution),
    }


def _cards(solution: "Solution") -> str:
    return " ".join(quote.card.id for quote in solution.quotes if quote.card)


def _episodes(answer: Answer, quote: Quote, solution: "Solution") -> Row:
    """How many episodes of one path the budget buys."""
    estimate, plan = quote.priced.estimate, quote.cluster
    return {
        **standing_of(quote),
        "budget (USD)": number_of(answer.request.fields, Field.BUDGET_USD),
        "most episodes": solution.value,
        "reason": solution.reason,
        "most episodes if phases add": solution.value_if_phases_add,
        "spent (USD)": solution.usd,
        "in time (episodes)": solution.in_time,
        "in time if phases add (episodes)": solution.in_time_if_phases_add,
        "per episode (USD)": estimate.usd_per_episode if estimate else None,
        "GPUs": plan.gpus if plan else None,
        **cluster_of(quote),
        **card_of(quote.card),
    }


def _replicas(answer: Answer, quote: Quote, solution: "Solution") -> Iterator[Row]:
    """How many GPUs the deadline takes, on a row for each number of replicas that was tried; on one without them if none was."""
    plan = quote.cluster
    found: Row = {
        **standing_of(quote),
        "deadline (hours)": number_of(answer.request.fields, Field.DEADLINE_HOURS),
        "least GPUs": solution.value,
        "reason": solution.reason,
        "least GPUs if phases add": solution.value_if_phases_add,
        "reason if phases add": solution.reason_if_phases_add,
        "GPUs per replica": plan.gpus if plan else None,
        **cluster_of(quote),
    }
    for row in solution.rows or (None,):
        yield {**found, **(_tried(row) if row else {}), **card_of(quote.card)}


def _tried(row: "ReplicasRow") -> Row:
    return {
        "replicas": row.replicas,
        "GPUs": row.gpus,
        "wall clock (hours)": row.hours,
        "wall clock if phases add (hours)": row.hours_if_phases_add,
        "per run (USD)": row.usd,
        "per run if phases add (USD)": row.usd_if_phases_add,
    }


# -- the working ----------------------------------------------------------------------------------------


def _step_rows(answer: Answer, entry: ModelAnswer) -> Iterator[Row]:
    """A row a step; those that all paths share have no path."""
    run = run_of(answer, entry, answer.workload)
    for working in entry.working:
        quote = entry.quote(working.path) if working.path else None
        for step in working.steps:
            yield {
                **run,
                **standing_of(quote),
                "step": step.name,
                "formula": step.formula,
                "numbers": step.numbers,
                "value": step.value,
                "unit": step.unit,
                **source_of(step.card),
            }


# -- rate cards -----------------------------------------------------------------------------------------


def _listed_row(answer: Answer, listed: ListedCard) -> Row:
    card = listed.card
    return {
        "rates as of": answer.as_of.isoformat(),
        "path": card.key.path,
        "model": card.model if isinstance(card, TokenCard) else None,
        "variant": card.variant if isinstance(card, TinkerCard) else None,
        "GPU type": card.gpu_type if isinstance(card, GpuCard) else None,
        "in force": listed.in_force,
        **card_of(card),
        "from": card.effective_from.isoformat(),
        "to": card.effective_to.isoformat() if card.effective_to else None,
        "ended": card.ended,
        "confidence": card.confidence,
    }
