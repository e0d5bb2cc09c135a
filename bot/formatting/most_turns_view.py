"""How many turns a budget buys or a deadline leaves time for, in words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import NO_AMOUNT, limit, money
from bot.formatting.layout import Cell, Figure, Table
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import PATH_NAMES, listed, plural
from bot.requests.request import Field, number_of
from bot.solving.solution import Solution
from engine.caveats import BillingPath, ContextOverflow
from engine.costs import usd_of


def most_turns_text(answer: Answer, entry: ModelAnswer) -> str:
    """The path that leaves room for the most turns, and what comes next; empty where no such thing was asked."""
    asked = [s for s in entry.solutions if s.is_most_turns]
    told = [s for s in asked if s.value is not None]
    offered = [s for s in told if s.offered]
    chosen = sorted(offered or told, key=lambda s: s.value or 0, reverse=True)
    if not chosen:
        too_long = any(s.reason == ContextOverflow.code for s in asked)
        return "An episode of even one turn fits no window." if too_long else ""
    note = "" if offered else "No path can be bought as asked; notional: "
    timed = any(s.path is BillingPath.DEDICATED for s in told)
    unknown = timed and Field.DEADLINE_HOURS in answer.request.fields
    rest = " How long the other paths take is not known." if unknown else ""
    return f"{note}{_bought(answer, chosen)}{rest}"


def _bought(answer: Answer, chosen: Sequence[Solution]) -> str:
    """`$500 buys 1,000 episodes of 11 turns on Dedicated (8 if prefill and decode take turns), the most; next Tinker 128K with 5.`"""
    best, *others = chosen
    budget = number_of(answer.request.fields, Field.BUDGET_USD)
    deadline = hours_words(number_of(answer.request.fields, Field.DEADLINE_HOURS) or Decimal(0))
    run = plural(answer.workload.episodes if answer.workload else 1, "episode")
    turns = plural(best.value or 0, "turn")
    if budget is None:
        if not best.value:
            return f"Dedicated does not end {run} of even one turn within {deadline}."
        return f"Within {deadline} Dedicated ends {run} of {turns}{_beside(best, deadline, bought=False)}."
    if not best.value:
        return _not_one(best, chosen, limit(budget), run, deadline)
    said = f"{limit(budget)} buys {run} of {turns} on {_name(best)}{_beside(best, deadline)}"
    equal = [_name(s) for s in others if s.value == best.value]
    if equal:
        return f"{said}; as many on {listed(equal)}."
    if not others:
        return f"{said}."
    rival = others[0]
    close = best.value_if_phases_add is not None and (rival.value or 0) >= best.value_if_phases_add
    verb = "; too close to call with" if close else ", the most; next"
    return f"{said}{verb} {_name(rival)} with {rival.value:,}{_beside(rival, deadline)}."


def _not_one(
    best: Solution, chosen: Sequence[Solution], budget: str, run: str, deadline: str
) -> str:
    """That not even one turn can be had, and what that would come to."""
    if best.binding == "deadline":
        return f"{_name(best)} does not end {run} of even one turn within {deadline}."
    usd, cheapest = min(
        ((usd_of(s.run.priced) or Decimal(0), s) for s in chosen if s.run), key=lambda each: each[0]
    )
    return f"{budget} does not buy {run} of even one turn: on {_name(cheapest)}, the cheapest, they cost {money(usd)}."


def _beside(s: Solution, deadline: str, *, bought: bool = True) -> str:
    """The other end of dedicated's band, and what binds where that is not the budget."""
    words = []
    if s.value_if_phases_add not in (None, s.value):
        words.append(f"{s.value_if_phases_add:,} if prefill and decode take turns")
    if s.binding == "window":
        words.append("all that the window holds")
    if s.binding == "deadline" and bought:
        words.append(f"as many as end within {deadline}")
    return f" ({', '.join(words)})" if words else ""


def _name(s: Solution) -> str:
    return path_label(s.run) if s.run else PATH_NAMES[s.path]


def most_turns_table(entry: ModelAnswer) -> Table:
    """A row a path, with the bill of so many turns and what keeps it from more."""
    solutions = [s for s in entry.solutions if s.is_most_turns]
    return Table(
        header=("Path", "Status", "Most turns", "If phases add", "$/run", "Bound by"),
        rows=tuple(_row(entry, s) for s in solutions),
        numeric=frozenset({2, 3, 4}),
    )


def _row(entry: ModelAnswer, s: Solution) -> tuple[Cell, ...]:
    quote = s.run or entry.quote(s.path)
    usd = usd_of(s.run.priced) if s.run and s.value else None
    return (
        path_label(quote),
        status_words(quote),
        _count(s.value),
        _count(s.value_if_phases_add),
        NO_AMOUNT if usd is None else Figure(money(usd), usd),
        s.binding or NO_AMOUNT,
    )


def _count(value: int | None) -> Cell:
    return NO_AMOUNT if value is None else Figure(f"{value:,}", Decimal(value))


def most_turns_json(s: Solution) -> dict[str, Any]:
    """What a solution of one path adds: which variant is priced at so many turns, what they cost, and what binds."""
    run = s.run if s.value else None
    return {
        "variant": run.variant if run else None,
        "usd": json_number(usd_of(run.priced)) if run else None,
        "binding": s.binding,
        "too_long_from": s.too_long_from,
    }
