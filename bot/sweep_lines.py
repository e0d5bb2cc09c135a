"""A run of one model over one field: where another path becomes the cheapest, and where a path changes its standing.

Between two points a sweep is priced again, so that what is said of a stretch holds for every whole value in it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from math import floor
from typing import TypeVar

from bot.requests.request import Field, Number
from bot.verdicts import Lead, Stretch
from engine.caveats import BillingPath, NoThroughput
from engine.costs import DedicatedEstimate, Offered, Phase, usd_of
from pricing.catalogue import Model
from pricing.quotes import Quote

Quotes = tuple[Quote, ...]
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The run of one model over one field, everything else held, priced where asked.

    `points_alone`: between the points it cannot be priced.
    """

    model: Model
    field: Field
    values: tuple[Number, ...]
    held: tuple[Field, Number] | None
    points_alone: bool
    known: dict[Number, Quotes]
    price: Callable[[Number], Quotes]

    def quotes(self, value: Number) -> Quotes:
        if value not in self.known:
            self.known[value] = self.price(value)
        return self.known[value]

    def leads(self) -> Iterator[Lead]:
        """Who is the cheapest on offer from where to where, without a gap."""
        for first, last, path in self._kept(_cheapest, among=self._looked_at()):
            yield Lead(
                model=self.model,
                field=self.field,
                first=first,
                last=last,
                path=path,
                usd_first=self._usd(first, path),
                usd_last=self._usd(last, path),
                too_close=tuple(self._too_close(first, last, path)),
                held=self.held,
            )

    def stretches(self) -> Iterator[Stretch]:
        """Of each path the values over which its card and its standing stay as they are."""
        if self.points_alone:
            return
        for path in BillingPath:
            for first, last, _ in self._kept(partial(_standing, path), among=self.values):
                quote = quote_of(self.quotes(first), path)
                yield Stretch(model=self.model, first=first, last=last, quote=quote, held=self.held)

    def _too_close(
        self, first: Number, last: Number, path: BillingPath | None
    ) -> Iterator[tuple[Number, Number]]:
        """The parts of a lead of dedicated that it loses when its phases take turns, which makes it dearer."""
        if path is not BillingPath.DEDICATED:
            return
        within = [value for value in self._looked_at() if first <= value <= last]
        for start, end, leads in self._kept(_cheapest_if_phases_add, among={first, *within, last}):
            if leads is not path:
                yield start, end

    def _usd(self, value: Number, path: BillingPath | None) -> Decimal | None:
        return usd_of(quote_of(self.quotes(value), path).priced) if path else None

    def _looked_at(self) -> Iterable[Number]:
        """Values between any two of which one bill undercuts another once at the most.

        While the cards hold and the same phase of the cluster is the longer one, a bill is a straight line, or over a
        throughput falls against bills that stay as they are: so of such a stretch the ends will do. Over turns it is
        curved, for each adds more than the last one: two bills can cross twice, and every turn at which something can
        be bought is looked at, of which there are some hundreds at most.
        """
        if self.points_alone:
            priced = [v for v in self.values if not lacks_throughput(self.quotes(v))]
            return priced or self.values
        looked_at = set(self.values)
        for first, last, _ in self._kept(_form, among=self.values):
            looked_at |= {first, last}
            if self.field is Field.TURNS and _cheapest(self.quotes(first)):
                looked_at.update(range(int(first), int(last)))
        return looked_at

    def _kept(
        self, key: Callable[[Quotes], _Key], *, among: Iterable[Number]
    ) -> Iterator[tuple[Number, Number, _Key]]:
        """The first and the last value of each stretch over which `key` stays the same, and what it is.

        Between two neighbours that differ the change is searched by halves, down to two whole values.
        """
        looked_at = sorted(among)
        start, found = looked_at[0], key(self.quotes(looked_at[0]))
        for low, high in pairwise(looked_at):
            while key(self.quotes(high)) != found:
                left, right = low, high
                while not self.points_alone and right - left > 1:
                    middle = _whole_between(left, right)
                    same = key(self.quotes(middle)) == found
                    left, right = (middle, right) if same else (left, middle)
                yield start, left, found
                low = start = right
                found = key(self.quotes(right))
        yield start, looked_at[-1], found


def _whole_between(left: Number, right: Number) -> int:
    """A whole number near the middle of two numbers more than one apart."""
    middle = floor((left + right) / 2)
    return middle if middle > left else middle + 1


def quote_of(quotes: Quotes, path: BillingPath) -> Quote:
    return next(quote for quote in quotes if quote.path is path)


def lacks_throughput(quotes: Quotes) -> bool:
    """Whether dedicated has no amount for want of a throughput."""
    reasons = quote_of(quotes, BillingPath.DEDICATED).priced.reasons
    return any(isinstance(reason, NoThroughput) for reason in reasons)


def cheapest_of(quotes: Quotes, *, phases_add: bool) -> BillingPath | None:
    """The cheapest path on offer, at the lower or the upper end of dedicated's band; of equals the first."""
    bills = {}
    for quote in quotes:
        if isinstance(quote.priced, Offered):
            estimate = quote.priced.estimate
            bills[quote.path] = estimate.usd
            if phases_add and isinstance(estimate, DedicatedEstimate):
                bills[quote.path] = estimate.usd_high
    return min(bills, key=lambda path: bills[path], default=None)


def _cheapest(quotes: Quotes) -> BillingPath | None:
    return cheapest_of(quotes, phases_add=False)


def _cheapest_if_phases_add(quotes: Quotes) -> BillingPath | None:
    return cheapest_of(quotes, phases_add=True)


def _standing(path: BillingPath, quotes: Quotes) -> object:
    """Which card a path's amount rests on, and why it cannot be bought, without the figures of one run."""
    quote = quote_of(quotes, path)
    return quote.card, quote.priced.status, tuple(reason.code for reason in quote.priced.reasons)


def _form(quotes: Quotes) -> object:
    """What every bill is worked out from: the cards, and which phase of the cluster is the longer one."""
    return tuple(_standing(path, quotes) for path in BillingPath), _longer_phase(quotes)


def _longer_phase(quotes: Quotes) -> Phase | None:
    estimate = quote_of(quotes, BillingPath.DEDICATED).priced.estimate
    return estimate.binding if isinstance(estimate, DedicatedEstimate) else None
