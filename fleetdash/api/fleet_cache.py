"""The fleet as JSON, a megabyte with all devices: made once per state of the data, however many clients fetch it."""

from dataclasses import replace
from threading import Lock

from fleetdash.api.conditional import etag_of
from fleetdash.api.vessel_models import Fleet, Vessel
from fleetdash.domain.read_models import VesselReport
from fleetdash.queries import FleetReader
from fleetdash.queries.fleet_reader import FleetState


class FleetCache:
    """Thread-safe; a call waits for a body that another is already making."""

    def __init__(self, queries: FleetReader) -> None:
        self._bodies = {included: _Body(queries, included) for included in (False, True)}

    def body(self, include_devices: bool) -> tuple[bytes, str]:
        """With its ETag; raises `StorageError`."""
        return self._bodies[include_devices].current()


class _Body:
    """Keeps each vessel's part: during a run vessels change one by one, and the others are reused."""

    def __init__(self, queries: FleetReader, include_devices: bool) -> None:
        self._queries = queries
        self._include_devices = include_devices
        self._lock = Lock()
        self._state: FleetState | None = None
        self._parts: dict[str, tuple[VesselReport, bytes]] = {}
        self._current = (b"", "")

    def current(self) -> tuple[bytes, str]:
        with self._lock:
            # before the data is read: a change in between is read now and again next time
            state = self._queries.fleet_state()
            if self._state is None or state.devices != self._state.devices:
                self._parts = {}  # a vessel's report may be unchanged while its devices differ
            if state != self._state:
                body = self._make()
                self._state, self._current = state, (body, etag_of(body))
            return self._current

    def _make(self) -> bytes:
        known = {vessel_id: vessel for vessel_id, (vessel, _) in self._parts.items()}
        fleet = self._queries.fleet(self._include_devices, known)
        self._parts = {vessel.vessel_id: self._part(vessel) for vessel in fleet.vessels}
        rest = Fleet.of(replace(fleet, vessels=())).model_dump_json().encode()
        return rest.removesuffix(b"]}") + b",".join(part for _, part in self._parts.values()) + b"]}"

    def _part(self, vessel: VesselReport) -> tuple[VesselReport, bytes]:
        before = self._parts.get(vessel.vessel_id)
        if before is not None and before[0] == vessel:
            return before
        return replace(vessel, devices=None), Vessel.of(vessel).model_dump_json().encode()
