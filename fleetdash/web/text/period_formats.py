"""How times of a period are written, and which part of it is a gap: UTC, for page and report are read by many."""

from datetime import date, datetime

from fleetdash.domain.analytics.bad_times import BadTime
from fleetdash.domain.analytics.period import DAY, Period, Step, midnight, monday_of
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.analytics.time_buckets import TimeBucket


def day(moment: date | datetime) -> str:
    """`Tue 17 Nov`"""
    return f"{moment:%a} {moment.day} {moment:%b}"


def moment(at: datetime) -> str:
    """`Tue 17 Nov 09:30`"""
    return f"{day(at)} {at:%H:%M}"


def span(since: datetime, until: datetime, to: str = " to ") -> str:
    """`09:00 to 14:30`, `23:00 to 24:00`, `23:00 to Wed 18 Nov 02:00`."""
    if until.date() == since.date():
        return f"{since:%H:%M}{to}{until:%H:%M}"
    ends_with_day = until == midnight(since.date()) + DAY
    return f"{since:%H:%M}{to}{'24:00' if ends_with_day else moment(until)}"


def bad_time(a: Analytics, bad: BadTime) -> str:
    """`Tuesday, 17 November`, and of a short period `Tue 17 Nov, 09:00–11:00 UTC`."""
    if bad.until - bad.since == DAY and a.period.by_days:
        return long_day(bad.since)
    return f"{day(bad.since)}, {span(bad.since, bad.until, '–')} UTC"


def long_day(moment: date | datetime) -> str:
    """`Tuesday, 17 November`"""
    return f"{moment:%A}, {moment.day} {moment:%B}"


def dates(period: Period) -> str:
    """`23 Oct – 23 Nov 2026`; with the times where they matter."""
    if not period.by_days:
        return f"{moment(period.since)} – {moment(period.until)} UTC"
    first, last = period.first, period.last
    if first == last:
        return f"{long_day(first)} {first.year}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def when(bucket: TimeBucket, step: Step) -> str:
    """`Tue 17 Nov, 09:00–10:00 UTC`, `Tue 17 Nov`, `the week of 16 November 2026`."""
    if step is Step.HOUR:
        return f"{day(bucket.since)}, {bucket.since:%H:%M}–{bucket.until:%H:%M} UTC"
    return day(bucket.since) if step is Step.DAY else week(bucket.since.date(), bucket.until.date() - DAY)


def week(first: date, last: date) -> str:
    """`the week of 16 November 2026`, by its Monday; `first` and `last` say which part of it lies in the period."""
    monday = monday_of(first)
    part = ""
    if first > monday:
        part = f", from {day(first)}"
    elif last < monday + 6 * DAY:
        part = f", to {day(last)}"
    return f"the week of {monday.day} {monday:%B %Y}{part}"


def is_gap(a: Analytics, bucket: TimeBucket) -> bool:
    """Runs could have been made and none was."""
    return bucket.total_runs == 0 and a.could_have_runs(bucket.since, bucket.until)
