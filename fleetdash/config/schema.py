"""The fleet file's sections, key by key: types, bounds and defaults as `contract` documents them."""

import ipaddress
import re
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.errors import COMMAND


class Section(BaseModel):
    """Unknown keys and wrong types are errors: a misspelt key must not silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


S = TypeVar("S", bound=Section)


def _at_most_one(section: S, *keys: str) -> S:
    """Keys that exclude each other, among those that the file sets."""
    given = [key for key in keys if key in section.model_fields_set and getattr(section, key) is not None]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} exclude each other; keep one")
    return section


def _plain_text(value: str) -> str:
    if not value.isprintable() or not value.strip():
        raise ValueError("must be printable text, not empty")
    return value


def _vessel_url(value: str) -> str:
    """An http(s) URL with a host; credentials in it would end up in logs."""
    try:
        parts = urlsplit(value.replace("{vessel_id}", "x"))
        port = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('must be a URL such as "http://10.1.0.1:8086"')
    if parts.username is not None or parts.password is not None:
        raise ValueError("must contain no user or password; use username and password_env")
    if parts.query or parts.fragment or port == 0 or not value.isprintable() or " " in value:
        raise ValueError("must have a scheme, a host, optionally a port and a path, nothing else")
    return value


def _proxy_url(value: str) -> str:
    """`http://host:port`, or nothing."""
    if not value:
        return value
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from error
    if parts.scheme != "http" or not parts.hostname or port == 0:
        raise ValueError('must be a URL such as "http://proxy.example:3128"')
    if parts.username is not None or parts.password is not None:
        raise ValueError("must contain no user or password")
    if parts.path.strip("/") or parts.query or parts.fragment or not value.isprintable() or " " in value:
        raise ValueError("must be http://, a host and a port, nothing else")
    return value.rstrip("/")


def _unique_tags(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value))


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError; "" and "/" are the others
        raise ValueError(f"unknown time zone {value!r}; use a name such as Europe/Oslo") from error
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError('must be an address or a network, such as "127.0.0.1" or "10.0.0.0/8"') from error
    return value


_ARGON2 = r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"


def _password_hash(value: str) -> str:
    if not re.fullmatch(_ARGON2, value):
        raise ValueError(f"is not an Argon2 hash; make one with: {COMMAND} hash-password")
    return value


def _key_hash(value: str) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{64}}|{_ARGON2}", value):
        raise ValueError(f"is not the hash of a key; make a key with: {COMMAND} make-api-key NAME")
    return value


Text = Annotated[str, Field(max_length=255), AfterValidator(_plain_text)]
OptionalText = Annotated[str, Field(max_length=255), AfterValidator(lambda value: value and _plain_text(value))]
"""Empty to remove the fleet's value from one vessel."""

