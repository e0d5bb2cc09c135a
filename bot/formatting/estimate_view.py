"""An estimate in words: the paths, what binds, and what the amounts leave out."""

from collections.abc import Iterator
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import NO_AMOUNT, money, rounded
from bot.formatting.grounds import episode_facts, input_facts, inputs_of, preset_notes, rate_lines
from bot.formatting.layout import Cell, Chart, Figure, Line, Section, Table
from bot.formatting.wording import (
    caveat_text,
    gpus_words,
    model_name,
    plural,
    reason_word,
    variant_name,
    vs_tinker,
)
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
        yield from titled("Notes", (*preset_notes(answer), *notes_of(answer.caveats, entry)))
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
    yield from input_facts(answer, *inputs_of(answer, entry))
    yield from episode_facts(answer)


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


def notes_of(caveats: tuple[Caveat, ...], entry: ModelAnswer) -> tuple[str, ...]:
    """The caveats that no other line says already; the disclaimer closes the last of them."""
    told = (c for c in caveats if not isinstance(c, NotAQuote) and not _said_elsewhere(c, entry))
    notes = list(dict.fromkeys(caveat_text(caveat) for caveat in told))
    closing = [caveat_text(caveat) for caveat in caveats if isinstance(caveat, NotAQuote)]
    if notes and closing:
        return (*notes[:-1], f"{notes[-1]} {closing[0]}")
    return (*notes, *closing)


def _said_elsewhere(caveat: Caveat, entry: ModelAnswer) -> bool:
    """Whether the lines above say it; of a path without a rate its reason says from when one is known."""
    if isinstance(caveat, UncertainStart):
        return isinstance(entry.quote(caveat.path).priced, Unpriced)
    return isinstance(caveat, _SHOWN_ELSEWHERE)
