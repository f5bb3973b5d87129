"""What requests learnt of a vessel's clock and fields, and what the reason for its status names beside its devices."""

from typing import Any

from peewee import Database


def up(migrator: Any, db: Database) -> None:
    for column in ("query_memory", "notes"):
        db.execute_sql(f"ALTER TABLE vessels ADD COLUMN {column} TEXT NOT NULL DEFAULT '{{}}'")
