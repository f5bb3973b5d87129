"""A vessel's status over time, from the changes that were recorded; three queries."""

from collections import defaultdict
from datetime import datetime, timedelta

import peewee

from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.read_models import VesselReport
from fleetdash.domain.status import SyncStatus
from fleetdash.domain.status_history import (
    DeviceTimeline,
    Knowledge,
    StatusChanged,
    StatusHistory,
    VesselTimeline,
    spans,
    unanswered_pings,
)
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.schema import StatusChange, VesselQueryResult
from fleetdash.storage.timestamps import from_ms, to_ms

_BEFORE = timedelta(days=2)
"""Verdicts of so long before the start may still hold at it."""


def vessel_timeline(vessel: VesselReport, start: datetime, end: datetime) -> VesselTimeline:
    """The timelines of the vessel and of its present devices."""
    changes = _changes(vessel.vessel_id, start)
    by_address: dict[str | None, list[StatusChanged]] = defaultdict(list)
    for change in changes:
        by_address[change.ip_address].append(change)
    knowledge = Knowledge(_asked(vessel.vessel_id, start))
    own = StatusHistory(by_address[None], vessel.sync_status)
    devices = (
        DeviceTimeline(
            device.ip_address,
            device.component,
            spans(start, end, knowledge, StatusHistory(by_address[device.ip_address], device.observed_status), own),
            unanswered_pings(device.hours, device.observed_at),
            listed=device.component != UNASSIGNED,
        )
        for device in vessel.devices or ()
    )
    return VesselTimeline(start, end, spans(start, end, knowledge, own), tuple(devices), tuple(reversed(changes)))


def _changes(vessel_id: str, start: datetime) -> list[StatusChanged]:
    rows = StatusChange
    query = (
        rows.select(rows.ip_address, rows.changed_at, rows.old_status, rows.new_status)
        .where((rows.vessel == vessel_id) & (rows.changed_at > to_ms(start)))
        .order_by(rows.changed_at, rows.id)
    )
    return [
        StatusChanged(address, from_ms(at), SyncStatus(old) if old else None, SyncStatus(new))
        for address, at, old, new in fetch_tuples(query)
    ]


def _asked(vessel_id: str, start: datetime) -> list[datetime]:
    """When chains of attempts ended; cancelled ones say nothing about the vessel."""
    rows = VesselQueryResult
    first = Run.select(peewee.fn.MIN(Run.id)).where(Run.start_time >= to_ms(start - _BEFORE))
    query = rows.select(rows.timestamp).where(
        (rows.vessel_id == vessel_id) & (rows.run >= first) & rows.chain_ended & rows.counts_for_vessel()
    )
    return [from_ms(at) for (at,) in fetch_tuples(query)]
