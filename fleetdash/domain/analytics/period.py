"""The period that the manager's page and the report cover: how it is chosen, and which one came before it.

A period of days is whole UTC days, both included, as in `/api/scheduler-statistics`: "30 days" begins with the day 30
days back and ends with today. "24 hours" ends now and is counted run by run.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

DAY = timedelta(days=1)
MOST_DAYS = 3660
MOST_DAYS_DRAWN = 120
"""A chart of more days would have too many points and columns to tell apart: it shows weeks."""
MOST_HOURS_TOLD = 2 * DAY
"""In a longer period days are what is looked at."""
EARLIEST = date(2000, 1, 1)
"""No fleet has data before it."""


class Choice(StrEnum):
    """The periods that need no dates."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "365d"


DEFAULT = Choice.MONTH
DAYS = {Choice.WEEK: 7, Choice.MONTH: 30, Choice.QUARTER: 90, Choice.YEAR: 365}
WORDS = {
    Choice.DAY: "24 hours",
    Choice.WEEK: "7 days",
    Choice.MONTH: "30 days",
    Choice.QUARTER: "90 days",
    Choice.YEAR: "a year",
}


class Step(StrEnum):
    """How wide a point of a chart over time is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Period:
    """`since` is included, `until` is not; `choice` is `None` for a period of its own dates."""

    since: datetime
    until: datetime
    choice: Choice | None = None

    @classmethod
    def days(cls, first: date, last: date, choice: Choice | None = None) -> Self:
        """Whole UTC days, both included."""
        return cls(midnight(first), midnight(last + timedelta(days=1)), choice)

    @classmethod
    def last_24_hours(cls, now: datetime) -> Self:
        return cls.exactly(now - DAY, now)

    @classmethod
    def exactly(cls, since: datetime, until: datetime) -> Self:
        """Any two moments, counted run by run."""
        return cls(since, until, Choice.DAY)

    @classmethod
    def chosen(cls, choice: Choice, now: datetime) -> Self:
        """The period that ends now, or with today."""
        if choice is Choice.DAY:
            return cls.last_24_hours(now)
        today = now.astimezone(UTC).date()
        return cls.days(today - timedelta(days=DAYS[choice]), today, choice)

    @classmethod
    def parse(cls, choice: str, first: str, last: str, now: datetime) -> tuple[Self, str]:
        """What the address asks for, and a notice where it cannot be had: never an error."""
        try:
            if first or last:
                return cls._parse_dates(first, last, now.astimezone(UTC).date())
            if choice and choice not in set(Choice):
                raise ValueError(f"There is no period “{choice}”.")
            return cls.chosen(Choice(choice) if choice else DEFAULT, now), ""
        except ValueError as error:
            return cls.chosen(DEFAULT, now), f"{error} The last {WORDS[DEFAULT]} are shown instead."

    @classmethod
    def _parse_dates(cls, first: str, last: str, today: date) -> tuple[Self, str]:
        try:
            start = date.fromisoformat(first) if first else None
            end = date.fromisoformat(last) if last else today
        except ValueError:
            raise ValueError(f"Dates are written like {today}.") from None
        if end < EARLIEST:
            raise ValueError(f"There is no data for {end}.")
        start = start or end - timedelta(days=DAYS[DEFAULT])
        if start > today:
            raise ValueError(f"{start} is in the future.")
        if start > end:
            raise ValueError(f"The period would begin on {start}, after its end on {end}.")
        notice = ""
        if end > today:
            end, notice = today, f"{end} is in the future: the period ends today."
        if (end - start).days >= MOST_DAYS:
            start = end - timedelta(days=MOST_DAYS - 1)
            notice = f"A period has at most {MOST_DAYS} days: this one begins on {start}."
        return cls.days(start, end), notice

    @classmethod
    def strict(cls, since: date | None, until: date | None, now: datetime) -> Self:
        """Of these days, the last 30 without any; `ValueError` says what is wrong with them."""
        if since is None and until is None:
            return cls.chosen(DEFAULT, now)
        today = now.astimezone(UTC).date()
        last = until or today
        first = since or last - timedelta(days=DAYS[DEFAULT])
        if first > today:
            raise ValueError(f"{first} is in the future")
        if first < EARLIEST:
            raise ValueError(f"{first} is before {EARLIEST}, the earliest day allowed")
        if first > last:
            raise ValueError(f"the period would begin on {first}, after its end on {last}")
        if (last - first).days >= MOST_DAYS:
            raise ValueError(f"a period has at most {MOST_DAYS} days")
        return cls.days(first, min(last, today))

    @classmethod
    def nearest(cls, choice: Choice | None, since: date | None, until: date | None, now: datetime) -> Self:
        """The period nearest to what was asked for; days win over a choice, and may come in any order."""
        if since is None and until is None:
            return cls.chosen(choice or DEFAULT, now)
        today = now.astimezone(UTC).date()
        end = min(max(until or today, EARLIEST), today)
        start = min(max(since, EARLIEST), today) if since else max(end - timedelta(days=DAYS[DEFAULT]), EARLIEST)
        first, last = sorted((start, end))
        return cls.days(max(first, last - timedelta(days=MOST_DAYS - 1)), last)

    @property
    def by_days(self) -> bool:
        """Whole UTC days, which the daily rollups know; else runs are counted one by one."""
        return self.choice is not Choice.DAY

    @property
    def first(self) -> date:
        return self.since.date()

    @property
    def last(self) -> date:
        """The last UTC day that it touches."""
        return (self.until - timedelta(microseconds=1)).date()

    @property
    def day_count(self) -> int:
        """UTC days that it touches."""
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        return Period(self.since - (self.until - self.since), self.since, self.choice)

    @property
    def is_short(self) -> bool:
        """Short enough for its hours to be told apart: two days or less."""
        return self.until - self.since <= MOST_HOURS_TOLD

    @property
    def step(self) -> Step:
        """At most some two hundred points per chart."""
        if self.day_count <= 8:
            return Step.HOUR
        return Step.WEEK if self.day_count > MOST_DAYS_DRAWN else Step.DAY

    @property
    def words(self) -> str:
        """`30 days`; for own dates their number."""
        if self.choice:
            return "year" if self.choice is Choice.YEAR else WORDS[self.choice]
        return "day" if self.day_count == 1 else f"{self.day_count} days"


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def day_of(text: str, *, ends: bool = False) -> date:
    """A date, or the UTC day of a time; the time at which a period `ends` is excluded. `ValueError` otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-11-23") from None
    if len(text) <= len("2026-11-23"):
        return moment.date()
    utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return (utc - timedelta(microseconds=1 if ends else 0)).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
