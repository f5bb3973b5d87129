"""The tables, and bringing them to the newest schema."""

from fleetdash.storage.schema.accounts import AccessSecretRow, AuditRow, EndedSessionRow
from fleetdash.storage.schema.migration import apply_missing, refuse_damaged, release_free_pages
from fleetdash.storage.schema.models import (
    BaseModel,
    DeviceRecord,
    SchedulerRunLog,
    StatusChange,
    VesselQueryResult,
    VesselRecord,
    database,
)
from fleetdash.storage.schema.rollups import FAILURE_COUNTS, ComponentDayRow, RunDayRow, VesselDayRow, VesselSlaDayRow

__all__ = [
    "FAILURE_COUNTS",
    "AccessSecretRow",
    "AuditRow",
    "BaseModel",
    "ComponentDayRow",
    "DeviceRecord",
    "EndedSessionRow",
    "RunDayRow",
    "SchedulerRunLog",
    "StatusChange",
    "VesselDayRow",
    "VesselQueryResult",
    "VesselRecord",
    "VesselSlaDayRow",
    "apply_missing",
    "database",
    "refuse_damaged",
    "release_free_pages",
]
