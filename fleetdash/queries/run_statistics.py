"""Figures and day series, read from the rollups: their cost grows with the weeks asked for, never with runs.

Days are UTC and inclusive on both sides.
"""

from datetime import date
from operator import attrgetter
from typing import Any

import peewee

from fleetdash.domain.analytics.period import in_weeks
from fleetdash.domain.analytics.run_statistics import (
    COUNTS,
    ComponentDay,
    LastFailure,
    RunDay,
    RunStatistics,
    RunSums,
    VesselDay,
    VesselReliability,
    reliability_order,
    statistics_of,
    summed,
)
from fleetdash.domain.runs import ErrorKind
from fleetdash.queries.analytics.covers import Cover, Row, by_vessel, cover, parts, read, vessel_sums
from fleetdash.storage.rollups.days import MONDAY_OF_WEEK, day_date, day_number, unpack
from fleetdash.storage.rows import plain
from fleetdash.storage.schema.rollups import FAILED_ON, FAILURE_COUNTS, PART_COUNTS, RunDayRow, VesselDayRow
from fleetdash.storage.timestamps import from_ms

_RUN_SUMS = parts(
    f"SELECT {MONDAY_OF_WEEK}, {', '.join(COUNTS)}, durations FROM run_weeks",
    f"SELECT day, {', '.join(COUNTS)}, durations FROM run_days",
)
_VESSELS = by_vessel("vessel_weeks", "vessel_days", PART_COUNTS)
_KINDS = tuple(column.name for column in FAILURE_COUNTS.values())
_RELIABILITY = by_vessel("vessel_weeks", "vessel_days", PART_COUNTS + _KINDS, ("last_failed_on", FAILED_ON))
_COMPONENT = "SELECT component, day, judged, compliant, uptime_percent_sum FROM"
_COMPONENT_DAYS = parts(
    f"{_COMPONENT} run_weeks JOIN component_days ON day BETWEEN {MONDAY_OF_WEEK} AND {MONDAY_OF_WEEK} + 6",
    f"{_COMPONENT} component_days",
)
_RUN_DAY = [field for field in RunDayRow._meta.sorted_fields if field.name not in ("day", "durations")]


def first_day() -> date | None:
    """The first day that anything is known of; `None` before the first run ended."""
    day = RunDayRow.select(peewee.fn.MIN(RunDayRow.day)).scalar()
    return None if day is None else day_date(day)


def run_statistics(first: date, last: date) -> RunStatistics:
    """All figures of a period; two queries. Median and percentile are exact: days keep the durations of their runs."""
    return statistics_of(first, last, period_sums(first, last), vessels(first, last))


def run_sums(first: date, last: date) -> list[tuple[date, RunSums]]:
    """One a day that had runs, or a whole week in a long period, named by its first day; one query."""
    return _RUN_SUMS.read(_cover_of_runs(first, last), _run_sums)


def period_sums(first: date, last: date) -> RunSums:
    """All runs of the period; one query, and no sorting of weeks that were sorted before."""
    return summed(_RUN_SUMS.read(_cover_of_runs(first, last), _together))


def _cover_of_runs(first: date, last: date) -> Cover:
    return cover(first, last, by_days=not in_weeks((last - first).days + 1))


def _run_sums(rows: list[Row]) -> list[tuple[date, RunSums]]:
    return [
        (day_date(day), RunSums(**dict(zip(COUNTS, counts, strict=True)), durations=unpack(durations)))
        for day, *counts, durations in rows
    ]


def _together(rows: list[Row]) -> list[RunSums]:
    return [summed(sums for _, sums in _run_sums(rows))]


def answered_by_day(first: date, last: date) -> list[tuple[date, int, int]]:
    """Vessel queries asked and answered on each day that had runs; one query."""
    sql = "SELECT day, vessels_asked, vessels_reached FROM run_days WHERE day BETWEEN ? AND ?"
    return [(day_date(day), asked, reached) for day, asked, reached in read(sql, day_number(first), day_number(last))]


def run_days(first: date, last: date) -> tuple[RunDay, ...]:
    """One a day, also for days without runs, so that a gap can be drawn as one; one query."""
    names = [field.name for field in _RUN_DAY]
    rows = plain(RunDayRow.select(RunDayRow.day, *_RUN_DAY).where(_within(RunDayRow, first, last)))
    known = {day: dict(zip(names, values, strict=True)) for day, *values in rows}
    return tuple(RunDay(day_date(day), **known.get(day, {})) for day in range(day_number(first), day_number(last) + 1))


def vessel_days(first: date, last: date, vessel_id: str | None = None) -> tuple[VesselDay, ...]:
    """A vessel's, or every vessel's, days with runs, in the order of vessels, then days; one query."""
    rows = VesselDayRow
    query = rows.select(rows.vessel_id, rows.day, rows.runs, rows.successes, rows.retry_attempts)
    query = query.where(_within(rows, first, last)).order_by(rows.vessel_id, rows.day)
    if vessel_id is not None:
        query = query.where(rows.vessel_id == vessel_id)
    days = {day: day_date(day) for day in range(day_number(first), day_number(last) + 1)}
    return tuple(VesselDay(vessel, days[day], *counts) for vessel, day, *counts in plain(query))


def reliability(first: date, last: date) -> tuple[VesselReliability, ...]:
    """Vessels, worst first, with their reasons for failure; two queries."""
    sums = vessel_sums(_RELIABILITY, cover(first, last))
    reasons = _last_failures({vessel_id: day for vessel_id, *_, day in sums if day is not None})
    found = []
    for vessel_id, runs, successes, retries, *failed, _ in sums:
        failures = {kind: count for kind, count in zip(FAILURE_COUNTS, failed, strict=True) if count}
        found.append(VesselReliability(vessel_id, runs, successes, retries, failures, reasons.get(vessel_id)))
    return tuple(sorted(found, key=reliability_order))


def _last_failures(days: dict[str, int]) -> dict[str, LastFailure]:
    """Of each vessel on the day that it failed last."""
    rows = VesselDayRow
    query = rows.select(
        rows.vessel_id, rows.day, rows.last_error_kind, rows.last_error_message, rows.last_failed_at
    ).where(rows.day.in_(set(days.values())) & rows.vessel_id.in_(list(days)))
    return {
        vessel_id: LastFailure(ErrorKind(kind), message, from_ms(at))
        for vessel_id, day, kind, message, at in plain(query)
        if day == days[vessel_id]
    }


def component_days(first: date, last: date) -> tuple[ComponentDay, ...]:
    """How each component met the SLA, day by day; one query."""
    found = _COMPONENT_DAYS.read(cover(first, last), _component_days)
    return tuple(sorted(found, key=attrgetter("component", "day")))


def _component_days(rows: list[Row]) -> list[ComponentDay]:
    return [
        ComponentDay(component, day_date(day), judged, compliant, uptime / judged if judged else None)
        for component, day, judged, compliant, uptime in rows
    ]


def vessels(first: date, last: date) -> list[VesselReliability]:
    """How each did, without reasons; one query."""
    return [VesselReliability(*row) for *row, _ in vessel_sums(_VESSELS, cover(first, last))]


def _within(model: Any, first: date, last: date) -> peewee.Expression:
    within: peewee.Expression = model.day.between(day_number(first), day_number(last))
    return within
