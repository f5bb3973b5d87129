"""Runs and attempts, as they are recorded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Trigger(StrEnum):
    """What started a run."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    STARTUP = "startup"


class RunStatus(StrEnum):
    """`COMPLETED`: all reached; `PARTIAL`: some; `FAILED`: none, or an error; `INTERRUPTED`: stopped or killed."""

    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class AttemptKind(StrEnum):
    """Attempt 1 of a vessel in a run is the initial one, later ones are retries."""

    INITIAL = "initial"
    RETRY = "retry"


class ErrorKind(StrEnum):
    """Why an attempt failed (R3.4)."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    AUTHENTICATION = "authentication"
    CONFIGURATION = "configuration"
    TLS = "tls"
    INVALID_DATA = "invalid_data"
    TOO_LARGE = "too_large"
    CANCELLED = "cancelled"


def failure_kind(kind: str | None) -> ErrorKind:
    """Why an attempt failed; an imported history may not say."""
    return ErrorKind(kind or ErrorKind.CONNECTION)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One query of one vessel in a run (the contract's RESULT); `timestamp` is when it ended.

    Durations are seconds; `backoff_seconds` is the wait before the attempt, as measured.
    """

    vessel_id: str
    attempt_number: int
    success: bool
    query_duration_seconds: float
    backoff_seconds: float
    timestamp: datetime
    error_kind: ErrorKind | None = None
    error_message: str | None = None
    chain_ended: bool = True
    """Whether it is the vessel's last attempt in its run: it succeeded, or is not retried."""

    @property
    def unreachable(self) -> bool:
        """The chain failed to its end. A cancelled attempt says nothing about the vessel."""
        return self.chain_ended and not self.success and self.error_kind is not ErrorKind.CANCELLED

    @property
    def kind(self) -> AttemptKind:
        return AttemptKind.INITIAL if self.attempt_number == 1 else AttemptKind.RETRY


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over the fleet (the contract's RUN); a running one has counts so far and no end."""

    run_id: str
    start_time: datetime
    trigger: Trigger
    status: RunStatus
    total_vessels: int
    end_time: datetime | None = None
    successful_vessels: int = 0
    failed_vessels: int = 0
    retry_attempts: int = 0
    duration_seconds: float | None = None
    retry_seconds: float = 0.0
    retry_wait_seconds: float = 0.0
    retry_query_seconds: float = 0.0
    slow: bool = False
    error_message: str | None = None

    @property
    def finished_vessels(self) -> int:
        return self.successful_vessels + self.failed_vessels

    @property
    def success_rate_percent(self) -> float | None:
        return success_rate_percent(self.successful_vessels, self.total_vessels)


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run with its attempts in the order in which they ended."""

    run: Run
    attempts: tuple[Attempt, ...]

    @property
    def retry_summary(self) -> dict[str, int]:
        """Retries per vessel that needed any."""
        retries: dict[str, int] = {}
        for attempt in self.attempts:
            if attempt.kind is AttemptKind.RETRY:
                retries[attempt.vessel_id] = retries.get(attempt.vessel_id, 0) + 1
        return retries

    @property
    def unreachable_vessels(self) -> tuple[str, ...]:
        """Vessels whose chain failed to its end."""
        last = {attempt.vessel_id: attempt for attempt in self.attempts}
        return tuple(sorted(vessel_id for vessel_id, attempt in last.items() if attempt.unreachable))


@dataclass(frozen=True, slots=True)
class Backlog:
    """Records in the journal, waiting for the database since `since`.

    `full`: no room is left for another run, so none is started.
    """

    records: int = 0
    since: datetime | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class SchedulerStatus:
    """The state of the scheduler.

    `overdue`: two minutes after a slot no run has begun, or its thread is dead.
    `waiting_records`, `waiting_since`, `journal_full`: see `Backlog`.
    """

    running: bool
    current_run_id: str | None = None
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    overdue: bool = False
    is_local: bool = True
    """Whether this process is the one that schedules."""
    waiting_records: int = 0
    waiting_since: datetime | None = None
    journal_full: bool = False


class SchedulerControl(Protocol):
    """What the page and the API need of the scheduler; `composition` provides it."""

    def request_run(self) -> str:
        """Start a run now and return its id; raises `RunUnderWay` or `SchedulerUnavailable`."""
        ...

    def status(self) -> SchedulerStatus: ...


def success_rate_percent(successful: int, total: int) -> float | None:
    """Vessels reached / vessels in the run; `None` without vessels."""
    return 100 * successful / total if total else None
