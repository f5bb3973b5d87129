"""How statuses went over time: spans of one status, made from what changed and from when the vessel was asked."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from fleetdash.domain.status import SyncStatus

_PATIENCE = 2
"""A verdict holds until the next one, but no longer than this many times the usual distance between two."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A status became another one: the vessel's own where there is no address. `old` is `None` for the first one."""

    ip_address: str | None
    at: datetime
    old: SyncStatus | None
    new: SyncStatus


@dataclass(frozen=True, slots=True)
class Span:
    """A time with one status; `None`: nothing was known then."""

    start: datetime
    end: datetime
    status: SyncStatus | None


@dataclass(frozen=True, slots=True)
class DeviceTimeline:
    """One device's."""

    ip_address: str
    component: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class VesselTimeline:
    """A vessel's and its devices' between two moments; `changes` are newest first."""

    start: datetime
    end: datetime
    spans: tuple[Span, ...]
    devices: tuple[DeviceTimeline, ...]
    changes: tuple[StatusChanged, ...]


class StatusHistory:
    """One status over time, before which `current` holds where nothing changed."""

    def __init__(self, changes: Iterable[StatusChanged], current: SyncStatus | None) -> None:
        ordered = sorted(changes, key=lambda change: change.at)
        self.moments = [change.at for change in ordered]
        self._statuses = [ordered[0].old if ordered else current, *(change.new for change in ordered)]

    def at(self, moment: datetime) -> SyncStatus | None:
        return self._statuses[bisect_right(self.moments, moment)]


class Knowledge:
    """When anything was known: from each time that the vessel was asked for a while on."""

    def __init__(self, asked: Iterable[datetime]) -> None:
        ordered = sorted(asked)
        distances = [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]
        self._asked = ordered
        self._holds = timedelta(seconds=_PATIENCE * median(distances)) if distances else timedelta.max
        self.moments = [*ordered, *(at + self._holds for at in ordered if distances)]

    def at(self, moment: datetime) -> bool:
        before = bisect_right(self._asked, moment)
        return before > 0 and moment - self._asked[before - 1] < self._holds


def spans(
    start: datetime, end: datetime, knowledge: Knowledge, course: StatusHistory, over: StatusHistory | None = None
) -> tuple[Span, ...]:
    """Equal neighbours merged. `over`: the vessel's course, whose failed chains hide what is known of a device."""
    moments = {*knowledge.moments, *course.moments, *(over.moments if over else ())}
    edges = [start, *sorted(moment for moment in moments if start < moment < end), end]
    found: list[Span] = []
    for left, right in pairwise(edges):
        status = _status(left, knowledge, course, over)
        if found and found[-1].status is status:
            found[-1] = Span(found[-1].start, right, status)
        else:
            found.append(Span(left, right, status))
    return tuple(found)


def _status(
    moment: datetime, knowledge: Knowledge, course: StatusHistory, over: StatusHistory | None
) -> SyncStatus | None:
    if not knowledge.at(moment):
        return None
    if over is not None and over.at(moment) is SyncStatus.SYNC_FAILED:
        return SyncStatus.SYNC_FAILED
    return course.at(moment)


def total(course: Sequence[Span]) -> dict[SyncStatus | None, timedelta]:
    """How long each status held, longest first."""
    sums: dict[SyncStatus | None, timedelta] = {}
    for span in course:
        sums[span.status] = sums.get(span.status, timedelta()) + (span.end - span.start)
    return dict(sorted(sums.items(), key=lambda item: item[1], reverse=True))
