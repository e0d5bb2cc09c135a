"""From how large a change on a channel wants to be told."""

import re
from decimal import Decimal

from bot.digest_requests.said import Said, quote, quoted
from bot.formatting.figures import limit
from bot.schedule import LARGEST_PERCENT, LARGEST_USD

_OVER = r"(?:(?:\bby )?\b(?:over|above|more than|greater than|exceeding|exceeds?)\b|>)"
_UNIT = r"(?:%|percent\b|per cent\b|pct\b|dollars?\b|usd\b|euros?\b|eur\b)"
_SIGN = r"(?:us ?)?[$€£¥]"
_AMOUNT = rf"-? ?(?:{_SIGN} ?)?-?\d[\d.,]{{0,20}}(?<![.,])(?: ?[kmb]\b)?(?: ?{_UNIT})?"
_MARKED_AMOUNT = rf"(?:-? ?{_SIGN} ?{_AMOUNT}|-?\d[\d.,]{{0,20}}(?: ?[kmb]\b)? ?{_UNIT})"
_THRESHOLD = re.compile(
    rf"{_OVER} ?(?P<first>{_AMOUNT})"
    rf"(?:,? (?P<joined>or|and) (?:{_OVER} ?)?(?P<second>{_MARKED_AMOUNT}))?",
    re.IGNORECASE,
)
_BARE_THRESHOLD = re.compile(
    rf"(?<![\w.,$€£¥-])(?:-? ?{_SIGN} ?\d[\d.,]*(?<![.,])(?: ?[kmb]\b)?|-?\d[\d.,]* ?{_UNIT})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_THOUSANDS_OR_PLACES = re.compile(r"\d{1,3}\.\d{3}")
"""`1.500` dollars: as many write fifteen hundred as write one and a half."""
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def thresholds_in(said: Said) -> tuple[Decimal | None, Decimal | None]:
    """From how many per cent, or from how many dollars on, a change counts."""
    found = said.take(_THRESHOLD)
    for bare in said.take(_BARE_THRESHOLD):
        piece = bare[0].strip()
        said.problems.append(f"{quote(piece)} is no threshold yet: write `over {piece}`.")
    pieces = [m[part].strip() for m in found for part in ("first", "second") if m[part]]
    said.details += pieces
    percents = [piece for piece in pieces if _is_percent(piece)]
    dollars = [piece for piece in pieces if not _is_percent(piece)]
    either = len(percents) == len(dollars) == 1 and (found[0]["joined"] or "").lower() == "or"
    if len(pieces) > 1 and not either:
        said.problems.append(
            f"{quoted(pieces)} are more than one threshold: keep one, or let either count, as in "
            "`over 5% or over $500`."
        )
        return None, None
    return (
        _percent(said, percents[0]) if percents else None,
        _usd(said, dollars[0]) if dollars else None,
    )


def _is_percent(piece: str) -> bool:
    return re.search(r"%|percent|per cent|pct", piece, re.IGNORECASE) is not None


def _percent(said: Said, piece: str) -> Decimal | None:
    value = _NUMBER.match(piece)
    rest = piece[value.end() :].strip().lower() if value else ""
    if value and rest in ("%", "percent", "per cent", "pct"):
        percent = Decimal(value[0].replace(",", ""))
        if 0 < percent <= LARGEST_PERCENT:
            return percent
    said.problems.append(
        f"{quote(piece)} is no threshold: write a share above 0 and up to {LARGEST_PERCENT:,} per cent, "
        "as in `over 5%`."
    )
    return None


def _usd(said: Said, piece: str) -> Decimal | None:
    plain = re.sub(r"^us(?= ?\$)", "", piece.lower())
    marked = "$" in plain or re.search(r"dollars?|usd", plain)
    bare = re.sub(r"^\$ ?| ?(?:dollars?|usd)$", "", plain).strip()
    value = _NUMBER.match(bare)
    unit = bare[value.end() :].strip() if value else ""
    if marked and value and unit in _TIMES and not _is_unclear(value[0], unit):
        usd = Decimal(value[0].replace(",", "")) * _TIMES[unit]
        if 0 < usd <= LARGEST_USD:
            return usd
    said.problems.append(
        f"{quote(piece)} is no threshold: write per cent, as in `over 5%`, or US dollars above 0 and up to "
        f"{limit(LARGEST_USD)}, as in `over $1,500`."
    )
    return None


def _is_unclear(value: str, unit: str) -> bool:
    return not unit and _THOUSANDS_OR_PLACES.fullmatch(value) is not None
