"""An estimate in words: the paths, what binds, what was said and what was taken, notes, and the rates behind it."""

from collections.abc import Iterator
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import NO_AMOUNT, money, percent, rounded
from bot.formatting.layout import Cell, Chart, Figure, Line, Section, Sourced, Table
from bot.formatting.rates_view import card_rates
from bot.formatting.request_wording import field_words
from bot.formatting.shapes_view import preset_note, preset_words
from bot.formatting.wording import (
    caveat_text,
    gpus_words,
    model_name,
    plural,
    reason_word,
    variant_name,
    vs_tinker,
)
from bot.presets import preset_values
from bot.requests.request import Field, Value
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    DefaultsUsed,
    FixedThroughput,
    NotAQuote,
    PhasesOverlap,
    StaleRates,
    UncertainStart,
)
from engine.costs import DedicatedEstimate, Offered, Unpriced, usd_of
from engine.parity import AtParLimits
from pricing.doubts import age_days, is_stale
from pricing.quotes import Quote

# Said already by the verdict, or by the lines above the notes.
_SHOWN_ELSEWHERE = (ClusterTooSmall, DefaultsUsed, PhasesOverlap, StaleRates, FixedThroughput)


def estimate_sections(answer: Answer, *, published: bool) -> Iterator[Section]:
    """The parts of an estimate, below its verdict."""
    for entry in answer.models:
        yield Section(
            title=run_title(answer, entry), table=_paths_table(entry), chart=_totals_chart(entry)
        )
        yield Section(facts=tuple(_facts(answer, entry)))
        if published:
            from bot.formatting.published_view import published_sections  # few ask for it

            yield from published_sections(answer, entry)
        yield from titled("Notes", (*_preset_notes(answer), *notes_of(answer.caveats, entry)))
        yield from titled("Rates", tuple(rate_lines(answer, entry)))


def titled(title: str, lines: tuple[Line, ...]) -> Iterator[Section]:
    """A section of lines; none without any."""
    if lines:
        yield Section(title=title, lines=lines)


def run_title(answer: Answer, entry: ModelAnswer) -> str:
    name = model_name(entry.model.label)
    if answer.workload is None:
        return name
    turns = plural(answer.workload.shape.turns, "turn")
    run = f"{plural(answer.workload.episodes, 'episode')} of {turns}"
    return f"{name} · {run} · rates of {answer.as_of}"


def _paths_table(entry: ModelAnswer) -> Table:
    tinker_usd = usd_of(entry.quote(BillingPath.TINKER).priced)
    return Table(
        header=("Path", "Status", "$/episode", "$/run", "vs Tinker"),
        rows=tuple(_path_row(quote, tinker_usd) for quote in entry.quotes),
        numeric=frozenset({2, 3, 4}),
    )


def _path_row(quote: Quote, tinker_usd: Decimal | None) -> tuple[Cell, ...]:
    priced = quote.priced
    if isinstance(priced, Unpriced):
        return (path_label(quote), status_words(quote), NO_AMOUNT, NO_AMOUNT, NO_AMOUNT)
    return (
        path_label(quote),
        status_words(quote),
        _dollars(priced.estimate.usd_per_episode),
        _dollars(priced.estimate.usd),
        vs_tinker(quote, tinker_usd),
    )


def _dollars(usd: Decimal) -> Figure:
    return Figure(money(usd), usd)


_MARK = "*"


def _totals_chart(entry: ModelAnswer) -> Chart | None:
    """The bills of the run beside each other, where there are two to compare; a star marks what cannot be bought."""
    bars, marked = [], False
    for quote in entry.quotes:
        usd = usd_of(quote.priced)
        if usd is None:
            continue
        offered = isinstance(quote.priced, Offered)
        marked = marked or not offered
        bars.append((f"{_short_label(quote)}{'' if offered else _MARK}", usd))
    if len(bars) < 2:
        return None
    title = "US$ per run" + (f" · {_MARK} cannot be bought as asked" if marked else "")
    return Chart(title=title, axis="US$", bars=tuple(bars))


def _short_label(quote: Quote) -> str:
    """A path as it fits under a bar: `Standard` of serverless, whose table stands above."""
    words = path_label(quote).removeprefix("Serverless ")
    return words[0].upper() + words[1:]


def path_label(quote: Quote) -> str:
    """A path by its name, Tinker with the variant that is priced."""
    return variant_name(quote.path, quote.variant)


def status_words(quote: Quote) -> str:
    """`offered`, or why not: `notional: retired`."""
    if isinstance(quote.priced, Offered):
        return quote.priced.status
    return f"{quote.priced.status}: {', '.join(reason_word(reason) for reason in quote.priced.reasons)}"


def _facts(answer: Answer, entry: ModelAnswer) -> Iterator[tuple[str, str]]:
    cluster = entry.quote(BillingPath.DEDICATED).priced.estimate
    if isinstance(cluster, DedicatedEstimate):
        yield "Dedicated", _dedicated_words(cluster)
    if entry.at_par:
        yield "At par", _at_par_words(entry.at_par)
    said, by_default = inputs_of(answer, entry)
    if said:
        yield "You said", ", ".join(said)
    yield from preset_facts(answer)
    if by_default:
        yield "By default", ", ".join(by_default)
    if answer.tokens:
        tokens = answer.tokens
        yield (
            "An episode",
            f"{tokens.prompt_tokens:,} prompt tokens, {percent(tokens.cache_hit_rate)} of them cached, "
            f"{tokens.decode_tokens:,} decoded; peak context {tokens.peak_context_tokens:,}",
        )


