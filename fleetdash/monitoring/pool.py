"""Workers that ask vessels at once. A worker that does not come back is left behind, never waited for."""

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
"""Asks one vessel once; raises `VesselQueryError`."""

GRACE_SECONDS = 0.5
"""A worker ends its attempt at the deadline by itself, but for what cannot be interrupted: a DNS look-up."""


@dataclass(eq=False, slots=True)
class QueryTask:
    """One attempt, to be made by a worker. Times are of `Clock.monotonic`."""

    target: VesselTarget
    memory: QueryContext
    attempt_number: int
    waiting_since: float | None
    """When the attempt before it ended; `None` for the initial one."""
    started: float | None = None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """How an attempt ended: with an answer or an error."""

    task: QueryTask
    answer: VesselAnswer | None
    error: VesselQueryError | None
    started: float
    ended: float
    ended_at: datetime


class Pool(Protocol):
    """What a run needs of whoever asks the vessels."""

    def submit(self, task: QueryTask) -> None: ...

    def next_result(self, timeout: float) -> QueryResult | None:
        """The next attempt to end, or `None` when none did within `timeout` seconds."""
        ...

    def in_flight(self) -> list[QueryTask]:
        """Attempts under way."""
        ...

    def close(self) -> None: ...


class WorkerPool:
    """At most `size` attempts under way; threads are daemons, since Python waits for all others at its exit."""

    def __init__(self, ask: QueryFn, clock: Clock, size: int) -> None:
        self._ask = ask
        self._clock = clock
        self._size = size
        self._tasks: queue.SimpleQueue[QueryTask | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[QueryResult] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._under_way: set[QueryTask] = set()
        self._waiting = 0
        self._threads = 0

    def submit(self, task: QueryTask) -> None:
        with self._lock:
            self._waiting += 1
            start_another = self._threads < self._size and self._waiting > self._threads - len(self._under_way)
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
            return list(self._under_way)

    def close(self) -> None:
        """Let the workers end; what is still under way is left behind."""
        with self._lock:
            self._under_way.clear()
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
                self._under_way.add(task)
            result = self._result(task)
            if not self._claim(task):
                return  # it was given up, and another worker stands in for this one
            self._results.put(result)

    def _result(self, task: QueryTask) -> QueryResult:
        answer, error = None, None
        try:
            answer = self._ask(task.target, task.memory)
        except VesselQueryError as failure:
            error = failure
        except Exception:  # one vessel's oddity must cost no other vessel its run
            about = {"vessel_id": task.target.vessel.id}
            log.exception("asking a vessel failed in a way that was not foreseen", extra=about)
            error = InvalidAnswer("the vessel's answer could not be understood; the log has the details")
        return self._ended(task, answer, error)

    def _claim(self, task: QueryTask) -> bool:
        """Whether the question was still wanted: exactly one of its worker and the watch takes it."""
        with self._lock:
            wanted = task in self._under_way
            self._under_way.discard(task)
            return wanted

    def _expired(self) -> QueryResult | None:
        """An attempt that is past its deadline though its worker has not come back."""
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
