"""Where a dedicated cluster costs what another path costs. Limits are reported; no input is held to them."""

from dataclasses import dataclass
from decimal import Decimal

from engine.costs import SECONDS_PER_HOUR, DedicatedEstimate, Phase
from engine.exact import ceil_ratio, exact, floor_ratio
from engine.workload import count_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class AtParLimits:
    """How far a cluster may change before it costs more than the other path.

    A limit of None with its field in `unreachable`: no number reaches par. None otherwise: every number
    does (there is no work to pay for, or the GPUs are free). A throughput of 0: that side has no work.
    `headroom` is the other bill over the dedicated one: 1 at par, above it so many times cheaper;
    None where dedicated costs nothing.
    """

    max_gpus: int | None
    min_prompt_tps: int | None
    min_decode_tps: int | None
    binding: Phase | None
    headroom: Decimal | None
    unreachable: tuple[str, ...]


def at_par(other_usd: Decimal, estimate: DedicatedEstimate) -> AtParLimits:
    """The limits of `estimate` against a path whose bill for the same run is `other_usd`.

    With B the other bill, r = usd_per_gpu_hour, U and V the uncached and decoded tokens of the run,
    p and d the throughputs: GPUs ≤ B·3600/(max(U/p, V/d)·r) at this throughput. The seconds that the bill
    rents are t = B·3600/(GPUs·r); then p ≥ U/t if decode alone takes no longer than t, and d ≥ V/t if
    prefill alone does not; otherwise par is unreachable on that side. The other side is held each time.
    """
    tokens, episodes = count_tokens(estimate.workload.shape), estimate.workload.episodes
    cluster = estimate.deployment
    prefill = _Side(tokens=tokens.uncached_prompt_tokens * episodes, tps=cluster.prompt_tps)
    decode = _Side(tokens=tokens.decode_tokens * episodes, tps=cluster.decode_tps)
    with exact():
        budget = other_usd * SECONDS_PER_HOUR
        rent = cluster.gpus * cluster.usd_per_gpu_hour
        gpus = _most_gpus(prefill, decode, budget=budget, hourly=cluster.usd_per_gpu_hour)
        prompt_tps = _least_tps(prefill, held=decode, budget=budget, rent=rent)
        decode_tps = _least_tps(decode, held=prefill, budget=budget, rent=rent)
        headroom = other_usd / estimate.usd if estimate.usd else None
    never = {"gpus": gpus == 0, "prompt_tps": prompt_tps is None, "decode_tps": decode_tps is None}
    return AtParLimits(
        max_gpus=gpus or None,
        min_prompt_tps=prompt_tps,
        min_decode_tps=decode_tps,
        binding=estimate.binding,
        headroom=headroom,
        unreachable=tuple(field for field, unreachable in never.items() if unreachable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One phase of the run: its tokens, and how many of them the cluster does in a second."""

    tokens: int
    tps: Decimal


def _most_gpus(prefill: _Side, decode: _Side, *, budget: Decimal, hourly: Decimal) -> int | None:
    """The most GPUs that `budget` (US dollars × 3600) rents for the longer phase; None for any number.

    Per phase B·3600·tps/(tokens·r), so that nothing is divided before it is rounded down.
    """
    limits = [
        floor_ratio(budget * side.tps, side.tokens * hourly)
        for side in (prefill, decode)
        if side.tokens and hourly
    ]
    return min(limits, default=None)


def _least_tps(own: _Side, *, held: _Side, budget: Decimal, rent: Decimal) -> int | None:
    """The least whole throughput of one side that stays within `budget`; None where none does."""
    if held.tokens * rent > budget * held.tps:
        return None
    if not own.tokens or not rent:
        return 0
    return ceil_ratio(own.tokens * rent, budget) if budget else None
