"""How many GPUs end a run within a deadline, in words."""

from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import limit, money
from bot.formatting.layout import Cell, Figure, Table
from bot.formatting.request_wording import hours_words, short_hours
from bot.formatting.wording import gpus_words, path_names, plural, reason_clause
from bot.requests.request import Field, number_of
from bot.solving.solution import Allowed, ReplicasRow, Solution
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate
from engine.exact import exact


def gpus_text(answer: Answer, entry: ModelAnswer) -> str:
    """The cluster that ends in time, its hours, the bill against a budget, and where more stop helping."""
    (s,) = entry.solutions
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return ""
    hours = number_of(answer.request.fields, Field.DEADLINE_HOURS) or Decimal(0)
    deadline = hours_words(hours)
    sentences = (
        _too_few_episodes(s, estimate, deadline)
        if s.value is None
        else _in_time(s, s.value, estimate, deadline) + _unevenly(s.value, estimate, hours)
    )
    notional = not s.offered or s.fits_window is False
    budget = _budget_text(s.budget) if s.budget else ""
    more = _more_text(s, estimate) if s.value is not None else ""
    extra = [budget, more, _notional_words(entry) if notional else ""]
    said = (_of_other_paths(answer), sentences, *extra)
    return " ".join(sentence for sentence in said if sentence)


def _of_other_paths(answer: Answer) -> str:
    """That the paths named have no GPUs to choose; empty where none but dedicated is."""
    others = [
        p for p in BillingPath if p in answer.request.paths and p is not BillingPath.DEDICATED
    ]
    return f"GPUs are chosen for Dedicated alone, not for {path_names(others)}." if others else ""


def _too_few_episodes(s: Solution, estimate: DedicatedEstimate, deadline: str) -> str:
    cluster = estimate.deployment
    all_busy = gpus_words(estimate.workload.episodes * cluster.gpus, cluster.gpu_type)
    took = hours_words(s.wall_clock_hours or Decimal(0))
    return (
        f"No number of GPUs ends within {deadline}: with a replica for each episode ({all_busy}) it takes {took}, "
        f"and more would stand idle. Give it that time: `{s.suggestion}`."
    )


def _in_time(s: Solution, gpus: int, estimate: DedicatedEstimate, deadline: str) -> str:
    one, gpu_type = estimate.deployment.gpus, estimate.deployment.gpu_type
    replicas = plural(gpus // one, "replica")
    took = hours_words(s.wall_clock_hours or Decimal(0))
    text = (
        f"{gpus_words(gpus, gpu_type)} ({replicas} of {one:,}) end within {deadline}: {took}, "
        f"{money(estimate.usd)}"
    )
    if s.value_if_phases_add is None:
        text += "; if prefill and decode take turns, no number does"
    elif s.value_if_phases_add != gpus:
        row = next(r for r in s.rows if r.gpus == s.value_if_phases_add)
        text += (
            f"; if prefill and decode take turns, {gpus_words(row.gpus, gpu_type)} "
            f"({hours_words(row.hours_if_phases_add)}, {money(row.usd_if_phases_add)})"
        )
    return f"{text}."


def _unevenly(gpus: int, estimate: DedicatedEstimate, deadline_hours: Decimal) -> str:
    """That whole episodes cannot be shared so, where the replica with the most of them would be late."""
    episodes = estimate.workload.episodes
    most = -(-episodes * estimate.deployment.gpus // gpus)
    with exact():
        longest = estimate.cluster_hours * most / episodes
    if longest <= deadline_hours:
        return ""
    return (
        f" That shares the work evenly: a replica with {most:,} whole episodes of the {episodes:,} takes "
        f"{hours_words(longest)}."
    )


def _budget_text(budget: Allowed) -> str:
    """Whether the money is enough, which the number of replicas does not change."""
    allowed, low, high = limit(budget.limit), money(budget.low), money(budget.high)
    if budget.holds is None:
        return (
            f"Whether {allowed} is enough is too close to call: {low} if prefill and decode overlap, "
            f"{high} if they take turns."
        )
    most = "" if low == high else f", also if prefill and decode take turns ({high})"
    if budget.holds:
        return f"{allowed} is enough{most}."
    return f"{allowed} is not enough: any number of replicas costs {low}."


def _more_text(s: Solution, estimate: DedicatedEstimate) -> str:
    """Where more replicas stop helping."""
    episodes = estimate.workload.episodes
    if s.value is None or s.value >= episodes * estimate.deployment.gpus:
        return ""
    return f"More replicas cost the same and end sooner, up to one an episode ({episodes:,})."


def _notional_words(entry: ModelAnswer) -> str:
    reasons = entry.quote(BillingPath.DEDICATED).priced.reasons
    return f"Dedicated is notional here: {'; '.join(reason_clause(r) for r in reasons)}."


def gpus_table(entry: ModelAnswer) -> Table:
    """The clusters around the solution; `add` is about phases that take turns."""
    (s,) = entry.solutions
    phases = "If phases add"
    return Table(
        header=("Replicas", "GPUs", "In time", "Takes", phases, "$/run", phases),
        rows=tuple(_row(row, s) for row in s.rows if not _is_far_beyond(row, s)),
        numeric=frozenset({0, 1, 3, 4, 5, 6}),
    )


# So many times the solution nobody rents: where more replicas stop helping stands in the verdict then.
_FAR_BEYOND = 100


def _is_far_beyond(row: ReplicasRow, s: Solution) -> bool:
    needed = max(s.value or 0, s.value_if_phases_add or 0)
    return bool(needed) and row.gpus > _FAR_BEYOND * needed


def _row(row: ReplicasRow, s: Solution) -> tuple[Cell, ...]:
    in_time = "no" if s.value is None or row.gpus < s.value else "if phases overlap"
    if s.value_if_phases_add is not None and row.gpus >= s.value_if_phases_add:
        in_time = "yes"
    return (
        Figure(f"{row.replicas:,}", Decimal(row.replicas)),
        Figure(f"{row.gpus:,}", Decimal(row.gpus)),
        in_time,
        Figure(short_hours(row.hours), row.hours),
        Figure(short_hours(row.hours_if_phases_add), row.hours_if_phases_add),
        Figure(money(row.usd), row.usd),
        Figure(money(row.usd_if_phases_add), row.usd_if_phases_add),
    )
