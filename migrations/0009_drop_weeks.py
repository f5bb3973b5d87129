"""Weekly rollups go: a year reads its days, and weeks are summed up when they are read."""

from typing import Any

from peewee import Database

TABLES = ("run_weeks", "vessel_weeks", "vessel_sla_weeks")


def up(migrator: Any, db: Database) -> None:
    for table in TABLES:
        db.execute_sql(f"DROP TABLE {table}")
