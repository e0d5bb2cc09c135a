"""How many turns an episode may have for the run to stay within a budget, or a deadline, on each path."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from bot.requests.request import Field
from bot.solving.pieces import Piece, can_be_had, longest_run, quotes_at, resting_on
from bot.solving.question import Question
from bot.solving.solution import MOST_TURNS, Binding, Solution, fit_window
from engine.caveats import BillingPath, ContextOverflow
from engine.costs import DedicatedEstimate, Offered
from engine.solve import most_turns, most_turns_in_time
from engine.workload import Workload
from pricing.bills import bill_of
from pricing.quotes import Quote

_SET_AGAINST_EACH_OTHER = (
    2  # paths: one says which is asked about, more than two which are left out
)


def turns_bought(question: Question, pieces: Sequence[Piece]) -> tuple[Solution, ...]:
    """The most turns on each path that is asked for; of a deadline alone on dedicated, for how long the others take is
    not known.

    None where two paths are named, which are to be set against each other, or where neither limit was said.
    """
    if len(question.paths) == _SET_AGAINST_EACH_OTHER:
        return ()
    if question.budget_usd is None and question.deadline_hours is None:
        return ()
    paths = [*BillingPath] if question.budget_usd is not None else [BillingPath.DEDICATED]
    asked = [path for path in paths if not question.paths or path in question.paths]
    return tuple(_bought(question, pieces, path) for path in asked)


def _bought(question: Question, pieces: Sequence[Piece], path: BillingPath) -> Solution:
    """The most turns of one path, among those that it sells; where it sells none, among those that it has an amount for."""
    lacking = Solution(field=Field.TURNS, path=path, value=None, quotes=resting_on(pieces, path))
    first = pieces[0].quotes[path]
    if not first.priced.estimate:
        return replace(lacking, reason=first.priced.reasons[0].code)
    fitting = [piece for piece in pieces if fit_window(piece.quotes[path]) is not False]
    if not fitting:
        return replace(lacking, reason=ContextOverflow.code)
    sold = [piece for piece in fitting if isinstance(piece.quotes[path].priced, Offered)]
    search = _Search(question, longest_run(question), path, sold or fitting)
    value, binding = search.most(phases_add=False)
    run = quotes_at(question, turns=max(value, 1))[path]
    found = replace(
        lacking,
        value=value,
        binding=binding,
        offered=bool(sold) and can_be_had(first, question.model),
        fits_window=fit_window(run),
        too_long_from=_too_long_from(pieces, path),
        run=run,
    )
    if path is not BillingPath.DEDICATED:
        return found
    return replace(found, value_if_phases_add=search.most(phases_add=True)[0])


def _too_long_from(pieces: Sequence[Piece], path: BillingPath) -> int | None:
    too_long = (p.turns.start for p in pieces if fit_window(p.quotes[path]) is False)
    return next(too_long, None)


@dataclass(frozen=True, slots=True)
class _Search:
    """The turns of one path that come into question, in pieces."""

    question: Question
    run: Workload
    path: BillingPath
    pieces: Sequence[Piece]

    def most(self, *, phases_add: bool) -> tuple[int, Binding | None]:
        """The most turns within what was said, and what keeps it from one more; a budget before a deadline that is as
        tight."""
        found: list[tuple[int, Binding | None]] = [self._room()]
        if self.question.budget_usd is not None:
            found.append((self._within_budget(phases_add=phases_add), "budget"))
        if self.question.deadline_hours is not None and self.path is BillingPath.DEDICATED:
            found.append((self._in_time(phases_add=phases_add), "deadline"))
        return min(found, key=lambda each: each[0])

    def _room(self) -> tuple[int, Binding | None]:
        last = self.pieces[-1].turns[-1]
        return last, "window" if last < MOST_TURNS else None

    def _within_budget(self, *, phases_add: bool) -> int:
        one = self._of_one_episode(self.question.budget_usd)
        return max(
            most_turns(
                bill_of(quote, phases_add=phases_add),
                self.run.shape,
                usd_per_episode=one,
                among=piece.turns,
            )
            for piece, quote in self._quotes()
        )

    def _in_time(self, *, phases_add: bool) -> int:
        one = self._of_one_episode(self.question.deadline_hours)
        return max(
            most_turns_in_time(
                quote.priced.estimate.deployment,
                self.run.shape,
                hours_per_episode=one,
                among=piece.turns,
                phases_add=phases_add,
            )
            for piece, quote in self._quotes()
            if isinstance(quote.priced.estimate, DedicatedEstimate)
        )

    def _quotes(self) -> list[tuple[Piece, Quote]]:
        return [(piece, piece.quotes[self.path]) for piece in self.pieces]

    def _of_one_episode(self, limit: Decimal | None) -> Fraction:
        """An episode's share of what the run may cost or take."""
        return Fraction(limit or 0) / self.run.episodes
