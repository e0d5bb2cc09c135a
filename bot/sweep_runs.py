"""The runs of one model in a sweep, priced: what holds for many of them is found once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.answers import Asking, ModelAnswer
from bot.estimates import (
    closing_caveats,
    cluster_of,
    dedicated_at_par,
    defaults_of,
    figure_caveats,
    workload_of,
)
from bot.requests.request import Field, Number, Value
from bot.sweep_lines import cheapest_of
from bot.sweep_search import Quotes
from engine.caveats import Caveat
from engine.workload import Workload
from pricing.catalogue import Model
from pricing.clusters import ClusterRequest
from pricing.doubts import rate_doubts
from pricing.quotes import PriceList, price_list

Point = Mapping[Field, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRun:
    """The run at one point, priced on its five paths, with what the amounts rest on and leave out."""

    at: Point
    workload: Workload
    entry: ModelAnswer
    defaults: tuple[Field, ...]
    caveats: tuple[Caveat, ...]


class Runs:
    """The runs that some fields describe, with one value each at a point for those that have several.

    Runs on the same cluster are priced from one list, and what is to be known of the rates is the same for all whose
    paths stand alike.
    """

    def __init__(self, fields: Mapping[Field, Value], model: Model, asking: Asking) -> None:
        self._fields, self.model, self._asking = fields, model, asking
        self._lists: dict[ClusterRequest, PriceList] = {}
        self._standing_caveats: dict[object, tuple[Caveat, ...]] = {}

    def workload(self, at: Point) -> Workload:
        return workload_of({**self._fields, **at}, self._asking.preset)[0]

    def quotes(self, at: Point) -> Quotes:
        """The five paths at a point, or between two."""
        return self._list(cluster_of({**self._fields, **at})).quotes(self.workload(at))

    def priced(self, at: Point) -> PointRun:
        """The run at a point, as it is for a request with just its values."""
        fields = {**self._fields, **at}
        workload, shape_defaults = workload_of(fields, self._asking.preset)
        cluster = cluster_of(fields)
        quotes = self._list(cluster).quotes(workload)
        entry = ModelAnswer(
            model=self.model,
            quotes=quotes,
            cheapest=cheapest_of(quotes, phases_add=False),
            at_par=None,
        )
        defaults = defaults_of(fields, shape_defaults, entry)
        figures = figure_caveats(entry, workload, self._asking.catalogue)
        return PointRun(
            at=at,
            workload=workload,
            entry=entry,
            defaults=defaults,
            caveats=(*figures, *self._of_standing(cluster, entry, defaults)),
        )

    def _list(self, cluster: ClusterRequest) -> PriceList:
        if cluster not in self._lists:
            asking = self._asking
            self._lists[cluster] = price_list(
                self.model, cluster=cluster, book=asking.book, on=asking.as_of
            )
        return self._lists[cluster]

    def _of_standing(
        self, cluster: ClusterRequest, entry: ModelAnswer, defaults: tuple[Field, ...]
    ) -> tuple[Caveat, ...]:
        """What is to be known of the rates, and what stands beside every amount of its kind, as of the first run whose
        paths have these cards and can be bought or not like this."""
        stand = cluster, *((quote.variant, quote.priced.status) for quote in entry.quotes)
        if stand not in self._standing_caveats:
            asking, first = self._asking, replace(entry, at_par=dedicated_at_par(entry.quotes))
            self._standing_caveats[stand] = (
                *rate_doubts(entry.quotes, book=asking.book, on=asking.as_of, today=asking.today),
                *closing_caveats(first, defaults),
            )
        return self._standing_caveats[stand]
