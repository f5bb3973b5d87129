"""When runs are due: a grid from local midnight, or once every local day. Nothing here drifts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """`daily_at` None: every `every_minutes`, counted from local midnight; the grid starts anew each day."""

    every_minutes: int
    daily_at: time | None
    timezone: ZoneInfo

    def last_due(self, now: datetime) -> datetime:
        """The newest slot at or before `now`."""
        today = now.astimezone(self.timezone).date()
        return max(slot for day in (today - _ONE_DAY, today) for slot in self._slots(day) if slot <= now)

    def next_due(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        today = now.astimezone(self.timezone).date()
        days = (today, today + _ONE_DAY, today + 2 * _ONE_DAY)
        return min(slot for day in days for slot in self._slots(day) if slot > now)

    def _slots(self, day: date) -> list[datetime]:
        """A local day's slots in UTC. A local time that summer time skips is due when it would have been."""
        if self.daily_at is not None:
            return [self._instant(datetime.combine(day, self.daily_at))]
        midnight = self._instant(datetime.combine(day, time()))
        following = self._instant(datetime.combine(day + _ONE_DAY, time()))
        step = timedelta(minutes=self.every_minutes)
        return [midnight + i * step for i in range(-(-(following - midnight) // step))]

    def _instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.timezone).astimezone(UTC)
