"""The tables. Times are integer milliseconds UTC, durations seconds, percentages 0 to 100."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    DatabaseProxy,
    Expression,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from fleetdash.domain.runs import ErrorKind

database = DatabaseProxy()
"""Bound by `storage.database.open_database`; one database per process."""


class BaseModel(Model):
    class Meta:
        database = database
        legacy_table_names = False


class SchedulerRunLog(BaseModel):
    """One pass over the fleet (RUN); counts grow while it runs."""

    id = AutoField()
    start_time = BigIntegerField()
    end_time = BigIntegerField(null=True)
    due_at = BigIntegerField(null=True)
    """The slot of the schedule that this run fills; null for runs without one."""
    trigger = TextField()
    status = TextField()
    total_vessels = IntegerField()
    successful_vessels = IntegerField(default=0)
    failed_vessels = IntegerField(default=0)
    retry_attempts = IntegerField(default=0)
    duration_seconds = FloatField(null=True)
    retry_seconds = FloatField(default=0.0)
    retry_wait_seconds = FloatField(default=0.0)
    retry_query_seconds = FloatField(default=0.0)
    success_rate_percent = FloatField(null=True)
    slow = BooleanField(default=False)
    error_message = TextField(null=True)

    class Meta:
        table_name = "scheduler_runs"


class VesselQueryResult(BaseModel):
    """One attempt at one vessel (RESULT)."""

    id = AutoField()
    run_id: int  # created by the foreign key
    run = ForeignKeyField(SchedulerRunLog, backref="results", on_delete="CASCADE")
    vessel_id = TextField()
    attempt_number = IntegerField()
    kind = TextField()
    success = BooleanField()
    query_duration_seconds = FloatField()
    backoff_seconds = FloatField(default=0.0)
    error_kind = TextField(null=True)
    error_message = TextField(null=True)
    timestamp = BigIntegerField()
    chain_ended = BooleanField(default=True)

    class Meta:
        table_name = "scheduler_vessel_results"

    @classmethod
    def counts_for_vessel(cls) -> Expression:
        """The condition of `Attempt.unreachable`: a cancelled attempt says nothing about the vessel."""
        counts: Expression = cls.error_kind.is_null() | (cls.error_kind != ErrorKind.CANCELLED.value)
        return counts


class VesselRecord(BaseModel):
    """A vessel's state and verdict; one that left the fleet file keeps its row."""

    id = TextField(primary_key=True)
    name = TextField()
    position = IntegerField()
    left_at = BigIntegerField(null=True)
    chain_failed = BooleanField(default=False)
    chain_attempts = IntegerField(default=0)
    last_attempt_at = BigIntegerField(null=True)
    last_sync_at = BigIntegerField(null=True)
    observed_at = BigIntegerField(null=True)
    last_error_kind = TextField(null=True)
    last_error_message = TextField(null=True)
    clock_skew_seconds = IntegerField(default=0)
    status = TextField()
    sync_status = TextField()
    uptime_percent = FloatField(null=True)
    worst_uptime_percent = FloatField(null=True)
    coverage_percent = FloatField(null=True)
    components = TextField(default="[]")
    devices_up = IntegerField(default=0)
    devices_down = IntegerField(default=0)
    devices_total = IntegerField(default=0)
    last_known_status = TextField(null=True)
    last_known_status_at = BigIntegerField(null=True)
    query_memory = TextField(default="{}")
    """What the next request needs to know of earlier ones, as JSON."""
    notes = TextField(default="{}")
    """What the reason for its status names beside its devices, as JSON."""

    class Meta:
        table_name = "vessels"


class DeviceRecord(BaseModel):
    """A device's state; `component` is null when the fleet file does not name its address."""

    id = AutoField()
    vessel_id: str  # created by the foreign key
    vessel = ForeignKeyField(VesselRecord, backref="devices", on_delete="CASCADE")
    ip_address = TextField()
    component = TextField(null=True)
    position = IntegerField()
    left_at = BigIntegerField(null=True)
    observed_status = TextField()
    observed_at = BigIntegerField(null=True)
    hours = TextField(default="[]")
    average_response_ms = FloatField(null=True)
    last_ping_at = BigIntegerField(null=True)
    last_success_at = BigIntegerField(null=True)
    down_since = BigIntegerField(null=True)
    down_since_is_bound = BooleanField(default=False)

    class Meta:
        table_name = "devices"


class StatusChange(BaseModel):
    """A change of status; of the vessel itself where `ip_address` is null."""

    id = AutoField()
    vessel = ForeignKeyField(VesselRecord, backref="changes", on_delete="CASCADE")
    ip_address = TextField(null=True)
    changed_at = BigIntegerField()
    old_status = TextField(null=True)
    new_status = TextField()
    ended_at = BigIntegerField(null=True)
    """When the next one of the same device, or vessel, began; null while it is in force."""

    class Meta:
        table_name = "status_changes"
