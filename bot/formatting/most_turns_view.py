"""How many turns a budget buys or a deadline leaves time for, in words."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import NO_AMOUNT, limit, money
from bot.formatting.judged_wording import among
from bot.formatting.layout import Cell, Figure, Table
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import PATH_NAMES, listed, path_names, plural
from bot.requests.request import Field, number_of
from bot.solving.solution import MOST_TURNS, Solution
from bot.sweep_lines import too_small
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
    sentences = [f"{note}{_bought(answer, chosen)}"]
    if Field.DEADLINE_HOURS in answer.request.fields and any(map(_has_hours, told)):
        sentences += _timed(answer, chosen)
    return " ".join(sentences)


def _has_hours(s: Solution) -> bool:
    return s.path is BillingPath.DEDICATED


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
        return _not_one(chosen, limit(budget), run, deadline)
    left_out = among(answer.request.paths) if others else ""
    said = (
        f"{left_out}{limit(budget)} buys {run} of {turns} on {_name(best)}{_beside(best, deadline)}"
    )
    equal = [
        f"{_name(s)}{_in_brackets(_if_phases_add(s))}" for s in others if s.value == best.value
    ]
    if equal:
        return f"{said}; as many on {listed(equal)}."
    if not others:
        return f"{said}."
    rival = others[0]
    if not rival.value:
        return f"{said}{', the most' if best.binding else ''}."
    close = best.value_if_phases_add is not None and rival.value >= best.value_if_phases_add
    verb = "; too close to call with" if close else ", the most; next" if best.binding else "; next"
    return f"{said}{verb} {_name(rival)} with {rival.value:,}{_beside(rival, deadline)}."


def _not_one(chosen: Sequence[Solution], budget: str, run: str, deadline: str) -> str:
    """That not even one turn can be had, and what that would come to where the budget is what binds."""
    late = any(s.binding == "deadline" for s in chosen)
    ends = f"Dedicated does not end {run} of even one turn within {deadline}"
    costs = [
        (usd_of(s.run.priced) or Decimal(0), s) for s in chosen if s.run and s.binding != "deadline"
    ]
    if not costs:
        return f"{ends}."
    usd, cheapest = min(costs, key=lambda each: each[0])
    where = (
        f"on {_name(cheapest)}{', the cheapest' if len(costs) > 1 else ''}, they cost {money(usd)}"
    )
    if late:
        return f"{ends}, and {budget} does not buy them elsewhere: {where}."
    return f"{budget} does not buy {run} of even one turn: {where}."


def _timed(answer: Answer, chosen: Sequence[Solution]) -> Iterator[str]:
    """What is known beside a deadline: how many turns the path has whose hours are known, where that is not said yet, and
    which have none."""
    best, known = chosen[0], next(filter(_has_hours, chosen), None)
    is_said = known is None or known.value == best.value or (known is chosen[1] and known.value)
    if known and best.value and not is_said:
        room = plural(known.value, "turn") if known.value else "not even one turn"
        band = _in_brackets(_if_phases_add(known))
        yield f"Dedicated, the only path whose time is known, has room for {room}{band}."
    others = [s.path for s in chosen if s is not known]
    if others and best.value:
        take = "takes" if len(others) == 1 else "take"
        yield f"How long {path_names(others)} {take} is not known."
    if not others and not answer.request.paths:
        yield "How long the other paths take is not known."


def _beside(s: Solution, deadline: str, *, bought: bool = True) -> str:
    """The other end of dedicated's band, and what binds where that is not the budget."""
    words = [_if_phases_add(s)]
    if s.binding == "window":
        words.append("all that the window holds")
    if s.binding == "deadline" and bought:
        words.append(f"as many as end within {deadline}")
    if s.value == MOST_TURNS and s.binding is None:
        words.append("the most that can be asked")
    return _in_brackets(*words)


def _if_phases_add(s: Solution) -> str:
    """The other end of dedicated's band; empty where it is the same."""
    if s.value_if_phases_add in (None, s.value):
        return ""
    return f"{s.value_if_phases_add:,} if prefill and decode take turns"


def _in_brackets(*words: str) -> str:
    said = ", ".join(word for word in words if word)
    return f" ({said})" if said else ""


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
        "notional: too small" if too_small(quote, entry.model) else status_words(quote),
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
