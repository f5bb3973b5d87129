"""Statuses over time: spans of one status, from the changes and from when the vessel was queried."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from fleetdash.domain.pings import HOUR, PingHours
from fleetdash.domain.status import FRESH, SyncStatus

_HOLDS_INTERVALS = 2
"""A verdict holds until the next one, but at most this many times the median interval between queries."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A change of status: the vessel's own where there is no address. `old` is `None` for the first one."""

    ip_address: str | None
    at: datetime
    old: SyncStatus | None
    new: SyncStatus


@dataclass(frozen=True, slots=True)
class Span:
    """A time with one status; `None`: unknown."""

    start: datetime
    end: datetime
    status: SyncStatus | None


@dataclass(frozen=True, slots=True)
class UnansweredPings:
    """Unanswered pings of one hour, as long as they take to send; when in the hour they were sent is not known."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DeviceTimeline:
    """The spans of a device; `listed`: whether the fleet file names it."""

    ip_address: str
    component: str
    spans: tuple[Span, ...]
    unanswered: tuple[UnansweredPings, ...] = ()
    listed: bool = True


@dataclass(frozen=True, slots=True)
class EquipmentSpan:
    """A time with a constant number of devices down, out of those with fresh data; 0 of 0: nothing is known."""

    start: datetime
    end: datetime
    down: int
    fresh: int


@dataclass(frozen=True, slots=True)
class VesselTimeline:
    """The spans of a vessel and of its devices between two moments; `changes` are newest first."""

    start: datetime
    end: datetime
    spans: tuple[Span, ...]
    devices: tuple[DeviceTimeline, ...]
    changes: tuple[StatusChanged, ...]

    @property
    def listed(self) -> tuple[DeviceTimeline, ...]:
        """Addresses that the fleet file does not name never count."""
        return tuple(device for device in self.devices if device.listed)

    @property
    def equipment(self) -> tuple[EquipmentSpan, ...]:
        """How much of the equipment was down: equal neighbours merged."""
        return equipment(self.start, self.end, [device.spans for device in self.listed])


class StatusHistory:
    """The status at any moment; `current` where nothing changed."""

    def __init__(self, changes: Iterable[StatusChanged], current: SyncStatus | None) -> None:
        ordered = sorted(changes, key=lambda change: change.at)
        self.moments = [change.at for change in ordered]
        self._statuses = [ordered[0].old if ordered else current, *(change.new for change in ordered)]

    def at(self, moment: datetime) -> SyncStatus | None:
        return self._statuses[bisect_right(self.moments, moment)]


class Knowledge:
    """When anything was known: from each query of the vessel on, for a limited time."""

    def __init__(self, asked: Iterable[datetime]) -> None:
        ordered = sorted(asked)
        intervals = [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]
        self._asked = ordered
        self._holds = timedelta(seconds=_HOLDS_INTERVALS * median(intervals)) if intervals else timedelta.max
        self.moments = [*ordered, *(at + self._holds for at in ordered if intervals)]

    def at(self, moment: datetime) -> bool:
        before = bisect_right(self._asked, moment)
        return before > 0 and moment - self._asked[before - 1] < self._holds


def spans(
    start: datetime, end: datetime, knowledge: Knowledge, history: StatusHistory, vessel: StatusHistory | None = None
) -> tuple[Span, ...]:
    """Equal neighbours merged. `vessel`: the vessel's own history, whose failed chains hide its devices' statuses."""
    moments = {*knowledge.moments, *history.moments, *(vessel.moments if vessel else ())}
    edges = [start, *sorted(moment for moment in moments if start < moment < end), end]
    merged: list[Span] = []
    for left, right in pairwise(edges):
        status = _status(left, knowledge, history, vessel)
        if merged and merged[-1].status is status:
            merged[-1] = Span(merged[-1].start, right, status)
        else:
            merged.append(Span(left, right, status))
    return tuple(merged)


def _status(
    moment: datetime, knowledge: Knowledge, history: StatusHistory, vessel: StatusHistory | None
) -> SyncStatus | None:
    if not knowledge.at(moment):
        return None
    if vessel is not None and vessel.at(moment) is SyncStatus.SYNC_FAILED:
        return SyncStatus.SYNC_FAILED
    return history.at(moment)


def equipment(start: datetime, end: datetime, devices: Sequence[Sequence[Span]]) -> tuple[EquipmentSpan, ...]:
    """`devices`: the spans of each, all of them from `start` to `end`."""
    steps: Counter[tuple[datetime, SyncStatus]] = Counter()
    for span in (span for spans in devices for span in spans if span.status in FRESH):
        assert span.status is not None
        steps[span.start, span.status] += 1
        steps[span.end, span.status] -= 1
    edges = sorted({start, end, *(moment for moment, _ in steps)})
    up = down = 0
    merged: list[EquipmentSpan] = []
    for left, right in pairwise(edges):
        up += steps[left, SyncStatus.OPERATIONAL]
        down += steps[left, SyncStatus.DOWN]
        if merged and (merged[-1].down, merged[-1].fresh) == (down, up + down):
            merged[-1] = EquipmentSpan(merged[-1].start, right, down, up + down)
        else:
            merged.append(EquipmentSpan(left, right, down, up + down))
    return tuple(merged)


def unanswered_pings(hours: PingHours, observed_at: datetime | None) -> tuple[UnansweredPings, ...]:
    """From a device's last day, which ends at `observed_at`: an outage between two runs leaves no other trace."""
    if observed_at is None or not hours:
        return ()
    window_start = observed_at - (len(hours) - 1) * HOUR
    found = []
    for cell in hours:
        start, end = max(cell.start, window_start), min(cell.start + HOUR, observed_at)
        pings = max(cell.expected, cell.recorded)
        if cell.recorded > cell.answered and start < end:
            before, until = (start + (end - start) * count / pings for count in (cell.answered, cell.recorded))
            found.append(UnansweredPings(before, until))
    return tuple(found)


def total(spans: Sequence[Span]) -> dict[SyncStatus | None, timedelta]:
    """How long each status held, longest first."""
    sums: dict[SyncStatus | None, timedelta] = {}
    for span in spans:
        sums[span.status] = sums.get(span.status, timedelta()) + (span.end - span.start)
    return dict(sorted(sums.items(), key=lambda item: item[1], reverse=True))
