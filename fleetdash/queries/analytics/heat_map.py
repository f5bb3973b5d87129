"""The heat map of a period: days and weeks from the rollups, hours from the attempts while these are kept."""

from collections.abc import Sequence
from datetime import datetime

import peewee

from fleetdash.domain.analytics.heat_map import HeatMap, heat_columns, heat_rows, heat_step
from fleetdash.domain.analytics.period import Period, Step
from fleetdash.domain.analytics.time_buckets import WIDTHS
from fleetdash.queries.analytics.run_sums import counted_attempts, oldest_attempt
from fleetdash.storage.rollups import day_number
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.schema import VesselDayRow
from fleetdash.storage.schema import VesselQueryResult as Result
from fleetdash.storage.timestamps import to_ms

_Cells = list[tuple[int, str, int, int]]
"""Column, vessel, runs and successes."""


def heat_map(period: Period, names: dict[str, str], order: Sequence[str], known_since: datetime | None) -> HeatMap:
    """A row per vessel in the given order; two queries."""
    oldest = oldest_attempt()
    # whole days of attempts are removed; a history may begin within the period
    first_day = period.first if known_since is None else max(period.first, known_since.date())
    step = heat_step(period, hours_known=oldest is not None and oldest.date() <= first_day)
    starts = heat_columns(period, step)
    return HeatMap(step, starts, heat_rows(names, order, heat_cells(period, step, starts), len(starts)))


def heat_cells(period: Period, step: Step, starts: Sequence[datetime]) -> _Cells:
    """What to add to which cell; one query."""
    return _hours(period, starts[0]) if step is Step.HOUR else _days(period, step, starts[0])


def _hours(period: Period, start: datetime) -> _Cells:
    """Counted attempt by attempt."""
    hour = (Run.start_time - to_ms(start)) / 3_600_000
    query = counted_attempts(period, hour, Result.vessel_id)
    return [tuple(cell) for cell in fetch_tuples(query.group_by(peewee.SQL("1"), Result.vessel_id))]


def _days(period: Period, step: Step, start: datetime) -> _Cells:
    rows, first = VesselDayRow, day_number(start.date())
    column = (rows.day - first) / WIDTHS[step].days
    within = rows.day.between(day_number(period.first), day_number(period.last))
    query = rows.select(column, rows.vessel_id, peewee.fn.SUM(rows.runs), peewee.fn.SUM(rows.successes)).where(within)
    return [tuple(cell) for cell in fetch_tuples(query.group_by(peewee.SQL("1"), rows.vessel_id))]
