"""The fleet as JSON, a megabyte with all devices: made once for each state of the data, however many ask for it."""

from threading import Lock

from fleetdash.api.vessel_models import Fleet
from fleetdash.queries import Queries


class FleetAnswers:
    """Thread-safe; whoever asks for what is just being made waits for it."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._locks = {False: Lock(), True: Lock()}
        self._made: dict[bool, tuple[str, bytes]] = {}

    def body(self, include_devices: bool) -> bytes:
        """Raises `StorageError`."""
        with self._locks[include_devices]:
            # before the data is read: what changes in between is read, and then made once more
            state = self._queries.fleet_state()
            known, body = self._made.get(include_devices, ("", b""))
            if known != state:
                body = Fleet.of(self._queries.fleet(include_devices)).model_dump_json().encode()
                self._made[include_devices] = state, body
            return body
