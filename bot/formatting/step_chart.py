"""Rates that move in steps, drawn: as lines of text, and as the points of a chart that joins them with straight lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from bot.formatting.figures import price
from bot.formatting.layout import StepChart, Steps

_DAY = timedelta(days=1)
_DAY_WIDTH = len("2026-07-17 ")
_LEAST_WIDTH = 3 * _DAY_WIDTH


def drawn(chart: StepChart, *, width: int) -> str:
    """A small chart for each series that has a value, in box-drawing characters and no wider than `width`, from 60 on.

    Each value has a line of its own, so that heights say which is more and not by how much. Where the days do not all
    fit beside each other the oldest are left out.
    """
    pictures = [
        f"{name}\n{_picture(steps, width=width)}"
        for name, steps in chart.series
        if any(value is not None for _, value in steps)
    ]
    return "\n\n".join(pictures)


def _picture(steps: Steps, *, width: int) -> str:
    margin = max(len(price(value)) for _, value in steps if value is not None) + 2
    widths, shown = _widths(steps, max(width - margin, _LEAST_WIDTH))
    levels = sorted({value for _, value in shown if value is not None}, reverse=True)
    rows = [[" "] * sum(widths) for _ in levels]
    at, before = 0, None
    for (_, value), wide in zip(shown, widths, strict=True):
        if value is not None:
            rows[levels.index(value)][at : at + wide] = "─" * wide
        if at and before is not None and value is not None and value != before:
            _join(rows, at, levels.index(before), levels.index(value))
        at, before = at + wide, value
    lines = [
        f"{price(level):>{margin - 2}}  {''.join(row)}"
        for level, row in zip(levels, rows, strict=True)
    ]
    days = " " * margin + _axis(shown, widths)
    return "\n".join(line.rstrip() for line in (*lines, days))


def _join(rows: list[list[str]], at: int, old: int, new: int) -> None:
    """The upright from one value's line to the next; the first line is the highest value."""
    rows[old][at] = "┘" if new < old else "┐"
    rows[new][at] = "┌" if new < old else "└"
    for between in range(min(old, new) + 1, max(old, new)):
        rows[between][at] = "│"


def _widths(steps: Steps, room: int) -> tuple[list[int], Steps]:
    """How wide the stretch from each day to the next is drawn, and the days that are shown; the last day is a column.

    Each stretch has room for its day, the last one for the day that ends it too; what is left is shared by lengths.
    """
    most = room // _DAY_WIDTH - 1
    shown = steps[-most - 1 :]
    lengths = [(end - start).days for (start, _), (end, _) in pairwise(shown)]
    least = [_DAY_WIDTH] * len(lengths)
    spare = room - sum(least) - _DAY_WIDTH
    total = max(1, sum(lengths))
    widths = [wide + spare * length // total for wide, length in zip(least, lengths, strict=True)]
    if widths:
        widths[-1] += _DAY_WIDTH - 1
    return [*widths, 1], shown


def _axis(shown: Steps, widths: Sequence[int]) -> str:
    """Each day below where it begins, the last one below the end."""
    last = str(shown[-1][0])
    days = "".join(
        str(day).ljust(wide) for (day, _), wide in zip(shown[:-1], widths[:-1], strict=True)
    )
    return days[: max(0, sum(widths) - len(last))] + last


@dataclass(frozen=True, slots=True)
class Lines:
    """Series that have a value on each of the same days, for a chart that joins one day's values with the next's.

    `labels` are the days, short where they all lie within a year.
    """

    days: tuple[date, ...]
    series: tuple[tuple[str, tuple[Decimal, ...]], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        within_a_year = (self.days[-1] - self.days[0]).days < 365
        return tuple(f"{day.day} {day:%b}" if within_a_year else str(day) for day in self.days)


def joined(chart: StepChart, *, most_days: int, most_series: int) -> Lines | None:
    """The span of days that shows most steps of series without a gap in it; None where none has a step.

    Each step stands as two days, and a few days between them make the line steep there and flat where the value holds.
    Of too many days the last are kept.
    """
    best = max(_spans(chart), key=lambda span: span.worth, default=None)
    if best is None or not best.worth[0]:
        return None
    stepped = [(name, steps, _steps_within(steps, best)) for name, steps in chart.series]
    whole = [(name, steps, days) for name, steps, days in stepped if days is not None]
    most_moved = sorted(whole, key=lambda one: -len(one[2]))[:most_series]
    kept = [one for one in whole if one in most_moved]
    moved = {day for _, _, days in kept for day in days}
    needed = sorted({best.start, best.end} | moved | {day - _DAY for day in moved})[-most_days:]
    days = _filled(needed)
    return Lines(
        days=days, series=tuple((name, tuple(_values(steps, days))) for name, steps, _ in kept)
    )


# More labels than these run into each other on a phone.
_READABLE_DAYS = 8


def _filled(needed: Sequence[date]) -> tuple[date, ...]:
    """The days, and where they are few, days between them where the time is longest."""
    days = list(needed)
    while len(days) < _READABLE_DAYS:
        start, end = max(pairwise(days), key=lambda stretch: stretch[1] - stretch[0])
        if end - start == _DAY:
            break
        days.insert(days.index(end), start + (end - start) // 2)
    return tuple(days)


@dataclass(frozen=True, slots=True)
class _Span:
    """Days from `start` to `end`; `worth` is how many steps and how many series they show, and how many days they are."""

    start: date
    end: date
    worth: tuple[int, int, int] = (0, 0, 0)


def _spans(chart: StepChart) -> Iterator[_Span]:
    """Each span from where a series begins to where one ends."""
    stretches = [stretch for _, steps in chart.series for stretch in _stretches(steps)]
    for start in sorted({start for start, _ in stretches}):
        for end in sorted({end for _, end in stretches if end > start}):
            span = _Span(start, end)
            found = [_steps_within(steps, span) for _, steps in chart.series]
            whole = [steps for steps in found if steps is not None]
            yield _Span(start, end, (sum(map(len, whole)), len(whole), (end - start).days))


def _stretches(steps: Steps) -> Iterator[tuple[date, date]]:
    """From when to when, both included, a series has a value without a gap."""
    start: date | None = None
    for day, value in steps:
        if value is None and start is not None:
            yield start, day - _DAY
            start = None
        elif value is not None and start is None:
            start = day
    if start is not None:
        yield start, steps[-1][0]


def _steps_within(steps: Steps, span: _Span) -> tuple[date, ...] | None:
    """The days within a span on which a series steps; None for one that lacks a value there."""
    whole = any(start <= span.start and span.end <= end for start, end in _stretches(steps))
    if not whole:
        return None
    return tuple(
        day
        for (_, old), (day, new) in pairwise(steps)
        if span.start < day <= span.end and old != new
    )


def _values(steps: Steps, days: Sequence[date]) -> Iterator[Decimal]:
    """The value on each day, which is that of the last step up to it."""
    for day in days:
        value = next(value for since, value in reversed(steps) if since <= day)
        assert value is not None  # noqa: S101 - the span was chosen for it
        yield value
