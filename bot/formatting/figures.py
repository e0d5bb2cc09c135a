"""How figures read: the one place where anything is rounded."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from engine.exact import exact

AT_PAR_FROM, AT_PAR_TO = Decimal("0.95"), Decimal("1.05")
"""Two bills whose ratio lies between these are called at par."""

NO_AMOUNT = "—"

# Beyond these a figure is written with an exponent: nobody counts that many digits.
_LARGEST, _SMALLEST = Decimal("1e15"), Decimal("1e-9")


def money(usd: Decimal) -> str:
    """US dollars at every size: `$0.0046`, `$2.26`, `$65,392`.

    Two significant digits below a dollar, cents below a thousand, whole dollars above; what costs
    something never reads as nothing.
    """
    if usd and not _SMALLEST <= usd < _LARGEST:
        return f"${_scientific(usd)}"
    if 0 < usd < 1:
        return f"${_trimmed(_rounded(usd, max(2, 1 - usd.adjusted())), at_least=2)}"
    cents = _rounded(usd, 2)
    return f"${cents:,f}" if 0 < cents < 1000 else f"${_rounded(usd, 0):,f}"


def price(usd: Decimal) -> str:
    """A rate or a limit exactly as it stands, with cents: `$2.205`, `$15.00`."""
    return f"${_trimmed(usd, at_least=2)}"


def limit(usd: Decimal) -> str:
    """A sum that somebody named: `$5,000`, `$4.50`."""
    return f"${number(usd)}" if usd == usd.to_integral_value() else price(usd)


def number(value: int | Decimal) -> str:
    """A count or a throughput as it was given: `30,000`, `1,500.5`."""
    value = Decimal(value)
    if value and not _SMALLEST <= abs(value) < _LARGEST:
        return _scientific(value)
    return _trimmed(value, at_least=0)


def rounded(value: Decimal) -> str:
    """A measured figure to three significant digits, whole above a hundred: `2.96`, `37.0`, `1,234`."""
    if value and not _SMALLEST <= value < _LARGEST:
        return _scientific(value)
    return f"{_rounded(value, max(0, 2 - value.adjusted())):,f}" if value else "0"


def percent(share: Decimal) -> str:
    """A share from 0 to 1 as per cent: `90.3%`."""
    return f"{_rounded(share * 100, 1):f}%"


def against(reference_usd: Decimal | None, usd: Decimal | None) -> str:
    """How a bill compares with a reference: `2.8× cheaper`, `1.3× more`, `at par` within 5 %, `—` without both."""
    if not reference_usd or not usd:
        return NO_AMOUNT
    ratio = _ratio(reference_usd, usd)
    if ratio >= AT_PAR_TO:
        return f"{_times(ratio)}× cheaper"
    if ratio <= AT_PAR_FROM:
        return f"{_times(_ratio(usd, reference_usd))}× more"
    return "at par"


def times(reference_usd: Decimal, usd: Decimal) -> str:
    """How many times `usd` a bill is: `4.5×`, `0.56×`."""
    return f"{_times(_ratio(reference_usd, usd))}×"


def _ratio(usd: Decimal, other_usd: Decimal) -> Decimal:
    """A quotient, rid of the last digits, in which a bill such as 100,000/27 was itself rounded: 6.75, not 6.7499…"""
    with exact():
        quotient = usd / other_usd
        return quotient.quantize(_TRUSTED, ROUND_HALF_EVEN) if quotient < _LARGEST else quotient


_TRUSTED = Decimal("1e-20")


def _times(ratio: Decimal) -> str:
    """With one place, below one with two digits: `22.4`, `0.56`."""
    if ratio and not _SMALLEST <= ratio < _LARGEST:
        return _scientific(ratio)
    return f"{_rounded(ratio, 1 if ratio >= 1 or not ratio else 1 - ratio.adjusted()):,f}"


def _rounded(value: Decimal, places: int) -> Decimal:
    with exact():
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _trimmed(value: Decimal, *, at_least: int) -> str:
    """All of a number's digits, with commas, and at least so many places."""
    whole, _, places = f"{value:,f}".partition(".")
    places = places.rstrip("0").ljust(at_least, "0")
    return f"{whole}.{places}" if places else whole


def _scientific(value: Decimal) -> str:
    return f"{value:.1e}"
