"""The fleet file and the environment, read once into frozen settings; rejects, never guesses."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from fleetdash.config.schema import (
    AccountEntry,
    ApiKeyEntry,
    DatabaseSection,
    FleetFile,
    InfluxSection,
    LoggingSection,
    QuerySection,
    RetentionSection,
    RetrySection,
    ScheduleSection,
    ServerSection,
    VesselEntry,
)
from fleetdash.domain.fleet import Device, Vessel
from fleetdash.domain.status import Limits
from fleetdash.errors import COMMAND, ConfigurationError

ENVIRONMENT_PREFIX = "FLEETDASH_"
DEFAULT_FILE = Path("fleetdash.toml")


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to be let in: user and password, or a token. Nothing of it is printed."""

    username: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class InfluxEndpoint:
    """Where a vessel's database is and what its pings are called there."""

    url: str
    database: str
    measurement: str
    device_tag: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class VesselTarget:
    """A vessel and how to ask it."""

    vessel: Vessel
    address: InfluxEndpoint


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was configured, checked."""

    source: str
    targets: tuple[VesselTarget, ...]
    limits: Limits
    database: DatabaseSection
    database_password: SecretStr | None = field(repr=False)
    server: ServerSection
    schedule: ScheduleSection
    retry: RetrySection
    query: QuerySection
    retention: RetentionSection
    logging: LoggingSection
    accounts: tuple[AccountEntry, ...] = ()
    api_keys: tuple[ApiKeyEntry, ...] = ()

    @property
    def auth_required(self) -> bool:
        """Whether one has to log in: whoever writes accounts into the file means them, unless it says otherwise."""
        return self.server.auth != "none" and bool(self.accounts or self.api_keys)

    @property
    def vessels(self) -> tuple[Vessel, ...]:
        return tuple(target.vessel for target in self.targets)

    @property
    def max_concurrent_vessels(self) -> int:
        """How many vessels may be under way at once: all of them, up to 128, unless the file says."""
        return self.schedule.max_concurrent_vessels or max(1, min(len(self.targets), 128))


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the fleet file at `path`; raises `ConfigurationError` with every fault named."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"cannot read the fleet file {path}: {reason}") from error
    return parse(text, environ, source=str(path))


def parse(text: str, environ: Mapping[str, str] = os.environ, *, source: str = "fleet file") -> Settings:
    """The fleet file's text and the environment's overrides -> settings."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{source} is not valid TOML: {error}") from error
    _override(document, environ)
    try:
        fleet_file = FleetFile.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(_explain(error, document, source)) from None
    return _settings(fleet_file, environ, source)


def _override(document: dict[str, Any], environ: Mapping[str, str]) -> None:
    """`FLEETDASH_<SECTION>__<KEY>` replaces the file's key; the value is TOML, or else plain text."""
    for name, raw in environ.items():
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not name.startswith(ENVIRONMENT_PREFIX) or not separator:
            continue
        table = document.setdefault(section, {})
        if section not in FleetFile.model_fields or not isinstance(table, dict):
            raise ConfigurationError(f"environment variable {name}: there is no section [{section}] to override")
        table[key] = _toml_value(raw)


def _toml_value(raw: str) -> Any:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return raw


def _explain(error: ValidationError, document: dict[str, Any], source: str) -> str:
    """One line a fault: the key, the vessel that it stands in, what is wrong."""
    lines = [f"  {_key(fault['loc'], document)}: {_fault(fault)}" for fault in error.errors(include_input=False)]
    return "\n".join([f"{source} cannot be used:", *lines])


