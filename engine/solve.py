"""Bills turned round: the turns at which one becomes cheaper, the episodes that a budget buys or a
deadline leaves time for, the replicas that a deadline needs.

Each is solved in fractions of whole numbers, so that no answer hangs on a rounding.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, isqrt, lcm
from operator import sub
from typing import Literal, NamedTuple, assert_never

from engine.costs import (
    SECONDS_PER_HOUR,
    TOKENS_PER_MTOK,
    DedicatedEstimate,
    Estimate,
    TokenEstimate,
    dedicated,
    token_billed,
)
from engine.exact import exact
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload, count_tokens

# Two sums of divisions that are equal differ by what 100 digits leave out; unequal ones by far more.
_ROUNDING = Decimal("1e-90")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBill:
    """A path that bills tokens, for any number of turns."""

    rates: TokenRates


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBill:
    """A rented cluster, for any number of turns. With `phases_add` its phases take turns and the bill is
    that of both; without, they overlap fully and it is that of the longer one."""

    deployment: Deployment
    phases_add: bool


Bill = TokenBill | ClusterBill


def cheaper_turns(
    first: Bill, second: Bill, shape: EpisodeShape, *, most_turns: int
) -> tuple[range, ...]:
    """The numbers of turns, 1 to `most_turns`, at which `first` costs strictly less than `second`.

    The turns of `shape` are replaced; the ranges are in order and never touch. Only at `turns_of_change` the
    bills themselves are compared: the work is the same for any `most_turns`.
    """
    crossed = turns_of_change((first, second), shape, most_turns=most_turns)
    cheaper: list[range] = []
    for start, stop in pairwise(sorted({1, *crossed, most_turns + 1})):
        if not _costs_less(first, second, shape.model_copy(update={"turns": start})):
            continue
        if cheaper and cheaper[-1].stop == start:
            start = cheaper.pop().start
        cheaper.append(range(start, stop))
    return tuple(cheaper)


def turns_of_change(bills: Sequence[Bill], shape: EpisodeShape, *, most_turns: int) -> set[int]:
    """The numbers of turns, 2 to `most_turns`, at which the order of any two bills can change: from each up to the
    next it stays.

    A token bill is a quadratic of the turns, a cluster's the larger of two lines or their sum. The order changes
    only at the whole numbers around the points where a curve of one crosses a curve of the other.
    """
    curves = [(bill, curve) for bill in bills for curve in _curves(bill, shape)]
    scale = lcm(*(part.denominator for _, curve in curves for part in curve))
    whole = [(bill, [int(part * scale) for part in curve]) for bill, curve in curves]
    return {
        turns
        for (bill, one), (other_bill, other) in combinations(whole, 2)
        if bill is not other_bill
        for turns in _around_roots(*map(sub, one, other))
        if 1 < turns <= most_turns
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where one bill becomes cheaper than another, in turns.

    It is cheaper from `turns` up to and with `until`, and once more from `again`; None means to the end,
    and not again. Without a crossing `turns` is None: it is `never` cheaper, or `always`.
    """

    turns: int | None
    until: int | None = None
    again: int | None = None
    reason: Literal["never", "always"] | None = None


def crossing(ranges: tuple[range, ...], most_turns: int) -> Crossing:
    """What `cheaper_turns` found, for the same `most_turns`, as an answer says it."""
    if not ranges:
        return Crossing(turns=None, reason="never")
    earliest = ranges[0]
    if earliest == range(1, most_turns + 1):
        return Crossing(turns=None, reason="always")
    return Crossing(
        turns=earliest.start,
        until=earliest[-1] if earliest.stop <= most_turns else None,
        again=ranges[1].start if len(ranges) > 1 else None,
    )


class _Curve(NamedTuple):
    """US dollars of an episode of T turns: square·T² + slope·T + constant."""

    square: Fraction
    slope: Fraction
    constant: Fraction

    def at(self, turns: int) -> Fraction:
        return (self.square * turns + self.slope) * turns + self.constant


def _curves(bill: Bill, shape: EpisodeShape) -> tuple[_Curve, ...]:
    """The curves of which the bill is the largest."""
    match bill:
        case TokenBill(rates=rates):
            return (_token_curve(rates, shape),)
        case ClusterBill(deployment=cluster, phases_add=phases_add):
            return _cluster_lines(cluster, shape, phases_add=phases_add)
        case _:
            assert_never(bill)


