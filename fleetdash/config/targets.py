"""The vessels of the fleet file, and how each is queried."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pydantic import SecretStr

from fleetdash.config.behind import resolve_behind
from fleetdash.config.headers import Headers, further_headers
from fleetdash.config.schema import FleetFile, InfluxSection, SlaSection, VesselEntry
from fleetdash.config.texts import secret
from fleetdash.config.tls import TlsFiles
from fleetdash.domain.fleet import Device, Vessel, address_key, is_ip_address
from fleetdash.domain.status import Limits
from fleetdash.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password, or a token; their values are never printed."""

    username: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class InfluxEndpoint:
    """Where a vessel's database is, how to reach it, and what its pings are called there.

    `match`: tags, and the value that points must have. `retention_policy`: the database's default if empty.
    """

    url: str
    database: str
    measurement: str
    device_tag: str
    credentials: Credentials
    retention_policy: str = ""
    match: tuple[tuple[str, str], ...] = ()
    tls: TlsFiles = field(default_factory=TlsFiles)
    proxy: str | None = None
    headers: Headers = field(default=(), repr=False)
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class VesselTarget:
    """A vessel and how to query it."""

    vessel: Vessel
    address: InfluxEndpoint


def fleet_limits(sla: SlaSection) -> Limits:
    """The limits of vessels without their own."""
    return Limits(
        sla_uptime_percent=sla.uptime_percent,
        window=timedelta(hours=sla.window_hours),
        lookback=timedelta(days=sla.lookback_days),
        stale_after=timedelta(minutes=sla.stale_after_minutes),
        ping_interval=timedelta(seconds=sla.ping_interval_seconds),
    )


def vessel_targets(fleet_file: FleetFile, environ: Mapping[str, str]) -> tuple[VesselTarget, ...]:
    """The fleet file's vessels, in its order; raises `ConfigurationError`."""
    targets = tuple(_target(entry, fleet_file, environ) for entry in fleet_file.vessels)
    # most vessels have the same files: read each of them once
    for tls, vessel_id in {target.address.tls: target.vessel.id for target in reversed(targets)}.items():
        tls.check(_where(vessel_id))
    return targets


def _where(vessel_id: str) -> str:
    return f"vessels ({vessel_id!r})"


def _target(entry: VesselEntry, fleet_file: FleetFile, environ: Mapping[str, str]) -> VesselTarget:
    """The vessel's own keys override the fleet's."""
    merged = fleet_file.influxdb.overridden_by(entry)
    where = _where(entry.id)
    devices = _devices(where, {**fleet_file.components, **(entry.components or {})})
    return VesselTarget(
        Vessel(
            id=entry.id,
            name=entry.name or entry.id,
            devices=devices,
            limits=_limits(where, merged, fleet_limits(fleet_file.sla)),
            tags=entry.tags,
            behind=resolve_behind(where, merged.behind or {}, devices, strict=entry.behind is not None),
        ),
        _endpoint(entry.id, merged, environ, merged.timeout_seconds or fleet_file.query.timeout_seconds),
    )


def _devices(where: str, components: Mapping[str, list[str]]) -> tuple[Device, ...]:
    devices = tuple(
        Device(address.strip() if is_ip_address(address) else address, name)
        for name, addresses in components.items()
        for address in addresses
    )
    seen: dict[str, Device] = {}
    for device in devices:
        other = seen.setdefault(address_key(device.ip_address), device)
        if other is not device:
            written = "" if other.ip_address == device.ip_address else f", as {other.ip_address}"
            raise ConfigurationError(
                f"{where}: components: duplicate address {device.ip_address}, in {other.component!r}{written} "
                f"and in {device.component!r}; an address belongs to one component of a vessel"
            )
    return devices


def _limits(where: str, merged: InfluxSection, fleet: Limits) -> Limits:
    limits = fleet
    if merged.uptime_percent is not None:
        limits = replace(limits, sla_uptime_percent=merged.uptime_percent)
    if merged.stale_after_minutes is not None:
        limits = replace(limits, stale_after=timedelta(minutes=merged.stale_after_minutes))
    if merged.ping_interval_seconds is not None:
        limits = replace(limits, ping_interval=timedelta(seconds=merged.ping_interval_seconds))
    if limits.stale_after > limits.window:
        raise ConfigurationError(f"{where}: stale_after_minutes must not be longer than sla.window_hours")
    return limits


def _endpoint(
    vessel_id: str, merged: InfluxSection, environ: Mapping[str, str], timeout_seconds: float
) -> InfluxEndpoint:
    """`{vessel_id}` is filled in."""
    where = _where(vessel_id)
    if merged.url is None:
        raise ConfigurationError(f"{where}: url: missing; set it there or in [influxdb]")
    credentials = Credentials(
        merged.username,
        secret(environ, f"{where}: password", merged.password_env, merged.password_file),
        secret(environ, f"{where}: token", merged.token_env, merged.token_file),
    )
    return InfluxEndpoint(
        url=merged.url.replace("{vessel_id}", vessel_id).rstrip("/"),
        database=merged.database.replace("{vessel_id}", vessel_id),
        measurement=merged.measurement,
        device_tag=merged.device_tag,
        credentials=credentials,
        retention_policy=merged.retention_policy,
        match=tuple((merged.match or {}).items()),
        tls=TlsFiles(merged.ca_file or None, merged.client_cert_file or None, merged.client_key_file or None),
        proxy=merged.proxy or None,
        headers=_headers(where, merged.headers_env, environ, credentials),
        timeout_seconds=timeout_seconds,
    )


def _headers(where: str, variable: str | None, environ: Mapping[str, str], credentials: Credentials) -> Headers:
    if not variable:
        return ()
    authorized = credentials.username is not None or credentials.token is not None
    return further_headers(environ, f"{where}: headers_env", variable, authorized=authorized)
