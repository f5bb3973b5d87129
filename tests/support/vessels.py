"""Small builders of vessels and of what asks them."""

from datetime import timedelta

from pydantic import SecretStr

from fleetdash.config.settings import Credentials, InfluxEndpoint, VesselTarget
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.fleet import Device, Vessel
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
) -> VesselTarget:
    """A vessel with servers at `addresses`."""
    secret = SecretStr(password) if password else None
    credentials = Credentials(user, secret, SecretStr(token) if token else None)
    devices = tuple(Device(address, "Server") for address in addresses)
    return VesselTarget(
        Vessel(id, id.title(), devices), InfluxEndpoint(url, database, measurement, device_tag, credentials)
    )


def client(timeout: float = 1.0, max_bytes: int = 200_000, limits: Limits | None = None) -> InfluxClient:
    """Asks over real HTTP."""
    clock = SystemClock()
    chosen = limits or Limits(lookback=timedelta(days=30))
    return InfluxClient(HttpTransport(clock, max_bytes), chosen, clock, timeout)
