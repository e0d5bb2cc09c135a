"""A sweep in words: the paths by value, a chart, and the crossings."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.as_json import path_json
from bot.formatting.estimate_view import path_label, preset_facts
from bot.formatting.figures import number
from bot.formatting.layout import Line, Section, Sourced
from bot.formatting.rates_view import card_rates
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_picture import picture as picture
from bot.formatting.sweep_tables import CLOSE, MARK, NOBODY, chart_of, grids, paths_table
from bot.formatting.sweep_wording import (
    capital,
    field_name,
    is_notional,
    quote_at,
    rival_of,
    swept_of,
    where_of,
)
from bot.formatting.sweep_wording import sweep_text as sweep_text
from bot.formatting.wording import (
    PATH_NAMES,
    caveat_text,
    gpus_words,
    listed,
    model_name,
    path_names,
    reason_word,
)
from bot.requests.request import Field, Number, Value, number_of
from bot.sweeps import SweepPoint
from bot.verdicts import CaveatAt, FlipAt, Judged, Stretch, Swept, Within, judge
from engine.caveats import (
    BillingPath,
    ClusterTooSmall,
    ContextOverflow,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    IdealPrefixCache,
    NotAQuote,
    NotOffered,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    StaleRates,
    ThroughputUnusual,
    WindowUnknown,
)
from engine.costs import Unpriced, usd_of
from pricing.doubts import age_days, is_stale
from pricing.quotes import Quote

# Said by the rates below, or about at-par limits alone.
_SHOWN_ELSEWHERE = (DefaultsUsed, StaleRates, FixedThroughput)

# Sentences whose figures are those of one point.
_OF_A_POINT = (
    ClusterTooSmall,
    DecodeExceedsAdded,
    IdealPrefixCache,
    NotOffered,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ThroughputUnusual,
    WindowUnknown,
)


# Slack takes two charts in a message, and beside the grids of several models not even one.
_CHARTS = 2


# -- the parts -------------------------------------------------------------------------------------------


def sweep_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    verdict = swept_of(answer)
    for nth, entry in enumerate(answer.models):
        room = nth < _CHARTS if len(verdict.fields) == 1 else len(answer.models) == 1
        yield from _pictured(answer, verdict, entry, chart=room)
    yield Section(facts=tuple(_inputs(answer, verdict)))
    notes = tuple(_notes(verdict))
    if notes:
        yield Section(title="Notes", lines=notes)
    rates = tuple(_rate_lines(answer))
    if rates:
        yield Section(title="Rates", lines=rates)


def _pictured(
    answer: Answer, verdict: Swept, entry: ModelAnswer, *, chart: bool
) -> Iterator[Section]:
    """The table and the chart of one model, and what changes on the way."""
    title = _title(answer, verdict, entry)
    tables = [paths_table(verdict.fields[0], entry)]
    if len(verdict.fields) > 1:
        tables = list(grids(verdict.fields, entry))
    curves = chart_of(verdict.fields, entry) if chart else None
    for nth, table in enumerate(tables):
        last = nth == len(tables) - 1
        yield Section(title=title, table=table, curves=curves if last else None)
    facts = tuple(_limits(answer, verdict, entry))
    if facts:
        yield Section(facts=facts)
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
        mark = f" · {CLOSE} too close to call" if any(map(rival_of, entry.points)) else ""
    elif any(is_notional(quote) for point in entry.points for quote in point.quotes):
        mark = f" · {MARK} cannot be bought as asked"
    return f"{name} · US$ per run by {fields} · rates of {answer.as_of}{mark}"


def _standings(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Paths that change on the way, alike ones together: *Tinker: 32K up to 2 turns, 128K from 3, too long from 12.*"""
    alike: dict[str, list[Quote]] = {}
    for path in BillingPath:
        own = [
            s for s in verdict.stretches if s.model.key == entry.model.key and s.quote.path is path
        ]
        if len(own) > 1 or any(map(_overflows, own)):
            words = ", ".join(_standing(verdict.fields[0], s, own) for s in own)
            alike.setdefault(words, []).append(own[0].quote)
    for words, quotes in alike.items():
        names = path_names([quote.path for quote in quotes])
        alone = len(quotes) == 1 and quotes[0].variant and quotes[0].variant not in words
        yield f"{path_label(quotes[0]) if alone else names}: {words}."


def _overflows(stretch: Stretch) -> bool:
    return any(isinstance(reason, ContextOverflow) for reason in stretch.quote.priced.reasons)


