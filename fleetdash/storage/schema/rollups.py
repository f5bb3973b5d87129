"""The tables of daily rollups. `day` is a UTC day, counted from 1970-01-01; a run belongs to the day it started on."""

from peewee import BigIntegerField, BlobField, CompositeKey, DoubleField, ForeignKeyField, IntegerField, TextField

from fleetdash.domain.runs import ErrorKind
from fleetdash.storage.schema.models import BaseModel


class RunDayRow(BaseModel):
    """The runs of a day. Durations are those of runs that finished; an interrupted one has none to compare."""

    day = IntegerField(primary_key=True)
    completed_runs = IntegerField(default=0)
    partial_runs = IntegerField(default=0)
    failed_runs = IntegerField(default=0)
    interrupted_runs = IntegerField(default=0)
    slow_runs = IntegerField(default=0)
    slots_filled = IntegerField(default=0)
    vessels_asked = IntegerField(default=0)
    vessels_reached = IntegerField(default=0)
    retry_attempts = IntegerField(default=0)
    retry_seconds = DoubleField(default=0.0)
    retry_wait_seconds = DoubleField(default=0.0)
    retry_query_seconds = DoubleField(default=0.0)
    timed_runs = IntegerField(default=0)
    duration_seconds = DoubleField(default=0.0)
    median_duration_seconds = DoubleField(null=True)
    p95_duration_seconds = DoubleField(null=True)
    durations = BlobField()
    """Each run's seconds, sorted, as little-endian doubles: medians over any period are exact, from a row per day."""

    class Meta:
        table_name = "run_days"


class VesselDayRow(BaseModel):
    """A vessel's outcomes in the runs of a day: reached, or failed to the end, and why."""

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")
    vessel_id = TextField()
    runs = IntegerField(default=0)
    successes = IntegerField(default=0)
    retry_attempts = IntegerField(default=0)
    timeout_failures = IntegerField(default=0)
    connection_failures = IntegerField(default=0)
    server_error_failures = IntegerField(default=0)
    rate_limited_failures = IntegerField(default=0)
    authentication_failures = IntegerField(default=0)
    configuration_failures = IntegerField(default=0)
    tls_failures = IntegerField(default=0)
    invalid_data_failures = IntegerField(default=0)
    too_large_failures = IntegerField(default=0)
    cancelled_failures = IntegerField(default=0)
    last_failed_at = BigIntegerField(null=True)
    last_error_kind = TextField(null=True)
    last_error_message = TextField(null=True)

    class Meta:
        table_name = "vessel_days"
        primary_key = CompositeKey("day", "vessel_id")


FAILURE_COUNTS: dict[ErrorKind, IntegerField] = {kind: getattr(VesselDayRow, f"{kind}_failures") for kind in ErrorKind}
"""The column that counts the failures of a kind."""


class ComponentDayRow(BaseModel):
    """The verdicts on a component after each run of a day; not derived from the run log."""

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")
    component = TextField()
    judged = IntegerField(default=0)
    compliant = IntegerField(default=0)
    uptime_percent_sum = DoubleField(default=0.0)

    class Meta:
        table_name = "component_days"
        primary_key = CompositeKey("day", "component")


class VesselSlaDayRow(BaseModel):
    """The verdicts on a vessel after each run of a day; not derived from the run log.

    `compliant`: every component that had an uptime met the SLA. The sums divided by `judged` are means.
    """

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")
    vessel_id = TextField()
    judged = IntegerField(default=0)
    compliant = IntegerField(default=0)
    uptime_percent_sum = DoubleField(default=0.0)
    coverage_percent_sum = DoubleField(default=0.0)

    class Meta:
        table_name = "vessel_sla_days"
        primary_key = CompositeKey("day", "vessel_id")
