"""Metrics for a monitoring system, in a fixed number of queries per scrape, however long the history."""

import threading
from collections import Counter
from typing import Any

import peewee

from fleetdash.domain.metrics import QUERY_SECONDS, RUN_SECONDS, FleetCounts, Histogram, LogTotals, Metrics
from fleetdash.domain.runs import ErrorKind, RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus, effective_status
from fleetdash.storage.database import connected
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import DeviceRecord, RunDayRow, SchedulerRunLog, VesselQueryResult, VesselRecord
from fleetdash.storage.timestamps import from_ms

_ENDED = {
    RunStatus.COMPLETED: RunDayRow.completed_runs,
    RunStatus.PARTIAL: RunDayRow.partial_runs,
    RunStatus.FAILED: RunDayRow.failed_runs,
    RunStatus.INTERRUPTED: RunDayRow.interrupted_runs,
}


class MetricsReader:
    """Adds what is new in the log to running totals; thread-safe. The first call reads all attempts in the log."""

    def __init__(self, database: peewee.Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._attempt_id = 0
        self._run_id = 0
        self._totals = LogTotals()

    def read(self) -> Metrics:
        """Five queries; raises `StorageError`."""
        with self._lock, connected(self._database), self._database.atomic():
            runs, retries = _runs()
            log, attempt_id, run_id = self._newer()
            metrics = Metrics(runs, retries, log, _fleet())
        # only after all queries: a failed scrape must not be counted twice
        self._totals, self._attempt_id, self._run_id = log, attempt_id, run_id
        return metrics

    def _newer(self) -> tuple[LogTotals, int, int]:
        attempts = Counter(self._totals.attempts)
        query_seconds = self._totals.query_seconds
        attempt_id = self._attempt_id
        for kind, newest, *figures in _new_attempts(attempt_id):
            more = _histogram(QUERY_SECONDS, figures)
            attempts[ErrorKind(kind) if kind else None] += more.total
            query_seconds = query_seconds.plus(more)
            attempt_id = max(attempt_id, newest)
        newest, *figures = _new_runs(self._run_id)
        run_seconds = self._totals.run_seconds.plus(_histogram(RUN_SECONDS, figures))
        return LogTotals(attempts, query_seconds, run_seconds), attempt_id, newest or self._run_id


def _runs() -> tuple[dict[RunStatus, int], int]:
    """From the rollups, which outlive the runs themselves."""
    columns = [*_ENDED.values(), RunDayRow.retry_attempts]
    ((*ended, retries),) = fetch_tuples(RunDayRow.select(*(peewee.fn.SUM(column) for column in columns)))
    return {status: int(count or 0) for status, count in zip(_ENDED, ended, strict=True)}, int(retries or 0)


def _new_attempts(after: int) -> list[tuple[Any, ...]]:
    rows = VesselQueryResult
    figures = _figures(rows.query_duration_seconds, QUERY_SECONDS)
    query = rows.select(rows.error_kind, peewee.fn.MAX(rows.id), *figures).where(rows.id > after)
    return fetch_tuples(query.group_by(rows.error_kind))


def _new_runs(after: int) -> tuple[Any, ...]:
    """Runs that ended; one under way is the newest of all. An interrupted run has no duration to compare."""
    rows = SchedulerRunLog
    interrupted = rows.status == RunStatus.INTERRUPTED.value
    seconds = peewee.Case(None, [(interrupted, None)], rows.duration_seconds)
    query = rows.select(peewee.fn.MAX(rows.id), *_figures(seconds, RUN_SECONDS))
    return fetch_tuples(query.where((rows.id > after) & (rows.status != RunStatus.RUNNING.value)))[0]


def _figures(seconds: Any, bounds: tuple[float, ...]) -> list[Any]:
    """Count, sum, and the count up to each bound."""
    up_to = [peewee.fn.SUM(peewee.Case(None, [(seconds <= bound, 1)], 0)) for bound in bounds]
    return [peewee.fn.COUNT(seconds), peewee.fn.SUM(seconds), *up_to]


def _histogram(bounds: tuple[float, ...], figures: list[Any]) -> Histogram:
    total, seconds, *counts = figures
    return Histogram(bounds, tuple(int(count or 0) for count in counts), int(total), float(seconds or 0.0))


def _fleet() -> FleetCounts:
    vessels = VesselRecord
    listed = vessels.left_at.is_null()
    query = vessels.select(vessels.id, vessels.status, vessels.sync_status, vessels.last_sync_at)
    known = fetch_tuples(query.where(listed))
    devices = DeviceRecord.select(vessels.chain_failed, DeviceRecord.observed_status, peewee.fn.COUNT(DeviceRecord.id))
    named = DeviceRecord.left_at.is_null() & DeviceRecord.component.is_null(False)
    devices = devices.join(vessels).where(listed & named)
    by_status: Counter[SyncStatus] = Counter()
    for failed, observed, count in fetch_tuples(devices.group_by(vessels.chain_failed, DeviceRecord.observed_status)):
        by_status[effective_status(SyncStatus(observed), bool(failed))] += count
    return FleetCounts(
        vessels=Counter(ServiceStatus(status) for _, status, _, _ in known),
        vessels_by_sync_status=Counter(SyncStatus(sync_status) for _, _, sync_status, _ in known),
        devices=by_status,
        last_success={vessel_id: from_ms(at) for vessel_id, _, _, at in known if at is not None},
    )
