"""Runs while the database is locked, its disk full or PostgreSQL stopped: nothing waits for it, nothing is lost."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fleetdash.api.health import HealthStatus, read_health
from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.runs import RunStatus
from fleetdash.domain.schedule import Schedule
from fleetdash.errors import JournalFull
from fleetdash.monitoring.monitor import FleetMonitor
from fleetdash.monitoring.pool import WorkerPool
from fleetdash.monitoring.retry import RetryPolicy
from fleetdash.monitoring.scheduler import Scheduler
from fleetdash.queries import FleetReader
from fleetdash.storage.database import migrate, open_database, sqlite_file
from fleetdash.storage.journal import Journal, JournalledRecorder
from fleetdash.storage.locks import scheduling_lock
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema import SchedulerRunLog, VesselQueryResult, VesselRecord
from fleetdash.storage.vessel_states import VesselStates
from tests.support.outages import Outage, outage_of
from tests.support.raw_vessel import Conduct, RawVessel, http, nothing_recorded, says
from tests.support.vessels import client, vessel_at
from tests.support.waiting import wait_until

ANSWER = http("200 OK", nothing_recorded())
BROKEN = http("503 Service Unavailable")
CAPACITY = 256 * 1024
DAILY = Schedule(1440, None, ZoneInfo("UTC"))


class Voyage:
    """A scheduler on a database that may go away; `gate` holds back the answers of the vessels behind it."""

    def __init__(self, outage: Outage, folder: Path, *, reserve: int = 16 * 1024) -> None:
        self.outage = outage
        self.folder = folder
        self.gate = threading.Event()
        self.reserve = reserve
        self._stack = ExitStack()
        self.database = open_database(outage.url)
        migrate(self.database)
        self.log = SchedulerRunLogger(self.database)
        self.vessels = [
            self._vessel("prompt", says(ANSWER)),
            self._vessel("gated", self._gated(ANSWER)),
            self._vessel("flaky", self._gated(BROKEN)),
        ]
        self.scheduler = self.new_scheduler()

    @property
    def journal_path(self) -> Path:
        file = sqlite_file(self.outage.url)
        return (file.parent if file else self.folder) / "runs.journal"

    def new_scheduler(self) -> Scheduler:
        clock = SystemClock()
        ask = client(10.0).ask
        recorder = JournalledRecorder(
            self.database,
            VesselStates(self.database),
            Journal(self.journal_path, CAPACITY),
            clock,
            reserve=self.reserve,
        )
        monitor = FleetMonitor(
            self.vessels,
            recorder,
            new_pool=lambda: WorkerPool(ask, clock, 8),
            policy=RetryPolicy(max_retries=1, waits=(0.02,)),
            clock=clock,
        )
        lock = scheduling_lock(self.database, sqlite_file(self.outage.url))
        scheduler = Scheduler(monitor, DAILY, lock, clock, run_on_start=False)
        self._stack.callback(scheduler.stop)
        scheduler.start()
        wait_until(lambda: scheduler.status().is_local, "the scheduler to take over")
        return scheduler

    def run(self) -> str:
        """Ask for a run, and wait for its end."""
        run_id = self.scheduler.request_run()
        self.wait_for_end()
        return run_id

    def wait_for_end(self) -> None:
        wait_until(lambda: self.scheduler.status().current_run_id is None, "the run to end")

    def wait_until_written(self) -> None:
        wait_until(lambda: self.scheduler.status().waiting_records == 0, "the journal to be written")

    def attempts(self, run_id: str) -> list[tuple[str, int]]:
        return [(a.vessel_id, a.attempt_number) for a in self.log.get_run_details(run_id).attempts]

    def close(self) -> None:
        self.gate.set()
        self._stack.close()

    def _vessel(self, id: str, conduct: Conduct) -> VesselTarget:
        return vessel_at(self._stack.enter_context(RawVessel(conduct)).url, id=id)

    def _gated(self, answer: bytes) -> Conduct:
        def conduct(connection: socket.socket) -> None:
            self.gate.wait(20)
            says(answer)(connection)

        return conduct


@pytest.fixture(params=["locked", "full", "stopped"])
def outage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outage]:
    with outage_of(request.param, tmp_path) as outage:
        yield outage


@pytest.fixture
def voyage(outage: Outage, tmp_path: Path) -> Iterator[Voyage]:
    voyage = Voyage(outage, tmp_path)
    yield voyage
    voyage.close()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Voyage]:
    """Where it makes no difference how the database is away."""
    with outage_of("locked", tmp_path) as outage:
        voyage = Voyage(outage, tmp_path)
        yield voyage
        voyage.close()


def attempts_in_order() -> list[tuple[int, str, int]]:
    """Run, vessel and attempt number as they were written."""
    rows = VesselQueryResult.select().order_by(VesselQueryResult.id)
    return [(row.run_id, row.vessel_id, row.attempt_number) for row in rows]


def test_a_run_goes_on_and_all_of_it_is_written_once_the_database_is_back(voyage: Voyage) -> None:
    first = voyage.scheduler.request_run()
    wait_until(lambda: voyage.attempts(first) == [("prompt", 1)])
    voyage.outage.begin()
    voyage.gate.set()
    voyage.wait_for_end()
    second, third = voyage.run(), voyage.run()

    status = voyage.scheduler.status()
    assert status.waiting_records == 3 + 1 + 6 + 6  # the rest of the first run, two whole ones
    assert status.waiting_since is not None
    if voyage.outage.readable:
        assert voyage.attempts(first) == [("prompt", 1)]

    voyage.outage.end()
    voyage.wait_until_written()
    runs = [voyage.log.run(run_id) for run_id in (first, second, third)]
    assert len({run.run_id for run in runs}) == 3 == SchedulerRunLog.select().count()
    assert [run.run_id for run in runs] == sorted(run.run_id for run in runs)
    assert [(r.status, r.successful_vessels, r.failed_vessels, r.retry_attempts) for r in runs] == [
        (RunStatus.PARTIAL, 2, 1, 1)
    ] * 3
    for run_id in (first, second, third):
        assert sorted(voyage.attempts(run_id)) == [("flaky", 1), ("flaky", 2), ("gated", 1), ("prompt", 1)]
    written = attempts_in_order()
    assert written == sorted(written, key=lambda each: each[0])
    assert {row.id: row.sync_status for row in VesselRecord.select()}["flaky"] == "sync_failed"
    assert voyage.run().isdecimal()  # and straight to the database again


def test_health_and_status_say_that_records_wait_and_since_when(voyage: Voyage) -> None:
    queries = FleetReader(voyage.database)
    voyage.gate.set()
    voyage.run()
    assert read_health(queries, voyage.scheduler).status is HealthStatus.OK
    voyage.outage.begin()
    voyage.run()
    health = read_health(queries, voyage.scheduler)
    assert health.status is (HealthStatus.DEGRADED if voyage.outage.readable else HealthStatus.FAILING)
    assert health.journal.waiting_records == 6
    assert health.reason is not None
    assert "6 records" in health.reason
    voyage.outage.end()
    voyage.wait_until_written()
    health = read_health(queries, voyage.scheduler)
    assert (health.status, health.reason) == (HealthStatus.OK, None)


def test_a_locked_database_delays_no_attempt(locked: Voyage) -> None:
    locked.gate.set()
    locked.outage.begin()
    run = locked.scheduler.request_run()
    started = time.monotonic()
    locked.wait_for_end()
    # 4 attempts, each of which would have waited for the lock for 5 s
    assert time.monotonic() - started < 2
    locked.outage.end()
    locked.wait_until_written()
    assert (locked.log.run(run).duration_seconds or 99) < 2


def test_what_a_dead_process_left_in_the_journal_is_written_before_anything_else(locked: Voyage) -> None:
    locked.gate.set()
    locked.outage.begin()
    run = locked.run()
    locked.scheduler.stop()
    locked.outage.end()
    locked.scheduler = locked.new_scheduler()
    assert locked.log.run(run).status is RunStatus.PARTIAL
    assert locked.scheduler.status().waiting_records == 0


def test_a_run_that_died_while_it_waited_in_the_journal_is_interrupted_with_what_it_reached(locked: Voyage) -> None:
    locked.outage.begin()
    run = locked.scheduler.request_run()
    wait_until(lambda: locked.scheduler.status().waiting_records == 2, "its start and the prompt vessel's attempt")
    as_of_now = locked.journal_path.read_bytes()  # all that a kill -9 would leave
    locked.gate.set()
    locked.wait_for_end()
    locked.scheduler.stop()
    locked.journal_path.write_bytes(as_of_now)
    locked.outage.end()
    locked.scheduler = locked.new_scheduler()
    closed = locked.log.run(run)
    assert (closed.status, closed.successful_vessels) == (RunStatus.INTERRUPTED, 1)
    assert locked.attempts(run) == [("prompt", 1)]


def test_nothing_is_written_twice_when_the_process_dies_before_it_could_empty_the_journal(locked: Voyage) -> None:
    locked.gate.set()
    locked.outage.begin()
    run = locked.run()
    full = locked.journal_path.read_bytes()
    locked.outage.end()
    locked.wait_until_written()
    before = attempts_in_order(), locked.log.get_recent_runs()
    locked.scheduler.stop()
    locked.journal_path.write_bytes(full)
    locked.scheduler = locked.new_scheduler()
    assert locked.scheduler.status().waiting_records == 0
    assert (attempts_in_order(), locked.log.get_recent_runs()) == before
    assert len(locked.attempts(run)) == 4


def test_a_full_journal_starts_no_run_and_says_so(tmp_path: Path) -> None:
    with outage_of("locked", tmp_path) as outage:
        voyage = Voyage(outage, tmp_path, reserve=CAPACITY - 8 * 1024)
        voyage.gate.set()
        outage.begin()
        made = [voyage.run()]
        while not voyage.scheduler.status().journal_full:
            made.append(voyage.run())
        with pytest.raises(JournalFull, match="full: no run is started"):
            voyage.scheduler.request_run()
        health = read_health(FleetReader(voyage.database), voyage.scheduler)
        assert health.reason is not None
        assert "no run is started" in health.reason
        outage.end()
        voyage.wait_until_written()
        assert not voyage.scheduler.status().journal_full
        assert SchedulerRunLog.select().count() == len(made)
        assert voyage.run()
        voyage.close()


def test_a_record_that_no_database_would_take_is_kept_aside_and_stops_no_other(locked: Voyage) -> None:
    first = locked.scheduler.request_run()
    wait_until(lambda: locked.attempts(first))
    SchedulerRunLog.delete().execute()  # somebody tampers with the database
    locked.outage.begin()
    locked.gate.set()
    locked.wait_for_end()
    second = locked.run()
    locked.outage.end()
    locked.wait_until_written()
    assert len(locked.attempts(second)) == 4
    aside = locked.journal_path.with_name("runs.journal.rejected").read_text()
    assert len(aside.splitlines()) == 4
