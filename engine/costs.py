"""What a run costs: by the token, or by the GPU-hour; and the five paths side by side.

Amounts are exact: products and sums first, one division last, nothing rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from engine.caveats import BillingPath, Caveat, IdealPrefixCache, PhasesOverlap, Reason
from engine.exact import exact
from engine.rates import Deployment, TokenRates
from engine.workload import TokenCounts, Workload, count_tokens

TOKENS_PER_MTOK = 1_000_000
SECONDS_PER_HOUR = 3600
_ONE = Decimal(1)


class Phase(StrEnum):
    """The two kinds of work of a cluster."""

    PREFILL = "prefill"
    DECODE = "decode"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """One line of a token bill: tokens of an episode at one rate."""

    tokens: int
    usd_per_mtok: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEstimate:
    """A bill by the token, in US dollars of the whole run and of one episode (the lines add up to it).

    `usd_without_cache_hits` is the run's bill if no prompt token were a cache hit.
    """

    usd: Decimal
    usd_per_episode: Decimal
    usd_without_cache_hits: Decimal
    lines: tuple[TokenLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DedicatedEstimate:
    """A bill by the GPU-hour, in US dollars of the whole run and of one episode.

    `usd` is that of full overlap and so equals `usd_low`; without any overlap it is `usd_high`.
    `cluster_hours` are those of the longer phase, `cluster_hours_high` of both in turn; `binding` is the longer
    phase, None where there is no work.
    """

    usd: Decimal
    usd_per_episode: Decimal
    usd_without_cache_hits: Decimal
    usd_low: Decimal
    usd_high: Decimal
    prefill_hours: Decimal
    decode_hours: Decimal
    cluster_hours: Decimal
    cluster_hours_high: Decimal
    binding: Phase | None
    workload: Workload
    deployment: Deployment


Estimate = TokenEstimate | DedicatedEstimate


def token_billed(workload: Workload, rates: TokenRates) -> TokenEstimate:
    """What a path that bills tokens costs: uncached·input + cached·cached_input + decode·output.

    Without a published cached rate cached tokens are billed as input. Tinker and serverless differ in
    nothing else (docs/formulas.md).
    """
    tokens = count_tokens(workload.shape)
    with exact():
        lines = _token_lines(tokens, rates)
        per_episode = _per_mtok(lines)
        without_hits = tokens.prompt_tokens * rates.input_usd_per_mtok / TOKENS_PER_MTOK
        output = lines[-1].tokens * lines[-1].usd_per_mtok / TOKENS_PER_MTOK
        return TokenEstimate(
            usd=per_episode * workload.episodes,
            usd_per_episode=per_episode,
            usd_without_cache_hits=(without_hits + output) * workload.episodes,
            lines=lines,
        )


def _token_lines(tokens: TokenCounts, rates: TokenRates) -> tuple[TokenLine, ...]:
    """The lines of one episode's bill; the last one is output."""
    full, hit = rates.input_usd_per_mtok, rates.cached_input_usd_per_mtok
    output = TokenLine(tokens=tokens.decode_tokens, usd_per_mtok=rates.output_usd_per_mtok)
    if hit is None:
        return TokenLine(tokens=tokens.prompt_tokens, usd_per_mtok=full), output
    return (
        TokenLine(tokens=tokens.uncached_prompt_tokens, usd_per_mtok=full),
        TokenLine(tokens=tokens.cached_prompt_tokens, usd_per_mtok=hit),
        output,
    )


def _per_mtok(lines: Sequence[TokenLine]) -> Decimal:
    return sum((line.tokens * line.usd_per_mtok for line in lines), Decimal(0)) / TOKENS_PER_MTOK


