"""What the history forgets: attempts, runs, status changes past their days. Rollups stay: charts keep their years.

Everything happens in small steps, one short transaction each, so that neither a page nor an attempt waits for it. On
SQLite the freed pages are then given back to the file system, also in steps; on PostgreSQL autovacuum does its part,
and keeps the room for new rows.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import peewee

from fleetdash.errors import StorageError
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rollups.days import DAY_MS, day_of_ms
from fleetdash.storage.rows import plain
from fleetdash.storage.schema.migration import give_pages_back
from fleetdash.storage.schema.models import SchedulerRunLog as Run
from fleetdash.storage.schema.models import StatusChange, VesselQueryResult
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.wal import bound_wal

log = logging.getLogger(__name__)

RUNS_A_STEP = 20
"""Attempts go run by run: some 1,400 rows."""
RUNS_LOOKED_AT = 500
ROWS_A_STEP = 500
PAGES_A_STEP = 500
"""2 MB of the file."""
REST = timedelta(hours=1)
REST_AFTER_ERROR = timedelta(minutes=1)

_Place = tuple[int, int]


class Retention:
    """Prunes whole UTC days, oldest first: attempts before runs, since they are kept for a shorter time."""

    def __init__(self, database: peewee.Database, *, attempts_days: int, runs_days: int) -> None:
        self._database = database
        self._runs_days = runs_days
        self._attempts_days = min(attempts_days, runs_days)
        self._rest_until: datetime | None = None
        # how far it has come since the process began, so that no step walks over what earlier ones have seen to
        self._run_place: _Place = (-1, 0)
        self._change_place = 0

    def step(self, now: datetime) -> bool:
        """Do one small piece of work; False when there is none for now. Cheap then; never raises for the database."""
        bound_wal(self._database)
        # a clock set back must not make it rest for longer
        if self._rest_until is not None and now < self._rest_until <= now + REST:
            return False
        try:
            worked = any(work(now) for work in self._works())
        except StorageError as error:
            log.warning("the history could not be pruned: %s", error)
            self._rest_until = now + REST_AFTER_ERROR
            return False
        self._rest_until = None if worked else now + REST
        return worked

    def _works(self) -> tuple[Callable[[datetime], bool], ...]:
        return (self._prune_attempts, self._prune_runs, self._prune_changes, self._give_space_back)

    def _prune_attempts(self, now: datetime) -> bool:
        """Of the oldest runs that still have them, all attempts of a run at once: its counts stand in its row."""
        with writing(self._database):
            runs = plain(
                Run.select(Run.start_time, Run.id, peewee.fn.EXISTS(_attempts_of(Run.id)))
                .where(peewee.Tuple(Run.start_time, Run.id) > peewee.Tuple(*self._run_place))
                .where(Run.start_time < _midnight(now, self._attempts_days))
                .order_by(Run.start_time, Run.id)
                .limit(RUNS_LOOKED_AT)
            )
            seen, wanted = [], list[int]()
            for start, run_id, has_attempts in runs:
                if has_attempts:
                    wanted.append(run_id)
                seen.append((start, run_id))
                if len(wanted) == RUNS_A_STEP:
                    break
            if wanted:
                VesselQueryResult.delete().where(VesselQueryResult.run.in_(wanted)).execute()
        if seen:
            self._run_place = seen[-1]
        return bool(seen)

    def _prune_runs(self, now: datetime) -> bool:
        """A whole day at once, some hundred rows: a rebuild then finds a day either complete or gone."""
        with writing(self._database):
            oldest = Run.select(peewee.fn.MIN(Run.start_time)).scalar()
            if oldest is None or oldest >= _midnight(now, self._runs_days):
                return False
            Run.delete().where(Run.start_time < (day_of_ms(oldest) + 1) * DAY_MS).execute()
        return True

    def _prune_changes(self, now: datetime) -> bool:
        """All but the one of each device and vessel that was in force where the kept history begins."""
        before = _midnight(now, self._runs_days)
        with writing(self._database):
            rows = plain(
                StatusChange.select(StatusChange.id, StatusChange.changed_at, peewee.fn.EXISTS(_successor(before)))
                .where(StatusChange.id > self._change_place)
                .order_by(StatusChange.id)
                .limit(ROWS_A_STEP)
            )
            # they are written in the order of time; what is out of order waits for its neighbours
            old = [row for row in rows if row[1] < before]
            outdated = [change for change, _, succeeded in old if succeeded]
            if outdated:
                StatusChange.delete().where(StatusChange.id.in_(outdated)).execute()
        if old and len(old) == len(rows):
            self._change_place = old[-1][0]
        return bool(outdated) or (bool(old) and len(old) == len(rows))

    def _give_space_back(self, _now: datetime) -> bool:
        if not isinstance(self._database, peewee.SqliteDatabase):
            return False
        with connected(self._database):
            free, mode = (
                self._database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "auto_vacuum")
            )
            # 2: incremental. A file that was made without it reuses what is free, and keeps its size
            if not free or mode != 2:
                return False
            give_pages_back(self._database, PAGES_A_STEP)
        return True


def _midnight(now: datetime, days: int) -> int:
    """The UTC midnight that many days back, in milliseconds."""
    return (day_of_ms(to_ms(now)) - days) * DAY_MS


def _attempts_of(run_id: peewee.Field) -> "peewee.ModelSelect[VesselQueryResult]":
    return VesselQueryResult.select(peewee.SQL("1")).where(VesselQueryResult.run == run_id)


def _successor(before: int) -> "peewee.ModelSelect[StatusChange]":
    """A later change of the same device, or vessel, that is past its days too."""
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
