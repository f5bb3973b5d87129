"""How each vessel did over a period, and how it is now."""

from collections.abc import Sequence
from typing import NamedTuple

import peewee

from fleetdash.domain.analytics.actions import CurrentState, DownDevice, OwnRuns
from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.run_statistics import VesselReliability
from fleetdash.domain.analytics.summary import Totals, VesselPerformance, by_trouble
from fleetdash.domain.runs import failure_kind
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.queries.analytics.run_sums import fleet_wide_failures
from fleetdash.storage.rollups import day_number
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import DeviceRecord, StatusChange, VesselRecord, VesselSlaDayRow
from fleetdash.storage.timestamps import from_ms

Sla = dict[str, tuple[int, int, float, float]]
"""By vessel: verdicts, those that met the SLA, sums of uptime and coverage."""


def sla(period: Period) -> Sla:
    """One query."""
    rows = VesselSlaDayRow
    sums = (rows.judged, rows.compliant, rows.uptime_percent_sum, rows.coverage_percent_sum)
    within = rows.day.between(day_number(period.first), day_number(period.last))
    query = rows.select(rows.vessel_id, *map(peewee.fn.SUM, sums)).where(within)
    return {vessel_id: tuple(figures) for vessel_id, *figures in fetch_tuples(query.group_by(rows.vessel_id))}


def names() -> dict[str, str]:
    """Of all vessels, also of those that have left, by id."""
    return dict(fetch_tuples(VesselRecord.select(VesselRecord.id, VesselRecord.name)))


class _Vessel(NamedTuple):
    """`status` and `state` are `None` once it has left the fleet file."""

    vessel_id: str
    name: str
    status: ServiceStatus | None = None
    state: CurrentState | None = None


def read(
    period: Period, parts: Sequence[VesselReliability], verdicts: Sla, before: Totals | None
) -> tuple[VesselPerformance, ...]:
    """Of vessels in the fleet file, and of those that have left it and were asked in the period; three queries."""
    by_id = {each.vessel_id: each for each in parts}
    rates = {each.vessel_id: each.success_rate_percent for each in (before.statistics.vessels if before else ())}
    shared = fleet_wide_failures(period)
    vessels = {vessel.vessel_id: vessel for vessel in _vessels()}
    vessels |= {vessel_id: _Vessel(vessel_id, vessel_id) for vessel_id in by_id if vessel_id not in vessels}
    found = (
        _performance(
            vessel,
            by_id.get(vessel.vessel_id) or VesselReliability(vessel.vessel_id, 0, 0, 0),
            shared.get(vessel.vessel_id, OwnRuns()),
            rates.get(vessel.vessel_id),
            verdicts.get(vessel.vessel_id, (0, 0, 0.0, 0.0)),
        )
        for vessel in vessels.values()
        if vessel.state or vessel.vessel_id in by_id
    )
    return tuple(sorted(found, key=by_trouble))


def _performance(
    vessel: _Vessel,
    part: VesselReliability,
    shared: OwnRuns,
    previous_rate_percent: float | None,
    verdicts: tuple[int, int, float, float],
) -> VesselPerformance:
    judged, compliant, uptime, coverage = verdicts
    return VesselPerformance(
        vessel_id=vessel.vessel_id,
        name=vessel.name,
        runs=part.runs,
        successes=part.successes,
        retry_attempts=part.retry_attempts,
        failures=part.failures,
        last_failure=part.last_failure,
        previous_rate_percent=previous_rate_percent,
        checks=judged,
        compliant=compliant,
        average_uptime_percent=uptime / judged if judged else None,
        average_coverage_percent=coverage / judged if judged else None,
        own_runs=OwnRuns(part.runs, part.failures).without(shared),
        status=vessel.status,
        state=vessel.state,
    )


def _vessels() -> list[_Vessel]:
    """Also those that have left; two queries."""
    down = _devices_down()
    row = VesselRecord
    query = row.select(
        row.id, row.name, row.left_at, row.status, row.sync_status, row.devices_total, row.chain_failed,
        row.last_error_kind, _last_change(),
    )  # fmt: skip
    return [
        _Vessel(vessel_id, name)
        if left_at
        else _Vessel(
            vessel_id,
            name,
            ServiceStatus(status),
            CurrentState(
                sync_status=SyncStatus(sync_status),
                devices_total=total,
                devices_down=() if failed else tuple(down.get(vessel_id, ())),
                failing=failure_kind(kind) if failed else None,
                failing_since=from_ms(changed_at) if failed else None,
            ),
        )
        for vessel_id, name, left_at, status, sync_status, total, failed, kind, changed_at in fetch_tuples(query)
    ]


def _last_change() -> "peewee.ModelSelect[StatusChange]":
    """When the vessel's own status last changed: since when it has been as it is."""
    change = StatusChange
    own = (change.vessel == VesselRecord.id) & change.ip_address.is_null()
    return change.select(peewee.fn.MAX(change.changed_at)).where(own)


def _devices_down() -> dict[str, list[DownDevice]]:
    """Devices of the fleet file that were down when their vessel was last reached, the longest first."""
    row = DeviceRecord
    query = row.select(row.vessel, row.ip_address, row.component, row.down_since, row.down_since_is_bound)
    is_down = (row.observed_status == SyncStatus.DOWN.value) & row.down_since.is_null(False)
    listed = row.left_at.is_null() & row.component.is_null(False)
    found: dict[str, list[DownDevice]] = {}
    for vessel_id, address, component, since, is_bound in fetch_tuples(
        query.where(is_down & listed).order_by(row.down_since, row.ip_address)
    ):
        found.setdefault(vessel_id, []).append(DownDevice(address, component, from_ms(since), bool(is_bound)))
    return found
