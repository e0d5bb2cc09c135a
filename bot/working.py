"""How each figure comes about: formula, numbers put in, result, and the rate card behind it.

The signs are those of docs/formulas.md. `numbers` is plain arithmetic whose result is `value`: + − × ÷, brackets,
max( , ), ⌊ ⌋ and ⌈ ⌉, with commas between thousands; nothing in it was rounded before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, priced_run
from bot.instead import one_value_each, several_values
from bot.requests.request import Field, Request
from bot.verdicts import Explained
from engine.caveats import (
    BillingPath,
    Caveat,
    DecodeExceedsAdded,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NotOffered,
    OverflowDiffers,
    ReplicasScaleLinearly,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)
from engine.costs import SECONDS_PER_HOUR, TOKENS_PER_MTOK, DedicatedEstimate, TokenEstimate
from engine.exact import exact
from engine.parity import AtParLimits
from engine.workload import Workload, count_tokens
from pricing.cards import AnyCard
from pricing.quotes import Quote


class Name(StrEnum):
    """The figures that are worked out."""

    LAST_PROMPT = "last prompt"
    PROMPTS = "all prompts"
    CACHED = "cached"
    UNCACHED = "uncached"
    DECODED = "decoded"
    PEAK = "peak context"
    HIT_RATE = "hit rate"
    PROMPT_BILL = "prompts"
    UNCACHED_BILL = "uncached prompts"
    CACHED_BILL = "cached prompts"
    DECODE_BILL = "decoded tokens"
    EPISODE = "an episode"
    RUN = "the run"
    TO_PREFILL = "to prefill"
    TO_DECODE = "to decode"
    PREFILL = "prefill"
    DECODE = "decode"
    WALL_CLOCK = "wall clock"
    GPU_HOURS = "GPU-hours"
    OVERLAPPING = "the run, phases overlap"
    IN_TURN = "the run, phases add"
    HEADROOM = "headroom to Tinker"
    MOST_GPUS = "GPUs at par"
    LEAST_PROMPT_TPS = "prompt tok/s at par"
    LEAST_DECODE_TPS = "decode tok/s at par"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One figure: its name, the formula, the formula with numbers put in, the exact result and its unit.

    `caveats` are what this figure leaves out, beside it.
    """

    name: Name
    formula: str
    numbers: str
    value: Decimal
    unit: str
    card: AnyCard | None = None
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathWorking:
    """The steps of one path, or of what all paths share (`path` None)."""

    path: BillingPath | None
    steps: tuple[Step, ...]

    def value(self, name: Name) -> Decimal:
        return next(step.value for step in self.steps if step.name is name)


def explained(request: Request, asking: Asking) -> Answer:
    """The answer to a question for the working, of each model named. One run is worked out: of several values of a
    field the first, and the verdict says which."""
    fields = one_value_each(request.fields)
    narrowed = {field: fields[field] for field in several_values(request.fields)}
    models = [asking.catalogue.get(key) for key in request.models]
    runs = [priced_run(fields, model, asking) for model in models]
    first = runs[0]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=Explained(runs=tuple(run.verdict for run in runs), narrowed=narrowed),
        workload=first.workload,
        defaults=tuple(f for f in Field if any(f in run.defaults for run in runs)),
        models=tuple(_with_working(run) for run in runs),
        caveats=tuple(dict.fromkeys(caveat for run in runs for caveat in run.caveats)),
    )


def _with_working(run: PricedRun) -> ModelAnswer:
    return replace(run.entry, working=working_of(run.entry, run.workload, run.caveats))


def working_of(
    entry: ModelAnswer, workload: Workload, caveats: Sequence[Caveat]
) -> tuple[PathWorking, ...]:
    """What all paths of a model share, then each path with an amount."""
    shared = PathWorking(path=None, steps=tuple(_beside(_token_counts(workload), caveats)))
    return (shared, *_path_workings(entry, workload, caveats))


