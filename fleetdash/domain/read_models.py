"""What queries return: vessels, devices and the fleet as the page and the API show them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Self

from fleetdash.domain import sla
from fleetdash.domain.pings import PingHours
from fleetdash.domain.runs import Attempt, ErrorKind, Run
from fleetdash.domain.status import (
    SERVICE_ORDER,
    SYNC_ORDER,
    ComponentFigures,
    CurrentStatus,
    ServiceStatus,
    SyncStatus,
)


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """One device; while the vessel is not reached, its figures are those of `observed_at`.

    `observed_status` is the verdict at that moment, which `sync_status` hides after a failed chain.
    """

    ip_address: str
    component: str
    sync_status: SyncStatus
    observed_status: SyncStatus
    current_status: CurrentStatus
    uptime_percent: float | None
    coverage_percent: float | None
    ping_count: int
    successful_pings: int
    average_response_ms: float | None
    last_ping_at: datetime | None
    last_success_at: datetime | None
    down_since: datetime | None
    down_since_is_bound: bool
    hours: PingHours
    observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LastError:
    """The failed chain of a vessel, while it is its newest chain."""

    kind: ErrorKind
    message: str
    at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class VesselReport:
    """One vessel (the contract's VESSEL). `observed_at`: the moment that its last good answer describes."""

    vessel_id: str
    name: str
    status: ServiceStatus
    sync_status: SyncStatus
    sync_reason: str
    uptime_percent: float | None
    worst_uptime_percent: float | None
    coverage_percent: float | None
    components: tuple[ComponentFigures, ...]
    devices_up: int
    devices_down: int
    devices_total: int
    observed_at: datetime | None
    last_sync_at: datetime | None
    last_attempt_at: datetime | None
    last_error: LastError | None
    last_known_status: ServiceStatus | None
    last_known_status_at: datetime | None
    clock_skew_seconds: int = 0
    sync_status_since: datetime | None = None
    """Since when it has its sync status; `None` where that is no longer known."""
    down_since: datetime | None = None
    """Of the device that has been down longest."""
    down_since_is_bound: bool = False
    """Whether that device went down earlier than is known."""
    last_ping_at: datetime | None = None
    """The newest of its devices' pings."""
    devices: tuple[DeviceReport, ...] | None = None
    """`None` where not requested; addresses that the fleet file does not name come last."""

    @property
    def devices_silent(self) -> int:
        return self.devices_total - self.devices_up - self.devices_down


@dataclass(frozen=True, slots=True)
class FleetSummary:
    """Counts and means over the vessels listed in the fleet file."""

    total_vessels: int
    by_status: dict[ServiceStatus, int]
    by_sync_status: dict[SyncStatus, int]
    devices_total: int
    devices_up: int
    devices_down: int
    devices_silent: int
    average_uptime_percent: float | None
    sla_compliance_percent: float | None

    @classmethod
    def of(cls, vessels: Sequence[VesselReport]) -> Self:
        """What is unknown counts as neither up nor down, and in no SLA figure."""
        by_status = Counter(vessel.status for vessel in vessels)
        by_sync_status = Counter(vessel.sync_status for vessel in vessels)
        uptimes = [v.uptime_percent for v in vessels if v.status is not ServiceStatus.UNKNOWN]
        known = [uptime for uptime in uptimes if uptime is not None]
        checks = [check.meets_sla for v in vessels for check in sla.counted(v.status, v.components)]
        return cls(
            total_vessels=len(vessels),
            by_status={status: by_status[status] for status in ServiceStatus},
            by_sync_status={status: by_sync_status[status] for status in SyncStatus},
            devices_total=sum(vessel.devices_total for vessel in vessels),
            devices_up=sum(vessel.devices_up for vessel in vessels),
            devices_down=sum(vessel.devices_down for vessel in vessels),
            devices_silent=sum(vessel.devices_silent for vessel in vessels),
            average_uptime_percent=fmean(known) if known else None,
            sla_compliance_percent=100 * checks.count(True) / len(checks) if checks else None,
        )


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The fleet at one version of the data, worst vessel first."""

    generated_at: datetime
    latest_run: Run | None
    summary: FleetSummary
    vessels: tuple[VesselReport, ...]


@dataclass(frozen=True, slots=True)
class VesselRun:
    """A run and one vessel's attempts in it, first to last."""

    run: Run
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, newest first, and the cursors of the pages around them."""

    runs: tuple[Run, ...]
    next_cursor: str | None
    previous_cursor: str | None = None


def vessel_order(vessel: VesselReport) -> tuple[int, int, str, str]:
    """The order of vessels everywhere: worst service status first, then sync status, then name."""
    return (SERVICE_ORDER[vessel.status], SYNC_ORDER[vessel.sync_status], vessel.name.casefold(), vessel.vessel_id)
