"""`/metrics` for Prometheus, from the database and from this process."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from fleetdash import __version__
from fleetdash.domain.metrics import FleetCounts, Histogram, Metrics
from fleetdash.domain.runs import ErrorKind, RunStatus, SchedulerControl, SchedulerStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader


class FleetCollector:
    """Reads at each scrape, so that a process that does not schedule exports the same as the one that does."""

    def __init__(self, queries: FleetReader, scheduler: SchedulerControl) -> None:
        self._queries = queries
        self._scheduler = scheduler

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("fleetdash_build_info", "The running version; always 1.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        metrics = self._read()
        yield _gauge("fleetdash_database_up", "Whether the database can be read.", metrics is not None)
        errors = CounterMetricFamily("fleetdash_database_errors", "Database errors in this process.")
        errors.add_metric([], self._queries.database_errors())
        yield errors
        if metrics is not None:
            yield from _log(metrics)
            yield from _fleet(metrics.fleet)
        yield from _scheduler(self._status())

    def _read(self) -> Metrics | None:
        try:
            return self._queries.metrics()
        except StorageError:
            return None

    def _status(self) -> SchedulerStatus:
        try:
            return self._scheduler.status()
        except StorageError:  # the state of a scheduler in another process comes from the database
            return SchedulerStatus(running=False, is_local=False)


def add_routes(router: APIRouter, queries: FleetReader, scheduler: SchedulerControl) -> None:
    registry = CollectorRegistry()
    registry.register(FleetCollector(queries, scheduler))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    text: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}

    @router.get("/metrics", tags=["health"], response_class=Response, responses=text)
    def metrics(request: Request) -> Response:
        """Metrics for Prometheus; docs/monitoring.md describes each."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Cache-Control": "no-store", "Content-Type": content_type})


def _log(metrics: Metrics) -> Iterator[Metric]:
    runs = CounterMetricFamily("fleetdash_runs", "Finished runs by status.", labels=["status"])
    for status in RunStatus:
        if status is not RunStatus.RUNNING:
            runs.add_metric([status], metrics.runs.get(status, 0))
    yield runs
    retries = CounterMetricFamily("fleetdash_retries", "Attempts beyond each vessel's first, in finished runs.")
    retries.add_metric([], metrics.retries)
    yield retries
    attempts = CounterMetricFamily(
        "fleetdash_attempts", "Attempts by kind of error; none: answered.", labels=["error_kind"]
    )
    for kind in (None, *ErrorKind):
        attempts.add_metric([kind or "none"], metrics.log.attempts.get(kind, 0))
    yield attempts
    yield _histogram("fleetdash_query_duration_seconds", "Duration of attempts.", metrics.log.query_seconds)
    yield _histogram(
        "fleetdash_run_duration_seconds", "Duration of runs that were not interrupted.", metrics.log.run_seconds
    )


def _fleet(fleet: FleetCounts) -> Iterator[Metric]:
    yield _by_status("fleetdash_vessels", "Vessels by service status.", "status", ServiceStatus, fleet.vessels)
    yield _by_status(
        "fleetdash_vessels_by_sync_status",
        "Vessels by sync status.",
        "sync_status",
        SyncStatus,
        fleet.vessels_by_sync_status,
    )
    yield _by_status(
        "fleetdash_devices",
        "Devices that the fleet file lists, by sync status.",
        "sync_status",
        SyncStatus,
        fleet.devices,
    )
    last = GaugeMetricFamily(
        "fleetdash_vessel_last_success_timestamp_seconds",
        "When a vessel last answered; absent if it never did.",
        labels=["vessel_id"],
    )
    for vessel_id, moment in sorted(fleet.last_success.items()):
        last.add_metric([vessel_id], moment.timestamp())
    yield last


def _scheduler(status: SchedulerStatus) -> Iterator[Metric]:
    yield _gauge(
        "fleetdash_scheduler_running", "Whether a process makes the runs, this one or another.", status.running
    )
    yield _gauge("fleetdash_scheduler_overdue", "Whether a run is overdue.", status.overdue)
    yield _gauge("fleetdash_run_under_way", "Whether a run is under way.", status.current_run_id is not None)
    if status.last_run_at is not None:
        yield _gauge(
            "fleetdash_last_run_timestamp_seconds", "When the newest run began.", status.last_run_at.timestamp()
        )
    if status.next_run_at is not None:
        yield _gauge(
            "fleetdash_next_run_timestamp_seconds", "When the next run is due.", status.next_run_at.timestamp()
        )
    yield _gauge(
        "fleetdash_journal_records",
        "Records of this process that wait to be written to the database.",
        status.waiting_records,
    )
    yield _gauge("fleetdash_journal_full", "Whether the journal has no room for another run.", status.journal_full)


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(name, description, value=float(value))


def _by_status(
    name: str,
    description: str,
    label: str,
    statuses: type[StrEnum],
    counts: Mapping[ServiceStatus, int] | Mapping[SyncStatus, int],
) -> Metric:
    """A sample per status, zeros included: a series that comes and goes cannot be compared."""
    family = GaugeMetricFamily(name, description, labels=[label])
    known = {str(status): count for status, count in counts.items()}
    for status in statuses:
        family.add_metric([status], known.get(status, 0))
    return family


def _histogram(name: str, description: str, histogram: Histogram) -> Metric:
    family = HistogramMetricFamily(name, description)
    bounds = zip((*map(str, histogram.bounds), "+Inf"), (*histogram.counts, histogram.total), strict=True)
    family.add_metric([], list(bounds), histogram.seconds)
    return family
