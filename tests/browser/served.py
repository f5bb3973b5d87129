"""fleetdash as `app.py serve` composes it, on a thread of the test, over simulated vessels."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event

import uvicorn

from fleetdash import composition
from fleetdash.config import settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.behaviour import Behaviour
from fleetdash.demo.vessels import VesselProfile
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.runs import Run, Trigger
from fleetdash.queries import FleetReader
from fleetdash.serving import server
from fleetdash.storage.accounts import AuditLog
from tests.support.waiting import wait_until

_HURRY = {
    "FLEETDASH_RETRY__BACKOFF_SECONDS": "[0.05, 0.05, 0.05]",
    "FLEETDASH_QUERY__TIMEOUT_SECONDS": "5",
    "FLEETDASH_SCHEDULE__RUN_ON_START": "false",
    # the grid's slot must not come in the middle of a test
    "FLEETDASH_SCHEDULE__EVERY_MINUTES": "1440",
}


class Served:
    """A fleet, its database and the page, until the block ends. `scheduling=False` is `--no-scheduler`."""

    def __init__(
        self, folder: Path, cast: Sequence[VesselProfile], *, scheduling: bool = True, at_once: int | None = None
    ) -> None:
        self._clock = SystemClock()
        self._stack = ExitStack()
        self.fleet = self._stack.enter_context(DemoFleet(profiles=cast, clock=self._clock))
        self.database_file = folder / "fleetdash.db"
        environ = _HURRY | {"FLEETDASH_DATABASE__URL": f"sqlite:///{self.database_file}"}
        if at_once:
            environ["FLEETDASH_SCHEDULE__MAX_CONCURRENT_VESSELS"] = str(at_once)
        self._config = settings.parse(self.fleet.fleet_file(), environ)
        self.database = composition.open_migrated(self._config)
        self._scheduling = scheduling
        self.queries = FleetReader(self.database)
        self.port = 0

    def run(self) -> Run:
        """One run over the fleet, here and now; not while the page schedules."""
        monitor = composition.create_monitor(self._config, self.database, self._clock)
        monitor.recover()
        try:
            return monitor.execute_run(monitor.open_run(Trigger.MANUAL), Event(), lambda _: None)
        finally:
            monitor.recorder.stand_down()

    def behave(self, vessel_id: str, behaviour: Behaviour) -> None:
        """From now on the vessel behaves like this."""
        simulated = self.fleet.vessels[vessel_id]
        simulated.profile = replace(simulated.profile, behaviour=behaviour)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Served":
        """Serve; after `stop`, on the same port again."""
        scheduler = composition.create_scheduler(self._config, self.database, self._clock) if self._scheduling else None
        control = scheduler or composition.create_remote_scheduler(self._config, self.database, self._clock)
        page = composition.create_app(self.queries, control, AuditLog(self.database), self._clock)
        listening = server.bind("127.0.0.1", self.port)
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(page, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        # not server.serve: it installs handlers of signals, which only the main thread may
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        self._scheduler = scheduler
        wait_until(lambda: self._server.started, "the server to start")
        if scheduler:
            scheduler.start()
            wait_until(lambda: scheduler.status().is_local, "the scheduler to begin")
        return self

    def stop(self) -> None:
        """Stop serving and scheduling; the vessels sail on."""
        if self._scheduler:
            self._scheduler.stop()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def close(self) -> None:
        if self.port:
            self.stop()
        self._stack.close()
