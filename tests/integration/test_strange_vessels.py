"""Other fields, types, writers and policies: up or down where it can be known, else said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.errors import Misconfigured
from tests.support.aboard import Aboard, aboard, fields
from tests.support.influxd import READER, Influxd

UP, DOWN, STALE = SyncStatus.OPERATIONAL, SyncStatus.DOWN, SyncStatus.STALE_DATA
ONE, TWO, THREE = "10.0.0.1", "10.0.0.2", "10.0.0.3"


@pytest.fixture
def vessel(influxd: Influxd, tmp_path: Path) -> Iterator[Aboard]:
    with aboard(influxd, tmp_path, ONE, TWO) as vessel:
        yield vessel


def statuses(vessel: Aboard, *addresses: str) -> list[SyncStatus]:
    return [vessel.device(address).sync_status for address in addresses or (ONE, TWO)]


def test_an_ordinary_vessel_is_sent_one_request_but_for_the_first_of_a_day(vessel: Aboard) -> None:
    vessel.pings(ONE)
    vessel.pings(TWO)
    vessel.look()
    assert [request.count("SELECT") for request in vessel.gateway.requests] == [5, 0]
    for minutes, requests in ((0, 1), (15, 1), (23 * 60, 1), (60, 2), (15, 1)):
        vessel.pass_time(minutes)
        vessel.pings(ONE, since=20)
        vessel.pings(TWO, since=20)
        vessel.look()
        assert len(vessel.gateway.requests) == requests
    assert "SHOW" not in vessel.gateway.requests[0]


# --- fields


@pytest.mark.parametrize(
    ("up", "down", "tags"),
    [
        pytest.param("percent_packet_loss=0", "percent_packet_loss=100", ("", ""), id="no result_code"),
        pytest.param("percent_packet_loss=0i", "percent_packet_loss=100i", ("", ""), id="no result_code, whole losses"),
        pytest.param(
            "percent_packet_loss=0",
            "percent_packet_loss=100",
            (",result_code=0", ",result_code=1"),
            id="result_code as a tag",
        ),
        pytest.param(
            "percent_packet_loss=0", "percent_packet_loss=0", (",result_code=0", ",result_code=2"), id="tag 2"
        ),
        pytest.param(
            'result_code="0",percent_packet_loss=0', 'result_code="2",percent_packet_loss=0', ("", ""), id="text code"
        ),
        pytest.param("result_code=0,percent_packet_loss=0", "result_code=1,percent_packet_loss=0", ("", ""), id="1.0"),
        pytest.param(
            'result_code=0i,percent_packet_loss="0"',
            'result_code=0i,percent_packet_loss="100"',
            ("", ""),
            id="loss as text",
        ),
        pytest.param('percent_packet_loss="25.5 %"', 'percent_packet_loss="100 %"', ("", ""), id="loss with its unit"),
        pytest.param(
            'result_code=0i,percent_packet_loss=0,average_response_ms="5"',
            'result_code=1i,percent_packet_loss=100,average_response_ms="0"',
            ("", ""),
            id="response time as text",
        ),
        pytest.param(
            "result_code=0i,percent_packet_loss=0,percent_reply_loss=0,reply_received=1i",
            "result_code=0i,percent_packet_loss=0,percent_reply_loss=100,reply_received=0i",
            ("", ""),
            id="Windows",
        ),
        pytest.param(
            'result_code=0i,percent_packet_loss=0,percent_reply_loss="0"',
            'result_code=0i,percent_packet_loss=0,percent_reply_loss="100"',
            ("", ""),
            id="Windows, as text",
        ),
        pytest.param("result_code=0i,percent_packet_loss=-300", "result_code=2i", ("", ""), id="today's oddities"),
    ],
)
def test_up_and_down_and_uptime_are_those_of_the_pings(
    vessel: Aboard, up: str, down: str, tags: tuple[str, str]
) -> None:
    vessel.pings(ONE, values=up, tags=tags[0])
    vessel.pings(TWO, values=down, tags=tags[1])
    vessel.look()
    assert statuses(vessel) == [UP, DOWN]
    assert (vessel.device(ONE).uptime_percent, vessel.device(TWO).uptime_percent) == (100, 0)
    assert vessel.device(TWO).down_since is not None
    assert [d.ping_count for d in (vessel.device(ONE), vessel.device(TWO))] == pytest.approx([180, 180], abs=1)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param('result_code=0i,percent_packet_loss="n/a"', id="text that is no number"),
        pytest.param("result_code=0i", id="no loss at all"),
        pytest.param("result_code=0i,percent_packet_loss=true", id="a truth value"),
    ],
)
def test_what_does_not_show_whether_it_was_answered_is_said_and_neither_up_nor_down(
    vessel: Aboard, values: str
) -> None:
    vessel.pings(ONE, values=values)
    vessel.pings(TWO, values=values)
    report = vessel.look()
    assert statuses(vessel) == [STALE, STALE]
    assert report.status is ServiceStatus.UNKNOWN
    assert "do not show whether they were answered" in report.sync_reason
    assert vessel.device(ONE).uptime_percent is None


def test_a_failure_is_known_by_its_code_whatever_the_loss_says(vessel: Aboard) -> None:
    vessel.pings(ONE, values='result_code=1i,percent_packet_loss="n/a"')
    vessel.look()
    assert vessel.device(ONE).sync_status is DOWN


def test_a_loss_that_became_text_this_week_is_read_beside_older_numbers(vessel: Aboard) -> None:
    for device, loss in ((ONE, '"0"'), (TWO, '"100"')):
        vessel.pings(device, since=14 * 1440, until=12 * 1440, every=600)
        vessel.pings(device, values=f"result_code=0i,percent_packet_loss={loss}")
    vessel.look()
    assert statuses(vessel) == [UP, DOWN]
    assert (vessel.device(ONE).uptime_percent, vessel.device(TWO).uptime_percent) == (100, 0)


def test_a_field_that_changed_since_the_last_look_up_is_noticed(vessel: Aboard) -> None:
    vessel.pings(ONE, since=14 * 1440, until=12 * 1440, every=600)
    vessel.look()
    vessel.pass_time(61)
    vessel.pings(ONE, values='result_code=0i,percent_packet_loss="0"')
    vessel.look()
    assert (vessel.device(ONE).sync_status, vessel.device(ONE).uptime_percent) == (UP, 100)


def test_a_vessel_upgraded_an_hour_ago_has_its_whole_day(vessel: Aboard) -> None:
    vessel.pings(ONE, since=1440, until=60, values="percent_packet_loss=0")
    vessel.pings(ONE, since=60)
    vessel.look()
    assert vessel.device(ONE).coverage_percent == pytest.approx(100, abs=1)
    assert vessel.device(ONE).uptime_percent == 100


def test_a_response_time_as_text_costs_that_figure_only(vessel: Aboard) -> None:
    vessel.pings(ONE, values='result_code=0i,percent_packet_loss=0,average_response_ms="5"')
    report = vessel.look()
    assert (vessel.device(ONE).average_response_ms, vessel.device(ONE).uptime_percent) == (None, 100)
    assert report.last_error is None


# --- how often, and by whom


def test_a_busy_hour_hides_no_empty_one(vessel: Aboard) -> None:
    vessel.pings(ONE, since=240, every=10)
    report = vessel.look()
    assert vessel.device(ONE).coverage_percent == pytest.approx(100 * 4 / 24, abs=4)
    assert "Pings come every 10 s, not every 60 s; set ping_interval_seconds = 10." in report.sync_reason


def test_a_longer_interval_than_the_one_that_is_set_is_named(vessel: Aboard) -> None:
    vessel.pings(ONE, since=1440, every=300)
    assert "set ping_interval_seconds = 300." in vessel.look().sync_reason


@pytest.mark.parametrize("seen_by", ["alpha", "beta"])
def test_a_device_is_up_when_either_of_two_writers_sees_it_up(vessel: Aboard, seen_by: str) -> None:
    for host in ("alpha", "beta"):
        vessel.pings(ONE, host=host, up=host == seen_by)
        vessel.pings(TWO, host=host, up=False)
    report = vessel.look()
    assert statuses(vessel) == [UP, DOWN]
    for named in ('host "alpha" and host "beta"', 'match = { host = "alpha" }'):
        assert named in report.sync_reason


@pytest.mark.parametrize("seen_by", ["fd00::1", "FD00:0:0::0001"])
def test_two_writers_that_spell_an_address_differently_are_two_writers(
    influxd: Influxd, tmp_path: Path, seen_by: str
) -> None:
    with aboard(influxd, tmp_path, "fd00::1") as vessel:
        for host, spelling in (("alpha", "fd00::1"), ("beta", "FD00:0:0::0001")):
            vessel.pings(spelling, host=host, up=spelling == seen_by)
        assert 'host "alpha" and host "beta"' in vessel.look().sync_reason
        assert vessel.device("fd00::1").sync_status is UP


def test_match_picks_one_of_two_writers(vessel: Aboard) -> None:
    vessel.pings(ONE, host="alpha")
    vessel.pings(ONE, host="beta", up=False)
    report = vessel.look(match=(("host", "beta"),))
    assert (vessel.device(ONE).sync_status, vessel.device(ONE).uptime_percent) == (DOWN, 0)
    assert "match" not in report.sync_reason


def test_two_writers_of_half_a_day_each_cover_that_half_day(vessel: Aboard) -> None:
    for host in ("alpha", "beta"):
        vessel.pings(ONE, host=host, since=720)
    vessel.look()
    assert vessel.device(ONE).coverage_percent == pytest.approx(50, abs=3)
    assert vessel.device(ONE).uptime_percent == 100


def test_a_writer_that_was_renamed_is_not_several(vessel: Aboard) -> None:
    vessel.pings(ONE, host="old", since=600, until=60)
    vessel.pings(ONE, host="new", since=60)
    assert "agents" not in vessel.look().sync_reason
    assert vessel.device(ONE).sync_status is UP


# --- a vessel that answers and shows nothing


def test_pings_in_another_retention_policy_are_found_and_then_read(vessel: Aboard) -> None:
    vessel.influxd.query("", f'CREATE RETENTION POLICY "long" ON "{vessel.database}" DURATION 52w REPLICATION 1')
    vessel.pings(ONE, policy="long")
    report = vessel.look()
    assert 'set retention_policy = "long".' in report.sync_reason
    assert "never recorded" not in report.sync_reason
    vessel.look(retention_policy="long")
    assert vessel.device(ONE).sync_status is UP


@pytest.mark.parametrize(
    ("pings", "endpoint", "finding"),
    [
        ({"measurement": "icmp"}, {}, 'There is no measurement "ping"; set measurement = "icmp".'),
        ({"measurement": "cpu", "values": "usage=1"}, {}, 'none that holds pings; there is "cpu".'),
        ({"tag": "target"}, {}, 'set device_tag = "target".'),
        ({"tag": "target", "device": "other"}, {}, 'The pings have no tag "url"; they have "target".'),
        ({"host": "alpha"}, {"match": (("host", "beta"),)}, 'set match = { host = "alpha" }.'),
        ({}, {"match": (("site", "x"),)}, 'they have no tag "site": remove it from match.'),
        ({"device": "10.9.9.9"}, {}, 'the vessel pings "10.9.9.9": correct components.'),
        ({"values": "rtt=1"}, {}, 'neither result_code nor percent_packet_loss, but "rtt".'),
        ({"since": 40 * 1440, "until": 39 * 1440, "every": 600}, {}, "No point is newer than"),
        ({"since": 180, "until": 120}, {}, "No point is newer than"),
    ],
)
def test_what_is_wrong_is_named_with_the_line_that_fixes_it(
    vessel: Aboard, pings: dict[str, str], endpoint: dict[str, str], finding: str
) -> None:
    vessel.pings(**pings)  # type: ignore[arg-type]  # names and numbers, each of its own type
    assert finding in vessel.look(**endpoint).sync_reason


@pytest.mark.parametrize(
    ("endpoint", "named"),
    [({"retention_policy": "nope"}, 'it has "autogen": correct retention_policy'), ({"database": "nope"}, "it has ")],
)
def test_what_the_fleet_file_names_and_does_not_exist_is_told_with_what_does(
    vessel: Aboard, endpoint: dict[str, str], named: str
) -> None:
    vessel.pings(ONE)
    with pytest.raises(Misconfigured, match=named):
        vessel.look(**endpoint)


def test_an_empty_database_is_named(vessel: Aboard) -> None:
    assert "is empty: no agent writes to it." in vessel.look().sync_reason


def test_a_diagnosis_is_made_once_an_hour_and_its_findings_stay(vessel: Aboard) -> None:
    vessel.pings(measurement="icmp")
    for minutes, diagnosed in ((0, True), (15, False), (30, False), (20, True)):
        vessel.pass_time(minutes)
        assert 'set measurement = "icmp"' in vessel.look().sync_reason
        assert any("SHOW RETENTION" in request for request in vessel.gateway.requests) is diagnosed


def test_findings_go_when_the_vessel_shows_something(vessel: Aboard) -> None:
    vessel.pings(measurement="icmp")
    vessel.look()
    vessel.pings(ONE)
    assert "icmp" not in vessel.look().sync_reason


@pytest.mark.parametrize("refused", ["SHOW", "SHOW RETENTION POLICIES", "SHOW TAG VALUES"])
def test_a_diagnosis_that_is_refused_costs_nothing_else(vessel: Aboard, refused: str) -> None:
    vessel.gateway.refuses = refused
    vessel.pings("10.9.9.9")
    report = vessel.look()
    assert (report.sync_status, vessel.device("10.9.9.9").sync_status) == (SyncStatus.NO_HISTORY, UP)


def test_a_check_is_told_what_is_odd_also_where_all_is_well(vessel: Aboard) -> None:
    vessel.pings(ONE, host="alpha")
    answer = vessel.ask(diagnose=True)
    assert answer.notes.findings == ()
    assert any("SHOW RETENTION" in request for request in vessel.gateway.requests)


def test_a_reader_may_look_at_all_of_it(influxd_auth: Influxd, tmp_path: Path) -> None:
    with aboard(influxd_auth, tmp_path, ONE, user=READER[0], password=READER[1]) as vessel:
        vessel.pings(ONE, tag="target")
        assert 'set device_tag = "target"' in vessel.look().sync_reason


def test_text_of_a_vessel_stays_text(vessel: Aboard) -> None:
    vessel.pings(measurement='a\\ \\"quoted\\"\\ name', values=fields())
    assert "set measurement = " in vessel.look().sync_reason
