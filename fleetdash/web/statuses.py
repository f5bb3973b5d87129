"""The one table of icons, words, colours and explanations: every surface takes a status from here."""

from dataclasses import dataclass

from fleetdash.domain.runs import RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus


@dataclass(frozen=True, slots=True)
class Look:
    """`icon` is one of Bootstrap's; the colour is the stylesheet's for `tone`."""

    icon: str
    word: str
    tone: str
    explanation: str


SYNC: dict[SyncStatus, Look] = {
    SyncStatus.SYNC_FAILED: Look(
        "plug", "Not reached", "sync-failed", "The ship could not be reached; what is shown is what it last told us."
    ),
    SyncStatus.DOWN: Look("x-lg", "Down", "down", "The newest ping is fresh and was not answered: confirmed downtime."),
    SyncStatus.STALE_DATA: Look(
        "clock", "Stale", "stale-data", "The ship answers, but its newest ping is older than the stale limit."
    ),
    SyncStatus.NO_DATA: Look(
        "circle", "No data", "no-data", "The ship answers, but recorded no ping in the last day; it did before."
    ),
    SyncStatus.NO_HISTORY: Look(
        "dash-lg", "No history", "no-history", "Neither the ship nor fleetdash ever saw a ping: a new device."
    ),
    SyncStatus.PARTIAL_SYNC: Look(
        "circle-half", "Partly fresh", "partial-sync", "Some of the vessel's devices have fresh data, others have none."
    ),
    SyncStatus.OPERATIONAL: Look(
        "check-lg",
        "Up to date",
        "operational",
        "The newest ping is fresh and was answered; of a vessel: all data is fresh.",
    ),
}

SERVICE: dict[ServiceStatus, Look] = {
    ServiceStatus.OFFLINE: Look("x-octagon", "Offline", "down", "Every device with fresh data is down."),
    ServiceStatus.CRITICAL: Look(
        "exclamation-triangle", "Critical", "down", "Two or more components miss their service level."
    ),
    ServiceStatus.UNKNOWN: Look(
        "question-lg", "Unknown", "sync-failed", "The ship was not reached or sent nothing fresh: neither up nor down."
    ),
    ServiceStatus.DEGRADED: Look("exclamation-lg", "Degraded", "stale-data", "One component misses its service level."),
    ServiceStatus.OPERATIONAL: Look(
        "check-lg", "Operational", "operational", "Every component meets its service level."
    ),
}

RUN: dict[RunStatus, Look] = {
    RunStatus.RUNNING: Look("arrow-repeat", "Running", "partial-sync", "The run is under way."),
    RunStatus.COMPLETED: Look("check-lg", "Completed", "operational", "Every vessel was reached."),
    RunStatus.PARTIAL: Look("circle-half", "Partial", "stale-data", "Some vessels were reached, others were not."),
    RunStatus.FAILED: Look("x-lg", "Failed", "down", "No vessel was reached, or the run itself broke."),
    RunStatus.INTERRUPTED: Look(
        "stop-fill", "Interrupted", "no-data", "fleetdash was stopped, or died, during the run."
    ),
}
