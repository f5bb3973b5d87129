"""Runs and attempts: what is recorded of them, and the rules for their figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Protocol


class Trigger(StrEnum):
    """What started a run."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    STARTUP = "startup"


class RunStatus(StrEnum):
    """`COMPLETED`: all reached; `PARTIAL`: some; `FAILED`: none, or it broke; `INTERRUPTED`: we stopped or died."""

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
    """Why an attempt failed; a history from elsewhere may not say."""
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
    """Whether it is the vessel's last attempt in its run: it succeeded, or nothing more is tried."""

    @property
    def unreachable(self) -> bool:
        """The vessel failed to the end. That we were stopped says nothing about the vessel."""
        return self.chain_ended and not self.success and self.error_kind is not ErrorKind.CANCELLED

    @property
    def kind(self) -> AttemptKind:
        return AttemptKind.INITIAL if self.attempt_number == 1 else AttemptKind.RETRY


@dataclass(frozen=True, slots=True)
class RetryTime:
    """Time spent on retries. `wall_seconds`: while some vessel was retried or waited for; the others are sums."""

    wall_seconds: float = 0.0
    wait_seconds: float = 0.0
    query_seconds: float = 0.0


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
        """Vessels that failed to the end."""
        last = {attempt.vessel_id: attempt for attempt in self.attempts}
        return tuple(sorted(vessel_id for vessel_id, attempt in last.items() if attempt.unreachable))


@dataclass(frozen=True, slots=True)
class Backlog:
    """Records that wait in the journal because our database cannot take them, `since` the oldest of them.

    `full`: there is no room left for another run, so none is started.
    """

    records: int = 0
    since: datetime | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class SchedulerStatus:
    """The scheduler as others see it.

    `overdue`: two minutes after a due time no run has begun, or its thread is dead.
    `waiting_records`, `waiting_since`, `journal_full`: see `Backlog`.
    """

    running: bool
    current_run_id: str | None = None
    next_run_at: datetime | None = None
    last_run_at: datetime | None = None
    overdue: bool = False
    here: bool = True
    """Whether this process is the one that schedules."""
    waiting_records: int = 0
    waiting_since: datetime | None = None
    journal_full: bool = False


class SchedulerControl(Protocol):
    """What the page and the API need of the scheduler; `app.py` hands it in."""

    def request_run(self) -> str:
        """Start a run now and answer its id; raises `RunUnderWay` or `SchedulerUnavailable`."""
        ...

    def status(self) -> SchedulerStatus: ...


def success_rate_percent(successful: int, total: int) -> float | None:
    """Vessels reached of those in the run; a fleet without vessels has no rate."""
    return 100 * successful / total if total else None


def finished_status(successful: int, total: int) -> RunStatus:
    """The status of a run that came to its end."""
    if successful == total:
        return RunStatus.COMPLETED
    return RunStatus.PARTIAL if successful else RunStatus.FAILED


def retry_time(attempts: Iterable[Attempt]) -> RetryTime:
    """Figures about the retries among `attempts`: each lasts from the failure before it to its own end."""
    retries = [attempt for attempt in attempts if attempt.kind is AttemptKind.RETRY]
    spans = sorted(
        (end - attempt.query_duration_seconds - attempt.backoff_seconds, end)
        for attempt in retries
        for end in (attempt.timestamp.timestamp(),)
    )
    wall, reached = 0.0, float("-inf")
    for start, end in spans:
        wall += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return RetryTime(
        wall_seconds=wall,
        wait_seconds=sum(attempt.backoff_seconds for attempt in retries),
        query_seconds=sum(attempt.query_duration_seconds for attempt in retries),
    )


SLOW_FACTOR = 1.5
SLOW_LEAST_SECONDS = 5.0
SLOW_LEAST_RUNS = 5
SLOW_MOST_RUNS = 30


def is_slow(duration: float, durations_before: Sequence[float]) -> bool:
    """R5: over 1.5 x the median of the up to 30 finished runs before it, at least 5, and by at least 5 s.

    `durations_before`: seconds, newest first.
    """
    usual = usual_duration(durations_before)
    return usual is not None and duration > SLOW_FACTOR * usual and duration - usual >= SLOW_LEAST_SECONDS


def usual_duration(durations_before: Sequence[float]) -> float | None:
    """The median of the runs before, in seconds, newest first; `None` while they are too few to tell."""
    before = durations_before[:SLOW_MOST_RUNS]
    return median(before) if len(before) >= SLOW_LEAST_RUNS else None
