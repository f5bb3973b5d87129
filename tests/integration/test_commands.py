"""The command line, as a person or cron meets it: real processes, their output and exit codes."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fleetdash.config import settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.behaviour import hanging, unplugged
from fleetdash.demo.vessels import VesselProfile
from tests.support.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
WELL = [VesselProfile("aurora"), VesselProfile("borealis")]
A_VESSEL = '[[vessels]]\nid = "aurora"\nurl = "http://127.0.0.1:9"\n'
LAST_LINES = re.compile(r"the page is at (\S+)")


class Shore:
    """A working folder from which commands are started; what still runs is ended with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def write(self, text: str, name: str = "fleetdash.toml") -> None:
        (self.folder / name).write_text(text.replace("backoff_seconds = [1, 2, 4]", "backoff_seconds = [0.05]"))

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(APP), *arguments],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("FLEETDASH_")} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def serve(self, *arguments: str) -> tuple[subprocess.Popen[str], str]:
        """A serving process and the address of its page."""
        process = self.start("serve", "--port", "0", *arguments)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := LAST_LINES.search(line):
                return process, found[1]
        raise AssertionError("".join(said))

    def runs(self) -> list[tuple[str, str, int, int]]:
        """Trigger, status, reached and not reached of each run, as another program reads them."""
        with sqlite3.connect(self.folder / "fleetdash-demo.db") as database:
            query = "SELECT trigger, status, successful_vessels, failed_vessels FROM scheduler_runs ORDER BY id"
            return database.execute(query).fetchall()

    def wal_bytes(self) -> int:
        log = self.folder / "fleetdash-demo.db-wal"
        return log.stat().st_size if log.exists() else 0

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def shore(tmp_path: Path) -> Iterator[Shore]:
    shore = Shore(tmp_path)
    yield shore
    shore.end()


def test_without_a_fleet_file_both_ways_on_are_told(shore: Shore) -> None:
    for arguments in ([], ["serve"], ["run-once"], ["check"], ["migrate"]):
        done = shore.run(*arguments)
        assert done.returncode == 2
        assert "fleetdash.toml" in done.stderr
        assert "--demo" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_usage_names_what_to_type(shore: Shore) -> None:
    assert shore.run("--help").stdout.startswith("usage: python app.py ")
    assert shore.run("check", "--help").stdout.startswith("usage: python app.py check ")


