"""The fleet file is read as documented, and whatever is wrong with it is named."""

from pathlib import Path

import pytest

from fleetdash.config import settings
from fleetdash.config.settings import Settings
from fleetdash.errors import ConfigurationError

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


@pytest.mark.parametrize(("vessels", "at_once"), [(0, 1), (1, 1), (66, 66), (128, 128), (500, 128)])
def test_all_vessels_are_asked_at_once_up_to_128(vessels: int, at_once: int) -> None:
    fleet = '[influxdb]\nurl = "http://x"\n' + "".join(f'[[vessels]]\nid = "v{n}"\n' for n in range(vessels))
    assert parse(fleet).max_concurrent_vessels == at_once


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
    "an id twice": (ONE_VESSEL + "[[vessels]]\nid = 'vessel001'", ["vessel001", "twice"]),
    "an address twice": (
        ONE_VESSEL + 'components = { "Server" = ["192.168.1.1"] }',
        ["vessel001", "components", "192.168.1.1", "twice", "Access Point", "Server"],
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
        ["api_keys", "grafana", "twice"],
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
    assert parse(text).auth_required is asks


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "fleet.example"])
def test_open_to_others_without_accounts_is_refused_with_what_to_do(host: str) -> None:
    message = refusal(ONE_VESSEL, FLEETDASH_SERVER__HOST=host)
    for word in (host, "[[accounts]]", "hash-password", "127.0.0.1", 'auth = "none"'):
        assert word in message


def test_no_hash_is_printed_with_the_settings() -> None:
    assert "argon2" not in repr(parse(ANNA + GRAFANA))
