"""Solutions in words."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import (
    inputs_of,
    notes_of,
    path_label,
    preset_facts,
    rate_lines,
    status_words,
    titled,
)
from bot.formatting.figures import NO_AMOUNT, limit, money, rounded
from bot.formatting.layout import Cell, Chart, Figure, Section, Table
from bot.formatting.limits_view import unanswered_text
from bot.formatting.request_wording import field_words, hours_words
from bot.formatting.wording import (
    PATH_NAMES,
    gpus_words,
    listed,
    model_name,
    path_names,
    plural,
    reason_clause,
)
from bot.requests.request import Field, number_of
from bot.solutions import FREE, MOST_TURNS, ReplicasRow, Solution
from bot.verdicts import Solved
from engine.caveats import BillingPath, ContextOverflow, Reason
from engine.costs import DedicatedEstimate, Estimate


def solve_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    verdict = answer.verdict
    if not isinstance(verdict, Solved):
        return ""
    without = {unanswered.model for unanswered in verdict.unanswered}
    sentences = []
    for entry in answer.models:
        if entry.model.key not in without:
            prefix = f"{model_name(entry.model.label)}: " if len(answer.models) > 1 else ""
            sentences.append(prefix + _entry_text(answer, entry, verdict.field))
    sentences += [unanswered_text(u, answer, asked="Solutions") for u in verdict.unanswered]
    return " ".join(sentences)


def _entry_text(answer: Answer, entry: ModelAnswer, field: Field) -> str:
    if field is Field.EPISODES:
        return _episodes_text(answer, entry)
    if field is Field.GPUS:
        return _gpus_text(answer, entry)
    return _turns_text(entry)


def solve_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = answer.verdict
    if not isinstance(verdict, Solved):
        return
    without = {unanswered.model for unanswered in verdict.unanswered}
    told = [entry for entry in answer.models if entry.model.key not in without]
    for entry in told:
        yield from _solution_sections(answer, entry, verdict.field)
        yield from titled("Rates", tuple(rate_lines(answer, _of_the_solutions(entry))))
    if told:
        yield from titled("Notes", (*_unused(answer, verdict), *notes_of(answer.caveats, told[0])))


def _of_the_solutions(entry: ModelAnswer) -> ModelAnswer:
    """The entry with those paths alone that the solutions speak of."""
    paths = {path for s in entry.solutions for path in (s.path, s.against)}
    return replace(entry, quotes=tuple(q for q in entry.quotes if q.path in paths))


def _solution_sections(answer: Answer, entry: ModelAnswer, field: Field) -> Iterator[Section]:
    tables = {Field.EPISODES: _episodes_table, Field.TURNS: _turns_table, Field.GPUS: _gpus_table}
    table = tables[field](entry)
    if table.rows:
        chart = _episodes_chart(entry) if field is Field.EPISODES else None
        yield Section(title=_title(answer, entry, field), table=table, chart=chart)
    yield Section(facts=tuple(_facts(answer, entry, field)))


def _title(answer: Answer, entry: ModelAnswer, field: Field) -> str:
    name = model_name(entry.model.label)
    run = answer.workload
    if run is None:
        return name
    turns = plural(run.shape.turns, "turn")
    asked = {
        Field.EPISODES: f"episodes of {turns}",
        Field.TURNS: f"1 to {MOST_TURNS} turns",
        Field.GPUS: f"{plural(run.episodes, 'episode')} of {turns}",
    }
    return f"{name} · {asked[field]} · rates of {answer.as_of}"


def _facts(answer: Answer, entry: ModelAnswer, field: Field) -> Iterator[tuple[str, str]]:
    """What the solution rests on; the field that is solved for is neither said nor a default."""
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    if field is Field.GPUS and isinstance(estimate, DedicatedEstimate):
        yield "A replica", gpus_words(estimate.deployment.gpus, estimate.deployment.gpu_type)
    said, by_default = inputs_of(answer, entry)
    if answer.workload is not None:
        solved_for = {
            Field.TURNS: answer.workload.shape.turns,
            Field.EPISODES: answer.workload.episodes,
        }
        if field in solved_for:
            own = field_words(field, solved_for[field])
            said = [words for words in said if words != own]
    if said:
        yield "You said", ", ".join(said)
    yield from preset_facts(answer)
    if by_default:
        yield "By default", ", ".join(by_default)


def _unused(answer: Answer, verdict: Solved) -> Iterator[str]:
    for field, suggestion in verdict.unused:
        words = field_words(field, answer.request.fields[field])
        yield f"{words[0].upper()}{words[1:]} does not enter this answer; ask `{suggestion}`."


# -- episodes ----------------------------------------------------------------------------------------


def _episodes_text(answer: Answer, entry: ModelAnswer) -> str:
    """The path that gives the most for the money, and what comes next; or what one episode costs."""
    budget = limit(number_of(answer.request.fields, Field.BUDGET_USD) or Decimal(0))
    priced = [s for s in entry.solutions if s.value is not None or s.reason == FREE]
    offered = [s for s in priced if s.offered]
    note = "" if offered else "No path can be bought as asked; notional: "
    chosen = sorted(offered or priced, key=_many, reverse=True)
    best, *others = chosen
    if best.reason == FREE:
        return f"{note}{_name(entry, best.path)} costs nothing here: {budget} buys any number of episodes."
    if not best.value:
        one = _cheapest_episode(entry, chosen)
        return f"{note}{budget} buys not one episode: {one}."
    band = _band(best)
    said = f"{note}{budget} buys {plural(best.value, 'episode')} on {_name(entry, best.path)}{band}"
    if not others:
        return f"{said}."
    rival = others[0]
    close = best.value_if_phases_add is not None and (rival.value or 0) >= best.value_if_phases_add
    verb = "; too close to call with" if close else ", the most; next"
    return f"{said}{verb} {_name(entry, rival.path)} with {rival.value:,}{_band(rival)}."


def _many(solution: Solution) -> Decimal:
    return Decimal("Infinity") if solution.value is None else Decimal(solution.value)


def _band(solution: Solution) -> str:
    """The other end of dedicated's band, where it has one."""
    other = solution.value_if_phases_add
    if other is None or other == solution.value:
        return ""
    return f" ({other:,} if prefill and decode take turns)"


