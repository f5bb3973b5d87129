"""The run log: pages by keyset, one vessel's part, and the version of the data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from fleetdash.domain.read_models import RunPage, VesselRun
from fleetdash.domain.runs import Attempt, RunStatus, Trigger, usual_duration
from fleetdash.domain.runs import Run as RecordedRun
from fleetdash.errors import BadCursor
from fleetdash.storage.rows import attempt_of, run_of
from fleetdash.storage.run_logger import durations_before
from fleetdash.storage.schema.models import SchedulerRunLog as Run
from fleetdash.storage.schema.models import StatusChange, VesselQueryResult
from fleetdash.storage.timestamps import to_ms

CURSOR = re.compile(r"(?P<direction>after|before)-(?P<start>[0-9]{1,15})-(?P<run>[0-9]{1,9})")
"""A run's place, and which way the page goes from there."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are asked for; `None` asks for all. Times bound the start: since <= start < until."""

    status: RunStatus | None = None
    trigger: Trigger | None = None
    vessel_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def apply(self, query: "peewee.ModelSelect[Run]") -> "peewee.ModelSelect[Run]":
        if self.status is not None:
            query = query.where(Run.status == self.status.value)
        if self.trigger is not None:
            query = query.where(Run.trigger == self.trigger.value)
        if self.since is not None:
            query = query.where(Run.start_time >= to_ms(self.since))
        if self.until is not None:
            query = query.where(Run.start_time < to_ms(self.until))
        if self.vessel_id is not None:
            query = query.where(_asked(self.vessel_id))
        return query


def version() -> str:
    """Newest attempt, newest run and its state, newest change of a status."""
    attempt = VesselQueryResult.select(peewee.fn.MAX(VesselQueryResult.id)).scalar()
    change = StatusChange.select(peewee.fn.MAX(StatusChange.id)).scalar()
    run = Run.select(Run.id, Run.status).order_by(Run.id.desc()).limit(1).tuples().first()
    run_id, status = run or (0, "-")
    return f"{attempt or 0}.{change or 0}.{run_id}{status}"


def page(wanted: RunFilter, limit: int, cursor: str | None) -> RunPage:
    """One page, and the cursors around it. A cursor names a run's place, so new runs do not shift pages."""
    backwards, place = _parse(cursor)
    order = (Run.start_time, Run.id) if backwards else (Run.start_time.desc(), Run.id.desc())
    query = wanted.apply(Run.select()).order_by(*order).limit(limit + 1)
    if place is not None:
        query = query.where(_beyond(place, backwards))
    rows = list(query)
    more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    older = bool(rows) and (more or backwards)
    newer = bool(rows) and (more if backwards else place is not None)
    return RunPage(
        runs=tuple(run_of(row) for row in rows),
        next_cursor=_cursor("after", rows[-1]) if older else None,
        previous_cursor=_cursor("before", rows[0]) if newer else None,
    )


def vessel_runs(vessel_id: str, limit: int) -> tuple[VesselRun, ...]:
    """The newest runs in which the vessel was asked, each with its attempts; two queries."""
    newest_first = (Run.start_time.desc(), Run.id.desc())
    runs = list(RunFilter(vessel_id=vessel_id).apply(Run.select()).order_by(*newest_first).limit(limit))
    attempts: dict[int, list[Attempt]] = {row.id: [] for row in runs}
    query = (
        VesselQueryResult.select()
        .where((VesselQueryResult.vessel_id == vessel_id) & VesselQueryResult.run.in_(list(attempts)))
        .order_by(VesselQueryResult.attempt_number)
    )
    for row in query if attempts else ():
        attempts[row.run_id].append(attempt_of(row))
    return tuple(VesselRun(run_of(row), tuple(attempts[row.id])) for row in runs)


def usual_durations(runs: Sequence[RecordedRun]) -> dict[str, float]:
    """Of slow runs only, which are few: a walk along an index each."""
    usual = {run.run_id: usual_duration(durations_before(to_ms(run.start_time))) for run in runs if run.slow}
    return {run_id: duration for run_id, duration in usual.items() if duration is not None}


def _asked(vessel_id: str) -> peewee.Expression:
    """The vessel was asked in the run: looked up run by run as they are walked, newest first, until the page is full.

    The bounds, two look-ups, spare runs from before it was first and after it was last asked.
    """
    oldest = VesselQueryResult.select(peewee.fn.MIN(VesselQueryResult.run)).where(
        VesselQueryResult.vessel_id == vessel_id
    )
    newest = VesselQueryResult.select(peewee.fn.MAX(VesselQueryResult.run)).where(
        VesselQueryResult.vessel_id == vessel_id
    )
    part = VesselQueryResult.select(peewee.SQL("1")).where(
        (VesselQueryResult.run == Run.id) & (VesselQueryResult.vessel_id == vessel_id)
    )
    # reckoned with, so that no database takes the range of ids for its way in and sorts what it finds there
    number = Run.id + 0
    return (number >= oldest) & (number <= newest) & peewee.fn.EXISTS(part)


def _beyond(place: tuple[int, int], newer: bool) -> peewee.Expression:
    """By row value, for which an index is walked from the place on; an OR of two conditions would sort."""
    here = peewee.Tuple(Run.start_time, Run.id)
    beyond: peewee.Expression = here > peewee.Tuple(*place) if newer else here < peewee.Tuple(*place)
    return beyond


def _cursor(direction: str, row: Run) -> str:
    return f"{direction}-{row.start_time}-{row.id}"


def _parse(cursor: str | None) -> tuple[bool, tuple[int, int] | None]:
    if cursor is None:
        return False, None
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise BadCursor(f"{cursor!r} is no cursor of this log; start without one")
    return found["direction"] == "before", (int(found["start"]), int(found["run"]))