def _path_workings(
    entry: ModelAnswer, workload: Workload, caveats: Sequence[Caveat]
) -> Iterator[PathWorking]:
    for quote in entry.quotes:
        estimate = quote.priced.estimate
        steps: list[Step] = []
        if isinstance(estimate, TokenEstimate):
            steps = list(_token_bill(estimate, workload, quote.card))
        elif isinstance(estimate, DedicatedEstimate):
            steps = list(_cluster_bill(estimate, quote.card))
            tinker = entry.quote(BillingPath.TINKER).priced.estimate
            if entry.at_par and tinker:
                steps += _at_par(entry.at_par, tinker.usd, estimate)
        if steps:
            beside = tuple(_beside(steps, caveats, quote))
            yield PathWorking(path=quote.path, steps=beside)


def _token_counts(workload: Workload) -> Iterator[Step]:
    """The tokens of an episode."""
    shape, tokens = workload.shape, count_tokens(workload.shape)
    turns, first, added = shape.turns, shape.initial_prompt_tokens, shape.tokens_added_per_turn
    decode, last, prompts = (
        shape.decode_tokens_per_turn,
        tokens.uncached_prompt_tokens,
        tokens.prompt_tokens,
    )
    yield _tokens(
        Name.LAST_PROMPT, "P_T = P₁ + (T−1)·Δ", f"{first:,} + {turns - 1:,} × {added:,}", last
    )
    pairs = turns * (turns - 1) // 2
    numbers = f"{turns:,} × {first:,} + {added:,} × {pairs:,}"
    yield _tokens(Name.PROMPTS, "Σ = T·P₁ + Δ·T·(T−1)/2", numbers, prompts)
    cached = tokens.cached_prompt_tokens
    yield _tokens(Name.CACHED, "cached = Σ − P_T", f"{prompts:,} − {last:,}", cached)
    yield _tokens(Name.UNCACHED, "uncached = Σ − cached", f"{prompts:,} − {cached:,}", last)
    yield _tokens(Name.DECODED, "decode = T·G", f"{turns:,} × {decode:,}", tokens.decode_tokens)
    peak = tokens.peak_context_tokens
    yield _tokens(Name.PEAK, "peak = P_T + G", f"{last:,} + {decode:,}", peak)
    if prompts:
        yield Step(
            name=Name.HIT_RATE,
            formula="cached/Σ",
            numbers=f"{cached:,} ÷ {prompts:,}",
            value=tokens.cache_hit_rate,
            unit="share",
        )


def _tokens(name: Name, formula: str, numbers: str, value: int) -> Step:
    return Step(name=name, formula=formula, numbers=numbers, value=Decimal(value), unit="tokens")


# Of the lines of a bill, as `TokenEstimate` has them with a cached rate and without.
_WITH_CACHE = (
    (Name.UNCACHED_BILL, "(Σ − cached)·input/1,000,000"),
    (Name.CACHED_BILL, "cached·cached_input/1,000,000"),
    (Name.DECODE_BILL, "decode·output/1,000,000"),
)
_WITHOUT_CACHE = ((Name.PROMPT_BILL, "Σ·input/1,000,000"), _WITH_CACHE[-1])


def _token_bill(
    estimate: TokenEstimate, workload: Workload, card: AnyCard | None
) -> Iterator[Step]:
    """Each line of an episode's bill, their sum, and the run."""
    kinds = _WITH_CACHE if len(estimate.lines) == len(_WITH_CACHE) else _WITHOUT_CACHE
    amounts = []
    for (name, formula), line in zip(kinds, estimate.lines, strict=True):
        with exact():
            usd = line.tokens * line.usd_per_mtok / TOKENS_PER_MTOK
        amounts.append(digits(usd))
        numbers = f"{line.tokens:,} × {digits(line.usd_per_mtok)} ÷ {TOKENS_PER_MTOK:,}"
        yield Step(
            name=name, formula=formula, numbers=numbers, value=usd, unit="USD/episode", card=card
        )
    yield Step(
        name=Name.EPISODE,
        formula="usd per episode = their sum",
        numbers=" + ".join(amounts),
        value=estimate.usd_per_episode,
        unit="USD/episode",
        card=card,
    )
    yield Step(
        name=Name.RUN,
        formula="usd = N·usd per episode",
        numbers=f"{digits(estimate.usd_per_episode)} × {workload.episodes:,}",
        value=estimate.usd,
        unit="USD",
        card=card,
    )