def _cheapest_episode(entry: ModelAnswer, chosen: list[Solution]) -> str:
    amounts = [(_one(entry, s.path), s.path) for s in chosen]
    usd, path = min(amounts)
    return f"one costs {money(usd)} on {_name(entry, path)}, the cheapest"


def _one(entry: ModelAnswer, path: BillingPath) -> Decimal:
    estimate: Estimate | None = entry.quote(path).priced.estimate
    return estimate.usd_per_episode if estimate else Decimal(0)


def _name(entry: ModelAnswer, path: BillingPath) -> str:
    return path_label(entry.quote(path))


def _episodes_table(entry: ModelAnswer) -> Table:
    return Table(
        header=("Path", "Status", "Episodes", "If phases add", "$/episode", "Spent"),
        rows=tuple(_episodes_row(entry, solution) for solution in entry.solutions),
        numeric=frozenset({2, 3, 4, 5}),
    )


def _episodes_row(entry: ModelAnswer, solution: Solution) -> tuple[Cell, ...]:
    quote = entry.quote(solution.path)
    start: tuple[Cell, ...] = (path_label(quote), status_words(quote))
    if solution.value is None:
        free = "any" if solution.reason == FREE else NO_AMOUNT
        return (
            *start,
            free,
            NO_AMOUNT,
            money(Decimal(0)) if solution.reason == FREE else NO_AMOUNT,
            NO_AMOUNT,
        )
    one = _one(entry, solution.path)
    spent = solution.usd or Decimal(0)
    return (
        *start,
        _count(solution.value),
        _count(solution.value_if_phases_add),
        Figure(money(one), one),
        Figure(money(spent), spent),
    )


