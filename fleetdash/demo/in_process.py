"""Queries a simulated vessel without a socket, for fleetdash's own client."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import RemoteDisconnected

from fleetdash.config.settings import InfluxEndpoint
from fleetdash.demo import wire
from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.vessels import SimulatedVessel
from fleetdash.domain.clock import Clock
from fleetdash.influx.error_mapping import query_error
from fleetdash.influx.transport import HttpResponse

_FAULTS: dict[Reaction, Exception] = {
    Reaction.HANG: TimeoutError(),
    Reaction.CLOSE: RemoteDisconnected(""),
    Reaction.REFUSE: ConnectionRefusedError(),
}


@dataclass(frozen=True, slots=True)
class InProcessTransport:
    """Connections to a vessel that reacts in one given way, at once, at the clock's time."""

    vessel: SimulatedVessel
    reaction: Reaction
    clock: Clock

    @contextmanager
    def connect(self, endpoint: InfluxEndpoint) -> Iterator["InProcessConnection"]:
        yield InProcessConnection(self, endpoint)


@dataclass(frozen=True, slots=True)
class InProcessConnection:
    """Good for any number of requests."""

    transport: InProcessTransport
    endpoint: InfluxEndpoint

    def query(self, form: Mapping[str, str]) -> HttpResponse:
        """The response, or the error that the same fault on a real connection becomes."""
        reaction, now = self.transport.reaction, self.transport.clock.now()
        if reaction in _FAULTS:
            raise query_error(_FAULTS[reaction], self.endpoint.timeout_seconds)
        username = self.endpoint.credentials.username
        request = wire.Request(form["db"], form["q"], form["epoch"], gzipped=False, credentials=username)
        response = wire.respond(reaction, self.transport.vessel, request, now)
        return HttpResponse(response.status, response.headers, response.body, sent_at=now, headers_at=now)
