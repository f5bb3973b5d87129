"""Runs and attempts as the API returns them."""

from typing import Self

from pydantic import Field

from fleetdash.api.model_base import ApiModel, Moment
from fleetdash.domain import runs


class Run(ApiModel):
    """One pass over the fleet. Durations are seconds; a run that is under way has counts so far and no end."""

    run_id: str = Field(description="Opaque.", examples=["1204"])
    start_time: Moment
    end_time: Moment | None = Field(description="null while the run is under way.")
    trigger: runs.Trigger = Field(description="What started the run.")
    status: runs.RunStatus = Field(
        description="completed: all vessels reached; partial: some; failed: none, or the run failed; "
        "interrupted: the process died or was stopped."
    )
    total_vessels: int = Field(examples=[66])
    successful_vessels: int = Field(description="Reached, also on a retry.", examples=[63])
    failed_vessels: int = Field(description="Failed on every attempt.", examples=[3])
    retry_attempts: int = Field(description="Attempts beyond each vessel's first.", examples=[9])
    duration_seconds: float | None = Field(description="null while the run is under way.", examples=[37.4])
    retry_seconds: float = Field(
        description="Wall-clock seconds during which some vessel was being retried or waited for.", examples=[21.9]
    )
    retry_wait_seconds: float = Field(description="Waits before retries, summed over the vessels.", examples=[21.0])
    retry_query_seconds: float = Field(description="Time of the retries, summed over the vessels.", examples=[4.2])
    success_rate_percent: float | None = Field(description="Vessels reached of those in the run.", examples=[95.45])
    slow: bool = Field(description="Clearly longer than the runs before it.")
    error_message: str | None = Field(description="Why the run failed, if it did.", examples=[None])


class Result(ApiModel):
    """One attempt: one query of one vessel in a run."""

    vessel_id: str = Field(examples=["vessel001"])
    attempt_number: int = Field(description="1 is the initial attempt, later ones are retries.", examples=[2])
    kind: runs.AttemptKind
    success: bool
    query_duration_seconds: float = Field(examples=[0.84])
    backoff_seconds: float = Field(description="The wait before the attempt, as measured.", examples=[1.002])
    error_kind: runs.ErrorKind | None = Field(description="null after a success.")
    error_message: str | None = Field(description="For a person.", examples=["no answer within 30 s"])
    timestamp: Moment = Field(description="When the attempt ended.")


class RunPage(ApiModel):
    """Runs, newest first."""

    items: list[Run] = Field(validation_alias="runs")
    next_cursor: str | None = Field(description="The `cursor` of the next, older page; null on the last one.")


class RunDetails(Run):
    """A run with its attempts in the order in which they ended."""

    vessel_results: list[Result]
    retry_summary: dict[str, int] = Field(
        description="Retries of each vessel that needed any.", examples=[{"vessel001": 2}]
    )
    unreachable_vessels: list[str] = Field(
        description="Vessels that failed on every attempt.", examples=[["vessel007"]]
    )

    @classmethod
    def of(cls, details: runs.RunDetails) -> Self:
        return cls(
            **Run.model_validate(details.run).model_dump(),
            vessel_results=[Result.model_validate(attempt) for attempt in details.attempts],
            retry_summary=details.retry_summary,
            unreachable_vessels=list(details.unreachable_vessels),
        )


class RunRequested(ApiModel):
    """The run that was asked for."""

    run_id: str = Field(description="The run that begins now.", examples=["1205"])
