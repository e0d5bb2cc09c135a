"""How long an answer holds: the rate cards that its figures rest on, and the day on which the first of them is in doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from bot.answers import Answer, ModelAnswer
from bot.verdicts import Compared, Listed
from engine.caveats import BillingPath
from engine.costs import Offered, Unpriced
from pricing.cards import AnyCard, Ended, RateCard
from pricing.doubts import STALE_AFTER_DAYS
from pricing.quotes import Quote


@dataclass(frozen=True, slots=True)
class CardBehind:
    """A card that figures rest on; `offered` where something can be bought from it."""

    card: AnyCard
    offered: bool


class Doubt(Enum):
    """Why an answer holds no longer."""

    UNCHECKED = "over 30 days after the last check"
    REPLACED = "another rate holds"
    ENDED = "the rate ends"
    BEGINS = "a rate begins where there is none"


@dataclass(frozen=True, slots=True)
class ValidUntil:
    """The last day on which an answer holds, and what is different from the next one on; `card` is whose doubt it is."""

    day: date
    doubt: Doubt
    card: RateCard


def cards_behind(answer: Answer) -> tuple[CardBehind, ...]:
    """The cards that the figures of an answer rest on, each once, in the order of the figures."""
    if isinstance(answer.verdict, Listed):
        return tuple(CardBehind(listed.card, listed.in_force) for listed in answer.cards)
    offered: dict[str, bool] = {}
    cards: dict[str, AnyCard] = {}
    for quote in _quotes(answer):
        if quote.card and not isinstance(quote.priced, Unpriced):
            cards[quote.card.id] = quote.card
            sold = isinstance(quote.priced, Offered)
            offered[quote.card.id] = sold or offered.get(quote.card.id, False)
    return tuple(CardBehind(card, offered[name]) for name, card in cards.items())


def valid_until(answer: Answer) -> ValidUntil | None:
    """The last day before something known changes, or before a check is over 30 days old; None without any rate.

    A check counts for what can be bought; where nothing can, for all that has an amount.
    """
    behind = cards_behind(answer)
    doubts = [
        *_known_ends(behind, answer.as_of),
        *_beginnings(answer),
        *_last_checks([one for one in behind if one.offered] or behind),
    ]
    return min(doubts, key=lambda doubt: doubt.day, default=None)


def _quotes(answer: Answer) -> Iterator[Quote]:
    """The paths that figures are shown of: of a comparison the cheapest of each model, of a solution its own."""
    if isinstance(answer.verdict, Compared):
        best: Mapping[str, BillingPath] = {
            ranked.model.key: ranked.best.path for ranked in answer.verdict.ranked
        }
        yield from (
            entry.quote(best[key]) for entry in answer.models if (key := entry.model.key) in best
        )
        return
    for entry in answer.models:
        yield from _quotes_of(entry)


def _quotes_of(entry: ModelAnswer) -> Iterator[Quote]:
    if entry.solutions:
        yield from entry.solved_quotes
        return
    yield from entry.quotes
    yield from (quote for point in entry.points for quote in point.quotes)


def _known_ends(behind: Sequence[CardBehind], as_of: date) -> Iterator[ValidUntil]:
    for each in behind:
        last = each.card.effective_to
        if last is not None and last >= as_of:
            replaced = each.card.ended is Ended.REPLACED
            yield ValidUntil(last, Doubt.REPLACED if replaced else Doubt.ENDED, each.card)


def _beginnings(answer: Answer) -> Iterator[ValidUntil]:
    for quote in _quotes(answer):
        coming = quote.coming
        if coming is not None and coming.effective_from > answer.as_of:
            yield ValidUntil(coming.effective_from - timedelta(days=1), Doubt.BEGINS, coming)


def _last_checks(behind: Sequence[CardBehind]) -> Iterator[ValidUntil]:
    """Of what can be bought by a card that holds until further notice, and of all that cannot be bought."""
    for each in behind:
        if each.card.effective_to is None or not each.offered:
            last = each.card.verified_on + timedelta(days=STALE_AFTER_DAYS)
            yield ValidUntil(last, Doubt.UNCHECKED, each.card)