def _count(value: int | None) -> Cell:
    return NO_AMOUNT if value is None else Figure(f"{value:,}", Decimal(value))


def _episodes_chart(entry: ModelAnswer) -> Chart | None:
    """What the budget buys on each path, where there are two to compare; a star marks what cannot be bought."""
    bars = [
        (f"{_under_a_bar(entry, s.path)}{'' if s.offered else '*'}", Decimal(s.value))
        for s in entry.solutions
        if s.value
    ]
    if len(bars) < 2:
        return None
    marked = any(not s.offered for s in entry.solutions if s.value)
    title = "Episodes" + (" · * cannot be bought as asked" if marked else "")
    return Chart(title=title, axis="episodes", bars=tuple(bars))


def _under_a_bar(entry: ModelAnswer, path: BillingPath) -> str:
    words = _name(entry, path).removeprefix("Serverless ")
    return words[0].upper() + words[1:]


# -- turns -------------------------------------------------------------------------------------------


def _turns_text(entry: ModelAnswer) -> str:
    """The pairs that can be bought in one sentence for each path, then the notional ones, then those without amounts."""
    told = [s for s in entry.solutions if s.value is not None or s.reason in ("never", "always")]
    sentences = [
        _path_text(entry, path, [s for s in told if s.path is path and s.offered is offered])
        for offered in (True, False)
        for path in dict.fromkeys(s.path for s in told if s.offered is offered)
    ]
    sentences += [_lacking_text(entry, s) for s in entry.solutions if s not in told]
    return " ".join(sentences)


def _path_text(entry: ModelAnswer, path: BillingPath, pairs: list[Solution]) -> str:
    """`Dedicated becomes cheaper than Serverless standard from 19 turns (30 if prefill and decode take turns) and …`."""
    becomes = [s for s in pairs if s.value is not None]
    clauses = []
    if becomes:
        told = next((s for s in becomes if _differs(s)), None)
        others = listed(_from_words(s, first=s is becomes[0], said=s is not told) for s in becomes)
        clauses.append(f"becomes cheaper than {others}")
    for reason in ("always", "never"):
        same = [s for s in pairs if s.reason == reason]
        if same:
            others = listed(
                f"{PATH_NAMES[s.against or path]}{_other_bound(s, said=False)}" for s in same
            )
            clauses.append(f"is {reason} cheaper than {others}")
    sentence = f"{PATH_NAMES[path]} {' and '.join(clauses)}."
    if pairs[0].offered:
        return sentence
    return f"{sentence} {_notional_pairs(entry, pairs)}"


def _from_words(s: Solution, *, first: bool, said: bool) -> str:
    """`Serverless priority from 7 (15)`, with the words that all share on the first one that has them."""
    turns = (" turn" if s.value == 1 else " turns") if first else ""
    start = f"{PATH_NAMES[s.against or s.path]} from {s.value:,}{turns}"
    until = f" to {s.until:,}" if s.until is not None else ""
    again = f" and again from {s.again:,}" if s.again is not None else ""
    return f"{start}{until}{again}{_other_bound(s, said=said)}"


def _other_bound(s: Solution, *, said: bool) -> str:
    """The same without overlap, and from when on episodes are too long, where either matters."""
    words = []
    if _differs(s):
        other = s.reason_if_phases_add or f"{s.value_if_phases_add}"
        words.append(other if said else f"{other} if prefill and decode take turns")
    if s.fits_window is False:
        words.append(f"but too long from {s.too_long_from}")
    return f" ({', '.join(words)})" if words else ""


def _differs(s: Solution) -> bool:
    """Whether the answer is another one where prefill and decode take turns."""
    other = (s.value_if_phases_add, s.reason_if_phases_add)
    return other not in ((s.value, s.reason), (None, None))


