"""What a sweep rests on: what was said and taken by default, what its amounts leave out, and their rates."""

from collections.abc import Iterator

from bot.answers import Answer
from bot.formatting.grounds import cluster_words, input_facts, rate_line, shape_values
from bot.formatting.layout import Line
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_words import capital, quote_at
from bot.formatting.wording import caveat_text, listed, model_name, variant_name
from bot.requests.request import Field
from bot.verdicts import CaveatAt, Swept
from engine.caveats import (
    BillingPath,
    ClusterTooSmall,
    ContextOverflow,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    IdealPrefixCache,
    NotAQuote,
    NoThroughput,
    NotOffered,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    StaleRates,
    ThroughputUnusual,
    WindowUnknown,
)
from engine.costs import Unpriced

# Said by the verdict or by the rates below, or about at-par limits alone.
_SHOWN_ELSEWHERE = (ClusterTooSmall, DefaultsUsed, StaleRates, FixedThroughput)

# Sentences whose figures are those of one point.
_OF_A_POINT = (
    DecodeExceedsAdded,
    IdealPrefixCache,
    NotOffered,
    PhasesOverlap,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ThroughputUnusual,
    WindowUnknown,
)


def sweep_facts(answer: Answer, verdict: Swept) -> Iterator[tuple[str, str]]:
    """What was said, what a preset filled, and what was taken by default."""
    said = [field_words(field, value) for field, value in answer.request.fields.items()]
    by_default = [words for field in answer.defaults for words in _default(answer, verdict, field)]
    yield from input_facts(answer, said, by_default)


def _default(answer: Answer, verdict: Swept, field: Field) -> Iterator[str]:
    """One default in words. Clusters are those of each model, and of each count where GPUs are swept."""
    if field is Field.AS_OF:
        yield "today's rates"
    elif field in (shape := shape_values(answer)):
        yield field_words(field, shape[field])
    elif Field.GPUS in verdict.fields or len(answer.models) > 1:
        if field is Field.PROMPT_TPS:
            yield "the throughput known for each cluster"
        elif field is Field.GPUS or (field is Field.GPU_TYPE and Field.GPUS in verdict.fields):
            yield "each model's own cluster" if field is Field.GPUS else "the model's own GPUs"
    else:
        of_cluster = cluster_words(answer, answer.models[0])
        yield from (words for each, words in of_cluster if each is field)


def sweep_notes(verdict: Swept) -> Iterator[str]:
    """The caveats that no other line says already, with whose and at which point; the disclaimer closes them."""
    notes = [
        f"{_whose(one)}{caveat_text(one.caveat)}"
        for one in verdict.caveats
        if not isinstance(one.caveat, (*_SHOWN_ELSEWHERE, NotAQuote))
        and not _said_above(verdict, one)
    ]
    closing = [
        caveat_text(one.caveat) for one in verdict.caveats if isinstance(one.caveat, NotAQuote)
    ]
    if notes and closing:
        notes[-1] = f"{notes[-1]} {closing[0]}"
    yield from notes or closing


def _said_above(verdict: Swept, one: CaveatAt) -> bool:
    """Whether the verdict says that no throughput is known, or the lines about each path from where on it is too long."""
    if not isinstance(one.caveat, NotOffered):
        return False
    if isinstance(one.caveat.reason, ContextOverflow):
        return len(verdict.fields) == 1 and bool(one.point)
    return isinstance(one.caveat.reason, NoThroughput)


def _whose(one: CaveatAt) -> str:
    """*At 50 turns:* before a sentence whose figures are those of that point; before it the model, if not all."""
    at = one.point if isinstance(one.caveat, _OF_A_POINT) else {}
    where = f"at {listed(field_words(field, value) for field, value in at.items())}" if at else ""
    whose = model_name(one.model.label) if one.model else ""
    words = ", ".join(piece for piece in (whose, where) if piece)
    return f"{capital(words)}: " if words else ""


def sweep_rates(answer: Answer) -> Iterator[Line]:
    """Of each amount its rates, when they held, when they were last checked, and where; each card once."""
    several = len(answer.models) > 1
    seen = set()
    for entry in answer.models:
        for path in BillingPath:
            for quote in (quote_at(point, path) for point in entry.points):
                card = quote.card
                if card is None or isinstance(quote.priced, Unpriced) or (path, card.key) in seen:
                    continue
                seen.add((path, card.key))
                whose = f"{model_name(entry.model.label)}, " if several else ""
                yield rate_line(
                    f"{whose}{variant_name(path, quote.variant)}", card, today=answer.today
                )