def dedicated(workload: Workload, deployment: Deployment) -> DedicatedEstimate:
    """What a rented cluster costs while it works through the run.

    prefill seconds = uncached/prompt_tps, decode seconds = decode/decode_tps, both over all episodes;
    cost = seconds·GPUs·usd_per_gpu_hour/3600 with seconds = the longer phase when the two overlap fully,
    their sum when they do not at all (docs/formulas.md says which to expect).
    """
    tokens, episodes = count_tokens(workload.shape), workload.episodes
    prompt_tps, decode_tps = deployment.prompt_tps, deployment.decode_tps
    uncached, decoded = tokens.uncached_prompt_tokens * episodes, tokens.decode_tokens * episodes
    with exact():
        rent = deployment.gpus * deployment.usd_per_gpu_hour
        prefill_usd = _while_busy(uncached, prompt_tps, per_hour=rent)
        decode_usd = _while_busy(decoded, decode_tps, per_hour=rent)
        all_prefill_usd = _while_busy(tokens.prompt_tokens * episodes, prompt_tps, per_hour=rent)
        prefill_hours = _while_busy(uncached, prompt_tps, per_hour=_ONE)
        decode_hours = _while_busy(decoded, decode_tps, per_hour=_ONE)
        usd = max(prefill_usd, decode_usd)
        return DedicatedEstimate(
            usd=usd,
            usd_per_episode=usd / episodes,
            usd_without_cache_hits=max(all_prefill_usd, decode_usd),
            usd_low=usd,
            usd_high=prefill_usd + decode_usd,
            prefill_hours=prefill_hours,
            decode_hours=decode_hours,
            cluster_hours=max(prefill_hours, decode_hours),
            cluster_hours_high=prefill_hours + decode_hours,
            binding=_binding(prefill_hours, decode_hours),
            workload=workload,
            deployment=deployment,
        )


def _while_busy(tokens: int, tokens_per_second: Decimal, *, per_hour: Decimal) -> Decimal:
    """What accrues `per_hour` adds up to while `tokens` are worked through; the division comes last."""
    return tokens * per_hour / (tokens_per_second * SECONDS_PER_HOUR)


def _binding(prefill_hours: Decimal, decode_hours: Decimal) -> Phase | None:
    if not prefill_hours and not decode_hours:
        return None
    return Phase.PREFILL if prefill_hours > decode_hours else Phase.DECODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A path that can be bought as asked."""

    status: ClassVar[str] = "offered"
    reasons: ClassVar[tuple[Reason, ...]] = ()
    path: BillingPath
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Notional:
    """A path with an amount that cannot be bought as asked: it never wins."""

    status: ClassVar[str] = "notional"
    path: BillingPath
    estimate: Estimate
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """A path without an amount, on purpose: no total can include it."""

    status: ClassVar[str] = "unpriced"
    estimate: ClassVar[None] = None
    path: BillingPath
    reasons: tuple[Reason, ...]


Priced = Offered | Notional | Unpriced


def usd_of(priced: Priced) -> Decimal | None:
    """The amount of a path for the whole run, None where it has none."""
    return priced.estimate.usd if priced.estimate else None


def formula_caveats(workload: Workload, paths: Sequence[Priced]) -> tuple[Caveat, ...]:
    """What the formulas leave out of the amounts of a run: the overlap of the phases, and cache misses."""
    tokens = count_tokens(workload.shape)
    estimates = [(p.path, p.estimate) for p in paths if p.estimate]
    bands = [e for _, e in estimates if isinstance(e, DedicatedEstimate) and e.usd_high > e.usd_low]
    caveats: list[Caveat] = [
        PhasesOverlap(usd_low=band.usd_low, usd_high=band.usd_high) for band in bands
    ]
    if tokens.cached_prompt_tokens and estimates:
        without_hits = tuple((path, e.usd_without_cache_hits) for path, e in estimates)
        caveats.append(
            IdealPrefixCache(
                episodes=workload.episodes,
                cache_hit_rate=tokens.cache_hit_rate,
                usd_without_hits=without_hits,
            )
        )
    return tuple(caveats)
