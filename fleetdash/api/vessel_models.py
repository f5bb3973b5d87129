"""Vessels, their devices and the fleet as the API returns them."""

from typing import Self

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from fleetdash.api.model_base import ApiModel, Moment, fields_of
from fleetdash.api.run_models import Run
from fleetdash.domain import read_models
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import CurrentStatus, ServiceStatus, SyncStatus

UPTIME = "Answered of recorded pings in the window; null without pings, never 0 for lack of data."
COVERAGE = "Recorded of expected pings in the window, at most 100."


class Hour(ApiModel):
    """The pings of one device in one UTC hour; the first and the last hour of a window are partial."""

    start: Moment
    expected: int = Field(examples=[60])
    recorded: int = Field(examples=[58])
    answered: int = Field(examples=[57])


class Device(ApiModel):
    """One IP address. Figures are as of `observed_at`, also after the vessel stopped answering."""

    ip_address: str = Field(examples=["192.168.1.43"])
    component: str = Field(description="Unassigned when the fleet file does not list it.", examples=["Dashboard"])
    sync_status: SyncStatus
    current_status: CurrentStatus = Field(description="up and down need fresh data.")
    uptime_percent: float | None = Field(description=UPTIME, examples=[99.3])
    coverage_percent: float | None = Field(description=COVERAGE, examples=[100.0])
    ping_count: int = Field(description="Pings recorded in the window.", examples=[1440])
    successful_pings: int = Field(description="Pings answered in the window.", examples=[1430])
    average_response_ms: float | None = Field(description="Milliseconds.", examples=[12.7])
    last_ping_at: Moment | None
    last_success_at: Moment | None = Field(description="The newest answered ping.")
    down_since: Moment | None
    down_since_is_bound: bool = Field(description="It is down at least since `down_since`.")
    hours: list[Hour] = Field(description="The window's 25 UTC hours, oldest first; empty before the first answer.")
    observed_at: Moment | None = Field(description="The time that the figures describe.")


class Component(ApiModel):
    """A class of equipment on one vessel."""

    component: str = Field(examples=["Access Point"])
    uptime_percent: float | None = Field(description="The mean of its devices'.", examples=[97.1])
    meets_sla: bool | None = Field(description="null while none of its devices has fresh data.")
    devices_up: int = Field(examples=[3])
    devices_down: int = Field(examples=[0])
    devices_silent: int = Field(description="Without fresh data.", examples=[1])
    devices_total: int = Field(examples=[4])


class Vessel(ApiModel):
    """One vessel. `status` is the state of its equipment, `sync_status` how current that is."""

    vessel_id: str = Field(examples=["vessel001"])
    name: str = Field(examples=["Aurora"])
    status: ServiceStatus
    sync_status: SyncStatus
    sync_reason: str = Field(description="For a person.", examples=["Every device has fresh data."])
    uptime_percent: float | None = Field(description="The mean of its components'.", examples=[98.2])
    worst_uptime_percent: float | None = Field(description="Its lowest device's.", examples=[91.0])
    coverage_percent: float | None = Field(description=COVERAGE, examples=[100.0])
    devices_up: int = Field(examples=[6])
    devices_down: int = Field(examples=[1])
    devices_total: int = Field(description="Devices that the fleet file lists.", examples=[7])
    observed_at: Moment | None = Field(description="The time that its last good answer describes.")
    last_sync_at: Moment | None = Field(description="When it last answered.")
    last_attempt_at: Moment | None = Field(description="When it was last asked.")
    last_error: str | None = Field(description="Why the newest chain of attempts failed, if it did.", examples=[None])
    last_error_kind: ErrorKind | None
    last_known_status: ServiceStatus | None = Field(description="The last status other than unknown.")
    last_known_status_at: Moment | None
    clock_skew_seconds: int = Field(description="Seconds by which the vessel's clock is ahead.", examples=[0])
    devices: list[Device] | SkipJsonSchema[None] = Field(
        default=None, exclude_if=lambda devices: devices is None, description="Only when requested."
    )

    @classmethod
    def of(cls, report: read_models.VesselReport) -> Self:
        error = report.last_error
        extra = {"last_error": error.message if error else None, "last_error_kind": error.kind if error else None}
        return cls.model_validate(fields_of(report) | extra)


class VesselDetails(Vessel):
    """One vessel with its devices; addresses that the fleet file does not list come last."""

    devices: list[Device]
    components: list[Component]


class SyncStatusCounts(ApiModel):
    """Vessels under each sync status."""

    sync_failed: int = 0
    down: int = Field(default=0, description="Of devices only: always 0 here.")
    stale_data: int = 0
    no_data: int = 0
    no_history: int = 0
    partial_sync: int = 0
    operational: int = 0


class Summary(ApiModel):
    """Counts and means over the vessels that the fleet file lists; unknown vessels and devices are in no figure."""

    total_vessels: int = Field(examples=[66])
    offline: int
    critical: int
    unknown: int
    degraded: int
    operational: int
    by_sync_status: SyncStatusCounts
    devices_total: int
    devices_up: int
    devices_down: int
    devices_silent: int = Field(description="Without fresh data.")
    average_uptime_percent: float | None = Field(examples=[97.4])
    sla_compliance_percent: float | None = Field(
        description="Components that meet the SLA of those with an uptime.", examples=[92.0]
    )

    @classmethod
    def of(cls, summary: read_models.FleetSummary) -> Self:
        return cls.model_validate(fields_of(summary) | summary.by_status)


class Fleet(ApiModel):
    """The fleet, worst vessel first."""

    generated_at: Moment = Field(description="The time of the data's version, not of the request.")
    latest_run: Run | None
    summary: Summary
    vessels: list[Vessel]

    @classmethod
    def of(cls, report: read_models.FleetReport) -> Self:
        return cls(
            generated_at=report.generated_at,
            latest_run=Run.model_validate(report.latest_run) if report.latest_run else None,
            summary=Summary.of(report.summary),
            vessels=[Vessel.of(vessel) for vessel in report.vessels],
        )
