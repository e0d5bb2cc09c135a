"""A sweep laid out: the paths by value, a chart, and what changes on the way."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.as_json import path_json
from bot.formatting.grounds import preset_notes
from bot.formatting.layout import Section
from bot.formatting.sweep_notes import sweep_facts, sweep_notes, sweep_rates
from bot.formatting.sweep_tables import CLOSE, MARK, NOBODY, chart_of, grids, paths_table
from bot.formatting.sweep_verdict import leads_of, swept_of
from bot.formatting.sweep_words import (
    asked_of,
    field_name,
    is_idle,
    is_timed,
    quote_at,
    ranked_leads,
    rival_of,
    span_words,
    values_words,
)
from bot.formatting.wording import PATH_NAMES, model_name, path_names, reason_word, variant_name
from bot.requests.request import Field, Number
from bot.sweep_lines import too_small
from bot.sweeps import SweepPoint
from bot.verdicts import Lead, Stretch, Swept
from engine.caveats import BillingPath, ContextOverflow
from engine.costs import usd_of
from pricing.quotes import Quote

# Slack takes two charts in a message, and beside the grids of several models not even one.
_CHARTS = 2


def sweep_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = swept_of(answer)
    for nth, entry in enumerate(answer.models):
        room = nth < _CHARTS if len(verdict.fields) == 1 else len(answer.models) == 1
        yield from _pictured(answer, verdict, entry, chart=room)
    yield Section(facts=tuple(sweep_facts(answer, verdict)))
    notes = (*preset_notes(answer), *sweep_notes(verdict))
    if notes:
        yield Section(title="Notes", lines=notes)
    rates = tuple(sweep_rates(answer))
    if rates:
        yield Section(title="Rates", lines=rates)


def _pictured(
    answer: Answer, verdict: Swept, entry: ModelAnswer, *, chart: bool
) -> Iterator[Section]:
    """The table and the chart of one model, and what changes on the way."""
    title = _title(answer, verdict, entry)
    if len(verdict.fields) > 1:  # a cell has room for one path
        shown = asked_of(verdict, entry)
        tables = list(grids(verdict.fields, shown))
    else:
        shown = entry
        tables = [paths_table(verdict.fields[0], entry, timed=is_timed(verdict))]
    curves = chart_of(verdict, shown) if chart else None
    for nth, table in enumerate(tables):
        last = nth == len(tables) - 1
        yield Section(title=title, table=table, curves=curves if last else None)
    for heading, lines in (
        ("What changes on the way", tuple(_standings(verdict, entry))),
        ("Where the cheapest changes", tuple(_crossings(verdict, entry))),
    ):
        if lines:
            yield Section(title=heading, lines=lines)


def _title(answer: Answer, verdict: Swept, entry: ModelAnswer) -> str:
    name = model_name(entry.model.label)
    fields = " and ".join(field_name(field) for field in verdict.fields)
    mark = ""
    if len(verdict.fields) > 1:
        mark = (
            f" · {CLOSE} too close to call"
            if any(map(rival_of, asked_of(verdict, entry).points))
            else ""
        )
    elif any(is_idle(quote, entry.model) for point in entry.points for quote in point.quotes):
        mark = f" · {MARK} cannot be bought as asked"
    return f"{name} · US$ per run by {fields} · rates of {answer.as_of}{mark}"


# -- where a path changes its card or its standing ----------------------------------------------------------


def _standings(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Paths that change on the way, alike ones together: *Tinker: 32K up to 2 turns, 128K from 3 to 11, too long from 12.*"""
    if len(verdict.fields) > 1:
        return
    alike: dict[str, list[Quote]] = {}
    for path in BillingPath:
        own = [
            s for s in verdict.stretches if s.model.key == entry.model.key and s.quote.path is path
        ]
        if len(own) > 1 or any(map(_overflows, own)):
            words = ", ".join(_standing(verdict.fields[0], own))
            alike.setdefault(words, []).append(own[0].quote)
    for words, quotes in alike.items():
        one = quotes[0]
        alone = len(quotes) == 1 and one.variant and one.variant not in words
        names = variant_name(one.path, one.variant) if alone else path_names(q.path for q in quotes)
        yield f"{names}: {words}."


