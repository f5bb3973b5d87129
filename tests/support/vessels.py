"""Small builders of vessels and of what asks them."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import SecretStr

from fleetdash.config.settings import Credentials, InfluxEndpoint, VesselTarget
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.fleet import Device, Vessel
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.status import Limits
from fleetdash.influx.client import InfluxClient
from fleetdash.influx.transport import HttpTransport


def vessel_at(
    url: str,
    *addresses: str,
    id: str = "aurora",
    database: str = "aurora",
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    measurement: str = "ping",
    device_tag: str = "url",
    limits: Limits | None = None,
    **endpoint: Any,
) -> VesselTarget:
    """A vessel with servers at `addresses`; `endpoint`: further fields of `InfluxEndpoint`."""
    secret = SecretStr(password) if password else None
    credentials = Credentials(user, secret, SecretStr(token) if token else None)
    devices = tuple(Device(address, "Server") for address in addresses)
    return VesselTarget(
        Vessel(id, id.title(), devices, limits or Limits()),
        InfluxEndpoint(url, database, measurement, device_tag, credentials, **endpoint),
    )


@dataclass(frozen=True)
class ImpatientClient:
    """Asks over real HTTP, whatever time-out its vessels have."""

    timeout: float
    client: InfluxClient

    def ask(self, target: VesselTarget, context: QueryContext) -> VesselAnswer:
        return self.client.ask(with_timeout(target, self.timeout), context)


def with_timeout(target: VesselTarget, seconds: float) -> VesselTarget:
    return replace(target, address=replace(target.address, timeout_seconds=seconds))


def client(timeout: float = 1.0, max_bytes: int = 200_000) -> ImpatientClient:
    clock = SystemClock()
    return ImpatientClient(timeout, InfluxClient(HttpTransport(clock, max_bytes), clock))
