"""The bills of many shapes at once, in floating point: what a sweep over a million points needs.

The exact engine stays the authority: an amount here is its amount to within 1e-12, and to the cent up to a
trillion dollars. Tokens are counted in whole numbers of 64 bits wherever the largest of a grid fits, so that
below 2**53 nothing is rounded before the one division at the end.

This is the only module that needs NumPy, and nothing imports it until it sweeps.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.costs import SECONDS_PER_HOUR, TOKENS_PER_MTOK
from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, TokenCounts, count_tokens

Amounts = NDArray[np.float64]
Whole = NDArray[np.int64]
_Numbers = NDArray[Any]
"""Whole numbers or floats, as the grid allows."""

_POINTS_AT_ONCE = 1 << 15
"""As many numbers as a processor's cache holds a dozen times: memory does not grow with the grid."""

_LARGEST_WHOLE = (1 << 63) - 1
_LARGEST_EXPONENT = 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShapeGrid:
    """Shapes and episodes as arrays that broadcast: the bill of each combination is asked for.

    Two fields swept against each other are a column and a row: `turns=t[:, None]`, `decode_tokens_per_turn=d`.
    Made by `of`, which checks what comes in.
    """

    turns: Whole
    episodes: Whole
    initial_prompt_tokens: Whole
    tokens_added_per_turn: Whole
    decode_tokens_per_turn: Whole

    @classmethod
    def of(
        cls,
        *,
        turns: ArrayLike,
        episodes: ArrayLike,
        initial_prompt_tokens: ArrayLike,
        tokens_added_per_turn: ArrayLike,
        decode_tokens_per_turn: ArrayLike,
    ) -> Self:
        """A grid of whole numbers, turns and episodes from 1 and tokens from 0.

        Raises ValueError for anything else, and for arrays that do not broadcast.
        """
        grid = cls(
            turns=_whole("turns", turns, least=1),
            episodes=_whole("episodes", episodes, least=1),
            initial_prompt_tokens=_whole("initial_prompt_tokens", initial_prompt_tokens, least=0),
            tokens_added_per_turn=_whole("tokens_added_per_turn", tokens_added_per_turn, least=0),
            decode_tokens_per_turn=_whole(
                "decode_tokens_per_turn", decode_tokens_per_turn, least=0
            ),
        )
        np.broadcast(*grid.arrays())  # raises where they do not
        return grid

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the arrays of bills."""
        return np.broadcast(*self.arrays()).shape

    def arrays(self) -> tuple[Whole, ...]:
        """The five fields, in their order."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def largest(self) -> tuple[TokenCounts, int, int]:
        """The tokens of an episode, the turns and the episodes that no point of the grid exceeds."""
        turns, episodes, initial, added, decode = (
            int(array.max(initial=0)) for array in self.arrays()
        )
        shape = EpisodeShape(
            turns=max(1, turns),
            initial_prompt_tokens=initial,
            tokens_added_per_turn=added,
            decode_tokens_per_turn=decode,
        )
        return count_tokens(shape), turns, episodes


def _whole(name: str, values: ArrayLike, *, least: int) -> Whole:
    """A copy that nobody can change after it was checked."""
    given = np.asarray(values)
    if given.dtype.kind not in "iu" or (given.size and int(given.max()) > _LARGEST_WHOLE):
        raise ValueError(f"{name} must be whole numbers of at most 64 bits")
    if given.size and int(given.min()) < least:
        raise ValueError(f"{name} must be at least {least}")
    whole = given.astype(np.int64)
    whole.flags.writeable = False
    return whole


def token_bill_usd(grid: ShapeGrid, rates: TokenRates) -> Amounts:
    """What each run of the grid costs by the token, in US dollars: `engine.costs.token_billed`, many at once.

    Raises ArithmeticError for an amount that a double cannot hold.
    """
    full, hit = rates.input_usd_per_mtok, rates.cached_input_usd_per_mtok
    return _bill(
        grid,
        _UsdPerToken(
            uncached=_fraction(full) / TOKENS_PER_MTOK,
            cached=_fraction(full if hit is None else hit) / TOKENS_PER_MTOK,
            decoded=_fraction(rates.output_usd_per_mtok) / TOKENS_PER_MTOK,
        ),
    )


