"""fleetdash's way: its real client, run and records."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time, thread_time

from benchmarks.vessels.data import DEVICES, vessel_id
from fleetdash.config import settings
from fleetdash.config.settings import Settings
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Trigger
from fleetdash.influx.query import PingQuery, QueryWindow
from fleetdash.influx.transport import HttpTransport
from fleetdash.monitoring.monitor import FleetMonitor, http_query, retry_policy, worker_pool
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run took, in seconds, and what became of it."""

    wall: float
    cpu: float
    reached: int
    unreachable: int
    retries: int


class Fleetdash:
    """One installation; what it remembers of the vessels lasts from run to run."""

    def __init__(self, folder: Path) -> None:
        self._clock = SystemClock()
        self._database = open_database(f"sqlite:///{folder}/fleetdash.db")
        migrate(self._database)

    def run(self, urls: Sequence[str], timeout_seconds: float) -> "RunFigures":
        """One whole run over the fleet, recorded, as the scheduler makes it every quarter of an hour."""
        config = fleet_settings(urls, timeout_seconds)
        ask = http_query(config, self._clock)
        monitor = FleetMonitor(
            config.targets,
            self._recorder(config),
            new_pool=lambda: worker_pool(config, self._clock, ask),
            policy=retry_policy(config),
            clock=self._clock,
        )
        monitor.recover()  # once in a process' life: not a part of the run
        wall, cpu = perf_counter(), process_time()
        run = monitor.execute_run(monitor.open_run(Trigger.MANUAL), threading.Event())
        return RunFigures(
            perf_counter() - wall, process_time() - cpu, run.successful_vessels, run.failed_vessels, run.retry_attempts
        )

    def ask_each(self, urls: Sequence[str]) -> tuple[list[VesselAnswer], list[float]]:
        """Ask and understand one vessel after the other, without run or records: answers, and CPU seconds of each."""
        config = fleet_settings(urls, 30)
        ask = http_query(config, self._clock)
        query_contexts = self._recorder(config).states.query_contexts()
        answers, spent = [], []
        for vessel in config.targets:
            began = thread_time()
            answers.append(ask(vessel, query_contexts.get(vessel.vessel.id, QueryContext())))
            spent.append(thread_time() - began)
        return answers, spent

    def server_seconds(self, url: str, repeats: int) -> list[float]:
        """How long a server without a link takes for the request, on an open connection."""
        config = fleet_settings([url], 30)
        endpoint = config.targets[0].address
        window = QueryWindow.before(self._clock.now(), config.vessels[0].limits, 0)
        groups = PingQuery("ping", "url").request(window).groups
        statements = ";".join(statement for group in groups for statement in group)
        form = {"db": endpoint.database, "q": statements, "epoch": "s"}
        taken = []
        with HttpTransport(self._clock, 1_000_000).connect(endpoint) as connection:
            for _ in range(repeats + 1):
                began = perf_counter()
                connection.query(form)
                taken.append(perf_counter() - began)
        return taken[1:]

    def _recorder(self, config: Settings) -> Recorder:
        return Recorder(self._database, VesselStates(self._database))


def fleet_settings(urls: Sequence[str], timeout_seconds: float) -> Settings:
    """Everything at its default but for the time-out, which would make hanging vessels hang for minutes."""
    vessels = "\n".join(f'[[vessels]]\nid = "{vessel_id(number)}"\nurl = "{url}"' for number, url in enumerate(urls))
    text = f"[query]\ntimeout_seconds = {timeout_seconds}\n[components]\nDevice = {json.dumps(DEVICES)}\n{vessels}"
    return settings.parse(text, {})
