"""What the reading side answers: vessels, devices and the fleet as the page and the API show them."""

from dataclasses import dataclass
from datetime import datetime

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
    """One device; when the vessel could not be reached, figures are those of `observed_at`.

    `observed_status` is the verdict of that moment, which `sync_status` hides after a failed chain.
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
    """The newest failed chain of a vessel, while it is the newest chain."""

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
    """When the sync status became what it is; `None` where that is no longer known."""
    down_since: datetime | None = None
    """Of the device that is down for longest."""
    devices: tuple[DeviceReport, ...] | None = None
    """`None` where they were not asked for; addresses that the fleet file does not name come last."""

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


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The fleet at one version of the data, worst vessel first."""

    generated_at: datetime
    latest_run: Run | None
    summary: FleetSummary
    vessels: tuple[VesselReport, ...]


@dataclass(frozen=True, slots=True)
class VesselRun:
    """One vessel's part in a run: its attempts, first to last."""

    run: Run
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, newest first, and the cursor of the page after them."""

    runs: tuple[Run, ...]
    next_cursor: str | None
    previous_cursor: str | None = None


def vessel_order(vessel: VesselReport) -> tuple[int, int, str, str]:
    """The order of vessels everywhere: worst service status first, then sync status, then name."""
    return (SERVICE_ORDER[vessel.status], SYNC_ORDER[vessel.sync_status], vessel.name.casefold(), vessel.vessel_id)
