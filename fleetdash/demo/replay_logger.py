"""The run log of a replay: a run's attempts written together, since nobody looks while it is under way."""

from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunStatus
from fleetdash.storage.database import connected
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema import SchedulerRunLog, VesselQueryResult
from fleetdash.storage.timestamps import to_ms

_SAME_NAME = (
    "vessel_id", "attempt_number", "kind", "success", "query_duration_seconds", "backoff_seconds", "error_kind",
    "error_message", "chain_ended",
)  # fmt: skip


class ReplayLogger(SchedulerRunLogger):
    """Leaves the same rows as a `SchedulerRunLogger`, in a tenth of the time: peewee's statements are what costs."""

    def __init__(self, database: peewee.Database) -> None:
        super().__init__(database)
        self._replayed = database
        self._attempts_of_run: list[Attempt] = []

    def log_vessel_query_result(self, run_id: str, attempt: Attempt) -> None:
        """Keep an attempt until its run is closed."""
        self._attempts_of_run.append(attempt)

    def log_run_completion(
        self,
        run_id: str,
        ended_at: datetime,
        *,
        duration_seconds: float | None = None,
        status: RunStatus | None = None,
        error_message: str | None = None,
    ) -> Run:
        """Write the run's attempts and close it."""
        with connected(self._replayed), self._replayed.atomic():
            self._write(run_id, self._attempts_of_run)
            self._attempts_of_run = []
            return super().log_run_completion(
                run_id, ended_at, duration_seconds=duration_seconds, status=status, error_message=error_message
            )

    def _write(self, run_id: str, attempts: list[Attempt]) -> None:
        if not attempts:
            return
        VesselQueryResult.insert_many([_row(run_id, attempt) for attempt in attempts]).execute()
        SchedulerRunLog.update(
            successful_vessels=sum(attempt.success for attempt in attempts),
            failed_vessels=sum(attempt.unreachable for attempt in attempts),
            retry_attempts=sum(attempt.kind is AttemptKind.RETRY for attempt in attempts),
        ).where(SchedulerRunLog.id == int(run_id)).execute()


def _row(run_id: str, attempt: Attempt) -> dict[str, Any]:
    same = {name: getattr(attempt, name) for name in _SAME_NAME}
    return {"run": int(run_id), "timestamp": to_ms(attempt.timestamp), **same}
