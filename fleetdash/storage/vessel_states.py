"""The state of every vessel and device, and R4's verdicts on them, updated as chains end.

Only the process that holds the scheduling lock writes them, so it keeps in memory what it wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import cast

import peewee

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.merging import merge_devices
from fleetdash.domain.pings import DownDevice, QueryContext, VesselAnswer
from fleetdash.domain.runs import Attempt
from fleetdash.domain.status import CLOCK_TOLERANCE, DeviceState, Limits, ServiceStatus, SyncStatus, judge_vessel
from fleetdash.storage import statements, status_ends
from fleetdash.storage.database import connected, writing
from fleetdash.storage.respelling import respell
from fleetdash.storage.rows import (
    components_text,
    device_columns,
    device_of,
    fetch_tuples,
    notes_text,
    query_memory_of,
    query_memory_text,
)
from fleetdash.storage.schema import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.statements import Row
from fleetdash.storage.timestamps import to_ms


@dataclass(frozen=True, slots=True)
class KnownVessel:
    """A vessel's row and its devices, those of the fleet file first."""

    columns: Row
    devices: tuple[DeviceState, ...] = ()

    def device(self, ip_address: str, component: str | None) -> DeviceState:
        """The state of an address, with its present component."""
        known = next((device for device in self.devices if device.ip_address == ip_address), None)
        return replace(known or DeviceState(ip_address, component), component=component)

    def fleet_devices(self, vessel: Vessel) -> list[DeviceState]:
        """The devices that the fleet file names."""
        return [self.device(device.ip_address, device.component) for device in vessel.devices]


