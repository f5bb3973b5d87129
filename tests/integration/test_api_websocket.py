"""The events of runs over a real WebSocket, read from a real database."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from fleetdash.api import run_feed
from fleetdash.domain.runs import Run, Trigger
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader
from fleetdash.queries.event_log import EventPosition
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support import present
from tests.support.api import SchedulerStub, open_api, serving
from tests.support.clock import FakeClock
from tests.support.records import NOON, failed, reached

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log(database_url: str) -> SchedulerRunLogger:
    database = open_database(database_url)
    migrate(database)
    return SchedulerRunLogger(database)


@pytest.fixture
def queries(log: SchedulerRunLogger) -> FleetReader:
    return FleetReader(log._database)


@pytest.fixture
def app(queries: FleetReader, clock: FakeClock) -> FastAPI:
    return open_api(queries, SchedulerStub(), clock)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield f"{address.replace('http', 'ws', 1)}/ws/scheduler-runs"


def told(client: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(client.recv(timeout=10))
    return message


def rest(client: ClientConnection) -> int:
    """How many more messages there are before the server closes."""
    count = 0
    with contextlib.suppress(ConnectionClosed):
        while client.recv(timeout=10):
            count += 1
    return count


def a_run(log: SchedulerRunLogger) -> Run:
    return log.log_run_start(Trigger.MANUAL, 2, NOON)


def test_every_event_of_a_run_is_pushed_in_order(address: str, log: SchedulerRunLogger) -> None:
    with connect(address) as client:
        run = a_run(log)
        log.log_vessel_query_result(run.run_id, failed("borealis"))
        log.log_vessel_query_result(run.run_id, reached("aurora"))
        log.log_vessel_query_result(run.run_id, reached("borealis", 2, backoff=1.0))
        log.log_run_completion(run.run_id, NOON + timedelta(seconds=9), duration_seconds=9.0)
        begun, *attempts, ended = [told(client) for _ in range(5)]
    assert (begun["type"], begun["total_vessels"], begun["trigger"]) == ("scheduler_run_started", 2, "manual")
    assert [(attempt["vessel_id"], attempt["kind"], attempt["finished_vessels"]) for attempt in attempts] == [
        ("borealis", "initial", 0),
        ("aurora", "initial", 1),
        ("borealis", "retry", 2),
    ]
    assert (ended["type"], ended["status"], ended["duration_seconds"]) == ("scheduler_run_finished", "completed", 9.0)
    assert {event["run_id"] for event in (begun, *attempts, ended)} == {run.run_id}


def test_a_client_that_connects_during_a_run_learns_where_it_stands(address: str, log: SchedulerRunLogger) -> None:
    run = a_run(log)
    log.log_vessel_query_result(run.run_id, reached("aurora"))
    with connect(address) as first:
        assert [told(first)["type"] for _ in range(2)] == ["scheduler_run_started", "scheduler_run_progress"]
        log.log_vessel_query_result(run.run_id, failed("borealis", ended=True))
        assert told(first)["type"] == "vessel_query_finished"
        with connect(address) as second:
            assert told(second)["type"] == "scheduler_run_started"
            counts = told(second)
            assert (counts["finished_vessels"], counts["successful_vessels"], counts["failed_vessels"]) == (2, 1, 1)
            log.log_run_completion(run.run_id, NOON)
            assert [told(client)["type"] for client in (first, second)] == ["scheduler_run_finished"] * 2


def test_a_client_is_told_nothing_of_runs_that_ended_before(address: str, log: SchedulerRunLogger) -> None:
    for _ in range(2):
        with connect(address) as client:
            run = a_run(log)
            log.log_run_completion(run.run_id, NOON)
            assert [told(client)["run_id"] for _ in range(2)] == [run.run_id] * 2
        log.log_run_completion(a_run(log).run_id, NOON)


def test_a_client_too_slow_is_dropped_and_holds_nobody_up(
    address: str, log: SchedulerRunLogger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_feed, "LONGEST_QUEUE", 8)
    # all of it is more than the buffers of both sockets hold
    large = replace(failed("borealis"), error_message="x" * 400_000)
    with connect(address, compression=None, max_queue=1) as slow, connect(address) as quick:
        run = a_run(log)
        assert told(quick)["type"] == "scheduler_run_started"
        for number in range(60):
            log.log_vessel_query_result(run.run_id, replace(large, attempt_number=number))
            if number % 6 == 5:
                assert [told(quick)["attempt_number"] for _ in range(6)] == list(range(number - 5, number + 1))
        assert rest(slow) < 60


def test_200_clients_see_every_event_as_its_row_is_written(address: str, log: SchedulerRunLogger) -> None:
    """200 ms is what `make benchmark-load` holds it to, on a machine that does nothing else."""
    clients, vessels = 200, 66
    command = [sys.executable, "-m", "tests.support.listeners", address, str(clients), str(vessels + 2)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        run = log.log_run_start(Trigger.MANUAL, vessels, NOON)
        written = [present.now().timestamp()]
        for number in range(vessels):
            log.log_vessel_query_result(run.run_id, reached(f"vessel{number}"))
            written.append(present.now().timestamp())
        log.log_run_completion(run.run_id, NOON, duration_seconds=1.0)
        written.append(present.now().timestamp())
        told: list[list[float]] = json.loads(process.stdout.readline())
    assert [len(times) for times in told] == [vessels + 2] * clients
    delays = [seen - row for times in told for seen, row in zip(times, written, strict=True)]
    assert median(delays) < 1


def test_the_feed_goes_on_when_the_database_is_back(
    address: str, log: SchedulerRunLogger, queries: FleetReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(address) as client:
        with monkeypatch.context() as away:
            asked = Event()

            def fail(_position: EventPosition) -> None:
                asked.set()
                raise StorageError("the database is away")

            away.setattr(queries, "events_after", fail)
            run = a_run(log)
            assert asked.wait(10)
        assert told(client)["run_id"] == run.run_id


def test_another_site_may_not_listen(address: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin=Origin("https://evil.example")):
        pass


def test_the_server_stops_while_clients_listen(app: FastAPI) -> None:
    with serving(app) as url, connect(f"{url.replace('http', 'ws', 1)}/ws/scheduler-runs") as client:
        assert client.ping().wait(10)
    with pytest.raises(ConnectionClosed):
        client.recv(timeout=10)
