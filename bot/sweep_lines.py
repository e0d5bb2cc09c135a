"""A run of one model over one field: where another path becomes the cheapest, and where a path changes its standing.

Between two points a sweep is priced again, so that what is said of a stretch holds for every whole value in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from itertools import groupby

from bot.judged import Outcome, judge
from bot.requests.request import Field, Number
from bot.sweep_search import Quotes, Search, Unit
from bot.verdicts import Lead, LimitSpan, Stretch
from engine.caveats import BillingPath, ClusterTooSmall, NoThroughput
from engine.costs import DedicatedEstimate, Offered, Phase, usd_of
from engine.solve import turns_of_change
from engine.workload import Workload
from pricing.bills import bills_of
from pricing.catalogue import Model
from pricing.clusters import too_small_for
from pricing.quotes import Quote

Paths = Sequence[BillingPath]

_UNITS: Mapping[Field, Unit] = {Field.BUDGET_USD: "usd", Field.DEADLINE_HOURS: "hours"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """The run of one model over one field, everything else held, priced where asked.

    `points_alone`: between the points it cannot be priced. `known` keeps what was priced. `limits` are the budget and the
    deadline that were said.
    """

    model: Model
    field: Field
    values: tuple[Number, ...]
    held: tuple[Field, Number] | None
    points_alone: bool
    known: dict[Number, Quotes]
    run: Callable[[Number], Workload]
    price: Callable[[Number], Quotes]
    limits: Mapping[Field, Decimal]

    def quotes(self, value: Number) -> Quotes:
        if value not in self.known:
            self.known[value] = self.price(value)
        return self.known[value]

    def leads(self, paths: Paths = ()) -> Iterator[Lead]:
        """Who of some paths, or of all, is the cheapest that can be had from where to where, without a gap but for points
        that tell nothing."""
        cheapest = partial(self._cheapest, paths, phases_add=False)
        kept = (lead for part in self._parts for lead in self._search.kept(cheapest, among=part))
        for first, last, path in kept:
            yield Lead(
                model=self.model,
                field=self.field,
                first=first,
                last=last,
                path=path,
                usd_first=self._usd(first, path),
                usd_last=self._usd(last, path),
                too_close=tuple(self._too_close(first, last, path, paths)),
                held=self.held,
            )

    def stretches(self) -> Iterator[Stretch]:
        """Of each path the values over which its card and its standing stay as they are."""
        if self.points_alone:
            return
        ends = {value for piece in self._pieces for value in piece}
        for path in BillingPath:
            standing = partial(self._standing_of, path)
            for first, last, _ in self._search.kept(standing, among=ends):
                quote = quote_of(self.quotes(first), path)
                yield Stretch(model=self.model, first=first, last=last, quote=quote, held=self.held)

    def limit_spans(self, paths: Paths = ()) -> Iterator[LimitSpan]:
        """From where to where the budget and the deadline are kept by some path on offer, of `paths` or of all."""
        if self.points_alone:
            return
        ends = {value for piece in self._pieces for value in piece}
        for limit in self.limits:
            outcome = partial(self._outcome, limit, paths)
            for first, last, found in self._search.kept(outcome, among={*ends, *self.values}):
                yield LimitSpan(
                    model=self.model, limit=limit, first=first, last=last, outcome=found
                )

    def _outcome(self, limit: Field, paths: Paths, quotes: Quotes) -> Outcome:
        budget, deadline = map(self.limits.get, (Field.BUDGET_USD, Field.DEADLINE_HOURS))
        had = to_be_had(quotes, self.model)
        judged = judge(had, budget_usd=budget, deadline_hours=deadline, paths=paths)
        within = judged.within(limit)
        return within.outcome if within else "unknown"

    def _cheapest(self, paths: Paths, quotes: Quotes, *, phases_add: bool) -> BillingPath | None:
        return cheapest_of(to_be_had(quotes, self.model), phases_add=phases_add, paths=paths)

    def _standing_of(self, path: BillingPath, quotes: Quotes) -> object:
        return _standing(quote_of(quotes, path), self.model)

    def _form(self, quotes: Quotes) -> object:
        """What every bill is worked out from: the cards, and which phase of the cluster is the longer one."""
        return tuple(_standing(quote, self.model) for quote in quotes), _longer_phase(quotes)

    def _too_close(
        self, first: Number, last: Number, path: BillingPath | None, paths: Paths
    ) -> Iterator[tuple[Number, Number]]:
        """The parts of a lead of dedicated that it loses when its phases take turns, which makes it dearer."""
        if path is not BillingPath.DEDICATED:
            return
        within = {value for value in self._looked_at if first <= value <= last}
        in_turns = partial(self._cheapest, paths, phases_add=True)
        spans = self._search.kept(in_turns, among={first, *within, last})
        yield from ((start, end) for start, end, leads in spans if leads is not path)

    def _usd(self, value: Number, path: BillingPath | None) -> Decimal | None:
        return usd_of(quote_of(self.quotes(value), path).priced) if path else None

    @cached_property
    def _search(self) -> Search:
        return Search(
            field=self.field,
            quotes=self.quotes,
            points_alone=self.points_alone,
            limits={_UNITS[limit]: amount for limit, amount in self.limits.items()},
        )

    @cached_property
    def _pieces(self) -> tuple[tuple[Number, Number], ...]:
        """The parts over which the cards hold and the same phase of the cluster is the longer one."""
        return tuple(
            (first, last) for first, last, _ in self._search.kept(self._form, among=self.values)
        )

    @cached_property
    def _parts(self) -> tuple[set[Number], ...]:
        """What is looked at, apart where a point between tells nothing."""
        if not self.points_alone:
            return (self._looked_at,)
        runs = groupby(self.values, key=lambda value: value in self._looked_at)
        return tuple(set(part) for looked_at, part in runs if looked_at)

    @cached_property
    def _looked_at(self) -> set[Number]:
        """Values between any two of which one bill undercuts another once at the most.

        Over a piece a bill is a straight line, or over a throughput falls against bills that stay as they are: so its ends
        will do. Over turns it is curved, for each adds more than the last one, and two bills can cross twice: there
        the engine says at which turns the order can change.
        """
        if self.points_alone:
            priced = {v for v in self.values if not lacks_throughput(self.quotes(v))}
            return priced or set(self.values)
        looked_at = set(self.values)
        for first, last in self._pieces:
            looked_at |= {first, last}
            if self.field is Field.TURNS:
                looked_at.update(turns for turns in self._crossed(first) if first < turns < last)
        return looked_at

    def _crossed(self, first: Number) -> set[int]:
        """At which turns two bills on offer may cross, billed as at the first one of a piece."""
        bills = [
            bill
            for quote in self.quotes(first)
            if isinstance(quote.priced, Offered)
            for bill in bills_of(quote)
        ]
        if len(bills) < 2:
            return set()
        shape = self.run(first).shape
        return turns_of_change(bills, shape, most_turns=int(self.values[-1]))


def quote_of(quotes: Quotes, path: BillingPath) -> Quote:
    return next(quote for quote in quotes if quote.path is path)


def too_small(quote: Quote, model: Model) -> ClusterTooSmall | None:
    """Why an amount on dedicated cannot be had, whoever sells it: its cluster cannot hold the model."""
    if quote.cluster is None or not isinstance(quote.priced.estimate, DedicatedEstimate):
        return None
    return too_small_for(model, quote.cluster)


def to_be_had(quotes: Quotes, model: Model) -> Quotes:
    """The quotes without that of a cluster which cannot hold the model."""
    return tuple(quote for quote in quotes if not too_small(quote, model))


def lacks_throughput(quotes: Quotes) -> bool:
    """Whether dedicated has no amount for want of a throughput."""
    return any(isinstance(reason, NoThroughput) for q in quotes for reason in q.priced.reasons)


def cheapest_of(quotes: Quotes, *, phases_add: bool, paths: Paths = ()) -> BillingPath | None:
    """The cheapest path on offer, of `paths` or of all, at the lower or the upper end of dedicated's band; of equals the
    first."""
    bills = {}
    for quote in quotes:
        if isinstance(quote.priced, Offered) and (not paths or quote.path in paths):
            estimate = quote.priced.estimate
            bills[quote.path] = estimate.usd
            if phases_add and isinstance(estimate, DedicatedEstimate):
                bills[quote.path] = estimate.usd_high
    return min(bills, key=lambda path: bills[path], default=None)


def _standing(quote: Quote, model: Model) -> object:
    """Which card a path's amount rests on, and why it cannot be had, without the figures of one run."""
    reasons = tuple(reason.code for reason in quote.priced.reasons)
    return quote.card, quote.priced.status, reasons, too_small(quote, model) is None


def _longer_phase(quotes: Quotes) -> Phase | None:
    estimate = quote_of(quotes, BillingPath.DEDICATED).priced.estimate
    return estimate.binding if isinstance(estimate, DedicatedEstimate) else None
