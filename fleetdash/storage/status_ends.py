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
            f"AND {same} ORDER BY changed_at DESC, id DESC LIMIT 1)"
        )
        statements.run(database, sql, change["changed_at"], change["vessel_id"], *values)


def clip(database: peewee.Database, vessel_id: str, now: int) -> None:
    """Let no status of a vessel begin or end after `now`: those are from when shore's clock was ahead."""
    statements.run(
        database,
        "UPDATE status_changes SET changed_at = CASE WHEN changed_at > ? THEN ? ELSE changed_at END, "
        "ended_at = CASE WHEN ended_at > ? THEN ? ELSE ended_at END "
        "WHERE vessel_id = ? AND (changed_at > ? OR ended_at > ?)",
        *(now, now, now, now, vessel_id, now, now),
    )


def write_all(database: peewee.Database) -> None:
    """Write the ends that are missing or wrong, as in an imported history."""
    database.execute_sql(
        "UPDATE status_changes SET ended_at = later.at FROM (SELECT id, LEAD(changed_at) OVER "
        "(PARTITION BY vessel_id, ip_address ORDER BY changed_at, id) AS at FROM status_changes) AS later "
        "WHERE later.id = status_changes.id AND COALESCE(later.at, -1) <> COALESCE(ended_at, -1)"
    )
