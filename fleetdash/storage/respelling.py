"""Devices keep their rows and history when the fleet file spells their address differently."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import peewee

from fleetdash.domain.fleet import Vessel, address_key, listed_spellings
from fleetdash.storage import status_ends
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import DeviceRecord, StatusChange


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A row of one device; `newest` orders the rows by how much they know."""

    row_id: int
    ip_address: str
    present: bool
    newest: int


def respell(database: peewee.Database, vessels: Iterable[Vessel]) -> None:
    """Give each device one row, under the address as the fleet file writes it; inside its caller's transaction."""
    rows = _rows_by_vessel()
    changed = False
    for vessel in vessels:
        listed = listed_spellings(vessel)
        by_key: dict[str, list[_Spelling]] = {}
        for row in rows.get(vessel.id, ()):
            by_key.setdefault(address_key(row.ip_address), []).append(row)
        for key, spellings in by_key.items():
            changed |= _unite(vessel.id, spellings, listed.get(key, key))
    if changed:
        status_ends.write_all(database)


def _rows_by_vessel() -> dict[str, list[_Spelling]]:
    columns = DeviceRecord.vessel, DeviceRecord.id, DeviceRecord.ip_address, DeviceRecord.left_at
    rows: dict[str, list[_Spelling]] = {}
    for vessel_id, row_id, address, left_at, last_ping in fetch_tuples(
        DeviceRecord.select(*columns, DeviceRecord.last_ping_at)
    ):
        rows.setdefault(vessel_id, []).append(_Spelling(row_id, address, left_at is None, last_ping or 0))
    return rows


def _unite(vessel_id: str, spellings: Sequence[_Spelling], address: str) -> bool:
    """The row that knows the newest ping stays; whether anything had to be changed."""
    if [spelling.ip_address for spelling in spellings] == [address]:
        return False
    kept = max(spellings, key=lambda spelling: (spelling.present, spelling.newest))
    for spelling in spellings:
        changes = (StatusChange.vessel == vessel_id) & (StatusChange.ip_address == spelling.ip_address)
        if spelling is not kept:
            DeviceRecord.delete().where(DeviceRecord.id == spelling.row_id).execute()
        if spelling is not kept and spelling.present:
            # two histories of the same time would contradict each other
            StatusChange.delete().where(changes).execute()
        elif spelling.ip_address != address:
            StatusChange.update(ip_address=address).where(changes).execute()
    if kept.ip_address != address:
        DeviceRecord.update(ip_address=address).where(DeviceRecord.id == kept.row_id).execute()
    return True
