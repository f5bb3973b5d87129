"""The fleet as JSON, a megabyte with all devices: made once for each state of the data, however many ask for it."""

from dataclasses import replace
from threading import Lock

from fleetdash.api.conditional import etag_of
from fleetdash.api.vessel_models import Fleet, Vessel
from fleetdash.domain.read_models import VesselReport
from fleetdash.queries import FleetReader
from fleetdash.queries.fleet_reader import FleetState


class FleetCache:
    """Thread-safe; whoever asks for what is just being made waits for it."""

    def __init__(self, queries: FleetReader) -> None:
        self._answers = {included: _Answer(queries, included) for included in (False, True)}

    def body(self, include_devices: bool) -> tuple[bytes, str]:
        """With its ETag; raises `StorageError`."""
        return self._answers[include_devices].now()


class _Answer:
    """Keeps each vessel's part: during a run one after the other changes, and the others need not be made anew."""

    def __init__(self, queries: FleetReader, include_devices: bool) -> None:
        self._queries = queries
        self._include_devices = include_devices
        self._lock = Lock()
        self._state: FleetState | None = None
        self._parts: dict[str, tuple[VesselReport, bytes]] = {}
        self._made = (b"", "")

    def now(self) -> tuple[bytes, str]:
        with self._lock:
            # before the data is read: what changes in between is read, and then made once more
            state = self._queries.fleet_state()
            if self._state is None or state.devices != self._state.devices:
                self._parts = {}  # a vessel may have others though all else of it is as it was
            if state != self._state:
                body = self._make()
                self._state, self._made = state, (body, etag_of(body))
            return self._made

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