def _standing(field: Field, stretch: Stretch, own: Sequence[Stretch]) -> str:
    quote, words = stretch.quote, []
    if len({one.quote.variant for one in own}) > 1 and quote.variant:
        words.append(quote.variant)
    words += [reason_word(reason) for reason in quote.priced.reasons] or ["offered"] * (not words)
    what = " and ".join(words)
    if len(own) == 1:
        return f"{what} throughout"
    if stretch is own[0]:
        return f"{what} up to {field_words(field, stretch.last)}"
    if stretch is own[-1]:
        return f"{what} from {number(stretch.first)}"
    if stretch.first == stretch.last:
        return f"{what} at {number(stretch.first)}"
    return f"{what} from {number(stretch.first)} to {number(stretch.last)}"


def _limits(answer: Answer, verdict: Swept, entry: ModelAnswer) -> Iterator[tuple[str, str]]:
    """At which points a budget or a deadline is kept, by some path on offer."""
    fields = answer.request.fields
    budget, deadline = number_of(fields, Field.BUDGET_USD), number_of(fields, Field.DEADLINE_HOURS)
    judged = [
        (point, judge(point.quotes, budget_usd=budget, deadline_hours=deadline))
        for point in entry.points
    ]
    for label, limit, kept in (("Budget", budget, _budget), ("Deadline", deadline, _deadline)):
        if limit is None:
            continue
        sure = [p for p, j in judged if (within := kept(j)) and within.sure]
        unsure = [p for p, j in judged if (w := kept(j)) and w.unsure and not w.sure]
        kept_at = where_of(verdict.fields, sure, entry)
        close = f"; too close to call {where_of(verdict.fields, unsure, entry)}" if unsure else ""
        yield label, f"kept {kept_at}{close}"


def _budget(judged: Judged) -> Within | None:
    return judged.budget


def _deadline(judged: Judged) -> Within | None:
    return judged.deadline


