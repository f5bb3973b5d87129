"""Figures and day series, read from the daily rollups: their cost grows with the days asked for, never with runs.

Days are UTC and inclusive on both sides.
"""

from datetime import date
from typing import Any

import peewee

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
from fleetdash.storage.rollups import day_date, day_number, unpack
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import FAILURE_COUNTS, ComponentDayRow, RunDayRow, VesselDayRow
from fleetdash.storage.timestamps import from_ms

_COUNTS = [RunDayRow._meta.fields[name] for name in COUNTS]
_RUN_DAY = [field for field in RunDayRow._meta.sorted_fields if field.name not in ("day", "durations")]
_VESSEL_SUMS = [
    peewee.fn.SUM(column) for column in (VesselDayRow.runs, VesselDayRow.successes, VesselDayRow.retry_attempts)
]
_FAILURE_SUMS = [peewee.fn.SUM(column) for column in FAILURE_COUNTS.values()]
_LAST_FAILED_ON = peewee.fn.MAX(
    peewee.Case(None, [(VesselDayRow.last_failed_at.is_null(False), VesselDayRow.day)], None)
)


def first_day() -> date | None:
    """The first day with a run that ended; `None` before."""
    day = RunDayRow.select(peewee.fn.MIN(RunDayRow.day)).scalar()
    return None if day is None else day_date(day)


def run_statistics(first: date, last: date) -> RunStatistics:
    """All figures of a period; two queries. Median and percentile are exact: days keep the durations of their runs."""
    sums = summed(sums for _, sums in run_sums(first, last))
    return statistics_of(first, last, sums, vessels(first, last))


def run_sums(first: date, last: date) -> list[tuple[date, RunSums]]:
    """One per day that had runs; one query."""
    query = RunDayRow.select(RunDayRow.day, RunDayRow.durations, *_COUNTS).where(_within(RunDayRow, first, last))
    return [
        (day_date(day), RunSums(**dict(zip(COUNTS, counts, strict=True)), durations=unpack(durations)))
        for day, durations, *counts in fetch_tuples(query)
    ]


def answered_by_day(first: date, last: date) -> list[tuple[date, int, int]]:
    """Vessel queries asked and answered on each day that had runs; one query."""
    rows = RunDayRow
    query = rows.select(rows.day, rows.vessels_asked, rows.vessels_reached).where(_within(rows, first, last))
    return [(day_date(day), asked, reached) for day, asked, reached in fetch_tuples(query)]


def run_days(first: date, last: date) -> tuple[RunDay, ...]:
    """One per day, also for days without runs, so that a gap can be drawn as one; one query."""
    names = [field.name for field in _RUN_DAY]
    rows = fetch_tuples(RunDayRow.select(RunDayRow.day, *_RUN_DAY).where(_within(RunDayRow, first, last)))
    known = {day: dict(zip(names, values, strict=True)) for day, *values in rows}
    return tuple(RunDay(day_date(day), **known.get(day, {})) for day in range(day_number(first), day_number(last) + 1))


def vessel_days(first: date, last: date, vessel_id: str | None = None) -> tuple[VesselDay, ...]:
    """One vessel's, or every vessel's, days with runs, ordered by vessel, then day; one query."""
    rows = VesselDayRow
    query = rows.select(rows.vessel_id, rows.day, rows.runs, rows.successes, rows.retry_attempts)
    query = query.where(_within(rows, first, last)).order_by(rows.vessel_id, rows.day)
    if vessel_id is not None:
        query = query.where(rows.vessel_id == vessel_id)
    days = {day: day_date(day) for day in range(day_number(first), day_number(last) + 1)}
    return tuple(VesselDay(vessel, days[day], *counts) for vessel, day, *counts in fetch_tuples(query))


def reliability(first: date, last: date) -> tuple[VesselReliability, ...]:
    """Vessels, worst first, with their reasons for failure; two queries."""
    sums = _by_vessel(first, last, *_VESSEL_SUMS, *_FAILURE_SUMS, _LAST_FAILED_ON)
    reasons = _last_failures({vessel_id: day for vessel_id, *_, day in sums if day is not None})
    vessels = []
    for vessel_id, runs, successes, retries, *failed, _ in sums:
        failures = {kind: count for kind, count in zip(FAILURE_COUNTS, failed, strict=True) if count}
        vessels.append(VesselReliability(vessel_id, runs, successes, retries, failures, reasons.get(vessel_id)))
    return tuple(sorted(vessels, key=reliability_order))


def _last_failures(days: dict[str, int]) -> dict[str, LastFailure]:
    """Each vessel's, on the last day on which it failed."""
    rows = VesselDayRow
    query = rows.select(
        rows.vessel_id, rows.day, rows.last_error_kind, rows.last_error_message, rows.last_failed_at
    ).where(rows.day.in_(set(days.values())) & rows.vessel_id.in_(list(days)))
    return {
        vessel_id: LastFailure(ErrorKind(kind), message, from_ms(at))
        for vessel_id, day, kind, message, at in fetch_tuples(query)
        if day == days[vessel_id]
    }


def component_days(first: date, last: date) -> tuple[ComponentDay, ...]:
    """How each component met the SLA, day by day; one query."""
    rows = ComponentDayRow
    query = rows.select(rows.component, rows.day, rows.judged, rows.compliant, rows.uptime_percent_sum)
    return tuple(
        ComponentDay(component, day_date(day), judged, compliant, uptime / judged if judged else None)
        for component, day, judged, compliant, uptime in sorted(fetch_tuples(query.where(_within(rows, first, last))))
    )


def vessels(first: date, last: date) -> list[VesselReliability]:
    """How each vessel did, without reasons; one query."""
    return [VesselReliability(*row) for row in _by_vessel(first, last, *_VESSEL_SUMS)]


def _by_vessel(first: date, last: date, *sums: Any) -> list[tuple[Any, ...]]:
    """A row per vessel: its id and the sums."""
    rows = VesselDayRow
    return fetch_tuples(rows.select(rows.vessel_id, *sums).where(_within(rows, first, last)).group_by(rows.vessel_id))


def _within(model: Any, first: date, last: date) -> peewee.Expression:
    within: peewee.Expression = model.day.between(day_number(first), day_number(last))
    return within
