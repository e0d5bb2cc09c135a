"""A clock for tests of what is kept for a time."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def passes(self, span: timedelta) -> None:
        self.time += span
