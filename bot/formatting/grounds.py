"""What the figures of an answer rest on: what was said, what a preset filled, what was taken by default, and the rates."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import percent
from bot.formatting.layout import Line, Sourced
from bot.formatting.rates_view import card_rates
from bot.formatting.request_wording import field_words
from bot.formatting.shapes_view import preset_note, preset_words
from bot.formatting.wording import gpus_words, variant_name
from bot.presets import preset_values
from bot.requests.request import Field
from engine.caveats import BillingPath
from engine.costs import Unpriced
from pricing.cards import AnyCard
from pricing.doubts import age_days, is_stale

# With a tool result said, one of these follows from it and the other.
_OF_TOOL_RESULT = (Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN)


def shape_values(answer: Answer) -> Mapping[Field, int]:
    """The run that was priced, field by field; empty where nothing was."""
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


def episode_facts(answer: Answer) -> Iterator[tuple[str, str]]:
    """The tokens of one episode."""
    if answer.tokens:
        tokens = answer.tokens
        yield (
            "An episode",
            f"{tokens.prompt_tokens:,} prompt tokens, {percent(tokens.cache_hit_rate)} of them cached, "
            f"{tokens.decode_tokens:,} decoded; peak context {tokens.peak_context_tokens:,}",
        )


def _preset_facts(answer: Answer) -> Iterator[tuple[str, str]]:
    """What the preset filled, beside what was said and what was taken by default."""
    if answer.preset:
        given = preset_values(answer.preset)
        filled = [
            field_words(field, given[field])
            for field in answer.preset_fields
            if field is not answer.request.solve_for
        ]
        yield f"From {answer.preset.name}", preset_words(answer.preset, filled)


def preset_notes(answer: Answer) -> Iterator[Line]:
    """What of the preset was measured and what was assumed, with its page, while it fills anything."""
    if answer.preset and answer.preset_fields:
        yield preset_note(answer.preset)


def input_facts(
    answer: Answer, said: Sequence[str], by_default: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What was said, what a preset filled and what was taken by default, each under its label where there is any."""
    if said:
        yield "You said", ", ".join(said)
    yield from _preset_facts(answer)
    if by_default:
        yield "By default", ", ".join(by_default)


def inputs_of(answer: Answer, entry: ModelAnswer) -> tuple[list[str], list[str]]:
    """What the numbers rest on beside a preset: what was said, and what was taken by default."""
    said: list[str] = []
    by_default: list[str] = []
    for field, words in (
        *_shape_words(answer),
        *cluster_words(answer, entry),
        *_other_words(answer),
    ):
        if field not in answer.preset_fields:
            (by_default if field in answer.defaults else said).append(words)
    if Field.AS_OF in answer.defaults:
        by_default.append("today's rates")
    return said, by_default


def _shape_words(answer: Answer) -> Iterator[tuple[Field, str]]:
    tool = Field.TOOL_RESULT_TOKENS_PER_TURN
    for field, value in shape_values(answer).items():
        derived = tool in answer.request.fields and field not in answer.request.fields
        taken = field in answer.defaults or field in answer.preset_fields
        worked_out = derived and field in _OF_TOOL_RESULT and not taken
        yield field, f"{field_words(field, value)}{' (worked out)' if worked_out else ''}"
    if tool in answer.request.fields:
        yield tool, field_words(tool, answer.request.fields[tool])


def cluster_words(answer: Answer, entry: ModelAnswer) -> Iterator[tuple[Field, str]]:
    """The cluster; its count and type in one where both were said, or neither."""
    plan = entry.quote(BillingPath.DEDICATED).cluster
    if plan is None:
        return
    together = (Field.GPUS in answer.defaults) == (Field.GPU_TYPE in answer.defaults)
    if together and plan.gpus is not None and plan.gpu_type is not None:
        yield Field.GPUS, gpus_words(plan.gpus, plan.gpu_type)
    elif plan.gpus is not None:
        yield Field.GPUS, field_words(Field.GPUS, plan.gpus)
    if not together and plan.gpu_type is not None:
        yield Field.GPU_TYPE, field_words(Field.GPU_TYPE, plan.gpu_type)
    if plan.prompt_tps is not None:
        yield Field.PROMPT_TPS, field_words(Field.PROMPT_TPS, plan.prompt_tps)
    if plan.decode_tps is not None:
        yield Field.DECODE_TPS, field_words(Field.DECODE_TPS, plan.decode_tps)


def _other_words(answer: Answer) -> Iterator[tuple[Field, str]]:
    for field in (Field.BUDGET_USD, Field.DEADLINE_HOURS, Field.AS_OF):
        if field in answer.request.fields:
            yield field, field_words(field, answer.request.fields[field])


def rate_lines(answer: Answer, entry: ModelAnswer) -> Iterator[Line]:
    """Of each amount its rates, when they held, when they were last checked, and where."""
    for quote in entry.quotes:
        if quote.card is not None and not isinstance(quote.priced, Unpriced):
            path = variant_name(quote.path, quote.variant)
            yield rate_line(path, quote.card, today=answer.today)


def rate_line(path: str, card: AnyCard, *, today: date) -> Sourced:
    """The rates of a path by its name."""
    stale = is_stale(card, today=today)
    age = f", {age_days(card, today=today):,} days ago" if stale else ""
    return Sourced(f"{path}: {held_words(card)}, checked {card.verified_on}{age}", card.source_url)


def held_words(card: AnyCard) -> str:
    """The rates of a card, and the days on which they hold."""
    if card.effective_to is None:
        return f"{card_rates(card)}, since {card.effective_from}"
    return f"{card_rates(card)}, {card.effective_from} to {card.effective_to}"
