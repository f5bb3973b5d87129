"""A vessel with a real InfluxDB behind a gateway, watched by fleetdash's own client and records, as time passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import peewee

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.read_models import DeviceReport, VesselReport
from fleetdash.domain.runs import Attempt, Trigger
from fleetdash.domain.status import Limits
from fleetdash.influx.client import InfluxClient
from fleetdash.influx.transport import HttpTransport
from fleetdash.queries import FleetReader
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.support import present
from tests.support.clock import MovedClock
from tests.support.gateway import Gateway, gateway_to
from tests.support.influxd import Influxd
from tests.support.vessels import vessel_at

_numbers = count()


def fields(up: bool = True) -> str:
    """Telegraf's, of one ping."""
    if up:
        return "result_code=0i,percent_packet_loss=0,average_response_ms=5"
    return "result_code=1i,percent_packet_loss=100"


@dataclass
class Aboard:
    """Times are minutes ago, by true time; `ahead`: the minutes by which a writer's clock is ahead of it."""

    influxd: Influxd
    gateway: Gateway
    database: str
    records: peewee.Database
    target: VesselTarget
    clock: MovedClock = field(default_factory=lambda: MovedClock(present.now()))
    passed: timedelta = timedelta()

    def __post_init__(self) -> None:
        self._recorder = Recorder(self.records, VesselStates(self.records))
        self._recorder.fleet_changed((self.target.vessel,), self.now)

    @property
    def now(self) -> datetime:
        """True time."""
        return present.now() + self.passed

    def pings(
        self,
        device: str = "10.0.0.1",
        *,
        since: float = 180,
        until: float = 0,
        ahead: float = 0,
        every: int = 60,
        host: str = "",
        values: str | None = None,
        up: bool = True,
        measurement: str = "ping",
        tag: str = "url",
        tags: str = "",
        policy: str | None = None,
    ) -> None:
        """Write them: a point every so many seconds."""
        end = int(self.now.timestamp()) - 5
        start = end - int(60 * since)
        named = (f",host={host}" if host else "") + tags
        self.influxd.write(
            self.database,
            [
                f"{measurement},{tag}={device}{named} {values or fields(up)} {seconds + int(60 * ahead)}"
                for seconds in range(end - int(60 * until), start, -every)
            ],
            retention_policy=policy,
        )

    def pass_time(self, minutes: float = 15) -> None:
        """For everyone: shore and vessel."""
        self.passed += timedelta(minutes=minutes)
        self.clock.jump(timedelta(minutes=minutes))
        self.gateway.ahead += timedelta(minutes=minutes)

    def ask(self, *, diagnose: bool = False) -> VesselAnswer:
        context = self._recorder.query_contexts()[self.target.vessel.id]
        client = InfluxClient(HttpTransport(self.clock, 1_000_000), self.clock)
        return client.ask(self.target, replace(context, diagnose=diagnose))

    def look(self, **fleet_file: Any) -> VesselReport:
        """Ask once, record, and read the report; `fleet_file`: changed keys of the endpoint."""
        self.target = replace(self.target, address=replace(self.target.address, **fleet_file))
        self.gateway.requests.clear()
        answer = self.ask()
        run = self._recorder.run_started(Trigger.MANUAL, 1, self.clock.now())
        attempt = Attempt(self.target.vessel.id, 1, True, 0.1, 0.0, self.clock.now())
        self._recorder.attempt_ended(run.run_id, self.target.vessel, attempt, answer)
        self._recorder.run_completed(run.run_id, self.clock.now())
        return FleetReader(self.records).vessel(self.target.vessel.id)

    def device(self, address: str = "10.0.0.1") -> DeviceReport:
        """As last recorded."""
        devices = FleetReader(self.records).vessel(self.target.vessel.id).devices or ()
        return next(device for device in devices if device.ip_address == address)


@contextmanager
def aboard(
    influxd: Influxd, folder: Path, *addresses: str, limits: Limits | None = None, **endpoint: Any
) -> Iterator[Aboard]:
    """A vessel without points, with servers at these addresses."""
    name = f"aboard{next(_numbers)}"
    influxd.create_database(name)
    records = open_database(f"sqlite:///{folder}/{name}.db")
    migrate(records)
    with gateway_to(influxd.url) as gateway:
        target = vessel_at(
            gateway.url, *(addresses or ("10.0.0.1",)), database=name, limits=limits, timeout_seconds=10.0, **endpoint
        )
        yield Aboard(influxd, gateway, name, records, target)
    influxd.drop_database(name)
    records.close()