def test_a_bad_fleet_file_starts_nothing(shore: Shore) -> None:
    shore.write("[retry]\nmax_retries = 'many'")
    for command in ("serve", "run-once", "check", "migrate"):
        done = shore.run(command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "retry.max_retries" in done.stderr
    assert [path.name for path in shore.folder.iterdir()] == ["fleetdash.toml"]


def test_the_file_is_named_by_the_flag_before_or_after_the_command_or_by_the_environment(shore: Shore) -> None:
    shore.write(A_VESSEL, "mine.toml")
    for done in (
        shore.run("--config", "mine.toml", "migrate"),
        shore.run("migrate", "--config", "mine.toml"),
        shore.run("migrate", FLEETDASH_CONFIG="mine.toml"),
    ):
        assert done.returncode == 0, done.stderr
    assert shore.run("migrate", "--config", "other.toml").returncode == 2


def test_run_once_makes_one_run_and_says_by_its_exit_code_how_it_went(shore: Shore) -> None:
    with DemoFleet(profiles=WELL) as fleet:
        shore.write(fleet.fleet_file())
        done = shore.run("run-once")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 vessels reached" in done.stdout
    with DemoFleet(profiles=[*WELL, VesselProfile("calypso", behaviour=unplugged())]) as fleet:
        shore.write(fleet.fleet_file())
        assert shore.run("run-once").returncode == 1
    assert shore.runs() == [("manual", "completed", 2, 0), ("manual", "partial", 2, 1)]


def test_check_prints_a_line_a_vessel_and_writes_nothing(shore: Shore) -> None:
    with DemoFleet(profiles=[*WELL, VesselProfile("calypso", behaviour=unplugged())]) as fleet:
        shore.write(fleet.fleet_file())
        done = shore.run("check")
        assert fleet.requests("calypso") == 1  # no retry; those that answer are also diagnosed
    assert done.returncode == 1
    lines = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert sorted(lines) == ["aurora", "borealis", "calypso"]
    assert "answered" in lines["aurora"]
    assert "connection" in lines["calypso"]
    assert [path.name for path in shore.folder.iterdir()] == ["fleetdash.toml"]


def test_check_names_addresses_that_are_missing_and_those_that_are_not_listed(shore: Shore) -> None:
    with DemoFleet(profiles=WELL[:1]) as fleet:
        text = fleet.fleet_file()
        first, second, *_ = (device.ip_address for device in settings.parse(text).vessels[0].devices)
        zeros = ".".join(part.zfill(3) for part in second.split("."))
        shore.write(text.replace(f'"{first}"', '"FD00:0::1"').replace(f'"{second}"', f'"{zeros}"'))
        done = shore.run("check")
    assert done.returncode == 0
    assert "no data of FD00:0::1;" in done.stdout
    assert f"not in the fleet file: {first} " in done.stdout
    assert zeros not in done.stdout


@pytest.mark.parametrize("text", ["", "\ufeff", "vessels = []", "[influxdb]\nurl = 'http://x'"])
def test_a_fleet_file_without_vessels_says_what_to_write(shore: Shore, text: str) -> None:
    shore.write(text)
    for command in ("serve", "run-once", "check", "migrate"):
        done = shore.run(command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "[[vessels]]" in done.stderr
        assert "Traceback" not in done.stderr
    assert [path.name for path in shore.folder.iterdir()] == ["fleetdash.toml"]


def test_the_database_is_one_file_when_fleetdash_has_stopped(shore: Shore) -> None:
    with DemoFleet(profiles=WELL) as fleet:
        shore.write(fleet.fleet_file())
        assert shore.run("run-once").returncode == 0
        assert shore.wal_bytes() == 0
        process, url = shore.serve()
        wait_until(lambda: requests.get(f"{url}api/scheduler-runs", timeout=5).json()["items"], "a run")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert shore.wal_bytes() == 0


def test_migrate_makes_the_database_and_then_finds_nothing_to_do(shore: Shore) -> None:
    shore.write(A_VESSEL)
    assert "0001_initial" in shore.run("migrate").stdout
    assert "newest schema" in shore.run("migrate").stdout


def test_demo_fleet_prints_a_file_that_asks_it(shore: Shore) -> None:
    process = shore.start("demo-fleet", "--vessels", "3", "--seed", "7")
    assert process.stdout is not None
    text = ""
    while "vessel003" not in text:
        text += process.stdout.readline()
    text += process.stdout.readline() + process.stdout.readline()
    assert [vessel.vessel.id for vessel in settings.parse(text, {}).targets] == ["vessel001", "vessel002", "vessel003"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_stops_within_5_seconds_whatever_is_under_way(shore: Shore, number: signal.Signals) -> None:
    with DemoFleet(profiles=[*WELL, VesselProfile("calypso", behaviour=hanging())]) as fleet:
        shore.write(fleet.fleet_file())
        process, url = shore.serve()
        wait_until(lambda: fleet.requests("calypso"), "the vessel that hangs to be asked")
        wait_until(lambda: requests.get(f"{url}api/health", timeout=5).json()["scheduler"]["current_run_id"])
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(6) == 0
        assert time.monotonic() - started < 5
    assert shore.runs() == [("startup", "interrupted", 2, 0)]


def test_run_once_is_interrupted_by_a_signal(shore: Shore) -> None:
    with DemoFleet(profiles=[*WELL, VesselProfile("calypso", behaviour=hanging())]) as fleet:
        shore.write(fleet.fleet_file())
        process = shore.start("run-once")
        wait_until(lambda: fleet.requests("calypso"), "the vessel that hangs to be asked")
        process.send_signal(signal.SIGTERM)
        assert process.wait(6) == 1
    assert shore.runs()[0][1] == "interrupted"


def test_run_once_leaves_the_runs_to_the_process_that_schedules(shore: Shore) -> None:
    with DemoFleet(profiles=WELL) as fleet:
        shore.write(fleet.fleet_file())
        shore.serve()
        wait_until(lambda: [run[1] for run in shore.runs()] == ["completed"], "the first run")
        done = shore.run("run-once")
    assert done.returncode == 1
    assert "another process schedules" in done.stderr
    assert len(shore.runs()) == 1


def test_a_port_that_is_taken_is_told_before_anything_starts(shore: Shore) -> None:
    with DemoFleet(profiles=WELL) as fleet:
        shore.write(fleet.fleet_file())
        port = fleet.url.rpartition(":")[2]
        done = shore.run("serve", "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr
    assert [path.name for path in shore.folder.iterdir()] == ["fleetdash.toml"]


def test_without_a_scheduler_the_page_is_served_and_no_vessel_is_asked(shore: Shore) -> None:
    with DemoFleet(profiles=WELL) as fleet:
        shore.write(fleet.fleet_file())
        _, url = shore.serve("--no-scheduler")
        overview = requests.get(f"{url}api/fleet-overview", timeout=5).json()
        assert [vessel["sync_status"] for vessel in overview["vessels"]] == ["no_history"] * 2
        assert requests.get(url, timeout=5).text.startswith("<!DOCTYPE html>")
        assert requests.post(f"{url}api/scheduler-runs", timeout=5).status_code in (202, 503)
        assert fleet.requests("aurora") == 0
