"""One run over the fleet: all vessels at once, each attempt recorded as it ends."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus
from fleetdash.errors import VesselQueryError
from fleetdash.monitoring.pool import Pool, QueryResult, QueryTask
from fleetdash.monitoring.retry import RetryPolicy

log = logging.getLogger(__name__)

Record = Callable[[str, VesselTarget, Attempt, VesselAnswer | None], None]
"""Commits an attempt of a run."""

_STOP_CHECK_SECONDS = 0.25


class FleetRun:
    """The chains of attempts of a run. Waiting for a retry occupies no worker, and no vessel waits for another."""

    def __init__(
        self,
        run: Run,
        targets: Sequence[VesselTarget],
        query_contexts: Mapping[str, QueryContext],
        *,
        pool: Pool,
        policy: RetryPolicy,
        record: Record,
        clock: Clock,
        stop: threading.Event,
        while_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._targets = targets
        self._contexts = query_contexts
        self._pool = pool
        self._policy = policy
        self._record = record
        self._clock = clock
        self._stop = stop
        self._while_idle = while_idle
        self._open = 0
        self._due: list[tuple[float, int, QueryTask]] = []
        self._ticket = itertools.count()

    def execute(self) -> RunStatus | None:
        """Query until every chain has ended; `None`, or `INTERRUPTED` when stopped before that."""
        try:
            for target in self._targets:
                self._open += 1
                self._pool.submit(QueryTask(target, self._contexts.get(target.vessel.id, QueryContext()), 1, None))
            while self._open:
                if self._stop.is_set():
                    self._cancel()
                    return RunStatus.INTERRUPTED
                self._submit_due()
                result = self._pool.next_result(self._seconds_to_wait())
                if result is None:
                    self._while_idle()
                else:
                    self._attempt_ended(result)
            return None
        finally:
            self._pool.close()

    def _submit_due(self) -> None:
        now = self._clock.monotonic()
        while self._due and self._due[0][0] <= now:
            self._pool.submit(heapq.heappop(self._due)[2])

    def _seconds_to_wait(self) -> float:
        """Seconds until a retry is due, at most until the next check of the stop event."""
        if not self._due:
            return _STOP_CHECK_SECONDS
        return max(0.0, min(_STOP_CHECK_SECONDS, self._due[0][0] - self._clock.monotonic()))

    def _attempt_ended(self, result: QueryResult) -> None:
        task = result.task
        wait = self._policy.wait_after(result.error, task.attempt_number) if result.error else None
        self._record(self._run.run_id, task.target, _attempt(result, chain_ended=wait is None), result.answer)
        if wait is None:
            self._open -= 1
            return
        retry = QueryTask(task.target, task.context, task.attempt_number + 1, waiting_since=result.ended)
        heapq.heappush(self._due, (result.ended + wait, next(self._ticket), retry))

    def _cancel(self) -> None:
        """Record what is in flight as cancelled; a vessel between two attempts gets no further one."""
        now, ended_at = self._clock.monotonic(), self._clock.now()
        for task in self._pool.in_flight():
            result = QueryResult(task, None, None, task.started or now, now, ended_at)
            attempt = _attempt(result, chain_ended=True, kind=ErrorKind.CANCELLED, message="fleetdash was stopped")
            self._record(self._run.run_id, task.target, attempt, None)


def _attempt(
    result: QueryResult, *, chain_ended: bool, kind: ErrorKind | None = None, message: str | None = None
) -> Attempt:
    task = result.task
    error: VesselQueryError | None = result.error
    return Attempt(
        vessel_id=task.target.vessel.id,
        attempt_number=task.attempt_number,
        success=result.answer is not None,
        query_duration_seconds=result.ended - result.started,
        backoff_seconds=0.0 if task.waiting_since is None else result.started - task.waiting_since,
        timestamp=result.ended_at,
        error_kind=kind or (error.kind if error else None),
        error_message=message or (str(error) if error else None),
        chain_ended=chain_ended,
    )
