"""The period that the manager's page and the report speak of: how it is chosen, and which one came before it.

A period of days is whole UTC days, both included, as in `/api/scheduler-statistics`: "30 days" begins with the day 30
days back and ends with today. "24 hours" ends now and is counted run by run.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
MOST_DAYS = 3660
MOST_DAYS_DRAWN = 120
"""A chart of more days would have more points and columns than can be told apart: it shows weeks."""
EARLIEST = date(2000, 1, 1)
"""Before anything that could be known."""


class Choice(StrEnum):
    """What can be chosen without naming dates."""

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
    def days(self) -> int:
        """UTC days that it touches."""
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Period":
        """The one as long that ends where this one begins."""
        return Period(self.since - (self.until - self.since), self.since, self.choice)

    @property
    def step(self) -> Step:
        """So that a chart has at most some two hundred points."""
        if self.days <= 8:
            return Step.HOUR
        return Step.WEEK if in_weeks(self.days) else Step.DAY

    @property
    def words(self) -> str:
        """`30 days`; of own dates their number."""
        if self.choice:
            return "year" if self.choice is Choice.YEAR else WORDS[self.choice]
        return "day" if self.days == 1 else f"{self.days} days"


def in_weeks(days: int) -> bool:
    """Whether a period of so many days is summed up by weeks; all figures of it then are."""
    return days > MOST_DAYS_DRAWN


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def last_24_hours(now: datetime) -> Period:
    return Period(now - DAY, now, Choice.DAY)


def of_days(first: date, last: date, choice: Choice | None = None) -> Period:
    return Period(midnight(first), midnight(last + timedelta(days=1)), choice)


def from_choice(choice: Choice, now: datetime) -> Period:
    """The period that ends now, or with today."""
    if choice is Choice.DAY:
        return last_24_hours(now)
    today = now.astimezone(UTC).date()
    return of_days(today - timedelta(days=DAYS[choice]), today, choice)


def from_query(choice: str, first: str, last: str, now: datetime) -> tuple[Period, str]:
    """What the address asks for, and what is to be said about it where it cannot be had: never an error."""
    if first or last:
        return _of_dates(first, last, now)
    if not choice:
        return from_choice(DEFAULT, now), ""
    if choice in set(Choice):
        return from_choice(Choice(choice), now), ""
    return from_choice(DEFAULT, now), f"There is no period “{choice}”. The last {WORDS[DEFAULT]} are shown instead."


def _of_dates(first: str, last: str, now: datetime) -> tuple[Period, str]:
    today = now.astimezone(UTC).date()
    instead = f"The last {WORDS[DEFAULT]} are shown instead."
    try:
        start = date.fromisoformat(first) if first else None
        end = date.fromisoformat(last) if last else today
    except ValueError:
        return from_choice(DEFAULT, now), f"Dates are written like {today}. {instead}"
    start = start or end - timedelta(days=DAYS[DEFAULT])
    if start > today:
        return from_choice(DEFAULT, now), f"{start} is still to come. {instead}"
    if start > end:
        return from_choice(DEFAULT, now), f"The period would begin on {start}, after its end on {end}. {instead}"
    said = ""
    if end > today:
        end, said = today, f"{end} is still to come: the period ends today."
    if end < EARLIEST:
        return from_choice(DEFAULT, now), f"Nothing is known of {end}. {instead}"
    if (end - start).days >= MOST_DAYS:
        start = end - timedelta(days=MOST_DAYS - 1)
        said = f"A period has at most {MOST_DAYS} days: this one begins on {start}."
    return of_days(start, end), said


def from_report(choice: Choice | None, since: date | None, until: date | None, now: datetime) -> Period:
    """What a report is asked for, strictly: `ValueError` says what is wrong with it."""
    today = now.astimezone(UTC).date()
    if since is None and until is None:
        return from_choice(choice or DEFAULT, now)
    if choice is not None:
        raise ValueError("either a period or since and until, not both")
    last = until or today
    first = since or last - timedelta(days=DAYS[DEFAULT])
    if first > today:
        raise ValueError(f"{first} is still to come")
    if first < EARLIEST:
        raise ValueError(f"{first} is before anything that could be known, {EARLIEST}")
    if first > last:
        raise ValueError(f"the period would begin on {first}, after its end on {last}")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"a period has at most {MOST_DAYS} days")
    return of_days(first, min(last, today))


def nearest(choice: Choice | None, since: date | None, until: date | None, now: datetime) -> Period:
    """The period nearest to what was asked for; days win over a choice, and may come in any order."""
    today = now.astimezone(UTC).date()
    if since is None and until is None:
        return from_choice(choice or DEFAULT, now)
    end = min(max(until or today, EARLIEST), today)
    start = min(max(since, EARLIEST), today) if since else max(end - timedelta(days=DAYS[DEFAULT]), EARLIEST)
    first, last = sorted((start, end))
    return of_days(max(first, last - timedelta(days=MOST_DAYS - 1)), last)


def day_of(text: str, *, ends: bool = False) -> date:
    """A date, or the UTC day of a time; the time that a period `ends` at is not part of it. `ValueError` otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date such as 2026-11-23") from None
    if len(text) <= len("2026-11-23"):
        return moment.date()
    utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return (utc - timedelta(microseconds=1 if ends else 0)).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
