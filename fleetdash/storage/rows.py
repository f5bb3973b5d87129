"""Rows -> domain values: no Peewee row leaves storage and queries."""

import json
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from fleetdash.domain.analytics.run_statistics import RunSums
from fleetdash.domain.pings import NO_HOURS, PingHours
from fleetdash.domain.recording import AnswerNotes, QueryMemory
from fleetdash.domain.run_figures import FINISHED
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus, Trigger
from fleetdash.domain.status import ComponentFigures, DeviceState, SyncStatus
from fleetdash.storage.schema import DeviceRecord, SchedulerRunLog, VesselQueryResult, database
from fleetdash.storage.timestamps import from_ms, to_ms

_HOUR_MS = 3_600_000


def fetch_tuples(query: Any) -> list[tuple[Any, ...]]:
    """A query's rows as the driver returns them, without the cost of a model per row. Booleans may be 0 or 1."""
    rows: list[tuple[Any, ...]] = database.execute(query).fetchall()
    return rows


def run_of(row: SchedulerRunLog) -> Run:
    """A row of the run log -> a run."""
    return Run(
        run_id=str(row.id),
        start_time=from_ms(row.start_time),
        end_time=from_ms(row.end_time),
        trigger=Trigger(row.trigger),
        status=RunStatus(row.status),
        total_vessels=row.total_vessels,
        successful_vessels=row.successful_vessels,
        failed_vessels=row.failed_vessels,
        retry_attempts=row.retry_attempts,
        duration_seconds=row.duration_seconds,
        retry_seconds=row.retry_seconds,
        retry_wait_seconds=row.retry_wait_seconds,
        retry_query_seconds=row.retry_query_seconds,
        slow=bool(row.slow),
        error_message=row.error_message,
    )


def run_columns(run: Run) -> dict[str, Any]:
    """The columns that are written when a run is closed."""
    return {
        "end_time": to_ms(run.end_time),
        "status": run.status.value,
        "successful_vessels": run.successful_vessels,
        "failed_vessels": run.failed_vessels,
        "retry_attempts": run.retry_attempts,
        "duration_seconds": run.duration_seconds,
        "retry_seconds": run.retry_seconds,
        "retry_wait_seconds": run.retry_wait_seconds,
        "retry_query_seconds": run.retry_query_seconds,
        "success_rate_percent": run.success_rate_percent,
        "slow": run.slow,
        "error_message": run.error_message,
    }


_Run = SchedulerRunLog
RUN_SUMS = (
    _Run.status, _Run.slow, _Run.due_at, _Run.successful_vessels, _Run.failed_vessels, _Run.retry_attempts,
    _Run.retry_seconds, _Run.retry_wait_seconds, _Run.retry_query_seconds, _Run.duration_seconds,
)  # fmt: skip
"""The columns that `run_sums_of` takes."""


def run_sums_of(
    status: str,
    slow: bool,
    due_at: int | None,
    reached: int,
    failed: int,
    retries: int,
    retry_seconds: float,
    wait_seconds: float,
    query_seconds: float,
    duration: float | None,
) -> RunSums:
    """What a run that ended adds to the sums of its period."""
    return RunSums(
        **{f"{status}_runs": 1},
        slow_runs=int(slow),
        slots_filled=int(due_at is not None),
        vessels_asked=reached + failed,
        vessels_reached=reached,
        retry_attempts=retries,
        retry_seconds=retry_seconds,
        retry_wait_seconds=wait_seconds,
        retry_query_seconds=query_seconds,
        durations=[duration] if status in FINISHED and duration is not None else [],
    )


def attempt_of(row: VesselQueryResult) -> Attempt:
    """A row -> an attempt."""
    return Attempt(
        vessel_id=row.vessel_id,
        attempt_number=row.attempt_number,
        success=bool(row.success),
        query_duration_seconds=row.query_duration_seconds,
        backoff_seconds=row.backoff_seconds,
        timestamp=from_ms(row.timestamp),
        error_kind=ErrorKind(row.error_kind) if row.error_kind else None,
        error_message=row.error_message,
        chain_ended=bool(row.chain_ended),
    )