def _token_curve(rates: TokenRates, shape: EpisodeShape) -> _Curve:
    """With i, c and o the rates: square = c·Δ/2, slope = c·(P₁ − Δ/2) + (i − c)·Δ + o·G and
    constant = (i − c)·(P₁ − Δ), each per million; c is i where no cached rate is published."""
    first, added = shape.initial_prompt_tokens, shape.tokens_added_per_turn
    full, hit = rates.input_usd_per_mtok, rates.cached_input_usd_per_mtok
    uncached = Fraction(full)
    cached = uncached if hit is None else Fraction(hit)
    output = Fraction(rates.output_usd_per_mtok)
    half = Fraction(added, 2)
    decoded = output * shape.decode_tokens_per_turn
    return _Curve(
        square=cached * half / TOKENS_PER_MTOK,
        slope=(cached * (first - half) + (uncached - cached) * added + decoded) / TOKENS_PER_MTOK,
        constant=(uncached - cached) * (first - added) / TOKENS_PER_MTOK,
    )


def _cluster_lines(
    cluster: Deployment, shape: EpisodeShape, *, phases_add: bool
) -> tuple[_Curve, ...]:
    """The phases, times the rent of a second."""
    rent = cluster.gpus * Fraction(cluster.usd_per_gpu_hour) / SECONDS_PER_HOUR
    return _phase_lines(cluster, shape, per_second=rent, phases_add=phases_add)


def _phase_lines(
    cluster: Deployment, shape: EpisodeShape, *, per_second: Fraction, phases_add: bool
) -> tuple[_Curve, ...]:
    """Prefill takes (Δ·T + P₁ − Δ)/p seconds and decode G·T/d."""
    first, added = shape.initial_prompt_tokens, shape.tokens_added_per_turn
    per_prompt, per_decode = (
        per_second / Fraction(cluster.prompt_tps),
        per_second / Fraction(cluster.decode_tps),
    )
    none = Fraction(0)
    prefill = _Curve(square=none, slope=per_prompt * added, constant=per_prompt * (first - added))
    decode = _Curve(square=none, slope=per_decode * shape.decode_tokens_per_turn, constant=none)
    if not phases_add:
        return prefill, decode
    both = _Curve(square=none, slope=prefill.slope + decode.slope, constant=prefill.constant)
    return (both,)