def _overflows(stretch: Stretch) -> bool:
    return any(isinstance(reason, ContextOverflow) for reason in stretch.quote.priced.reasons)


def _reasons(stretch: Stretch) -> list[str]:
    small = too_small(stretch.quote, stretch.model)
    return [*map(reason_word, stretch.quote.priced.reasons), *["too small"] * bool(small)]


def _standing(field: Field, own: Sequence[Stretch]) -> Iterator[str]:
    """What holds throughout, then what holds from where to where."""
    always = [word for word in _reasons(own[0]) if all(word in _reasons(one) for one in own)]
    if always:
        yield f"{' and '.join(always)} throughout"
    several = len({one.quote.variant for one in own}) > 1
    spans: list[tuple[str, Number, Number]] = []
    for one in own:
        words = " and ".join(word for word in _reasons(one) if word not in always)
        if not words:
            words = (one.quote.variant if several else None) or ("" if always else "offered")
        if spans and spans[-1][0] == words:
            spans[-1] = (words, spans[-1][1], one.last)
        elif words:
            spans.append((words, one.first, one.last))
    of = own[0].first, own[-1].last
    for nth, (words, first, last) in enumerate(spans):
        yield f"{words} {span_words(field, first, last, of=of, named=not nth)}"


# -- where the cheapest changes over two fields --------------------------------------------------------------


def _crossings(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """For each value of the second field where the cheapest changes along the first, alike ones together."""
    if len(verdict.fields) == 1 or verdict.points_alone:
        return
    columns: dict[Number, list[Lead]] = {}
    for lead in ranked_leads(verdict, asked_of(verdict, entry)):
        if lead.held:
            columns.setdefault(lead.held[1], []).append(lead)
    if all(len(leads) == 1 for leads in columns.values()):
        return
    alike: dict[str, list[Number]] = {}
    for column, leads in columns.items():
        alike.setdefault(", ".join(_along(leads)), []).append(column)
    for words, values in alike.items():
        yield f"{values_words(verdict.fields[1], values)}: {words}."


def _along(leads: Sequence[Lead]) -> Iterator[str]:
    of = leads[0].first, leads[-1].last
    for nth, lead in enumerate(leads):
        name = PATH_NAMES[lead.path] if lead.path else NOBODY
        yield f"{name} {span_words(lead.field, lead.first, lead.last, of=of, named=not nth)}"


# -- JSON ------------------------------------------------------------------------------------------------


def sweep_json(answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON."""
    return {
        "points": [_point_json(point) for point in entry.points],
        "leads": [_lead_json(lead) for lead in leads_of(swept_of(answer), entry)],
    }


def _point_json(point: SweepPoint) -> dict[str, Any]:
    tinker_usd = usd_of(quote_at(point, BillingPath.TINKER).priced)
    return {
        "fields": {field.value: json_number(value) for field, value in point.fields.items()},
        "paths": [path_json(quote, tinker_usd) for quote in point.quotes],
        "cheapest": point.cheapest,
    }


def _lead_json(lead: Lead) -> dict[str, Any]:
    out: dict[str, Any] = {
        "field": lead.field.value,
        "from": json_number(lead.first),
        "to": json_number(lead.last),
        "path": lead.path,
        "usd_from": json_number(lead.usd_first),
        "usd_to": json_number(lead.usd_last),
        "too_close": [
            {"from": json_number(first), "to": json_number(last)} for first, last in lead.too_close
        ],
    }
    if lead.held:
        out["at"] = {lead.held[0].value: json_number(lead.held[1])}
    return out