def cluster_bill_usd(grid: ShapeGrid, deployment: Deployment) -> tuple[Amounts, Amounts]:
    """What a rented cluster costs for each run of the grid, in US dollars: `engine.costs.dedicated`, many at once.

    The first amounts are those of phases that overlap fully, the second of phases that do not at all.
    Raises ArithmeticError for an amount that a double cannot hold.
    """
    rent = deployment.gpus * _fraction(deployment.usd_per_gpu_hour) / SECONDS_PER_HOUR
    prefill = _bill(grid, _UsdPerToken(uncached=rent / _fraction(deployment.prompt_tps)))
    decode = _bill(grid, _UsdPerToken(decoded=rent / _fraction(deployment.decode_tps)))
    with np.errstate(over="raise"):
        both = prefill + decode
    return np.maximum(prefill, decode, out=prefill), both


_FREE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _UsdPerToken:
    """What a token of each kind costs, exactly."""

    uncached: Fraction = _FREE
    cached: Fraction = _FREE
    decoded: Fraction = _FREE

    def over_one_denominator(self) -> tuple[tuple[int, int, int], int]:
        """The same prices as whole numbers, and what to divide them by."""
        under = lcm(self.uncached.denominator, self.cached.denominator, self.decoded.denominator)
        return (
            int(self.uncached * under),
            int(self.cached * under),
            int(self.decoded * under),
        ), under

    def as_floats(self) -> tuple[float, float, float]:
        return float(self.uncached), float(self.cached), float(self.decoded)


def _fraction(value: Decimal) -> Fraction:
    """A decimal as it stands. One that no double could hold would only make a whole number without end."""
    if value and abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise OverflowError("a rate or a throughput is beyond what a double holds")
    return Fraction(value)


def _bill(grid: ShapeGrid, prices: _UsdPerToken) -> Amounts:
    """(uncached·price + cached·price + decoded·price)·episodes of each point, in whole numbers where they fit."""
    weights, denominator = prices.over_one_denominator()
    if _fits(grid, weights, denominator):
        return _worked_through(grid, np.dtype(np.int64), weights, denominator)
    return _worked_through(grid, np.dtype(np.float64), prices.as_floats(), 1)


def _fits(grid: ShapeGrid, weights: tuple[int, int, int], denominator: int) -> bool:
    """Whether no step of the arithmetic leaves 64 bits at any point: every step grows with every field."""
    tokens, turns, episodes = grid.largest()
    uncached, cached, decoded = weights
    bill = (
        tokens.uncached_prompt_tokens * uncached
        + tokens.cached_prompt_tokens * cached
        + tokens.decode_tokens * decoded
    )
    counts = max(tokens.prompt_tokens, tokens.decode_tokens, turns * turns)
    return max(bill * episodes, counts, *weights, denominator) <= _LARGEST_WHOLE


def _worked_through(
    grid: ShapeGrid,
    dtype: np.dtype[Any],
    weights: tuple[float, float, float],
    denominator: int,
) -> Amounts:
    """The bills, some points at a time; a field that does not vary is never spread out over all of them."""
    operands: list[Whole | None] = [*grid.arrays(), None]
    chunks = np.nditer(
        operands,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[
            ["readonly"],
            ["readonly"],
            ["readonly"],
            ["readonly"],
            ["readonly"],
            ["writeonly", "allocate"],
        ],
        op_dtypes=[dtype] * 5 + [np.dtype(np.float64)],
        buffersize=_POINTS_AT_ONCE,
        order="C",
    )
    with chunks, np.errstate(over="raise"):
        for turns, episodes, initial, added, decode, usd in chunks:
            bill = _episode_bill(turns, initial, added, decode, weights)
            np.divide(bill * episodes, denominator, out=usd)
        bills: Amounts = chunks.operands[-1]
    return bills


def _episode_bill(
    turns: _Numbers,
    initial: _Numbers,
    added: _Numbers,
    decode: _Numbers,
    weights: tuple[float, float, float],
) -> _Numbers:
    """uncached = P₁ + (T−1)·Δ; cached = (T−1)·P₁ + Δ·(T−1)·(T−2)/2, which is Σ − P_T without a difference in it."""
    uncached, cached, decoded = weights
    repeats = turns - 1
    bill = turns * decode * decoded
    if uncached:
        bill += (initial + repeats * added) * uncached
    if cached:
        pairs = repeats * (repeats - 1) // 2
        bill += (repeats * initial + pairs * added) * cached
    return bill
