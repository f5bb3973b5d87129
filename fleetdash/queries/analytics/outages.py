"""The longest outages of a period: vessels that were not reached, devices that were confirmed down.

They are read from the changes of status: each lasts until the next change of the same vessel or device, whose time is
in its row. One that began before the period is the last change before it. Four queries, each by index.
"""

from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.analytics.outage import Outage, beginning
from fleetdash.domain.analytics.period import Period
from fleetdash.domain.status import SyncStatus
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.timestamps import from_ms, to_ms

MOST = 10

_Row = tuple[str, str | None, str | None, int, int | None, str | None, int | None, bool | None]
"""Vessel, address, component, beginning, end, status before; of a device down now also since when, and whether that is
a bound."""


def longest(period: Period, names: dict[str, str], now: datetime) -> tuple[Outage, ...]:
    """At most ten, the longest within the period first. One that has not ended lasts until now."""
    since, until = to_ms(period.since), to_ms(min(period.until, now))
    rows = [
        row for kind in (_Vessels(), _Devices()) for row in (*kind.begun_within(since, until), *kind.open_at(since))
    ]
    outages = [_outage(row, names, (since, until), to_ms(now)) for row in rows]
    outages.sort(
        key=lambda each: (-each.seconds, -each.lasted_seconds, each.name, each.ip_address or "", each.began_at)
    )
    return tuple(outages[:MOST])


def _outage(row: _Row, names: dict[str, str], bounds: tuple[int, int], now: int) -> Outage:
    vessel_id, address, component, noticed, ended, before, down_since, is_bound = row
    if ended is not None or down_since is None or down_since >= bounds[1]:
        down_since = None
    began_at, began_is_bound = from_ms(noticed), False
    if address is not None:
        status = None if before is None else SyncStatus(before)
        began_at, began_is_bound = beginning(began_at, status, from_ms(down_since), is_bound=bool(is_bound))
    began, end = to_ms(began_at), now if ended is None else ended
    return Outage(
        vessel_id=vessel_id,
        name=names.get(vessel_id, vessel_id),
        ip_address=address,
        component=component,
        began_at=began_at,
        ended_at=from_ms(ended),
        seconds=(min(bounds[1], end) - max(began, bounds[0])) / 1000,
        lasted_seconds=(end - began) / 1000,
        began_is_bound=began_is_bound,
    )


class _Changes:
    """The changes of all vessels, or all devices, to the status that is an outage; one query per method."""

    owner: type[peewee.Model]
    component: Any
    down_since: tuple[Any, Any] = (peewee.Value(None), peewee.Value(None))
    """When the current outage began, and whether that is a bound."""
    status: SyncStatus

    @property
    def _columns(self) -> tuple[Any, ...]:
        change = StatusChange
        times = (change.changed_at, change.ended_at, change.old_status)
        return (change.vessel, change.ip_address, self.component, *times, *self.down_since)

    def same(self, change: Any) -> Any:
        """The condition that it is a change of the owner: a vessel or a device."""
        raise NotImplementedError

    def begun_within(self, since: int, until: int) -> list[_Row]:
        """The longest of those that began in the period."""
        change = StatusChange
        lasted = peewee.Case(None, ((change.ended_at < until, change.ended_at),), until) - change.changed_at
        longest = (
            change.select(change.id)
            .where((change.new_status == self.status.value) & change.changed_at.between(since, until - 1))
            .order_by(lasted.desc())
            .limit(MOST)
        )
        query = change.select(*self._columns).join(self.owner, on=self.same(change)).where(change.id.in_(longest))
        return [tuple(row) for row in fetch_tuples(query)]

    def open_at(self, since: int) -> list[_Row]:
        """Those in force when the period began, by the last change before it."""
        change, earlier = StatusChange, StatusChange.alias()
        newest = (
            earlier.select(earlier.id)
            .where(self.same(earlier) & (earlier.changed_at < since))
            .order_by(earlier.changed_at.desc(), earlier.id.desc())
            .limit(1)
        )
        query = (
            self.owner.select(*self._columns)
            .join(change, on=change.id == newest)
            .where(change.new_status == self.status.value)
        )
        return [tuple(row) for row in fetch_tuples(query)]


class _Vessels(_Changes):
    owner, component, status = VesselRecord, peewee.Value(None), SyncStatus.SYNC_FAILED

    def same(self, change: Any) -> Any:
        return (change.vessel == VesselRecord.id) & change.ip_address.is_null()


class _Devices(_Changes):
    owner, component, status = DeviceRecord, DeviceRecord.component, SyncStatus.DOWN
    down_since = (DeviceRecord.down_since, DeviceRecord.down_since_is_bound)

    def same(self, change: Any) -> Any:
        return (change.vessel == DeviceRecord.vessel) & (change.ip_address == DeviceRecord.ip_address)
