"""Vessels and devices, from the verdicts that the writing side keeps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import peewee

from fleetdash.domain import pings
from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.read_models import DeviceReport, FleetReport, FleetSummary, LastError, VesselReport, vessel_order
from fleetdash.domain.runs import ErrorKind, Run
from fleetdash.domain.status import DeviceState, ServiceStatus, SyncStatus, current_status, device_sync_status
from fleetdash.domain.status_reason import SyncFacts, sync_reason
from fleetdash.errors import NotFound
from fleetdash.storage.rows import components_of, device_of, fetch_tuples, notes_of
from fleetdash.storage.schema import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.timestamps import from_ms

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fleet(include_devices: bool, latest_run: Run | None, known: Mapping[str, VesselReport]) -> FleetReport:
    """All vessels of the fleet file; two queries, three with devices. Vessels equal to those in `known` have none."""
    rows = {row.id: row for row in _with_since().where(VesselRecord.left_at.is_null())}
    vessels = {vessel_id: _vessel(row, None) for vessel_id, row in rows.items()}
    if include_devices:
        changed = {vessel_id for vessel_id, vessel in vessels.items() if known.get(vessel_id) != vessel}
        devices = _devices_by_vessel(changed, all_of_them=len(changed) == len(rows))
        vessels |= {vessel_id: _vessel(rows[vessel_id], devices.get(vessel_id, [])) for vessel_id in changed}
    ordered = tuple(sorted(vessels.values(), key=vessel_order))
    return FleetReport(_generated_at(ordered, latest_run), latest_run, FleetSummary.of(ordered), ordered)


def fleet_version() -> tuple[str, str]:
    """What a changed fleet file changes: any vessel's row, and which devices there are; two queries.

    Two devices that swap their components are not noticed before the vessel's next attempt.
    """
    vessels = blake2b(repr(fetch_tuples(VesselRecord.select().order_by(VesselRecord.id))).encode(), digest_size=16)
    count, fn = peewee.fn.COUNT, peewee.fn
    devices = DeviceRecord.select(fn.MAX(DeviceRecord.id), count(DeviceRecord.left_at), count(DeviceRecord.component))
    return vessels.hexdigest(), str(fetch_tuples(devices)[0])


def vessel(vessel_id: str) -> VesselReport:
    """One vessel, also one that left, with its devices."""
    row = _with_since().where(VesselRecord.id == vessel_id).first()
    if row is None:
        raise NotFound(f"there is no vessel {vessel_id!r}")
    query = DeviceRecord.select().where((DeviceRecord.vessel == vessel_id) & DeviceRecord.left_at.is_null())
    return _vessel(row, [device_of(device) for device in query.order_by(DeviceRecord.position)])


def _with_since() -> "peewee.ModelSelect[VesselRecord]":
    """With look-ups per vessel: since when it has its sync status, since when a device is down, its newest ping."""
    change, device = StatusChange, DeviceRecord
    changed = change.select(peewee.fn.MAX(change.changed_at)).where(
        (change.vessel == VesselRecord.id) & change.ip_address.is_null()
    )
    listed = (device.vessel == VesselRecord.id) & device.left_at.is_null() & device.component.is_null(False)
    down = listed & (device.observed_status == SyncStatus.DOWN.value)
    first = device.select(peewee.fn.MIN(device.down_since)).where(down)
    # of several that went down first, one that may have done so even earlier
    bound = (
        device.select(device.down_since_is_bound)
        .where(down)
        .order_by(device.down_since, device.down_since_is_bound.desc())
        .limit(1)
    )
    last_ping = device.select(peewee.fn.MAX(device.last_ping_at)).where(listed)
    return VesselRecord.select(
        VesselRecord,
        changed.alias("changed_at"),
        first.alias("down_since"),
        bound.alias("down_since_is_bound"),
        last_ping.alias("newest_ping_at"),
    )


def names() -> dict[str, str]:
    """Names by id, also of vessels that left."""
    return dict(fetch_tuples(VesselRecord.select(VesselRecord.id, VesselRecord.name).order_by(VesselRecord.name)))


def _generated_at(vessels: Sequence[VesselReport], latest_run: Run | None) -> datetime:
    """The time of the newest change in the report."""
    moments = [vessel.last_attempt_at for vessel in vessels]
    if latest_run is not None:
        moments += [latest_run.start_time, latest_run.end_time]
    change = StatusChange.select(StatusChange.changed_at).order_by(StatusChange.id.desc()).first()
    moments.append(from_ms(change.changed_at) if change else None)
    return max((moment for moment in moments if moment is not None), default=_EPOCH)


def _devices_by_vessel(wanted: Collection[str], *, all_of_them: bool) -> dict[str, list[DeviceState]]:
    by_vessel: dict[str, list[DeviceState]] = {}
    query = DeviceRecord.select().where(DeviceRecord.left_at.is_null())
    if not all_of_them:
        query = query.where(DeviceRecord.vessel.in_(list(wanted)))
    for row in query.order_by(DeviceRecord.vessel, DeviceRecord.position):
        by_vessel.setdefault(row.vessel_id, []).append(device_of(row))
    return by_vessel


def _vessel(row: Any, devices: list[DeviceState] | None) -> VesselReport:
    """`row`: a `VesselRecord` with the look-ups of `_with_since`."""
    chain_failed = bool(row.chain_failed)
    last_error = _last_error(row) if chain_failed else None
    facts = SyncFacts(
        sync_status=SyncStatus(row.sync_status),
        last_error=last_error,
        observed_at=from_ms(row.observed_at),
        last_attempt_at=from_ms(row.last_attempt_at),
        devices_total=row.devices_total,
        devices_fresh=row.devices_up + row.devices_down,
        devices_down=row.devices_down,
        clock_skew_seconds=row.clock_skew_seconds,
        left_at=from_ms(row.left_at),
        notes=notes_of(row.notes),
        components=components_of(row.components),
    )
    return VesselReport(
        vessel_id=row.id,
        name=row.name,
        status=ServiceStatus(row.status),
        sync_status=facts.sync_status,
        sync_reason=sync_reason(facts),
        uptime_percent=row.uptime_percent,
        worst_uptime_percent=row.worst_uptime_percent,
        coverage_percent=row.coverage_percent,
        components=facts.components,
        devices_up=row.devices_up,
        devices_down=row.devices_down,
        devices_total=row.devices_total,
        observed_at=facts.observed_at,
        last_sync_at=from_ms(row.last_sync_at),
        last_attempt_at=facts.last_attempt_at,
        last_error=last_error,
        last_known_status=ServiceStatus(row.last_known_status) if row.last_known_status else None,
        last_known_status_at=from_ms(row.last_known_status_at),
        clock_skew_seconds=row.clock_skew_seconds,
        sync_status_since=from_ms(row.changed_at),
        down_since=None if chain_failed else from_ms(row.down_since),
        down_since_is_bound=bool(row.down_since_is_bound) and not chain_failed,
        last_ping_at=from_ms(row.newest_ping_at),
        devices=None if devices is None else tuple(_device(device, chain_failed) for device in devices),
    )


def _last_error(row: VesselRecord) -> LastError | None:
    if row.last_error_kind is None or row.last_attempt_at is None:
        return None
    return LastError(
        kind=ErrorKind(row.last_error_kind),
        message=row.last_error_message or "",
        at=from_ms(row.last_attempt_at),
        attempts=row.chain_attempts,
    )


def _device(device: DeviceState, chain_failed: bool) -> DeviceReport:
    sync_status = device_sync_status(device, chain_failed)
    was_down = device.observed_status is SyncStatus.DOWN
    return DeviceReport(
        ip_address=device.ip_address,
        component=device.component or UNASSIGNED,
        sync_status=sync_status,
        observed_status=device.observed_status,
        current_status=current_status(sync_status),
        uptime_percent=device.uptime_percent,
        coverage_percent=pings.coverage_percent(device.hours),
        ping_count=pings.ping_count(device.hours),
        successful_pings=pings.successful_pings(device.hours),
        average_response_ms=device.average_response_ms,
        last_ping_at=device.last_ping_at,
        last_success_at=device.last_success_at,
        down_since=device.down_since if was_down else None,
        down_since_is_bound=device.down_since_is_bound and was_down,
        hours=device.hours,
        observed_at=device.observed_at,
    )
