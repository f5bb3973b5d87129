"""Everything derived from `scheduler_runs` and `scheduler_vessel_results`, made anew: `rebuild-rollups`.

So are the ends of statuses, from their beginnings. A transaction a day, so that a service may go on beside it and one
that is cut short can simply be started again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from fleetdash.domain.runs import (
    SLOW_MOST_RUNS,
    Attempt,
    ErrorKind,
    RunStatus,
    is_slow,
    retry_time,
    success_rate_percent,
)
from fleetdash.domain.vessel_outcome import VesselOutcome, vessel_outcomes
from fleetdash.storage import status_ends
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rollups import daily
from fleetdash.storage.rollups.days import DAY_MS, day_of_ms
from fleetdash.storage.rollups.weeks import write_week_of
from fleetdash.storage.rows import plain
from fleetdash.storage.schema.models import SchedulerRunLog as Run
from fleetdash.storage.schema.models import VesselQueryResult as Result
from fleetdash.storage.schema.rollups import RunDayRow, VesselDayRow
from fleetdash.storage.timestamps import from_ms

_RUNS_A_STATEMENT = 500
_FINISHED = ("completed", "partial", "failed")
_ATTEMPT = (
    Result.run, Result.vessel_id, Result.attempt_number, Result.success, Result.query_duration_seconds,
    Result.backoff_seconds, Result.timestamp, Result.error_kind, Result.error_message, Result.chain_ended,
)  # fmt: skip
_DERIVED = (
    "successful_vessels", "failed_vessels", "retry_attempts", "retry_seconds", "retry_wait_seconds",
    "retry_query_seconds", "success_rate_percent", "duration_seconds", "slow",
)  # fmt: skip


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild went through."""

    days: int = 0
    runs: int = 0
    attempts: int = 0


def rebuild_rollups(database: peewee.Database, progress: Callable[[Rebuilt], object] = lambda _: None) -> Rebuilt:
    """Go through all days that have runs, oldest first. Days whose runs retention removed keep what they have."""
    done = Rebuilt()
    usual = _Usual()
    with connected(database):
        first = Run.select(peewee.fn.MIN(Run.start_time)).scalar()
        rolled_up = RunDayRow.select(peewee.fn.MIN(RunDayRow.day)).scalar()
        usual.pruned = first is not None and rolled_up is not None and rolled_up < day_of_ms(first)
        while first is not None:
            day = day_of_ms(first)
            with writing(database):
                _rebuild_day(day, usual, done)
            progress(done)
            first = Run.select(peewee.fn.MIN(Run.start_time)).where(Run.start_time >= (day + 1) * DAY_MS).scalar()
        with writing(database):
            status_ends.write_all(database)
    return done


class _Usual:
    """What the runs before took, newest first. `pruned`: the log once went further back, so few may be too few."""

    def __init__(self) -> None:
        self.pruned = False
        self._before: deque[float] = deque(maxlen=SLOW_MOST_RUNS)

    def slow(self, run: Run, duration: float | None) -> bool:
        if run.status not in _FINISHED or duration is None:
            return False
        known = bool(run.slow)
        if not self.pruned or len(self._before) == SLOW_MOST_RUNS:
            known = is_slow(duration, list(self._before))
        self._before.appendleft(duration)
        return known


def _rebuild_day(day: int, usual: _Usual, done: Rebuilt) -> None:
    _hold(day)
    ended = (Run.start_time >= day * DAY_MS) & (Run.start_time < (day + 1) * DAY_MS)
    ended &= Run.status != RunStatus.RUNNING.value
    runs = list(Run.select().where(ended).order_by(Run.start_time, Run.id))
    attempts = _attempts([run.id for run in runs])
    complete = all(run.id in attempts or not (run.successful_vessels or run.failed_vessels) for run in runs)
    day_parts: list[VesselOutcome] = []
    for run in runs:
        mine = attempts.get(run.id, ())
        parts = vessel_outcomes(mine)
        day_parts += parts
        _write_derived(run, _derived(run, mine, parts, usual))
    for batch in peewee.chunked(attempts, _RUNS_A_STATEMENT):
        _end_chains_once(batch)
    daily.write_run_day(day)
    _write_vessel_days(day, day_parts, complete)
    write_week_of(day)
    done.days, done.runs = done.days + 1, done.runs + len(runs)
    done.attempts += sum(map(len, attempts.values()))


def _hold(day: int) -> None:
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
    for batch in peewee.chunked(run_ids, _RUNS_A_STATEMENT):
        query = Result.select(*_ATTEMPT).where(Result.run.in_(batch)).order_by(Result.run, Result.id)
        for run_id, vessel_id, number, success, seconds, wait, at, kind, message, ended in plain(query):
            error_kind = ErrorKind(kind) if kind else None
            yield (
                run_id,
                Attempt(vessel_id, number, bool(success), seconds, wait, from_ms(at), error_kind, message, bool(ended)),
            )


def _derived(run: Run, attempts: Sequence[Attempt], parts: Sequence[VesselOutcome], usual: _Usual) -> dict[str, Any]:
    """A run whose attempts retention removed keeps its counts."""
    values = {name: getattr(run, name) for name in _DERIVED}
    if attempts:
        times = retry_time(attempts)
        values |= {
            "successful_vessels": sum(part.reached for part in parts),
            "failed_vessels": sum(part.failed for part in parts),
            "retry_attempts": sum(part.retries for part in parts),
            "retry_seconds": times.wall_seconds,
            "retry_wait_seconds": times.wait_seconds,
            "retry_query_seconds": times.query_seconds,
        }
    if run.duration_seconds is None and run.end_time is not None:
        values["duration_seconds"] = max(0, run.end_time - run.start_time) / 1000
    values["success_rate_percent"] = success_rate_percent(values["successful_vessels"], run.total_vessels)
    values["slow"] = usual.slow(run, values["duration_seconds"])
    return values


def _write_derived(run: Run, values: dict[str, Any]) -> None:
    if any(getattr(run, name) != value for name, value in values.items()):
        Run.update(**values).where(Run.id == run.id).execute()


def _end_chains_once(run_ids: Sequence[int]) -> None:
    """A history from elsewhere says of every attempt that its chain ended there: only the last one's did."""
    later = Result.alias()
    has_later = later.select(peewee.SQL("1")).where(
        (later.run == Result.run)
        & (later.vessel_id == Result.vessel_id)
        & (later.attempt_number > Result.attempt_number)
    )
    not_last = Result.run.in_(run_ids) & (Result.chain_ended == True) & peewee.fn.EXISTS(has_later)  # noqa: E712
    Result.update(chain_ended=False).where(not_last).execute()


def _write_vessel_days(day: int, parts: Sequence[VesselOutcome], complete: bool) -> None:
    """Anew where all attempts of the day are still there; what retention has begun to remove stays as it is."""
    if complete:
        VesselDayRow.delete().where(VesselDayRow.day == day).execute()
    elif VesselDayRow.select().where(VesselDayRow.day == day).exists():
        return
    daily.add_vessel_parts(day, parts)
