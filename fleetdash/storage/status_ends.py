"""Until when a status lasted: written when the next one of the same device, or vessel, comes."""

from collections.abc import Iterable

import peewee

from fleetdash.storage import statements
from fleetdash.storage.statements import Row


def write(database: peewee.Database, changes: Iterable[Row]) -> None:
    """End what the changes, which are not written yet, replace; a look-up by index each."""
    for change in changes:
        address = change["ip_address"]
        same, known = ("ip_address IS NULL", ()) if address is None else ("ip_address = ?", (address,))
        sql = (
            "UPDATE status_changes SET ended_at = ? WHERE id = (SELECT id FROM status_changes WHERE vessel_id = ? "
            f"AND {same} ORDER BY changed_at DESC, id DESC LIMIT 1)"
        )
        statements.run(database, sql, change["changed_at"], change["vessel_id"], *known)


def write_all(database: peewee.Database) -> None:
    """Those that are missing or wrong, as in a history that came from elsewhere."""
    database.execute_sql(
        "UPDATE status_changes SET ended_at = later.at FROM (SELECT id, LEAD(changed_at) OVER "
        "(PARTITION BY vessel_id, ip_address ORDER BY changed_at, id) AS at FROM status_changes) AS later "
        "WHERE later.id = status_changes.id AND COALESCE(later.at, -1) <> COALESCE(ended_at, -1)"
    )