def attempt_columns(run_id: int, attempt: Attempt) -> dict[str, Any]:
    """An attempt -> the columns that hold it."""
    return {
        "run_id": run_id,
        "vessel_id": attempt.vessel_id,
        "attempt_number": attempt.attempt_number,
        "kind": attempt.kind.value,
        "success": attempt.success,
        "query_duration_seconds": attempt.query_duration_seconds,
        "backoff_seconds": attempt.backoff_seconds,
        "error_kind": attempt.error_kind.value if attempt.error_kind else None,
        "error_message": attempt.error_message,
        "timestamp": to_ms(attempt.timestamp),
        "chain_ended": attempt.chain_ended,
    }


def device_of(row: DeviceRecord) -> DeviceState:
    """What is remembered of a device."""
    return DeviceState(
        ip_address=row.ip_address,
        component=row.component,
        observed_status=SyncStatus(row.observed_status),
        observed_at=from_ms(row.observed_at),
        hours=_hours(row.hours),
        average_response_ms=row.average_response_ms,
        last_ping_at=from_ms(row.last_ping_at),
        last_success_at=from_ms(row.last_success_at),
        down_since=from_ms(row.down_since),
        down_since_is_bound=bool(row.down_since_is_bound),
    )


def device_columns(device: DeviceState) -> dict[str, Any]:
    """A device's state -> the columns that hold it."""
    return {
        "component": device.component,
        "observed_status": device.observed_status.value,
        "observed_at": to_ms(device.observed_at),
        "hours": _hours_text(device.hours),
        "average_response_ms": device.average_response_ms,
        "last_ping_at": to_ms(device.last_ping_at),
        "last_success_at": to_ms(device.last_success_at),
        "down_since": to_ms(device.down_since),
        "down_since_is_bound": device.down_since_is_bound,
    }


def components_of(text: str) -> tuple[ComponentFigures, ...]:
    """The JSON in a vessel's row -> its component figures."""
    return tuple(ComponentFigures(*values) for values in json.loads(text))


def components_text(components: tuple[ComponentFigures, ...]) -> str:
    """The inverse of `components_of`."""
    return json.dumps(
        [
            [c.component, c.uptime_percent, c.meets_sla, c.devices_up, c.devices_down, c.devices_total, c.sla_percent]
            for c in components
        ]
    )


_MEMORY, _NOTES = TypeAdapter(QueryMemory), TypeAdapter(AnswerNotes)


@lru_cache(maxsize=4096)
def query_memory_of(text: str) -> QueryMemory:
    """The JSON in a vessel's row -> what the next request to it needs."""
    return _MEMORY.validate_json(text)


def query_memory_text(memory: QueryMemory) -> str:
    """The inverse of `query_memory_of`."""
    return _MEMORY.dump_json(memory, exclude_defaults=True).decode()


@lru_cache(maxsize=4096)
def notes_of(text: str) -> AnswerNotes:
    """The JSON in a vessel's row -> what the reason for its status names."""
    return _NOTES.validate_json(text)


def notes_text(notes: AnswerNotes) -> str:
    """The inverse of `notes_of`."""
    return _NOTES.dump_json(notes, exclude_defaults=True).decode()


# most devices of a healthy fleet share the same hours, and most are read again unchanged
@lru_cache(maxsize=4096)
def _hours(text: str) -> PingHours:
    cells = json.loads(text)
    if not cells:
        return NO_HOURS
    starts, expected, recorded, answered = map(tuple, zip(*cells, strict=True))
    return PingHours(from_ms(starts[0]), expected, recorded, answered)


def _hours_text(hours: PingHours) -> str:
    """A list of [start, expected, recorded, answered], the start in milliseconds since 1970."""
    first = to_ms(hours.first)
    starts = range(first, first + len(hours) * _HOUR_MS, _HOUR_MS)
    return json.dumps(list(zip(starts, hours.expected, hours.recorded, hours.answered, strict=True)))
