"""How the paths of a model compare: who is cheapest, what is too close to call, and what a budget or a deadline allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bot.requests.request import Field
from engine.caveats import BillingPath, Reason
from engine.costs import DedicatedEstimate
from pricing.quotes import Quote


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


Outcome = Literal["kept", "unsure", "missed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Whether dollars or hours stay within a limit: of every path that has them, and of those on offer and asked for by
    outcome.

    None, and `unsure`, where the limit lies inside the path's band, so that overlap decides.
    """

    limit: Decimal
    holds: Mapping[BillingPath, bool | None]
    sure: tuple[Contender, ...]
    unsure: tuple[Contender, ...]
    over: tuple[Contender, ...]

    @property
    def outcome(self) -> Outcome:
        """Whether some path on offer stays within it; unknown where none has what it is about."""
        if self.sure or self.unsure:
            return "kept" if self.sure else "unsure"
        return "missed" if self.over else "unknown"

    def without(self, path: BillingPath) -> "Within":
        """The same of every path but one."""
        return replace(
            self,
            holds={each: holds for each, holds in self.holds.items() if each is not path},
            sure=_but(path, self.sure),
            unsure=_but(path, self.unsure),
            over=_but(path, self.over),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How the paths of a model that are asked for compare: those on offer, the cheapest first, and those that are notional.

    `too_close`: the dearer end of the cheapest one's band reaches the next, so it could turn the order. `left_out` are the
    paths on offer that were not asked for, the cheapest first; empty where all were.
    """

    offered: tuple[Contender, ...]
    notional: tuple[Contender, ...]
    left_out: tuple[Contender, ...]
    too_close: bool
    budget: Within | None
    deadline: Within | None

    @property
    def best(self) -> Contender | None:
        return self.offered[0] if self.offered else None

    def within(self, limit: Field) -> Within | None:
        """How the paths stand to the budget or the deadline, whichever of them is meant; None where it was not said."""
        return self.budget if limit is Field.BUDGET_USD else self.deadline

    @property
    def cheapest(self) -> BillingPath | None:
        """The cheapest of all paths on offer, asked for or not; of equals the first."""
        order = [*BillingPath]
        every = sorted((*self.offered, *self.left_out), key=lambda c: (c.usd, order.index(c.path)))
        return every[0].path if every else None

    @property
    def cheaper(self) -> Contender | None:
        """The cheapest path that was left out, where it costs less than those asked for, or could."""
        if not self.left_out or not self.best:
            return next(iter(self.left_out), None)
        rival = self.left_out[0]
        return rival if rival.usd < self.best.usd_high else None

    def without(self, path: BillingPath) -> "Judged":
        """How the others compare where one path is out of the question."""
        offered = _but(path, self.offered)
        return Judged(
            offered=offered,
            notional=_but(path, self.notional),
            left_out=_but(path, self.left_out),
            too_close=_is_too_close(offered),
            budget=self.budget.without(path) if self.budget else None,
            deadline=self.deadline.without(path) if self.deadline else None,
        )


def judge(
    quotes: Sequence[Quote],
    *,
    budget_usd: Decimal | None,
    deadline_hours: Decimal | None,
    paths: Sequence[str] = (),
) -> Judged:
    """Compare what the paths cost with each other, and with what was allowed; `paths` are those asked for, or all."""
    contenders = [contender for quote in quotes if (contender := _contender(quote))]
    asked = [c for c in contenders if not paths or c.path in paths]
    offered = _cheapest_first(asked)
    return Judged(
        offered=tuple(offered),
        notional=tuple(c for c in asked if c.reasons),
        left_out=tuple(_cheapest_first([c for c in contenders if c not in asked])),
        too_close=_is_too_close(offered),
        budget=_within(budget_usd, offered, {c.path: (c.usd, c.usd_high) for c in contenders}),
        deadline=_within(deadline_hours, offered, _hours(contenders)),
    )


def _cheapest_first(contenders: Sequence[Contender]) -> list[Contender]:
    """Those on offer."""
    return sorted((c for c in contenders if not c.reasons), key=lambda c: c.usd)


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


def _is_too_close(offered: Sequence[Contender]) -> bool:
    """Whether the dearer end of the cheapest one's band reaches the next."""
    if len(offered) < 2:
        return False
    best, rival = offered[:2]
    return best.usd < best.usd_high and rival.usd <= best.usd_high


def _but(path: BillingPath, contenders: Sequence[Contender]) -> tuple[Contender, ...]:
    return tuple(each for each in contenders if each.path is not path)


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
