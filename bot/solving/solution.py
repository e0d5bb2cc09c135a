"""What a solution says, of whichever field."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.requests.fields import RANGES
from bot.requests.request import Field
from engine.caveats import BillingPath, ContextOverflow
from pricing.quotes import Quote

MOST_TURNS = int(RANGES[Field.TURNS].highest)

NEVER, ALWAYS, FREE, TOO_FEW_EPISODES = "never", "always", "free", "too_few_episodes"


Binding = Literal["budget", "deadline", "window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasRow:
    """A number of replicas, with the hours of full overlap and of none, and the bill of both."""

    replicas: int
    gpus: int
    hours: Decimal
    hours_if_phases_add: Decimal
    usd: Decimal
    usd_if_phases_add: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A budget in US dollars, or a deadline in hours, that was said beside a question that it does not decide.

    The run of the solution comes to `low` with full overlap and to `high` with none.
    """

    limit: Decimal
    low: Decimal
    high: Decimal

    @property
    def holds(self) -> bool | None:
        """Whether the run stays within the limit; None where overlap decides."""
        if self.high <= self.limit:
            return True
        return False if self.low > self.limit else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What one field must be. `value` None has a `reason`: never, always, free, too_few_episodes, or why the path
    has no amount. `…_if_phases_add`: the same where prefill and decode take turns. `offered` is False where a path
    cannot be bought, for another reason than the window. `budget` and `deadline` are judged where they do not decide.

    Of turns: `path` is cheaper than `against` from `value` up to `until` and once more from `again`, and after
    `until` the other one is cheaper from `against_from`; `fits_window` says whether both hold an episode of the
    turns at the crossing (`until` where `path` begins cheaper, otherwise `value`), `too_long_from` from which number on one does not.
    Of episodes: `in_time` of them end within the deadline on the cluster.
    Of GPUs: `rows` are the clusters around the solution, up to the last one that is any use.
    Without `against`, `value` is the most turns that the path sells within a budget or a deadline, 0 where not even one
    is; `binding` says what keeps it from more: the budget, the deadline, or the window. `run` is the path with so many, or one.
    `quotes` are what a solution rests on: of its paths one for each card; of turns, for each that prices some number of them.
    `suggestion` is the request that lifts what stands in the way: a longer deadline, or more GPUs.
    """

    field: Field
    path: BillingPath
    against: BillingPath | None = None
    value: int | None
    value_if_phases_add: int | None = None
    until: int | None = None
    until_if_phases_add: int | None = None
    again: int | None = None
    again_if_phases_add: int | None = None
    against_from: int | None = None
    reason: str | None = None
    reason_if_phases_add: str | None = None
    offered: bool = True
    fits_window: bool | None = None
    too_long_from: int | None = None
    usd: Decimal | None = None
    wall_clock_hours: Decimal | None = None
    in_time: int | None = None
    in_time_if_phases_add: int | None = None
    binding: Binding | None = None
    run: Quote | None = None
    quotes: tuple[Quote, ...] = ()
    rows: tuple[ReplicasRow, ...] = ()
    budget: Allowed | None = None
    deadline: Allowed | None = None
    suggestion: str | None = None

    @property
    def is_most_turns(self) -> bool:
        """Whether it says how many turns can be had, of one path, and not where a path is cheaper than another."""
        return self.field is Field.TURNS and self.against is None

    @property
    def crossing_turns(self) -> int | None:
        """The last number of turns of a path that is cheaper from the first one on, otherwise the first number."""
        return self.until if self.value == 1 and self.until is not None else self.value

    @property
    def is_held_by_deadline(self) -> bool:
        """Whether fewer episodes end in time than the budget buys; both bounds fall alike where the phases add."""
        return self.in_time is not None and self.value is not None and self.in_time < self.value

    @property
    def says_something(self) -> bool:
        return self.value is not None or self.reason in (NEVER, ALWAYS, FREE, TOO_FEW_EPISODES)


def is_sold(quote: Quote) -> bool:
    """Whether the path can be bought, as long as an episode fits its window."""
    return all(isinstance(reason, ContextOverflow) for reason in quote.priced.reasons)


def fit_window(*quotes: Quote) -> bool | None:
    """Whether every one of these paths holds the episode; None where a window is not known."""
    if any(isinstance(r, ContextOverflow) for quote in quotes for r in quote.priced.reasons):
        return False
    return None if any(quote.window_tokens is None for quote in quotes) else True
