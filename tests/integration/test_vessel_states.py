"""Statuses as they are kept: merged, judged, hidden by a failure, and following the fleet file."""

from dataclasses import replace
from datetime import datetime, timedelta

import peewee
import pytest

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.read_models import DeviceReport, VesselReport
from fleetdash.domain.runs import Attempt, ErrorKind, Trigger
from fleetdash.domain.status import Limits
from fleetdash.errors import NotFound
from fleetdash.queries import FleetReader
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.schema import StatusChange
from fleetdash.storage.vessel_states import VesselStates
from tests.support.records import NOON, answer, down_for, failed, make_vessel, pinged, reached

HOUR = timedelta(hours=1)
AURORA = make_vessel("aurora", "10.0.0.1", "10.0.0.2")


class Records:
    """The writing side and the reading side of one database."""

    def __init__(self, database: peewee.Database) -> None:
        self.database = database
        self._recorder = Recorder(database, VesselStates(database))
        self.queries = FleetReader(database)

    def follow(self, *vessels: Vessel, at: datetime = NOON) -> None:
        self._recorder.fleet_changed(vessels, at)

    def answered(self, vessel: Vessel, given: VesselAnswer) -> VesselReport:
        return self._ended(vessel, reached(vessel.id, at=given.observed_at), given)

    def failed(self, vessel: Vessel, at: datetime = NOON, kind: ErrorKind = ErrorKind.TIMEOUT) -> VesselReport:
        return self._ended(vessel, failed(vessel.id, 4, at, ended=True, kind=kind), None)

    def _ended(self, vessel: Vessel, attempt: Attempt, given: VesselAnswer | None) -> VesselReport:
        run = self._recorder.runs.log_run_start(Trigger.SCHEDULE, 1, attempt.timestamp)
        self._recorder.attempt_ended(run.run_id, vessel, attempt, given)
        self._recorder.runs.log_run_completion(run.run_id, attempt.timestamp)
        return self.queries.vessel(vessel.id)

    def device(self, ip_address: str, of: Vessel = AURORA) -> DeviceReport:
        devices = self.queries.vessel(of.id).devices or ()
        return next(device for device in devices if device.ip_address == ip_address)

    def changes(self, ip_address: str | None, of: Vessel = AURORA) -> list[tuple[str | None, str]]:
        mine = StatusChange.vessel == of.id
        about = StatusChange.ip_address.is_null() if ip_address is None else StatusChange.ip_address == ip_address
        with self.database.connection_context():
            rows = StatusChange.select().where(mine & about).order_by(StatusChange.id)
            return [(row.old_status, row.new_status) for row in rows]


@pytest.fixture
def records(database: peewee.Database) -> Records:
    records = Records(database)
    records.follow(AURORA)
    return records


def test_a_vessel_that_was_never_asked_has_no_history_and_says_why(records: Records) -> None:
    aurora = records.queries.vessel("aurora")
    assert (aurora.sync_status, aurora.status) == ("no_history", "unknown")
    assert "not asked" in aurora.sync_reason
    assert [device.sync_status for device in aurora.devices or ()] == ["no_history"] * 2
    assert (aurora.uptime_percent, aurora.coverage_percent) == (None, None)


def test_a_good_answer_is_kept_with_its_moment(records: Records) -> None:
    aurora = records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2", share=0.5)))
    assert (aurora.sync_status, aurora.status) == ("operational", "degraded")
    assert (aurora.devices_up, aurora.devices_down, aurora.devices_silent) == (2, 0, 0)
    assert (aurora.observed_at, aurora.last_sync_at, aurora.last_error) == (NOON, NOON, None)
    assert aurora.uptime_percent == pytest.approx(75, abs=0.1)
    assert aurora.worst_uptime_percent == pytest.approx(50, abs=0.1)
    assert len(records.device("10.0.0.1").hours) == 25


def test_down_and_silent_and_unreachable_are_never_mixed_up(records: Records) -> None:
    records.answered(AURORA, answer(down_for("10.0.0.1", HOUR), pinged("10.0.0.2", last_ping=HOUR, last_answer=HOUR)))
    assert records.device("10.0.0.1").sync_status == "down"
    assert records.device("10.0.0.2").sync_status == "stale_data"
    assert records.queries.vessel("aurora").sync_status == "partial_sync"
    aurora = records.failed(AURORA, NOON + HOUR)
    assert (aurora.sync_status, aurora.status) == ("sync_failed", "unknown")
    assert (aurora.devices_up, aurora.devices_down, aurora.devices_silent) == (0, 0, 2)
    first = records.device("10.0.0.1")
    assert (first.sync_status, first.current_status, first.observed_status) == ("sync_failed", "unknown", "down")
    assert (first.down_since, first.observed_at) == (NOON - HOUR, NOON)


