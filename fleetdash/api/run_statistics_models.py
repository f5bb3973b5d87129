"""Figures over a period as the API shows them."""

from datetime import date

from pydantic import Field

from fleetdash.api.model_base import ApiModel


class VesselReliability(ApiModel):
    """How a vessel did in the runs of the period; runs that ended before it was asked are not counted."""

    vessel_id: str = Field(examples=["vessel001"])
    runs: int = Field(description="Runs in which it was reached, or failed on every attempt.", examples=[2880])
    successes: int = Field(description="Reached, also on a retry.", examples=[2812])
    success_rate_percent: float | None = Field(examples=[97.64])
    retry_attempts: int = Field(examples=[131])


class SchedulerStatistics(ApiModel):
    """Figures over whole UTC days, both included. Rates and durations are null where there were no runs."""

    first_day: date
    last_day: date
    total_runs: int = Field(description="Finished runs, any status.", examples=[2880])
    completed_runs: int = Field(description="Reached all vessels.", examples=[2105])
    partial_runs: int = Field(description="Reached some.", examples=[770])
    failed_runs: int = Field(description="Reached none, or the run failed.", examples=[3])
    interrupted_runs: int = Field(description="The process died or was stopped.", examples=[2])
    success_rate_percent: float | None = Field(description="Completed runs of all runs.", examples=[73.09])
    vessel_success_rate_percent: float | None = Field(
        description="Vessels reached, also on a retry, of those asked, over all runs.", examples=[97.3]
    )
    average_duration_seconds: float | None = Field(description="Of runs that were not interrupted.", examples=[33.1])
    median_duration_seconds: float | None = Field(description="Of the same runs, exact.", examples=[31.4])
    p95_duration_seconds: float | None = Field(
        description="95th percentile of the same runs, interpolated.", examples=[58.0]
    )
    average_retry_attempts: float | None = Field(description="Per run.", examples=[7.9])
    retry_attempts: int = Field(examples=[22750])
    retry_seconds: float = Field(description="Sum of the runs' `retry_seconds`.", examples=[51012.5])
    retry_wait_seconds: float = Field(examples=[39411.0])
    retry_query_seconds: float = Field(examples=[71200.3])
    slow_runs: int = Field(examples=[21])
    vessels: list[VesselReliability] = Field(description="Worst first.")