def _around_roots(square: int, slope: int, constant: int) -> Iterator[int]:
    """The whole numbers at which a stretch of one sign of square·T² + slope·T + constant can begin.

    A stretch begins at ⌊r⌋ + 1 for a root r, and at r itself if it is whole. Of whole coefficients r is
    (−b ± √D)/2a; √D rounded down is √D if that is whole, and otherwise keeps r between the same two
    neighbouring multiples of 1/2a. So the floor is ⌊r⌋, or ⌊r⌋ + 1 where r is not whole.
    """
    inside = slope * slope - 4 * square * constant
    if square and inside >= 0:
        root = isqrt(inside)
        floors = [(-slope - root) // (2 * square), (-slope + root) // (2 * square)]
    else:
        floors = [-constant // slope] if slope and not square else []
    for floor in floors:
        yield floor
        yield floor + 1


def _costs_less(first: Bill, second: Bill, shape: EpisodeShape) -> bool:
    ours, theirs = _usd(first, shape), _usd(second, shape)
    with exact():
        return theirs - ours > theirs * _ROUNDING


def _usd(bill: Bill, shape: EpisodeShape) -> Decimal:
    """The bill of one episode, in US dollars."""
    run = Workload(shape=shape, episodes=1)
    match bill:
        case TokenBill(rates=rates):
            return token_billed(run, rates).usd
        case ClusterBill(deployment=cluster, phases_add=phases_add):
            estimate = dedicated(run, cluster)
            return estimate.usd_high if phases_add else estimate.usd_low
        case _:
            assert_never(bill)


def most_turns(bill: Bill, shape: EpisodeShape, *, usd_per_episode: Fraction, among: range) -> int:
    """The most turns of `among` at which an episode costs at most so many US dollars; 0 if at none.

    The turns of `shape` are replaced. No bill falls with the turns, for each of them is paid for.
    """
    return _most(among, _curves(bill, shape), usd_per_episode)


def most_turns_in_time(
    cluster: Deployment,
    shape: EpisodeShape,
    *,
    hours_per_episode: Fraction,
    among: range,
    phases_add: bool,
) -> int:
    """The most turns of `among` at which an episode takes the cluster at most so many hours; 0 if at none."""
    lines = _phase_lines(cluster, shape, per_second=Fraction(1), phases_add=phases_add)
    return _most(among, lines, hours_per_episode * SECONDS_PER_HOUR)


def _most(among: range, curves: Sequence[_Curve], most: Fraction) -> int:
    """The last whole number at which none of the curves, which never fall, is above `most`; 0 without any."""
    within = bisect_right(among, most, key=lambda turns: max(c.at(turns) for c in curves))
    return among[within - 1] if within else 0


def most_episodes(
    estimate: Estimate, *, budget_usd: Decimal, phases_add: bool = False
) -> int | None:
    """The most whole episodes of this shape that `budget_usd` pays for, by this path; 0 if not even one.

    None where an episode is free, so that no number is the most. ⌊budget / bill of one episode⌋, since
    a bill grows in step with the episodes. `phases_add` is about a cluster: see `ClusterBill`.
    """
    one = _usd_per_episode(estimate, phases_add=phases_add)
    return Fraction(budget_usd) // one if one else None


def most_episodes_in_time(
    estimate: DedicatedEstimate, *, deadline_hours: Decimal, phases_add: bool = False
) -> int | None:
    """The most whole episodes of this shape that the estimate's cluster ends within `deadline_hours`; 0 if not
    even one.

    None where an episode is no work. ⌊deadline / hours of one episode⌋, since the hours grow in step too.
    """
    one = _hours_per_episode(estimate, phases_add=phases_add)
    return Fraction(deadline_hours) // one if one else None


def _usd_per_episode(estimate: Estimate, *, phases_add: bool) -> Fraction:
    """The bill of one episode; a cluster's is worked out anew, for a quotient in it has been rounded."""
    match estimate:
        case TokenEstimate(usd_per_episode=usd):
            return Fraction(usd)
        case DedicatedEstimate(deployment=cluster):
            rent = cluster.gpus * Fraction(cluster.usd_per_gpu_hour)
            return _hours_per_episode(estimate, phases_add=phases_add) * rent
        case _:
            assert_never(estimate)


def _hours_per_episode(estimate: DedicatedEstimate, *, phases_add: bool) -> Fraction:
    """max(uncached/p, decode/d)/3600, or their sum."""
    tokens, cluster = count_tokens(estimate.workload.shape), estimate.deployment
    prefill = tokens.uncached_prompt_tokens / Fraction(cluster.prompt_tps)
    decode = tokens.decode_tokens / Fraction(cluster.decode_tps)
    return (prefill + decode if phases_add else max(prefill, decode)) / SECONDS_PER_HOUR


def replicas_for(
    estimate: DedicatedEstimate, *, deadline_hours: Decimal, phases_add: bool = False
) -> int:
    """The fewest replicas of the estimate's cluster that share the run and end it within `deadline_hours`.

    k replicas have k times its GPUs and its throughput, so k = ⌈hours of one / deadline⌉, at least 1.
    A number above `most_useful_replicas` says that no number meets the deadline.
    """
    hours = _hours_per_episode(estimate, phases_add=phases_add) * estimate.workload.episodes
    return max(1, ceil(hours / Fraction(deadline_hours)))


def hours_with(estimate: DedicatedEstimate, replicas: int, *, phases_add: bool = False) -> Decimal:
    """The hours that the run takes on `replicas` of the estimate's cluster: those of one over as many
    of them as have work."""
    busy = min(replicas, most_useful_replicas(estimate.workload.episodes))
    with exact():
        return (estimate.cluster_hours_high if phases_add else estimate.cluster_hours) / busy


def most_useful_replicas(episodes: int) -> int:
    """An episode runs on one replica, so more replicas than episodes leave some idle."""
    return episodes
