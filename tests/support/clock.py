"""Clocks that a test turns."""

import time
from datetime import UTC, datetime, timedelta

from tests.support import present


class FakeClock:
    """Implements `fleetdash.domain.clock.Clock`; stands still until it is advanced."""

    def __init__(self, now: datetime = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set(self, now: datetime) -> None:
        """Someone sets the time of day, forwards or back; the monotonic reading does not notice."""
        self._now = now


class MovedClock:
    """Runs like the machine's, but tells another time of day, and jumps when told."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - present.now()
        self._passed = 0.0

    def now(self) -> datetime:
        return present.now() + self._offset

    def monotonic(self) -> float:
        return time.monotonic() + self._passed

    def jump(self, by: timedelta) -> None:
        """Someone moves the time of day."""
        self._offset += by

    def set(self, now: datetime) -> None:
        """Someone sets the time of day."""
        self._offset = now - present.now()

    def let_pass(self, time_passed: timedelta) -> None:
        """Time passes that no clock on the wall shows."""
        self._passed += time_passed.total_seconds()
