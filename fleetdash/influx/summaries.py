"""Rows of the statements -> `PingSummary` per device, on shore's clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import gt, lt

from fleetdash.domain.pings import PingHours, PingSummary, Value, WindowHours
from fleetdash.domain.status import Limits
from fleetdash.influx.newest import DatedPing, NewestPings, believable
from fleetdash.influx.query import QueryWindow
from fleetdash.influx.response import Result, Row

MOST_PINGS_PER_HOUR = 10_000_000
SLOWEST_RESPONSE_MS = 1e7

Counts = tuple[int, ...]
"""By hour of the window."""

Rows = Mapping[str, Sequence[Row]]
"""Of one statement, by address."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The rows of the statements about figures; of the first three one by each type of the loss."""

    recorded: Sequence[Rows]
    answered: Sequence[Rows]
    last_answered: Sequence[Rows]
    mean: Sequence[Rows]

    @property
    def addresses(self) -> set[str]:
        return set().union(*self.recorded, *self.answered, *self.last_answered)


def rows_by_device(result: Result, device_tag: str) -> Rows:
    """A vessel that reports a device twice has no figures of it."""
    found: dict[str, Sequence[Row]] = {}
    for series in result:
        address = series.tags.get(device_tag, "")
        found[address] = () if address in found else series.rows
    return found


