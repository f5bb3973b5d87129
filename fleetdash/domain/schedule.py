"""When runs are due: on a grid from local midnight, or once every local day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

OVERDUE_AFTER = timedelta(minutes=2)
"""A slot that passed so long ago without a run is overdue."""

_INTERVALS_SERVED = 2
"""A run serves the slots that pass during it, for so many intervals."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`daily_at` None: every `every_minutes`, counted from local midnight of each day."""

    every_minutes: int
    daily_at: time | None
    timezone: ZoneInfo

    @property
    def interval(self) -> timedelta:
        """From one slot to the next."""
        return _ONE_DAY if self.daily_at is not None else timedelta(minutes=self.every_minutes)

    def is_overdue(self, now: datetime, *, served_until: datetime | None, running_for: timedelta | None) -> bool:
        """Whether two minutes ago, or longer, a slot passed that no run served.

        `served_until`: until when slots are served: the newest run's slot or end; `None` before there was any.
        `running_for`: how long the run under way has lasted, by monotonic time; `None` where there is none.
        """
        if running_for is not None:
            if running_for <= _INTERVALS_SERVED * self.interval:
                return False
            served_until = now - running_for
        return served_until is not None and now - self.next_due(served_until) >= OVERDUE_AFTER

    def last_due(self, now: datetime) -> datetime:
        """The newest slot at or before `now`."""
        today = now.astimezone(self.timezone).date()
        return max(slot for day in (today - _ONE_DAY, today) for slot in _slots(self, day) if slot <= now)

    def next_due(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        today = now.astimezone(self.timezone).date()
        days = (today, today + _ONE_DAY, today + 2 * _ONE_DAY)
        return min(slot for day in days for slot in _slots(self, day) if slot > now)

    def due_between(self, since: datetime, until: datetime) -> int:
        """The number of slots, `since` included, `until` not."""
        first, last = (moment.astimezone(self.timezone).date() for moment in (since, until))
        if first == last:
            return sum(since <= slot < until for slot in _slots(self, first))
        between = sum(_number_of_slots(self, first + _ONE_DAY * day) for day in range(1, (last - first).days))
        begun = sum(since <= slot for slot in _slots(self, first))
        return begun + between + sum(slot < until for slot in _slots(self, last))


@dataclass(frozen=True, slots=True)
class DueRuns:
    """How many runs were due, by the schedule as it is now; unknown without a schedule or before the first run.

    `under_way`: the slot of the run under way, which cannot be counted as made yet.
    """

    schedule: Schedule | None
    known_since: datetime | None
    now: datetime
    under_way: datetime | None = None

    def between(self, since: datetime, until: datetime) -> int | None:
        """Slots whose run should have ended; a slot of the last minutes may still be served in time."""
        if self.known_since is None:
            return None
        return self.of_all(max(since, self.known_since), until)

    def of_all(self, since: datetime, until: datetime) -> int | None:
        """As `between`, also of slots before the first run."""
        if self.schedule is None:
            return None
        until = min(until, self.now - OVERDUE_AFTER)
        if since >= until:
            return 0
        waiting = self.under_way is not None and since <= self.under_way < until
        return self.schedule.due_between(since, until) - waiting


@lru_cache(maxsize=16)
def _slots(plan: Schedule, day: date) -> tuple[datetime, ...]:
    """A local day's slots in UTC. A local time that summer time skips is due when it would have been.

    Cached for the few days that the scheduler asks for every second.
    """
    if plan.daily_at is not None:
        return (_instant(plan, datetime.combine(day, plan.daily_at)),)
    midnight = _instant(plan, datetime.combine(day, time()))
    step = timedelta(minutes=plan.every_minutes)
    return tuple(midnight + i * step for i in range(_number_of_slots(plan, day)))


def _number_of_slots(plan: Schedule, day: date) -> int:
    """Of a local day, which summer time makes longer or shorter."""
    if plan.daily_at is not None:
        return 1
    midnight, following = (_instant(plan, datetime.combine(each, time())) for each in (day, day + _ONE_DAY))
    return -(-(following - midnight) // timedelta(minutes=plan.every_minutes))


def _instant(plan: Schedule, local: datetime) -> datetime:
    return local.replace(tzinfo=plan.timezone).astimezone(UTC)
