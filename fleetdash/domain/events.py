"""The events of a run, as pushed to listeners."""

from dataclasses import dataclass

from fleetdash.domain.runs import Attempt, Run


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was opened."""

    run: Run


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """An attempt ended; the counts are of vessels, as of this attempt."""

    run_id: str
    attempt: Attempt
    finished_vessels: int
    successful_vessels: int
    failed_vessels: int
    total_vessels: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run was closed, at its end or at the next start after a crash."""

    run: Run


RunEvent = RunStarted | AttemptFinished | RunFinished