class VesselStates:
    """Current statuses and their changes; each public call is one transaction and raises `StorageError`."""

    def __init__(self, database: peewee.Database) -> None:
        self._database = database
        self._known: dict[str, KnownVessel] = {}

    def invalidate(self, vessel_id: str) -> None:
        """What was last written of a vessel may have been rolled back: read it again when it is needed."""
        self._known.pop(vessel_id, None)

    def invalidate_all(self) -> None:
        """Another process may have written since."""
        self._known.clear()

    def knows_vessels(self) -> bool:
        """Whether a fleet file was ever read into this database."""
        with connected(self._database):
            return bool(VesselRecord.select().exists())

    def sync_fleet(self, vessels: Sequence[Vessel], now: datetime) -> None:
        """Record vessels that joined, left or changed; judge again what that, or changed limits, affect."""
        with writing(self._database):
            respell(self._database, vessels)
            self._known = self._load()
            listed = {vessel.id for vessel in vessels}
            for vessel_id, known in self._known.items():
                if vessel_id not in listed and known.columns["left_at"] is None:
                    self._write(KnownVessel({**known.columns, "left_at": to_ms(now)}, known.devices), known, now)
            for position, vessel in enumerate(vessels):
                self._sync_vessel(vessel, position, now)

    def _sync_vessel(self, vessel: Vessel, position: int, now: datetime) -> None:
        known = self._known.get(vessel.id)
        before = known or KnownVessel(_new_columns(vessel.id))
        columns = {**before.columns, "name": vessel.name, "position": position, "left_at": None}
        named = before.fleet_devices(vessel)
        listed = {device.ip_address for device in named}
        # an address that the fleet file never named stays as long as the vessel reports it
        others = [
            replace(d, component=None) for d in before.devices if d.component is None and d.ip_address not in listed
        ]
        self._judge_and_write(columns, (*named, *others), known, vessel.limits, now)

    def query_contexts(self) -> dict[str, QueryContext]:
        """The context of the next request to each vessel, by vessel id."""
        with connected(self._database):
            known = self._known or self._load()
        return {vessel_id: _query_context(vessel) for vessel_id, vessel in known.items()}

    def correct_clock(self, now: datetime) -> None:
        """Date back what was recorded while our clock was ahead.

        The clocks of the vessels that answered then say whether it was; else it is behind now, and nothing is moved.
        """
        vessel = VesselRecord
        with writing(self._database):
            query = vessel.select(vessel.last_sync_at, vessel.clock_skew_seconds)
            later = fetch_tuples(query.where(vessel.last_sync_at > to_ms(now + CLOCK_TOLERANCE)))
            skew = round(1000 * median(skew for _, skew in later)) if later else 0
            if later and max(at for at, _ in later) + skew <= to_ms(now + CLOCK_TOLERANCE):
                status_ends.shift_future(self._database, to_ms(now), skew)

    def newer_than(self, attempt: Attempt, now: datetime) -> bool:
        """Whether a later chain of its vessel is recorded; one in the future is from when the clock was ahead."""
        with connected(self._database):
            row = VesselRecord.get_or_none(VesselRecord.id == attempt.vessel_id)
        return row is not None and to_ms(attempt.timestamp) < (row.last_attempt_at or 0) <= to_ms(now + CLOCK_TOLERANCE)

    def record_answer(self, vessel: Vessel, answer: VesselAnswer, attempt: Attempt) -> None:
        """A chain ended with an answer: merge it into the vessel's devices, and judge."""
        with writing(self._database):
            known = self._vessel(vessel.id)
            columns = {
                **known.columns,
                **_chain_columns(attempt),
                "chain_failed": False,
                "last_error_kind": None,
                "last_error_message": None,
                "observed_at": to_ms(answer.observed_at),
                "last_sync_at": to_ms(attempt.timestamp),
                "clock_skew_seconds": answer.clock_skew_seconds,
                "query_memory": query_memory_text(answer.memory),
                "notes": notes_text(answer.notes),
            }
            devices = merge_devices(known.fleet_devices(vessel), known.devices, answer, vessel.limits)
            self._judge_and_write(columns, devices, known, vessel.limits, attempt.timestamp)

    def record_failure(self, vessel: Vessel, attempt: Attempt) -> None:
        """A chain failed to its end: the devices stay as they are, hidden behind `sync_failed`."""
        with writing(self._database):
            known = self._vessel(vessel.id)
            columns = {
                **known.columns,
                **_chain_columns(attempt),
                "chain_failed": True,
                "last_error_kind": attempt.error_kind.value if attempt.error_kind else None,
                "last_error_message": attempt.error_message,
            }
            self._judge_and_write(columns, known.devices, known, vessel.limits, attempt.timestamp)

    def _judge_and_write(
        self,
        columns: Row,
        devices: tuple[DeviceState, ...],
        known: KnownVessel | None,
        limits: Limits,
        now: datetime,
    ) -> None:
        """Judge the vessel by R4, and write the verdict and what changed."""
        verdict = judge_vessel(
            devices,
            asked=columns["last_attempt_at"] is not None,
            chain_failed=columns["chain_failed"],
            limits=limits,
        )
        judged = {
            **columns,
            "status": verdict.status.value,
            "sync_status": verdict.sync_status.value,
            "uptime_percent": verdict.uptime_percent,
            "worst_uptime_percent": verdict.worst_uptime_percent,
            "coverage_percent": verdict.coverage_percent,
            "components": components_text(verdict.components),
            "devices_up": verdict.devices_up,
            "devices_down": verdict.devices_down,
            "devices_total": verdict.devices_total,
        }
        if verdict.status is not ServiceStatus.UNKNOWN:
            judged |= {"last_known_status": verdict.status.value, "last_known_status_at": columns["observed_at"]}
        self._write(KnownVessel(judged, devices), known, now)

    def _write(self, vessel: KnownVessel, known: KnownVessel | None, now: datetime) -> None:
        """Write what differs from `known`, and remember it."""
        vessel_id = vessel.columns["id"]
        if known is None or vessel.columns != known.columns:
            statements.upsert(self._database, VesselRecord, [vessel.columns], "id")
        before = {device.ip_address: device for device in known.devices} if known else {}
        if known is None or vessel.devices != known.devices:
            self._write_devices(vessel_id, vessel.devices, before, now)
        changes = _changes(vessel, known, before, now)
        status_ends.write(self._database, changes)
        statements.insert(self._database, StatusChange, changes)
        self._known[vessel_id] = vessel

    def _write_devices(
        self, vessel_id: str, devices: Sequence[DeviceState], before: dict[str, DeviceState], now: datetime
    ) -> None:
        """A device that is no longer named or reported has left."""
        here = {device.ip_address for device in devices}
        rows = [_device_row(vessel_id, device, position, None) for position, device in enumerate(devices)]
        left = [device for address, device in before.items() if address not in here]
        rows += [_device_row(vessel_id, replace(device, component=None), 0, to_ms(now)) for device in left]
        statements.upsert(self._database, DeviceRecord, rows, "vessel_id", "ip_address")

    def _vessel(self, vessel_id: str) -> KnownVessel:
        if vessel_id not in self._known:
            self._known |= self._load(vessel_id)
        return self._known.get(vessel_id) or KnownVessel(_new_columns(vessel_id))

    def _load(self, vessel_id: str | None = None) -> dict[str, KnownVessel]:
        """Read all vessels, or one."""
        vessels, present = VesselRecord.select(), DeviceRecord.select().where(DeviceRecord.left_at.is_null())
        if vessel_id is not None:
            vessels = vessels.where(VesselRecord.id == vessel_id)
            present = present.where(DeviceRecord.vessel == vessel_id)
        devices: dict[str, list[DeviceState]] = {}
        for row in present.order_by(DeviceRecord.vessel, DeviceRecord.position):
            devices.setdefault(row.vessel_id, []).append(device_of(row))
        rows = cast(Iterable[Row], vessels.dicts())  # peewee has no type for it
        return {row["id"]: KnownVessel(row, tuple(devices.get(row["id"], ()))) for row in rows}


