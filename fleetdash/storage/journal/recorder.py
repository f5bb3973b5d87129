"""A recorder that loses nothing: what the database cannot take now waits in a journal, in order, until it can."""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import peewee

from fleetdash.domain.clock import Clock
from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.run_progress import RunProgress
from fleetdash.domain.runs import Attempt, Backlog, Run, RunStatus, Trigger
from fleetdash.errors import JournalFull, RunUnderWay, StorageError
from fleetdash.storage.database import drop_broken_connection, writing
from fleetdash.storage.journal.entries import AttemptEnded, Entry, RunClosed, RunOpened, entry_of, payload_of
from fleetdash.storage.journal.journal import Journal
from fleetdash.storage.journal.replay import JournalReplay, is_permanent
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.run_logger import provisional_id
from fleetdash.storage.vessel_states import VesselStates

log = logging.getLogger(__name__)

T = TypeVar("T")

LOCK_TIMEOUT_MS = 250
"""How long a write waits for a lock. Locks are held briefly; waiting longer would delay every vessel."""

_PROBE_MS = 20
_PROBE_EVERY_SECONDS = 1.0
_PROBE_SHARE = 10
"""Probing a database that is away may be slow: it takes at most this fraction, 1 / n, of the time."""

_DRAIN_SECONDS = 0.1
_BATCH = 25


