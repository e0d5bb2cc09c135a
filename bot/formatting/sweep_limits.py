"""A budget and a deadline beside a sweep, in a sentence each: from where to where they are kept."""

from collections.abc import Iterator
from decimal import Decimal

from bot.answers import ModelAnswer
from bot.formatting.figures import limit as amount_words
from bot.formatting.request_wording import hours_words
from bot.formatting.sweep_words import points_words, ranked_points, span_words
from bot.formatting.wording import listed
from bot.judged import Outcome, judge
from bot.requests.request import Field
from bot.sweeps import SweepPoint
from bot.verdicts import Swept

_WORDS: dict[Outcome, tuple[str, str]] = {
    "kept": ("enough", "met"),
    "unsure": ("too close to call", "too close to call"),
    "missed": ("too little", "missed"),
}
"""Of a budget and of a deadline."""


def limit_sentences(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """*$300 is enough up to 6 turns, too close to call at 7 and too little from 8 on.*

    Each value counts at which some path on offer, of those asked for, has what the limit is about.
    """
    for limit, amount in verdict.allowed:
        along = len(verdict.fields) == 1 and not verdict.points_alone
        where = dict(_spans(verdict, entry, limit) if along else _points(verdict, entry, limit))
        is_budget = limit is Field.BUDGET_USD
        clauses = [
            f"{words[0 if is_budget else 1]} {where[outcome]}"
            for outcome, words in _WORDS.items()
            if outcome in where
        ]
        if clauses:
            yield f"{_subject(amount, is_budget=is_budget)} is {listed(clauses)}."
        elif not is_budget:
            yield f"How long these paths take is not known, so nothing is said of the deadline of {hours_words(amount)}."


def _subject(amount: Decimal, *, is_budget: bool) -> str:
    """Only a cluster has a known time."""
    if is_budget:
        return amount_words(amount)
    return f"On Dedicated the deadline of {hours_words(amount)}"


def _spans(verdict: Swept, entry: ModelAnswer, limit: Field) -> Iterator[tuple[Outcome, str]]:
    """For each outcome from where to where it is so; the field is named once."""
    field = verdict.fields[0]
    own = [s for s in verdict.limits if s.limit is limit and s.model.key == entry.model.key]
    of = own[0].first, own[-1].last
    named = True
    for outcome in _WORDS:
        spans = [(span.first, span.last) for span in own if span.outcome == outcome]
        words = [
            span_words(field, *span, of=of, named=named and not nth)
            for nth, span in enumerate(spans)
        ]
        if words:
            yield outcome, listed(words)
            named = False


def _points(verdict: Swept, entry: ModelAnswer, limit: Field) -> Iterator[tuple[Outcome, str]]:
    """For each outcome at which points it is so."""
    allowed = dict(verdict.allowed)
    budget, deadline = (allowed.get(f) for f in (Field.BUDGET_USD, Field.DEADLINE_HOURS))
    found: dict[Outcome, list[SweepPoint]] = {}
    for point in ranked_points(entry):
        judged = judge(
            point.quotes, budget_usd=budget, deadline_hours=deadline, paths=verdict.paths
        )
        within = judged.within(limit)
        if within:
            found.setdefault(within.outcome, []).append(point)
    for outcome, points in found.items():
        yield outcome, points_words(verdict.fields, points, entry)