def _new_columns(vessel_id: str) -> Row:
    """The row of a new vessel; its statuses are judged before it is written."""
    defaults = VesselRecord(id=vessel_id, name=vessel_id, position=0, status="", sync_status="").__data__
    return {name: defaults.get(name) for name in VesselRecord._meta.sorted_field_names}


def _chain_columns(attempt: Attempt) -> Row:
    return {"last_attempt_at": to_ms(attempt.timestamp), "chain_attempts": attempt.attempt_number}


def _device_row(vessel_id: str, device: DeviceState, position: int, left_at: int | None) -> Row:
    place = {"vessel_id": vessel_id, "ip_address": device.ip_address, "position": position, "left_at": left_at}
    return place | device_columns(device)


def _query_context(vessel: KnownVessel) -> QueryContext:
    down = [DownDevice(d.ip_address, d.last_success_at) for d in vessel.devices if d.down_since is not None]
    columns = vessel.columns
    return QueryContext(columns["clock_skew_seconds"], tuple(down), query_memory_of(columns["query_memory"]))


def _changes(
    vessel: KnownVessel, known: KnownVessel | None, before: dict[str, DeviceState], now: datetime
) -> list[Row]:
    """The changes of status; the vessel's own has no address."""
    vessel_id = vessel.columns["id"]
    old_sync = known.columns["sync_status"] if known else None
    changes = []
    if vessel.columns["sync_status"] != old_sync:
        changes.append(_change(vessel_id, None, old_sync, vessel.columns["sync_status"], now))
    for device in vessel.devices:
        old = before[device.ip_address].observed_status if device.ip_address in before else None
        if old is not device.observed_status:
            changes.append(_change(vessel_id, device.ip_address, old, device.observed_status, now))
    return changes


def _change(vessel_id: str, ip_address: str | None, old: str | None, new: SyncStatus | str, at: datetime) -> Row:
    return {
        "vessel_id": vessel_id,
        "ip_address": ip_address,
        "changed_at": to_ms(at),
        "old_status": None if old is None else str(old),
        "new_status": str(new),
    }
