"""When digests are due: instants worked by hand, and a walk over every minute of a year."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.schedule import Cadence, Schedule, latest_run, next_run, zone_names

MONDAY, FRIDAY, SUNDAY = 0, 4, 6


def daily(at: str, zone: str) -> Schedule:
    return Schedule(cadence=Cadence.DAILY, at=at, zone=zone)


def weekly(weekday: int, at: str, zone: str) -> Schedule:
    return Schedule(cadence=Cadence.WEEKLY, weekday=weekday, at=at, zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The schedule, an instant in UTC, and the next run in UTC, each worked out from the zone's offset on that day.
WORKED = [
    pytest.param(
        daily("09:00", "Europe/Berlin"), "2026-01-15 07:59", "2026-01-15 08:00", id="winter, UTC+1"
    ),
    pytest.param(
        daily("09:00", "Europe/Berlin"), "2026-07-15 06:59", "2026-07-15 07:00", id="summer, UTC+2"
    ),
    pytest.param(
        daily("09:00", "Europe/Berlin"),
        "2026-03-28 08:00",
        "2026-03-29 07:00",
        id="the day summer time begins is 23 hours",
    ),
    pytest.param(
        daily("09:00", "Europe/Berlin"),
        "2026-10-24 07:00",
        "2026-10-25 08:00",
        id="the day it ends is 25 hours",
    ),
    pytest.param(
        daily("02:30", "Europe/Berlin"),
        "2026-03-28 01:30",
        "2026-03-29 01:00",
        id="02:30 does not exist: 03:00, right after the gap",
    ),
    pytest.param(
        daily("02:30", "Europe/Berlin"),
        "2026-03-29 01:00",
        "2026-03-30 00:30",
        id="and only once that night",
    ),
    pytest.param(
        daily("02:30", "Europe/Berlin"),
        "2026-10-24 00:30",
        "2026-10-25 00:30",
        id="02:30 comes twice: the first time",
    ),
    pytest.param(
        daily("02:30", "Europe/Berlin"),
        "2026-10-25 00:30",
        "2026-10-26 01:30",
        id="not the second time, an hour later",
    ),
    pytest.param(
        daily("02:30", "Europe/Berlin"),
        "2026-10-25 01:10",
        "2026-10-26 01:30",
        id="asked in the second pass of that hour",
    ),
    pytest.param(
        daily("02:30", "America/New_York"),
        "2026-03-08 05:00",
        "2026-03-08 07:00",
        id="New York's gap",
    ),
    pytest.param(
        daily("01:30", "America/New_York"),
        "2026-11-01 05:30",
        "2026-11-02 06:30",
        id="New York's second pass",
    ),
    pytest.param(
        daily("00:30", "America/Santiago"),
        "2026-09-05 12:00",
        "2026-09-06 04:00",
        id="a gap at midnight: 01:00 at UTC-3",
    ),
    pytest.param(
        daily("02:15", "Australia/Lord_Howe"),
        "2026-10-03 00:00",
        "2026-10-03 15:30",
        id="a gap of half an hour: 02:30 at UTC+11",
    ),
    pytest.param(
        daily("01:45", "Australia/Lord_Howe"),
        "2026-04-04 14:50",
        "2026-04-05 15:15",
        id="half an hour that comes twice: asked between the passes",
    ),
    pytest.param(
        daily("09:00", "Asia/Kathmandu"), "2026-05-01 03:00", "2026-05-01 03:15", id="UTC+5:45"
    ),
    pytest.param(
        daily("09:00", "UTC"), "2026-01-31 09:00", "2026-02-01 09:00", id="the end of a month"
    ),
    pytest.param(daily("09:00", "UTC"), "2028-02-28 09:00", "2028-02-29 09:00", id="a leap day"),
    pytest.param(
        daily("09:00", "UTC"), "2026-02-28 09:00", "2026-03-01 09:00", id="no leap day in 2026"
    ),
    pytest.param(
        daily("00:00", "UTC"), "2026-12-31 00:00", "2027-01-01 00:00", id="the end of a year"
    ),
    pytest.param(
        daily("23:59", "Pacific/Kiritimati"),
        "2026-12-31 10:00",
        "2027-01-01 09:59",
        id="UTC+14, where the year has begun",
    ),
    pytest.param(
        weekly(MONDAY, "09:00", "Europe/Berlin"),
        "2026-03-23 08:00",
        "2026-03-30 07:00",
        id="a week across the change",
    ),
    pytest.param(
        weekly(SUNDAY, "02:30", "Europe/Berlin"),
        "2026-03-23 00:00",
        "2026-03-29 01:00",
        id="weekly, in the gap itself",
    ),
    pytest.param(
        weekly(FRIDAY, "17:00", "America/New_York"),
        "2026-12-25 22:00",
        "2027-01-01 22:00",
        id="the first Friday of 2027",
    ),
    pytest.param(
        weekly(MONDAY, "00:15", "Asia/Tokyo"),
        "2026-07-12 15:00",
        "2026-07-12 15:15",
        id="Monday in Tokyo, Sunday in UTC",
    ),
]


@pytest.mark.parametrize(("schedule", "after", "due"), WORKED)
def test_the_next_run_is_the_wall_clock_s_in_its_zone(
    schedule: Schedule, after: str, due: str
) -> None:
    run = next_run(schedule, after=utc(after))
    assert run == utc(due)
    assert run.utcoffset() == timedelta(0)


def test_a_run_is_due_at_its_instant_and_not_again_within_its_second() -> None:
    schedule = daily("09:00", "Europe/Berlin")
    due = utc("2026-07-15 07:00")
    assert next_run(schedule, after=due - timedelta(microseconds=1)) == due
    assert next_run(schedule, after=due) == utc("2026-07-16 07:00")
    assert next_run(schedule, after=due + timedelta(microseconds=1)) == utc("2026-07-16 07:00")


def test_the_zone_in_which_an_instant_is_given_does_not_matter() -> None:
    schedule = daily("02:30", "Europe/Berlin")
    # 02:10 in Berlin, the second time; the run at 02:30 was in the first pass.
    instant = utc("2026-10-25 01:10")
    for zone in ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"):
        assert next_run(schedule, after=instant.astimezone(ZoneInfo(zone))) == utc(
            "2026-10-26 01:30"
        )


WALKED_ZONES = {
    "UTC": "00:00",
    "Europe/Berlin": "02:30",
    "America/New_York": "01:30",
    "America/Santiago": "00:00",
    "Asia/Kathmandu": "23:59",
    "Australia/Lord_Howe": "02:15",
}


@lru_cache
def walked(zone_name: str, at: str) -> tuple[datetime, ...]:
    """A run a day from noon on 14 January 2026 on: the first minute of the year after to show the time, or be past it."""
    zone = ZoneInfo(zone_name)
    first = datetime(2026, 1, 14, 12, tzinfo=zone).astimezone(UTC)
    ran, runs = first.astimezone(zone).date(), []
    for minute in range(1, 366 * 24 * 60):
        local = (first + timedelta(minutes=minute)).astimezone(zone)
        if local.date() > ran and f"{local:%H:%M}" >= at:
            ran = local.date()
            runs.append(first + timedelta(minutes=minute))
    return tuple(runs)


@pytest.mark.parametrize(("zone", "at"), WALKED_ZONES.items())
@pytest.mark.parametrize("weekday", [None, SUNDAY])
def test_a_year_of_runs_is_what_a_walk_over_its_minutes_finds(
    zone: str, at: str, weekday: int | None
) -> None:
    schedule = daily(at, zone) if weekday is None else weekly(weekday, at, zone)
    local = ZoneInfo(zone)
    expected = [
        run for run in walked(zone, at) if weekday in (None, run.astimezone(local).weekday())
    ]
    # The last moment of the day on which the walk began: its own run, if later than noon, is over.
    at_end = datetime(2026, 1, 14, 23, 59, 59, tzinfo=local)
    found = [next_run(schedule, after=at_end)]
    while len(found) < len(expected):
        found.append(next_run(schedule, after=found[-1]))
    assert found == expected
    assert len(expected) >= (365 if weekday is None else 52)


def test_a_clock_that_jumps_ahead_by_days_brings_one_run() -> None:
    schedule = daily("09:00", "Europe/Berlin")
    due, now = utc("2026-07-15 07:00"), utc("2026-07-20 12:00")
    assert next_run(schedule, after=max(due, now)) == utc("2026-07-21 07:00")


def test_a_clock_set_back_repeats_no_run() -> None:
    schedule = daily("09:00", "Europe/Berlin")
    due, now = utc("2026-07-15 07:00"), utc("2026-07-14 03:00")
    again = next_run(schedule, after=max(due, now))
    assert again == utc("2026-07-16 07:00")


INSTANTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2037, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(
    after=INSTANTS,
    zone=st.sampled_from(sorted(zone_names())),
    minute=st.integers(0, 24 * 60 - 1),
    weekday=st.none() | st.integers(0, 6),
)
def test_each_run_is_later_than_the_last_and_shown_by_a_wall_clock(
    after: datetime, zone: str, minute: int, weekday: int | None
) -> None:
    at = f"{minute // 60:02}:{minute % 60:02}"
    schedule = daily(at, zone) if weekday is None else weekly(weekday, at, zone)
    first = next_run(schedule, after=after)
    second = next_run(schedule, after=first)
    assert after < first < second
    assert first - after <= timedelta(days=1 if weekday is None else 7, hours=3)
    # A wall clock shows the time, or the first minute after a gap that held it, which may end at midnight.
    local = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    before = (first - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    skipped = datetime.combine(before.date(), time(minute // 60, minute % 60))
    assert f"{local:%H:%M}" == at or before < skipped < local


def test_an_hour_that_summer_time_skips_before_midnight_runs_at_midnight() -> None:
    # In Nuuk the 28th of March 2026 ends at 22:59, and 23:30 would have been a minute of the 29th's first half hour.
    schedule = daily("23:30", "America/Nuuk")
    first = next_run(schedule, after=utc("2026-03-28 12:00"))
    assert first == utc("2026-03-29 01:00")
    assert next_run(schedule, after=first) == utc("2026-03-30 00:30")


@pytest.mark.parametrize(
    ("schedule", "latest"),
    [
        (daily("09:00", "UTC"), "2026-07-16 09:00"),
        (daily("14:59", "UTC"), "2026-07-16 14:59"),
        (daily("15:01", "UTC"), "2026-07-15 15:01"),
        (weekly(FRIDAY, "09:00", "UTC"), "2026-07-17 09:00"),
    ],
)
def test_what_clocks_three_hours_apart_may_set_is_no_later_than_the_next_run_by_the_later_clock(
    schedule: Schedule, latest: str
) -> None:
    assert latest_run(schedule, now=utc("2026-07-15 12:00")) == utc(latest)


def test_a_schedule_is_the_same_after_the_store() -> None:
    schedule = Schedule(
        cadence=Cadence.WEEKLY,
        at="09:30",
        weekday=MONDAY,
        zone="America/Argentina/Buenos_Aires",
        models=("kimi-k2p6", "gpt-oss-120b"),
        over_percent=Decimal("2.5"),
        over_usd=Decimal(1500),
    )
    assert Schedule.model_validate_json(schedule.model_dump_json()) == schedule
    assert Schedule.model_validate(schedule.model_dump(mode="json")) == schedule


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "24:00"},
        {"at": "9:00"},
        {"at": "09:60"},
        {"at": "09:00\n"},
        {"at": ""},
        {"zone": "Europe/Berlim"},
        {"zone": "europe/berlin"},
        {"zone": "Factory"},
        {"zone": "localtime"},
        {"zone": "Europe"},
        {"zone": "../UTC"},
        {"zone": ""},
        {"weekday": 0},
        {"cadence": "weekly"},
        {"cadence": "weekly", "weekday": 7},
        {"cadence": "monthly"},
        {"over_percent": "0"},
        {"over_percent": "-5"},
        {"over_percent": "1000.1"},
        {"over_percent": "NaN"},
        {"over_usd": "0"},
        {"over_usd": "Infinity"},
        {"channel": "C1"},
    ],
)
def test_what_is_no_schedule_is_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {"cadence": "daily", "at": "09:00", "zone": "Europe/Berlin"}
    assert Schedule.model_validate(right)
    with pytest.raises(ValidationError):
        Schedule.model_validate(right | wrong)