def _notional_pairs(entry: ModelAnswer, pairs: list[Solution]) -> str:
    """Why these cannot be bought, whatever the turns: `Serverless standard is notional: retired after …`."""
    whys: dict[str, list[BillingPath]] = {}
    for path in dict.fromkeys(p for s in pairs for p in (s.path, s.against) if p):
        why = "; ".join(reason_clause(reason) for reason in _lasting(entry, path))
        if why:
            whys.setdefault(why, []).append(path)
    return " ".join(f"Notional, {why}: {path_names(paths)}." for why, paths in whys.items())


def _lasting(entry: ModelAnswer, path: BillingPath) -> list[Reason]:
    """Why a path cannot be bought, whatever the turns."""
    return [r for r in entry.quote(path).priced.reasons if not isinstance(r, ContextOverflow)]


def _lacking_text(entry: ModelAnswer, s: Solution) -> str:
    lacking = [p for p in (s.path, s.against) if p and not entry.quote(p).priced.estimate]
    why = "; ".join(
        f"{PATH_NAMES[path]}: {reason_clause(reason)}"
        for path in lacking
        for reason in entry.quote(path).priced.reasons
    )
    return f"Nothing can be said of {PATH_NAMES[s.path]} and {PATH_NAMES[s.against or s.path]} ({why})."


def _turns_table(entry: ModelAnswer) -> Table:
    """A row a pair; up to which turns one stays cheaper only where one does not."""
    ends = any(s.until is not None for s in entry.solutions)
    header = (
        "Cheaper",
        "Than",
        "From turns",
        "If phases add",
        *(["Until"] if ends else []),
        "Window",
    )
    return Table(
        header=header,
        rows=tuple(_turns_row(entry, s, ends=ends) for s in entry.solutions),
        numeric=frozenset({2, 3, 4} if ends else {2, 3}),
    )


def _turns_row(entry: ModelAnswer, s: Solution, *, ends: bool) -> tuple[Cell, ...]:
    until: Cell = NO_AMOUNT if s.until is None else Figure(f"{s.until:,}", Decimal(s.until))
    if s.again is not None:
        until = f"{s.until:,}, again {s.again:,}"
    return (
        _short(entry, s.path),
        _short(entry, s.against or s.path),
        _turns_cell(s.value, s.reason),
        _turns_cell(s.value_if_phases_add, s.reason_if_phases_add),
        *((until,) if ends else ()),
        _window_words(s),
    )


def _short(entry: ModelAnswer, path: BillingPath) -> str:
    return PATH_NAMES[path] + (" (notional)" if _lasting(entry, path) else "")


def _turns_cell(value: int | None, reason: str | None) -> Cell:
    if value is not None:
        return Figure(f"{value:,}", Decimal(value))
    return (reason or NO_AMOUNT).replace("_", " ")


def _window_words(s: Solution) -> str:
    """Whether an episode of so many turns fits both, and from when on it does not."""
    if s.too_long_from is not None:
        return f"too long from {s.too_long_from:,}"
    if s.value is None:
        return NO_AMOUNT
    return "fits" if s.fits_window else "not known"


# -- GPUs --------------------------------------------------------------------------------------------


