"""One run over the fleet: everybody at once, retries on their own time, each attempt recorded as it ends."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from fleetdash.config.settings import Ship
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import ShipAnswer, ShipMemory
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus
from fleetdash.errors import VesselQueryError
from fleetdash.monitoring.pool import Outcome, Pool, Question
from fleetdash.monitoring.retry import RetryPolicy

log = logging.getLogger(__name__)

Record = Callable[[str, Ship, Attempt, ShipAnswer | None], None]
"""Commits one attempt of a run."""

_STOP_CHECK_SECONDS = 0.25


class FleetRun:
    """A run's chains of attempts. Waiting for a retry holds no worker, and no vessel waits for another."""

    def __init__(
        self,
        run: Run,
        ships: Sequence[Ship],
        memories: Mapping[str, ShipMemory],
        *,
        pool: Pool,
        policy: RetryPolicy,
        record: Record,
        clock: Clock,
        stop: threading.Event,
        while_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._ships = ships
        self._memories = memories
        self._pool = pool
        self._policy = policy
        self._record = record
        self._clock = clock
        self._stop = stop
        self._while_idle = while_idle
        self._open = 0
        self._due: list[tuple[float, int, Question]] = []
        self._ticket = itertools.count()

    def execute(self) -> RunStatus | None:
        """Ask until every chain has ended; `None`, or `INTERRUPTED` when told to stop before that."""
        try:
            for ship in self._ships:
                self._open += 1
                self._pool.submit(Question(ship, self._memories.get(ship.vessel.id, ShipMemory()), 1, None))
            while self._open:
                if self._stop.is_set():
                    self._cancel()
                    return RunStatus.INTERRUPTED
                self._submit_due()
                outcome = self._pool.next_outcome(self._patience())
                if outcome is None:
                    self._while_idle()
                else:
                    self._attempt_ended(outcome)
            return None
        finally:
            self._pool.close()

    def _submit_due(self) -> None:
        now = self._clock.monotonic()
        while self._due and self._due[0][0] <= now:
            self._pool.submit(heapq.heappop(self._due)[2])

    def _patience(self) -> float:
        """Seconds until a retry is due, or a look at the stop event is."""
        if not self._due:
            return _STOP_CHECK_SECONDS
        return max(0.0, min(_STOP_CHECK_SECONDS, self._due[0][0] - self._clock.monotonic()))

    def _attempt_ended(self, outcome: Outcome) -> None:
        question = outcome.question
        wait = self._policy.wait_after(outcome.error, question.attempt_number) if outcome.error else None
        self._record(self._run.run_id, question.ship, _attempt(outcome, chain_ended=wait is None), outcome.answer)
        if wait is None:
            self._open -= 1
            return
        retry = Question(question.ship, question.memory, question.attempt_number + 1, waiting_since=outcome.ended)
        heapq.heappush(self._due, (outcome.ended + wait, next(self._ticket), retry))

    def _cancel(self) -> None:
        """Record what was under way as cancelled; a vessel between two attempts just has no further one."""
        now, ended_at = self._clock.monotonic(), self._clock.now()
        for question in self._pool.unanswered():
            outcome = Outcome(question, None, None, question.started or now, now, ended_at)
            attempt = _attempt(outcome, chain_ended=True, kind=ErrorKind.CANCELLED, message="fleetdash was stopped")
            self._record(self._run.run_id, question.ship, attempt, None)


def _attempt(
    outcome: Outcome, *, chain_ended: bool, kind: ErrorKind | None = None, message: str | None = None
) -> Attempt:
    question = outcome.question
    error: VesselQueryError | None = outcome.error
    return Attempt(
        vessel_id=question.ship.vessel.id,
        attempt_number=question.attempt_number,
        success=outcome.answer is not None,
        query_duration_seconds=outcome.ended - outcome.started,
        backoff_seconds=0.0 if question.waiting_since is None else outcome.started - question.waiting_since,
        timestamp=outcome.ended_at,
        error_kind=kind or (error.kind if error else None),
        error_message=message or (str(error) if error else None),
        chain_ended=chain_ended,
    )
