"""`run-once`: one run now, in the foreground."""

import argparse
import sys
from contextlib import ExitStack

from tqdm import tqdm

from fleetdash import composition
from fleetdash.commands import NOT_ALL_REACHED, OK, fleet_file
from fleetdash.commands.signals import stop_on_signal
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.monitoring.monitor import FleetMonitor
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.locks import scheduling_lock
from fleetdash.storage.wal import fold_wal

_SCHEDULED_ELSEWHERE = (
    "another process schedules this database; start the run there: on its page, or POST /api/scheduler-runs"
)


def run(options: argparse.Namespace) -> int:
    config = fleet_file.load(options)
    database = composition.open_migrated(config)
    lock = scheduling_lock(database, sqlite_file(config.database.url))
    if not lock.acquire():
        print(_SCHEDULED_ELSEWHERE, file=sys.stderr)
        return NOT_ALL_REACHED
    with ExitStack() as stack:
        stack.callback(fold_wal, database)
        stack.callback(lock.release)
        monitor = composition.create_monitor(config, database, SystemClock())
        stack.callback(monitor.recorder.stand_down)
        stack.callback(monitor.recorder.catch_up)
        finished = _one_run(monitor, composition.schedule_of(config))
    print(
        f"run {finished.run_id} {finished.status}: "
        f"{finished.successful_vessels} of {finished.total_vessels} vessels reached, "
        f"{finished.retry_attempts} retries, {finished.duration_seconds or 0:.1f} s"
    )
    return OK if finished.status is RunStatus.COMPLETED else NOT_ALL_REACHED


def _one_run(monitor: FleetMonitor, schedule: Schedule) -> Run:
    monitor.recover()
    # started by cron, it fills its slot; a slot is filled once only
    started = monitor.open_run(Trigger.MANUAL, schedule.last_due(monitor.clock.now()))
    # silent unless on a terminal
    with stop_on_signal() as stop, tqdm(total=started.total_vessels, unit="vessel", disable=None) as bar:

        def advance(attempt: Attempt) -> None:
            bar.update(int(attempt.chain_ended))

        return monitor.execute_run(started, stop, advance)
