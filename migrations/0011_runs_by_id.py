"""Runs are listed in the order in which they were made, by id: a clock that was ahead does not reorder them."""

from typing import Any

from peewee import Database

_COLUMNS = ("status", "trigger")


def up(migrator: Any, db: Database) -> None:
    for column in _COLUMNS:
        db.execute_sql(f"DROP INDEX schedulerrun_{column}_start_time_id")
        db.execute_sql(f'CREATE INDEX schedulerrun_{column}_id ON scheduler_runs ("{column}", id)')
