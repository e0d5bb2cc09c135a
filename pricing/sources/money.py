"""Prices as pages write them: US dollars in ordinary figures, and nothing else."""

import re
from decimal import Decimal

from pricing.sources.listing import FaultCode, ParseError

# "$5.15", "\$0.0375" as Markdown escapes it, "$1,234.50"; no sign, no exponent, no other currency.
_PRICE = re.compile(r"\\?\$ ?(\d{1,3}(?:,\d{3}){1,3}|\d{1,9})(\.\d{1,9})?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_OTHER_CURRENCY = re.compile(r"[€£¥₹₩]|\b(?:EUR|GBP|JPY|CNY|RMB|INR|CHF|credits?)\b", re.IGNORECASE)
_LONGEST_QUOTE = 200

HIGHEST_USD = Decimal(10_000)
"""No rate per million tokens or GPU-hour comes near it: a larger figure is another unit, or no price."""


def usd(text: str, *, what: str) -> Decimal:
    """The amount of a cell such as `$5.15`. `what` names the cell in the fault.

    Raises ParseError for another currency, for anything that is no plain amount (NaN, a negative one, two prices), and for
    one that no rate can be.
    """
    cell = text.strip()
    if _OTHER_CURRENCY.search(cell):
        raise ParseError(
            FaultCode.CURRENCY, f"{what} is `{shortened(cell)}`, which is not in US dollars"
        )
    match = _PRICE.fullmatch(cell)
    if match is None:
        raise ParseError(
            FaultCode.RATE, f"{what} is `{shortened(cell)}`, which is no price such as `$5.15`"
        )
    return _plausible(Decimal(match[1].replace(",", "") + (match[2] or "")), what=what)


def amount(text: object, *, what: str) -> Decimal:
    """The amount of a decimal string or number without a sign of currency, as machine-readable sources have it."""
    if isinstance(text, bool) or not isinstance(text, str | int | float | Decimal):
        raise ParseError(FaultCode.RATE, f"{what} is `{shortened(str(text))}`, which is no amount")
    written = format(text, "f") if isinstance(text, Decimal) else str(text)
    if isinstance(text, float):
        written = format(Decimal(repr(text)), "f") if text == text else "NaN"
    if not _AMOUNT.fullmatch(written):
        raise ParseError(FaultCode.RATE, f"{what} is `{shortened(written)}`, which is no amount")
    return _plausible(Decimal(written), what=what)


def _plausible(usd: Decimal, *, what: str) -> Decimal:
    if usd > HIGHEST_USD:
        raise ParseError(FaultCode.RATE, f"{what} is {usd} dollars, which no rate is")
    return usd


def shortened(text: str) -> str:
    """A piece of a page, on one line, short enough for a sentence, and without what no line can show or store.

    A NUL, half of a surrogate pair and marks that turn the direction of writing become spaces.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…"
