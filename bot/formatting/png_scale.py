"""Where numbers stand on an axis, and which round ones are named there."""

from collections.abc import Sequence
from decimal import Decimal

from engine.exact import ceil_ratio, exact, floor_ratio

_LOG_FROM = 30
_ZERO_SHARE = 0.08


def is_log(asked: bool | None, amounts: Sequence[Decimal]) -> bool:
    """Asked for, or needed for the smallest of the amounts to be seen at all."""
    positive = [usd for usd in amounts if usd > 0]
    if asked is not None:
        return asked
    with exact():
        return bool(positive) and max(positive) > _LOG_FROM * min(positive)


class Scale:
    """Where a number stands between two pixels, linear or logarithmic.

    `from_zero` is for amounts: zero stands at the start, on a logarithmic scale apart from the least.
    """

    def __init__(
        self, values: Sequence[Decimal], start: float, end: float, *, log: bool, from_zero: bool
    ) -> None:
        positive = [value for value in values if value > 0]
        self.log = log and bool(positive)
        self._zero = self.log and len(positive) < len(values)
        self._foot, self._end = start, end
        lifted = self.log and from_zero
        self._start = start + (end - start) * _ZERO_SHARE if lifted else start
        low = min(positive) if self.log else Decimal(0) if from_zero else min(values)
        high = max(values)
        with exact():
            if low == high:
                low, high = (low / 2, high * 2) if self.log else (low, high + 1)
            self._low, self._high = low, high
            self._span = (high / low).log10() if self.log else high - low

    def at(self, value: Decimal) -> float:
        if self.log and value <= 0:
            return self._foot
        with exact():
            away = (value / self._low).log10() if self.log else value - self._low
            return self._start + float(away / self._span) * (self._end - self._start)

    def ticks(self, most: int, *, whole: bool = False) -> list[Decimal]:
        """Round numbers within the scale, at most about so many; whole ones if asked."""
        with exact():
            if not self.log:
                return _even_ticks(self._low, self._high, most, whole=whole)
            ticks = _power_ticks(self._low, self._high, most)
        return [Decimal(0), *ticks] if self._zero else ticks


def _even_ticks(low: Decimal, high: Decimal, most: int, *, whole: bool) -> list[Decimal]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    least = (high - low) / most
    power = Decimal(1).scaleb(least.adjusted())
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= least)
    step = max(step, Decimal(1)) if whole else step
    first = ceil_ratio(low, step)
    return [step * at for at in range(first, floor_ratio(high, step) + 1)]


def _power_ticks(low: Decimal, high: Decimal, most: int) -> list[Decimal]:
    """Powers of ten, with 2 and 5 times them between where they are few."""
    powers = [Decimal(1).scaleb(at) for at in range(low.adjusted(), high.adjusted() + 1)]
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 5, 7)):
        found = [power * by for power in powers for by in factors if low <= power * by <= high]
        if len(found) >= 3:
            break
    else:
        found = _even_ticks(low, high, most, whole=False)
    return found[:: -(-len(found) // (most + 2))]