def _crossings(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Over two fields: for each value of the second where the cheapest changes, alike ones together."""
    flips = [f for f in verdict.flips if f.held and f.model.key == entry.model.key]
    if not flips:
        return
    down, across = verdict.fields
    columns = list(dict.fromkeys(point.fields[across] for point in entry.points))
    alike: dict[str, list[Number]] = {}
    for column in columns:
        own = [flip for flip in flips if flip.held == (across, column)]
        points = [point for point in entry.points if point.fields[across] == column]
        alike.setdefault(_along(down, own, points), []).append(column)
    for words, values in alike.items():
        *front, last = values
        yield f"{listed([*map(number, front), field_words(across, last)])}: {words}"


def _along(field: Field, flips: Sequence[FlipAt], points: Sequence[SweepPoint]) -> str:
    first = points[0].cheapest
    if not flips:
        return f"{_along_name(first)} throughout."
    start = f"{_along_name(first)} up to {field_words(field, flips[0].below)}"
    return (
        ", ".join([start, *(f"{_along_name(f.after)} from {number(f.above)}" for f in flips)]) + "."
    )


def _along_name(path: BillingPath | None) -> str:
    return PATH_NAMES[path] if path else NOBODY


def _inputs(answer: Answer, verdict: Swept) -> Iterator[tuple[str, str]]:
    """What the numbers rest on: what was said, and what was taken by default."""
    said = [field_words(field, value) for field, value in answer.request.fields.items()]
    if said:
        yield "You said", ", ".join(said)
    yield from preset_facts(answer)
    by_default = [words for field in answer.defaults for words in _default(answer, verdict, field)]
    if by_default:
        yield "By default", ", ".join(by_default)


def _default(answer: Answer, verdict: Swept, field: Field) -> Iterator[str]:
    """One default in words. Clusters are those of each model, and of each count where GPUs are swept."""
    workload = answer.workload
    if field is Field.AS_OF:
        yield "today's rates"
    elif workload and field in (shape := _shape(answer)):
        yield field_words(field, shape[field])
    elif Field.GPUS in verdict.fields or len(answer.models) > 1:
        if field is Field.PROMPT_TPS:
            yield "the throughput known for each cluster"
        elif field is Field.GPUS or (field is Field.GPU_TYPE and Field.GPUS in verdict.fields):
            yield "each model's own cluster" if field is Field.GPUS else "the model's own GPUs"
    else:
        yield from _cluster_default(answer.models[0], answer.defaults, field)


def _shape(answer: Answer) -> dict[Field, Value]:
    if answer.workload is None:
        return {}
    shape = answer.workload.shape
    return {
        Field.TURNS: shape.turns,
        Field.EPISODES: answer.workload.episodes,
        Field.INITIAL_PROMPT_TOKENS: shape.initial_prompt_tokens,
        Field.TOKENS_ADDED_PER_TURN: shape.tokens_added_per_turn,
        Field.DECODE_TOKENS_PER_TURN: shape.decode_tokens_per_turn,
    }


def _cluster_default(entry: ModelAnswer, defaults: Sequence[Field], field: Field) -> Iterator[str]:
    plan = entry.quote(BillingPath.DEDICATED).cluster
    if plan is None:
        return
    both = Field.GPUS in defaults and Field.GPU_TYPE in defaults
    if both and plan.gpus is not None and plan.gpu_type is not None:
        if field is Field.GPUS:
            yield gpus_words(plan.gpus, plan.gpu_type)
        if field is Field.GPU_TYPE:
            return
    elif field is Field.GPUS and plan.gpus is not None:
        yield field_words(field, plan.gpus)
    elif field is Field.GPU_TYPE and plan.gpu_type is not None:
        yield field_words(field, plan.gpu_type)
    if field is Field.PROMPT_TPS and plan.prompt_tps is not None:
        yield field_words(field, plan.prompt_tps)
    if field is Field.DECODE_TPS and plan.decode_tps is not None:
        yield field_words(field, plan.decode_tps)


def _notes(verdict: Swept) -> Iterator[str]:
    """The caveats that no other line says already, with whose and at which point; the disclaimer closes them."""
    notes = [
        f"{_whose(one)}{caveat_text(one.caveat)}"
        for one in verdict.caveats
        if not isinstance(one.caveat, (*_SHOWN_ELSEWHERE, NotAQuote))
        and not _said_by_standing(verdict, one)
    ]
    closing = [
        caveat_text(one.caveat) for one in verdict.caveats if isinstance(one.caveat, NotAQuote)
    ]
    if notes and closing:
        notes[-1] = f"{notes[-1]} {closing[0]}"
    yield from notes or closing


def _said_by_standing(verdict: Swept, one: CaveatAt) -> bool:
    """Whether the lines about each path say from where on it is too long."""
    overflows = isinstance(one.caveat, NotOffered) and isinstance(
        one.caveat.reason, ContextOverflow
    )
    return overflows and len(verdict.fields) == 1 and bool(one.point)


def _whose(one: CaveatAt) -> str:
    """*At 50 turns:* before a sentence whose figures are those of that point; before it the model, if not all."""
    at = one.point if isinstance(one.caveat, _OF_A_POINT) else {}
    where = f"at {listed(field_words(field, value) for field, value in at.items())}" if at else ""
    whose = model_name(one.model.label) if one.model else ""
    words = ", ".join(piece for piece in (whose, where) if piece)
    return f"{capital(words)}: " if words else ""


def _rate_lines(answer: Answer) -> Iterator[Line]:
    """Of each amount its rates, when they held, when they were last checked, and where."""
    several = len(answer.models) > 1
    seen = set()
    for entry in answer.models:
        for path in BillingPath:
            for quote in (quote_at(point, path) for point in entry.points):
                card = quote.card
                if card is None or isinstance(quote.priced, Unpriced) or (path, card.key) in seen:
                    continue
                seen.add((path, card.key))
                held = f"since {card.effective_from}"
                if card.effective_to is not None:
                    held = f"{card.effective_from} to {card.effective_to}"
                stale = is_stale(card, today=answer.today)
                age = f", {age_days(card, today=answer.today):,} days ago" if stale else ""
                whose = f"{model_name(entry.model.label)}, " if several else ""
                yield Sourced(
                    f"{whose}{path_label(quote)}: {card_rates(card)}, {held}, checked {card.verified_on}{age}",
                    card.source_url,
                )


# -- JSON ------------------------------------------------------------------------------------------------


def sweep_json(answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON."""
    flips = [flip for flip in swept_of(answer).flips if flip.model.key == entry.model.key]
    return {
        "points": [_point_json(point) for point in entry.points],
        "crossings": [_flip_json(flip) for flip in flips],
    }


def _point_json(point: SweepPoint) -> dict[str, Any]:
    tinker_usd = usd_of(quote_at(point, BillingPath.TINKER).priced)
    return {
        "fields": {field.value: json_number(value) for field, value in point.fields.items()},
        "paths": [path_json(quote, tinker_usd) for quote in point.quotes],
        "cheapest": point.cheapest,
    }


def _flip_json(flip: FlipAt) -> dict[str, Any]:
    out: dict[str, Any] = {
        "field": flip.field.value,
        "below": json_number(flip.below),
        "above": json_number(flip.above),
        "before": flip.before,
        "after": flip.after,
        "usd": json_number(flip.usd),
    }
    if flip.held:
        out["at"] = {flip.held[0].value: json_number(flip.held[1])}
    if flip.overlap_decides:
        out["above_if_phases_add"] = json_number(flip.above_if_phases_add)
    return out
