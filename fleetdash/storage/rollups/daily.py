"""Daily rollups, written in the transaction that closes a run; `rollups.rebuild` recomputes them."""

from collections.abc import Iterable
from typing import Any

import peewee

from fleetdash.domain import sla
from fleetdash.domain.analytics.run_statistics import COUNTS, percentile, summed
from fleetdash.domain.runs import Attempt, RunStatus, failure_kind
from fleetdash.domain.status import ServiceStatus
from fleetdash.domain.vessel_outcome import VesselOutcome, vessel_outcomes
from fleetdash.storage.rollups.days import DAY_MS, day_of_ms, pack
from fleetdash.storage.rows import RUN_SUMS, attempt_of, components_of, fetch_tuples, run_sums_of
from fleetdash.storage.schema import (
    FAILURE_COUNTS,
    ComponentDayRow,
    RunDayRow,
    VesselDayRow,
    VesselQueryResult,
    VesselRecord,
    VesselSlaDayRow,
)
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.timestamps import to_ms

_ROWS_PER_STATEMENT = 500
_NEWEST = ("last_failed_at", "last_error_kind", "last_error_message")
_NO_OUTCOME: dict[str, Any] = {
    "runs": 0,
    "successes": 0,
    "retry_attempts": 0,
    **{column.name: 0 for column in FAILURE_COUNTS.values()},
    **dict.fromkeys(_NEWEST),
}


def run_closed(run_id: int, started_at: int, *, first_time: bool) -> None:
    """Add a run that was just closed to its day, in the caller's transaction. Costs what a day's runs cost.

    When it is closed a second time, its vessels' sums have it already; a rebuild corrects what changed.
    """
    day = day_of_ms(started_at)
    write_run_day(day)
    if first_time:
        results = VesselQueryResult.select().where(VesselQueryResult.run == run_id).order_by(VesselQueryResult.id)
        add_outcomes(day, vessel_outcomes(attempt_of(row) for row in results))
        _add_verdicts(day)


def write_run_day(day: int) -> None:
    """Write the day's row, from its runs."""
    started = (Run.start_time >= day * DAY_MS) & (Run.start_time < (day + 1) * DAY_MS)
    # in one order, since sums of fractions depend on it
    ended = Run.select(*RUN_SUMS).where(started & (Run.status != RunStatus.RUNNING.value)).order_by(Run.id)
    runs = fetch_tuples(ended)
    sums = summed(run_sums_of(*run) for run in runs)
    row = {
        "day": day,
        **{name: getattr(sums, name) for name in COUNTS},
        "timed_runs": len(sums.durations),
        "duration_seconds": sum(sums.durations),
        "median_duration_seconds": percentile(sums.durations, 0.5),
        "p95_duration_seconds": percentile(sums.durations, 0.95),
        "durations": pack(sums.durations),
    }
    _upsert(RunDayRow, [row], [RunDayRow.day])


def add_outcomes(day: int, outcomes: Iterable[VesselOutcome]) -> None:
    """Add outcomes of runs of a day to its vessels' sums; the day's own row must exist."""
    rows: dict[str, dict[str, Any]] = {}
    for outcome in outcomes:
        vessel_id = outcome.last.vessel_id
        row = rows.setdefault(vessel_id, {**_NO_OUTCOME, "day": day, "vessel_id": vessel_id})
        row["runs"] += outcome.reached or outcome.failed
        row["successes"] += outcome.reached
        row["retry_attempts"] += outcome.retries
        if outcome.failed:
            _add_failure(row, outcome.last)
    _add(VesselDayRow, list(rows.values()))


def _add_failure(row: dict[str, Any], last: Attempt) -> None:
    kind = failure_kind(last.error_kind)
    row[FAILURE_COUNTS[kind].name] += 1
    failed_at = to_ms(last.timestamp)
    if row["last_failed_at"] is None or failed_at >= row["last_failed_at"]:
        row |= {
            "last_failed_at": failed_at,
            "last_error_kind": kind.value,
            "last_error_message": last.error_message or "",
        }


def _add_verdicts(day: int) -> None:
    """The present verdicts on vessels and components, as far as they count."""
    record = VesselRecord
    query = record.select(
        record.id, record.status, record.components, record.uptime_percent, record.coverage_percent
    ).where(record.left_at.is_null())
    components: dict[str, dict[str, Any]] = {}
    vessels: list[dict[str, Any]] = []
    for vessel_id, status, text, uptime, coverage in fetch_tuples(query):
        checks = sla.counted(ServiceStatus(status), components_of(text))
        for check in checks:
            empty = {"day": day, "component": check.component, "judged": 0, "compliant": 0, "uptime_percent_sum": 0.0}
            row = components.setdefault(check.component, empty)
            row["judged"] += 1
            row["compliant"] += bool(check.meets_sla)
            row["uptime_percent_sum"] += check.uptime_percent or 0.0
        if checks:
            met = sla.vessel_meets_sla(checks)
            vessels.append(_vessel_sla_day(day, vessel_id, met, uptime or 0.0, coverage or 0.0))
    _add(ComponentDayRow, list(components.values()))
    _add(VesselSlaDayRow, vessels)


def _vessel_sla_day(day: int, vessel_id: str, met: bool, uptime: float, coverage: float) -> dict[str, Any]:
    return {
        "day": day,
        "vessel_id": vessel_id,
        "judged": 1,
        "compliant": int(met),
        "uptime_percent_sum": uptime,
        "coverage_percent_sum": coverage,
    }


def _add(model: type[peewee.Model], rows: list[dict[str, Any]]) -> None:
    """Insert rows, or add to the numbers of existing ones; a newer failure replaces an older one."""
    if not rows:
        return
    key: tuple[str, ...] = model._meta.primary_key.field_names  # type: ignore[union-attr]
    fields = [model._meta.fields[name] for name in rows[0] if name not in key]
    update = {f: peewee.fn.COALESCE(_new(f), f) if f.name in _NEWEST else f + _new(f) for f in fields}
    _insert(model, rows, [model._meta.fields[name] for name in key], update)


def _upsert(model: type[peewee.Model], rows: list[dict[str, Any]], key: list[peewee.Field]) -> None:
    names = {field.name for field in key}
    fields = [model._meta.fields[name] for name in rows[0] if name not in names]
    _insert(model, rows, key, {field: _new(field) for field in fields})


def _insert(
    model: type[peewee.Model], rows: list[dict[str, Any]], key: list[peewee.Field], update: dict[peewee.Field, Any]
) -> None:
    for batch in peewee.chunked(rows, _ROWS_PER_STATEMENT):
        model.insert_many(batch).on_conflict(conflict_target=key, update=update).execute()


def _new(field: peewee.Field) -> Any:
    return getattr(peewee.EXCLUDED, field.column_name)
