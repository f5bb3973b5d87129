"""What counts as a ping answered, due and recorded."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.domain.pings import (
    HOUR,
    NO_HOURS,
    HourCell,
    PingHours,
    PingSummary,
    Value,
    answered,
    coverage_percent,
    floor_hour,
    ping_count,
    ping_hours,
    pings_due,
    successful_pings,
    uptime_percent,
)

MINUTE = timedelta(minutes=1)
NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
WINDOW = timedelta(hours=24)

moments = st.integers(min_value=0, max_value=4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
intervals = st.integers(min_value=1, max_value=7200).map(lambda seconds: timedelta(seconds=seconds))


def cells(*counts: tuple[int, int], expected: int = 60) -> PingHours:
    """Hours of (recorded, answered) pings."""
    recorded, answered = zip(*counts, strict=True) if counts else ((), ())
    return PingHours(NOON, (expected,) * len(counts), recorded, answered)


# --- answered


@pytest.mark.parametrize(
    ("result_code", "loss", "expected"),
    [
        pytest.param(0, 0.0, True, id="every packet came back"),
        pytest.param(0, 25.0, True, id="one packet of four was lost"),
        pytest.param(0, 99.9, True, id="nearly every packet was lost"),
        pytest.param(0, 100.0, False, id="native mode writes code 0 for a dead host"),
        pytest.param(0, -300.0, True, id="replies were duplicated: negative loss"),
        pytest.param(0, None, False, id="code 0 and no other field on a failure"),
        pytest.param(1, None, False, id="no such host"),
        pytest.param(1, 0.0, False, id="no such host, whatever the loss"),
        pytest.param(2, None, False, id="an error leaves loss out"),
        pytest.param(2, 100.0, False, id="an error with all lost"),
        pytest.param(2, 0.0, False, id="an error with nothing lost"),
    ],
)
def test_a_ping_is_answered_by_code_0_and_a_loss_below_100(
    result_code: int, loss: float | None, expected: bool
) -> None:
    assert answered(result_code, loss) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((None, 0.0), True, id="without a code the loss decides"),
        pytest.param((None, 100.0), False, id="all lost, without a code"),
        pytest.param((0, 0.0, 100.0), False, id="Windows: unreachable counts as received"),
        pytest.param((0, 0.0, 0.0), True, id="Windows: a reply came"),
        pytest.param((0, "0"), True, id="a loss as text"),
        pytest.param((0, " 25.5 %"), True, id="a loss as text with its unit"),
        pytest.param((0, "99,9"), True, id="a loss with a decimal comma"),
        pytest.param((0, "100.0"), False, id="all lost, as text"),
        pytest.param((0, "-300"), True, id="duplicated replies, as text"),
        pytest.param((0, "n/a"), None, id="text that is no number"),
        pytest.param((0, ""), None, id="no text"),
        pytest.param((0, True), None, id="a truth value"),
        pytest.param((2, "n/a"), False, id="a failure by its code, whatever the loss says"),
        pytest.param(("0", 0.0), True, id="a code as text"),
        pytest.param(("1", 0.0), False, id="a failure's code as text"),
        pytest.param(("success", 0.0), True, id="a word for a code: the loss decides"),
        pytest.param((0, 0.0, "n/a"), None, id="Windows: no number of replies"),
    ],
)
def test_a_ping_of_another_kind_is_answered_where_it_shows_so(
    values: tuple[Value, Value, Value], expected: bool | None
) -> None:
    assert answered(*values) is expected


@pytest.mark.parametrize(
    ("last_ping_at", "last_success_at", "down"),
    [(None, None, False), (NOON, NOON, False), (NOON, NOON - MINUTE, True), (NOON, None, True)],
)
def test_a_device_is_down_while_its_newest_ping_is_not_its_newest_answer(
    last_ping_at: datetime | None, last_success_at: datetime | None, down: bool
) -> None:
    assert PingSummary("10.0.0.1", NO_HOURS, None, last_ping_at, last_success_at).down is down


# --- due


@given(start=moments, lengths=st.lists(st.integers(0, 100_000), max_size=30), interval=intervals)
def test_the_pings_due_in_adjoining_spans_sum_to_those_of_the_whole(
    start: datetime, lengths: list[int], interval: timedelta
) -> None:
    bounds = [start]
    for length in lengths:
        bounds.append(bounds[-1] + timedelta(seconds=length))
    parts = [pings_due(a, b, interval) for a, b in pairwise(bounds)]
    assert sum(parts) == pings_due(start, bounds[-1], interval)


@given(start=moments, intervals_long=st.integers(0, 5000), interval=intervals)
def test_a_span_of_whole_intervals_is_due_as_many_pings(
    start: datetime, intervals_long: int, interval: timedelta
) -> None:
    assert pings_due(start, start + intervals_long * interval, interval) == intervals_long


@given(start=moments, length=st.integers(0, 5000), step=st.integers(1, 500))
def test_the_pings_due_are_the_multiples_of_the_interval_from_the_start_up_to_before_the_end(
    start: datetime, length: int, step: int
) -> None:
    first = int(start.timestamp())
    multiples = sum(second % step == 0 for second in range(first, first + length))
    assert pings_due(start, start + timedelta(seconds=length), timedelta(seconds=step)) == multiples


def test_a_span_that_ends_before_it_starts_is_due_no_ping() -> None:
    assert pings_due(NOON, NOON - HOUR, MINUTE) == 0


# --- the day's strip


@given(end=moments.filter(lambda moment: moment.timestamp() > 90_000))
def test_a_day_has_25_cells_that_adjoin_and_expect_1440_pings_in_all(end: datetime) -> None:
    strip = ping_hours(end - WINDOW, end, MINUTE, {})
    assert len(strip) == 25
    assert all(later.start - earlier.start == HOUR for earlier, later in pairwise(strip))
    assert strip[0].start <= end - WINDOW < strip[1].start
    assert sum(cell.expected for cell in strip) == 1440


def test_the_first_and_the_last_cell_expect_their_own_part_of_the_hour() -> None:
    strip = ping_hours(NOON - WINDOW + 20 * MINUTE, NOON + 20 * MINUTE, MINUTE, {})
    assert [cell.expected for cell in strip] == [40, *[60] * 23, 20]


def test_a_window_that_ends_on_the_hour_expects_nothing_of_its_last_cell() -> None:
    strip = ping_hours(NOON - WINDOW, NOON, MINUTE, {})
    assert [cell.expected for cell in strip] == [*[60] * 24, 0]


def test_counts_land_in_their_hours_and_hours_without_any_have_none() -> None:
    strip = ping_hours(NOON - WINDOW, NOON, MINUTE, {NOON - 2 * HOUR: (58, 57)})
    assert strip[22] == HourCell(NOON - 2 * HOUR, 60, 58, 57)
    assert (ping_count(strip), successful_pings(strip)) == (58, 57)


def test_hours_are_those_of_utc() -> None:
    half_past_in_india = datetime(2024, 5, 17, 17, 45, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert floor_hour(half_past_in_india) == NOON
    assert floor_hour(half_past_in_india).tzinfo is UTC


def test_a_window_touches_one_hour_more_than_its_length() -> None:
    strip = ping_hours(NOON + MINUTE, NOON + MINUTE + 2 * HOUR, MINUTE, {})
    assert [cell.start for cell in strip] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


# --- uptime and coverage


def test_uptime_is_answered_of_recorded_pings_over_the_whole_window() -> None:
    # not the mean of the hours: 100 % and 50 %
    assert uptime_percent(cells((30, 30), (10, 5))) == 87.5


def test_no_pings_means_no_uptime_not_none_answered() -> None:
    assert uptime_percent(cells((0, 0), (0, 0))) is None
    assert uptime_percent(NO_HOURS) is None
    assert uptime_percent(cells((1, 0))) == 0.0


def test_coverage_is_recorded_of_expected_pings() -> None:
    assert coverage_percent(cells((60, 0), (15, 15))) == 62.5


def test_full_uptime_over_five_recorded_hours_says_so_by_its_coverage() -> None:
    strip = cells(*[(60, 60)] * 5, *[(0, 0)] * 19)
    assert uptime_percent(strip) == 100.0
    assert coverage_percent(strip) == pytest.approx(100 * 5 / 24)


def test_an_hour_with_more_pings_than_expected_covers_no_more_than_all() -> None:
    assert coverage_percent(cells((75, 75))) == 100.0


def test_a_busy_hour_hides_no_empty_one() -> None:
    assert coverage_percent(cells(*[(360, 360)] * 4, *[(0, 0)] * 20)) == pytest.approx(100 * 4 / 24)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=25))
def test_coverage_is_at_most_100(counts: list[tuple[int, int]]) -> None:
    coverage = coverage_percent(cells(*counts))
    assert coverage is None or 0 <= coverage <= 100


def test_a_vessel_never_asked_has_no_coverage_and_a_silent_one_has_0() -> None:
    assert coverage_percent(NO_HOURS) is None
    assert coverage_percent(cells((0, 0))) == 0.0