def _dedicated_words(estimate: DedicatedEstimate) -> str:
    """Hours, what binds, and the band."""
    cluster = gpus_words(estimate.deployment.gpus, estimate.deployment.gpu_type)
    hours = f"{rounded(estimate.cluster_hours)} cluster-hours on {cluster}"
    binds = f", {estimate.binding} binds" if estimate.binding else ""
    if estimate.usd_high == estimate.usd_low:
        return f"{hours}{binds}"
    band = f"{money(estimate.usd_low)} if prefill and decode overlap, {money(estimate.usd_high)} if they take turns"
    return f"{hours}{binds}; {band}"


def _at_par_words(limits: AtParLimits) -> str:
    """How far the cluster may change before it costs what Tinker costs."""
    if limits.headroom is None:
        return "dedicated costs nothing here, so there is no limit"
    prompt = _least(limits, "prompt_tps", limits.min_prompt_tps)
    decode = _least(limits, "decode_tps", limits.min_decode_tps)
    return f"with Tinker: {_most_gpus(limits)} at this throughput; each alone: {prompt}, {decode}"


def _most_gpus(limits: AtParLimits) -> str:
    if "gpus" in limits.unreachable:
        return "unreachable with any number of GPUs"
    return (
        "any number of GPUs"
        if limits.max_gpus is None
        else f"at most {plural(limits.max_gpus, 'GPU')}"
    )


def _least(limits: AtParLimits, field: str, least: int | None) -> str:
    side = f"{field.removesuffix('_tps')} tok/s"
    if field in limits.unreachable:
        return f"{side} unreachable"
    return f"any {side}" if not least else f"at least {least:,} {side}"


def preset_facts(answer: Answer) -> Iterator[tuple[str, str]]:
    """What the preset filled, beside what was said and what was taken by default."""
    if answer.preset:
        given = preset_values(answer.preset)
        filled = [
            field_words(field, given[field])
            for field in answer.preset_fields
            if field is not answer.request.solve_for
        ]
        yield f"From {answer.preset.name}", preset_words(answer.preset, filled)


def inputs_of(answer: Answer, entry: ModelAnswer) -> tuple[list[str], list[str]]:
    """What the numbers rest on beside a preset: what was said, and what was taken by default."""
    said: list[str] = []
    by_default: list[str] = []
    for field, words in (
        *_shape_words(answer),
        *_cluster_words(answer, entry),
        *_other_words(answer),
    ):
        if field not in answer.preset_fields:
            (by_default if field in answer.defaults else said).append(words)
    if Field.AS_OF in answer.defaults:
        by_default.append("today's rates")
    return said, by_default


# With a tool result said, one of these follows from it and the other.
_OF_TOOL_RESULT = (Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN)


def _shape_words(answer: Answer) -> Iterator[tuple[Field, str]]:
    if answer.workload is None:
        return
    shape = answer.workload.shape
    values: dict[Field, Value] = {
        Field.TURNS: shape.turns,
        Field.EPISODES: answer.workload.episodes,
        Field.INITIAL_PROMPT_TOKENS: shape.initial_prompt_tokens,
        Field.TOKENS_ADDED_PER_TURN: shape.tokens_added_per_turn,
        Field.DECODE_TOKENS_PER_TURN: shape.decode_tokens_per_turn,
    }
    tool = Field.TOOL_RESULT_TOKENS_PER_TURN
    for field, value in values.items():
        derived = tool in answer.request.fields and field not in answer.request.fields
        taken = field in answer.defaults or field in answer.preset_fields
        worked_out = derived and field in _OF_TOOL_RESULT and not taken
        yield field, f"{field_words(field, value)}{' (worked out)' if worked_out else ''}"
    if tool in answer.request.fields:
        yield tool, field_words(tool, answer.request.fields[tool])


def _cluster_words(answer: Answer, entry: ModelAnswer) -> Iterator[tuple[Field, str]]:
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


def notes_of(caveats: tuple[Caveat, ...], entry: ModelAnswer) -> tuple[str, ...]:
    """The caveats that no other line says already; the disclaimer closes the last of them."""
    notes = [
        caveat_text(caveat)
        for caveat in caveats
        if not isinstance(caveat, NotAQuote) and not _said_elsewhere(caveat, entry)
    ]
    closing = [caveat_text(caveat) for caveat in caveats if isinstance(caveat, NotAQuote)]
    if notes and closing:
        return (*notes[:-1], f"{notes[-1]} {closing[0]}")
    return (*notes, *closing)


def _preset_notes(answer: Answer) -> Iterator[Line]:
    """What of the preset was measured, while it fills anything."""
    if answer.preset and answer.preset_fields:
        yield preset_note(answer.preset)


def _said_elsewhere(caveat: Caveat, entry: ModelAnswer) -> bool:
    """Whether the lines above say it; of a path without a rate its reason says from when one is known."""
    if isinstance(caveat, UncertainStart):
        return isinstance(entry.quote(caveat.path).priced, Unpriced)
    return isinstance(caveat, _SHOWN_ELSEWHERE)


def rate_lines(answer: Answer, entry: ModelAnswer) -> Iterator[Line]:
    """Of each amount its rates, when they held, when they were last checked, and where."""
    for quote in entry.quotes:
        card = quote.card
        if card is None or isinstance(quote.priced, Unpriced):
            continue
        held = f"since {card.effective_from}"
        if card.effective_to is not None:
            held = f"{card.effective_from} to {card.effective_to}"
        stale = is_stale(card, today=answer.today)
        age = f", {age_days(card, today=answer.today):,} days ago" if stale else ""
        checked = f"checked {card.verified_on}{age}"
        yield Sourced(
            f"{path_label(quote)}: {card_rates(card)}, {held}, {checked}", card.source_url
        )
