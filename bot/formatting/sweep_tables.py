"""A sweep as tables and lines: the bills of each path over one field, the cheapest over two."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.answers import ModelAnswer
from bot.formatting.figures import NO_AMOUNT, money, number
from bot.formatting.layout import Cell, Figure, LineChart, Table
from bot.formatting.limits import CHART_LABEL, CHART_TITLE
from bot.formatting.request_wording import field_words, short_hours
from bot.formatting.sweep_words import (
    best_usd,
    capital,
    field_name,
    had_of,
    is_idle,
    quote_at,
    ranked_leads,
    ranked_points,
    rival_of,
    short_name,
)
from bot.requests.request import Field, Number
from bot.sweeps import SweepPoint
from bot.verdicts import Swept
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, usd_of
from pricing.catalogue import Model
from pricing.quotes import Quote

MARK, CLOSE = "*", "~"
"""What cannot be had as asked, and what is too close to call."""
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


def paths_table(field: Field, entry: ModelAnswer, *, timed: bool) -> Table:
    """A row a value, a column a path that has an amount somewhere, and which is the cheapest to be had; `timed` with how
    long dedicated takes."""
    paths = priced_paths(entry)
    timed = timed and BillingPath.DEDICATED in paths
    ranked = {point.fields[field] for point in ranked_points(entry)}
    heads = (*map(short_name, paths), *["Dedicated takes"] * timed)
    return Table(
        header=(capital(field_name(field)), "Cheapest", *heads),
        rows=tuple(
            (
                _counted(point.fields[field]),
                _winner_or_rival(had) if point.fields[field] in ranked else NO_AMOUNT,
                *(_cell(quote_at(point, path), entry.model) for path in paths),
                *[_hours_cell(quote_at(point, BillingPath.DEDICATED))] * timed,
            )
            for point, had in zip(entry.points, had_of(entry).points, strict=True)
        ),
        numeric=frozenset(range(len(heads) + 2)) - {1},
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


def _cell(quote: Quote, model: Model) -> Cell:
    usd = usd_of(quote.priced)
    if usd is None:
        return NO_AMOUNT
    return Figure(f"{MARK if is_idle(quote, model) else ''}{money(usd)}", usd)


def _hours_cell(quote: Quote) -> Cell:
    """*4.94 h to 6.36 h*, by how far prefill and decode overlap."""
    estimate = quote.priced.estimate
    if not isinstance(estimate, DedicatedEstimate):
        return NO_AMOUNT
    ends = short_hours(estimate.cluster_hours), short_hours(estimate.cluster_hours_high)
    return Figure(" to ".join(dict.fromkeys(ends)), estimate.cluster_hours)


def grids(fields: Sequence[Field], entry: ModelAnswer) -> Iterator[Table]:
    """The cheapest path and its bill by both fields, some columns at a time."""
    down, across = fields
    rows = list(dict.fromkeys(point.fields[down] for point in entry.points))
    columns = list(dict.fromkeys(point.fields[across] for point in entry.points))
    ranked = ranked_points(entry)
    at = {(point.fields[down], point.fields[across]): point for point in ranked}
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
                        _best_cell(at[row, column]) if (row, column) in at else NO_AMOUNT
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


def chart_of(verdict: Swept, entry: ModelAnswer) -> LineChart | None:
    """A line a path, or over two fields a line of the cheapest for each value of the second.

    It is of the values at which some path can be had, so that amounts that nobody can pay do not set its scale, and says
    so; of all of them where fewer than two are.
    """
    fields = verdict.fields
    rows = _drawn_rows(fields[0], entry)
    series = (
        _grid_series(fields, entry, rows)
        if len(fields) > 1
        else _path_series(fields[0], entry, rows)
    )
    if not any(usd for _, values in series for usd in values):
        return None
    marked = any(MARK in name for name, _ in series)
    what = "Cheapest run" if len(fields) > 1 else "US$ per run"
    beyond = _not_drawn(verdict, entry, rows)
    titles = [f"{what}{f' · {words}' * bool(words)}" for words in beyond]
    return LineChart(
        title=next((title for title in titles if len(title) <= CHART_TITLE), what),
        x_axis=f"{capital(field_name(fields[0]))}{f' · {MARK} cannot be bought' * marked}",
        y_axis="US$",
        series=tuple(series),
        points=tuple(number(value) for value in rows),
    )


def _drawn_rows(field: Field, entry: ModelAnswer) -> list[Number]:
    ranked = ranked_points(had_of(entry))
    sold = dict.fromkeys(point.fields[field] for point in ranked if point.cheapest)
    return list(sold if len(sold) > 1 else dict.fromkeys(point.fields[field] for point in ranked))


def _not_drawn(verdict: Swept, entry: ModelAnswer, rows: Sequence[Number]) -> Iterator[str]:
    """Why the chart lacks values of the table, the longest words first: *nothing on offer beyond 22 turns*."""
    field, ranked = verdict.fields[0], {p.fields[verdict.fields[0]] for p in ranked_points(entry)}
    if ranked == set(rows):
        yield ""
        return
    leads = [lead for lead in ranked_leads(verdict, entry) if lead.path]
    if len(verdict.fields) == 1:  # of all paths, and what was left out is on offer too
        leads += [lead for lead in verdict.left_out if lead.model.key == entry.model.key]
    if {value for value in ranked if value <= rows[-1]} == set(rows):
        where, end = "beyond", max(lead.last for lead in leads)
    elif {value for value in ranked if value >= rows[0]} == set(rows):
        where, end = "below", min(lead.first for lead in leads)
    else:
        yield "only where a path is on offer"
        return
    yield f"nothing on offer {where} {field_words(field, end)}"
    yield f"nothing on offer {where} {number(end)}"


def _path_series(field: Field, entry: ModelAnswer, rows: Sequence[Number]) -> Lines:
    lines: Lines = []
    shown = [point for point in entry.points if point.fields[field] in rows]
    for path in priced_paths(entry):
        quotes = [quote_at(point, path) for point in shown]
        idle = [is_idle(quote, entry.model) for quote in quotes]
        name = _marked(short_name(path), idle, rows)
        lines.append((name, tuple(usd_of(quote.priced) for quote in quotes)))
    return lines


def _marked(name: str, idle: Sequence[bool], rows: Sequence[Number]) -> str:
    """The name of a line with the mark, and where it holds, if not throughout: `Tinker* from 15`."""
    if not any(idle):
        return name
    if all(idle):
        return f"{name}{MARK}"
    first, last = idle.index(True), len(idle) - 1 - idle[::-1].index(True)
    words = f"{name}{MARK} in part"
    if all(idle[first:]):
        words = f"{name}{MARK} from {number(rows[first])}"
    elif all(idle[: last + 1]):
        words = f"{name}{MARK} up to {number(rows[last])}"
    return words if len(words) <= CHART_LABEL else f"{name}{MARK} in part"


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
