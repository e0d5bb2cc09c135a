"""What an answer says first: a closed set of judgements with their numbers, worded elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.requests.request import Intent, Problem
from engine.caveats import BillingPath, Reason
from engine.costs import DedicatedEstimate
from pricing.quotes import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The text has problems; `suggestion` is the corrected request where one is near, `example_model` one to name."""

    problems: tuple[Problem, ...]
    suggestion: str | None
    example_model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAnsweredYet:
    """The question is understood and belongs to later work."""

    intent: Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Helped:
    """How to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Nothing was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Rate cards are listed."""

    in_force: int
    on: date
    least_recently_verified: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A path with an amount. Its band reaches from `usd` to `usd_high`, and so for the hours, which only
    dedicated has; `reasons` say why it cannot be bought as asked, and are empty where it can."""

    path: BillingPath
    variant: str | None
    usd: Decimal
    usd_high: Decimal
    usd_per_episode: Decimal
    hours: Decimal | None
    hours_high: Decimal | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Whether dollars or hours stay within a limit: of every path that has them, and of the offered ones by outcome.

    None, and `unsure`, where the limit lies inside the path's band, so that overlap decides.
    """

    limit: Decimal
    holds: Mapping[BillingPath, bool | None]
    sure: tuple[Contender, ...]
    unsure: tuple[Contender, ...]
    over: tuple[Contender, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How the paths of a model compare: those on offer, the cheapest first, and those that are notional.

    `too_close`: the dearer end of the cheapest one's band reaches the next, so it could turn the order.
    """

    offered: tuple[Contender, ...]
    notional: tuple[Contender, ...]
    too_close: bool
    budget: Within | None
    deadline: Within | None

    @property
    def best(self) -> Contender | None:
        return self.offered[0] if self.offered else None


Verdict = Refused | NotAnsweredYet | Helped | Silent | Listed | Judged


def judge(
    quotes: Sequence[Quote], *, budget_usd: Decimal | None, deadline_hours: Decimal | None
) -> Judged:
    """Compare what the paths cost with each other, and with what was allowed."""
    contenders = [contender for quote in quotes if (contender := _contender(quote))]
    offered = sorted((c for c in contenders if not c.reasons), key=lambda c: c.usd)
    return Judged(
        offered=tuple(offered),
        notional=tuple(c for c in contenders if c.reasons),
        too_close=len(offered) > 1 and _band_turns(offered[0], offered[1]),
        budget=_within(budget_usd, offered, {c.path: (c.usd, c.usd_high) for c in contenders}),
        deadline=_within(deadline_hours, offered, _hours(contenders)),
    )


def _contender(quote: Quote) -> Contender | None:
    estimate = quote.priced.estimate
    if estimate is None:
        return None
    cluster = estimate if isinstance(estimate, DedicatedEstimate) else None
    return Contender(
        path=quote.path,
        variant=quote.variant,
        usd=estimate.usd,
        usd_high=cluster.usd_high if cluster else estimate.usd,
        usd_per_episode=estimate.usd_per_episode,
        hours=cluster.cluster_hours if cluster else None,
        hours_high=cluster.cluster_hours_high if cluster else None,
        reasons=quote.priced.reasons,
    )


def _band_turns(best: Contender, rival: Contender) -> bool:
    return best.usd < best.usd_high and rival.usd <= best.usd_high


Bands = Mapping[BillingPath, tuple[Decimal, Decimal]]


def _hours(contenders: Sequence[Contender]) -> Bands:
    """The wall clock of each path that has one."""
    return {
        c.path: (c.hours, c.hours_high)
        for c in contenders
        if c.hours is not None and c.hours_high is not None
    }


def _within(limit: Decimal | None, offered: Sequence[Contender], bands: Bands) -> Within | None:
    if limit is None:
        return None
    holds = {path: _holds(limit, low, high) for path, (low, high) in bands.items()}
    known = [c for c in offered if c.path in holds]
    return Within(
        limit=limit,
        holds=holds,
        sure=tuple(c for c in known if holds[c.path] is True),
        unsure=tuple(c for c in known if holds[c.path] is None),
        over=tuple(c for c in known if holds[c.path] is False),
    )


def _holds(limit: Decimal, low: Decimal, high: Decimal) -> bool | None:
    if high <= limit:
        return True
    return False if low > limit else None
