"""The demo fleet as its users see it: start it, ask it, stop it."""

from collections.abc import Sequence
from datetime import datetime
from socket import socket
from types import TracebackType

from fleetdash.demo.builder import cast as default_cast
from fleetdash.demo.fleet_file import demo_fleet_file
from fleetdash.demo.server import VesselServer
from fleetdash.demo.vessels import SimulatedVessel, VesselProfile
from fleetdash.domain.clock import Clock, SystemClock
from fleetdash.errors import ConfigurationError


class DemoFleet:
    """Simulated vessels that speak InfluxDB's HTTP API on `host`; port 0 takes a free one.

    `cast` replaces the `vessels` vessels of the demo. What is said to have begun hours ago is measured from `anchor`,
    by default the moment of making.
    """

    def __init__(
        self,
        vessels: int = 66,
        seed: int = 1,
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        cast: Sequence[VesselProfile] | None = None,
        anchor: datetime | None = None,
    ) -> None:
        if vessels < 1:
            raise ConfigurationError(f"a demo fleet has at least one vessel, not {vessels}")
        self.clock = clock or SystemClock()
        self.cast = tuple(default_cast(vessels, seed) if cast is None else cast)
        self.anchor = anchor or self.clock.now()
        self.vessels = {vessel.id: SimulatedVessel(vessel, seed, self.anchor) for vessel in self.cast}
        self._server = _listen(host, port, self.vessels, self.clock)
        self._nobody = socket()
        self._nobody.bind((host, 0))  # taken but not listened at: connecting to it is refused
        self._running = False

    @property
    def url(self) -> str:
        """Where all vessels are asked; each has a database named by its id."""
        return _url(self._server.server_address)

    @property
    def refused_url(self) -> str:
        """Where nobody listens, as long as the fleet runs."""
        return _url(self._nobody.getsockname())

    def fleet_file(self) -> str:
        """The fleet file that asks these vessels."""
        return demo_fleet_file(self.cast, self.url, self.refused_url)

    def requests(self, vessel_id: str) -> int:
        """How often this vessel was asked; a connection that is refused is not seen."""
        return self.vessels[vessel_id].requests

    def told(self, story: str) -> str:
        """The id of the vessel with that story."""
        return next(vessel.id for vessel in self.cast if vessel.story == story)

    def start(self) -> "DemoFleet":
        """Serve in background threads that do not keep the process alive."""
        self._server.start()
        self._running = True
        return self

    def stop(self) -> None:
        """Cut every connection, answered or not, and give the port back; also when never started."""
        self._server.close(serving=self._running)
        self._nobody.close()
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
        raise ConfigurationError(f"the demo fleet cannot be at {host}:{port}: {error}; choose another port") from error


def _url(address: tuple[object, ...]) -> str:
    host, port = address[:2]
    return f"http://{host}:{port}"
