"""What is measured, and how: every call on every history in turn, again and again, so that all meet the same noise."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from benchmarks.history.generate import END, VESSELS, History, answer
from fleetdash.domain.analytics.heat_map import heat_columns
from fleetdash.domain.analytics.period import Choice, Period, Step
from fleetdash.domain.run_filter import RunFilter
from fleetdash.domain.runs import Attempt, RunStatus, Trigger
from fleetdash.queries.analytics.heat_map import heat_cells
from fleetdash.storage.database import connected
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates

Call = Callable[[], object]

REPEATS, CALLS_A_REPEAT, RUNS_WRITTEN = 41, 3, 12
TODAY = END.date()
NOW = END - timedelta(minutes=1)
MONTH = TODAY - timedelta(days=30), TODAY
YEAR = TODAY - timedelta(days=365), TODAY
A_DAYS_PAGE, A_YEARS_PAGE = "manager's page, 24 hours", "manager's page, a year"


@dataclass(frozen=True, slots=True)
class Measured:
    """Median seconds of one call on each history; `by_period`: its cost follows the days asked for."""

    name: str
    seconds: tuple[float, ...]
    by_period: bool


def measure(histories: Sequence[History]) -> list[Measured]:
    """Reading first: writing adds to the histories."""
    calls = [_reads(history) for history in histories]
    found = []
    for name in calls[0]:
        times = _times(histories, [reads[name] for reads in calls], REPEATS, CALLS_A_REPEAT)
        found.append(Measured(name, times, by_period="days" in name or "year" in name))
    writes = [_writer(history) for history in histories]
    found.append(Measured("writing a run of 66 vessels", _times(histories, writes, RUNS_WRITTEN, 1), by_period=False))
    return found


def _times(histories: Sequence[History], calls: Sequence[Call], repeats: int, calls_each: int) -> tuple[float, ...]:
    times: list[list[float]] = [[] for _ in histories]
    for repeat in range(repeats + 1):
        for history, call, mine in zip(histories, calls, times, strict=True):
            history.use()
            began = time.perf_counter()
            for _ in range(calls_each):
                call()
            if repeat:  # the first one warms up
                mine.append((time.perf_counter() - began) / calls_each)
    return tuple(median(mine) for mine in times)


def _reads(history: History) -> dict[str, Call]:
    history.use()
    queries, shape = history.queries, history.shape
    start = END - shape.apart * shape.runs
    middle = queries.runs(RunFilter(until=start + shape.apart * (shape.runs // 2)), limit=1).next_cursor
    last = queries.runs(RunFilter(until=start + shape.apart * 20.5), limit=1).next_cursor
    run_id = queries.runs(RunFilter(until=start + shape.apart * (shape.runs // 2)), limit=1).runs[0].run_id
    return {
        "run log, first page": queries.runs,
        "run log, middle page": lambda: queries.runs(cursor=middle),
        "run log, last page": lambda: queries.runs(cursor=last),
        "run log by status, first page": lambda: queries.runs(RunFilter(status=RunStatus.PARTIAL)),
        "run log by status, middle page": lambda: queries.runs(RunFilter(status=RunStatus.PARTIAL), cursor=middle),
        "run log by vessel, first page": lambda: queries.runs(RunFilter(vessel_id="vessel033")),
        "run log by vessel, middle page": lambda: queries.runs(RunFilter(vessel_id="vessel033"), cursor=middle),
        "run log by vessel and status": lambda: queries.runs(
            RunFilter(vessel_id="vessel033", status=RunStatus.PARTIAL)
        ),
        "opened run": lambda: queries.run(run_id),
        "vessel modal": lambda: (queries.vessel("vessel033"), queries.vessel_runs("vessel033")),
        "fleet page": queries.fleet,
        "version": queries.version,
        "statistics over 30 days": lambda: queries.statistics(*MONTH),
        "success, durations, retries over a year": lambda: queries.run_days(*YEAR),
        "reliability of vessels over a year": lambda: queries.reliability(*YEAR),
        "sync history, vessels by weeks, a year": lambda: _sync_history(history),
        A_DAYS_PAGE: lambda: queries.analytics(Period.chosen(Choice.DAY, NOW), NOW),
        "manager's page, 30 days": lambda: queries.analytics(Period.chosen(Choice.MONTH, NOW), NOW),
        A_YEARS_PAGE: lambda: queries.analytics(Period.chosen(Choice.YEAR, NOW), NOW),
        "one vessel's days over a year": lambda: queries.vessel_days(*YEAR, "vessel033"),
    }


def _sync_history(history: History) -> object:
    """As the manager's page reads it."""
    with connected(history.database):
        period = Period.days(*YEAR)
        return heat_cells(period, Step.WEEK, heat_columns(period, Step.WEEK))


def _writer(history: History) -> Call:
    """The real recorder, an attempt a transaction, through to the disk."""
    recorder = Recorder(history.database, VesselStates(history.database))

    def write() -> None:
        newest = recorder.runs.newest_run()
        assert newest is not None
        start = newest.start_time + timedelta(minutes=15)
        given = answer(start)
        run_id = recorder.runs.log_run_start(Trigger.SCHEDULE, len(VESSELS), start, due_at=start).run_id
        for vessel in VESSELS:
            recorder.attempt_ended(run_id, vessel, Attempt(vessel.id, 1, True, 0.5, 0.0, start), given)
        recorder.runs.log_run_completion(run_id, start + timedelta(seconds=30), duration_seconds=30.0)

    return write
