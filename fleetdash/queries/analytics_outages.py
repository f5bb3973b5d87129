"""The longest outages of a period: ships that were not reached, devices that were confirmed down.

They are read from the changes of statuses, paired by the database: each lasts until the next change of the same ship
or device. One that began before the period is found by the last change before it; so four queries, each by index.
"""

from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.analytics import Outage
from fleetdash.domain.analytics_period import Period
from fleetdash.domain.status import SyncStatus
from fleetdash.storage.models import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.rows import plain
from fleetdash.storage.timestamps import from_ms, to_ms

MOST = 10

_Row = tuple[str, str | None, str | None, int, int | None]
"""Vessel, address, component, beginning, end."""


def longest(period: Period, names: dict[str, str], now: datetime) -> tuple[Outage, ...]:
    """At most ten, longest first. What is still so lasts until now, or until the period's end."""
    since, until = to_ms(period.since), to_ms(min(period.until, now))
    rows: list[_Row] = [
        *_begun_within(StatusChange.ip_address.is_null(), VesselRecord, SyncStatus.SYNC_FAILED, since, until),
        *_begun_within(_same_device(), DeviceRecord, SyncStatus.DOWN, since, until),
        *_begun_before(VesselRecord, SyncStatus.SYNC_FAILED, since, until),
        *_begun_before(DeviceRecord, SyncStatus.DOWN, since, until),
    ]
    found = [_outage(row, names, since, until) for row in rows]
    found.sort(key=lambda outage: (-outage.seconds, outage.name, outage.ip_address or ""))
    return tuple(found[:MOST])


def _outage(row: _Row, names: dict[str, str], since: int, until: int) -> Outage:
    vessel_id, address, component, began, ended = row
    seconds = ((until if ended is None else ended) - max(began, since)) / 1000
    return Outage(
        vessel_id, names.get(vessel_id, vessel_id), address, component, from_ms(began), from_ms(ended), seconds
    )


def _begun_within(
    same: peewee.Expression, owner: type[peewee.Model], status: SyncStatus, since: int, until: int
) -> list[_Row]:
    change = StatusChange
    ended = peewee.fn.LEAD(change.changed_at).over(
        partition_by=[change.vessel, change.ip_address], order_by=[change.changed_at, change.id]
    )
    component: Any = DeviceRecord.component if owner is DeviceRecord else peewee.Value(None)
    vessel: Any = DeviceRecord.vessel if owner is DeviceRecord else VesselRecord.id
    within = (change.changed_at >= since) & (change.changed_at < until)
    spans = (
        change.select(
            change.vessel.alias("vessel"),
            change.ip_address.alias("address"),
            component.alias("component"),
            change.changed_at.alias("began"),
            ended.alias("ended"),
            change.new_status.alias("status"),
        )
        .join(owner, on=(change.vessel == vessel) & same)
        .where(within & ((change.old_status == status.value) | (change.new_status == status.value)))
    )
    lasted = peewee.fn.COALESCE(spans.c.ended, until) - spans.c.began
    query = (
        peewee.Select([spans], [spans.c.vessel, spans.c.address, spans.c.component, spans.c.began, spans.c.ended])
        .where(spans.c.status == status.value)
        .order_by(lasted.desc())
        .limit(MOST)
    )
    return [tuple(row) for row in plain(query)]


def _begun_before(owner: type[peewee.Model], status: SyncStatus, since: int, until: int) -> list[_Row]:
    """Of each ship, or device, the change that was in force when the period began; its end is the next one."""
    change, other = StatusChange, StatusChange.alias()
    is_device = owner is DeviceRecord
    vessel: Any = DeviceRecord.vessel if is_device else VesselRecord.id
    component: Any = DeviceRecord.component if is_device else peewee.Value(None)

    def of_same() -> peewee.Expression:
        address: Any = other.ip_address == DeviceRecord.ip_address if is_device else other.ip_address.is_null()
        same: peewee.Expression = (other.vessel == vessel) & address
        return same

    newest = (
        other.select(other.id)
        .where(of_same() & (other.changed_at < since))
        .order_by(other.changed_at.desc(), other.id.desc())
        .limit(1)
    )
    following = other.select(peewee.fn.MIN(other.changed_at)).where(
        of_same() & (other.changed_at >= since) & (other.changed_at < until)
    )
    query = (
        owner.select(vessel, change.ip_address, component, change.changed_at, following)
        .join(change, on=change.id == newest)
        .where(change.new_status == status.value)
    )
    return [tuple(row) for row in plain(query)]


def _same_device() -> peewee.Expression:
    same: peewee.Expression = StatusChange.ip_address == DeviceRecord.ip_address
    return same
