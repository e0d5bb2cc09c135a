"""How many GPUs end a run within a deadline."""

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from bot.requests.request import Field
from bot.solving.question import Question
from bot.solving.solution import (
    TOO_FEW_EPISODES,
    Allowed,
    ReplicasRow,
    Solution,
    fit_window,
    is_sold,
)
from bot.suggestions import as_typed
from engine.costs import DedicatedEstimate
from engine.solve import hours_with, most_useful_replicas, replicas_for
from pricing.quotes import Quote

# Nobody types a shorter one: 3.6 seconds.
_SHORTEST_DEADLINE = Decimal("0.001")


def gpus_needed(quote: Quote, question: Question) -> Solution:
    """The fewest replicas of the cluster, and their GPUs, that end the run in time."""
    estimate, deadline_hours = quote.priced.estimate, question.deadline_hours
    if not isinstance(estimate, DedicatedEstimate) or deadline_hours is None:
        reason = next((reason.code for reason in quote.priced.reasons), None)
        return Solution(
            field=Field.GPUS, path=quote.path, value=None, reason=reason, quotes=(quote,)
        )
    useful = most_useful_replicas(estimate.workload.episodes)
    least = replicas_for(estimate, deadline_hours=deadline_hours)
    in_turns = replicas_for(estimate, deadline_hours=deadline_hours, phases_add=True)
    around = {1, least - 1, least, in_turns - 1, in_turns, useful}
    gpus = estimate.deployment.gpus
    found = Solution(
        field=Field.GPUS,
        path=quote.path,
        value=least * gpus,
        value_if_phases_add=in_turns * gpus if in_turns <= useful else None,
        reason_if_phases_add=None if in_turns <= useful else TOO_FEW_EPISODES,
        offered=is_sold(quote),
        fits_window=fit_window(quote),
        usd=estimate.usd,
        wall_clock_hours=hours_with(estimate, min(least, useful)),
        rows=tuple(_row(estimate, n) for n in sorted(around) if 1 <= n <= useful),
        budget=_budget(estimate, question.budget_usd),
        quotes=(quote,),
    )
    if least <= useful:
        return found
    soonest = _rounded_up(hours_with(estimate, useful, phases_add=True))
    longer = question.how_many(Field.GPUS, {**question.fields, Field.DEADLINE_HOURS: soonest})
    return replace(found, value=None, reason=TOO_FEW_EPISODES, suggestion=as_typed(longer))


def _budget(estimate: DedicatedEstimate, budget_usd: Decimal | None) -> Allowed | None:
    """More replicas cost the same, so the bill of one says whether the money is enough."""
    if budget_usd is None:
        return None
    return Allowed(limit=budget_usd, low=estimate.usd_low, high=estimate.usd_high)


def _rounded_up(hours: Decimal) -> Decimal:
    """A deadline that can be met and is short to type: whole hours from ten on, below with two digits."""
    step = Decimal(1).scaleb(min(0, hours.adjusted() - 1))
    return max(hours.quantize(step, ROUND_CEILING), _SHORTEST_DEADLINE)


def _row(estimate: DedicatedEstimate, replicas: int) -> ReplicasRow:
    return ReplicasRow(
        replicas=replicas,
        gpus=replicas * estimate.deployment.gpus,
        hours=hours_with(estimate, replicas),
        hours_if_phases_add=hours_with(estimate, replicas, phases_add=True),
        usd=estimate.usd_low,
        usd_if_phases_add=estimate.usd_high,
    )
