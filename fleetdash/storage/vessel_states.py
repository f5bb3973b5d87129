"""What is known of every vessel and device, and the verdicts of R4 on them, kept current as chains end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import DownDevice, PingSummary, ShipAnswer, ShipMemory, hour_cells
from fleetdash.domain.runs import Attempt
from fleetdash.domain.status import DeviceState, Limits, ServiceStatus, SyncStatus, judge_vessel, observe
from fleetdash.storage.database import connected
from fleetdash.storage.models import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.rows import components_text, device_columns, device_of
from fleetdash.storage.timestamps import from_ms, to_ms

_ROWS_A_STATEMENT = 500
"""SQLite takes 32,766 values in one, PostgreSQL 65,535."""


class VesselStates:
    """Current statuses and their changes; each public call is one transaction and raises `StorageError`."""

    def __init__(self, database: peewee.Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits

    def knows_vessels(self) -> bool:
        """Whether any fleet file was ever followed."""
        with connected(self._database):
            return VesselRecord.select().exists()

    def follow_fleet_file(self, vessels: Sequence[Vessel], now: datetime) -> None:
        """Take in who joined, who left, who is called otherwise; judge again what that touches."""
        with connected(self._database), self._database.atomic():
            listed = {vessel.id for vessel in vessels}
            known = {row.id: row for row in VesselRecord.select()}
            for row in known.values():
                if row.id not in listed and row.left_at is None:
                    row.left_at = to_ms(now)
                    row.save()
            for position, vessel in enumerate(vessels):
                self._follow_vessel(known.get(vessel.id), vessel, position, now)

    def _follow_vessel(self, row: VesselRecord | None, vessel: Vessel, position: int, now: datetime) -> None:
        if row is None:
            row = VesselRecord.create(
                id=vessel.id,
                name=vessel.name,
                position=position,
                status=ServiceStatus.UNKNOWN.value,
                sync_status="",  # judged below, and kept as its first change
            )
        row.name, row.position, row.left_at = vessel.name, position, None
        known = self._devices(vessel.id)
        self._write_devices(
            row, vessel, [_named(known, device.ip_address, device.component) for device in vessel.devices], known, now
        )
        self._judge(row, now)

    def memories(self) -> dict[str, ShipMemory]:
        """What the next request to each ship starts from, by vessel id."""
        with connected(self._database):
            skews = {row.id: row.clock_skew_seconds for row in VesselRecord.select()}
            down: dict[str, list[DownDevice]] = {}
            query = DeviceRecord.select().where(DeviceRecord.down_since.is_null(False) & DeviceRecord.left_at.is_null())
            for row in query:
                down.setdefault(row.vessel_id, []).append(DownDevice(row.ip_address, from_ms(row.last_success_at)))
        return {vessel: ShipMemory(skew, tuple(down.get(vessel, ()))) for vessel, skew in skews.items()}

    def newer_than(self, attempt: Attempt) -> bool:
        """Whether a chain that ended after this attempt is recorded of its vessel."""
        with connected(self._database):
            row = VesselRecord.get_or_none(VesselRecord.id == attempt.vessel_id)
        return row is not None and (row.last_attempt_at or 0) > to_ms(attempt.timestamp)

    def record_answer(self, vessel: Vessel, answer: ShipAnswer, attempt: Attempt) -> None:
        """A chain ended with a good answer: merge it into what is remembered, and judge."""
        with connected(self._database), self._database.atomic():
            row = VesselRecord.get_by_id(vessel.id)
            known = self._devices(vessel.id)
            self._write_devices(row, vessel, self._observed(vessel, answer, known), known, answer.observed_at)
            row.chain_failed = False
            row.last_error_kind = row.last_error_message = None
            row.observed_at = to_ms(answer.observed_at)
            row.last_sync_at = to_ms(attempt.timestamp)
            row.clock_skew_seconds = answer.clock_skew_seconds
            self._chain_ended(row, attempt)

    def record_failure(self, vessel: Vessel, attempt: Attempt) -> None:
        """A chain failed to its end: what was known stays, hidden behind `sync_failed`."""
        with connected(self._database), self._database.atomic():
            row = VesselRecord.get_by_id(vessel.id)
            row.chain_failed = True
            row.last_error_kind = attempt.error_kind.value if attempt.error_kind else None
            row.last_error_message = attempt.error_message
            self._chain_ended(row, attempt)

    def _chain_ended(self, row: VesselRecord, attempt: Attempt) -> None:
        row.last_attempt_at = to_ms(attempt.timestamp)
        row.chain_attempts = attempt.attempt_number
        self._judge(row, attempt.timestamp)

    def _observed(self, vessel: Vessel, answer: ShipAnswer, known: dict[str, DeviceState]) -> list[DeviceState]:
        """The devices of the fleet file, then those that only the ship knows, as of this answer."""
        reported = {summary.ip_address: summary for summary in answer.pings}
        nothing = self._nothing_recorded(answer.observed_at)
        named = [_named(known, device.ip_address, device.component) for device in vessel.devices]
        listed = {device.ip_address for device in named}
        others = [_named(known, address, None) for address in reported if address not in listed]
        return [
            observe(
                device,
                reported.get(device.ip_address, replace(nothing, ip_address=device.ip_address)),
                answer.observed_at,
                self._limits,
            )
            for device in [*named, *others]
        ]

    def _nothing_recorded(self, observed_at: datetime) -> PingSummary:
        """What a ship's answer says of a device that it does not mention."""
        cells = hour_cells(observed_at - self._limits.window, observed_at, self._limits.ping_interval, {})
        return PingSummary("", cells, None, None, None)

    def _devices(self, vessel_id: str) -> dict[str, DeviceState]:
        query = DeviceRecord.select().where(DeviceRecord.vessel == vessel_id).order_by(DeviceRecord.position)
        return {row.ip_address: device_of(row) for row in query}

    def _write_devices(
        self,
        row: VesselRecord,
        vessel: Vessel,
        devices: list[DeviceState],
        known: dict[str, DeviceState],
        now: datetime,
    ) -> None:
        """Write what changed; a device that is neither named nor reported any more has left."""
        here = {device.ip_address for device in devices}
        gone = DeviceRecord.update(left_at=to_ms(now), component=None).where(
            (DeviceRecord.vessel == row.id) & DeviceRecord.left_at.is_null() & DeviceRecord.ip_address.not_in(here)
        )
        if known.keys() - here:
            gone.execute()
        rows = [
            {
                "vessel": row.id,
                "ip_address": device.ip_address,
                "position": position,
                "left_at": None,
                **device_columns(device),
            }
            for position, device in enumerate(devices)
        ]
        if rows:
            _upsert(DeviceRecord, rows, [DeviceRecord.vessel, DeviceRecord.ip_address])
        self._write_changes(row.id, devices, known, now)

    def _write_changes(
        self, vessel_id: str, devices: Iterable[DeviceState], known: dict[str, DeviceState], now: datetime
    ) -> None:
        changes = [
            _change(vessel_id, device.ip_address, old.observed_status if old else None, device.observed_status, now)
            for device in devices
            for old in (known.get(device.ip_address),)
            if old is None or old.observed_status is not device.observed_status
        ]
        for batch in peewee.chunked(changes, _ROWS_A_STATEMENT):
            StatusChange.insert_many(batch).execute()

    def _judge(self, row: VesselRecord, now: datetime) -> None:
        """Apply R4's rule to the vessel and keep its verdict, and the change if it is one."""
        verdict = judge_vessel(
            self._present(row.id),
            asked=row.last_attempt_at is not None,
            chain_failed=bool(row.chain_failed),
            limits=self._limits,
        )
        if row.sync_status != verdict.sync_status:
            old = SyncStatus(row.sync_status) if row.sync_status else None
            StatusChange.create(**_change(row.id, None, old, verdict.sync_status, now))
        row.status = verdict.status.value
        row.sync_status = verdict.sync_status.value
        row.uptime_percent = verdict.uptime_percent
        row.worst_uptime_percent = verdict.worst_uptime_percent
        row.coverage_percent = verdict.coverage_percent
        row.components = components_text(verdict.components)
        row.devices_up = verdict.devices_up
        row.devices_down = verdict.devices_down
        row.devices_total = verdict.devices_total
        if verdict.status is not ServiceStatus.UNKNOWN:
            row.last_known_status = verdict.status.value
            row.last_known_status_at = row.observed_at
        row.save()

    def _present(self, vessel_id: str) -> list[DeviceState]:
        query = DeviceRecord.select().where((DeviceRecord.vessel == vessel_id) & DeviceRecord.left_at.is_null())
        return [device_of(row) for row in query.order_by(DeviceRecord.position)]


def _named(known: dict[str, DeviceState], ip_address: str, component: str | None) -> DeviceState:
    """What is remembered of an address, as the component that it is now."""
    return replace(known.get(ip_address) or DeviceState(ip_address, component), component=component)


def _change(
    vessel_id: str, ip_address: str | None, old: SyncStatus | None, new: SyncStatus, at: datetime
) -> dict[str, Any]:
    return {
        "vessel": vessel_id,
        "ip_address": ip_address,
        "changed_at": to_ms(at),
        "old_status": old.value if old else None,
        "new_status": new.value,
    }


def _upsert(model: type[peewee.Model], rows: list[dict[str, Any]], key: list[peewee.Field]) -> None:
    """Insert, or replace everything but the key: one statement on SQLite and PostgreSQL alike."""
    names = {field.name for field in key}
    fields = [model._meta.fields[name] for name in rows[0] if name not in names]
    update = {field: getattr(peewee.EXCLUDED, field.column_name) for field in fields}
    for batch in peewee.chunked(rows, _ROWS_A_STATEMENT):
        model.insert_many(batch).on_conflict(conflict_target=key, update=update).execute()
