"""Daily rollups: what charts and figures read, so that their cost does not grow with the history."""

from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BlobField,
    CompositeKey,
    Database,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    SqliteDatabase,
    TextField,
)

ZERO = [SQL("DEFAULT 0")]


def up(migrator: Any, db: Database) -> None:
    # SQLite then keeps the rows themselves in the key's order, so that a period is one stretch of the file
    clustered = isinstance(db, SqliteDatabase)

    class RunDay(Model):
        day = IntegerField(primary_key=True)
        completed_runs = IntegerField(constraints=ZERO)
        partial_runs = IntegerField(constraints=ZERO)
        failed_runs = IntegerField(constraints=ZERO)
        interrupted_runs = IntegerField(constraints=ZERO)
        slow_runs = IntegerField(constraints=ZERO)
        slots_filled = IntegerField(constraints=ZERO)
        vessels_asked = IntegerField(constraints=ZERO)
        vessels_reached = IntegerField(constraints=ZERO)
        retry_attempts = IntegerField(constraints=ZERO)
        retry_seconds = DoubleField(constraints=ZERO)
        retry_wait_seconds = DoubleField(constraints=ZERO)
        retry_query_seconds = DoubleField(constraints=ZERO)
        timed_runs = IntegerField(constraints=ZERO)
        duration_seconds = DoubleField(constraints=ZERO)
        median_duration_seconds = DoubleField(null=True)
        p95_duration_seconds = DoubleField(null=True)
        durations = BlobField()

        class Meta:
            database = db
            table_name = "run_days"

    class VesselDay(Model):
        day = ForeignKeyField(RunDay, column_name="day", on_delete="CASCADE", index=False)
        vessel_id = TextField()
        runs = IntegerField(constraints=ZERO)
        successes = IntegerField(constraints=ZERO)
        retry_attempts = IntegerField(constraints=ZERO)

        class Meta:
            database = db
            table_name = "vessel_days"
            primary_key = CompositeKey("day", "vessel_id")
            indexes = ((("vessel_id", "day"), False),)
            without_rowid = clustered

    class VesselDayFailure(Model):
        day = ForeignKeyField(RunDay, column_name="day", on_delete="CASCADE", index=False)
        vessel_id = TextField()
        error_kind = TextField()
        failures = IntegerField(constraints=ZERO)
        last_failed_at = BigIntegerField()
        last_message = TextField(null=True)

        class Meta:
            database = db
            table_name = "vessel_day_failures"
            primary_key = CompositeKey("day", "vessel_id", "error_kind")
            indexes = ((("vessel_id", "day"), False),)
            without_rowid = clustered

    class ComponentDay(Model):
        day = ForeignKeyField(RunDay, column_name="day", on_delete="CASCADE", index=False)
        component = TextField()
        judged = IntegerField(constraints=ZERO)
        compliant = IntegerField(constraints=ZERO)
        uptime_percent_sum = DoubleField(constraints=ZERO)

        class Meta:
            database = db
            table_name = "component_days"
            primary_key = CompositeKey("day", "component")
            without_rowid = clustered

    db.create_tables([RunDay, VesselDay, VesselDayFailure, ComponentDay])
