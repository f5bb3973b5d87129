"""Statuses over time: spans of one status, from the changes and from when the vessel was queried."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from fleetdash.domain.status import SyncStatus

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
class DeviceTimeline:
    """The spans of a device."""

    ip_address: str
    component: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class VesselTimeline:
    """The spans of a vessel and of its devices between two moments; `changes` are newest first."""

    start: datetime
    end: datetime
    spans: tuple[Span, ...]
    devices: tuple[DeviceTimeline, ...]
    changes: tuple[StatusChanged, ...]


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


def total(spans: Sequence[Span]) -> dict[SyncStatus | None, timedelta]:
    """How long each status held, longest first."""
    sums: dict[SyncStatus | None, timedelta] = {}
    for span in spans:
        sums[span.status] = sums.get(span.status, timedelta()) + (span.end - span.start)
    return dict(sorted(sums.items(), key=lambda item: item[1], reverse=True))