def test_an_unreachable_vessel_keeps_its_last_verdict_and_says_what_happened(records: Records) -> None:
    records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2")))
    aurora = records.failed(AURORA, NOON + HOUR)
    assert (aurora.last_known_status, aurora.last_known_status_at) == ("operational", NOON)
    assert aurora.last_error is not None
    assert (aurora.last_error.kind, aurora.last_error.attempts) == (ErrorKind.TIMEOUT, 4)
    assert aurora.sync_reason == (
        "Asked 2026-03-01 13:00 UTC: no complete answer in 30 s, 4 attempts; values are from 2026-03-01 12:00 UTC."
    )
    assert aurora.uptime_percent == 100
    summary = records.queries.fleet().summary
    assert (summary.average_uptime_percent, summary.sla_compliance_percent) == (None, None)


def test_being_stopped_says_nothing_about_the_vessel(records: Records) -> None:
    records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2")))
    assert records.failed(AURORA, NOON + HOUR, ErrorKind.CANCELLED).sync_status == "operational"


def test_down_since_survives_a_vessel_that_forgets_its_past(records: Records) -> None:
    records.answered(AURORA, answer(down_for("10.0.0.1", 5 * HOUR), pinged("10.0.0.2")))
    later = NOON + HOUR
    forgot = pinged("10.0.0.1", at=later, last_answer=None, outage=timedelta(minutes=10))
    records.answered(AURORA, answer(forgot, pinged("10.0.0.2", at=later), at=later))
    device = records.device("10.0.0.1")
    assert (device.down_since, device.down_since_is_bound) == (NOON - 5 * HOUR, False)


def test_vessel_is_dated_by_the_device_that_went_down_first_and_says_when_that_is_a_bound(records: Records) -> None:
    never = pinged("10.0.0.1", last_answer=None, outage=timedelta(days=30))
    aurora = records.answered(AURORA, answer(never, down_for("10.0.0.2", HOUR)))
    assert (aurora.down_since, aurora.down_since_is_bound) == (NOON - timedelta(days=30), True)
    aurora = records.answered(AURORA, answer(pinged("10.0.0.1"), down_for("10.0.0.2", HOUR)))
    assert (aurora.down_since, aurora.down_since_is_bound) == (NOON - HOUR, False)
    aurora = records.failed(AURORA, NOON + HOUR)
    assert (aurora.down_since, aurora.down_since_is_bound) == (None, False)


def test_newest_ping_of_a_vessel_is_that_of_its_listed_devices(records: Records) -> None:
    old = [pinged(f"10.0.0.{host}", last_ping=host * HOUR, last_answer=host * HOUR) for host in (1, 2)]
    assert records.answered(AURORA, answer(*old, pinged("10.9.9.9"))).last_ping_at == NOON - HOUR


def test_verdict_keeps_the_service_level_that_it_was_judged_by(records: Records) -> None:
    strict = replace(AURORA, limits=Limits(sla_uptime_percent=99.5))
    aurora = records.answered(strict, answer(pinged("10.0.0.1", share=0.9), pinged("10.0.0.2", share=0.9)))
    assert aurora.sync_reason == "Server answers 90.0 % of pings, below the 99.5 % service level."


def test_an_address_that_the_vessel_reports_by_itself_counts_nowhere(records: Records) -> None:
    aurora = records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2"), down_for("10.9.9.9", HOUR)))
    assert [(d.ip_address, d.component) for d in aurora.devices or ()][-1] == ("10.9.9.9", "Unassigned")
    assert (aurora.status, aurora.devices_total, aurora.devices_down) == ("operational", 2, 0)
    without = records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2")))
    assert len(without.devices or ()) == 2


def test_the_fleet_file_changes(records: Records) -> None:
    records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2")))
    renamed = make_vessel("aurora", "10.0.0.1", "10.0.0.3", name="Northern Light")
    records.follow(renamed, make_vessel("borealis", "10.0.0.1"))
    aurora = records.queries.vessel("aurora")
    assert aurora.name == "Northern Light"
    assert [(d.ip_address, d.sync_status) for d in aurora.devices or ()] == [
        ("10.0.0.1", "operational"),
        ("10.0.0.3", "no_history"),
    ]
    assert aurora.sync_status == "partial_sync"
    records.follow(make_vessel("borealis", "10.0.0.1"))
    assert [report.vessel_id for report in records.queries.fleet().vessels] == ["borealis"]
    assert "no longer lists" in records.queries.vessel("aurora").sync_reason


def test_changes_are_kept_as_changes(records: Records) -> None:
    for minutes in range(3):
        at = NOON + timedelta(minutes=15 * minutes)
        records.answered(AURORA, answer(pinged("10.0.0.1", at=at), pinged("10.0.0.2", at=at), at=at))
    records.failed(AURORA, NOON + HOUR)
    records.follow(AURORA, at=NOON + HOUR)
    assert records.changes("10.0.0.1") == [(None, "no_history"), ("no_history", "operational")]
    assert records.changes(None) == [
        (None, "no_history"),
        ("no_history", "operational"),
        ("operational", "sync_failed"),
    ]


