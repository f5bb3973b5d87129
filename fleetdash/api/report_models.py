"""The tables of the manager's page as rows of CSV files."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from fleetdash.api.csv_export import to_csv
from fleetdash.api.model_base import ApiModel, Moment, fields_of
from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.domain.status import ServiceStatus


class Table(StrEnum):
    """The tables that can be downloaded."""

    VESSELS = "vessels"
    TIMELINE = "timeline"
    COMPONENTS = "components"
    OUTAGES = "outages"


class VesselRow(ApiModel):
    """How a vessel did; `failures` by their kinds."""

    vessel_id: str
    name: str
    status: ServiceStatus | None
    trouble_percent: float | None
    runs: int
    successes: int
    success_rate_percent: float | None
    previous_rate_percent: float | None
    retry_attempts: int
    failures: str
    last_failed_at: Moment | None
    last_failure_message: str | None
    judged: int = Field(validation_alias="checks")
    compliant: int
    sla_percent: float | None
    average_uptime_percent: float | None
    average_coverage_percent: float | None

    @classmethod
    def of(cls, vessel: VesselPerformance) -> Self:
        last = vessel.last_failure
        counted = sorted(vessel.failures.items(), key=lambda item: (-item[1], item[0]))
        fields = {name: getattr(vessel, name) for name in cls.model_fields if hasattr(vessel, name)}
        extra = {
            "checks": vessel.checks,
            "failures": "; ".join(f"{kind.value} {count}" for kind, count in counted),
            "last_failed_at": last.at if last else None,
            "last_failure_message": last.message if last else None,
        }
        return cls.model_validate(fields | extra)


class TimelineRow(ApiModel):
    """The runs of an hour, a day or a week; rates and durations are empty where there were no runs."""

    since: Moment
    until: Moment
    total_runs: int
    completed_runs: int
    partial_runs: int
    failed_runs: int
    interrupted_runs: int
    slow_runs: int
    success_rate_percent: float | None
    vessels_asked: int
    vessels_reached: int
    vessel_success_rate_percent: float | None
    low_seconds: float | None
    median_seconds: float | None
    high_seconds: float | None
    p95_seconds: float | None
    slowest_seconds: float | None
    retry_attempts: int
    retry_seconds: float
    retry_wait_seconds: float
    retry_query_seconds: float


class ComponentRow(ApiModel):
    """How a component met the SLA on a UTC day."""

    component: str
    day: date
    judged: int = Field(validation_alias="checks")
    compliant: int
    sla_compliance_percent: float | None
    average_uptime_percent: float | None


class OutageRow(ApiModel):
    """`seconds` within the period, `lasted_seconds` of all of it; `began_is_bound`: it began then or earlier."""

    vessel_id: str
    name: str
    ip_address: str | None
    component: str | None
    began_at: Moment
    ended_at: Moment | None
    seconds: float
    lasted_seconds: float
    began_is_bound: bool


def table(analytics: Analytics, name: Table) -> bytes:
    """One table of the period, as CSV."""
    model, rows = _rows(analytics, name)
    return to_csv(model, rows)


def _rows(analytics: Analytics, name: Table) -> tuple[type[ApiModel], Iterable[ApiModel]]:
    match name:
        case Table.VESSELS:
            return VesselRow, map(VesselRow.of, analytics.vessels)
        case Table.TIMELINE:
            return TimelineRow, map(TimelineRow.model_validate, analytics.time_buckets)
        case Table.COMPONENTS:
            return ComponentRow, map(ComponentRow.model_validate, analytics.components)
        case Table.OUTAGES:
            return OutageRow, (OutageRow.model_validate(fields_of(outage)) for outage in analytics.outages)
