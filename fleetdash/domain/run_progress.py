"""A run under way, counted in the process that makes it: its figures are available while the database is not."""

from dataclasses import replace
from datetime import datetime

from fleetdash.domain.run_figures import closed
from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunStatus


class RunProgress:
    """A run and its attempts so far."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._attempts: list[Attempt] = []

    def add(self, attempt: Attempt) -> None:
        """Count an attempt."""
        self._attempts.append(attempt)
        self.run = replace(
            self.run,
            successful_vessels=self.run.successful_vessels + attempt.success,
            failed_vessels=self.run.failed_vessels + attempt.unreachable,
            retry_attempts=self.run.retry_attempts + (attempt.kind is AttemptKind.RETRY),
        )

    def closed(
        self, ended_at: datetime, duration_seconds: float | None, status: RunStatus | None, message: str | None
    ) -> Run:
        """The run as it will be recorded, but for `slow`, which needs the runs before it."""
        return closed(
            self.run,
            self._attempts,
            ended_at,
            duration_seconds=duration_seconds,
            status=status,
            error_message=message,
        )
