"""Runs are due on a grid that does not drift, once every local day where that is asked."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from fleetdash.domain.schedule import DueRuns, Schedule

OSLO = ZoneInfo("Europe/Oslo")


def every(minutes: int, zone: str = "UTC") -> Schedule:
    return Schedule(minutes, None, ZoneInfo(zone))


def daily(at: str, zone: str) -> Schedule:
    return Schedule(15, time.fromisoformat(at), ZoneInfo(zone))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots_of(plan: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """All slots in a period, found by walking from one to the next."""
    found, moment = [], start
    while (moment := plan.next_due(moment)) < end:
        found.append(moment)
    return found


def test_slots_lie_on_the_grid_from_midnight() -> None:
    assert every(15).last_due(utc("2026-03-01T10:14:59")) == utc("2026-03-01T10:00")
    assert every(15).next_due(utc("2026-03-01T10:00")) == utc("2026-03-01T10:15")
    assert every(15).last_due(utc("2026-03-01T10:15")) == utc("2026-03-01T10:15")


def test_a_rhythm_that_does_not_fit_the_day_starts_anew_at_midnight() -> None:
    assert every(7).next_due(utc("2026-03-01T23:55")) == utc("2026-03-02T00:00")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"])
def test_a_year_of_quarter_hours_misses_none(zone: str) -> None:
    slots = slots_of(every(15, zone), utc("2026-01-01T00:00"), utc("2027-01-01T00:00"))
    assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("at", "zone"),
    [("02:30", "Europe/Oslo"), ("02:30", "America/New_York"), ("00:00", "Africa/Cairo"), ("06:00", "UTC")],
)
def test_daily_means_once_every_local_day_also_when_summer_time_skips_the_hour(at: str, zone: str) -> None:
    slots = slots_of(daily(at, zone), utc("2028-01-01T12:00"), utc("2029-01-01T12:00"))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in slots]
    assert len(days) == len(set(days)) == 366  # a leap year
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_the_skipped_half_past_two_is_due_an_hour_later_by_the_clock() -> None:
    slot = daily("02:30", "Europe/Oslo").next_due(utc("2026-03-28T12:00"))
    assert slot.astimezone(OSLO).strftime("%H:%M") == "03:30"


def overdue(now: str, served_until: str, running_minutes: int | None = None, plan: Schedule | None = None) -> bool:
    running = None if running_minutes is None else timedelta(minutes=running_minutes)
    return (plan or every(15)).is_overdue(utc(now), served_until=utc(served_until), running_for=running)


@pytest.mark.parametrize(
    ("now", "expected"),
    [("10:14:59", False), ("10:16:59", False), ("10:17", True), ("10:31", True), ("10:46", True), ("23:59", True)],
)
def test_overdue_from_two_minutes_after_the_first_slot_that_no_run_served(now: str, expected: bool) -> None:
    assert overdue(f"2026-03-01T{now}", "2026-03-01T10:00") is expected


def test_overdue_with_a_slot_each_minute() -> None:
    assert not overdue("2026-03-01T10:02:59", "2026-03-01T10:00", plan=every(1))
    assert all(overdue(f"2026-03-01T10:0{minute}", "2026-03-01T10:00", plan=every(1)) for minute in range(3, 10))


def test_a_run_under_way_serves_the_slots_of_two_intervals() -> None:
    assert not overdue("2026-03-01T10:30", "2026-03-01T10:00", running_minutes=30)
    assert overdue("2026-03-01T10:31", "2026-03-01T10:00", running_minutes=31)


def test_nothing_is_overdue_before_the_first_slot_of_a_new_installation() -> None:
    assert not every(15).is_overdue(utc("2026-03-01T10:31"), served_until=None, running_for=None)


def test_runs_are_due_since_anything_is_known_until_two_minutes_ago() -> None:
    known, now = utc("2026-03-01T10:00"), utc("2026-03-01T12:01")
    due = DueRuns(every(15), known, now)
    assert due.between(utc("2026-03-01T00:00"), utc("2026-03-02T00:00")) == 8  # 10:00 to 11:45
    assert due.between(utc("2026-02-01T00:00"), utc("2026-03-01T00:00")) == 0
    under_way = DueRuns(every(15), known, now, under_way=utc("2026-03-01T11:45"))
    assert under_way.between(utc("2026-03-01T00:00"), utc("2026-03-02T00:00")) == 7


def test_without_a_schedule_or_a_run_nobody_knows_what_was_due() -> None:
    since, until = utc("2026-03-01T00:00"), utc("2026-03-02T00:00")
    assert DueRuns(None, since, until).between(since, until) is None
    assert DueRuns(every(15), None, until).between(since, until) is None
