"""A sweep as tables and lines: the bills of each path over one field, the cheapest over two."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.answers import ModelAnswer
from bot.formatting.figures import NO_AMOUNT, money, number
from bot.formatting.layout import Cell, Figure, LineChart, Table
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_words import (
    best_usd,
    capital,
    field_name,
    is_notional,
    quote_at,
    ranked_points,
    rival_of,
    short_name,
)
from bot.requests.request import Field, Number
from bot.sweeps import SweepPoint
from engine.caveats import BillingPath
from engine.costs import usd_of
from pricing.quotes import Quote

MARK, CLOSE = "*", "~"
"""What cannot be bought as asked, and what is too close to call."""
NOBODY = "none"
# As many columns of a grid as a terminal has room for.
_COLUMNS = 5

Lines = list[tuple[str, tuple[Decimal | None, ...]]]
"""Lines by name, a bill or none at each point."""

# A field's name beside a number, short enough for the name of a line.
_TERSE = {
    Field.INITIAL_PROMPT_TOKENS: "initial",
    Field.TOKENS_ADDED_PER_TURN: "added",
    Field.TOOL_RESULT_TOKENS_PER_TURN: "tool result",
    Field.DECODE_TOKENS_PER_TURN: "decoded",
}


def paths_table(field: Field, entry: ModelAnswer) -> Table:
    """A row a value, a column a path that has an amount somewhere, and which is the cheapest on offer."""
    paths, ranked = priced_paths(entry), ranked_points(entry)
    return Table(
        header=(capital(field_name(field)), "Cheapest", *(short_name(path) for path in paths)),
        rows=tuple(
            (
                _counted(point.fields[field]),
                _winner_or_rival(point) if point in ranked else NO_AMOUNT,
                *(_cell(quote_at(point, p)) for p in paths),
            )
            for point in entry.points
        ),
        numeric=frozenset({0, *range(2, 2 + len(paths))}),
    )


def priced_paths(entry: ModelAnswer) -> list[BillingPath]:
    return [
        path
        for path in BillingPath
        if any(usd_of(quote_at(point, path).priced) is not None for point in entry.points)
    ]


def _counted(value: Number) -> Figure:
    return Figure(number(value), Decimal(value))


def _winner(point: SweepPoint) -> str:
    if point.cheapest is None:
        return NOBODY
    variant = quote_at(point, point.cheapest).variant
    return f"{short_name(point.cheapest)} {variant}" if variant else short_name(point.cheapest)


def _winner_or_rival(point: SweepPoint) -> str:
    """*Dedicated or Standard* where overlap decides."""
    rival = rival_of(point)
    return f"{_winner(point)} or {short_name(rival)}" if rival else _winner(point)


def _cell(quote: Quote) -> Cell:
    usd = usd_of(quote.priced)
    if usd is None:
        return NO_AMOUNT
    return Figure(f"{MARK if is_notional(quote) else ''}{money(usd)}", usd)


def grids(fields: Sequence[Field], entry: ModelAnswer) -> Iterator[Table]:
    """The cheapest path and its bill by both fields, some columns at a time."""
    down, across = fields
    rows = list(dict.fromkeys(point.fields[down] for point in entry.points))
    columns = list(dict.fromkeys(point.fields[across] for point in entry.points))
    at = {(point.fields[down], point.fields[across]): point for point in entry.points}
    ranked = ranked_points(entry)
    tables = -(-len(columns) // _COLUMNS)
    each = -(-len(columns) // tables)
    for start in range(0, len(columns), each):
        shown = columns[start : start + each]
        heads = (field_words(across, shown[0]), *(number(value) for value in shown[1:]))
        yield Table(
            header=(capital(field_name(down)), *heads),
            rows=tuple(
                (
                    _counted(row),
                    *(
                        _best_cell(at[row, column]) if at[row, column] in ranked else NO_AMOUNT
                        for column in shown
                    ),
                )
                for row in rows
            ),
            numeric=frozenset({0}),
        )


def _best_cell(point: SweepPoint) -> str:
    usd = best_usd(point)
    close = CLOSE if rival_of(point) else ""
    return NOBODY if usd is None else f"{close}{_winner(point)} {money(usd)}"


def chart_of(fields: Sequence[Field], entry: ModelAnswer) -> LineChart | None:
    """A line a path, or over two fields a line of the cheapest for each value of the second.

    It is of the values at which some path can be bought, so that amounts that nobody can pay do not set its scale; of
    all of them where fewer than two are.
    """
    rows = _drawn_rows(fields[0], entry)
    series = (
        _grid_series(fields, entry, rows)
        if len(fields) > 1
        else _path_series(fields[0], entry, rows)
    )
    if not any(usd for _, values in series for usd in values):
        return None
    marked = any(name.endswith(MARK) for name, _ in series)
    what = "Cheapest run" if len(fields) > 1 else "US$ per run"
    return LineChart(
        title=f"{what}{f' · {MARK} not always to be bought' if marked else ''}",
        x_axis=capital(field_name(fields[0])),
        y_axis="US$",
        series=tuple(series),
        points=tuple(number(value) for value in rows),
    )


def _drawn_rows(field: Field, entry: ModelAnswer) -> list[Number]:
    ranked = ranked_points(entry)
    sold = dict.fromkeys(point.fields[field] for point in ranked if point.cheapest)
    return list(sold if len(sold) > 1 else dict.fromkeys(point.fields[field] for point in ranked))


def _path_series(field: Field, entry: ModelAnswer, rows: Sequence[Number]) -> Lines:
    lines: Lines = []
    shown = [point for point in entry.points if point.fields[field] in rows]
    for path in priced_paths(entry):
        quotes = [quote_at(point, path) for point in shown]
        mark = MARK if any(is_notional(quote) for quote in quotes) else ""
        lines.append((f"{short_name(path)}{mark}", tuple(usd_of(quote.priced) for quote in quotes)))
    return lines


def _grid_series(fields: Sequence[Field], entry: ModelAnswer, rows: Sequence[Number]) -> Lines:
    """The cheapest run at some values of the first field, for each value of the second."""
    down, across = fields
    ranked = ranked_points(entry)
    columns = dict.fromkeys(point.fields[across] for point in entry.points)
    at = {(p.fields[down], p.fields[across]): best_usd(p) for p in ranked}
    return [
        (column_name(across, column), tuple(at.get((row, column)) for row in rows))
        for column in columns
    ]


def column_name(across: Field, column: Number) -> str:
    """A value of the second field as the name of a line."""
    return f"{number(column)} {_TERSE.get(across, field_name(across))}"
