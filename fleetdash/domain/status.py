"""R4: the statuses of a device and of a vessel, judged from what was observed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import fmean

from fleetdash.domain import pings
from fleetdash.domain.pings import NO_HOURS, PingHours


class SyncStatus(StrEnum):
    """How current the data is, and what it says. `PARTIAL_SYNC` is for vessels only."""

    SYNC_FAILED = "sync_failed"
    DOWN = "down"
    STALE_DATA = "stale_data"
    NO_DATA = "no_data"
    NO_HISTORY = "no_history"
    PARTIAL_SYNC = "partial_sync"
    OPERATIONAL = "operational"


class ServiceStatus(StrEnum):
    """How well a vessel's equipment serves, worst first: the order of every list of vessels."""

    OFFLINE = "offline"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    OPERATIONAL = "operational"


class CurrentStatus(StrEnum):
    """A device's status in one word; what is not fresh is unknown."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


FRESH = frozenset({SyncStatus.OPERATIONAL, SyncStatus.DOWN})
"""Fresh includes fresh and down."""

CLOCK_TOLERANCE = timedelta(seconds=60)
"""A moment further in the future cannot be."""

_FRESHEST_FIRST = (SyncStatus.STALE_DATA, SyncStatus.NO_DATA, SyncStatus.NO_HISTORY)

SERVICE_ORDER = {status: rank for rank, status in enumerate(ServiceStatus)}
SYNC_ORDER = {status: rank for rank, status in enumerate(SyncStatus)}


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that the rules depend on; the percentage is of answered pings."""

    sla_uptime_percent: float = 95.0
    window: timedelta = timedelta(hours=24)
    lookback: timedelta = timedelta(days=30)
    stale_after: timedelta = timedelta(minutes=30)
    ping_interval: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """All that is remembered of one device; `component` is `None` when the fleet file does not name it.

    `observed_status` is the verdict at `observed_at`, before a failed chain hides it.
    `down_since` is kept until an answered ping is seen, also while the device is stale.
    """

    ip_address: str
    component: str | None
    observed_status: SyncStatus = SyncStatus.NO_HISTORY
    observed_at: datetime | None = None
    hours: PingHours = NO_HOURS
    average_response_ms: float | None = None
    last_ping_at: datetime | None = None
    last_success_at: datetime | None = None
    down_since: datetime | None = None
    down_since_is_bound: bool = False

    @property
    def uptime_percent(self) -> float | None:
        return pings.uptime_percent(self.hours)


@dataclass(frozen=True, slots=True)
class ComponentFigures:
    """A class of equipment on one vessel; `meets_sla` is `None` while no device of it is known.

    `sla_percent`: the service level that it was judged by; `None` in verdicts of older versions.
    """

    component: str
    uptime_percent: float | None
    meets_sla: bool | None
    devices_up: int
    devices_down: int
    devices_total: int
    sla_percent: float | None = None

    @property
    def devices_silent(self) -> int:
        return self.devices_total - self.devices_up - self.devices_down


@dataclass(frozen=True, slots=True)
class VesselVerdict:
    """R4's verdict on a vessel; counts are of devices that the fleet file names."""

    sync_status: SyncStatus
    status: ServiceStatus
    uptime_percent: float | None
    worst_uptime_percent: float | None
    coverage_percent: float | None
    components: tuple[ComponentFigures, ...]
    devices_up: int
    devices_down: int
    devices_total: int


def observed_status(last_ping_at: datetime | None, answered: bool, observed_at: datetime, limits: Limits) -> SyncStatus:
    """R4's table for a device whose vessel answered, first match."""
    if last_ping_at is None:
        return SyncStatus.NO_HISTORY
    age = observed_at - last_ping_at
    if age > limits.window:
        return SyncStatus.NO_DATA
    if age > limits.stale_after:
        return SyncStatus.STALE_DATA
    return SyncStatus.OPERATIONAL if answered else SyncStatus.DOWN


def device_sync_status(device: DeviceState, chain_failed: bool) -> SyncStatus:
    """R4, now."""
    return effective_status(device.observed_status, chain_failed)