def test_what_the_next_request_needs_is_remembered(records: Records) -> None:
    records.answered(AURORA, answer(down_for("10.0.0.1", HOUR), pinged("10.0.0.2"), skew=7200))
    memory = records._recorder.states.query_contexts()["aurora"]
    assert memory.clock_skew_seconds == 7200
    assert [(d.ip_address, d.last_success_at) for d in memory.down] == [
        ("10.0.0.1", NOON - HOUR - timedelta(minutes=1))
    ]
    assert "2 h ahead" in records.queries.vessel("aurora").sync_reason


def test_the_worst_vessel_comes_first(records: Records) -> None:
    vessels = [make_vessel("calypso", "1"), make_vessel("borealis", "1"), make_vessel("delta", "1"), AURORA]
    records.follow(*vessels)
    records.answered(vessels[0], answer(pinged("1")))
    records.answered(vessels[1], answer(pinged("1")))
    records.answered(vessels[2], answer(down_for("1", HOUR)))
    records.failed(AURORA)
    fleet = records.queries.fleet()
    assert [report.vessel_id for report in fleet.vessels] == ["delta", "aurora", "borealis", "calypso"]
    assert fleet.summary.by_status == {"offline": 1, "critical": 0, "unknown": 1, "degraded": 0, "operational": 2}
    assert (fleet.summary.devices_up, fleet.summary.devices_down, fleet.summary.devices_silent) == (2, 1, 2)


def test_thousands_of_addresses_of_a_confused_vessel_are_kept_without_harm(records: Records) -> None:
    strangers = [pinged(f"10.1.{n // 250}.{n % 250}") for n in range(3_000)]
    aurora = records.answered(AURORA, answer(pinged("10.0.0.1"), pinged("10.0.0.2"), *strangers))
    assert len(aurora.devices or ()) == 3_002
    assert aurora.devices_total == 2


def test_an_unknown_vessel_is_said_to_be_missing(records: Records) -> None:
    with pytest.raises(NotFound):
        records.queries.vessel("nobody")


def test_a_device_that_the_fleet_file_writes_in_another_way_keeps_its_history(records: Records) -> None:
    before, after = make_vessel("borealis", "fd00::1", "10.0.0.1"), make_vessel("borealis", "FD00:0::1", "010.0.0.1")
    records.follow(AURORA, before)
    records.answered(before, answer(pinged("fd00::1"), down_for("10.0.0.1", HOUR)))
    records.follow(AURORA, after, at=NOON + HOUR)
    borealis = records.queries.vessel("borealis")
    assert [device.ip_address for device in borealis.devices or ()] == ["FD00:0::1", "010.0.0.1"]
    assert records.device("FD00:0::1", after).last_ping_at is not None
    assert records.device("010.0.0.1", after).down_since is not None
    assert records.changes("FD00:0::1", after) == [(None, "no_history"), ("no_history", "operational")]
    assert records.changes("fd00::1", after) == []


def test_a_device_that_was_unassigned_for_its_spelling_is_the_listed_one(records: Records) -> None:
    listed = make_vessel("borealis", "fd00::1")
    records.follow(AURORA, listed)
    # as an earlier version recorded it
    records.answered(listed, answer(pinged("FD00::1")))
    records.follow(AURORA, listed, at=NOON + HOUR)
    (device,) = records.queries.vessel("borealis").devices or ()
    assert (device.ip_address, device.component, device.sync_status) == ("fd00::1", "Server", "operational")
    assert records.changes("fd00::1", listed) == [(None, "operational")]


def test_each_vessel_is_judged_by_limits_of_its_own(records: Records) -> None:
    patient = replace(make_vessel("patient", "10.0.0.1"), limits=Limits(stale_after=2 * HOUR, sla_uptime_percent=40))
    strict = replace(make_vessel("strict", "10.0.0.1"), limits=Limits(stale_after=HOUR / 2, sla_uptime_percent=60))
    records.follow(patient, strict)
    silent = pinged("10.0.0.1", last_ping=HOUR, last_answer=HOUR, share=0.5)
    assert records.answered(patient, answer(silent)).sync_status == "operational"
    assert records.answered(strict, answer(silent)).sync_status == "stale_data"
    half = pinged("10.0.0.1", share=0.5)
    assert records.answered(patient, answer(half)).status == "operational"
    assert records.answered(strict, answer(half)).status == "degraded"


def test_limits_that_change_are_applied_when_the_fleet_file_is_read(records: Records) -> None:
    vessel = make_vessel("borealis", "10.0.0.1")
    records.follow(vessel)
    assert records.answered(vessel, answer(pinged("10.0.0.1", share=0.97))).status == "operational"
    records.follow(replace(vessel, limits=Limits(sla_uptime_percent=99)), at=NOON + HOUR)
    assert records.queries.vessel("borealis").status == "degraded"


def test_an_attempt_is_older_only_than_one_that_can_be(records: Records) -> None:
    states = VesselStates(records.database)
    records.failed(AURORA, at=NOON + timedelta(days=1))
    waiting = failed("aurora", 1, NOON, ended=True)
    assert not states.newer_than(waiting, NOON + HOUR)
    records.failed(AURORA, at=NOON + HOUR)
    assert states.newer_than(waiting, NOON + HOUR)
