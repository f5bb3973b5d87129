"""The fleet file is read as documented, and whatever is wrong with it is named."""

import resource
from pathlib import Path

import pytest

from fleetdash.config import settings
from fleetdash.config.settings import Settings
from fleetdash.errors import ConfigurationError
from tests.support.certificates import Authority, new_key_pem

ONE_VESSEL = """
[influxdb]
url = "http://{vessel_id}.ships.example:8086"
username = "reader"
password_env = "FLEET_PASSWORD"

[components]
"Access Point" = ["192.168.1.1", "192.168.1.2"]
"Server" = ["192.168.1.60"]

[[vessels]]
id = "vessel001"
name = "Aurora"
"""
ENVIRONMENT = {"FLEET_PASSWORD": "open-sesame"}


A_VESSEL = '[[vessels]]\nid = "a"\nurl = "http://a"\n'


def parse(text: str = ONE_VESSEL, **more: str) -> Settings:
    return settings.parse(text, ENVIRONMENT | more, source="fleet.toml")


def refusal(text: str, **more: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, **more)
    return str(caught.value)


def test_the_fleet_defaults_fill_in_what_a_vessel_leaves_out() -> None:
    (vessel,) = parse().targets
    assert (vessel.vessel.id, vessel.vessel.name) == ("vessel001", "Aurora")
    assert vessel.address.url == "http://vessel001.ships.example:8086"
    assert vessel.address.database == "vessel001"
    assert [device.ip_address for device in vessel.vessel.devices] == ["192.168.1.1", "192.168.1.2", "192.168.1.60"]


def test_a_vessel_replaces_the_components_that_it_names() -> None:
    config = parse(ONE_VESSEL + 'components = { "Server" = ["10.2.0.60"], "Radar" = [] }')
    assert [(device.component, device.ip_address) for device in config.targets[0].vessel.devices] == [
        ("Access Point", "192.168.1.1"),
        ("Access Point", "192.168.1.2"),
        ("Server", "10.2.0.60"),
    ]


