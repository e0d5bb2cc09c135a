"""What a channel is told when rates moved: which, and what that does to its own workloads. No clock, no wording."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bot.effects import Effect, Pricer, Run, counts, rank
from bot.requests.request import Field, Intent, Request, Value, has_several
from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue
from pricing.snapshots import Announcement, Move, Snapshot, announced, called_off, moves

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
    pricer = Pricer(before=before, now=now, catalogue=catalogue, today=today)
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
    effects = sorted((effect for effect in priced if effect.moved), key=rank)
    limited = over_percent is not None or over_usd is not None
    loud = any(counts(e, over_percent=over_percent, over_usd=over_usd) for e in effects)
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
class _Scope:
    """Which keys concern a channel; empty models stand for all of them."""

    models: frozenset[str]
    gpu_types: frozenset[str]

    @classmethod
    def of(cls, models: frozenset[str], runs: Iterable[Run], catalogue: Catalogue) -> "_Scope":
        clusters = {m.cluster.gpu_type for m in catalogue if m.key in models and m.cluster}
        said = {run.request.fields.get(Field.GPU_TYPE) for run in runs}
        return cls(models, frozenset(clusters | {str(gpu_type) for gpu_type in said if gpu_type}))

    def concerns(self, key: CardKey) -> bool:
        wanted = self.gpu_types if key.path is CardPath.DEDICATED else self.models
        return not self.models or key.item in wanted


def _runs(
    scenarios: Sequence[SavedScenario], models: frozenset[str], catalogue: Catalogue
) -> tuple[tuple[Run, ...], tuple[str, ...]]:
    """The runs of what was saved, one for each model that is wanted; and the names of what is no run."""
    runs: list[Run] = []
    unpriced: list[str] = []
    for scenario in scenarios:
        found = list(_runs_of(scenario, catalogue))
        runs += [run for run in found if not models or run.model.key in models]
        if not found:
            unpriced.append(scenario.name)
    return tuple(runs), tuple(unpriced)


def _runs_of(scenario: SavedScenario, catalogue: Catalogue) -> Iterator[Run]:
    request = scenario.request
    if request.problems or has_several(request.fields):
        return
    # A day that was saved with it would keep the bill from ever moving.
    fields: dict[Field, Value] = {**request.fields}
    fields.pop(Field.AS_OF, None)
    for key in request.models:
        if key in catalogue:
            alone = replace(request, intent=Intent.ESTIMATE, models=(key,), fields=fields)
            yield Run(scenario.name, catalogue.get(key), alone)


def _default_runs(
    moved: Iterable[Move], models: frozenset[str], catalogue: Catalogue
) -> tuple[Run, ...]:
    """The default run of each model that a move concerns: by its own rates, or by its cluster's GPU-hour."""
    items = {move.key.item for move in moved}
    return tuple(
        Run(None, model, Request(intent=Intent.ESTIMATE, models=(model.key,), fields={}))
        for model in catalogue
        if not models or model.key in models
        if model.key in items or (model.cluster and model.cluster.gpu_type in items)
    )
