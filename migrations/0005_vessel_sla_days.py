"""How each vessel met the SLA, day by day; and changes of statuses by time, for the longest outages of a period."""

from typing import Any

from peewee import SQL, CompositeKey, Database, DoubleField, IntegerField, Model, SqliteDatabase, TextField

ZERO = [SQL("DEFAULT 0")]


def up(migrator: Any, db: Database) -> None:
    class VesselSlaDay(Model):
        day = IntegerField(constraints=[SQL('REFERENCES "run_days" ("day") ON DELETE CASCADE')])
        vessel_id = TextField()
        judged = IntegerField(constraints=ZERO)
        compliant = IntegerField(constraints=ZERO)
        uptime_percent_sum = DoubleField(constraints=ZERO)
        coverage_percent_sum = DoubleField(constraints=ZERO)

        class Meta:
            database = db
            table_name = "vessel_sla_days"
            primary_key = CompositeKey("day", "vessel_id")
            # SQLite then keeps the rows in the key's order, so that a period is one stretch of the file
            without_rowid = isinstance(db, SqliteDatabase)

    db.create_tables([VesselSlaDay])
    db.execute_sql("CREATE INDEX status_changes_changed_at ON status_changes (changed_at)")
