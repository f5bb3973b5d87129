"""`rebuild-rollups`: recomputes everything derived from `scheduler_runs` and `scheduler_vessel_results`.

The ends of statuses are recomputed from their beginnings. One transaction per day, so that a service may go on beside
it, and one that was interrupted can be started again.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import peewee

from fleetdash.domain.run_figures import FINISHED, SLOW_MOST_RUNS, recounted, timed
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus
from fleetdash.domain.vessel_outcome import VesselOutcome, vessel_outcomes
from fleetdash.storage import status_ends
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rollups import daily
from fleetdash.storage.rollups.days import DAY_MS, day_of_ms
from fleetdash.storage.rows import fetch_tuples, run_columns, run_of
from fleetdash.storage.schema import RunDayRow, SchedulerRunLog, VesselDayRow, VesselQueryResult
from fleetdash.storage.timestamps import from_ms

_RUNS_PER_STATEMENT = 500
_Result = VesselQueryResult
_ATTEMPT = (
    _Result.run, _Result.vessel_id, _Result.attempt_number, _Result.success, _Result.query_duration_seconds,
    _Result.backoff_seconds, _Result.timestamp, _Result.error_kind, _Result.error_message, _Result.chain_ended,
)  # fmt: skip


@dataclass(slots=True)
class Rebuilt:
    """How much a rebuild has gone through."""

    days: int = 0
    runs: int = 0
    attempts: int = 0


def rebuild_rollups(database: peewee.Database, progress: Callable[[Rebuilt], object] = lambda _: None) -> Rebuilt:
    """Go through all days that have runs, oldest first. Days whose runs retention removed keep what they have."""
    done = Rebuilt()
    start = peewee.fn.MIN(SchedulerRunLog.start_time)
    with connected(database):
        first = SchedulerRunLog.select(start).scalar()
        first_rollup = RunDayRow.select(peewee.fn.MIN(RunDayRow.day)).scalar()
        usual = _Usual(pruned=None not in (first, first_rollup) and first_rollup < day_of_ms(first))
        while first is not None:
            day = day_of_ms(first)
            with writing(database):
                _rebuild_day(day, usual, done)
            progress(done)
            first = SchedulerRunLog.select(start).where(SchedulerRunLog.start_time >= (day + 1) * DAY_MS).scalar()
        with writing(database):
            status_ends.write_all(database)
    return done


class _Usual:
    """Durations of finished runs, by id. `pruned`: retention removed older ones, so few may be too few.

    Days are gone through by their time, but "before" is in the order in which runs were made.
    """

    def __init__(self, *, pruned: bool) -> None:
        self._pruned = pruned
        log, finished = SchedulerRunLog, [status.value for status in FINISHED]
        query = log.select(log.id, log.duration_seconds).where(
            log.status.in_(finished) & log.duration_seconds.is_null(False)
        )
        self._durations: dict[int, float] = dict(fetch_tuples(query))
        self._ids = sorted(self._durations)

    def timed(self, run: Run) -> Run:
        """With its duration and whether it was slow; then it is one of those before."""
        run_id = int(run.run_id)
        position = bisect_left(self._ids, run_id)
        before = [self._durations[each] for each in self._ids[max(0, position - SLOW_MOST_RUNS) : position][::-1]]
        judged = timed(run, before)
        if self._pruned and len(before) < SLOW_MOST_RUNS:
            judged = replace(judged, slow=run.slow)
        if judged.status in FINISHED and judged.duration_seconds is not None:
            if run_id not in self._durations:
                insort(self._ids, run_id)
            self._durations[run_id] = judged.duration_seconds
        return judged


def _rebuild_day(day: int, usual: _Usual, done: Rebuilt) -> None:
    _lock_day(day)
    log = SchedulerRunLog
    started = (log.start_time >= day * DAY_MS) & (log.start_time < (day + 1) * DAY_MS)
    rows = list(log.select().where(started & (log.status != RunStatus.RUNNING.value)).order_by(log.id))
    attempts = _attempts([row.id for row in rows])
    complete = all(row.id in attempts or not (row.successful_vessels or row.failed_vessels) for row in rows)
    outcomes: list[VesselOutcome] = []
    for row in rows:
        own = attempts.get(row.id, ())
        outcomes += vessel_outcomes(own)
        _write_figures(row, usual.timed(recounted(run_of(row), own)))
    for batch in peewee.chunked(attempts, _RUNS_PER_STATEMENT):
        _end_chains_once(batch)
    daily.write_run_day(day)
    _write_vessel_days(day, outcomes, complete)
    done.days, done.runs = done.days + 1, done.runs + len(rows)
    done.attempts += sum(map(len, attempts.values()))


def _lock_day(day: int) -> None:
    """Lock the day's row before its runs are read: a run that is closed meanwhile then adds itself afterwards."""
    row = RunDayRow.insert(day=day, durations=b"")
    row.on_conflict(conflict_target=[RunDayRow.day], update={RunDayRow.day: peewee.EXCLUDED.day}).execute()


def _attempts(run_ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """By run; runs without any are left out."""
    by_run: dict[int, list[Attempt]] = {}
    for run_id, attempt in _read_attempts(run_ids):
        by_run.setdefault(run_id, []).append(attempt)
    return by_run


def _read_attempts(run_ids: Sequence[int]) -> Iterator[tuple[int, Attempt]]:
    for batch in peewee.chunked(run_ids, _RUNS_PER_STATEMENT):
        query = _Result.select(*_ATTEMPT).where(_Result.run.in_(batch)).order_by(_Result.run, _Result.id)
        for run_id, vessel_id, number, success, seconds, wait, at, kind, message, ended in fetch_tuples(query):
            error_kind = ErrorKind(kind) if kind else None
            yield (
                run_id,
                Attempt(vessel_id, number, bool(success), seconds, wait, from_ms(at), error_kind, message, bool(ended)),
            )


def _write_figures(row: SchedulerRunLog, run: Run) -> None:
    columns: dict[str, Any] = run_columns(run)
    if any(getattr(row, name) != value for name, value in columns.items()):
        SchedulerRunLog.update(**columns).where(SchedulerRunLog.id == row.id).execute()


def _end_chains_once(run_ids: Sequence[int]) -> None:
    """An imported history says of every attempt that its chain ended there: only the last one's did."""
    later = _Result.alias()
    has_later = later.select(peewee.SQL("1")).where(
        (later.run == _Result.run)
        & (later.vessel_id == _Result.vessel_id)
        & (later.attempt_number > _Result.attempt_number)
    )
    not_last = _Result.run.in_(run_ids) & (_Result.chain_ended == True) & peewee.fn.EXISTS(has_later)  # noqa: E712
    _Result.update(chain_ended=False).where(not_last).execute()


def _write_vessel_days(day: int, outcomes: Sequence[VesselOutcome], complete: bool) -> None:
    """From scratch where the day still has all its attempts; a day that retention has begun to prune stays as it is."""
    if complete:
        VesselDayRow.delete().where(VesselDayRow.day == day).execute()
    elif VesselDayRow.select().where(VesselDayRow.day == day).exists():
        return
    daily.add_outcomes(day, outcomes)
