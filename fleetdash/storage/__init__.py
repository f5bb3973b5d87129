"""fleetdash's own database: the run log, vessel and device statuses, rollups, retention, the scheduling lock."""
