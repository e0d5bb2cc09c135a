"""How a path that has an amount bills, for any number of turns."""

from collections.abc import Iterator

from engine.costs import DedicatedEstimate
from engine.solve import Bill, ClusterBill, TokenBill
from pricing.cards import TokenCard
from pricing.quotes import Quote


def bill_of(quote: Quote, *, phases_add: bool) -> Bill:
    """As it is quoted. Raises TypeError for a path without an amount."""
    estimate = quote.priced.estimate
    if isinstance(estimate, DedicatedEstimate):
        return ClusterBill(deployment=estimate.deployment, phases_add=phases_add)
    if not isinstance(quote.card, TokenCard):
        raise TypeError(f"{quote.path} has no rates")
    return TokenBill(rates=quote.card.rates)


def bills_of(quote: Quote) -> Iterator[Bill]:
    """The same, both ways in which the phases of a cluster can go."""
    yield bill_of(quote, phases_add=False)
    if isinstance(quote.priced.estimate, DedicatedEstimate):
        yield bill_of(quote, phases_add=True)
