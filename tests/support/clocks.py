"""Clocks that a test turns."""

import time
from datetime import UTC, datetime, timedelta


class MovedClock:
    """Runs like the machine's, but tells another time of day, and jumps when told."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        return time.monotonic()

    def jump(self, by: timedelta) -> None:
        self._offset += by
