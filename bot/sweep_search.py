"""Where along a field something changes: between two values that differ, the two neighbours that do.

Every answer is checked by pricing both neighbours. Where bills, the phases of the cluster, a peak and a window, or a limit and
what it is held against would meet along straight lines is only where it is looked for first, so that little is priced.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from math import floor, isfinite
from typing import Literal, NamedTuple, TypeVar

from bot.requests.request import Field, Number
from engine.costs import DedicatedEstimate
from engine.workload import count_tokens
from pricing.quotes import Quote

Quotes = tuple[Quote, ...]
_Key = TypeVar("_Key")

Unit = Literal["usd", "hours", "tokens"]

# Between so few values halving is as quick as anything.
_FEW = 8
# Over these a bill falls as one over the value, and times the value it is a straight line.
_INVERSE = (Field.PROMPT_TPS, Field.DECODE_TPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The changes of a run over one field, by its quotes at any value; `quotes` keeps what it has priced.

    `points_alone`: between the values nothing can be priced. `limits`, by their unit, are what bills or hours are held
    against.
    """

    field: Field
    quotes: Callable[[Number], Quotes]
    points_alone: bool
    limits: Mapping[Unit, Decimal]

    def kept(
        self, key: Callable[[Quotes], _Key], *, among: Iterable[Number]
    ) -> Iterator[tuple[Number, Number, _Key]]:
        """The first and the last value of each stretch over which `key` stays the same, and what it is.

        Between two neighbours of `among` it must change straight from the one to the other, by way of others at most that
        it does not come back from.
        """
        looked_at = sorted(among)
        start, found = looked_at[0], key(self.quotes(looked_at[0]))
        for low, high in pairwise(looked_at):
            while key(self.quotes(high)) != found:
                left, right = self._neighbours(low, high, key)
                yield start, left, found
                low = start = right
                found = key(self.quotes(right))
        yield start, looked_at[-1], found

    def _neighbours(
        self, low: Number, high: Number, key: Callable[[Quotes], _Key]
    ) -> tuple[Number, Number]:
        """Two values with no whole number between them, of which the first has the key of `low` and the second has not.

        Likely numbers are tried first, the middle one of them each time; what they leave open is halved.
        """
        left, right, found = low, high, key(self.quotes(low))
        likely = [] if self.points_alone or high - low <= _FEW else self._likely(low, high)
        while not self.points_alone and right - left > 1:
            within = [value for value in likely if left < value < right]
            middle = within[len(within) // 2] if within else _whole_between(left, right)
            same = key(self.quotes(middle)) == found
            left, right = (middle, right) if same else (left, middle)
        return left, right

    def _likely(self, low: Number, high: Number) -> list[int]:
        """The whole numbers around each place where straight lines through what stands at both ends cross."""
        ends = self.quotes(low), self.quotes(high)
        held = {**_limits(self.limits), **_windows(ends[0]), **_windows(ends[1])}
        before, after = ({**_levels(quotes), **held} for quotes in ends)
        scales = (float(low), float(high)) if self.field in _INVERSE else (1.0, 1.0)
        around: set[int] = set()
        for one, other in combinations([level for level in before if level in after], 2):
            start = (before[one] - before[other]) * scales[0]
            end = (after[one] - after[other]) * scales[1]
            if one.unit == other.unit and start * end < 0 and isfinite(start - end):
                near = round(float(low) + float(high - low) * start / (start - end))
                around |= {near - 1, near, near + 1}
        return sorted(around)


class _Level(NamedTuple):
    """Something measured in a unit: what is measured in the same one can meet."""

    unit: Unit
    of: str


_Levels = dict[_Level, float]


def _levels(quotes: Quotes) -> _Levels:
    """What bills, phases and a peak come to at one value."""
    found: _Levels = {}
    for quote in quotes:
        estimate = quote.priced.estimate
        if estimate is None:
            continue
        found[_Level("usd", quote.path)] = float(estimate.usd)
        if isinstance(estimate, DedicatedEstimate):
            peak = count_tokens(estimate.workload.shape).peak_context_tokens
            found[_Level("usd", "both phases")] = float(estimate.usd_high)
            found[_Level("hours", "both phases")] = float(estimate.cluster_hours_high)
            found[_Level("hours", "prefill")] = float(estimate.prefill_hours)
            found[_Level("hours", "decode")] = float(estimate.decode_hours)
            found[_Level("tokens", "peak")] = float(peak)
    return found


def _windows(quotes: Quotes) -> _Levels:
    sizes = {quote.window_tokens for quote in quotes if quote.window_tokens is not None}
    return {_Level("tokens", f"window of {size}"): float(size) for size in sizes}


def _limits(limits: Mapping[Unit, Decimal]) -> _Levels:
    return {_Level(unit, "limit"): float(limit) for unit, limit in limits.items()}


def _whole_between(left: Number, right: Number) -> int:
    """A whole number near the middle of two numbers more than one apart."""
    middle = floor((left + right) / 2)
    return middle if middle > left else middle + 1
