"""The ends of statuses: written when the next status of the same device, or vessel, begins."""

from collections.abc import Iterable

import peewee

from fleetdash.storage import statements
from fleetdash.storage.statements import Row


def write(database: peewee.Database, changes: Iterable[Row]) -> None:
    """End the statuses that these changes, not written yet, replace; one look-up by index each."""
    for change in changes:
        address = change["ip_address"]
        same, values = ("ip_address IS NULL", ()) if address is None else ("ip_address = ?", (address,))
        sql = (
            "UPDATE status_changes SET ended_at = ? WHERE id = (SELECT id FROM status_changes WHERE vessel_id = ? "
            f"AND {same} ORDER BY id DESC LIMIT 1)"
        )
        statements.run(database, sql, change["changed_at"], change["vessel_id"], *values)


def shift_future(database: peewee.Database, now: int, by: int) -> None:
    """Move times later than `now` by so much; all in milliseconds."""
    shifted = "{0} = CASE WHEN {0} > ? THEN {0} + ? ELSE {0} END".format
    sql = (
        f"UPDATE status_changes SET {shifted('changed_at')}, {shifted('ended_at')} WHERE changed_at > ? OR ended_at > ?"
    )
    statements.run(database, sql, now, by, now, by, now, now)


def write_all(database: peewee.Database) -> None:
    """Write the ends that are missing or wrong, as in an imported history."""
    database.execute_sql(
        "UPDATE status_changes SET ended_at = later.at FROM (SELECT id, LEAD(changed_at) OVER "
        "(PARTITION BY vessel_id, ip_address ORDER BY changed_at, id) AS at FROM status_changes) AS later "
        "WHERE later.id = status_changes.id AND COALESCE(later.at, -1) <> COALESCE(ended_at, -1)"
    )