def test_a_vessel_that_brings_a_token_leaves_the_password_behind(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    credentials = parse(ONE_VESSEL + f'token_file = "{tmp_path}/token"').targets[0].address.credentials
    assert credentials.password is None
    assert credentials.token is not None
    assert credentials.token.get_secret_value() == "t0ken"


def test_the_documented_defaults_hold() -> None:
    config = parse()
    assert (config.schedule.every_minutes, config.schedule.timezone, config.schedule.run_on_start) == (15, "UTC", True)
    assert (config.retry.max_retries, config.retry.backoff_seconds) == (3, (1, 2, 4))
    assert (config.query.timeout_seconds, config.query.max_response_bytes) == (30, 5_000_000)
    assert (config.server.host, config.server.port, config.server.path_prefix) == ("127.0.0.1", 8050, "/")
    assert config.database.url == "sqlite:///fleetdash.db"


@pytest.mark.parametrize(("vessels", "at_once"), [(1, 1), (66, 66), (512, 512), (600, 512)])
def test_all_vessels_are_asked_at_once_up_to_512(vessels: int, at_once: int) -> None:
    fleet = '[influxdb]\nurl = "http://x"\n' + "".join(f'[[vessels]]\nid = "v{n}"\n' for n in range(vessels))
    assert parse(fleet).max_concurrent_vessels == at_once


def test_no_more_vessels_are_asked_at_once_than_half_of_the_descriptors_allow() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    fleet = '[influxdb]\nurl = "http://x"\n' + "".join(f'[[vessels]]\nid = "v{n}"\n' for n in range(200))
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
    try:
        assert parse(fleet).max_concurrent_vessels == 150
        assert parse(f"{fleet}[schedule]\nmax_concurrent_vessels = 180").max_concurrent_vessels == 180
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_environment_stands_before_the_file() -> None:
    config = parse(
        FLEETDASH_SERVER__PORT="9000", FLEETDASH_RETRY__BACKOFF_SECONDS="[0.5]", FLEETDASH_SERVER__HOST="::1"
    )
    assert (config.server.port, config.retry.backoff_seconds, config.server.host) == (9000, (0.5,), "::1")


def test_no_secret_is_printed_with_the_settings() -> None:
    assert "open-sesame" not in repr(parse()) + str(parse())


FAULTS = {
    "an unknown key of a vessel": (ONE_VESSEL + "colour = 1", ["vessels[0]", "vessel001", "colour", "unknown key"]),
    "an unknown section": ("[scheduel]\nx = 1", ["scheduel", "unknown key"]),
    "a wrong type": ('[retry]\nmax_retries = "3"', ["retry.max_retries", "integer"]),
    "a fraction for a whole number": ("[schedule]\nevery_minutes = 1.5", ["schedule.every_minutes"]),
    "a bad id": ('[[vessels]]\nid = "a b"', ["vessels[0]", "a b", "id"]),
    "an id too long": (f'[[vessels]]\nid = "{"a" * 65}"', ["vessels[0]", "id"]),
    "no id": ("[[vessels]]\nname = 'Aurora'", ["vessels[0]", "Aurora", "id", "required"]),
    "an id twice": (ONE_VESSEL + "[[vessels]]\nid = 'vessel001'", ["vessel001", "duplicate"]),
    "no vessels": ("", ["fleet.toml", "no vessels", "[[vessels]]", "id =", "url ="]),
    "no vessels in the list": ("vessels = []", ["no vessels", "[[vessels]]"]),
    "a vessel alone that is no list": ("[vessels]\nid = 'a'", ["vessels"]),
    "an address twice, written in two ways": (
        ONE_VESSEL + 'components = { "Server" = ["fd00::1"], "Radar" = ["FD00:0:0::0001"] }',
        ["vessel001", "components", "fd00::1", "FD00:0:0::0001", "duplicate", "Server", "Radar"],
    ),
    "an IPv4 address twice, once with zeros": (
        ONE_VESSEL + 'components = { "Radar" = ["192.168.001.060"] }',
        ["vessel001", "192.168.001.060", "192.168.1.60", "duplicate"],
    ),
    "a match that is no table": (ONE_VESSEL + 'match = "telegraf-1"', ["vessel001", "match"]),
    "a match with a number": (ONE_VESSEL + "match = { host = 1 }", ["vessel001", "match.host", "string"]),
    "authorities that are not there": (ONE_VESSEL + 'ca_file = "/no/such"', ["vessel001", "ca_file", "/no/such"]),
    "authorities in a folder": (ONE_VESSEL + 'ca_file = "/"', ["vessel001", "ca_file", "cannot read /"]),
    "authorities that are none": (
        ONE_VESSEL + 'ca_file = "/dev/null"',
        ["vessel001", "ca_file", "/dev/null", "PEM certificate"],
    ),
    "a certificate without its key": (
        ONE_VESSEL + 'client_cert_file = "a.pem"',
        ["vessel001", "client_cert_file", "client_key_file", "set both"],
    ),
    "a key without its certificate": (ONE_VESSEL + 'client_key_file = "a.pem"', ["vessel001", "set both"]),
    "a client certificate that is not there": (
        ONE_VESSEL + 'client_cert_file = "/no/cert"\nclient_key_file = "/no/key"',
        ["vessel001", "client_cert_file", "/no/cert"],
    ),
    "a proxy without http": (ONE_VESSEL + 'proxy = "proxy.example:3128"', ["vessel001", "proxy", "http://proxy"]),
    "a proxy of another kind": (ONE_VESSEL + 'proxy = "socks5://h:1080"', ["vessel001", "proxy", "http://proxy"]),
    "a proxy with a password": (ONE_VESSEL + 'proxy = "http://a:b@h:1"', ["vessel001", "proxy", "no user or password"]),
    "a proxy with a path": (ONE_VESSEL + 'proxy = "http://h:1/x"', ["vessel001", "proxy", "nothing else"]),
    "a proxy's port that is none": (ONE_VESSEL + 'proxy = "http://h:99999"', ["vessel001", "proxy"]),
    "headers that are not set": (ONE_VESSEL + 'headers_env = "NOT_SET"', ["vessel001", "headers_env", "NOT_SET"]),
    "a vessel's time-out of nothing": (ONE_VESSEL + "timeout_seconds = 0", ["vessel001", "timeout_seconds"]),
    "a vessel's interval of nothing": (
        ONE_VESSEL + "ping_interval_seconds = 0",
        ["vessel001", "ping_interval_seconds"],
    ),
    "a vessel's SLA above 100": (ONE_VESSEL + "uptime_percent = 101", ["vessel001", "uptime_percent"]),
    "a vessel's limit longer than the window": (
        ONE_VESSEL + "stale_after_minutes = 1441",
        ["vessel001", "stale_after_minutes", "sla.window_hours"],
    ),
    "a tag that is none": (ONE_VESSEL + 'tags = ["tanker", "two words"]', ["vessel001", "tags.1"]),
    "tags that are no list": (ONE_VESSEL + 'tags = "tanker"', ["vessel001", "tags"]),
    "tags of the fleet": ('[influxdb]\ntags = ["a"]', ["influxdb.tags", "unknown key"]),
    "behind what is not there": (
        ONE_VESSEL + 'behind = { "192.168.1.60" = "192.168.1.254" }',
        ["vessel001", "behind", "192.168.1.254"],
    ),
    "what is not there behind something": (
        ONE_VESSEL + 'behind = { "Radar" = "192.168.1.60" }',
        ["vessel001", "behind", "Radar"],
    ),
    "a device behind itself": (
        ONE_VESSEL + 'behind = { "192.168.1.60" = "192.168.001.060" }',
        ["vessel001", "behind", "192.168.1.60", "itself"],
    ),
    "a device behind its component": (
        ONE_VESSEL + 'behind = { "192.168.1.60" = "Server" }',
        ["vessel001", "behind", "192.168.1.60", "itself"],
    ),
    "an address behind two": (
        ONE_VESSEL + 'behind = { "192.168.1.60" = "192.168.1.1", "192.168.001.060" = "192.168.1.2" }',
        ["vessel001", "behind", "duplicate", "192.168.1.60"],
    ),
    "an address twice": (
        ONE_VESSEL + 'components = { "Server" = ["192.168.1.1"] }',
        ["vessel001", "components", "192.168.1.1", "duplicate", "Access Point", "Server"],
    ),
    "a URL without a scheme": (ONE_VESSEL + 'url = "10.0.0.1:8086"', ["vessel001", "url", "must be a URL"]),
    "a URL with a password": (ONE_VESSEL + 'url = "http://a:b@h"', ["vessel001", "url", "no user or password"]),
    "a URL with a query": (ONE_VESSEL + 'url = "http://h/?a=1"', ["vessel001", "url"]),
    "a port that is none": (ONE_VESSEL + 'url = "http://h:99999"', ["vessel001", "url"]),
    "no URL": ("[[vessels]]\nid = 'a'", ["'a'", "url", "missing"]),
    "a password and a token": (ONE_VESSEL + 'password_env = "A"\ntoken_env = "B"', ["vessel001", "exclude each other"]),
    "a password that is not set": (ONE_VESSEL + 'password_env = "NOT_SET"', ["vessel001", "password_env", "NOT_SET"]),
    "a password file that is not there": (
        ONE_VESSEL + 'password_file = "/no/such"',
        ["vessel001", "password_file", "/no/such"],
    ),
    "a database of another kind": ('[database]\nurl = "mysql://h/d"', ["database.url", "sqlite", "postgresql"]),
    "a database password in the URL": ('[database]\nurl = "postgresql://u:p@h/d"', ["database.url", "password_env"]),
    "an unknown time zone": ('[schedule]\ntimezone = "Mars/Utopia"', ["schedule.timezone", "Mars/Utopia"]),
    "an hour that is none": ('[schedule]\ndaily_at = "25:00"', ["schedule.daily_at"]),
    "two rhythms": ('[schedule]\ndaily_at = "06:00"\nevery_minutes = 5', ["schedule", "exclude each other"]),
    "no waits": ("[retry]\nbackoff_seconds = []", ["retry.backoff_seconds"]),
    "a wait before the past": ("[retry]\nbackoff_seconds = [-1]", ["retry.backoff_seconds"]),
    "a wait without end": ("[retry]\nbackoff_seconds = [inf]", ["retry.backoff_seconds"]),
    "an SLA above 100": ("[sla]\nuptime_percent = 101", ["sla.uptime_percent"]),
    "a window longer than the look-back": ("[sla]\nwindow_hours = 48\nlookback_days = 1", ["sla", "window_hours"]),
    "the name of unknown addresses": ('[components]\n"Unassigned" = []', ["Unassigned"]),
    "open to the network": ('[server]\nhost = "0.0.0.0"', ["server.host", 'auth = "none"']),
    "accounts that are none": ('[server]\nauth = "accounts"', ["server.auth", "[[accounts]]", "hash-password"]),
    "a password in the clear": (
        '[[accounts]]\nname = "anna"\nrole = "viewer"\npassword_hash = "secret"',
        ["accounts[0]", "anna", "password_hash", "hash-password"],
    ),
    "a role that is none": ('[[accounts]]\nname = "anna"\nrole = "admin"\npassword_hash = ""', ["anna", "role"]),
    "a key in the clear": (
        '[[api_keys]]\nname = "grafana"\nrole = "viewer"\nkey_hash = "fd_x"',
        ["api_keys[0]", "grafana", "key_hash", "make-api-key"],
    ),
    "a name twice": (
        "".join(f'[[api_keys]]\nname = "grafana"\nrole = "viewer"\nkey_hash = "{d * 64}"\n' for d in "01"),
        ["api_keys", "grafana", "duplicate"],
    ),
    "a proxy that is none": ('[server]\ntrusted_proxies = ["nginx"]', ["server.trusted_proxies", "127.0.0.1"]),
    "TOML that is none": ("vessels = [", ["fleet.toml", "TOML"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault: str) -> None:
    text, words = FAULTS[fault]
    message = refusal(text)
    for word in words:
        assert word in message
    assert "open-sesame" not in message


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ("X-Gate open-sesame", ["line 1", "Name: value"]),
        ("X-Site: 7\nopen-sesame", ["line 2", "Name: value"]),
        (": open-sesame", ["line 1", "Name: value"]),
        ("X Gate: open-sesame", ["line 1", "Name: value"]),
        ("X-Gate:", ["line 1", "Name: value"]),
        ("X-Gate: open\x07sesame", ["line 1", "printable"]),
        ("X-Gate: ōpen-sesame", ["line 1", "ASCII"]),
        ("Content-Length: 0", ["Content-Length"]),
        ("Transfer-Encoding: chunked", ["Transfer-Encoding"]),
        ("Authorization: Bearer open-sesame", ["Authorization", "username"]),
        ("X-Gate: 1\nx-gate: 2", ["duplicate", "x-gate"]),
        ("  \n ", ["no header", "Name: value"]),
    ],
)
def test_a_bad_header_is_named_and_not_quoted(headers: str, words: list[str]) -> None:
    message = refusal(ONE_VESSEL + 'headers_env = "GATE"', GATE=headers)
    for word in ("vessel001", "headers_env", "GATE", *words):
        assert word in message
    assert "sesame" not in message


def test_all_faults_are_named_at_once() -> None:
    message = refusal('[retry]\nmax_retries = "3"\n[sla]\nuptime_percent = 101')
    assert "retry.max_retries" in message
    assert "sla.uptime_percent" in message


def test_a_misspelt_environment_variable_is_named() -> None:
    assert "FLEETDASH_SEVRER__PORT" in refusal(ONE_VESSEL, FLEETDASH_SEVRER__PORT="1")
    assert "server.prot" in refusal(ONE_VESSEL, FLEETDASH_SERVER__PROT="1")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        settings.load(tmp_path / "nowhere.toml", {})


HASH = "$argon2id$v=19$m=65536,t=3,p=4$of4cvHpWx0IDx80bKFDgBQ$hsjdq+SvPQxdXQnWAQg4H0yhf7pS0Ynauq8QfioFmIs"
ANNA = f'[[accounts]]\nname = "anna"\nrole = "operator"\npassword_hash = "{HASH}"\n'
GRAFANA = f'[[api_keys]]\nname = "grafana"\nrole = "viewer"\nkey_hash = "{"0f" * 32}"\n'


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("", False),
        ('[server]\nauth = "none"\nhost = "0.0.0.0"', False),
        (ANNA, True),
        (GRAFANA, True),
        (ANNA + '[server]\nauth = "accounts"\nhost = "0.0.0.0"', True),
        (ANNA + '[server]\nhost = "10.0.0.1"', True),
        (ANNA + '[server]\nauth = "none"', False),
    ],
)
def test_one_has_to_log_in_where_there_are_accounts_unless_the_file_says_otherwise(text: str, asks: bool) -> None:
    assert parse(A_VESSEL + text).auth_required is asks


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "fleet.example"])
def test_open_to_others_without_accounts_is_refused_with_what_to_do(host: str) -> None:
    message = refusal(ONE_VESSEL, FLEETDASH_SERVER__HOST=host)
    for word in (host, "[[accounts]]", "hash-password", "127.0.0.1", 'auth = "none"'):
        assert word in message


