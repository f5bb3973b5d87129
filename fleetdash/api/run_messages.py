"""Run events as WebSocket messages: JSON, each with `type`, `run_id` and `timestamp`."""

import json
from datetime import datetime
from typing import Any

from fleetdash.api.model_base import utc_text
from fleetdash.api.run_models import Result, Run
from fleetdash.domain import runs
from fleetdash.domain.events import AttemptFinished, RunEvent, RunFinished, RunStarted


def message(event: RunEvent) -> str:
    """One event's message."""
    match event:
        case RunStarted(run):
            return started(run)
        case AttemptFinished():
            return _attempt(event)
        case RunFinished(run):
            fields = Run.model_validate(run).model_dump(mode="json")
            return _message("scheduler_run_finished", run.run_id, run.end_time or run.start_time, fields)


def started(run: runs.Run) -> str:
    """The message that a run began."""
    fields = {"total_vessels": run.total_vessels, "trigger": run.trigger}
    return _message("scheduler_run_started", run.run_id, run.start_time, fields)


def progress(run: runs.Run, now: datetime) -> str:
    """How far a run has come, for a client that connects while it is under way."""
    return _message("scheduler_run_progress", run.run_id, now, _counts(run))


def _attempt(event: AttemptFinished) -> str:
    fields = Result.model_validate(event.attempt).model_dump(mode="json")
    return _message("vessel_query_finished", event.run_id, event.attempt.timestamp, fields | _counts(event))


def _counts(counted: runs.Run | AttemptFinished) -> dict[str, int]:
    return {
        "finished_vessels": counted.finished_vessels,
        "successful_vessels": counted.successful_vessels,
        "failed_vessels": counted.failed_vessels,
        "total_vessels": counted.total_vessels,
    }


def _message(kind: str, run_id: str, moment: datetime, fields: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "run_id": run_id, "timestamp": utc_text(moment)} | fields, ensure_ascii=False)
