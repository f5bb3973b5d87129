"""The journal's entries: each write of the run log, with all that is needed to make it later."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Discriminator, TypeAdapter

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.runs import Attempt, RunStatus, Trigger


@dataclass(frozen=True, slots=True)
class RunOpened:
    """A run that began while the database was unavailable; `run_id` is provisional."""

    run_id: str
    trigger: Trigger
    total_vessels: int
    started_at: datetime
    due_at: datetime | None
    entry: Literal["run opened"] = "run opened"

    @property
    def at(self) -> datetime:
        return self.started_at


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt and its answer: the statuses follow from it when it is written."""

    run_id: str
    vessel: Vessel
    attempt: Attempt
    answer: VesselAnswer | None
    entry: Literal["attempt ended"] = "attempt ended"

    @property
    def at(self) -> datetime:
        return self.attempt.timestamp


@dataclass(frozen=True, slots=True)
class RunClosed:
    """The end of a run; `status` is `None` where it follows from the counts."""

    run_id: str
    ended_at: datetime
    duration_seconds: float | None
    status: RunStatus | None
    error_message: str | None
    entry: Literal["run closed"] = "run closed"

    @property
    def at(self) -> datetime:
        return self.ended_at


Entry = RunOpened | AttemptEnded | RunClosed

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Discriminator("entry")])


def payload_of(entry: Entry) -> bytes:
    """An entry -> bytes; the hours of an answer compress to an eighth."""
    return zlib.compress(_ENTRY.dump_json(entry), 1)


def entry_of(payload: bytes) -> Entry:
    """The inverse of `payload_of`."""
    return _ENTRY.validate_json(zlib.decompress(payload))


def text_of(payload: bytes) -> str:
    """An entry as JSON, for people."""
    return zlib.decompress(payload).decode()
