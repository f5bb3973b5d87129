"""Spans of one status, from changes and from when the vessel was asked."""

from datetime import UTC, datetime, timedelta

from fleetdash.domain.pings import NO_HOURS, PingHours, ping_hours
from fleetdash.domain.status import SyncStatus
from fleetdash.domain.status_history import (
    EquipmentSpan,
    Knowledge,
    Span,
    StatusChanged,
    StatusHistory,
    equipment,
    spans,
    total,
    unanswered_pings,
)

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
UP, DOWN, UNREACHED = SyncStatus.OPERATIONAL, SyncStatus.DOWN, SyncStatus.SYNC_FAILED


def hour(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def changed(at: float, old: SyncStatus | None, new: SyncStatus) -> StatusChanged:
    return StatusChanged(None, hour(at), old, new)


EVERY_HOUR = Knowledge(hour(number) for number in range(-2, 13))


def drawn(found: tuple[Span, ...]) -> list[tuple[float, float, SyncStatus | None]]:
    """Hours after noon."""
    return [((s.start - NOON) / timedelta(hours=1), (s.end - NOON) / timedelta(hours=1), s.status) for s in found]


def test_what_did_not_change_is_one_span() -> None:
    assert drawn(spans(hour(0), hour(12), EVERY_HOUR, StatusHistory([], UP))) == [(0, 12, UP)]


def test_the_first_change_tells_what_was_before_it() -> None:
    course = StatusHistory([changed(5, UP, DOWN), changed(3, DOWN, UP)], DOWN)
    assert drawn(spans(hour(0), hour(12), EVERY_HOUR, course)) == [(0, 3, DOWN), (3, 5, UP), (5, 12, DOWN)]


def test_before_anything_was_known_nothing_is_drawn() -> None:
    course = StatusHistory([changed(2, None, UP)], UP)
    assert drawn(spans(hour(0), hour(12), EVERY_HOUR, course)) == [(0, 2, None), (2, 12, UP)]


def test_a_time_in_which_nobody_asked_is_a_gap() -> None:
    asked = Knowledge(hour(number) for number in (0, 1, 2, 3, 9, 10, 11, 12))
    assert drawn(spans(hour(0), hour(12), asked, StatusHistory([], UP))) == [(0, 5, UP), (5, 9, None), (9, 12, UP)]


def test_a_vessel_that_was_never_asked_is_one_gap() -> None:
    assert drawn(spans(hour(0), hour(12), Knowledge([]), StatusHistory([], UP))) == [(0, 12, None)]


def test_what_was_found_once_holds() -> None:
    assert drawn(spans(hour(0), hour(12), Knowledge([hour(4)]), StatusHistory([], UP))) == [(0, 4, None), (4, 12, UP)]


def test_an_unreached_vessel_hides_its_devices_and_neighbours_merge() -> None:
    vessel = StatusHistory([changed(2, UP, UNREACHED), changed(4, UNREACHED, UP)], UP)
    device = StatusHistory([changed(2, UP, DOWN), changed(3, DOWN, UP)], UP)
    assert drawn(spans(hour(0), hour(12), EVERY_HOUR, device, vessel)) == [(0, 2, UP), (2, 4, UNREACHED), (4, 12, UP)]


def test_statuses_are_summed_longest_first() -> None:
    course = spans(hour(0), hour(12), EVERY_HOUR, StatusHistory([changed(1, UP, DOWN), changed(9, DOWN, UP)], UP))
    assert list(total(course).items()) == [(DOWN, timedelta(hours=8)), (UP, timedelta(hours=4))]


# --- equipment


def test_equipment_is_the_share_of_fresh_devices_that_are_down() -> None:
    silent = SyncStatus.STALE_DATA
    one = [Span(hour(0), hour(2), UP), Span(hour(2), hour(6), DOWN), Span(hour(6), hour(12), UNREACHED)]
    other = [Span(hour(0), hour(4), UP), Span(hour(4), hour(12), silent)]
    found = equipment(hour(0), hour(12), [one, other])
    assert [(s.start, s.end, s.down, s.fresh) for s in found] == [
        (hour(0), hour(2), 0, 2),
        (hour(2), hour(4), 1, 2),
        (hour(4), hour(6), 1, 1),
        (hour(6), hour(12), 0, 0),
    ]


def test_equipment_of_a_vessel_without_devices_is_one_gap() -> None:
    assert equipment(hour(0), hour(12), []) == (EquipmentSpan(hour(0), hour(12), 0, 0),)


# --- unanswered pings


def day(**answered: int) -> PingHours:
    """The day before 12:30, pinged every minute; `answered`: pings by hour, "h3" is the fourth cell."""
    hours = ping_hours(hour(-23.5), hour(0.5), timedelta(minutes=1), {})
    counts = [answered.get(f"h{number}", expected) for number, expected in enumerate(hours.expected)]
    return PingHours(hours.first, hours.expected, hours.expected, tuple(counts))


def test_outage_between_two_runs_is_known_from_the_pings_of_its_hour() -> None:
    (found,) = unanswered_pings(day(h10=45), hour(0.5))
    assert (found.start, found.end) == (hour(-24 + 10.75), hour(-24 + 11))


def test_first_and_last_hour_of_the_day_end_with_the_day() -> None:
    first, last = unanswered_pings(day(h0=0, h24=0), hour(0.5))
    assert (first.start, first.end) == (hour(-23.5), hour(-23))
    assert (last.start, last.end) == (hour(0), hour(0.5))


def test_pings_that_were_not_recorded_are_not_unanswered() -> None:
    hours = day()
    assert unanswered_pings(hours, hour(0.5)) == ()
    gap = PingHours(hours.first, hours.expected, (0,) * len(hours), (0,) * len(hours))
    assert unanswered_pings(gap, hour(0.5)) == ()
    assert unanswered_pings(NO_HOURS, None) == ()
