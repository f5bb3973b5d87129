"""Which period an address asks for, and what is said where it cannot be had."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fleetdash.domain.analytics.period import Choice, Period, Step
from fleetdash.domain.analytics.time_buckets import boundaries
from fleetdash.domain.schedule import Schedule

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
TODAY = NOW.date()


def test_days_are_whole_utc_days_and_end_with_today() -> None:
    period = Period.chosen(Choice.MONTH, NOW)
    assert (period.first, period.last, period.day_count) == (TODAY - timedelta(days=30), TODAY, 31)
    assert period.until == datetime(2026, 11, 24, tzinfo=UTC)


def test_24_hours_end_now() -> None:
    period = Period.chosen(Choice.DAY, NOW)
    assert (period.since, period.until) == (NOW - timedelta(days=1), NOW)
    assert not period.by_days


@pytest.mark.parametrize("choice", Choice)
def test_the_period_before_is_as_long_and_ends_where_this_one_begins(choice: Choice) -> None:
    period = Period.chosen(choice, NOW)
    before = period.previous
    assert before.until == period.since
    assert before.until - before.since == period.until - period.since


@pytest.mark.parametrize(
    ("choice", "step"), [("24h", Step.HOUR), ("7d", Step.HOUR), ("90d", Step.DAY), ("365d", Step.WEEK)]
)
def test_a_chart_has_two_hundred_points_at_most(choice: str, step: Step) -> None:
    period, _ = Period.parse(choice, "", "", NOW)
    assert period.step is step
    assert len(boundaries(period, step)) <= 200


def test_own_dates_are_both_included() -> None:
    assert Period.parse("", "2026-11-03", "2026-11-05", NOW) == (Period.days(date(2026, 11, 3), date(2026, 11, 5)), "")
    assert Period.parse("7d", "2026-11-03", "", NOW)[0] == Period.days(date(2026, 11, 3), TODAY)
    assert Period.parse("", "", "2026-11-05", NOW)[0] == Period.days(date(2026, 10, 6), date(2026, 11, 5))


@pytest.mark.parametrize(
    ("choice", "first", "last", "said"),
    [
        ("fortnight", "", "", "There is no period “fortnight”"),
        ("", "yesterday", "", "Dates are written like 2026-11-23"),
        ("", "2026-11-05", "2026-11-03", "after its end"),
        ("", "2027-01-01", "2027-02-01", "in the future"),
    ],
)
def test_a_bad_period_falls_back_and_says_so(choice: str, first: str, last: str, said: str) -> None:
    period, message = Period.parse(choice, first, last, NOW)
    assert period == Period.chosen(Choice.MONTH, NOW)
    assert said in message
    assert "30 days" in message


def test_a_period_ends_today_at_the_latest_and_is_bounded() -> None:
    period, message = Period.parse("", "2026-11-20", "2027-01-01", NOW)
    assert (period.last, "ends today" in message) == (TODAY, True)
    period, message = Period.parse("", "0001-01-01", "", NOW)
    assert (period.day_count, "at most" in message) == (3660, True)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
@pytest.mark.parametrize("minutes", [15, 7, 1440])
@pytest.mark.parametrize("hours", [0.4, 5, 24, 24 * 9.3])
def test_slots_are_counted_as_they_would_come_one_by_one(zone: str, minutes: int, hours: float) -> None:
    plan = Schedule(every_minutes=minutes, daily_at=None, timezone=ZoneInfo(zone))
    since = datetime(2026, 10, 20, 3, 17, tzinfo=UTC)  # over the end of summer time
    until = since + timedelta(hours=hours)
    expected, slot = 0, plan.next_due(since - timedelta(seconds=1))
    while slot < until:
        expected, slot = expected + 1, plan.next_due(slot)
    assert plan.due_between(since, until) == expected


def test_a_period_of_one_day_has_its_hours() -> None:
    day = Period(datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
    assert (day.day_count, day.step, day.words) == (1, Step.HOUR, "day")
