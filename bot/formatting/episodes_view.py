"""How many episodes a budget buys, in words."""

from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.estimate_view import path_label, status_words
from bot.formatting.figures import NO_AMOUNT, limit, money
from bot.formatting.layout import Cell, Chart, Figure, Table
from bot.formatting.model_notes import cannot_hold
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import gpus_words, listed, plural
from bot.requests.request import Field, number_of
from bot.solving.solution import FREE, Solution
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, Estimate


def episodes_text(answer: Answer, entry: ModelAnswer) -> str:
    """The path that gives the most for the money, and what comes next; then how many of them end in time."""
    told = [s for s in _to_be_had(answer, entry) if s.value is not None or s.reason == FREE]
    if not told:
        return ""
    offered = [s for s in told if s.offered]
    note = "" if offered else "No path can be bought as asked; notional: "
    chosen = sorted(offered or told, key=_many, reverse=True)
    sentence = f"{note}{_bought(answer, entry, chosen)}"
    paths = answer.request.paths
    asked = sorted((s for s in told if s.path in paths), key=_many, reverse=True)
    return f"{sentence} {_by_the_deadline(answer, entry, asked if paths else chosen)}".strip()


def _to_be_had(answer: Answer, entry: ModelAnswer) -> list[Solution]:
    """The solutions but that of a cluster which cannot hold the model."""
    idle = any(cannot_hold(answer, entry))
    return [s for s in entry.solutions if not (idle and s.path is BillingPath.DEDICATED)]


def _bought(answer: Answer, entry: ModelAnswer, chosen: list[Solution]) -> str:
    """What the paths that were named give, and the most there is; without any the two that give the most."""
    budget = limit(number_of(answer.request.fields, Field.BUDGET_USD) or Decimal(0))
    best, *others = chosen
    if best.reason == FREE:
        name = _name(entry, best.path)
        return f"{name} costs nothing here: {budget} buys any number of episodes."
    if not best.value:
        return f"{budget} buys not one episode: {_cheapest_episode(entry, chosen)}."
    named = [s for s in _to_be_had(answer, entry) if s.path in answer.request.paths]
    if named and named != [best]:
        return _named(entry, named, best, budget)
    said = f"{budget} buys {_many_on(entry, best, word='episode')}"
    if not others:
        return f"{said}; no other path can be bought as asked." if best.offered else f"{said}."
    rival = others[0]
    close = best.value_if_phases_add is not None and (rival.value or 0) >= best.value_if_phases_add
    verb = "; too close to call with" if close else ", the most; next"
    other = _band(rival.value, rival.value_if_phases_add)
    return f"{said}{verb} {_name(entry, rival.path)} with {rival.value:,}{other}."


def _named(entry: ModelAnswer, named: list[Solution], best: Solution, budget: str) -> str:
    """`$10,000 buys 10,040 episodes on Tinker 128K; the most on offer is 28,125 on Dedicated (…).`"""
    told = [s for s in named if s.value is not None]
    lacking = [
        f"{_name(entry, s.path)} {'costs nothing' if s.reason == FREE else 'has no amount'} here."
        for s in named
        if s.value is None
    ]
    shown = told or [best]
    bought = listed(
        _many_on(entry, s, word="episode" if s is shown[0] else "", marked=best.offered)
        for s in shown
    )
    most = "the most on offer" if best.offered else "the most"
    rest = "" if best in shown else f"; {most} is {_many_on(entry, best)}"
    return " ".join([f"{budget} buys {bought}{rest}.", *lacking])


def _many_on(entry: ModelAnswer, s: Solution, *, word: str = "", marked: bool = False) -> str:
    """`28,125 episodes on Dedicated (21,844 if prefill and decode take turns)`; `marked` where it cannot be bought."""
    count = plural(s.value or 0, word) if word else f"{s.value or 0:,}"
    notional = " (notional)" if marked and not s.offered else ""
    band = _band(s.value, s.value_if_phases_add)
    return f"{count} on {_name(entry, s.path)}{notional}{band}"


def _many(solution: Solution) -> Decimal:
    return Decimal("Infinity") if solution.value is None else Decimal(solution.value)


def _band(value: int | None, if_phases_add: int | None) -> str:
    """The other end of dedicated's band, where it has one."""
    if if_phases_add is None or if_phases_add == value:
        return ""
    return f" ({if_phases_add:,} if prefill and decode take turns)"


