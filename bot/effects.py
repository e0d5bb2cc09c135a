"""What a move of rates does to one run: its bills before and now, and whether that is much. No clock, no wording."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.answers import Answer, answer
from bot.requests.request import Request
from engine.caveats import BillingPath
from engine.costs import Offered, usd_of
from engine.exact import exact
from pricing.cards import AnyCard
from pricing.catalogue import Catalogue, Model
from pricing.changes import rates_of
from pricing.quotes import Quote
from pricing.snapshots import Snapshot, book_of


@dataclass(frozen=True, slots=True)
class Run:
    """One model's run to price; `name` None for the default run."""

    name: str | None
    model: Model
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEffect:
    """One path of a run, priced with the rates before and with those of now."""

    before: Quote
    after: Quote

    @property
    def path(self) -> BillingPath:
        return self.after.path

    @property
    def usd_before(self) -> Decimal | None:
        return usd_of(self.before.priced)

    @property
    def usd_after(self) -> Decimal | None:
        return usd_of(self.after.priced)

    @property
    def moved(self) -> bool:
        return self.usd_before != self.usd_after or self.turned

    @property
    def turned(self) -> bool:
        """Whether the path can be bought as asked now and could not before, or the other way round."""
        return _offered(self.before) is not _offered(self.after)

    @property
    def share(self) -> Decimal | None:
        """By how much of itself the bill moved, -1 to any size; None without two amounts, or from nothing."""
        if not self.usd_before or self.usd_after is None:
            return None
        with exact():
            return (self.usd_after - self.usd_before) / self.usd_before

    @property
    def against_list_prices(self) -> bool:
        """Whether every list price moved one way and the bill the other, for a cached rate came or went."""
        was, now = self.before.card, self.after.card
        if was is None or now is None or was.key != now.key:
            return False
        if self.usd_before is None or self.usd_after is None:
            return False
        ways = {_way(before, after) for before, after in _listed_on_both(was, now)} - {0}
        return ways == {-_way(self.usd_before, self.usd_after)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What moved of one run. `name` is None where it is the default run of the model."""

    name: str | None
    model: Model
    paths: tuple[PathEffect, ...]
    before: Answer
    after: Answer

    @property
    def cheapest_before(self) -> BillingPath | None:
        return self.before.models[0].cheapest

    @property
    def cheapest_after(self) -> BillingPath | None:
        return self.after.models[0].cheapest

    @property
    def flipped(self) -> bool:
        return self.cheapest_before is not self.cheapest_after

    @property
    def moved(self) -> tuple[PathEffect, ...]:
        return tuple(path for path in self.paths if path.moved)

    def path(self, path: BillingPath) -> PathEffect:
        return next(effect for effect in self.paths if effect.path is path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    """Prices a run twice, on one day: with the rates before, and with those of now."""

    before: Snapshot
    now: Snapshot
    catalogue: Catalogue
    today: date

    def effect(self, run: Run) -> Effect:
        was, now = self._answer(run, self.before), self._answer(run, self.now)
        pairs = zip(was.models[0].quotes, now.models[0].quotes, strict=True)
        return Effect(
            name=run.name,
            model=run.model,
            paths=tuple(PathEffect(before=before, after=after) for before, after in pairs),
            before=was,
            after=now,
        )

    def _answer(self, run: Run, rates: Snapshot) -> Answer:
        return answer(run.request, book=book_of(rates), catalogue=self.catalogue, today=self.today)


def rank(effect: Effect) -> tuple[bool, bool, Decimal]:
    """What moved most comes first: another cheapest path, then the largest share of a bill.

    A model that came or went as a whole leads where somebody saved a run of it; otherwise it waits behind the bills.
    """
    whole = None in (effect.cheapest_before, effect.cheapest_after)
    leads = effect.flipped and (effect.name is not None or not whole)
    return not leads, whole, -max(map(_weight, effect.moved))


def _weight(path: PathEffect) -> Decimal:
    """The share by which a bill moved; one that came or went counts as all of it."""
    return Decimal(1) if path.share is None else abs(path.share)


def counts(effect: Effect, *, over_percent: Decimal | None, over_usd: Decimal | None) -> bool:
    """Whether an effect is over one of the thresholds, or of a kind that always is."""
    return (
        effect.flipped
        or _came_or_went(effect)
        or any(_is_over(path, over_percent, over_usd) for path in effect.moved)
    )


def _came_or_went(effect: Effect) -> bool:
    return any(
        path.turned or (path.usd_before is None) is not (path.usd_after is None)
        for path in effect.moved
    )


def _is_over(path: PathEffect, percent: Decimal | None, usd: Decimal | None) -> bool:
    """Products alone: a quotient could be rounded onto the threshold."""
    if path.usd_before is None or path.usd_after is None:
        return False
    with exact():
        by = abs(path.usd_after - path.usd_before)
        over_usd = usd is not None and by > usd
        return over_usd or (percent is not None and by * 100 > percent * path.usd_before)


def _offered(quote: Quote) -> bool:
    return isinstance(quote.priced, Offered)


def _way(before: Decimal, after: Decimal) -> int:
    """1 up, -1 down, 0 neither."""
    return (after > before) - (after < before)


def _listed_on_both(was: AnyCard, now: AnyCard) -> Iterator[tuple[Decimal, Decimal]]:
    """The rates that have a figure before and after."""
    before, after = rates_of(was), rates_of(now)
    for rate, usd in before.items():
        other = after.get(rate)
        if usd is not None and other is not None:
            yield usd, other
