"""An app on a real socket, a scheduler that says what it is told to, and a fleet with one vessel of each kind."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread

import uvicorn
from fastapi import FastAPI

from fleetdash import composition
from fleetdash.api import create_api
from fleetdash.domain.clock import Clock
from fleetdash.domain.fleet import Device
from fleetdash.domain.runs import Run, SchedulerStatus, Trigger
from fleetdash.errors import FleetdashError
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving.server import server_config
from fleetdash.storage.recorder import Recorder
from tests.support.records import NOON, answer, down_for, failed, make_vessel, pinged, reached
from tests.support.waiting import wait_until

PROBLEM = "application/problem+json"
FORMULA = "=HYPERLINK(1)"


@contextlib.contextmanager
def serving(app: FastAPI, *, trusted_proxies: Sequence[str] = ()) -> Iterator[str]:
    """The address of `app` on a real socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(server_config(app, trusted_proxies))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            wait_until(lambda: server.started, "the server to start")
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@dataclass
class SchedulerStub:
    """Says what a test tells it to."""

    state: SchedulerStatus = field(default_factory=lambda: SchedulerStatus(running=True, next_run_at=NOON))
    refusal: FleetdashError | None = None
    asked: int = 0

    def request_run(self) -> str:
        if self.refusal:
            raise self.refusal
        self.asked += 1
        return "77"

    def status(self) -> SchedulerStatus:
        return self.state


def open_api(queries: FleetReader, scheduler: SchedulerStub, clock: Clock) -> FastAPI:
    """The API without the page, where nobody has to log in."""
    app = create_api(queries, scheduler, clock=clock, versions=DataVersion(queries, scheduler, clock))
    composition.add_middleware(app)
    return app


def a_fleet(recorder: Recorder) -> Run:
    """Aurora is well, Borealis has its one server down and its name is a formula, Calypso gave no answer."""
    aurora = replace(make_vessel("aurora"), devices=(Device("10.0.0.1", "Server"), Device("10.0.0.2", "Dashboard")))
    borealis, calypso = make_vessel("borealis", "10.0.0.1", name=FORMULA), make_vessel("calypso", "10.0.0.1")
    recorder.fleet_changed((aurora, borealis, calypso), NOON)
    run = recorder.runs.log_run_start(Trigger.MANUAL, 3, NOON)
    both = answer(pinged("10.0.0.1"), pinged("10.0.0.2", share=0.5))
    recorder.attempt_ended(run.run_id, aurora, reached("aurora"), both)
    down = answer(down_for("10.0.0.1", timedelta(hours=2)))
    recorder.attempt_ended(run.run_id, borealis, reached("borealis"), down)
    recorder.attempt_ended(run.run_id, calypso, failed("calypso", 1), None)
    recorder.attempt_ended(run.run_id, calypso, failed("calypso", 2, ended=True, backoff=1.0), None)
    return recorder.runs.log_run_completion(run.run_id, NOON + timedelta(seconds=61), duration_seconds=61.0)
