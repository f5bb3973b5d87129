"""The fleet file and the environment, read once into frozen settings; rejects, never guesses."""

import os
import resource
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from fleetdash.config.schema import (
    AccountEntry,
    ApiKeyEntry,
    DatabaseSection,
    FleetFile,
    LoggingSection,
    QuerySection,
    RetentionSection,
    RetrySection,
    ScheduleSection,
    ServerSection,
)
from fleetdash.config.targets import Credentials, InfluxEndpoint, VesselTarget, vessel_targets
from fleetdash.config.texts import read_text, reason, secret
from fleetdash.domain.fleet import Vessel
from fleetdash.errors import COMMAND, ConfigurationError

__all__ = ["Credentials", "InfluxEndpoint", "Settings", "VesselTarget", "load", "parse"]

ENVIRONMENT_PREFIX = "FLEETDASH_"
MOST_CONCURRENT_VESSELS = 512
DEFAULT_FILE = Path("fleetdash.toml")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was configured, checked."""

    source: str
    targets: tuple[VesselTarget, ...]
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
        """Whether a login is required: if there are accounts or keys, unless the file says `auth = "none"`."""
        return self.server.auth != "none" and bool(self.accounts or self.api_keys)

    @property
    def vessels(self) -> tuple[Vessel, ...]:
        return tuple(target.vessel for target in self.targets)

    @property
    def max_concurrent_vessels(self) -> int:
        """How many vessels may be queried at once; by default all, up to 512 and half of the descriptors."""
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_CONCURRENT_VESSELS
        if descriptors != resource.RLIM_INFINITY:
            most = min(most, descriptors // 2)
        return self.schedule.max_concurrent_vessels or min(len(self.targets), most)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the fleet file at `path`; raises `ConfigurationError` with every fault named."""
    return parse(read(path), environ, source=str(path))


def read(path: Path) -> str:
    """The fleet file's text; raises `ConfigurationError`."""
    try:
        return read_text(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read the fleet file {path}: {reason(error)}") from error


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
    """One line per fault: the key, its vessel, what is wrong."""
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
    _refuse_without_vessels(fleet_file, source)
    return Settings(
        source=source,
        targets=vessel_targets(fleet_file, environ),
        database=fleet_file.database,
        database_password=secret(
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


def _refuse_without_vessels(fleet_file: FleetFile, source: str) -> None:
    if not fleet_file.vessels:
        raise ConfigurationError(
            f"{source} has no vessels; write each of them into it, such as:\n\n"
            '[[vessels]]\nid = "vessel001"\nurl = "http://10.1.0.1:8086"\n'
            'components = { "Server" = ["192.168.1.60"] }'
        )


def _refuse_unprotected(fleet_file: FleetFile) -> None:
    """Serving a network without accounts must be explicit in the file."""
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
