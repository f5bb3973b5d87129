"""Writes the journal's entries into the database: each exactly once, however often a process dies meanwhile."""

import logging
from pathlib import Path

import peewee

from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import RunStatus
from fleetdash.errors import NotFound, StorageError
from fleetdash.storage.journal.entries import AttemptEnded, Entry, RunClosed, RunOpened, entry_of, text_of
from fleetdash.storage.recorder import Recorder

log = logging.getLogger(__name__)


class JournalReplay:
    """Writes entries through a plain recorder, in the caller's transaction.

    The rows themselves tell whether an entry was written before: a run is identified by its start, an attempt by its
    run, vessel and number. So neither a crash between the commit and the emptying of the journal nor a commit whose
    confirmation was lost writes anything twice.
    """

    def __init__(self, database: peewee.Database, recorder: Recorder, set_aside: Path, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._set_aside = set_aside

    def write(self, payload: bytes) -> None:
        """Write an entry. One that the database will never accept is set aside, so that later ones are written."""
        try:
            with self._database.atomic():
                self._once(entry_of(payload))
        except (StorageError, NotFound, peewee.DoesNotExist, peewee.DatabaseError, ValueError) as error:
            if not is_permanent(error):
                raise
            log.error("a record of the journal cannot be written (%s); it was moved to %s", error, self._set_aside)
            with self._set_aside.open("a") as file:
                file.write(text_of(payload) + "\n")

    def _once(self, entry: Entry) -> None:
        match entry:
            case RunOpened():
                self._open(entry)
            case AttemptEnded():
                self._attempt(entry)
            case RunClosed():
                self._close(entry)

    def _open(self, entry: RunOpened) -> None:
        runs = self._recorder.runs
        if runs.started_at(entry.started_at, entry.trigger) is None:
            self._recorder.states.correct_clock(entry.started_at)
            runs.insert_run(entry.trigger, entry.total_vessels, entry.started_at, entry.due_at)

    def _attempt(self, entry: AttemptEnded) -> None:
        if self._recorder.runs.has_attempt(entry.run_id, entry.attempt):
            return
        if self._recorder.states.newer_than(entry.attempt, self._clock.now()):
            # another process scheduled meanwhile: its newer verdicts stay
            self._recorder.runs.log_vessel_query_result(entry.run_id, entry.attempt)
        else:
            self._recorder.attempt_ended(entry.run_id, entry.vessel, entry.attempt, entry.answer)

    def _close(self, entry: RunClosed) -> None:
        # a process that took over meanwhile found it running and closed it as interrupted
        if self._recorder.runs.run(entry.run_id).status in (RunStatus.RUNNING, RunStatus.INTERRUPTED):
            self._recorder.run_completed(
                entry.run_id,
                entry.ended_at,
                duration_seconds=entry.duration_seconds,
                status=entry.status,
                error_message=entry.error_message,
            )


def is_permanent(error: BaseException | None) -> bool:
    """Whether a retry cannot help: the record is wrong, rather than the database unavailable."""
    if isinstance(error, StorageError):
        error = error.__cause__
    return isinstance(error, (NotFound, peewee.DoesNotExist, peewee.IntegrityError, peewee.DataError, ValueError))
