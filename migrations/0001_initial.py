"""The first schema: runs, attempts, vessels, devices, status changes.

The models are frozen copies, independent of the application's: a migration must mean the same for ever.
"""

from typing import Any

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BooleanField,
    Database,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

ZERO = [SQL("DEFAULT 0")]
FALSE = [SQL("DEFAULT false")]
TRUE = [SQL("DEFAULT true")]
EMPTY_LIST = [SQL("DEFAULT '[]'")]


def up(migrator: Any, db: Database) -> None:
    class SchedulerRun(Model):
        id = AutoField()
        start_time = BigIntegerField()
        end_time = BigIntegerField(null=True)
        due_at = BigIntegerField(null=True)
        trigger = TextField()
        status = TextField()
        total_vessels = IntegerField()
        successful_vessels = IntegerField(constraints=ZERO)
        failed_vessels = IntegerField(constraints=ZERO)
        retry_attempts = IntegerField(constraints=ZERO)
        duration_seconds = FloatField(null=True)
        retry_seconds = FloatField(constraints=ZERO)
        retry_wait_seconds = FloatField(constraints=ZERO)
        retry_query_seconds = FloatField(constraints=ZERO)
        success_rate_percent = FloatField(null=True)
        slow = BooleanField(constraints=FALSE)
        error_message = TextField(null=True)

        class Meta:
            database = db
            table_name = "scheduler_runs"
            indexes = (
                (("start_time", "id"), False),
                (("status", "start_time", "id"), False),
                (("trigger", "start_time", "id"), False),
            )

    class SchedulerVesselResult(Model):
        id = AutoField()
        run = ForeignKeyField(SchedulerRun, on_delete="CASCADE", index=False)
        vessel_id = TextField()
        attempt_number = IntegerField()
        kind = TextField()
        success = BooleanField()
        query_duration_seconds = FloatField()
        backoff_seconds = FloatField(constraints=ZERO)
        error_kind = TextField(null=True)
        error_message = TextField(null=True)
        timestamp = BigIntegerField()
        chain_ended = BooleanField(constraints=TRUE)

        class Meta:
            database = db
            table_name = "scheduler_vessel_results"
            indexes = (
                # an attempt is recorded once, whatever happens
                (("run", "vessel_id", "attempt_number"), True),
                (("vessel_id", "run"), False),
            )

    class Vessel(Model):
        id = TextField(primary_key=True)
        name = TextField()
        position = IntegerField()
        left_at = BigIntegerField(null=True)
        chain_failed = BooleanField(constraints=FALSE)
        chain_attempts = IntegerField(constraints=ZERO)
        last_attempt_at = BigIntegerField(null=True)
        last_sync_at = BigIntegerField(null=True)
        observed_at = BigIntegerField(null=True)
        last_error_kind = TextField(null=True)
        last_error_message = TextField(null=True)
        clock_skew_seconds = IntegerField(constraints=ZERO)
        status = TextField()
        sync_status = TextField()
        uptime_percent = FloatField(null=True)
        worst_uptime_percent = FloatField(null=True)
        coverage_percent = FloatField(null=True)
        components = TextField(constraints=EMPTY_LIST)
        devices_up = IntegerField(constraints=ZERO)
        devices_down = IntegerField(constraints=ZERO)
        devices_total = IntegerField(constraints=ZERO)
        last_known_status = TextField(null=True)
        last_known_status_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "vessels"

    class Device(Model):
        id = AutoField()
        vessel = ForeignKeyField(Vessel, on_delete="CASCADE", index=False)
        ip_address = TextField()
        component = TextField(null=True)
        position = IntegerField()
        left_at = BigIntegerField(null=True)
        observed_status = TextField()
        observed_at = BigIntegerField(null=True)
        hours = TextField(constraints=EMPTY_LIST)
        average_response_ms = FloatField(null=True)
        last_ping_at = BigIntegerField(null=True)
        last_success_at = BigIntegerField(null=True)
        down_since = BigIntegerField(null=True)
        down_since_is_bound = BooleanField(constraints=FALSE)

        class Meta:
            database = db
            table_name = "devices"
            indexes = ((("vessel", "ip_address"), True),)

    class StatusChange(Model):
        id = AutoField()
        vessel = ForeignKeyField(Vessel, on_delete="CASCADE", index=False)
        ip_address = TextField(null=True)
        changed_at = BigIntegerField()
        old_status = TextField(null=True)
        new_status = TextField()

        class Meta:
            database = db
            table_name = "status_changes"
            indexes = ((("vessel", "ip_address", "changed_at"), False),)

    db.create_tables([SchedulerRun, SchedulerVesselResult, Vessel, Device, StatusChange])
