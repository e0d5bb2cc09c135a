"""An answer as CSV, to keep and to reckon with: rows for a spreadsheet or a program. Pure: an answer in, text out."""

import csv
import io
import unicodedata
from decimal import Context, Decimal

from bot.answers import Answer
from bot.export_columns import Cell
from bot.export_rows import rows_of

# Spreadsheets take a file without it for the code page of the computer.
_BYTE_ORDER_MARK = "\ufeff"


def to_csv(answer: Answer) -> str:
    """The rows of an answer under a header with units, as RFC 4180 has them; empty where there is nothing to tabulate.

    Text that a spreadsheet would run as a formula begins with an apostrophe; numbers stay numbers.
    """
    rows = list(rows_of(answer))
    if not rows:
        return ""
    header = dict.fromkeys(column for row in rows for column in row)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(column) for column in header])
    writer.writerows([_cell(row.get(column)) for column in header] for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _text(value) if isinstance(value, str) else _number(Decimal(value))


# Spreadsheets keep fifteen digits; with twelve places more stand there where a number is large.
_DIGITS, _PLACES = 15, 12


def _number(value: Decimal) -> str:
    """A number as any program reads it: a point, no commas, no exponent, no zeros behind it."""
    if not value:
        return "0"
    digits = max(_DIGITS, value.adjusted() + 1 + _PLACES)
    whole, _, places = f"{Context(prec=digits).plus(value):f}".partition(".")
    return f"{whole}.{places}".rstrip("0").rstrip(".") if places else whole


def _text(value: str) -> str:
    """Text that no spreadsheet takes for a formula, whatever stands before the sign that begins one."""
    return f"'{value}" if _begins_formula(value) else value


def _begins_formula(value: str) -> bool:
    """Whether the first sign that is seen begins a formula, or a control sign may hide one.

    Spreadsheets skip blanks and signs without a width, and read full-width and small signs as the plain ones.
    """
    for sign in value:
        if sign in "\t\r\n":
            return True
        if unicodedata.category(sign) not in _UNSEEN:
            return unicodedata.normalize("NFKC", sign) in _BEGIN_FORMULA
    return False


_BEGIN_FORMULA = frozenset("=+-@")
# Blanks, controls, and signs for joining and direction.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
