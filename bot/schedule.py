"""When a channel's digest is due: a time of day in a zone, every day or once a week. No clock is read here."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from cronsim import CronSim
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from engine.workload import Checked

LARGEST_PERCENT = Decimal(1000)
LARGEST_USD = Decimal(1_000_000_000)

# The zone of a machine that was not told one, and the name some machines give to their own.
_NO_ZONES = frozenset({"Factory", "localtime"})


class Cadence(StrEnum):
    """How often a digest may come."""

    DAILY = "daily"
    WEEKLY = "weekly"


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every zone that a schedule can be in, by its IANA name."""
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return frozenset(names) - _NO_ZONES


def _known_zone(name: str) -> str:
    if name not in zone_names():
        raise ValueError(f"no zone is called `{name}`")
    return name


class Schedule(Checked):
    """When a channel wants to hear, of which models, and from which size of a change on.

    `at` is a wall clock's `HH:MM` in `zone`; `weekday` counts from Monday 0 and belongs to a weekly digest alone. No
    models means all of them. A change counts that is over either threshold; with none, any does.
    """

    cadence: Cadence
    at: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    zone: Annotated[str, AfterValidator(_known_zone)]
    models: tuple[str, ...] = ()
    over_percent: Annotated[Decimal, Field(gt=0, le=LARGEST_PERCENT)] | None = None
    over_usd: Annotated[Decimal, Field(gt=0, le=LARGEST_USD)] | None = None

    @model_validator(mode="after")
    def _weekday_belongs_to_weekly(self) -> Self:
        if (self.cadence is Cadence.WEEKLY) != (self.weekday is not None):
            raise ValueError("a weekly digest has a `weekday`, and a daily one has none")
        return self


DEFAULT = Schedule(cadence=Cadence.DAILY, at="09:00", zone="UTC")
"""What is not said when a channel subscribes."""

DEFAULT_WEEKDAY = 0

CLOCKS_APART = timedelta(hours=3)
"""What one replica sets by its clock can look so much too late by another's."""


def local(schedule: Schedule, instant: datetime) -> datetime:
    """An instant by the wall clock of a schedule's zone."""
    return instant.astimezone(ZoneInfo(schedule.zone))


def next_run(schedule: Schedule, *, after: datetime) -> datetime:
    """The first run later than `after`, an instant with a zone; in UTC.

    A time that summer time skips runs right after the gap; one that it repeats runs the first time. Pass the later of
    the last due time and now: then days that were missed bring one run, and a clock set back repeats none.
    """
    runs = CronSim(_cron_line(schedule), after.astimezone(ZoneInfo(schedule.zone)))
    # Within the hour that comes twice cronsim would name its first pass again, which is over.
    return next(run for run in (run.astimezone(UTC) for run in runs) if run > after)


def latest_run(schedule: Schedule, *, now: datetime) -> datetime:
    """The last moment for which a run can be set now; a later one was set by a clock that had jumped ahead."""
    return next_run(schedule, after=now + CLOCKS_APART)


def _cron_line(schedule: Schedule) -> str:
    hour, minute = schedule.at.split(":")
    # Cron's 7 is Sunday, so that Monday 0 is its 1.
    weekday = "*" if schedule.weekday is None else schedule.weekday + 1
    return f"{int(minute)} {int(hour)} * * {weekday}"
