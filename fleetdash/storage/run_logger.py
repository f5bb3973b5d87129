"""The run log: every run and every attempt, committed as it happens (R2)."""

from collections.abc import Sequence
from datetime import datetime

import peewee

from fleetdash.domain.run_figures import FINISHED, SLOW_MOST_RUNS, closed
from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunDetails, RunStatus, Trigger
from fleetdash.errors import NotFound, RunUnderWay
from fleetdash.storage import statements
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rollups import run_closed
from fleetdash.storage.rows import attempt_columns, attempt_of, run_columns, run_of
from fleetdash.storage.schema import SchedulerRunLog, VesselQueryResult
from fleetdash.storage.timestamps import to_ms

_PROVISIONAL = "at-"


def provisional_id(started_at: datetime) -> str:
    """The id of a run that the database has not numbered yet; it stays valid afterwards."""
    return f"{_PROVISIONAL}{to_ms(started_at)}"


class SchedulerRunLogger:
    """Writes runs and attempts, one transaction per call; raises `StorageError`."""

    def __init__(self, database: peewee.Database) -> None:
        self._database = database

    def log_run_start(
        self, trigger: Trigger, total_vessels: int, started_at: datetime, *, due_at: datetime | None = None
    ) -> Run:
        """Open a run; raises `RunUnderWay` while another one, of any process, is under way."""
        with writing(self._database):
            if not isinstance(self._database, peewee.SqliteDatabase):
                # SQLite has one writer at a time; here two processes could look before either writes
                self._database.execute_sql("LOCK TABLE scheduler_runs IN SHARE ROW EXCLUSIVE MODE")
            if under_way := self.run_under_way():
                raise RunUnderWay(under_way.run_id)
            return self.insert_run(trigger, total_vessels, started_at, due_at)

    def insert_run(self, trigger: Trigger, total_vessels: int, started_at: datetime, due_at: datetime | None) -> Run:
        """Add a run that began, whatever else is under way; a slot that is filled already is not filled twice."""
        with writing(self._database):
            row = SchedulerRunLog.create(
                start_time=to_ms(started_at),
                due_at=None if due_at is None or self.is_filled(due_at) else to_ms(due_at),
                trigger=trigger.value,
                status=RunStatus.RUNNING.value,
                total_vessels=total_vessels,
            )
        return run_of(row)

    def log_vessel_query_result(self, run_id: str, attempt: Attempt) -> None:
        """Record an attempt and what it adds to its run's counts."""
        with writing(self._database):
            row_id = int(run_id) if run_id.isdecimal() else int(self._row(run_id).id)
            statements.insert(self._database, VesselQueryResult, [attempt_columns(row_id, attempt)])
            statements.add(
                self._database,
                SchedulerRunLog,
                row_id,
                {
                    "successful_vessels": int(attempt.success),
                    "failed_vessels": int(attempt.unreachable),
                    "retry_attempts": int(attempt.kind is AttemptKind.RETRY),
                },
            )

    def log_run_completion(
        self,
        run_id: str,
        ended_at: datetime,
        *,
        duration_seconds: float | None = None,
        status: RunStatus | None = None,
        error_message: str | None = None,
    ) -> Run:
        """Close a run; see `domain.run_figures.closed`."""
        with writing(self._database):
            row = self._row(run_id)
            run = closed(
                run_of(row),
                self._attempts(row.id),
                ended_at,
                duration_seconds=duration_seconds,
                status=status,
                error_message=error_message,
                durations_before=durations_before(row.id),
            )
            SchedulerRunLog.update(**run_columns(run)).where(SchedulerRunLog.id == row.id).execute()
            run_closed(row.id, row.start_time, first_time=row.end_time is None)
        return run

    def close_left_running(self) -> list[Run]:
        """Close the runs of a process that died as interrupted, at the end of their last attempt.

        Needs the scheduling lock: then no live run can be among them.
        """
        with writing(self._database):
            left = list(SchedulerRunLog.select().where(SchedulerRunLog.status == RunStatus.RUNNING.value))
            return [self._close_left(row) for row in left]

    def _close_left(self, row: SchedulerRunLog) -> Run:
        attempts = self._attempts(row.id)
        last_sign = max([attempt.timestamp for attempt in attempts], default=run_of(row).start_time)
        return self.log_run_completion(
            str(row.id),
            last_sign,
            status=RunStatus.INTERRUPTED,
            error_message="the process that made this run ended before the run did",
        )

    def is_filled(self, slot: datetime) -> bool:
        """Whether a run was made for this slot; a run begins after its slot."""
        with connected(self._database):
            run = SchedulerRunLog
            query = run.select(run.id).where((run.start_time >= to_ms(slot)) & (run.due_at == to_ms(slot)))
            return bool(query.exists())

    def run_under_way(self) -> Run | None:
        """The run that was opened and has not ended."""
        with connected(self._database):
            row = SchedulerRunLog.select().where(SchedulerRunLog.status == RunStatus.RUNNING.value).first()
        return run_of(row) if row else None

    def newest_run(self, now: datetime | None = None) -> Run | None:
        """The run that was made last; of those that began by `now`, since a clock may have been ahead for some."""
        with connected(self._database):
            query = SchedulerRunLog.select().order_by(SchedulerRunLog.id.desc())
            row = (query if now is None else query.where(SchedulerRunLog.start_time <= to_ms(now))).first()
        return run_of(row) if row else None

    def get_recent_runs(self, limit: int = 20) -> list[Run]:
        """The newest runs, newest first: in the order in which they were made, whatever the clock showed."""
        with connected(self._database):
            query = SchedulerRunLog.select().order_by(SchedulerRunLog.id.desc())
            return [run_of(row) for row in query.limit(limit)]

    def get_run_details(self, run_id: str) -> RunDetails:
        """A run with all its attempts; raises `NotFound`."""
        with connected(self._database), self._database.atomic():
            row = self._row(run_id)
            return RunDetails(run=run_of(row), attempts=tuple(self._attempts(row.id)))

    def started_at(self, moment: datetime, trigger: Trigger) -> Run | None:
        """The run that started at exactly this moment."""
        with connected(self._database):
            run = SchedulerRunLog
            row = run.select().where((run.start_time == to_ms(moment)) & (run.trigger == trigger.value)).first()
        return run_of(row) if row else None

    def has_attempt(self, run_id: str, attempt: Attempt) -> bool:
        """Whether the attempt is recorded."""
        with connected(self._database):
            result = VesselQueryResult
            query = result.select(result.id).where(
                (result.run == self._row(run_id).id)
                & (result.vessel_id == attempt.vessel_id)
                & (result.attempt_number == attempt.attempt_number)
            )
            return bool(query.exists())

    def run(self, run_id: str) -> Run:
        """A run; raises `NotFound`."""
        with connected(self._database):
            return run_of(self._row(run_id))

    def _row(self, run_id: str) -> SchedulerRunLog:
        run, number = SchedulerRunLog, run_id.removeprefix(_PROVISIONAL)
        row = None
        if number.isascii() and number.isdecimal() and len(number) < 10 and number == run_id:
            row = run.get_or_none(run.id == int(run_id))
        elif number.isascii() and number.isdecimal() and len(number) < 16 and number != run_id:
            row = run.select().where(run.start_time == int(number)).order_by(run.id.desc()).first()
        if row is None:
            raise NotFound(f"there is no run {run_id!r}")
        return row

    def _attempts(self, row_id: int) -> Sequence[Attempt]:
        query = VesselQueryResult.select().where(VesselQueryResult.run == row_id).order_by(VesselQueryResult.id)
        return [attempt_of(row) for row in query]


def durations_before(run_id: int) -> list[float]:
    """Seconds that the finished runs made before took, newest first.

    One query per status: each walks along an index, however long the history.
    """
    before: list[tuple[int, float]] = []
    for status in FINISHED:
        query = (
            SchedulerRunLog.select(SchedulerRunLog.id, SchedulerRunLog.duration_seconds)
            .where(
                (SchedulerRunLog.status == status.value)
                & (SchedulerRunLog.id < run_id)
                & SchedulerRunLog.duration_seconds.is_null(False)
            )
            .order_by(SchedulerRunLog.id.desc())
            .limit(SLOW_MOST_RUNS)
        )
        before += [(earlier.id, earlier.duration_seconds or 0.0) for earlier in query]
    return [duration for _, duration in sorted(before, reverse=True)]
