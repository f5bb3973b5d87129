"""`check` and `discover`, as a person meets them: real processes that ask a real InfluxDB."""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from fleetdash.domain.advice import advice
from fleetdash.domain.runs import ErrorKind
from tests.support import present
from tests.support.influxd import Influxd
from tests.support.servers import free_port

APP = Path(__file__).resolve().parents[2] / "app.py"
ODD = ['say "hello"', "back\\slash", "Ærø – Ōsaka", "https://10.0.0.1/x?y=[1]", "#no comment", "'single'", "a = b"]


@pytest.fixture
def vessel(influxd: Influxd) -> str:
    """The id of a vessel, and the name of its empty database."""
    name = f"survey{uuid4().hex[:8]}"
    influxd.create_database(name)
    return name


def pings(influxd: Influxd, vessel: str, addresses: Sequence[str], *, minutes_ago: int = 5) -> None:
    escapes = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
    at = int(present.now().timestamp()) - 60 * minutes_ago
    influxd.write(
        vessel,
        [f"ping,url={address.translate(escapes)} result_code=0i,percent_packet_loss=0 {at}" for address in addresses],
    )


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(APP), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def write(folder: Path, text: str) -> None:
    (folder / "fleetdash.toml").write_text(text)


def only_the_fleet_file(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["fleetdash.toml"]


def entry(vessel: str, url: str, **keys: Any) -> str:
    lines = [f"{name} = {value}" for name, value in keys.items()]
    return "\n".join(["[[vessels]]", f'id = "{vessel}"', f'url = "{url}"', *lines, ""])


def test_check_names_addresses_that_are_missing_and_those_that_are_not_in_the_file(
    influxd: Influxd, vessel: str, tmp_path: Path
) -> None:
    pings(influxd, vessel, ["10.0.0.1", "fd00:0:0::0001", "10.0.0.9", "switch-1"])
    write(tmp_path, entry(vessel, influxd.url, components='{ "Server" = ["10.0.0.1", "fd00::1", "10.0.0.2"] }'))
    done = run(tmp_path, "check")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{vessel}: answered for 2 of 3 devices in the fleet file; no data of 10.0.0.2; ")
    assert "; not in the fleet file: 10.0.0.9, switch-1 (" in line
    assert only_the_fleet_file(tmp_path)


def test_check_says_that_all_is_as_in_the_file(influxd: Influxd, vessel: str, tmp_path: Path) -> None:
    pings(influxd, vessel, ["10.0.0.1", "10.0.0.2"])
    write(tmp_path, entry(vessel, influxd.url, components='{ "Server" = ["10.0.0.1", "10.0.0.2"] }'))
    done = run(tmp_path, "check")
    assert (done.returncode, "answered for 2 of 2 devices in the fleet file (" in done.stdout) == (0, True)


def test_check_says_what_to_do_about_a_vessel_that_was_not_reached(
    influxd: Influxd, vessel: str, tmp_path: Path
) -> None:
    closed, no_database = f"http://127.0.0.1:{free_port()}", f"{vessel}-none"
    write(tmp_path, entry(vessel, influxd.url) + entry("closed", closed) + entry(no_database, influxd.url))
    done = run(tmp_path, "check")
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 1
    assert lines[vessel].startswith("answered")
    assert lines["closed"].startswith("connection: the vessel refused the connection")
    assert lines["closed"].endswith(f"What to do: {advice(ErrorKind.CONNECTION)}")
    assert lines[no_database].startswith("configuration: ")
    assert lines[no_database].endswith(f"What to do: {advice(ErrorKind.CONFIGURATION)}")


def test_discover_makes_a_file_of_new_vessels_that_check_accepts(influxd: Influxd, vessel: str, tmp_path: Path) -> None:
    pings(influxd, vessel, ["10.0.0.1", "fd00:0:0::0001", *ODD])
    done = run(tmp_path, "discover", "--new", f"{vessel}={influxd.url}/")
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
    (found,) = tomllib.loads(done.stdout)["vessels"]
    assert (found["id"], found["url"]) == (vessel, influxd.url)
    assert set(found["components"]["Device"]) == {"10.0.0.1", "fd00::1", *ODD}
    write(tmp_path, done.stdout)
    checked = run(tmp_path, "check")
    assert checked.returncode == 0, checked.stderr
    devices = 2 + len(ODD)
    assert f"answered for {devices} of {devices} devices in the fleet file (" in checked.stdout
    assert only_the_fleet_file(tmp_path)


def test_discover_prints_the_line_that_a_vessel_lacks(influxd: Influxd, vessel: str, tmp_path: Path) -> None:
    """It takes over what the entry has, and leaves out what all vessels have."""
    pings(influxd, vessel, ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"])
    fleet = '[components]\n"Server" = ["10.0.0.1"]\n"Device" = ["10.0.0.2"]\n'
    write(tmp_path, fleet + entry(vessel, influxd.url))
    done = run(tmp_path, "discover")
    assert tomllib.loads(done.stdout) == {"components": {"Device": ["10.0.0.2", "10.0.0.3", "10.0.0.4"]}}
    assert done.stdout.startswith(f"# in the entry of {vessel}, below its id:\n")
    write(tmp_path, fleet + entry(vessel, influxd.url) + done.stdout)
    assert "answered for 4 of 4 devices in the fleet file (" in run(tmp_path, "check").stdout

    own = entry(vessel, influxd.url, components='{ "Access Point" = ["10.0.0.3"] }')
    write(tmp_path, fleet + own)
    done = run(tmp_path, "discover")
    assert done.stdout.startswith(f"# in the entry of {vessel}, instead of its components:\n")
    write(tmp_path, fleet + entry(vessel, influxd.url) + done.stdout)
    assert "answered for 4 of 4 devices in the fleet file (" in run(tmp_path, "check").stdout
    assert run(tmp_path, "discover").stdout == ""


def test_discover_says_once_what_every_vessel_has(influxd: Influxd, tmp_path: Path) -> None:
    vessels = [f"survey{uuid4().hex[:8]}" for _ in range(2)]
    for vessel in vessels:
        influxd.create_database(vessel)
        pings(influxd, vessel, [f"10.0.0.{number}" for number in range(1, 21)])
    file = "".join(entry(vessel, influxd.url) for vessel in vessels)
    write(tmp_path, file)
    done = run(tmp_path, "discover")
    assert done.returncode == 0, done.stderr
    write(tmp_path, file + done.stdout)
    assert run(tmp_path, "check").stdout.count("answered for 20 of 20 devices in the fleet file (") == 2

    pings(influxd, vessels[1], ["10.9.9.9"])
    write(tmp_path, file)
    found = tomllib.loads(run(tmp_path, "discover").stdout)["vessels"]
    assert [each["id"] for each in found] == vessels
    assert [len(each["components"]["Device"]) for each in found] == [20, 21]


def test_discover_asks_only_the_new_vessels_and_says_which_were_not_reached(
    influxd: Influxd, vessel: str, tmp_path: Path
) -> None:
    pings(influxd, vessel, ["10.0.0.1"])
    closed = f"http://127.0.0.1:{free_port()}"
    write(tmp_path, entry("old", closed))
    done = run(tmp_path, "discover", "--new", f"{vessel}={influxd.url}", f"closed={closed}")
    assert done.returncode == 1
    assert [each["id"] for each in tomllib.loads(done.stdout)["vessels"]] == [vessel]
    lines = dict(line.split(": ", 1) for line in done.stderr.splitlines())
    assert sorted(lines) == sorted([vessel, "closed"])
    assert lines["closed"].endswith(advice(ErrorKind.CONNECTION))


def test_discover_takes_two_thousand_addresses(influxd: Influxd, vessel: str, tmp_path: Path) -> None:
    pings(influxd, vessel, [f"10.0.{number // 250}.{number % 250}" for number in range(2_050)] + ["x" * 256])
    done = run(tmp_path, "discover", "--new", f"{vessel}={influxd.url}")
    assert done.returncode == 0, done.stderr
    (found,) = tomllib.loads(done.stdout)["vessels"]
    assert len(found["components"]["Device"]) == 2_000
    assert "51 addresses too long or too many are left out" in done.stderr
    write(tmp_path, done.stdout)
    assert run(tmp_path, "check").returncode == 0


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("vessel001", "write it as ID=URL"),
        ("vessel001=10.0.0.1", "url"),
        ("a b=http://10.0.0.1:8086", "id"),
        ("vessel001=http://user:secret@10.0.0.1:8086", "username"),  # pragma: allowlist secret
    ],
)
def test_a_new_vessel_that_cannot_be_is_refused(new: str, said: str, tmp_path: Path) -> None:
    done = run(tmp_path, "discover", "--new", new)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_vessel_that_the_file_has_already_is_refused(tmp_path: Path) -> None:
    write(tmp_path, entry("aurora", "http://127.0.0.1:1"))
    done = run(tmp_path, "discover", "--new", "aurora=http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'aurora'" in done.stderr


def test_check_diagnoses_a_vessel_that_shows_nothing_and_names_the_line_to_write(
    influxd: Influxd, vessel: str, tmp_path: Path
) -> None:
    influxd.query("", f'CREATE RETENTION POLICY "two_weeks" ON "{vessel}" DURATION 14d REPLICATION 1 DEFAULT')
    pings(influxd, vessel, ["10.0.0.1"])
    influxd.query("", f'ALTER RETENTION POLICY "autogen" ON "{vessel}" DEFAULT')
    write(tmp_path, entry(vessel, influxd.url, components='{ "Server" = ["10.0.0.1"] }'))
    remedy = 'retention_policy = "two_weeks"'
    for command in ("check", "check"):  # always, not once an hour
        done = run(tmp_path, command)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
        assert "answered for 0 of 1 devices in the fleet file; no data of 10.0.0.1 (" in done.stdout
        assert f"set {remedy}." in done.stdout
    assert f"set {remedy}." in run(tmp_path, "discover").stderr
    write(tmp_path, entry(vessel, influxd.url, components='{ "Server" = ["10.0.0.1"] }') + remedy)
    assert "answered for 1 of 1 devices in the fleet file (" in run(tmp_path, "check").stdout
