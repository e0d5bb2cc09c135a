"""Arithmetic that does not depend on the caller's decimal context.

A bill of the largest run allowed has some 30 digits before it is divided; 100 leave room for throughput
written with many places. The exponents reach as far as a number in a request can.
"""

from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext

_EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)


def exact() -> AbstractContextManager[Context]:
    """Within it, sums and products of money are exact and a division is right to 100 digits."""
    return localcontext(_EXACT)


def ceil_ratio(dividend: Decimal, divisor: Decimal) -> int:
    """The whole number at or above dividend/divisor; the quotient itself is never rounded."""
    whole, rest = divmod(dividend, divisor)
    return int(whole) + (1 if rest else 0)


def floor_ratio(dividend: Decimal, divisor: Decimal) -> int:
    """The whole number at or below dividend/divisor; the quotient itself is never rounded."""
    return int(dividend // divisor)