def _by_the_deadline(answer: Answer, entry: ModelAnswer, asked: list[Solution]) -> str:
    """How many end in time on the paths asked for, of which the first gives the most; empty where no path has hours, which
    stands beside the solutions."""
    timed = next((s for s in asked if s.in_time is not None), None)
    if timed:
        return _in_time(answer, entry, timed, best=asked[0])
    named = answer.request.paths or [*BillingPath]
    if (
        not asked
        or asked[0].value == 0
        or all(s.in_time is None for s in entry.solutions if s.path in named)
    ):
        return ""
    return f"How long {_name(entry, asked[0].path)} takes is not known."


def _in_time(answer: Answer, entry: ModelAnswer, s: Solution, *, best: Solution) -> str:
    """How many the cluster ends within the deadline, and which of the two limits binds."""
    deadline = hours_words(number_of(answer.request.fields, Field.DEADLINE_HOURS) or Decimal(0))
    if not s.value:
        return ""
    cluster, best_too = _cluster_name(entry), best is s and not answer.request.paths
    which = "them" if best_too else f"the {s.value:,} on Dedicated"
    there = "" if best_too else "there "
    unknown = "" if best is s else f"How long {_name(entry, best.path)} takes is not known. "
    if not s.is_held_by_deadline:
        return (
            f"{unknown}{cluster} end all of {which} within {deadline}, so {there}the budget binds."
        )
    much = f"{s.in_time or 0:,} of {which}{_band(s.in_time, s.in_time_if_phases_add)}"
    more = f" How many GPUs end them all: `{s.suggestion}`." if s.suggestion else ""
    return f"{unknown}Within {deadline} {cluster} end {much}, so {there}the deadline binds.{more}"


def _cluster_name(entry: ModelAnswer) -> str:
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return "Dedicated"
    return gpus_words(estimate.deployment.gpus, estimate.deployment.gpu_type)


def _cheapest_episode(entry: ModelAnswer, chosen: list[Solution]) -> str:
    usd, path = min((_one(entry, s.path), s.path) for s in chosen)
    return f"one costs {money(usd)} on {_name(entry, path)}, the cheapest"


def _one(entry: ModelAnswer, path: BillingPath) -> Decimal:
    estimate: Estimate | None = entry.quote(path).priced.estimate
    return estimate.usd_per_episode if estimate else Decimal(0)


def _name(entry: ModelAnswer, path: BillingPath) -> str:
    return path_label(entry.quote(path))


def episodes_table(entry: ModelAnswer) -> Table:
    """A row a path; how many end in time where a deadline was said."""
    timed = any(s.in_time is not None for s in entry.solutions)
    phases = "If phases add"
    in_time = ("In time", phases) if timed else ()
    header = ("Path", "Status", "Episodes", phases, *in_time, "$/episode", "Spent")
    return Table(
        header=header,
        rows=tuple(_row(entry, solution, timed=timed) for solution in entry.solutions),
        numeric=frozenset(range(2, len(header))),
    )


def _row(entry: ModelAnswer, s: Solution, *, timed: bool) -> tuple[Cell, ...]:
    quote = entry.quote(s.path)
    in_time = (_count(s.in_time), _count(s.in_time_if_phases_add)) if timed else ()
    return (
        path_label(quote),
        status_words(quote),
        "any" if s.reason == FREE else _count(s.value),
        _count(s.value_if_phases_add),
        *in_time,
        *_dollars(entry, s),
    )


def _dollars(entry: ModelAnswer, s: Solution) -> tuple[Cell, Cell]:
    """What one episode costs, and all of them."""
    if s.reason == FREE:
        return money(Decimal(0)), NO_AMOUNT
    if s.value is None:
        return NO_AMOUNT, NO_AMOUNT
    one, spent = _one(entry, s.path), s.usd or Decimal(0)
    return Figure(money(one), one), Figure(money(spent), spent)


def _count(value: int | None) -> Cell:
    return NO_AMOUNT if value is None else Figure(f"{value:,}", Decimal(value))


def episodes_chart(answer: Answer, entry: ModelAnswer) -> Chart | None:
    """What the budget buys on each path, where there are two to compare; a star marks what cannot be bought."""
    sold = [s.path for s in _to_be_had(answer, entry) if s.offered]
    bars = [
        (f"{_under_a_bar(entry, s.path)}{'' if s.path in sold else '*'}", Decimal(s.value))
        for s in entry.solutions
        if s.value
    ]
    if len(bars) < 2:
        return None
    marked = any(s.path not in sold for s in entry.solutions if s.value)
    title = "Episodes" + (" · * cannot be bought as asked" if marked else "")
    return Chart(title=title, axis="episodes", bars=tuple(bars))


def _under_a_bar(entry: ModelAnswer, path: BillingPath) -> str:
    words = _name(entry, path).removeprefix("Serverless ")
    return words[0].upper() + words[1:]