def test_no_hash_is_printed_with_the_settings() -> None:
    assert "argon2" not in repr(parse(A_VESSEL + ANNA + GRAFANA))


def test_a_vessel_overrides_what_the_fleet_has() -> None:
    first, second = parse(
        """
        [query]
        timeout_seconds = 20
        [sla]
        uptime_percent = 90
        [influxdb]
        url = "http://{vessel_id}"
        retention_policy = "raw"
        match = { host = "telegraf-1" }
        proxy = "http://proxy.example:3128/"
        headers_env = "GATE"
        ping_interval_seconds = 10
        [[vessels]]
        id = "first"
        [[vessels]]
        id = "second"
        retention_policy = ""
        match = {}
        proxy = ""
        headers_env = ""
        timeout_seconds = 2.5
        ping_interval_seconds = 30
        stale_after_minutes = 5
        uptime_percent = 99.5
        tags = ["tanker", "region:north-sea"]
        """,
        GATE="X-Gate: open\r\nX-Site: 7\r\n",
    ).targets
    one, other = first.address, second.address
    assert (one.retention_policy, one.match, one.proxy) == (
        "raw",
        (("host", "telegraf-1"),),
        "http://proxy.example:3128",
    )
    assert [(name, value.get_secret_value()) for name, value in one.headers] == [("X-Gate", "open"), ("X-Site", "7")]
    assert (other.retention_policy, other.match, other.proxy, other.headers) == ("", (), None, ())
    assert (one.timeout_seconds, other.timeout_seconds) == (20, 2.5)
    limits = [
        (each.sla_uptime_percent, each.stale_after.total_seconds(), each.ping_interval.total_seconds())
        for each in (first.vessel.limits, second.vessel.limits)
    ]
    assert limits == [(90, 1800, 10), (99.5, 300, 30)]
    assert (first.vessel.tags, second.vessel.tags) == ((), ("tanker", "region:north-sea"))


