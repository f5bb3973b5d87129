"""Retention: removes attempts, runs and status changes past their days. Rollups stay, so charts keep their years.

It works in small steps, each a short transaction, so that neither a page nor an attempt waits for it. On SQLite the
freed pages are then returned to the file system, also in steps; on PostgreSQL autovacuum reuses them.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median

import peewee

from fleetdash.errors import StorageError
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rollups import DAY_MS, day_of_ms
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.schema import StatusChange, VesselQueryResult, VesselRecord, release_free_pages
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.wal import bound_wal

log = logging.getLogger(__name__)

RUNS_PER_STEP = 20
"""Some 1,400 attempts."""
RUNS_EXAMINED = 500
ROWS_PER_STEP = 500
PAGES_PER_STEP = 500
"""2 MB of the file."""
PAUSE = timedelta(hours=1)
PAUSE_AFTER_ERROR = timedelta(minutes=1)

_Position = tuple[int, int]


class Retention:
    """Prunes whole UTC days, oldest first; attempts are kept for a shorter time than runs."""

    def __init__(self, database: peewee.Database, *, attempts_days: int, runs_days: int) -> None:
        self._database = database
        self._runs_days = runs_days
        self._attempts_days = min(attempts_days, runs_days)
        self._paused_until: datetime | None = None
        # progress since the process began, so that no step repeats earlier ones
        self._run_position: _Position = (-1, 0)
        self._change_position = 0

    def step(self, now: datetime) -> bool:
        """Do one step; `False`, and cheap, when there is nothing to do. Never raises `StorageError`."""
        bound_wal(self._database)
        # a clock that was set back must not extend the pause
        if self._paused_until is not None and now < self._paused_until <= now + PAUSE:
            return False
        try:
            present = self._present(now)
            worked = any(task(present) for task in self._tasks())
        except StorageError as error:
            log.warning("the history could not be pruned: %s", error)
            self._paused_until = now + PAUSE_AFTER_ERROR
            return False
        self._paused_until = None if worked else now + PAUSE
        return worked

    def _present(self, now: datetime) -> datetime:
        """By the vessels' clocks, where most agree that ours is ahead: what is removed cannot be restored."""
        vessels = VesselRecord
        with connected(self._database):
            query = vessels.select(vessels.clock_skew_seconds)
            skews = fetch_tuples(query.where(vessels.left_at.is_null() & vessels.observed_at.is_null(False)))
        return now + timedelta(seconds=min(0, median(skew for (skew,) in skews) if skews else 0))

    def _tasks(self) -> tuple[Callable[[datetime], bool], ...]:
        return (self._prune_attempts, self._prune_runs, self._prune_changes, self._release_space)

    def _prune_attempts(self, now: datetime) -> bool:
        """All attempts of the oldest runs that still have some; the run's row keeps its counts."""
        with writing(self._database):
            runs = fetch_tuples(
                Run.select(Run.start_time, Run.id, peewee.fn.EXISTS(_attempts_of(Run.id)))
                .where(peewee.Tuple(Run.start_time, Run.id) > peewee.Tuple(*self._run_position))
                .where(Run.start_time < _midnight(now, self._attempts_days))
                .order_by(Run.start_time, Run.id)
                .limit(RUNS_EXAMINED)
            )
            seen, outdated = [], list[int]()
            for start, run_id, has_attempts in runs:
                if has_attempts:
                    outdated.append(run_id)
                seen.append((start, run_id))
                if len(outdated) == RUNS_PER_STEP:
                    break
            if outdated:
                VesselQueryResult.delete().where(VesselQueryResult.run.in_(outdated)).execute()
        if seen:
            self._run_position = seen[-1]
        return bool(seen)

    def _prune_runs(self, now: datetime) -> bool:
        """A whole day at once, some hundred rows: a rebuild finds a day either complete or gone."""
        with writing(self._database):
            oldest = Run.select(peewee.fn.MIN(Run.start_time)).scalar()
            if oldest is None or oldest >= _midnight(now, self._runs_days):
                return False
            Run.delete().where(Run.start_time < (day_of_ms(oldest) + 1) * DAY_MS).execute()
        return True

    def _prune_changes(self, now: datetime) -> bool:
        """All but the one of each device and vessel in force where the history begins."""
        before = _midnight(now, self._runs_days)
        with writing(self._database):
            rows = fetch_tuples(
                StatusChange.select(StatusChange.id, StatusChange.changed_at, peewee.fn.EXISTS(_successor(before)))
                .where(StatusChange.id > self._change_position)
                .order_by(StatusChange.id)
                .limit(ROWS_PER_STEP)
            )
            # they are written in the order of time, but for those of a time when the clock was ahead
            old = [row for row in rows if row[1] < before]
            outdated = [change for change, _, succeeded in old if succeeded]
            if outdated:
                StatusChange.delete().where(StatusChange.id.in_(outdated)).execute()
        if old:
            self._change_position = old[-1][0]
        return bool(old)

    def _release_space(self, _now: datetime) -> bool:
        if not isinstance(self._database, peewee.SqliteDatabase):
            return False
        with connected(self._database):
            free, mode = (
                self._database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "auto_vacuum")
            )
            # 2: incremental. A file made without it reuses free pages, and keeps its size
            if not free or mode != 2:
                return False
            release_free_pages(self._database, PAGES_PER_STEP)
        return True


def _midnight(now: datetime, days: int) -> int:
    """The UTC midnight that many days back, in milliseconds."""
    return (day_of_ms(to_ms(now)) - days) * DAY_MS


def _attempts_of(run_id: peewee.Field) -> "peewee.ModelSelect[VesselQueryResult]":
    return VesselQueryResult.select(peewee.SQL("1")).where(VesselQueryResult.run == run_id)


def _successor(before: int) -> "peewee.ModelSelect[StatusChange]":
    """A later change of the same device, or vessel, that is also past its days."""
    later = StatusChange.alias()
    same = (later.ip_address == StatusChange.ip_address) | (
        later.ip_address.is_null() & StatusChange.ip_address.is_null()
    )
    newer = (later.changed_at > StatusChange.changed_at) | (
        (later.changed_at == StatusChange.changed_at) & (later.id > StatusChange.id)
    )
    return later.select(peewee.SQL("1")).where(
        (later.vessel == StatusChange.vessel) & same & newer & (later.changed_at < before)
    )
