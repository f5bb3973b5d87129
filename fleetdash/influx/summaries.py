"""Rows of the statements -> `PingSummary` per device, on shore's clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import gt
from typing import NoReturn

from fleetdash.domain.pings import PingSummary, WindowHours
from fleetdash.domain.status import Limits
from fleetdash.errors import InvalidAnswer
from fleetdash.influx.query import QueryWindow
from fleetdash.influx.response import Rows

STATEMENTS = 5
"""The statements of `PingQuery.summaries`."""


class SummaryReader:
    """Reads the rows of one window; raises `InvalidAnswer` for what cannot be in it."""

    def __init__(self, window: QueryWindow, limits: Limits) -> None:
        self._window = window
        shore = window.to_shore_clock
        self._hours = WindowHours(shore(window.start), shore(window.end), limits.ping_interval)
        self._first_hour = window.to_vessel_clock(self._hours.first)
        self._no_pings = (0,) * len(self._hours)
        self._positions = cache(self._find_positions)  # most devices were pinged in the same hours

    def summaries(self, statements: Sequence[Mapping[str, Rows]]) -> tuple[PingSummary, ...]:
        """From the five statements, in their order; points without an address belong to no device."""
        addresses = sorted(set().union(*statements) - {""})
        return tuple(self._summary(address, *[rows.get(address, ()) for rows in statements]) for address in addresses)

    def outage(self, rows: Mapping[str, Rows]) -> datetime | None:
        """When an outage began, by the vessel's records; `None` if they do not reach back that far."""
        return self._newest(rows.get("", ()), since=0)

    def _summary(
        self, address: str, recorded: Rows, answered: Rows, mean: Rows, last_ping: Rows, last_answer: Rows
    ) -> PingSummary:
        pings, answers = self._by_hour(recorded), self._by_hour(answered)
        if any(map(gt, answers, pings)):  # a ping recorded between the two statements is in the second only
            pings = tuple(map(max, pings, answers))
        since = self._window.lookback_start
        return PingSummary(
            ip_address=address,
            hours=self._hours.pings(pings, answers),
            average_response_ms=_only_value(mean),
            last_ping_at=self._newest([*last_ping, *last_answer], since),
            last_success_at=self._newest(last_answer, since),
        )

    def _by_hour(self, rows: Rows) -> tuple[int, ...]:
        """A count for each hour of the window; 0 for hours without a row."""
        if not rows:
            return self._no_pings
        times, numbers = zip(*rows, strict=True)
        if None in numbers:
            _invalid("a count is null")
        counts = tuple(map(int, numbers))
        if counts != numbers or min(counts) < 0:
            _invalid("a count is negative or not a whole number")
        positions = self._positions(times)
        if positions is None:
            return counts
        by_hour = [*self._no_pings]
        for position, count in zip(positions, counts, strict=True):
            by_hour[position] = count
        return tuple(by_hour)

    def _find_positions(self, times: tuple[int, ...]) -> list[int] | None:
        """The index in the window's hours for each time; `None` if the times are exactly these hours, in order."""
        positions = [(seconds - self._first_hour) // 3600 for seconds in times]
        if not 0 <= min(positions) <= max(positions) < len(self._hours):
            _invalid("a time is outside the window")
        if len(set(positions)) != len(positions):
            _invalid("duplicate hour")
        return None if positions == list(range(len(self._hours))) else positions

    def _newest(self, rows: Rows, since: int) -> datetime | None:
        """The newest time, if all times are from `since` to the window's end, in the vessel's seconds."""
        if not rows:
            return None
        times = [seconds for seconds, _ in rows]
        newest = max(times)
        if min(times) < since or newest >= self._window.end:
            _invalid("a time is outside the window")
        return self._window.to_shore_clock(newest)


def _only_value(rows: Rows) -> float | None:
    if len(rows) > 1:
        _invalid("more than one mean for a device")
    return rows[0][1] if rows else None


def _invalid(problem: str) -> NoReturn:
    raise InvalidAnswer(f"the vessel's answer cannot be used: {problem}")