def effective_status(observed: SyncStatus, chain_failed: bool) -> SyncStatus:
    """A failed chain hides every verdict of the vessel's devices."""
    return SyncStatus.SYNC_FAILED if chain_failed else observed


def current_status(sync_status: SyncStatus) -> CurrentStatus:
    """Only what is fresh is up or down."""
    if sync_status is SyncStatus.OPERATIONAL:
        return CurrentStatus.UP
    return CurrentStatus.DOWN if sync_status is SyncStatus.DOWN else CurrentStatus.UNKNOWN


def judge_vessel(devices: Iterable[DeviceState], *, asked: bool, chain_failed: bool, limits: Limits) -> VesselVerdict:
    """R4 for a vessel. `asked`: a chain has ended; `chain_failed`: the newest one failed."""
    named = [device for device in devices if device.component is not None]
    statuses = [device_sync_status(device, chain_failed) for device in named]
    components = component_figures(named, chain_failed=chain_failed, limits=limits)
    sync_status = _vessel_sync_status(statuses, asked=asked, chain_failed=chain_failed)
    uptimes = [device.uptime_percent for device in named]
    return VesselVerdict(
        sync_status=sync_status,
        status=_service_status(sync_status, statuses, components),
        uptime_percent=_mean(component.uptime_percent for component in components),
        worst_uptime_percent=min((uptime for uptime in uptimes if uptime is not None), default=None),
        coverage_percent=_mean(pings.coverage_percent(device.hours) for device in named),
        components=components,
        devices_up=statuses.count(SyncStatus.OPERATIONAL),
        devices_down=statuses.count(SyncStatus.DOWN),
        devices_total=len(named),
    )


def component_figures(
    devices: Sequence[DeviceState], *, chain_failed: bool, limits: Limits
) -> tuple[ComponentFigures, ...]:
    """Each component's devices counted, its uptime the mean of theirs, in the fleet file's order."""
    by_component: dict[str, list[DeviceState]] = {}
    for device in devices:
        if device.component is not None:
            by_component.setdefault(device.component, []).append(device)
    return tuple(_component(name, members, chain_failed, limits) for name, members in by_component.items())


def _component(name: str, devices: list[DeviceState], chain_failed: bool, limits: Limits) -> ComponentFigures:
    statuses = [device_sync_status(device, chain_failed) for device in devices]
    # what is unknown counts in no SLA figure, though its last uptime is shown
    known = _mean(d.uptime_percent for d, status in zip(devices, statuses, strict=True) if status in FRESH)
    return ComponentFigures(
        component=name,
        uptime_percent=_mean(device.uptime_percent for device in devices),
        meets_sla=None if known is None else known >= limits.sla_uptime_percent,
        devices_up=statuses.count(SyncStatus.OPERATIONAL),
        devices_down=statuses.count(SyncStatus.DOWN),
        devices_total=len(devices),
        sla_percent=limits.sla_uptime_percent,
    )


def _vessel_sync_status(statuses: Sequence[SyncStatus], *, asked: bool, chain_failed: bool) -> SyncStatus:
    if chain_failed:
        return SyncStatus.SYNC_FAILED
    if not statuses or not asked:
        return SyncStatus.NO_HISTORY
    fresh = sum(status in FRESH for status in statuses)
    if fresh == len(statuses):
        return SyncStatus.OPERATIONAL
    if fresh:
        return SyncStatus.PARTIAL_SYNC
    return next(status for status in _FRESHEST_FIRST if status in statuses)


def _service_status(
    sync_status: SyncStatus, statuses: Sequence[SyncStatus], components: Sequence[ComponentFigures]
) -> ServiceStatus:
    fresh = [status for status in statuses if status in FRESH]
    if sync_status is SyncStatus.SYNC_FAILED or not fresh:
        return ServiceStatus.UNKNOWN
    if all(status is SyncStatus.DOWN for status in fresh) and 2 * len(fresh) >= len(statuses):
        return ServiceStatus.OFFLINE
    missed = sum(component.meets_sla is False for component in components)
    if missed >= 2:
        return ServiceStatus.CRITICAL
    return ServiceStatus.DEGRADED if missed else ServiceStatus.OPERATIONAL


def _mean(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None
