"""Workers that query vessels concurrently. A worker that hangs is abandoned, never waited for."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.errors import InvalidAnswer, QueryTimeout, VesselQueryError

log = logging.getLogger(__name__)

QueryFn = Callable[[VesselTarget, QueryContext], VesselAnswer]
"""Queries one vessel once; raises `VesselQueryError`."""

GRACE_SECONDS = 0.5
"""A worker ends its attempt at the deadline itself, except in what cannot be interrupted: a DNS lookup."""


@dataclass(eq=False, slots=True)
class QueryTask:
    """One attempt, for a worker. Times are of `Clock.monotonic`."""

    target: VesselTarget
    context: QueryContext
    attempt_number: int
    waiting_since: float | None
    """When the previous attempt ended; `None` for the initial one."""
    started: float | None = None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The end of an attempt: an answer or an error."""

    task: QueryTask
    answer: VesselAnswer | None
    error: VesselQueryError | None
    started: float
    ended: float
    ended_at: datetime


class Pool(Protocol):
    """Queries vessels for a run."""

    def submit(self, task: QueryTask) -> None: ...

    def next_result(self, timeout: float) -> QueryResult | None:
        """The next attempt to end, or `None` when none does within `timeout` seconds."""
        ...

    def in_flight(self) -> list[QueryTask]:
        """Attempts that have begun and not ended."""
        ...

    def close(self) -> None: ...


class WorkerPool:
    """At most `size` attempts in flight; threads are daemons, since Python waits for all others at exit."""

    def __init__(self, ask: QueryFn, clock: Clock, size: int) -> None:
        self._ask = ask
        self._clock = clock
        self._size = size
        self._tasks: queue.SimpleQueue[QueryTask | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[QueryResult] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._in_flight: set[QueryTask] = set()
        self._waiting = 0
        self._threads = 0

    def submit(self, task: QueryTask) -> None:
        with self._lock:
            self._waiting += 1
            start_another = self._threads < self._size and self._waiting > self._threads - len(self._in_flight)
            self._threads += start_another
        self._tasks.put(task)
        if start_another:
            self._start_worker()

    def next_result(self, timeout: float) -> QueryResult | None:
        try:
            return self._results.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return self._expired()

    def in_flight(self) -> list[QueryTask]:
        with self._lock:
            return list(self._in_flight)

    def close(self) -> None:
        """Let the workers end; attempts in flight are abandoned."""
        with self._lock:
            self._in_flight.clear()
            threads, self._threads = self._threads, 0
        for _ in range(threads):
            self._tasks.put(None)

    def _start_worker(self) -> None:
        threading.Thread(target=self._work, name="vessel-query", daemon=True).start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            with self._lock:
                task.started = self._clock.monotonic()
                self._waiting -= 1
                self._in_flight.add(task)
            result = self._result(task)
            if not self._claim(task):
                return  # it expired, and another worker replaces this one
            self._results.put(result)

    def _result(self, task: QueryTask) -> QueryResult:
        answer, error = None, None
        try:
            answer = self._ask(task.target, task.context)
        except VesselQueryError as failure:
            error = failure
        except Exception:  # one vessel must not end the run of the others
            about = {"vessel_id": task.target.vessel.id}
            log.exception("unexpected error in the query of a vessel", extra=about)
            error = InvalidAnswer("internal error while reading the vessel's answer; the log has the details")
        return self._ended(task, answer, error)

    def _claim(self, task: QueryTask) -> bool:
        """Take the task off the list: whether its worker or `_expired` was first to do so."""
        with self._lock:
            first = task in self._in_flight
            self._in_flight.discard(task)
            return first

    def _expired(self) -> QueryResult | None:
        """An attempt past its deadline whose worker has not returned."""
        now = self._clock.monotonic()
        for task in self.in_flight():
            timeout = task.target.address.timeout_seconds
            if task.started is not None and task.started + timeout + GRACE_SECONDS < now and self._claim(task):
                self._start_worker()
                return self._ended(task, None, QueryTimeout(f"no complete answer in {timeout:g} s"))
        return None

    def _ended(self, task: QueryTask, answer: VesselAnswer | None, error: VesselQueryError | None) -> QueryResult:
        now = self._clock.monotonic()
        return QueryResult(task, answer, error, task.started or now, now, self._clock.now())