class SummaryReader:
    """Reads the answers of one window. A figure that cannot be is left out, and costs nothing else.

    Raises `InvalidAnswer` for times that no clock shows.
    """

    def __init__(self, window: QueryWindow, limits: Limits) -> None:
        self._window = window
        self._stale_after = limits.stale_after
        shore = window.to_shore_clock
        self._hours = WindowHours(shore(window.start), shore(window.end), limits.ping_interval)
        self._first_hour = window.to_vessel_clock(self._hours.first)
        self._no_pings = (0,) * len(self._hours)
        self._positions = cache(self._find_positions)  # most devices were pinged in the same hours

    def summaries(self, figures: Figures, newest: NewestPings) -> tuple[PingSummary, ...]:
        """By address; points without an address belong to no device."""
        addresses = figures.addresses.union(newest.dated, newest.undated) - {""}
        return tuple(self._summary(address, figures, newest) for address in sorted(addresses))

    def outage(self, result: Result) -> datetime | None:
        """When an outage began, by the vessel's records; `None` if they do not reach back that far."""
        return self._latest([series.rows for series in result])

    def _summary(self, address: str, figures: Figures, newest: NewestPings) -> PingSummary:
        pings, undated = newest.dated.get(address, []), newest.undated.get(address, [])
        last_answered = self._latest(_of(address, figures.last_answered))
        if undated or not all(ping.certain for ping in pings):
            last_answered = None  # of pings whose time is another than that of the bounds
        last_ping, last_success = _last(self._fresh(pings), pings, last_answered)
        return PingSummary(
            ip_address=address,
            hours=self._device_hours(_of(address, figures.recorded), _of(address, figures.answered)),
            average_response_ms=_mean(_of(address, figures.mean)),
            last_ping_at=last_ping,
            last_success_at=last_success,
            inconclusive=_inconclusive(self._fresh(pings), undated),
        )

    def _fresh(self, pings: Iterable[DatedPing]) -> list[DatedPing]:
        oldest = self._window.to_shore_clock(self._window.end) - self._stale_after
        return [ping for ping in pings if ping.at >= oldest]

    def _device_hours(self, recorded: Sequence[Sequence[Row]], answered: Sequence[Sequence[Row]]) -> PingHours:
        """The larger of the pings with a code and those with a loss: either may be left out."""
        counted = [self._by_hour(rows, 2) for rows in recorded]
        answers = [self._by_hour(rows, 1) for rows in answered]
        if None in counted or None in answers:
            return self._hours.pings(self._no_pings, self._no_pings)
        by_loss, answered_pings = (_sum([counts[-1] for counts in found if counts]) for found in (counted, answers))
        # the first statement counts the codes of all pings, whatever the type of their loss
        by_code = counted[0][0] if counted and counted[0] else self._no_pings
        pings = tuple(map(max, by_code, by_loss or self._no_pings))
        answered_pings = answered_pings or self._no_pings
        if any(map(gt, answered_pings, pings)):  # a ping recorded between the two statements is in the second only
            pings = tuple(map(max, pings, answered_pings))
        return self._hours.pings(pings, answered_pings)

    def _by_hour(self, rows: Sequence[Row], most: int) -> list[Counts] | None:
        """Up to `most` columns of counts for each hour, 0 for hours without a row; `None` where they cannot be."""
        if not rows:
            return [self._no_pings]
        times, *columns = zip(*rows, strict=True)
        positions = self._positions(times)
        counts = [_counts(column) for column in columns[:most]]
        if positions is None or None in counts:
            return None
        if len(positions) == len(self._no_pings):  # each hour of the window, in order
            return [column for column in counts if column is not None]
        return [self._spread(positions, column) for column in counts if column is not None]

    def _spread(self, positions: Sequence[int], counts: Counts) -> Counts:
        by_hour = [*self._no_pings]
        for position, count in zip(positions, counts, strict=True):
            by_hour[position] = count
        return tuple(by_hour)

    def _find_positions(self, times: tuple[Value, ...]) -> list[int] | None:
        """The index in the window's hours for each time; `None` for hours outside of it, or not in their order."""
        positions = [(believable(seconds, self._window) - self._first_hour) // 3600 for seconds in times]
        inside = 0 <= positions[0] <= positions[-1] < len(self._hours)
        return positions if inside and all(map(lt, positions, positions[1:])) else None

    def _latest(self, found: Iterable[Sequence[Row]]) -> datetime | None:
        times = [believable(row[0], self._window) for rows in found for row in rows]
        return self._window.to_shore_clock(min(max(times), self._window.end)) if times else None


def _of(address: str, statements: Iterable[Rows]) -> list[Sequence[Row]]:
    return [rows.get(address, ()) for rows in statements]


def _last(
    fresh: Sequence[DatedPing], pings: Sequence[DatedPing], last_answered: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """The newest ping and the newest answered one. What any writer has just seen answered is answered (R4)."""
    for candidates in (
        [ping.at for ping in fresh if ping.answered],
        [ping.at for ping in pings if ping.answered is not None],
        [ping.at for ping in pings],
    ):
        if candidates:
            last_ping: datetime | None = max(candidates)
            break
    else:
        last_ping = None
    answers = [ping.at for ping in pings if ping.answered] + [last_answered]
    last_success = max((moment for moment in answers if moment is not None), default=None)
    if last_success is not None and (last_ping is None or last_success > last_ping):
        last_ping = last_success  # recorded between two statements
    return last_ping, last_success


def _inconclusive(fresh: Sequence[DatedPing], undated: Sequence[str]) -> bool:
    if any(ping.answered is not None for ping in fresh):
        return False
    return bool(fresh or undated)


def _sum(counts: Sequence[Counts]) -> Counts:
    return counts[0] if len(counts) == 1 else tuple(map(sum, zip(*counts, strict=True)))


def _counts(values: tuple[Value, ...]) -> Counts | None:
    """Numbers of pings in an hour; none is 0, and where one cannot be, the whole column is `None`."""
    numbers = tuple(0 if value is None else value for value in values)
    if {*map(type, numbers)} - {int, float}:
        return None
    counts = tuple(map(int, numbers))
    return counts if counts == numbers and 0 <= min(counts) <= max(counts) <= MOST_PINGS_PER_HOUR else None


def _mean(found: Sequence[Sequence[Row]]) -> float | None:
    """The mean response time in ms; `None` where there is none, or it cannot be."""
    values = [row[1] for rows in found for row in rows]
    if len(values) != 1 or not isinstance(values[0], int | float) or isinstance(values[0], bool):
        return None
    return values[0] if 0 <= values[0] <= SLOWEST_RESPONSE_MS else None