VesselUrl = Annotated[str, AfterValidator(_vessel_url)]
ProxyUrl = Annotated[str, AfterValidator(_proxy_url)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Tags = Annotated[tuple[Tag, ...], Field(strict=False), AfterValidator(_unique_tags)]
Components = dict[Text, list[Text]]
Number = Annotated[float, Field(strict=False, allow_inf_nan=False)]
TimeoutSeconds = Annotated[Number, Field(gt=0, le=3600)]
UptimePercent = Annotated[Number, Field(ge=0, le=100)]
StaleAfterMinutes = Annotated[Number, Field(gt=0)]
PingIntervalSeconds = Annotated[int, Field(ge=1, le=3600)]


class DatabaseSection(Section):
    """fleetdash's own database."""

    url: str = "sqlite:///fleetdash.db"
    password_env: str | None = None
    password_file: str | None = None
    journal_file: str | None = None
    """The journal for times when the database is away; beside an SQLite file by default."""

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("sqlite", "postgresql"):
            raise ValueError('must be "sqlite:///FILE" or "postgresql://user@host/name"')
        if parts.scheme == "sqlite" and (parts.netloc or len(parts.path) < 2):
            raise ValueError('must be "sqlite:///FILE" (three slashes, four for a path from the root)')
        if parts.scheme == "postgresql" and len(parts.path) < 2:
            raise ValueError('must name the database: "postgresql://user@host/name"')
        if parts.password is not None:
            raise ValueError("must contain no password; use password_env or password_file")
        return value

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        return _at_most_one(self, "password_env", "password_file")


class ServerSection(Section):
    """The address of the page, and access to it."""

    host: Text = "127.0.0.1"
    port: int = Field(default=8050, ge=0, le=65535)
    path_prefix: str = Field(default="/", pattern=r"^/([A-Za-z0-9._~-]+/)*$")
    auth: Literal["accounts", "none"] | None = None
    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = []
    """Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    @field_validator("path_prefix", mode="before")
    @classmethod
    def _trailing_slash(cls, value: Any) -> Any:
        return value if not isinstance(value, str) or value.endswith("/") else value + "/"

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the page."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class AccountEntry(Section):
    """Somebody who may log in."""

    name: Text
    role: Literal["viewer", "operator"]
    password_hash: Annotated[str, AfterValidator(_password_hash)] = Field(repr=False)


class ApiKeyEntry(Section):
    """A program that may call the API."""

    name: Text
    role: Literal["viewer", "operator"]
    key_hash: Annotated[str, AfterValidator(_key_hash)] = Field(repr=False)


class ScheduleSection(Section):
    """When runs are due: on a grid from midnight, or once every local day."""

    every_minutes: int = Field(default=15, ge=1, le=1440)
    daily_at: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    run_on_start: bool = True
    max_concurrent_vessels: int | None = Field(default=None, ge=1, le=1024)

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        return _at_most_one(self, "every_minutes", "daily_at")


class RetrySection(Section):
    """How often and when a vessel that failed is retried; the last wait repeats."""

    max_retries: int = Field(default=3, ge=0, le=20)
    backoff_seconds: tuple[Annotated[Number, Field(ge=0, le=3600)], ...] = Field(
        default=(1.0, 2.0, 4.0), min_length=1, strict=False
    )


class QuerySection(Section):
    """Bounds of one attempt."""

    timeout_seconds: TimeoutSeconds = 30.0
    max_response_bytes: int = Field(default=5_000_000, ge=1_000)


class SlaSection(Section):
    """The service level, and the times that it is measured over."""

    uptime_percent: UptimePercent = 95.0
    window_hours: int = Field(default=24, ge=1, le=24 * 7)
    lookback_days: int = Field(default=30, ge=1, le=3650)
    stale_after_minutes: StaleAfterMinutes = 30.0
    ping_interval_seconds: PingIntervalSeconds = 60

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.stale_after_minutes > self.window_hours * 60:
            raise ValueError("stale_after_minutes must not be longer than window_hours")
        if self.window_hours > self.lookback_days * 24:
            raise ValueError("window_hours must not be longer than lookback_days")
        return self


class RetentionSection(Section):
    """How long attempts and runs are kept, in days."""

    attempts_days: int = Field(default=90, ge=1)
    runs_days: int = Field(default=730, ge=1)


class LoggingSection(Section):
    """What is written to standard error, one line per event."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class InfluxKeys(Section):
    """How a vessel is queried; a vessel's own keys override the fleet's."""

    url: VesselUrl | None = None
    database: Text | None = None
    username: Text | None = None
    password_env: str | None = None
    password_file: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    measurement: Text | None = None
    retention_policy: OptionalText | None = None
    device_tag: Text | None = None
    match: dict[Text, Text] | None = None
    ca_file: OptionalText | None = None
    client_cert_file: OptionalText | None = None
    client_key_file: OptionalText | None = None
    proxy: ProxyUrl | None = None
    headers_env: OptionalText | None = None
    timeout_seconds: TimeoutSeconds | None = None
    ping_interval_seconds: PingIntervalSeconds | None = None
    stale_after_minutes: StaleAfterMinutes | None = None
    uptime_percent: UptimePercent | None = None
    behind: dict[Text, Text] | None = None

    @field_validator("username")
    @classmethod
    def _no_colon(cls, value: str | None) -> str | None:
        if value is not None and ":" in value:
            raise ValueError("must contain no colon")
        return value

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        return _at_most_one(self, "password_env", "password_file", "token_env", "token_file")

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if bool(self.client_cert_file) != bool(self.client_key_file):
            raise ValueError("client_cert_file and client_key_file go together; set both")
        return self


class InfluxSection(InfluxKeys):
    """The defaults of all vessels."""

    database: Text = "{vessel_id}"
    measurement: Text = "ping"
    retention_policy: OptionalText = ""
    device_tag: Text = "url"

    def overridden_by(self, entry: InfluxKeys) -> "InfluxSection":
        """A vessel's own secret or certificate replaces the fleet's, with user name or key."""
        own = {key: value for key in InfluxKeys.model_fields if (value := getattr(entry, key)) is not None}
        base = self.model_dump()
        for group in _REPLACED_TOGETHER:
            if own.keys() & group:
                base.update(dict.fromkeys(group))
        return InfluxSection.model_validate({**base, **own})


_REPLACED_TOGETHER = (
    {"password_env", "password_file", "token_env", "token_file"},
    {"client_cert_file", "client_key_file"},
)


class VesselEntry(InfluxKeys):
    """One vessel; its `id` is part of URLs and of the history."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    name: Text | None = None
    tags: Tags = ()
    components: Components | None = None


class FleetFile(Section):
    """The whole file."""

    database: DatabaseSection = DatabaseSection()
    server: ServerSection = ServerSection()
    accounts: list[AccountEntry] = []
    api_keys: list[ApiKeyEntry] = []
    schedule: ScheduleSection = ScheduleSection()
    retry: RetrySection = RetrySection()
    query: QuerySection = QuerySection()
    sla: SlaSection = SlaSection()
    retention: RetentionSection = RetentionSection()
    logging: LoggingSection = LoggingSection()
    influxdb: InfluxSection = InfluxSection()
    components: Components = {}
    vessels: list[VesselEntry] = []

    @model_validator(mode="after")
    def _names(self) -> Self:
        seen: set[str] = set()
        for entry in self.vessels:
            if entry.id in seen:
                raise ValueError(f"vessels: the id {entry.id!r} is a duplicate; every vessel needs its own")
            seen.add(entry.id)
        for section, names in (
            ("accounts", [account.name for account in self.accounts]),
            ("api_keys", [key.name for key in self.api_keys]),
        ):
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{section}: the name {min(twice)!r} is a duplicate; every entry needs its own")
        groups = [self.components, *(entry.components or {} for entry in self.vessels)]
        if any(UNASSIGNED in group for group in groups):
            raise ValueError(f"components: {UNASSIGNED!r} is what unknown addresses are called; choose another name")
        return self
