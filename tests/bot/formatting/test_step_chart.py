"""Steps drawn by hand beside steps drawn by the code; and lines that are right on each of their days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.formatting.layout import StepChart, Steps
from bot.formatting.step_chart import drawn, joined


def steps(*pairs: tuple[str, str | None]) -> Steps:
    return tuple((date.fromisoformat(d), Decimal(v) if v is not None else None) for d, v in pairs)


def chart(**series: Steps) -> StepChart:
    return StepChart(title="T", axis="US$", series=tuple(series.items()))


RISE = steps(("2026-01-01", "1.5"), ("2026-02-01", "10"), ("2026-03-01", "10"))
FALL = steps(("2026-01-01", "3"), ("2026-02-01", "1"), ("2026-03-01", "1"))
GAP = steps(
    ("2026-01-01", "1"), ("2026-02-01", None), ("2026-03-01", "1"), ("2026-04-01", None),
    ("2026-05-01", None),
)  # fmt: skip


def test_a_rise_goes_up_on_its_day() -> None:
    # 40 wide: margin 8, so 32 for two stretches of 11, ten for the last day, and none to spare but nine columns
    # that 31 and 28 days share: 11 + 4, then 11 + 4 + 10, and the last column.
    assert drawn(chart(A=RISE), width=50).splitlines() == [
        "A",
        "$10.00" + "  " + " " * 15 + "┌" + "─" * 25,
        " $1.50" + "  " + "─" * 15 + "┘",
        "        2026-01-01     2026-02-01      2026-03-01",
    ]


def test_a_fall_goes_down_past_the_values_between() -> None:
    down = steps(("2026-01-01", "2"), ("2026-01-02", "3"), ("2026-01-03", "1"), ("2026-01-04", "1"))
    lines = drawn(chart(A=down), width=60).splitlines()
    upright = lines[1].index("┐")
    assert [line[upright] for line in lines[1:4]] == ["┐", "│", "└"]
    assert lines[4][upright : upright + 10] == "2026-01-03"
    assert lines[2].index("┘") == lines[1].index("┌") == lines[4].index("2026-01-02")


def test_where_there_is_no_value_nothing_is_drawn() -> None:
    (_, line, days) = drawn(chart(A=GAP), width=80).splitlines()
    for day, drawn_there in [("2026-01-01", "─"), ("2026-02-01", " "), ("2026-03-01", "─")]:
        assert line[days.index(day)] == drawn_there
    assert len(line) == days.index("2026-04-01")


def test_each_series_has_a_picture_and_one_without_a_value_none() -> None:
    nothing = steps(("2026-01-01", None), ("2026-02-01", None))
    pictures = drawn(chart(A=RISE, B=nothing, C=FALL), width=60).split("\n\n")
    assert [picture.splitlines()[0] for picture in pictures] == ["A", "C"]


def test_a_step_stands_as_the_day_before_and_its_day() -> None:
    lines = joined(chart(A=RISE, B=FALL), most_days=20, most_series=6)
    assert lines is not None
    assert {date(2026, 1, 31), date(2026, 2, 1)} <= set(lines.days)
    assert lines.days[0] == date(2026, 1, 1)
    assert lines.days[-1] == date(2026, 3, 1)
    at = lines.days.index(date(2026, 2, 1))
    values = dict(lines.series)
    assert values["A"][at - 1 : at + 1] == (Decimal("1.5"), Decimal(10))
    assert values["B"][at - 1 : at + 1] == (Decimal(3), Decimal(1))
    assert lines.labels[at - 1 : at + 1] == ("31 Jan", "1 Feb")


def test_a_line_that_would_have_a_hole_is_left_out_and_the_span_is_the_one_with_most_steps() -> (
    None
):
    late = steps(("2026-02-15", "1"), ("2026-03-01", "1"))
    lines = joined(chart(A=RISE, late=late, GAP=GAP), most_days=20, most_series=6)
    assert lines is not None
    assert [name for name, _ in lines.series] == ["A"]


def test_a_series_that_has_ended_is_drawn_up_to_its_end() -> None:
    over = steps(
        ("2026-01-01", "1"), ("2026-02-01", "2"), ("2026-03-01", None), ("2026-06-01", None)
    )
    lines = joined(chart(A=over), most_days=20, most_series=6)
    assert lines is not None
    assert lines.days[-1] == date(2026, 2, 28)


@pytest.mark.parametrize("flat", [steps(("2026-01-01", "1"), ("2026-03-01", "1")), GAP, ()])
def test_without_a_step_there_is_no_line(flat: Steps) -> None:
    assert joined(chart(A=flat), most_days=20, most_series=6) is None


def test_of_too_many_series_those_with_most_steps_are_kept() -> None:
    more = steps(("2026-01-01", "1"), ("2026-01-15", "2"), ("2026-02-01", "3"), ("2026-03-01", "3"))
    lines = joined(chart(A=RISE, B=FALL, C=more), most_days=20, most_series=2)
    assert lines is not None
    assert [name for name, _ in lines.series] == ["A", "C"]


def test_over_more_than_a_year_the_labels_have_the_year() -> None:
    long = steps(("2025-07-17", "1"), ("2026-07-17", "2"), ("2026-08-01", "2"))
    lines = joined(chart(A=long), most_days=20, most_series=6)
    assert lines is not None
    assert lines.labels[0] == "2025-07-17"


FIRST = date(2026, 1, 1)
VALUES = st.none() | st.sampled_from([Decimal(n) for n in ("0.15", "2.205", "15", "1234.5")])


@st.composite
def any_steps(draw: st.DrawFn) -> Steps:
    days = sorted(draw(st.sets(st.integers(0, 900), min_size=2, max_size=40)))
    values = draw(st.lists(VALUES, min_size=len(days) - 1, max_size=len(days) - 1))
    pairs = list(zip(days, [*values, values[-1]], strict=True))
    return tuple((FIRST + timedelta(days=day), value) for day, value in pairs)


def value_on(series: Steps, day: date) -> Decimal | None:
    """Looked up day by day from the first on."""
    value = None
    for since, new in series:
        if since <= day:
            value = new
    return value


@given(st.lists(any_steps(), min_size=1, max_size=8), st.integers(60, 120))
def test_a_picture_is_never_wider_than_it_may_be(many: list[Steps], width: int) -> None:
    series = tuple((f"S{number}", one) for number, one in enumerate(many))
    picture = drawn(StepChart(title="T", axis="US$", series=series), width=width)
    assert all(len(line) <= width for line in picture.splitlines())


@given(st.lists(any_steps(), min_size=1, max_size=8))
def test_every_point_of_a_line_is_the_value_of_its_day(many: list[Steps]) -> None:
    of_name = {f"S{number}": one for number, one in enumerate(many)}
    lines = joined(
        StepChart(title="T", axis="US$", series=tuple(of_name.items())), most_days=20, most_series=6
    )
    assume(lines is not None)
    assert lines is not None
    assert 2 <= len(lines.days) <= 20
    assert sorted(set(lines.days)) == list(lines.days)
    assert len(set(lines.labels)) == len(lines.labels)
    assert 1 <= len(lines.series) <= 6
    for name, values in lines.series:
        assert list(values) == [value_on(of_name[name], day) for day in lines.days]
    assert any(len(set(values)) > 1 for _, values in lines.series)
