"""What quotes leave open: how old, how certain and how disputed their rates are, and what the windows do to them."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from engine.caveats import (
    BillingPath,
    Caveat,
    ConflictingSources,
    HeldForReview,
    NotOffered,
    ObservedRatesMissing,
    OnlyNamedCards,
    OverflowDiffers,
    StaleRates,
    UncertainStart,
    WindowUnknown,
)
from engine.costs import Offered, Unpriced
from pricing.cards import RateBook, RateCard
from pricing.quotes import Quote

STALE_AFTER_DAYS = 30


def age_days(card: RateCard, *, today: date) -> int:
    """How long ago the source was last seen to say so."""
    return (today - card.verified_on).days


def is_stale(card: RateCard, *, today: date) -> bool:
    """Whether an open card was not checked for over 30 days, whichever day is priced: it may have ended since."""
    return card.effective_to is None and age_days(card, today=today) > STALE_AFTER_DAYS


def not_offered(quotes: Sequence[Quote]) -> tuple[Caveat, ...]:
    """Each reason once, with the paths that it keeps from being bought."""
    pairs = [(reason, quote.path) for quote in quotes for reason in quote.priced.reasons]
    return tuple(NotOffered(paths=paths, reason=reason) for reason, paths in _grouped(pairs))


def window_doubts(
    quotes: Sequence[Quote], *, peak_context_tokens: int, smallest_known_tokens: int | None
) -> tuple[Caveat, ...]:
    """Windows that are not known, and windows that some of the amounts overflow and others do not.

    `smallest_known_tokens` is the smallest window known at Fireworks, to tell how much a window that is not known matters.
    """
    priced = [quote for quote in quotes if not isinstance(quote.priced, Unpriced)]
    unknown = tuple(quote.path for quote in priced if quote.window_tokens is None)
    windows = tuple((q.path, q.window_tokens) for q in priced if q.window_tokens is not None)
    overflown = [window for _, window in windows if window < peak_context_tokens]
    caveats: list[Caveat] = []
    if overflown and len({window for _, window in windows}) > 1:
        caveats.append(OverflowDiffers(windows=windows))
    if unknown:
        caveats.append(
            WindowUnknown(
                paths=unknown,
                needs_tokens=peak_context_tokens,
                smallest_known_tokens=smallest_known_tokens,
            )
        )
    return tuple(caveats)


def rate_doubts(
    quotes: Sequence[Quote], *, book: RateBook, on: date, today: date
) -> tuple[Caveat, ...]:
    """What is to be known of the rates behind the amounts."""
    return (
        *book_doubts(book),
        *_held(quotes, book=book),
        *_stale(quotes, today=today),
        *_uncertain(quotes, on=on),
        *_conflicting(quotes, book=book, on=on),
    )


def book_doubts(book: RateBook) -> tuple[Caveat, ...]:
    """What is to be known of a book as a whole."""
    missing: tuple[Caveat, ...] = (ObservedRatesMissing(),) if book.observed_missing else ()
    named = () if book.named is None else (OnlyNamedCards(cards=book.named),)
    return (*named, *missing)


def _held(quotes: Sequence[Quote], *, book: RateBook) -> Iterable[Caveat]:
    """What sources say of the cards behind the amounts, and nobody has decided on."""
    for quote in quotes:
        for claim in book.held:
            if (
                quote.card
                and not isinstance(quote.priced, Unpriced)
                and claim.key == quote.card.key
            ):
                yield HeldForReview(
                    path=quote.path,
                    says=claim.says,
                    gone=claim.gone,
                    since=claim.since.isoformat(),
                    source=claim.source,
                )


def _stale(quotes: Sequence[Quote], *, today: date) -> Iterable[Caveat]:
    stale = [
        (quote.card.verified_on, quote.path)
        for quote in quotes
        if quote.card and not isinstance(quote.priced, Unpriced)
        if is_stale(quote.card, today=today)
    ]
    for verified_on, paths in _grouped(sorted(stale)):
        yield StaleRates(
            paths=paths, verified_on=verified_on.isoformat(), age_days=(today - verified_on).days
        )


def _uncertain(quotes: Sequence[Quote], *, on: date) -> Iterable[Caveat]:
    for quote in quotes:
        card = quote.card or quote.coming
        if card and not card.from_certain and on < card.certain_from:
            yield UncertainStart(
                path=quote.path,
                effective_from=card.effective_from.isoformat(),
                certain_from=card.certain_from.isoformat(),
            )


def _conflicting(quotes: Sequence[Quote], *, book: RateBook, on: date) -> Iterable[Caveat]:
    keys = [q.card.key for q in quotes if q.card and isinstance(q.priced, Offered)]
    for conflict in book.conflicts:
        if any(conflict.concerns(key, on) for key in keys):
            yield ConflictingSources(
                subject=conflict.subject,
                used=conflict.used,
                used_source=conflict.used_source,
                other=conflict.other,
                other_source=conflict.other_source,
            )


What = TypeVar("What", bound=Hashable)


def _grouped(
    pairs: Iterable[tuple[What, BillingPath]],
) -> Iterable[tuple[What, tuple[BillingPath, ...]]]:
    """Things with all of their paths, in order of first appearance."""
    groups: dict[What, tuple[BillingPath, ...]] = {}
    for what, path in pairs:
        known = groups.get(what, ())
        groups[what] = known if path in known else (*known, path)
    return groups.items()
