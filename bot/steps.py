"""The steps by which a figure comes about: formula, numbers put in, result, and the rate card behind it.

The signs are those of docs/formulas.md. `numbers` is plain arithmetic whose result is `value`: + − × ÷, brackets,
max( , ), ⌊ ⌋ and ⌈ ⌉, with commas between thousands; nothing in it was rounded before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.caveats import BillingPath, Caveat
from engine.costs import SECONDS_PER_HOUR, TOKENS_PER_MTOK, DedicatedEstimate, TokenEstimate
from engine.exact import exact
from engine.parity import AtParLimits
from engine.workload import Workload, count_tokens
from pricing.cards import AnyCard


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


def token_counts(workload: Workload) -> Iterator[Step]:
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


def token_bill(estimate: TokenEstimate, workload: Workload, card: AnyCard | None) -> Iterator[Step]:
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


def cluster_bill(estimate: DedicatedEstimate, card: AnyCard | None) -> Iterator[Step]:
    """Seconds of each phase, hours, and dollars: overlapping, in turn, and of an episode."""
    yield from _work(estimate)
    yield from _times(estimate)
    yield from _rents(estimate, card)


def _work(estimate: DedicatedEstimate) -> Iterator[Step]:
    """What the cluster has to do in the whole run."""
    tokens, episodes = count_tokens(estimate.workload.shape), f"{estimate.workload.episodes:,}"
    uncached, decoded = _run_tokens(estimate)
    prompt = f"{episodes} × {tokens.uncached_prompt_tokens:,}"
    yield _tokens(Name.TO_PREFILL, "U = N·(Σ − cached)", prompt, uncached)
    decode = f"{episodes} × {tokens.decode_tokens:,}"
    yield _tokens(Name.TO_DECODE, "V = N·decode", decode, decoded)


def _times(estimate: DedicatedEstimate) -> Iterator[Step]:
    """How long the cluster takes: each phase, the longer of them, and on so many GPUs."""
    put, gpus = _put(estimate), estimate.deployment.gpus
    with exact():
        prefill = estimate.prefill_hours * SECONDS_PER_HOUR
        decode = estimate.decode_hours * SECONDS_PER_HOUR
        gpu_hours = estimate.cluster_hours * gpus
    longer = f"{put.longer} ÷ {SECONDS_PER_HOUR:,}"
    rows = (
        (Name.PREFILL, "U/p", put.prefill, prefill, "seconds"),
        (Name.DECODE, "V/d", put.decode, decode, "seconds"),
        (Name.WALL_CLOCK, f"{_LONGER}/3600", longer, estimate.cluster_hours, "hours"),
        (Name.GPU_HOURS, f"n·{_LONGER}/3600", f"{gpus:,} × {longer}", gpu_hours, "GPU-hours"),
    )
    for name, formula, numbers, value, unit in rows:
        yield Step(name=name, formula=formula, numbers=numbers, value=value, unit=unit)


def _rents(estimate: DedicatedEstimate, card: AnyCard | None) -> Iterator[Step]:
    """What the cluster costs that long: with the phases at once, one after the other, and an episode's share."""
    put, episodes = _put(estimate), f"{estimate.workload.episodes:,}"
    rented = f"{put.rent} ÷ {SECONDS_PER_HOUR:,}"
    low, high = f"{put.longer} × {rented}", f"{put.both} × {rented}"
    rows = (
        (Name.OVERLAPPING, f"usd = {_LONGER}·n·r/3600", low, estimate.usd, "USD"),
        (Name.IN_TURN, "usd_high = (U/p + V/d)·n·r/3600", high, estimate.usd_high, "USD"),
        (Name.EPISODE, "usd/N", f"{low} ÷ {episodes}", estimate.usd_per_episode, "USD/episode"),
    )
    for name, formula, numbers, value, unit in rows:
        yield Step(name=name, formula=formula, numbers=numbers, value=value, unit=unit, card=card)


def at_par_steps(
    limits: AtParLimits, other_usd: Decimal, estimate: DedicatedEstimate
) -> Iterator[Step]:
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


# Beyond these a number is written with an exponent, exactly: nobody counts that many digits.
_MOST_DIGITS = 30


def digits(value: Decimal) -> str:
    """A number exactly as it stands, without zeros behind it: `0.73684`, `19,989.6`."""
    with exact():
        if value and abs(value.adjusted()) > _MOST_DIGITS:
            return str(value.normalize())
        text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