class JournalledRecorder(Recorder):
    """Writes to the database while it can, else to the journal; the order of records is kept.

    1. Writing: each call is a transaction in the database.
    2. Away: a write failed; it and all later ones go to the journal. The database is tried again once per second.
    3. Catching up: the database is back; the oldest records are written first, a few per call. Then 1.

    Thread-safe. `reserve`: the bytes that a run may need; while fewer are left, no run is started.
    """

    def __init__(
        self, database: peewee.Database, states: VesselStates, journal: Journal, clock: Clock, *, reserve: int
    ) -> None:
        super().__init__(database, states)
        self._journal = journal
        self._clock = clock
        self._reserve = reserve
        rejected = journal.path.with_name(journal.path.name + ".rejected")
        self._replay = JournalReplay(database, Recorder(database, states), rejected, clock)
        self._lock = threading.RLock()
        self._next_try = float("-inf")
        self._backlog = Backlog()
        self._open_run: RunProgress | None = None
        self._contexts: dict[str, QueryContext] = {}

    @property
    def backlog(self) -> Backlog:
        return self._backlog

    def take_over(self) -> None:
        with self._lock:
            self._journal.open()
            self.states.invalidate_all()
            self._note_backlog()
            if self._journal:
                log.warning("%d records of a process that died are in %s", len(self._journal), self._journal.path)
            while self._journal:
                self._write_waiting(LOCK_TIMEOUT_MS, float("inf"))

    def stand_down(self) -> None:
        with self._lock:
            if self._journal:
                log.warning("%d records stay in %s until the next start", len(self._journal), self._journal.path)
            self._journal.close()
            self._backlog = Backlog()

    def catch_up(self) -> None:
        if self._journal:
            with self._lock, suppress(StorageError):
                self._caught_up()

    def run_started(
        self, trigger: Trigger, total_vessels: int, started_at: datetime, *, due_at: datetime | None = None
    ) -> Run:
        """Open a run; raises `RunUnderWay`, or `JournalFull` when it could not be recorded."""
        entry = RunOpened(provisional_id(started_at), trigger, total_vessels, started_at, due_at)
        start = super().run_started
        with self._lock:
            if self._open_run is not None and self._journal:
                raise RunUnderWay(self._open_run.run.run_id)
            run = self._write(entry, lambda: start(trigger, total_vessels, started_at, due_at=due_at))
            run = run or Run(entry.run_id, started_at, trigger, RunStatus.RUNNING, total_vessels)
            self._open_run = RunProgress(run)
        return run

    def run_under_way(self) -> Run | None:
        """From the database, or from memory while records wait in the journal."""
        if not self._journal:
            try:
                return self._tracked(super().run_under_way())
            except StorageError as error:
                self._went_away(error)
        return self._open_run.run if self._open_run else None

    def _tracked(self, run: Run | None) -> Run | None:
        """Count its attempts from now on, also when another process opened it."""
        with self._lock:
            if run is not None and (self._open_run is None or self._open_run.run.run_id != run.run_id):
                self._open_run = RunProgress(run)
        return run

    def attempt_ended(self, run_id: str, vessel: Vessel, attempt: Attempt, answer: VesselAnswer | None) -> None:
        end = super().attempt_ended
        with self._lock:
            self._write(AttemptEnded(run_id, vessel, attempt, answer), lambda: end(run_id, vessel, attempt, answer))
            if self._open_run is not None:
                self._open_run.add(attempt)

    def run_completed(
        self,
        run_id: str,
        ended_at: datetime,
        *,
        duration_seconds: float | None = None,
        status: RunStatus | None = None,
        error_message: str | None = None,
    ) -> Run:
        entry = RunClosed(run_id, ended_at, duration_seconds, status, error_message)
        complete = super().run_completed
        with self._lock:
            open_run, self._open_run = self._open_run, None
            closed = self._write(
                entry,
                lambda: complete(
                    run_id, ended_at, duration_seconds=duration_seconds, status=status, error_message=error_message
                ),
            )
        if closed is not None:
            return closed
        assert open_run is not None, "a run is completed by the process that started it"
        return open_run.closed(ended_at, duration_seconds, status, error_message)

    def query_contexts(self) -> dict[str, QueryContext]:
        """As last read while the database cannot be read."""
        if not self._journal:
            try:
                self._contexts = super().query_contexts()
            except StorageError as error:
                self._went_away(error)
        return self._contexts

    def _write(self, entry: Entry, into_database: Callable[[], T]) -> T | None:
        """What `into_database` returns, or `None` when the entry went to the journal."""
        if self._caught_up():
            try:
                with writing(self._database, LOCK_TIMEOUT_MS):
                    return into_database()
            except StorageError as error:
                self._invalidate([entry])
                if is_permanent(error) or not self._journal.is_open:
                    raise
                self._went_away(error)
        if isinstance(entry, RunOpened) and self._journal.room < self._reserve:
            raise JournalFull(
                f"the database is unavailable and the journal {self._journal.path} is full: no run is started until "
                f"its {len(self._journal)} records are written"
            )
        self._journal.append(payload_of(entry))
        self._note_backlog()
        return None

    def _caught_up(self) -> bool:
        """Whether the journal is empty; tries to empty it, at intervals and only briefly."""
        if not self._journal:
            return self._clock.monotonic() >= self._next_try
        began = self._clock.monotonic()
        if began < self._next_try:
            return False
        try:
            self._write_waiting(_PROBE_MS, began + _DRAIN_SECONDS)
        except StorageError as error:
            self._went_away(error, self._clock.monotonic() - began)
            return False
        return not self._journal

    def _write_waiting(self, lock_timeout_ms: int, until: float) -> None:
        """Write the oldest records, several per transaction, until none is left or the time is up."""
        while payloads := self._journal.oldest(_BATCH):
            try:
                with writing(self._database, lock_timeout_ms):
                    for payload in payloads:
                        self._replay.write(payload)
            except StorageError:
                self._invalidate(map(entry_of, payloads))
                raise
            self._journal.written(len(payloads))
            self._note_backlog()
            if not self._journal:
                log.info("the database is back, and the journal is written")
            if self._clock.monotonic() > until:
                return

    def _invalidate(self, entries: Iterable[Entry]) -> None:
        """What was being written may have been rolled back."""
        for entry in entries:
            if isinstance(entry, AttemptEnded):
                self.states.invalidate(entry.vessel.id)

    def _went_away(self, error: StorageError, took: float = 0.0) -> None:
        drop_broken_connection(self._database)
        if not self._journal:
            log.warning("%s; records go to %s until it is back", error, self._journal.path)
        self._next_try = self._clock.monotonic() + max(_PROBE_EVERY_SECONDS, _PROBE_SHARE * took)

    def _note_backlog(self) -> None:
        oldest = self._journal.oldest(1)
        if not oldest:
            self._backlog = Backlog()
            return
        since = self._backlog.since or entry_of(oldest[0]).at
        self._backlog = Backlog(len(self._journal), since, full=self._journal.room < self._reserve)
