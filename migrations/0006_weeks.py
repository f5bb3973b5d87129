"""Weekly rollups, so that a year reads 53 rows a vessel and not 365; filled from the daily ones."""

from array import array
from sys import byteorder
from typing import Any

from peewee import SQL, BlobField, CompositeKey, Database, DoubleField, IntegerField, Model, SqliteDatabase, TextField

ZERO = [SQL("DEFAULT 0")]
RUNS = (
    "completed_runs", "partial_runs", "failed_runs", "interrupted_runs", "slow_runs", "slots_filled",
    "vessels_asked", "vessels_reached", "retry_attempts", "retry_seconds", "retry_wait_seconds", "retry_query_seconds",
)  # fmt: skip
VESSELS = (
    "runs", "successes", "retry_attempts", "timeout_failures", "connection_failures", "server_error_failures",
    "rate_limited_failures", "authentication_failures", "configuration_failures", "tls_failures",
    "invalid_data_failures", "too_large_failures", "cancelled_failures",
)  # fmt: skip
VERDICTS = ("judged", "compliant", "uptime_percent_sum", "coverage_percent_sum")
FAILED_ON = "MAX(CASE WHEN last_failed_at IS NOT NULL THEN day END)"
WEEK = "(day + 3) / 7"
"""Weeks begin on Mondays; of whole numbers, so that both databases round down."""


def up(migrator: Any, db: Database) -> None:
    clustered = isinstance(db, SqliteDatabase)

    class RunWeek(Model):
        week = IntegerField(primary_key=True)
        durations = BlobField()

        class Meta:
            database = db
            table_name = "run_weeks"

    class VesselWeek(Model):
        week = IntegerField()
        vessel_id = TextField()
        last_failed_on = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "vessel_weeks"
            primary_key = CompositeKey("week", "vessel_id")
            without_rowid = clustered

    class VesselSlaWeek(Model):
        week = IntegerField()
        vessel_id = TextField()

        class Meta:
            database = db
            table_name = "vessel_sla_weeks"
            primary_key = CompositeKey("week", "vessel_id")
            without_rowid = clustered

    for model, sums in ((RunWeek, RUNS), (VesselWeek, VESSELS), (VesselSlaWeek, VERDICTS)):
        for name in sums:
            kind = DoubleField if name.endswith(("_seconds", "_sum")) else IntegerField
            model._meta.add_field(name, kind(constraints=ZERO))
    db.create_tables([RunWeek, VesselWeek, VesselSlaWeek])
    for table, days, sums, more, values in (
        ("vessel_weeks", "vessel_days", VESSELS, ", last_failed_on", f", {FAILED_ON}"),
        ("vessel_sla_weeks", "vessel_sla_days", VERDICTS, "", ""),
    ):
        db.execute_sql(
            f"INSERT INTO {table} (week, vessel_id, {', '.join(sums)}{more}) "
            f"SELECT {WEEK}, vessel_id, {', '.join(f'SUM({name})' for name in sums)}{values} "
            f"FROM {days} GROUP BY {WEEK}, vessel_id"
        )
    fill_runs(db, RunWeek)


def fill_runs(db: Database, model: Any) -> None:
    """Week by week: the durations of its runs are sorted anew."""
    sums = ", ".join(f"SUM({name})" for name in RUNS)
    weeks = db.execute_sql(f"SELECT {WEEK}, {sums} FROM run_days GROUP BY {WEEK}").fetchall()
    for week, *counts in weeks:
        days = f"SELECT durations FROM run_days WHERE {WEEK} = {week}"
        durations = merged([bytes(packed) for (packed,) in db.execute_sql(days).fetchall() if packed])
        model.insert(week=week, durations=durations, **dict(zip(RUNS, counts, strict=True))).execute()


def merged(packed: list[bytes]) -> bytes:
    """Little-endian doubles, all of them sorted."""
    durations = array("d")
    for each in packed:
        durations.frombytes(each)
    if byteorder == "big":
        durations.byteswap()
    durations = array("d", sorted(durations))
    if byteorder == "big":
        durations.byteswap()
    return durations.tobytes()
