"""Small random histories, written by the real logger, and the plain loop that figures are held against."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import peewee
from playhouse.pool import PooledDatabase

from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus, Trigger
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.run_logger import SchedulerRunLogger

MIDNIGHT = datetime(2026, 2, 25, tzinfo=UTC)  # so that a history goes over the end of a month
VESSELS = ("aurora", "borealis", "calypso", "doris")
KINDS = (ErrorKind.TIMEOUT, ErrorKind.CONNECTION, ErrorKind.AUTHENTICATION)


@contextmanager
def migrated(url: str) -> Iterator[peewee.Database]:
    """A database at its newest schema, and no connection left open afterwards."""
    database = open_database(url)
    migrate(database)
    try:
        yield database
    finally:
        database.close()
        if isinstance(database, PooledDatabase):
            database.close_all()


@dataclass
class History:
    """What was written: runs as they were closed, and their attempts."""

    runs: list[tuple[Run, list[Attempt]]] = field(default_factory=list)

    def between(self, first: date, last: date) -> list[tuple[Run, list[Attempt]]]:
        return [(run, attempts) for run, attempts in self.runs if first <= run.start_time.date() <= last]


def write_history(database: peewee.Database, *, days: int = 6, runs_a_day: int = 7, seed: int = 4) -> History:
    """Runs with retries, failures, interruptions, slow ones, a day without any, and one over midnight."""
    chance, log, history = random.Random(seed), SchedulerRunLogger(database), History()
    for day in range(days):
        for number in range(runs_a_day if day != 2 else 0):
            start = MIDNIGHT + timedelta(days=day, hours=24 * (number + 0.999) / runs_a_day)
            history.runs.append(_run(log, start, chance))
    return history


def _run(log: SchedulerRunLogger, start: datetime, chance: random.Random) -> tuple[Run, list[Attempt]]:
    due = start if chance.random() < 0.7 else None
    run = log.log_run_start(Trigger.SCHEDULE if due else Trigger.MANUAL, len(VESSELS), start, due_at=due)
    stopped = chance.random() < 0.15
    reached_all = chance.random() < 0.4
    attempts = [
        attempt
        for place, vessel_id in enumerate(VESSELS)
        if not (stopped and place == len(VESSELS) - 1)
        for attempt in _chain(vessel_id, start, chance, cut=stopped and place == 0, good=reached_all)
    ]
    for attempt in sorted(attempts, key=lambda attempt: attempt.timestamp):
        log.log_vessel_query_result(run.run_id, attempt)
    seconds = chance.uniform(8, 12) + (30 if chance.random() < 0.1 else 0)
    status = RunStatus.INTERRUPTED if stopped else None
    end = start + timedelta(seconds=seconds)
    return log.log_run_completion(run.run_id, end, duration_seconds=seconds, status=status), attempts


def _chain(vessel_id: str, start: datetime, chance: random.Random, *, cut: bool, good: bool) -> Iterator[Attempt]:
    """A vessel's attempts; `cut`: the process died before its chain had ended."""
    tries = chance.choice((1, 1, 1, 2, 3))
    reached = not cut and (good or chance.random() < 0.7)
    end = start
    for number in range(1, tries + 1):
        wait = 0.0 if number == 1 else float(number - 1)
        seconds = chance.randrange(100, 3000) / 1000
        end += timedelta(seconds=wait + seconds)
        last = number == tries
        if last and reached:
            yield Attempt(vessel_id, number, True, seconds, wait, end)
        else:
            kind = chance.choice(KINDS)
            yield Attempt(
                vessel_id, number, False, seconds, wait, end, kind, f"{kind} {number}", chain_ended=last and not cut
            )


@dataclass
class Tally:
    """One vessel's sums."""

    runs: int = 0
    successes: int = 0
    retries: int = 0
    failures: Counter[ErrorKind] = field(default_factory=Counter)
    newest: Attempt | None = None


def tally(runs: Sequence[tuple[Run, list[Attempt]]]) -> dict[str, Tally]:
    """The plain loop: chain by chain, attempt by attempt."""
    tallies: dict[str, Tally] = {}
    for _, attempts in runs:
        for attempt in attempts:
            mine = tallies.setdefault(attempt.vessel_id, Tally())
            mine.retries += attempt.attempt_number > 1
            if not attempt.chain_ended:
                continue
            mine.runs += 1
            mine.successes += attempt.success
            if attempt.error_kind is not None:
                mine.failures[attempt.error_kind] += 1
                mine.newest = attempt
    return tallies
