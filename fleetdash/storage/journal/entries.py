"""What waits in the journal: each write of the run log, with all that it needs to be made later."""

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
    """A run that began while the database was away; `run_id` is its stand-in id."""

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
    """An attempt, and what the vessel said: the statuses follow from it when it is written."""

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
    """A run's end; `status` is `None` where its counts decide."""

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
    """An entry -> the journal's bytes; an answer's hours are alike, and shrink to an eighth."""
    return zlib.compress(_ENTRY.dump_json(entry), 1)


def entry_of(payload: bytes) -> Entry:
    """The other way."""
    return _ENTRY.validate_json(zlib.decompress(payload))


def text_of(payload: bytes) -> str:
    """An entry as JSON, for people."""
    return zlib.decompress(payload).decode()
