"""The one table of icons, words, colours and explanations: every surface takes a status from here."""

from dataclasses import dataclass, replace

from fleetdash.domain.runs import RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """`icon` is one of Bootstrap's; the colour is the stylesheet's for `tone`."""

    icon: str
    word: str
    tone: str
    explanation: str


SYNC: dict[SyncStatus, StatusStyle] = {
    SyncStatus.SYNC_FAILED: StatusStyle(
        "plug", "Not reached", "sync-failed", "The vessel could not be reached; the last known values are shown."
    ),
    SyncStatus.DOWN: StatusStyle(
        "x-lg", "Down", "down", "The newest ping is fresh and was not answered: confirmed downtime."
    ),
    SyncStatus.STALE_DATA: StatusStyle(
        "clock",
        "Stale",
        "stale-data",
        "The vessel answers, but its newest ping is older than the stale limit, 30 minutes by default.",
    ),
    SyncStatus.NO_DATA: StatusStyle(
        "circle", "No data", "no-data", "The vessel answers, but recorded no ping in the last day; it did before."
    ),
    SyncStatus.NO_HISTORY: StatusStyle(
        "dash-lg", "No history", "no-history", "Never seen yet: a new device, or a wrong address."
    ),
    SyncStatus.PARTIAL_SYNC: StatusStyle(
        "circle-half",
        "Some data old",
        "partial-sync",
        "Some of the vessel's devices have fresh data, others have none.",
    ),
    SyncStatus.OPERATIONAL: StatusStyle(
        "check-lg",
        "Up to date",
        "operational",
        "Every device has fresh data.",
    ),
}

DEVICE_SYNC = SYNC | {
    SyncStatus.OPERATIONAL: replace(
        SYNC[SyncStatus.OPERATIONAL], word="Answering", explanation="The newest ping is fresh and was answered."
    )
}
"""Of a device: its data being up to date says that it answers."""

SERVICE: dict[ServiceStatus, StatusStyle] = {
    ServiceStatus.OFFLINE: StatusStyle("x-octagon", "Offline", "down", "Every device with fresh data is down."),
    ServiceStatus.CRITICAL: StatusStyle(
        "exclamation-triangle", "Critical", "down", "Two or more components miss their service level."
    ),
    ServiceStatus.UNKNOWN: StatusStyle(
        "question-lg",
        "Unknown",
        "sync-failed",
        "The vessel was not reached or has no fresh data: neither up nor down.",
    ),
    ServiceStatus.DEGRADED: StatusStyle(
        "exclamation-lg", "Degraded", "stale-data", "One component misses its service level."
    ),
    ServiceStatus.OPERATIONAL: StatusStyle(
        "check-lg", "Operational", "operational", "Every component meets its service level."
    ),
}

WITH_A_DEVICE_DOWN = StatusStyle(
    SYNC[SyncStatus.DOWN].icon, "With a device down", "down", "At least one of the vessel's devices is down."
)

RUN: dict[RunStatus, StatusStyle] = {
    RunStatus.RUNNING: StatusStyle("arrow-repeat", "Running", "partial-sync", "The run is under way."),
    RunStatus.COMPLETED: StatusStyle("check-lg", "Completed", "operational", "Every vessel was reached."),
    RunStatus.PARTIAL: StatusStyle(
        "circle-half", "Partial", "stale-data", "Some vessels were reached, others were not."
    ),
    RunStatus.FAILED: StatusStyle("x-lg", "Failed", "down", "No vessel was reached, or the run itself failed."),
    RunStatus.INTERRUPTED: StatusStyle(
        "stop-fill", "Interrupted", "no-data", "fleetdash stopped or crashed during the run."
    ),
}
