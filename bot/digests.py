"""What a channel is told when rates moved: which, and what that does to its own workloads. No clock, no wording."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bot.answers import Answer, answer
from bot.requests.request import Field, Intent, Request, Value, has_several
from engine.caveats import BillingPath
from engine.costs import Offered, usd_of
from engine.exact import exact
from pricing.cards import AnyCard, CardKey, CardPath
from pricing.catalogue import Catalogue, Model
from pricing.changes import rates_of
from pricing.quotes import Quote
from pricing.snapshots import Announcement, Move, Snapshot, announced, book_of, called_off, moves

MOST_DEFAULT_RUNS = 4
"""So many models are priced at the calculator's default shape, where a channel has saved nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedScenario:
    """A run that a channel saved under a name."""

    name: str
    request: Request


class Failing(NamedTuple):
    """A source that has not been read since a day; `name` is how people call it."""

    name: str
    since: date


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
class Digest:
    """One message to one channel, as figures. `effects` come most affected first.

    `unaffected` counts runs whose bills did not move; `not_shown` names further models whose default runs moved, and
    `unpriced` the scenarios that describe no single run of a covered model.
    """

    today: date
    moves: tuple[Move, ...]
    announced: tuple[Announcement, ...]
    called_off: tuple[Announcement, ...]
    effects: tuple[Effect, ...]
    unaffected: int
    not_shown: tuple[str, ...]
    unpriced: tuple[str, ...]
    waiting: int
    failing: tuple[Failing, ...]


def compose(
    before: Snapshot,
    now: Snapshot,
    *,
    catalogue: Catalogue,
    today: date,
    scenarios: Sequence[SavedScenario] = (),
    models: frozenset[str] = frozenset(),
    over_percent: Decimal | None = None,
    over_usd: Decimal | None = None,
    waiting: int = 0,
    failing: Sequence[tuple[str, date]] = (),
) -> Digest | None:
    """What there is to say to a channel that was told `before`; None where nothing is.

    `models` narrows everything to those models, and to the GPUs that they run on. With a threshold, rates that moved
    count only by what they do to a bill: more than `over_percent` per cent or more than `over_usd` dollars, up or
    down, a path that comes or goes, or another path that is cheapest. What is announced always counts: it has no bill
    yet. Where None comes of bills that moved too little, keep `before`, so that small steps add up.
    """
    pricer = _Pricer(before=before, now=now, catalogue=catalogue, today=today)
    runs, unpriced = _runs(scenarios, models, catalogue)
    scope = _Scope.of(models, runs, catalogue)
    moved = tuple(move for move in moves(before, now) if scope.concerns(move.key))
    coming = tuple(one for one in announced(before, now) if scope.concerns(one.key))
    off = tuple(one for one in called_off(before, now) if scope.concerns(one.key))
    if not (moved or coming or off):
        return None
    by_default = not runs
    if by_default:
        runs = _default_runs(moved, models, catalogue)
    priced = [pricer.effect(run) for run in runs]
    effects = sorted((effect for effect in priced if effect.moved), key=_rank)
    limited = over_percent is not None or over_usd is not None
    loud = any(_counts(e, over_percent=over_percent, over_usd=over_usd) for e in effects)
    if limited and not (loud or coming or off):
        return None
    shown = MOST_DEFAULT_RUNS if by_default else len(effects)
    return Digest(
        today=today,
        moves=moved,
        announced=coming,
        called_off=off,
        effects=tuple(effects[:shown]),
        unaffected=0 if by_default else len(priced) - len(effects),
        not_shown=tuple(effect.model.key for effect in effects[shown:]),
        unpriced=unpriced,
        waiting=waiting,
        failing=tuple(Failing(name, since) for name, since in failing),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One model's run to price; `name` None for the default run."""

    name: str | None
    model: Model
    request: Request


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which keys concern a channel; empty models stand for all of them."""

    models: frozenset[str]
    gpu_types: frozenset[str]

    @classmethod
    def of(cls, models: frozenset[str], runs: Iterable[_Run], catalogue: Catalogue) -> "_Scope":
        clusters = {m.cluster.gpu_type for m in catalogue if m.key in models and m.cluster}
        said = {run.request.fields.get(Field.GPU_TYPE) for run in runs}
        return cls(models, frozenset(clusters | {str(gpu_type) for gpu_type in said if gpu_type}))

    def concerns(self, key: CardKey) -> bool:
        wanted = self.gpu_types if key.path is CardPath.DEDICATED else self.models
        return not self.models or key.item in wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pricer:
    """Prices a run twice, on one day: with the rates before, and with those of now."""

    before: Snapshot
    now: Snapshot
    catalogue: Catalogue
    today: date

    def effect(self, run: _Run) -> Effect:
        was, now = self._answer(run, self.before), self._answer(run, self.now)
        pairs = zip(was.models[0].quotes, now.models[0].quotes, strict=True)
        return Effect(
            name=run.name,
            model=run.model,
            paths=tuple(PathEffect(before=before, after=after) for before, after in pairs),
            before=was,
            after=now,
        )

    def _answer(self, run: _Run, rates: Snapshot) -> Answer:
        return answer(run.request, book=book_of(rates), catalogue=self.catalogue, today=self.today)


def _runs(
    scenarios: Sequence[SavedScenario], models: frozenset[str], catalogue: Catalogue
) -> tuple[tuple[_Run, ...], tuple[str, ...]]:
    """The runs of what was saved, one for each model that is wanted; and the names of what is no run."""
    runs: list[_Run] = []
    unpriced: list[str] = []
    for scenario in scenarios:
        found = list(_runs_of(scenario, catalogue))
        runs += [run for run in found if not models or run.model.key in models]
        if not found:
            unpriced.append(scenario.name)
    return tuple(runs), tuple(unpriced)


def _runs_of(scenario: SavedScenario, catalogue: Catalogue) -> Iterator[_Run]:
    request = scenario.request
    if request.problems or has_several(request.fields):
        return
    # A day that was saved with it would keep the bill from ever moving.
    fields: dict[Field, Value] = {**request.fields}
    fields.pop(Field.AS_OF, None)
    for key in request.models:
        if key in catalogue:
            alone = replace(request, intent=Intent.ESTIMATE, models=(key,), fields=fields)
            yield _Run(scenario.name, catalogue.get(key), alone)


def _default_runs(
    moved: Iterable[Move], models: frozenset[str], catalogue: Catalogue
) -> tuple[_Run, ...]:
    """The default run of each model that a move concerns: by its own rates, or by its cluster's GPU-hour."""
    items = {move.key.item for move in moved}
    return tuple(
        _Run(None, model, Request(intent=Intent.ESTIMATE, models=(model.key,), fields={}))
        for model in catalogue
        if not models or model.key in models
        if model.key in items or (model.cluster and model.cluster.gpu_type in items)
    )


def _rank(effect: Effect) -> tuple[bool, bool, Decimal]:
    """What moved most comes first: another cheapest path, then the largest share of a bill.

    A model that came or went as a whole leads where somebody saved a run of it; otherwise it waits behind the bills.
    """
    whole = None in (effect.cheapest_before, effect.cheapest_after)
    leads = effect.flipped and (effect.name is not None or not whole)
    return not leads, whole, -max(map(_weight, effect.moved))


def _weight(path: PathEffect) -> Decimal:
    """The share by which a bill moved; one that came or went counts as all of it."""
    return Decimal(1) if path.share is None else abs(path.share)


def _counts(effect: Effect, *, over_percent: Decimal | None, over_usd: Decimal | None) -> bool:
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