@dataclass(frozen=True, slots=True)
class _Put:
    """The pieces of a cluster's bill with their numbers: the seconds of each phase, and of both."""

    prefill: str
    decode: str
    rent: str

    @property
    def longer(self) -> str:
        return f"max({self.prefill}, {self.decode})"

    @property
    def both(self) -> str:
        return f"({self.prefill} + {self.decode})"


def _put(estimate: DedicatedEstimate) -> _Put:
    cluster = estimate.deployment
    uncached, decoded = _run_tokens(estimate)
    return _Put(
        f"{uncached:,} ÷ {digits(cluster.prompt_tps)}",
        f"{decoded:,} ÷ {digits(cluster.decode_tps)}",
        f"{cluster.gpus:,} × {digits(cluster.usd_per_gpu_hour)}",
    )


def _run_tokens(estimate: DedicatedEstimate) -> tuple[int, int]:
    """U and V: the uncached and the decoded tokens of the whole run."""
    tokens, episodes = count_tokens(estimate.workload.shape), estimate.workload.episodes
    return tokens.uncached_prompt_tokens * episodes, tokens.decode_tokens * episodes


_LONGER = "max(U/p, V/d)"


def _cluster_bill(estimate: DedicatedEstimate, card: AnyCard | None) -> Iterator[Step]:
    """Seconds of each phase, hours, and dollars: overlapping, in turn, and of an episode."""
    put, hour, gpus = _put(estimate), f"{SECONDS_PER_HOUR:,}", estimate.deployment.gpus
    with exact():
        prefill = estimate.prefill_hours * SECONDS_PER_HOUR
        decode = estimate.decode_hours * SECONDS_PER_HOUR
        gpu_hours = estimate.cluster_hours * gpus
    longer, rented = f"{put.longer} ÷ {hour}", f"{put.rent} ÷ {hour}"
    yield from _work(estimate)
    rows = (
        (Name.PREFILL, "U/p", put.prefill, prefill, "seconds"),
        (Name.DECODE, "V/d", put.decode, decode, "seconds"),
        (Name.WALL_CLOCK, f"{_LONGER}/3600", longer, estimate.cluster_hours, "hours"),
        (Name.GPU_HOURS, f"n·{_LONGER}/3600", f"{gpus:,} × {longer}", gpu_hours, "GPU-hours"),
        (
            Name.OVERLAPPING,
            f"usd = {_LONGER}·n·r/3600",
            f"{put.longer} × {rented}",
            estimate.usd,
            "USD",
        ),
        (
            Name.IN_TURN,
            "usd_high = (U/p + V/d)·n·r/3600",
            f"{put.both} × {rented}",
            estimate.usd_high,
            "USD",
        ),
        (
            Name.EPISODE,
            "usd/N",
            f"{put.longer} × {rented} ÷ {estimate.workload.episodes:,}",
            estimate.usd_per_episode,
            "USD/episode",
        ),
    )
    charged = {Name.OVERLAPPING, Name.IN_TURN, Name.EPISODE}
    for name, formula, numbers, value, unit in rows:
        yield Step(
            name=name,
            formula=formula,
            numbers=numbers,
            value=value,
            unit=unit,
            card=card if name in charged else None,
        )


