"""What Prometheus is told, and that it understands it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from fleetdash.domain.runs import RunStatus, SchedulerStatus
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates
from tests.support.access import VIEWERS_KEY, guarded_app
from tests.support.access import SchedulerStub as AnyScheduler
from tests.support.api import SchedulerStub, a_fleet, open_api, serving
from tests.support.clock import FakeClock
from tests.support.prometheus import DOCUMENTED, prometheus
from tests.support.records import NOON
from tests.support.servers import program
from tests.support.statements import statements_sent
from tests.support.waiting import wait_until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Samples = dict[tuple[str, str], float]


@pytest.fixture
def recorder(database: peewee.Database) -> Recorder:
    return Recorder(database, VesselStates(database))


@pytest.fixture
def scheduler() -> SchedulerStub:
    return SchedulerStub(SchedulerStatus(True, None, NOON, NOON, overdue=True, waiting_records=3))


@pytest.fixture
def queries(database: peewee.Database) -> FleetReader:
    return FleetReader(database)


@pytest.fixture
def served(queries: FleetReader, scheduler: SchedulerStub, clock: FakeClock) -> Iterator[str]:
    with serving(open_api(queries, scheduler, clock)) as address:
        yield address


def scrape(served: str) -> Samples:
    """Each sample's value by its name and its labels' values."""
    answer = requests.get(f"{served}/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_fleet_and_its_runs_are_told_in_numbers(served: str, recorder: Recorder) -> None:
    run = a_fleet(recorder)
    found = scrape(served)
    assert found["fleetdash_runs_total", "partial"] == 1
    assert found["fleetdash_runs_total", "completed"] == 0
    assert found["fleetdash_attempts_total", "none"] == 2
    assert found["fleetdash_attempts_total", "timeout"] == 2
    assert found["fleetdash_attempts_total", "tls"] == 0
    assert found["fleetdash_query_duration_seconds_count", ""] == 4
    assert found["fleetdash_query_duration_seconds_bucket", "0.5"] == 2
    assert found["fleetdash_query_duration_seconds_bucket", "30.0"] == 4
    assert found["fleetdash_query_duration_seconds_sum", ""] == 61
    assert found["fleetdash_run_duration_seconds_count", ""] == 1
    assert found["fleetdash_run_duration_seconds_sum", ""] == run.duration_seconds
    assert found["fleetdash_vessel_last_success_timestamp_seconds", "aurora"] == NOON.timestamp()
    assert ("fleetdash_vessel_last_success_timestamp_seconds", "calypso") not in found
    devices = {key[1]: value for key, value in found.items() if key[0] == "fleetdash_devices" and value}
    assert devices == {"operational": 2, "down": 1, "sync_failed": 1}
    assert found["fleetdash_vessels_by_sync_status", "sync_failed"] == 1
    assert found["fleetdash_scheduler_overdue", ""] == 1
    assert found["fleetdash_journal_records", ""] == 3
    assert found["fleetdash_database_up", ""] == 1
    assert found["process_resident_memory_bytes", ""] > 0


def test_counters_only_grow_and_count_nothing_twice(served: str, recorder: Recorder, queries: FleetReader) -> None:
    log: SchedulerRunLogger = recorder.runs
    a_fleet(recorder)
    before = scrape(served)
    assert scrape(served)["fleetdash_query_duration_seconds_count", ""] == 4
    run = a_fleet(recorder)
    after = scrape(served)
    for key, value in before.items():
        if re.search("_(total|count|sum|bucket)$", key[0]) and key[0].startswith("fleetdash"):
            assert after[key] >= value, key
    assert after["fleetdash_attempts_total", "timeout"] == 4
    assert after["fleetdash_run_duration_seconds_count", ""] == 2
    cut = log.log_run_start(run.trigger, 3, NOON)
    log.log_run_completion(cut.run_id, NOON, duration_seconds=9.0, status=RunStatus.INTERRUPTED)
    assert scrape(served)["fleetdash_run_duration_seconds_count", ""] == 2


@sqlite_only
def test_a_database_that_is_away_is_told_of(
    served: str, queries: FleetReader, monkeypatch: pytest.MonkeyPatch, database: peewee.Database
) -> None:
    before = scrape(served)["fleetdash_database_errors_total", ""]
    with database.connection_context():
        database.execute_sql("ALTER TABLE run_days RENAME TO gone")
    found = scrape(served)
    assert (found["fleetdash_database_up", ""], found["fleetdash_scheduler_running", ""]) == (0, 1)
    assert found["fleetdash_database_errors_total", ""] > before
    with pytest.raises(StorageError):
        queries.metrics()


def test_a_scrape_costs_the_same_whatever_the_history(
    queries: FleetReader, recorder: Recorder, database: peewee.Database
) -> None:
    def cost() -> int:
        with statements_sent(database) as statements:
            queries.metrics()
        return sum(sql.startswith("SELECT") for sql, _ in statements)

    empty = cost()
    for _ in range(3):
        a_fleet(recorder)
    assert cost() == cost() == empty == 5


@pytest.mark.parametrize(
    "arguments",
    [["check", "config", "scrape.yml"], ["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]],
)
def test_the_documented_files_are_what_prometheus_takes(tmp_path: Path, arguments: list[str]) -> None:
    for file in DOCUMENTED.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "fleetdash.key").write_text("x")
    done = subprocess.run(
        [program("promtool"), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@sqlite_only
def test_every_figure_that_a_rule_or_the_document_names_is_there(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    known = {name for name, _ in scrape(served)}
    for document in (DOCUMENTED / "alerts.yml", DOCUMENTED.parent / "monitoring.md"):
        named = set(re.findall(r"\bfleetdash_[a-z_]+\b", document.read_text()))
        assert named
        assert {name for name in named if not any(each.startswith(name) for each in known)} == set()


@sqlite_only
def test_the_text_follows_prometheus_own_advice(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    text = requests.get(f"{served}/metrics", timeout=10).text
    ours = "".join(line for line in text.splitlines(keepends=True) if "fleetdash_" in line)
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=ours, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.integration
@sqlite_only
def test_prometheus_scrapes_it_with_a_key(database: peewee.Database, recorder: Recorder, clock: FakeClock) -> None:
    a_fleet(recorder)
    with (
        serving(guarded_app(database, clock, AnyScheduler())) as address,
        prometheus(int(address.rpartition(":")[2]), VIEWERS_KEY) as server,
    ):
        wait_until(lambda: server.value('up{job="fleetdash"}') == 1, "Prometheus to scrape", seconds=30)
        assert server.value('fleetdash_devices{sync_status="down"}') == 1
        wait_until(lambda: set(server.rules().values()) == {"ok"}, "the rules to be evaluated", seconds=30)
