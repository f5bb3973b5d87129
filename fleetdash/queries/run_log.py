"""The run log: pages by keyset, one vessel's runs, and the version of the data.

Runs are in the order in which they were made, which is that of their ids: a clock may have been ahead for some.
"""

import re
from collections.abc import Sequence
from typing import Any

import peewee

from fleetdash.domain.read_models import RunPage, VesselRun
from fleetdash.domain.run_figures import usual_duration
from fleetdash.domain.run_filter import RunFilter
from fleetdash.domain.runs import Attempt
from fleetdash.domain.runs import Run as RecordedRun
from fleetdash.errors import BadCursor
from fleetdash.storage.rows import attempt_of, run_of
from fleetdash.storage.run_logger import durations_before
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.schema import StatusChange, VesselQueryResult
from fleetdash.storage.timestamps import to_ms

CURSOR = re.compile(r"(?P<direction>after|before)-(?P<run>[0-9]{1,9})")
"""A position in the log, and the direction of the page."""


def version() -> str:
    """Newest attempt, newest run and its state, newest change of a status."""
    attempt = VesselQueryResult.select(peewee.fn.MAX(VesselQueryResult.id)).scalar()
    change = StatusChange.select(peewee.fn.MAX(StatusChange.id)).scalar()
    run = Run.select(Run.id, Run.status).order_by(Run.id.desc()).limit(1).tuples().first()
    run_id, status = run or (0, "-")
    return f"{attempt or 0}.{change or 0}.{run_id}{status}"


def page(wanted: RunFilter, limit: int, cursor: str | None) -> RunPage:
    """One page and the cursors around it. A cursor names a run's position, so new runs do not shift pages."""
    backwards, position = _parse(cursor)
    query = _matching(wanted).order_by(Run.id if backwards else Run.id.desc()).limit(limit + 1)
    if position is not None:
        query = query.where(Run.id > position if backwards else Run.id < position)
    rows = list(query)
    more = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    older = bool(rows) and (more or backwards)
    newer = bool(rows) and (more if backwards else position is not None)
    return RunPage(
        runs=tuple(run_of(row) for row in rows),
        next_cursor=_cursor("after", rows[-1]) if older else None,
        previous_cursor=_cursor("before", rows[0]) if newer else None,
    )


def vessel_runs(vessel_id: str, limit: int) -> tuple[VesselRun, ...]:
    """The newest runs in which the vessel was asked, with its attempts; two queries."""
    runs = list(_matching(RunFilter(vessel_id=vessel_id)).order_by(Run.id.desc()).limit(limit))
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
    """Of the slow runs only, which are few: each walks along an index."""
    usual = {run.run_id: usual_duration(durations_before(int(run.run_id))) for run in runs if run.slow}
    return {run_id: duration for run_id, duration in usual.items() if duration is not None}


def _matching(wanted: RunFilter) -> "peewee.ModelSelect[Run]":
    query = Run.select()
    if wanted.status is not None:
        query = query.where(Run.status == wanted.status.value)
    if wanted.trigger is not None:
        query = query.where(Run.trigger == wanted.trigger.value)
    if times := _times(wanted):
        query = query.where(*times, *_between_ids(Run.select().where(*times), Run.id))
    if wanted.vessel_id is not None:
        query = query.where(_asked(wanted.vessel_id))
    return query


def _times(wanted: RunFilter) -> list[peewee.Expression]:
    bounds = []
    if wanted.since is not None:
        bounds.append(Run.start_time >= to_ms(wanted.since))
    if wanted.until is not None:
        bounds.append(Run.start_time < to_ms(wanted.until))
    return bounds


def _asked(vessel_id: str) -> peewee.Expression:
    """Whether the vessel was asked in the run: looked up for each run, newest first, until the page is full.

    The bounds, two look-ups, skip runs before the vessel was first and after it was last asked.
    """
    parts = VesselQueryResult.select().where(VesselQueryResult.vessel_id == vessel_id)
    part = VesselQueryResult.select(peewee.SQL("1")).where(
        (VesselQueryResult.run == Run.id) & (VesselQueryResult.vessel_id == vessel_id)
    )
    oldest, newest = _between_ids(parts, VesselQueryResult.run)
    return oldest & newest & peewee.fn.EXISTS(part)


def _between_ids(rows: Any, number: peewee.Field) -> tuple[peewee.Expression, peewee.Expression]:
    """That a run's id is none before or after those in `rows`: two look-ups, for a walk along the ids."""
    return Run.id >= rows.select(peewee.fn.MIN(number)), Run.id <= rows.select(peewee.fn.MAX(number))


def _cursor(direction: str, row: Run) -> str:
    return f"{direction}-{row.id}"


def _parse(cursor: str | None) -> tuple[bool, int | None]:
    if cursor is None:
        return False, None
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise BadCursor(f"{cursor!r} is no cursor of this log; start without one")
    return match["direction"] == "before", int(match["run"])