def _work(estimate: DedicatedEstimate) -> Iterator[Step]:
    """What the cluster has to do in the whole run."""
    tokens, episodes = count_tokens(estimate.workload.shape), f"{estimate.workload.episodes:,}"
    uncached, decoded = _run_tokens(estimate)
    prompt = f"{episodes} × {tokens.uncached_prompt_tokens:,}"
    yield _tokens(Name.TO_PREFILL, "U = N·(Σ − cached)", prompt, uncached)
    decode = f"{episodes} × {tokens.decode_tokens:,}"
    yield _tokens(Name.TO_DECODE, "V = N·decode", decode, decoded)


def _at_par(limits: AtParLimits, other_usd: Decimal, estimate: DedicatedEstimate) -> Iterator[Step]:
    """What the cluster may become before it costs what Tinker costs; what no number reaches is left out."""
    put, cluster = _put(estimate), estimate.deployment
    uncached, decoded = _run_tokens(estimate)
    budget = f"{digits(other_usd)} × {SECONDS_PER_HOUR:,}"
    rows = (
        (
            Name.HEADROOM,
            "B/usd",
            f"{budget} ÷ ({put.longer} × {put.rent})",
            limits.headroom,
            "times",
        ),
        (
            Name.MOST_GPUS,
            f"n* = ⌊B·3600/({_LONGER}·r)⌋",
            f"⌊{budget} ÷ ({put.longer} × {digits(cluster.usd_per_gpu_hour)})⌋",
            limits.max_gpus,
            "GPUs",
        ),
        (
            Name.LEAST_PROMPT_TPS,
            "p* = ⌈U·n·r/(B·3600)⌉",
            f"⌈{uncached:,} × {put.rent} ÷ ({budget})⌉",
            limits.min_prompt_tps or None,
            "tokens/s",
        ),
        (
            Name.LEAST_DECODE_TPS,
            "d* = ⌈V·n·r/(B·3600)⌉",
            f"⌈{decoded:,} × {put.rent} ÷ ({budget})⌉",
            limits.min_decode_tps or None,
            "tokens/s",
        ),
    )
    for name, formula, numbers, value, unit in rows:
        if value is not None:
            yield Step(name=name, formula=formula, numbers=numbers, value=Decimal(value), unit=unit)


def _beside(
    steps: Sequence[Step] | Iterator[Step], caveats: Sequence[Caveat], quote: Quote | None = None
) -> Iterator[Step]:
    """Each step with the caveats that belong to it."""
    for step in steps:
        own = tuple(c for c in caveats if _concerns(c, step.name, quote))
        yield replace(step, caveats=own)


_AMOUNTS = (Name.RUN, Name.OVERLAPPING)


def _concerns(caveat: Caveat, name: Name, quote: Quote | None) -> bool:
    """Whether a caveat is about this figure of a path; what is about all of them stands below."""
    match caveat:
        case IdealPrefixCache():
            return name is Name.CACHED or name in _AMOUNTS
        case DecodeExceedsAdded():
            return name is Name.DECODED
        case OverflowDiffers() | WindowUnknown():
            return name is Name.PEAK
        case SaturatedThroughput() | ReplicasScaleLinearly():
            return name is Name.WALL_CLOCK
        case ThroughputUnusual(field=field):
            return name is (Name.PREFILL if field == "prompt_tps" else Name.DECODE)
        case FixedThroughput():
            return name is Name.MOST_GPUS
        case NotOffered(paths=paths) | StaleRates(paths=paths):
            return name in _AMOUNTS and quote is not None and quote.path in paths
        case ServerlessBaseModelOnly(paths=paths):
            return name in _AMOUNTS and quote is not None and quote.path in paths
        case UncertainStart(path=path) | HeldForReview(path=path):
            return name in _AMOUNTS and quote is not None and quote.path is path
        case _:
            return False


# Beyond these a number is written with an exponent, exactly: nobody counts that many digits.
_MOST_DIGITS = 30


def digits(value: Decimal) -> str:
    """A number exactly as it stands, without zeros behind it: `0.73684`, `19,989.6`."""
    with exact():
        if value and abs(value.adjusted()) > _MOST_DIGITS:
            return str(value.normalize())
        text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
