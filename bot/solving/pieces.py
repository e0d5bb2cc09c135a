"""1 to 200 turns, cut into pieces over each of which every path is priced from one card."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from bot.estimates import cluster_of, workload_of
from bot.requests.request import Field
from bot.solving.question import Question
from bot.solving.solution import MOST_TURNS, is_sold
from bot.sweep_lines import too_small
from engine.caveats import BillingPath
from engine.solve import TokenBill, cheaper_turns
from engine.workload import EpisodeShape, Workload, turns_that_fit
from pricing.cards import CardKey, CardPath
from pricing.catalogue import Model
from pricing.quotes import Quote, quote_model

Quotes = Mapping[BillingPath, Quote]


@dataclass(frozen=True, slots=True)
class Piece:
    """Numbers of turns over which every path keeps its rates and either fits its window or not."""

    turns: range
    quotes: Quotes


def longest_run(question: Question) -> Workload:
    """The run that is asked about, with the most turns that an episode can have."""
    fields = {**question.fields, Field.TURNS: MOST_TURNS}
    return workload_of(fields, question.asking.preset)[0]


def pieces_of(question: Question) -> tuple[Piece, ...]:
    """The pieces, cut where an episode outgrows a window and where one of Tinker's variants becomes cheaper than
    another: between the cuts the same cards are priced, as a run of the first turns is."""
    shape = longest_run(question).shape
    starts = sorted({1, *(start for start in _cuts(question, shape) if 1 < start <= MOST_TURNS)})
    return tuple(
        Piece(range(start, stop), quotes_at(question, turns=start))
        for start, stop in pairwise([*starts, MOST_TURNS + 1])
    )


def _cuts(question: Question, shape: EpisodeShape) -> Iterator[int]:
    model, asking = question.model, question.asking
    windows = {variant.window_tokens for variant in model.tinker}
    if model.fireworks_window_tokens is not None:
        windows.add(model.fireworks_window_tokens)
    yield from (turns_that_fit(shape, window_tokens=window) + 1 for window in windows)
    keys = [CardKey(CardPath.TINKER, model.key, variant.window_tokens) for variant in model.tinker]
    cards = [asking.book.tinker.around(key, asking.as_of).begun for key in keys]
    bills = [TokenBill(rates=card.rates) for card in cards if card]
    for one, other in permutations(bills, 2):
        for cheaper in cheaper_turns(one, other, shape, most_turns=MOST_TURNS):
            yield from (cheaper.start, cheaper.stop)


def quotes_at(question: Question, *, turns: int) -> Quotes:
    """The paths of the run with so many turns."""
    fields, asking = {**question.fields, Field.TURNS: turns}, question.asking
    quotes = quote_model(
        question.model,
        workload_of(fields, asking.preset)[0],
        cluster=cluster_of(fields),
        book=asking.book,
        on=asking.as_of,
    )
    return {quote.path: quote for quote in quotes}


def can_be_had(quote: Quote, model: Model) -> bool:
    """Whether the path can be bought, on a cluster that holds the model, as long as an episode fits its window."""
    return is_sold(quote) and not too_small(quote, model)


def resting_on(pieces: Sequence[Piece], *paths: BillingPath) -> tuple[Quote, ...]:
    """Quotes of some paths, one for each card that prices one of them at some number of turns: the first."""
    found: dict[object, Quote] = {}
    for path in paths:
        for piece in pieces:
            quote = piece.quotes[path]
            found.setdefault((path, quote.card and quote.card.id), quote)
    return tuple(found.values())