def test_addresses_are_shown_as_the_file_writes_them() -> None:
    config = parse(ONE_VESSEL + 'components = { "Server" = [" FD00:0::1 ", "switch-1"] }')
    assert [device.ip_address for device in config.targets[0].vessel.devices[2:]] == ["FD00:0::1", "switch-1"]


def test_behind_names_addresses_in_any_spelling_and_components() -> None:
    config = parse(
        ONE_VESSEL
        + 'behind = { "Access Point" = "192.168.001.060", "192.168.1.2" = "fd00:0::1" }\n'
        + 'components = { "Gateway" = ["fd00::1"] }'
    )
    assert dict(config.targets[0].vessel.behind) == {"192.168.1.1": ("192.168.1.60",), "192.168.1.2": ("fd00::1",)}


def test_the_fleets_behind_leaves_out_what_a_vessel_does_not_have() -> None:
    first, second = parse(
        """
        [influxdb]
        url = "http://{vessel_id}"
        behind = { "Dashboard" = "10.0.0.254", "10.0.0.9" = "Nothing" }
        [components]
        Dashboard = ["10.0.0.1"]
        [[vessels]]
        id = "first"
        components = { Gateway = ["10.0.0.254"] }
        [[vessels]]
        id = "second"
        """
    ).vessels
    assert (dict(first.behind), second.behind) == ({"10.0.0.1": ("10.0.0.254",)}, ())


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_files_of_windows_are_read_as_all_others(tmp_path: Path, bom: str, line_end: str) -> None:
    (tmp_path / "password").write_bytes(f"{bom}öpen sesame{line_end}".encode())
    text = ONE_VESSEL.replace('password_env = "FLEET_PASSWORD"', f'password_file = "{tmp_path}/password"')
    (tmp_path / "fleet.toml").write_bytes((bom + text.replace("\n", line_end)).encode())
    (target,) = settings.load(tmp_path / "fleet.toml", {}).targets
    assert target.vessel.name == "Aurora"
    assert target.address.credentials.password is not None
    assert target.address.credentials.password.get_secret_value() == "öpen sesame"


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(ONE_VESSEL, encoding="utf-16")
    with pytest.raises(ConfigurationError, match="save it as UTF-8"):
        settings.load(tmp_path / "fleet.toml", ENVIRONMENT)


@pytest.mark.parametrize("kind", ["of another certificate", "encrypted", "no key"])
def test_a_key_that_cannot_be_used_is_named(tmp_path: Path, kind: str) -> None:
    authority = Authority(tmp_path)
    certificate, _ = authority.client("shore")
    key = tmp_path / "key.pem"
    key.write_bytes(
        {
            "of another certificate": new_key_pem(),
            "encrypted": new_key_pem(b"passphrase"),
            "no key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",  # pragma: allowlist secret
        }[kind]
    )
    message = refusal(ONE_VESSEL + f'client_cert_file = "{certificate}"\nclient_key_file = "{key}"')
    for word in ("vessel001", "client_key_file", str(key)):
        assert word in message


def test_neither_headers_nor_their_names_are_printed_with_the_settings() -> None:
    config = parse(ONE_VESSEL + 'headers_env = "GATE"', GATE="X-Gate: much-hidden")
    assert "hidden" not in repr(config)
    assert "X-Gate" not in repr(config)
