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

    The limits are whole numbers on the safe side of par. `par_gpus`, `par_prompt_tps` and `par_decode_tps`
    are the same unrounded: put in alone, each gives the other bill. None where no number is par's.
    """

    max_gpus: int | None
    min_prompt_tps: int | None
    min_decode_tps: int | None
    par_gpus: Decimal | None
    par_prompt_tps: Decimal | None
    par_decode_tps: Decimal | None
    binding: Phase | None
    headroom: Decimal | None
    unreachable: tuple[str, ...]

    @property
    def max_replicas(self) -> int | None:
        """Replicas of this cluster, each with its own GPUs and throughput, up to par: None for any number,
        0 for none. The hours fall as the GPUs rise, so the bill stays, as long as there is work for all."""
        return 0 if self.headroom is not None and self.headroom < 1 else None


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
        gpus, par_gpus = _most_gpus(prefill, decode, budget=budget, hourly=cluster.usd_per_gpu_hour)
        prompt_tps, par_prompt_tps = _least_tps(prefill, held=decode, budget=budget, rent=rent)
        decode_tps, par_decode_tps = _least_tps(decode, held=prefill, budget=budget, rent=rent)
        headroom = other_usd / estimate.usd if estimate.usd else None
    never = {"gpus": gpus == 0, "prompt_tps": prompt_tps is None, "decode_tps": decode_tps is None}
    return AtParLimits(
        max_gpus=gpus or None,
        min_prompt_tps=prompt_tps,
        min_decode_tps=decode_tps,
        par_gpus=par_gpus if gpus else None,
        par_prompt_tps=par_prompt_tps,
        par_decode_tps=par_decode_tps,
        binding=estimate.binding,
        headroom=headroom,
        unreachable=tuple(field for field, unreachable in never.items() if unreachable),
    )


def whole_replicas(limits: AtParLimits, gpus: int) -> int | None:
    """How many replicas of `gpus` GPUs the GPU limit holds, whole ones; 0 where not one is within par.

    ⌊max_gpus/gpus⌋, with the throughput held still as for `max_gpus`: these replicas add no speed, unlike
    those of `max_replicas`. None where any number of GPUs reaches par.
    """
    if "gpus" in limits.unreachable:
        return 0
    return None if limits.max_gpus is None else limits.max_gpus // gpus


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One phase of the run: its tokens, and how many of them the cluster does in a second."""

    tokens: int
    tps: Decimal


def _most_gpus(
    prefill: _Side, decode: _Side, *, budget: Decimal, hourly: Decimal
) -> tuple[int | None, Decimal | None]:
    """The most GPUs that `budget` (US dollars × 3600) rents for the longer phase, whole and unrounded;
    None for any number.

    Per phase B·3600·tps/(tokens·r), so that nothing is divided before it is rounded down.
    """
    ratios = [
        (budget * side.tps, side.tokens * hourly)
        for side in (prefill, decode)
        if side.tokens and hourly
    ]
    whole = min((floor_ratio(rented, each) for rented, each in ratios), default=None)
    return whole, min((rented / each for rented, each in ratios), default=None)


def _least_tps(
    own: _Side, *, held: _Side, budget: Decimal, rent: Decimal
) -> tuple[int | None, Decimal | None]:
    """The least throughput of one side that stays within `budget`, whole and unrounded.

    The whole one is None where no number does and 0 where every number does; then there is no unrounded one.
    """
    if held.tokens * rent > budget * held.tps:
        return None, None
    work = own.tokens * rent
    if not work:
        return 0, None
    return (ceil_ratio(work, budget), work / budget) if budget else (None, None)
