"""The longest outages of a period: vessels that were not reached, devices that were confirmed down.

They are read from the changes of status: each lasts until the next change of the same vessel or device, whose time is
in its row. One that began before the period is the last change before it. Four queries, each by index.
"""

from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import Outage
from fleetdash.domain.status import SyncStatus
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import DeviceRecord, StatusChange, VesselRecord
from fleetdash.storage.timestamps import from_ms, to_ms

MOST = 10

_Row = tuple[str, str | None, str | None, int, int | None]
"""Vessel, address, component, beginning, end."""


def longest(period: Period, names: dict[str, str], now: datetime) -> tuple[Outage, ...]:
    """At most ten, longest first. One that has not ended lasts until now, or until the period's end."""
    since, until = to_ms(period.since), to_ms(min(period.until, now))
    rows = [
        row
        for kind in (_Vessels(), _Devices())
        for row in (*kind.begun_within(since, until), *kind.open_at(since, until))
    ]
    outages = [_outage(row, names, since, until) for row in rows]
    outages.sort(key=lambda outage: (-outage.seconds, outage.name, outage.ip_address or "", outage.began_at))
    return tuple(outages[:MOST])


def _outage(row: _Row, names: dict[str, str], since: int, until: int) -> Outage:
    vessel_id, address, component, began, ended = row
    seconds = ((until if ended is None else ended) - max(began, since)) / 1000
    return Outage(
        vessel_id, names.get(vessel_id, vessel_id), address, component, from_ms(began), from_ms(ended), seconds
    )


class _Changes:
    """The changes of all vessels, or all devices, to the status that is an outage; one query per method."""

    owner: type[peewee.Model]
    vessel: Any
    component: Any
    status: SyncStatus

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
        query = (
            change.select(change.vessel, change.ip_address, self.component, change.changed_at, _ended(until))
            .join(self.owner, on=self.same(change))
            .where(change.id.in_(longest))
        )
        return [tuple(row) for row in fetch_tuples(query)]

    def open_at(self, since: int, until: int) -> list[_Row]:
        """Those in force when the period began, by the last change before it."""
        change, earlier = StatusChange, StatusChange.alias()
        newest = (
            earlier.select(earlier.id)
            .where(self.same(earlier) & (earlier.changed_at < since))
            .order_by(earlier.changed_at.desc(), earlier.id.desc())
            .limit(1)
        )
        query = (
            self.owner.select(self.vessel, change.ip_address, self.component, change.changed_at, _ended(until))
            .join(change, on=change.id == newest)
            .where(change.new_status == self.status.value)
        )
        return [tuple(row) for row in fetch_tuples(query)]


def _ended(until: int) -> Any:
    """`None` for an outage that ends after the period."""
    return peewee.Case(None, ((StatusChange.ended_at < until, StatusChange.ended_at),), None)


class _Vessels(_Changes):
    owner, vessel, component, status = VesselRecord, VesselRecord.id, peewee.Value(None), SyncStatus.SYNC_FAILED

    def same(self, change: Any) -> Any:
        return (change.vessel == VesselRecord.id) & change.ip_address.is_null()


class _Devices(_Changes):
    owner, vessel, component, status = DeviceRecord, DeviceRecord.vessel, DeviceRecord.component, SyncStatus.DOWN

    def same(self, change: Any) -> Any:
        return (change.vessel == DeviceRecord.vessel) & (change.ip_address == DeviceRecord.ip_address)
