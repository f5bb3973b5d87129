"""A number that changes whenever a week is written, so that what was read of it can be kept until then."""

import secrets
from typing import Any

from peewee import Database


def up(migrator: Any, db: Database) -> None:
    db.execute_sql("ALTER TABLE run_weeks ADD COLUMN written BIGINT NOT NULL DEFAULT 0")
    for (week,) in db.execute_sql("SELECT week FROM run_weeks").fetchall():
        db.execute_sql(f"UPDATE run_weeks SET written = {secrets.randbits(62)} WHERE week = {week}")
    # read without walking over the durations
    db.execute_sql("CREATE INDEX run_weeks_written ON run_weeks (week, written)")
