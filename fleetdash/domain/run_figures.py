"""The figures of a run, from its attempts: when it closes, and when they are rebuilt (R5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunStatus
from fleetdash.domain.vessel_outcome import vessel_outcomes

FINISHED = (RunStatus.COMPLETED, RunStatus.PARTIAL, RunStatus.FAILED)
"""The statuses of runs whose durations are compared."""

SLOW_FACTOR = 1.5
SLOW_LEAST_SECONDS = 5.0
SLOW_LEAST_RUNS = 5
SLOW_MOST_RUNS = 30


@dataclass(frozen=True, slots=True)
class RetryTime:
    """Time spent on retries. `wall_seconds`: while some vessel was retried or waited for; the others are sums."""

    wall_seconds: float = 0.0
    wait_seconds: float = 0.0
    query_seconds: float = 0.0


def closed(
    run: Run,
    attempts: Sequence[Attempt],
    ended_at: datetime,
    *,
    duration_seconds: float | None = None,
    status: RunStatus | None = None,
    error_message: str | None = None,
    durations_before: Sequence[float] = (),
) -> Run:
    """The run as it is recorded at its end; its status follows from its counts unless it was cut short.

    `duration_seconds`: as measured. `durations_before`: seconds of the finished runs before it, newest first.
    """
    run = recounted(run, attempts)
    ended = replace(
        run,
        end_time=ended_at,
        status=status or finished_status(run.successful_vessels, run.total_vessels),
        duration_seconds=duration_seconds,
        error_message=error_message,
    )
    return timed(ended, durations_before)


def recounted(run: Run, attempts: Sequence[Attempt]) -> Run:
    """With the counts and retry times of its attempts; unchanged without any, since retention removes attempts."""
    if not attempts:
        return run
    outcomes, retries = vessel_outcomes(attempts), retry_time(attempts)
    return replace(
        run,
        successful_vessels=sum(outcome.reached for outcome in outcomes),
        failed_vessels=sum(outcome.failed for outcome in outcomes),
        retry_attempts=sum(outcome.retries for outcome in outcomes),
        retry_seconds=retries.wall_seconds,
        retry_wait_seconds=retries.wait_seconds,
        retry_query_seconds=retries.query_seconds,
    )


def timed(run: Run, durations_before: Sequence[float]) -> Run:
    """With its duration, from its times where none was measured, and whether it was slow."""
    duration = run.duration_seconds
    if duration is None and run.end_time is not None:
        duration = max(0.0, (run.end_time - run.start_time).total_seconds())
    slow = run.status in FINISHED and duration is not None and is_slow(duration, durations_before)
    return replace(run, duration_seconds=duration, slow=slow)


def finished_status(successful: int, total: int) -> RunStatus:
    """The status of a run that was not cut short."""
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


def is_slow(duration: float, durations_before: Sequence[float]) -> bool:
    """R5: over 1.5 x the median of the up to 30 finished runs before it, at least 5, and by at least 5 s.

    `durations_before`: seconds, newest first.
    """
    usual = usual_duration(durations_before)
    return usual is not None and duration > SLOW_FACTOR * usual and duration - usual >= SLOW_LEAST_SECONDS


def usual_duration(durations_before: Sequence[float]) -> float | None:
    """The median of the runs before, in seconds, newest first; `None` while there are too few."""
    before = durations_before[:SLOW_MOST_RUNS]
    return median(before) if len(before) >= SLOW_LEAST_RUNS else None
