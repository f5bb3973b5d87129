"""The reasons for failure as columns of a vessel's day: a year's reliability then reads one row a vessel and day."""

from typing import Any

from peewee import Database

KINDS = (
    "timeout", "connection", "server_error", "rate_limited", "authentication",
    "configuration", "tls", "invalid_data", "too_large", "cancelled",
)  # fmt: skip
SAME = "f.day = vessel_days.day AND f.vessel_id = vessel_days.vessel_id"


def up(migrator: Any, db: Database) -> None:
    for kind in KINDS:
        db.execute_sql(f"ALTER TABLE vessel_days ADD COLUMN {kind}_failures INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE vessel_days ADD COLUMN last_failed_at BIGINT")
    db.execute_sql("ALTER TABLE vessel_days ADD COLUMN last_error_kind TEXT")
    db.execute_sql("ALTER TABLE vessel_days ADD COLUMN last_error_message TEXT")
    counts = ", ".join(
        f"{kind}_failures = COALESCE((SELECT f.failures FROM vessel_day_failures f "
        f"WHERE {SAME} AND f.error_kind = '{kind}'), 0)"
        for kind in KINDS
    )
    newest = f"FROM vessel_day_failures f WHERE {SAME} ORDER BY f.last_failed_at DESC, f.error_kind LIMIT 1"
    db.execute_sql(
        f"UPDATE vessel_days SET {counts}, last_failed_at = (SELECT f.last_failed_at {newest}), "
        f"last_error_kind = (SELECT f.error_kind {newest}), last_error_message = (SELECT f.last_message {newest}) "
        f"WHERE EXISTS (SELECT 1 FROM vessel_day_failures f WHERE {SAME})"
    )
    db.execute_sql("DROP TABLE vessel_day_failures")
