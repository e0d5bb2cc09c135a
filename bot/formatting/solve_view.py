"""Solutions in words; episodes_view.py, turns_view.py and gpus_view.py word each kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.episodes_view import episodes_chart, episodes_table, episodes_text
from bot.formatting.gpus_view import gpus_table, gpus_text
from bot.formatting.grounds import input_facts, inputs_of
from bot.formatting.layout import Section, Table
from bot.formatting.model_notes import cannot_hold, notes_sections, rates_sections
from bot.formatting.most_turns_view import most_turns_json, most_turns_table
from bot.formatting.offer_wording import offer_text
from bot.formatting.request_wording import field_words
from bot.formatting.turns_view import turns_table, turns_text
from bot.formatting.unanswered_wording import unanswered_text
from bot.formatting.wording import gpus_words, model_name, plural
from bot.requests.request import Field
from bot.solving.solution import MOST_TURNS, ReplicasRow, Solution
from bot.verdicts import Solved
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate

_TEXTS: Mapping[Field, Callable[[Answer, ModelAnswer], str]] = {
    Field.EPISODES: episodes_text,
    Field.TURNS: turns_text,
    Field.GPUS: gpus_text,
}
_TABLES: Mapping[Field, Callable[[ModelAnswer], Table]] = {
    Field.EPISODES: episodes_table,
    Field.TURNS: turns_table,
    Field.GPUS: gpus_table,
}


def solve_text(answer: Answer) -> str:
    """The verdict in a few sentences with the numbers."""
    verdict = answer.verdict
    if not isinstance(verdict, Solved):
        return ""
    sentences: list[str] = []
    for entry in _told(answer, verdict):
        prefix = f"{model_name(entry.model.label)}: " if len(answer.models) > 1 else ""
        sentences += cannot_hold(answer, entry)
        text = _TEXTS[verdict.field](answer, entry)
        sentences += [prefix + text] if text else []
    sentences += _undecided_texts(answer, verdict)
    sentences += [unanswered_text(u, answer, asked="Solutions") for u in verdict.unanswered]
    return " ".join(sentences)


def _told(answer: Answer, verdict: Solved) -> list[ModelAnswer]:
    """The models with a solution."""
    without = {key for unanswered in verdict.unanswered for key in unanswered.models}
    return [entry for entry in answer.models if entry.model.key not in without]


def _undecided_texts(answer: Answer, verdict: Solved) -> Iterator[str]:
    """A budget or a deadline of which nothing can be said here, and what to ask."""
    paths = answer.request.paths
    model = answer.models[0].model if len(answer.models) == 1 else None
    for field, offered in verdict.undecided:
        words = field_words(field, answer.request.fields[field])
        limit = f"{words[0].upper()}{words[1:]}"
        if offered:
            yield f"{limit} is not judged here. {offer_text(answer.request, offered, model)}"
        elif paths and BillingPath.DEDICATED not in paths:
            yield f"How long these paths take is not known, so nothing is said of {words}."
        else:
            yield f"{limit} cannot be judged: no throughput is known, so neither is how long a run takes."


def solve_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = answer.verdict
    if not isinstance(verdict, Solved):
        return
    told = _told(answer, verdict)
    for entry in told:
        yield from _solution_sections(answer, entry, verdict.field)
    if told:
        yield from notes_sections(answer, told)
    yield from rates_sections(answer, [_of_the_solutions(entry) for entry in told])


def _of_the_solutions(entry: ModelAnswer) -> ModelAnswer:
    """The entry with what the solutions rest on alone."""
    return replace(entry, quotes=entry.solved_quotes)


def _solution_sections(answer: Answer, entry: ModelAnswer, field: Field) -> Iterator[Section]:
    most = most_turns_table(entry) if field is Field.TURNS else None
    if most and most.rows:
        yield Section(title=_most_title(answer, entry), table=most)
    table = _TABLES[field](entry)
    if table.rows:
        chart = episodes_chart(answer, entry) if field is Field.EPISODES else None
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


def _most_title(answer: Answer, entry: ModelAnswer) -> str:
    run = plural(answer.workload.episodes, "episode") if answer.workload else ""
    return f"{model_name(entry.model.label)} · most turns of {run} · rates of {answer.as_of}"


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
    yield from input_facts(answer, said, by_default)


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
        out["cards"] = [quote.card.id for quote in s.quotes if quote.card]
    if s.budget:
        out["within_budget"] = s.budget.holds
    if s.deadline:
        out["within_deadline"] = s.deadline.holds
    match s.field:
        case Field.TURNS if s.is_most_turns:
            return out | most_turns_json(s)
        case Field.TURNS:
            return out | _crossing_json(s)
        case Field.EPISODES:
            return out | {"usd": json_number(s.usd)} | _in_time_json(s)
        case _:
            return out | _clusters_json(s)


def _crossing_json(s: Solution) -> dict[str, Any]:
    return {
        "until": s.until,
        "until_if_phases_add": s.until_if_phases_add,
        "again": s.again,
        "again_if_phases_add": s.again_if_phases_add,
        "against_from": s.against_from,
        "too_long_from": s.too_long_from,
    }


def _in_time_json(s: Solution) -> dict[str, Any]:
    """Of a path without hours nothing is known."""
    if s.in_time is None:
        return {}
    return {"in_time": s.in_time, "in_time_if_phases_add": s.in_time_if_phases_add}


def _clusters_json(s: Solution) -> dict[str, Any]:
    return {
        "usd": json_number(s.usd),
        "wall_clock_hours": json_number(s.wall_clock_hours),
        "clusters": [_row_json(row) for row in s.rows],
    }


def _row_json(row: ReplicasRow) -> dict[str, Any]:
    return {
        "replicas": row.replicas,
        "gpus": row.gpus,
        "wall_clock_hours": json_number(row.hours),
        "wall_clock_hours_if_phases_add": json_number(row.hours_if_phases_add),
        "usd": json_number(row.usd),
        "usd_if_phases_add": json_number(row.usd_if_phases_add),
    }