def _gpus_text(answer: Answer, entry: ModelAnswer) -> str:
    """The cluster that ends in time, its hours, and where more stop helping."""
    (s,) = entry.solutions
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return ""
    hours = hours_words(number_of(answer.request.fields, Field.DEADLINE_HOURS) or Decimal(1))
    episodes = estimate.workload.episodes
    one, gpu_type = estimate.deployment.gpus, estimate.deployment.gpu_type
    notional = "" if s.offered and s.fits_window is not False else f" {_notional_words(entry)}"
    if s.value is None:
        return (
            f"No number of GPUs ends within {hours}: with a replica for each episode "
            f"({gpus_words(episodes * one, gpu_type)}) it takes {rounded(s.wall_clock_hours or Decimal(0))} hours, "
            f"and more would stand idle. Give it that time: `{_longer(answer, entry, s)}`.{notional}"
        )
    replicas = plural(s.value // one, "replica")
    took = rounded(s.wall_clock_hours or Decimal(0))
    text = f"{gpus_words(s.value, gpu_type)} ({replicas} of {one:,}) end within {hours}: {took} hours, {money(estimate.usd)}"
    if s.value_if_phases_add is None:
        text += "; if prefill and decode take turns, no number does"
    elif s.value_if_phases_add != s.value:
        row = next(r for r in s.rows if r.gpus == s.value_if_phases_add)
        text += (
            f"; if prefill and decode take turns, {gpus_words(row.gpus, gpu_type)} "
            f"({rounded(row.hours_if_phases_add)} hours, {money(row.usd_if_phases_add)})"
        )
    useful = gpus_words(episodes * one, gpu_type)
    if s.value < episodes * one:
        text += f". More replicas cost the same and end sooner, up to one an episode ({useful})"
    return f"{text}.{notional}"


def _longer(answer: Answer, entry: ModelAnswer, s: Solution) -> str:
    """The same question with a deadline that can be met."""
    from bot.instead import typed

    most = s.rows[-1].hours_if_phases_add if s.rows else Decimal(1)
    fields = {**answer.request.fields, Field.DEADLINE_HOURS: int(most) + 1}
    return typed("solve gpus", entry.model.key, fields)


def _notional_words(entry: ModelAnswer) -> str:
    reasons = entry.quote(BillingPath.DEDICATED).priced.reasons
    return f"Dedicated is notional here: {'; '.join(reason_clause(r) for r in reasons)}."


def _gpus_table(entry: ModelAnswer) -> Table:
    """The clusters around the solution; `add` is about phases that take turns."""
    (s,) = entry.solutions
    return Table(
        header=("Replicas", "GPUs", "In time", "Hours", "If phases add", "$/run", "If phases add"),
        rows=tuple(_gpus_row(row, s) for row in s.rows),
        numeric=frozenset({0, 1, 3, 4, 5, 6}),
    )


def _gpus_row(row: ReplicasRow, s: Solution) -> tuple[Cell, ...]:
    in_time = "no" if s.value is None or row.gpus < s.value else "if phases overlap"
    if s.value_if_phases_add is not None and row.gpus >= s.value_if_phases_add:
        in_time = "yes"
    return (
        _count(row.replicas),
        _count(row.gpus),
        in_time,
        Figure(rounded(row.hours), row.hours),
        Figure(rounded(row.hours_if_phases_add), row.hours_if_phases_add),
        Figure(money(row.usd), row.usd),
        Figure(money(row.usd_if_phases_add), row.usd_if_phases_add),
    )


# -- JSON --------------------------------------------------------------------------------------------


def solve_json(_answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON."""
    return {"solutions": [_json(solution) for solution in entry.solutions]}


def _json(s: Solution) -> dict[str, Any]:
    out: dict[str, Any] = {
        "field": s.field,
        "path": s.path,
        "against": s.against,
        "value": s.value,
        "value_if_phases_add": s.value_if_phases_add,
        "fits_window": s.fits_window,
        "reason": s.reason,
        "reason_if_phases_add": s.reason_if_phases_add,
    }
    if s.field is Field.TURNS:
        return out | {"until": s.until, "again": s.again, "too_long_from": s.too_long_from}
    out["usd"] = json_number(s.usd)
    if s.field is Field.GPUS:
        out["wall_clock_hours"] = json_number(s.wall_clock_hours)
        out["clusters"] = [_row_json(row) for row in s.rows]
    return out


def _row_json(row: ReplicasRow) -> dict[str, Any]:
    return {
        "replicas": row.replicas,
        "gpus": row.gpus,
        "wall_clock_hours": json_number(row.hours),
        "wall_clock_hours_if_phases_add": json_number(row.hours_if_phases_add),
        "usd": json_number(row.usd),
        "usd_if_phases_add": json_number(row.usd_if_phases_add),
    }
