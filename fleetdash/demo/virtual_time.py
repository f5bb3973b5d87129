"""A clock for the past, moved by hand."""

from datetime import datetime, timedelta


class VirtualClock:
    """A `Clock` that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._epoch = start
        self._seconds = 0.0

    def now(self) -> datetime:
        return self.at(self._seconds)

    def at(self, seconds: float) -> datetime:
        """The time of day at that reading of `monotonic`."""
        return self._epoch + timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self._seconds

    def advance_to(self, seconds: float) -> None:
        """Move on to that reading of `monotonic`; never back."""
        self._seconds = max(self._seconds, seconds)

    def advance_until(self, moment: datetime) -> None:
        """Move on to that time of day; never back."""
        self.advance_to((moment - self._epoch).total_seconds())