def _fault(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "unknown key; check its spelling"
    return str(fault["msg"]).removeprefix("Value error, ")


def _key(location: tuple[int | str, ...], document: dict[str, Any]) -> str:
    """`vessels[2] (vessel003): url`, or `retry.max_retries`."""
    if len(location) >= 2 and isinstance(location[1], int):
        section, index, *rest = location
        entries = document.get(str(section))
        entry = entries[location[1]] if isinstance(entries, list) and len(entries) > location[1] else {}
        label = entry.get("id") or entry.get("name") if isinstance(entry, dict) else None
        where = f"{section}[{index}]" + (f" ({label!r})" if isinstance(label, str) else "")
        return ": ".join([where, *([".".join(map(str, rest))] if rest else [])])
    return ".".join(map(str, location)) or "the file"


def _settings(fleet_file: FleetFile, environ: Mapping[str, str], source: str) -> Settings:
    _refuse_unprotected(fleet_file)
    sla = fleet_file.sla
    return Settings(
        source=source,
        targets=_vessels(fleet_file, environ),
        limits=Limits(
            sla_uptime_percent=sla.uptime_percent,
            window=timedelta(hours=sla.window_hours),
            lookback=timedelta(days=sla.lookback_days),
            stale_after=timedelta(minutes=sla.stale_after_minutes),
            ping_interval=timedelta(seconds=sla.ping_interval_seconds),
        ),
        database=fleet_file.database,
        database_password=_secret(
            environ, "database: password", fleet_file.database.password_env, fleet_file.database.password_file
        ),
        server=fleet_file.server,
        schedule=fleet_file.schedule,
        retry=fleet_file.retry,
        query=fleet_file.query,
        retention=fleet_file.retention,
        logging=fleet_file.logging,
        accounts=tuple(fleet_file.accounts),
        api_keys=tuple(fleet_file.api_keys),
    )


def _refuse_unprotected(fleet_file: FleetFile) -> None:
    """Serving to a network without asking who is there must be said in the file."""
    if fleet_file.server.auth == "none" or fleet_file.accounts or fleet_file.api_keys:
        return
    how = (
        'write one into the file: [[accounts]] with name, role = "viewer" or "operator", and the password_hash that '
        f"`{COMMAND} hash-password` prints"
    )
    if fleet_file.server.auth == "accounts":
        raise ConfigurationError(f'server.auth = "accounts", and there is no account: {how}')
    if not fleet_file.server.on_loopback:
        raise ConfigurationError(
            f"server.host = {fleet_file.server.host!r} is reachable from elsewhere, and there is no account that "
            f'anyone would have to log in to. Either {how}; or set server.host = "127.0.0.1"; or, where everyone who '
            'reaches it may see the fleet and start runs, set server.auth = "none"'
        )


def _vessels(fleet_file: FleetFile, environ: Mapping[str, str]) -> tuple[VesselTarget, ...]:
    return tuple(
        VesselTarget(_vessel(entry, fleet_file.components), _address(entry, fleet_file.influxdb, environ))
        for entry in fleet_file.vessels
    )


def _vessel(entry: VesselEntry, defaults: dict[str, list[str]]) -> Vessel:
    components = {**defaults, **(entry.components or {})}
    devices = [Device(address, name) for name, addresses in components.items() for address in addresses]
    seen: dict[str, str] = {}
    for device in devices:
        if device.ip_address in seen:
            raise ConfigurationError(
                f"vessels ({entry.id!r}): components: {device.ip_address} stands twice, in {seen[device.ip_address]!r} "
                f"and in {device.component!r}; an address belongs to one component of a vessel"
            )
        seen[device.ip_address] = device.component
    return Vessel(id=entry.id, name=entry.name or entry.id, devices=tuple(devices))


def _address(entry: VesselEntry, defaults: InfluxSection, environ: Mapping[str, str]) -> InfluxEndpoint:
    """The vessel's own keys before the fleet's; `{vessel_id}` is filled in."""
    merged = defaults.overridden_by(entry)
    where = f"vessels ({entry.id!r})"
    if merged.url is None:
        raise ConfigurationError(f"{where}: url: missing; set it there or in [influxdb]")
    password = _secret(environ, f"{where}: password", merged.password_env, merged.password_file)
    token = _secret(environ, f"{where}: token", merged.token_env, merged.token_file)
    return InfluxEndpoint(
        url=merged.url.replace("{vessel_id}", entry.id).rstrip("/"),
        database=merged.database.replace("{vessel_id}", entry.id),
        measurement=merged.measurement,
        device_tag=merged.device_tag,
        credentials=Credentials(merged.username, password, token),
    )


def _secret(environ: Mapping[str, str], key: str, variable: str | None, file: str | None) -> SecretStr | None:
    """The value of an environment variable, or a file's text without its last line's end."""
    if variable is not None:
        value = environ.get(variable)
        if not value:
            raise ConfigurationError(
                f"{key}_env: the environment variable {variable} is not set; set it and start again"
            )
        return _sendable(key + "_env", value)
    if file is not None:
        try:
            value = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise ConfigurationError(f"{key}_file: cannot read {file}: {reason}") from None
        if not value:
            raise ConfigurationError(f"{key}_file: {file} is empty")
        return _sendable(key + "_file", value)
    return None


def _sendable(key: str, value: str) -> SecretStr:
    if not value.isprintable():
        raise ConfigurationError(f"{key}: the secret holds a line break or another control character")
    return SecretStr(value)
