"""Identifiers and values from the fleet file are only ever identifiers and values."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.domain.status import Limits
from fleetdash.influx.query import PingQuery, QueryWindow, identifier, literal

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def unquote(quoted: str, mark: str) -> tuple[str, str]:
    """Reads a quoted text as InfluxQL's scanner does; answers it and what is left over."""
    assert quoted.startswith(mark)
    read, rest = "", quoted[1:]
    while rest:
        if rest[0] == mark:
            return read, rest[1:]
        assert rest[0] != "\n", "a raw line break ends the string with an error"
        if rest[0] == "\\":
            assert rest[1] in "n\\\"'", "an escape that the scanner does not know"
            read, rest = read + ("\n" if rest[1] == "n" else rest[1]), rest[2:]
        else:
            read, rest = read + rest[0], rest[1:]
    raise AssertionError("the text is never closed")


@given(st.text())
def test_any_text_is_one_literal_and_nothing_more(text: str) -> None:
    assert unquote(literal(text), "'") == (text, "")


@given(st.text())
def test_any_name_is_one_identifier_and_nothing_more(text: str) -> None:
    assert unquote(identifier(text), '"') == (text, "")


@given(st.text(), st.text(), st.text())
def test_no_name_or_address_adds_a_statement(measurement: str, tag: str, address: str) -> None:
    query = PingQuery(measurement, tag)
    period = QueryWindow.before(NOW, Limits(), 0)
    statement = query.outages([(address, None)], period)[0]
    assert statement == (
        f"SELECT result_code,percent_packet_loss,percent_reply_loss FROM {identifier(measurement)} "
        f"WHERE {identifier(tag)}={literal(address)} AND time>={period.lookback_start}s AND time<{period.end}s LIMIT 1"
    )


def test_bounds_are_whole_seconds_on_the_vessels_clock() -> None:
    period = QueryWindow.before(NOW, Limits(), 7200)
    assert period.end == int(NOW.timestamp()) + 7200
    assert (period.end - period.start, period.end - period.lookback_start) == (86_400, 30 * 86_400)


@pytest.mark.parametrize(("skew", "grouping"), [(0, "time(1h),"), (7200, "time(1h),"), (-90, "time(1h,3510s),")])
def test_hours_are_shores_whatever_the_vessels_clock_says(skew: int, grouping: str) -> None:
    by_hour = PingQuery("ping", "url").request(QueryWindow.before(NOW, Limits(), skew)).recorded[0]
    assert f"GROUP BY {grouping}" in by_hour
