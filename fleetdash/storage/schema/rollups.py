"""The tables of daily rollups, and of the weeks that they add up to.

`day` is a UTC day, counted from 1970-01-01; a run belongs to the day it started on. `week` begins on a Monday, and is
counted as in `storage.days`. Days are what is written; a week's rows are made from those of its days.
"""

from peewee import (
    BigIntegerField,
    BlobField,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from fleetdash.domain.runs import ErrorKind
from fleetdash.storage.schema.models import BaseModel


class _RunCounts(BaseModel):
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
    durations = BlobField()
    """Each run's seconds, sorted, as little-endian doubles: medians over any period are exact, from a row a day."""


class RunDayRow(_RunCounts):
    """The runs of a day. Durations are those of runs that finished; an interrupted one has none to compare."""

    day = IntegerField(primary_key=True)
    timed_runs = IntegerField(default=0)
    duration_seconds = DoubleField(default=0.0)
    median_duration_seconds = DoubleField(null=True)
    p95_duration_seconds = DoubleField(null=True)

    class Meta:
        table_name = "run_days"


class RunWeekRow(_RunCounts):
    """The runs of a week."""

    week = IntegerField(primary_key=True)
    written = BigIntegerField(default=0)
    """Another number each time that any of the week's rows is written, of these three tables."""

    class Meta:
        table_name = "run_weeks"


class _VesselCounts(BaseModel):
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


class VesselDayRow(_VesselCounts):
    """A vessel's part in the runs of a day: those that it was reached in, or failed in to the end, and why."""

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")
    last_failed_at = BigIntegerField(null=True)
    last_error_kind = TextField(null=True)
    last_error_message = TextField(null=True)

    class Meta:
        table_name = "vessel_days"
        primary_key = CompositeKey("day", "vessel_id")


class VesselWeekRow(_VesselCounts):
    """A vessel's part in the runs of a week; `last_failed_on`: the last day with a failure, whose row says why."""

    week = IntegerField()
    last_failed_on = IntegerField(null=True)

    class Meta:
        table_name = "vessel_weeks"
        primary_key = CompositeKey("week", "vessel_id")


FAILURE_COUNTS: dict[ErrorKind, IntegerField] = {kind: getattr(VesselDayRow, f"{kind}_failures") for kind in ErrorKind}
"""The column that counts the failures of a kind."""

PART_COUNTS = ("runs", "successes", "retry_attempts")
"""What is summed of a vessel's parts in runs, by days as by weeks, beside its failures."""

FAILED_ON = "CASE WHEN last_failed_at IS NOT NULL THEN day END"
"""The day of a vessel's row when it failed then: SQL."""

VERDICT_SUMS = ("judged", "compliant", "uptime_percent_sum", "coverage_percent_sum")
"""What is summed of the verdicts on a vessel, by days as by weeks."""


class ComponentDayRow(BaseModel):
    """The verdicts on a component as they stood at the end of each run of a day; not derived from the run log."""

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")
    component = TextField()
    judged = IntegerField(default=0)
    compliant = IntegerField(default=0)
    uptime_percent_sum = DoubleField(default=0.0)

    class Meta:
        table_name = "component_days"
        primary_key = CompositeKey("day", "component")


class _VesselVerdicts(BaseModel):
    vessel_id = TextField()
    judged = IntegerField(default=0)
    compliant = IntegerField(default=0)
    uptime_percent_sum = DoubleField(default=0.0)
    coverage_percent_sum = DoubleField(default=0.0)


class VesselSlaDayRow(_VesselVerdicts):
    """The verdicts on a vessel as they stood at the end of each run of a day; not derived from the run log.

    `compliant`: every component that had an uptime met the SLA. The sums divided by `judged` are means.
    """

    day = ForeignKeyField(RunDayRow, column_name="day", on_delete="CASCADE")

    class Meta:
        table_name = "vessel_sla_days"
        primary_key = CompositeKey("day", "vessel_id")


class VesselSlaWeekRow(_VesselVerdicts):
    """The verdicts on a vessel over a week."""

    week = IntegerField()

    class Meta:
        table_name = "vessel_sla_weeks"
        primary_key = CompositeKey("week", "vessel_id")
