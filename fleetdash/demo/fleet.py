"""The demo fleet: start it, query it, stop it."""

from collections.abc import Sequence
from datetime import datetime
from socket import socket
from types import TracebackType

from fleetdash.demo.builder import build_fleet
from fleetdash.demo.fleet_file import demo_fleet_file
from fleetdash.demo.server import VesselServer
from fleetdash.demo.vessels import SimulatedVessel, VesselProfile
from fleetdash.domain.clock import Clock, SystemClock
from fleetdash.errors import ConfigurationError


class DemoFleet:
    """Simulated vessels that speak InfluxDB's HTTP API on `host`; port 0 takes a free one.

    `profiles` replace the `vessels` vessels of the demo. Faults and behaviours begin relative to `anchor`, by default
    the present.
    """

    def __init__(
        self,
        vessels: int = 66,
        seed: int = 1,
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        profiles: Sequence[VesselProfile] | None = None,
        anchor: datetime | None = None,
    ) -> None:
        if vessels < 1:
            raise ConfigurationError(f"a demo fleet has at least one vessel, not {vessels}")
        self.clock = clock or SystemClock()
        self.profiles = tuple(build_fleet(vessels, seed) if profiles is None else profiles)
        self.anchor = anchor or self.clock.now()
        self.vessels = {each.id: SimulatedVessel(each, seed, self.anchor) for each in self.profiles}
        self._server = _listen(host, port, self.vessels, self.clock)
        self._refusing = socket()
        self._refusing.bind((host, 0))  # bound, but not listening: connections are refused
        self._running = False

    @property
    def url(self) -> str:
        """The address of all vessels; each has a database named after its id."""
        return _url(self._server.server_address)

    @property
    def refused_url(self) -> str:
        """An address that refuses connections, as long as the fleet runs."""
        return _url(self._refusing.getsockname())

    def fleet_file(self) -> str:
        """The fleet file of these vessels."""
        return demo_fleet_file(self.profiles, self.url, self.refused_url)

    def requests(self, vessel_id: str) -> int:
        """How often this vessel was queried; a connection that is refused is not seen."""
        return self.vessels[vessel_id].requests

    def vessel_with(self, story: str) -> str:
        """The id of the vessel with that story."""
        return next(profile.id for profile in self.profiles if profile.story == story)

    def start(self) -> "DemoFleet":
        """Serve in background threads that do not keep the process alive."""
        self._server.start()
        self._running = True
        return self

    def stop(self) -> None:
        """Close every connection, answered or not, and the port; also when never started."""
        self._server.close(serving=self._running)
        self._refusing.close()
        self._running = False

    def __enter__(self) -> "DemoFleet":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listen(host: str, port: int, vessels: dict[str, SimulatedVessel], clock: Clock) -> VesselServer:
    try:
        return VesselServer((host, port), vessels, clock)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"the demo fleet cannot listen on {host}:{port}: {error}; choose another port"
        ) from error


def _url(address: tuple[object, ...]) -> str:
    host, port = address[:2]
    return f"http://{host}:{port}"
