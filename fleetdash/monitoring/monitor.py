"""Opens, makes and closes runs: for the scheduler's thread, `run-once` and the demo's history."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from fleetdash.config.settings import Settings, VesselTarget
from fleetdash.domain.advice import FIXED_ON_SHORE, advice
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.influx.client import InfluxClient
from fleetdash.influx.transport import HttpTransport
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.pool import Pool, QueryFn, WorkerPool
from fleetdash.monitoring.retry import RetryPolicy
from fleetdash.storage.recorder import Recorder

log = logging.getLogger(__name__)

Listener = Callable[[Attempt], None]
"""Called with each attempt after it is committed."""


class FleetMonitor:
    """Makes runs over a fleet; the caller makes one at a time."""

    def __init__(
        self,
        targets: Sequence[VesselTarget],
        recorder: Recorder,
        *,
        new_pool: Callable[[], Pool],
        policy: RetryPolicy,
        clock: Clock,
    ) -> None:
        self.targets = targets
        self.clock = clock
        self.recorder = recorder
        self._new_pool = new_pool
        self._policy = policy

    def recover(self) -> list[Run]:
        """Write what a dead process left in the journal, close its runs as interrupted, read in the fleet file.

        Needs the scheduling lock; returns the closed runs.
        """
        self.recorder.take_over()
        left = self.recorder.runs.close_left_running()
        for run in left:
            log.warning("the process that made this run died; closed as interrupted", extra={"run_id": run.run_id})
        self.recorder.fleet_changed(tuple(target.vessel for target in self.targets), self.clock.now())
        return left

    def open_run(self, trigger: Trigger, due_at: datetime | None = None) -> Run:
        """Record that a run starts."""
        run = self.recorder.run_started(trigger, len(self.targets), self.clock.now(), due_at=due_at)
        log.info("run started: trigger=%s vessels=%d", trigger, len(self.targets), extra={"run_id": run.run_id})
        return run

    def execute_run(
        self,
        run: Run,
        stop: threading.Event,
        listener: Listener | None = None,
        while_idle: Callable[[], None] | None = None,
    ) -> Run:
        """Make an opened run and close it; an internal error closes it as failed and is raised again.

        `while_idle` is called repeatedly while no attempt ends.
        """
        started = self.clock.monotonic()

        def record(run_id: str, target: VesselTarget, attempt: Attempt, answer: VesselAnswer | None) -> None:
            self.recorder.attempt_ended(run_id, target.vessel, attempt, answer)
            _log_attempt(run_id, attempt)
            if listener is not None:
                listener(attempt)

        fleet_run = FleetRun(
            run,
            self.targets,
            self.recorder.query_contexts(),
            pool=self._new_pool(),
            policy=self._policy,
            record=record,
            clock=self.clock,
            stop=stop,
            while_idle=while_idle or self.recorder.catch_up,
        )
        try:
            status = fleet_run.execute()
        except Exception as error:
            self._close(run, started, RunStatus.FAILED, f"the run failed: {error}")
            raise
        return self._close(run, started, status, "fleetdash was stopped" if status else None)

    def _close(self, run: Run, started: float, status: RunStatus | None, message: str | None) -> Run:
        closed = self.recorder.run_completed(
            run.run_id,
            self.clock.now(),
            duration_seconds=self.clock.monotonic() - started,
            status=status,
            error_message=message,
        )
        log.info(
            "run %s: reached=%d unreachable=%d retries=%d duration=%.1f s",
            closed.status,
            closed.successful_vessels,
            closed.failed_vessels,
            closed.retry_attempts,
            closed.duration_seconds or 0.0,
            extra={"run_id": closed.run_id},
        )
        return closed


def _log_attempt(run_id: str, attempt: Attempt) -> None:
    """Warn of a vessel that was not reached; retries and answers are in the run log too."""
    level = logging.WARNING if attempt.unreachable else logging.DEBUG
    what = "answered" if attempt.success else f"{attempt.error_kind}: {attempt.error_message}"
    about = {"run_id": run_id, "vessel_id": attempt.vessel_id}
    to_do = f": {advice(attempt.error_kind)}" if attempt.error_kind in FIXED_ON_SHORE else ""
    number, seconds = attempt.attempt_number, attempt.query_duration_seconds
    log.log(level, "attempt %d: %s (%.1f s)%s", number, what, seconds, to_do, extra=about)


def http_query(settings: Settings, clock: Clock) -> QueryFn:
    """Queries vessels over HTTP, each with limits of its own."""
    return InfluxClient(HttpTransport(clock, settings.query.max_response_bytes), clock).ask


def worker_pool(settings: Settings, clock: Clock, query: QueryFn) -> WorkerPool:
    """The pool for one run: a worker per vessel, up to the setting."""
    return WorkerPool(query, clock, settings.max_concurrent_vessels)


def retry_policy(settings: Settings) -> RetryPolicy:
    """The settings' policy."""
    return RetryPolicy(settings.retry.max_retries, settings.retry.backoff_seconds)
