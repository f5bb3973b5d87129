"""The InfluxQL that simulated vessels understand."""

from datetime import UTC, datetime

import pytest

from fleetdash.demo.influxql import SECOND, Condition, Select, parse
from fleetdash.demo.tokens import ParseError

NOW = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def parsed(text: str) -> Select:
    (select,) = parse(text, NOW)
    return select


def test_the_hourly_count_of_answered_pings() -> None:
    text = (
        'SELECT count("result_code") FROM "ping" WHERE "result_code"=0 AND "percent_packet_loss"<100 '
        'AND time>=10s AND time<20s GROUP BY time(1h,-300s),"url" fill(none)'
    )
    assert parsed(text) == Select(
        fields=("result_code",),
        measurement="ping",
        function="count",
        start=10 * SECOND,
        end=20 * SECOND,
        conditions=(Condition("result_code", "=", 0.0), Condition("percent_packet_loss", "<", 100.0)),
        interval=3600 * SECOND,
        offset=-300 * SECOND,
        tags=("url",),
    )


def test_quotes_and_blanks_and_capitals_make_no_difference() -> None:
    loose = "select  last( result_code )\nfrom ping where time >= 10s and time < 20s group by url"
    tight = 'SELECT last("result_code") FROM "ping" WHERE time>=10s AND time<20s GROUP BY "url"'
    assert parsed(loose) == parsed(tight)


def test_statements_are_parted_by_semicolons_but_not_by_those_in_a_literal() -> None:
    first, second = parse("SELECT first(a) FROM ping WHERE url='x;y\\'; z';SELECT last(a) FROM ping;", NOW)
    assert first.conditions == (Condition("url", "=", "x;y'; z"),)
    assert second.function == "last"


def test_bounds_are_exclusive_or_inclusive_to_the_nanosecond() -> None:
    select = parsed("SELECT first(a) FROM ping WHERE time>10s AND time<=20s")
    assert (select.start, select.end) == (10 * SECOND + 1, 20 * SECOND + 1)


@pytest.mark.parametrize("text", ["now() - 24h", "now()-1d", "now() - 1440m"])
def test_time_can_be_told_from_now(text: str) -> None:
    day_before = int(NOW.timestamp()) * SECOND - 86_400 * SECOND
    assert parsed(f"SELECT mean(a) FROM ping WHERE time > {text}").start == day_before + 1


def test_a_bare_number_is_nanoseconds() -> None:
    assert parsed("SELECT mean(a) FROM ping WHERE time >= 7").start == 7


def test_raw_points_of_some_fields_or_all() -> None:
    assert parsed("SELECT * FROM ping").fields == ("*",)
    select = parsed('SELECT "result_code", percent_packet_loss FROM ping GROUP BY *')
    assert (select.function, select.fields) == (None, ("result_code", "percent_packet_loss"))
    assert select.tags == ("*",)


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "SELECT",
        "SELECT count(a FROM ping",
        "SELECT count(a) FROM ping WHERE url='open",
        "SELECT count(a) FROM ping WHERE url='line\nbreak'",
        "SELECT count(a) FROM ping WHERE time=10s",
        "SELECT count(a) FROM ping GROUP BY time(1h)",
        "SELECT count(a) FROM ping SELECT",
        "SELECT count(a) FROM ping WHERE a=1 OR b=2",
        "DROP DATABASE x",
        "SELECT # FROM ping",
    ],
)
def test_what_is_not_understood_is_a_parse_error(text: str) -> None:
    with pytest.raises(ParseError, match="found"):
        parse(text, NOW)
