"""Weekly rollups: what a long period is read from. A week is made anew from its days whenever one of them changed.

So they are equal to what their days add up to, whatever wrote these: a run's end, a late one, a rebuild.
"""

import secrets
from itertools import chain

import peewee

from fleetdash.domain.analytics.run_statistics import COUNTS
from fleetdash.storage import statements
from fleetdash.storage.rollups.days import monday_of, pack, unpack, week_of
from fleetdash.storage.rows import plain
from fleetdash.storage.schema.models import database
from fleetdash.storage.schema.rollups import (
    FAILED_ON,
    FAILURE_COUNTS,
    PART_COUNTS,
    VERDICT_SUMS,
    RunDayRow,
    RunWeekRow,
    VesselDayRow,
    VesselSlaDayRow,
    VesselSlaWeekRow,
    VesselWeekRow,
)

_VESSEL_COUNTS = (*PART_COUNTS, *(column.name for column in FAILURE_COUNTS.values()))


def write_week_of(day: int) -> None:
    """The rows of the week that the day lies in; in the caller's transaction, after all that it wrote of the day."""
    week = week_of(day)
    _hold(week)
    _write_runs(week)
    _write_vessels(week, VesselWeekRow, VesselDayRow, _VESSEL_COUNTS, last_failed_on=f"MAX({FAILED_ON})")
    _write_vessels(week, VesselSlaWeekRow, VesselSlaDayRow, VERDICT_SUMS)


def _hold(week: int) -> None:
    """Lock the week before its days are read: who writes another of its days meanwhile then makes it afterwards."""
    # drawn by lot: two transactions must not come to the same number, nor one after another that was rolled back
    row = RunWeekRow.insert(week=week, durations=b"", written=secrets.randbits(62))
    update = {RunWeekRow.written: peewee.EXCLUDED.written}
    row.on_conflict(conflict_target=[RunWeekRow.week], update=update).execute()


def _write_runs(week: int) -> None:
    fields = [RunDayRow._meta.fields[name] for name in COUNTS]
    days = plain(RunDayRow.select(RunDayRow.durations, *fields).where(RunDayRow.day.between(*_days(week))))
    packed, *counts = zip(*days, strict=True)
    sums = {name: sum(values) for name, values in zip(COUNTS, counts, strict=True)}
    durations = pack(chain.from_iterable(unpack(each) for each in packed))
    RunWeekRow.update(durations=durations, **sums).where(RunWeekRow.week == week).execute()


def _write_vessels(
    week: int, weeks: type[peewee.Model], days: type[peewee.Model], sums: tuple[str, ...], **more: str
) -> None:
    """`more`: columns that are no sums, and how they come from those of the days."""
    table, names = weeks._meta.table_name, ", ".join((*sums, *more))
    values = ", ".join((*(f"SUM({name})" for name in sums), *more.values()))
    statements.run(database, f"DELETE FROM {table} WHERE week = ?", week)
    statements.run(
        database,
        f"INSERT INTO {table} (week, vessel_id, {names}) SELECT {week}, vessel_id, {values} "
        f"FROM {days._meta.table_name} WHERE day BETWEEN ? AND ? GROUP BY vessel_id",
        *_days(week),
    )


def _days(week: int) -> tuple[int, int]:
    return monday_of(week), monday_of(week) + 6
