"""Simulated answers, held against a plain loop over the points that the same vessel records."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.replies import ODDITIES, UNANSWERED
from fleetdash.demo.vessels import SimulatedVessel, VesselProfile, minute_of
from fleetdash.domain.pings import answered

ANCHOR = datetime(2024, 5, 17, 12, 7, 31, tzinfo=UTC)
T1 = int(ANCHOR.timestamp())
Values = list[list[Any]]
FIELDS = "result_code,percent_packet_loss,percent_reply_loss"
NEWEST = f"SELECT {FIELDS} FROM ping WHERE time>=0s GROUP BY url,host ORDER BY time DESC LIMIT 1"
ANSWERED = "(result_code!=0)=false AND percent_packet_loss<100 AND (percent_reply_loss>=100)=false"
LAST_ANSWERED = f"SELECT last(percent_packet_loss) FROM ping WHERE {ANSWERED} AND"

TROUBLED = VesselProfile(
    "aurora",
    outages_per_day=6,
    unlisted=("192.168.1.99",),
    faults=(
        *(
            FaultSpec(odd, since=timedelta(minutes=9 * i), every=timedelta(hours=2), lasts=timedelta(minutes=5))
            for i, odd in enumerate(ODDITIES)
        ),
        FaultSpec(UNANSWERED, since=timedelta(hours=3), component="Server"),
        FaultSpec(None, since=timedelta(hours=6), until=timedelta(hours=1), component="Dashboard"),
    ),
)


def ask(vessel: VesselProfile, statement: str, now: datetime = ANCHOR) -> dict[str, Values]:
    """The rows by device, times in seconds; "" for what is not about one device."""
    answer = SimulatedVessel(vessel, 1, ANCHOR).query(statement, now)
    assert answer.status == 200, answer.body
    (result,) = answer.body["results"]
    assert "error" not in result, result
    return {
        series.get("tags", {}).get("url", ""): [[*row] for row in series["values"]]
        for series in result.get("series", [])
    }


def points(vessel: VesselProfile, start: int, end: int) -> dict[str, list[tuple[int, int, float | None, float | None]]]:
    """(seconds, result code, loss, response) of start <= seconds < end, by device."""
    series = SimulatedVessel(vessel, 1, ANCHOR).pings
    return {
        url: [
            (
                minute * 60,
                segment.reply.result_code,
                segment.reply.percent_packet_loss,
                pings.response_ms(minute) if segment.reply.timed else None,
            )
            for segment in pings.segments(-(-start // 60), -(-end // 60))
            for minute in range(segment.start, segment.end)
        ]
        for url, pings in series.items()
    }


windows = st.integers(T1 - 3 * 86_400, T1).flatmap(lambda start: st.tuples(st.just(start), st.integers(start, T1)))


@given(windows, st.integers(-4000, 4000))
def test_hourly_counts(window: tuple[int, int], offset: int) -> None:
    start, end = window
    expected: dict[str, dict[int, int]] = {}
    for url, pings in points(TROUBLED, start, end).items():
        for seconds, code, loss, _ in pings:
            if answered(code, loss):
                cell = (seconds - offset) // 3600 * 3600 + offset
                counts = expected.setdefault(url, {})
                counts[cell] = counts.get(cell, 0) + 1
    found = ask(
        TROUBLED,
        f"SELECT count(percent_packet_loss) FROM ping WHERE {ANSWERED} AND time>={start}s "
        f"AND time<{end}s GROUP BY time(1h,{offset}s),url fill(none)",
    )
    assert found == {url: [[cell, counts[cell]] for cell in sorted(counts)] for url, counts in sorted(expected.items())}


@given(windows)
def test_mean_response_times_are_exact(window: tuple[int, int]) -> None:
    start, end = window
    found = ask(
        TROUBLED, f"SELECT mean(average_response_ms::float) FROM ping WHERE time>={start}s AND time<{end}s GROUP BY url"
    )
    timed = {url: [p[3] for p in pings if p[3] is not None] for url, pings in points(TROUBLED, start, end).items()}
    assert found == {url: [[start, sum(ms) / len(ms)]] for url, ms in timed.items() if ms}


@given(windows)
def test_newest_ping_and_newest_answer(window: tuple[int, int]) -> None:
    start, end = window
    bounds = f"time>={start}s AND time<{end}s GROUP BY url"
    newest = ask(TROUBLED, f"SELECT {FIELDS} FROM ping WHERE {bounds},host ORDER BY time DESC LIMIT 1")
    newest_answer = ask(TROUBLED, f"{LAST_ANSWERED} {bounds}")
    recorded = points(TROUBLED, start, end)
    good = {url: [p for p in pings if answered(p[1], p[2])] for url, pings in recorded.items()}
    assert newest == {url: [[*pings[-1][:3], None]] for url, pings in recorded.items() if pings}
    assert newest_answer == {url: [[pings[-1][0], pings[-1][2]]] for url, pings in good.items() if pings}


def test_first_ping_after_the_last_answer_dates_an_outage() -> None:
    server = "192.168.1.60"
    (last_ok,) = ask(TROUBLED, f"{LAST_ANSWERED} time>=0s GROUP BY url")[server]
    (first,) = ask(
        TROUBLED, f"SELECT {FIELDS} FROM ping WHERE url='{server}' AND time>{last_ok[0]}s AND time<{T1}s LIMIT 1"
    )[""]
    assert first[0] == last_ok[0] + 60
    assert first[0] <= T1 - 3 * 3600


def test_nothing_is_recorded_before_its_time() -> None:
    newest = ask(TROUBLED, NEWEST)
    assert {row[0] for rows in newest.values() for row in rows} == {T1 // 60 * 60}


def test_a_vessel_whose_clock_is_ahead_records_in_its_own_time() -> None:
    newest = ask(VesselProfile("aurora", clock_ahead=timedelta(hours=2)), NEWEST)
    assert newest["192.168.1.60"] == [[T1 // 60 * 60 + 7200, 0, 0, None]]


def test_names_may_be_quoted() -> None:
    quoted = NEWEST.replace("FROM ping", 'FROM "ping"').replace("url", '"url"')
    assert ask(TROUBLED, quoted) == ask(TROUBLED, NEWEST) != {}


@pytest.mark.parametrize(
    "statement",
    [
        NEWEST.replace("ping ", "nothing "),
        NEWEST.replace("time>=0s", "time>=20s AND time<10s"),
        f"SELECT {FIELDS} FROM ping WHERE url='10.9.9.9' AND time>=0s LIMIT 1",
        f"SELECT {FIELDS} FROM ping WHERE url='it\\'s none; \\n' AND time>=0s LIMIT 1",
    ],
)
def test_no_points_are_no_error(statement: str) -> None:
    assert ask(TROUBLED, statement) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "garbage",
        "SELECT",
        "SELECT * FROM ping",
        f"SELECT last(percent_packet_loss FROM ping WHERE {ANSWERED} AND time>=0s GROUP BY url",
        f"SELECT middle(percent_packet_loss) FROM ping WHERE {ANSWERED} AND time>=0s GROUP BY url",
        "SELECT count(result_code) FROM ping WHERE time>=0s GROUP BY time(1h),url",
        f"SELECT {FIELDS} FROM ping WHERE url='open",
        f"SELECT {FIELDS} FROM ping WHERE url='line\nbreak' AND time>=0s LIMIT 1",
        f"{NEWEST};DROP DATABASE x",
        f"{NEWEST} LIMIT 1",
    ],
)
def test_any_other_statement_is_a_parse_error(statement: str) -> None:
    answer = SimulatedVessel(TROUBLED, 1, ANCHOR).query(statement, ANCHOR)
    assert answer.status == 400
    assert answer.body["error"].startswith("error parsing query: found ")


def test_the_same_seed_makes_the_same_pings_and_another_seed_others() -> None:
    def recorded(seed: int) -> list[object]:
        series = SimulatedVessel(TROUBLED, seed, ANCHOR).pings
        return [list(pings.segments(minute_of(ANCHOR) - 3000, minute_of(ANCHOR))) for pings in series.values()]

    assert recorded(1) == recorded(1)
    assert recorded(1) != recorded(2)


def test_pings_of_the_past_never_change() -> None:
    later = ANCHOR + timedelta(days=1)
    counts = "count(result_code),count(percent_packet_loss)"
    statement = f"SELECT {counts} FROM ping WHERE time>=0s AND time<{T1}s GROUP BY time(1h),url fill(none)"
    assert ask(TROUBLED, statement, now=later) == ask(TROUBLED, statement)
