"""A run under way, counted along where it is made: its figures are at hand also while our database is not."""

from dataclasses import replace
from datetime import datetime

from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunStatus, finished_status, retry_time


class RunProgress:
    """A run and the attempts of it that have ended."""

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
        """The run as it will stand in the log, but for `slow`, which needs the runs before it."""
        retries = retry_time(self._attempts)
        return replace(
            self.run,
            end_time=ended_at,
            status=status or finished_status(self.run.successful_vessels, self.run.total_vessels),
            duration_seconds=duration_seconds,
            retry_seconds=retries.wall_seconds,
            retry_wait_seconds=retries.wait_seconds,
            retry_query_seconds=retries.query_seconds,
            error_message=message,
        )
