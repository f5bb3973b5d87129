"""Until when a status lasted, in its own row: the longest outages of a year are then found without a look-up each."""

from typing import Any

from peewee import Database

NEXT = "LEAD(changed_at) OVER (PARTITION BY vessel_id, ip_address ORDER BY changed_at, id)"


def up(migrator: Any, db: Database) -> None:
    db.execute_sql("ALTER TABLE status_changes ADD COLUMN ended_at BIGINT")
    db.execute_sql(
        f"UPDATE status_changes SET ended_at = later.at FROM (SELECT id, {NEXT} AS at FROM status_changes) AS later "
        "WHERE later.id = status_changes.id AND later.at IS NOT NULL"
    )
    db.execute_sql("DROP INDEX status_changes_changed_at")
    db.execute_sql("CREATE INDEX status_changes_lasting ON status_changes (new_status, changed_at, ended_at)")
