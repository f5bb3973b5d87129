"""R4, row by row: what is said of a device and of a vessel."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.domain.merging import merge_answer
from fleetdash.domain.pings import NO_HOURS, PingHours, PingSummary
from fleetdash.domain.status import (
    CurrentStatus,
    DeviceState,
    Limits,
    ServiceStatus,
    SyncStatus,
    VesselVerdict,
    current_status,
    device_sync_status,
    judge_vessel,
    observed_status,
)

NOW = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
LIMITS = Limits()
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NEVER = None


def ago(minutes: float | None) -> datetime | None:
    return None if minutes is None else NOW - minutes * MINUTE


def reports(
    *, ping: float | None = None, success: float | None = None, first_unanswered: float | None = None
) -> PingSummary:
    """What the vessel says of the device; times in minutes ago."""
    return PingSummary("10.0.0.1", NO_HOURS, 12.5, ago(ping), ago(success), ago(first_unanswered))


def remembered(
    *, ping: float | None = None, success: float | None = None, down_since: float | None = None, bound: bool = False
) -> DeviceState:
    """What fleetdash knows of the device; times in minutes ago."""
    return DeviceState(
        "10.0.0.1",
        "Server",
        last_ping_at=ago(ping),
        last_success_at=ago(success),
        down_since=ago(down_since),
        down_since_is_bound=bound,
    )


NEW = remembered()


def outage(known: DeviceState, summary: PingSummary) -> tuple[datetime | None, str]:
    """Down since when, after an answer, and how surely."""
    device = merge_answer(known, summary, NOW, LIMITS)
    return device.down_since, "at least since" if device.down_since_is_bound else "since"


# --- a device


@pytest.mark.parametrize(
    ("age", "answered", "status"),
    [
        pytest.param(0 * MINUTE, True, SyncStatus.OPERATIONAL, id="fresh and answered"),
        pytest.param(0 * MINUTE, False, SyncStatus.DOWN, id="fresh and unanswered"),
        pytest.param(30 * MINUTE, True, SyncStatus.OPERATIONAL, id="as old as the stale limit"),
        pytest.param(30 * MINUTE, False, SyncStatus.DOWN, id="as old as the stale limit, unanswered"),
        pytest.param(30 * MINUTE + SECOND, True, SyncStatus.STALE_DATA, id="older than the stale limit"),
        pytest.param(30 * MINUTE + SECOND, False, SyncStatus.STALE_DATA, id="stale and last unanswered"),
        pytest.param(24 * HOUR, True, SyncStatus.STALE_DATA, id="as old as the window"),
        pytest.param(24 * HOUR + SECOND, True, SyncStatus.NO_DATA, id="older than the window"),
        pytest.param(90 * 24 * HOUR, False, SyncStatus.NO_DATA, id="older than the look-back, still remembered"),
    ],
)
def test_a_device_is_judged_by_the_age_of_its_newest_ping(age: timedelta, answered: bool, status: SyncStatus) -> None:
    assert observed_status(NOW - age, answered, NOW, LIMITS) is status


def test_a_device_without_any_ping_has_no_history() -> None:
    assert observed_status(NEVER, True, NOW, LIMITS) is SyncStatus.NO_HISTORY


def test_the_limits_are_settings() -> None:
    patient = Limits(stale_after=2 * HOUR, window=48 * HOUR)
    assert observed_status(NOW - 2 * HOUR, True, NOW, patient) is SyncStatus.OPERATIONAL
    assert observed_status(NOW - 48 * HOUR, True, NOW, patient) is SyncStatus.STALE_DATA


@pytest.mark.parametrize("seen", [status for status in SyncStatus if status is not SyncStatus.PARTIAL_SYNC])
def test_a_failed_chain_comes_before_every_verdict(seen: SyncStatus) -> None:
    device = DeviceState("10.0.0.1", "Server", observed_status=seen)
    assert device_sync_status(device, chain_failed=True) is SyncStatus.SYNC_FAILED
    assert device_sync_status(device, chain_failed=False) is seen


@pytest.mark.parametrize("status", SyncStatus)
def test_up_and_down_are_said_only_of_what_is_fresh(status: SyncStatus) -> None:
    said = {SyncStatus.OPERATIONAL: CurrentStatus.UP, SyncStatus.DOWN: CurrentStatus.DOWN}
    assert current_status(status) is said.get(status, CurrentStatus.UNKNOWN)


# --- an answer, and what is remembered


def test_an_answer_brings_its_figures_and_its_moment() -> None:
    hours = PingHours(NOW, (60,), (50,), (40,))
    device = merge_answer(NEW, PingSummary("10.0.0.1", hours, 12.5, NOW, NOW), NOW, LIMITS)
    assert (device.hours, device.average_response_ms, device.observed_at) == (hours, 12.5, NOW)
    assert (device.last_ping_at, device.last_success_at) == (NOW, NOW)
    assert device.observed_status is SyncStatus.OPERATIONAL


def test_a_vessel_that_forgets_its_past_takes_nothing_from_what_is_remembered() -> None:
    device = merge_answer(remembered(ping=600, success=600), reports(), NOW, LIMITS)
    assert (device.last_ping_at, device.last_success_at) == (ago(600), ago(600))
    assert device.observed_status is SyncStatus.STALE_DATA


def test_a_device_whose_vessel_has_no_ping_in_the_window_has_no_data_when_one_is_remembered() -> None:
    device = merge_answer(remembered(ping=40 * 24 * 60, success=40 * 24 * 60), reports(), NOW, LIMITS)
    assert device.observed_status is SyncStatus.NO_DATA


def test_a_device_that_nobody_ever_saw_has_no_history() -> None:
    assert merge_answer(NEW, reports(), NOW, LIMITS).observed_status is SyncStatus.NO_HISTORY


def test_a_device_keeps_its_component() -> None:
    assert merge_answer(NEW, reports(ping=1, success=1), NOW, LIMITS).component == "Server"


# --- down since


def test_a_device_that_answers_is_not_down() -> None:
    known = remembered(ping=20, success=90, down_since=80)
    assert outage(known, reports(ping=1, success=1)) == (None, "since")


def test_an_outage_begins_with_the_first_ping_after_the_last_answer() -> None:
    assert outage(NEW, reports(ping=1, success=50, first_unanswered=49)) == (ago(49), "since")


def test_of_a_device_that_never_answered_only_a_bound_is_known() -> None:
    assert outage(NEW, reports(ping=1, first_unanswered=43_000)) == (ago(43_000), "at least since")


def test_a_vessel_that_tells_no_beginning_leaves_its_newest_ping_as_the_bound() -> None:
    assert outage(NEW, reports(ping=1, success=50)) == (ago(1), "at least since")


def test_down_since_does_not_move_forward_when_the_vessel_forgets_its_past() -> None:
    known = remembered(ping=20, success=601, down_since=600)
    assert outage(known, reports(ping=1, first_unanswered=10)) == (ago(600), "since")


def test_a_remembered_bound_stays_a_bound_when_the_vessel_forgets_its_past() -> None:
    known = remembered(ping=20, down_since=600, bound=True)
    assert outage(known, reports(ping=1, first_unanswered=10)) == (ago(600), "at least since")


def test_down_since_is_kept_when_the_vessel_tells_nothing_at_all() -> None:
    known = remembered(ping=20, success=601, down_since=600)
    assert outage(known, reports()) == (ago(600), "since")


def test_a_device_stays_down_since_then_while_it_is_stale() -> None:
    known = remembered(ping=90, success=601, down_since=600)
    device = merge_answer(known, reports(ping=90, success=601, first_unanswered=600), NOW, LIMITS)
    assert device.observed_status is SyncStatus.STALE_DATA
    assert device.down_since == ago(600)


def test_down_since_moves_back_when_the_vessel_knows_better() -> None:
    known = remembered(ping=20, down_since=100, bound=True)
    assert outage(known, reports(ping=1, success=301, first_unanswered=300)) == (ago(300), "since")


def test_a_bound_becomes_exact_when_the_vessel_still_holds_the_answer_before_it() -> None:
    known = remembered(ping=20, down_since=100, bound=True)
    assert outage(known, reports(ping=1, success=101, first_unanswered=100)) == (ago(100), "since")


def test_a_device_that_recovered_in_between_is_in_another_outage() -> None:
    known = remembered(ping=60, success=601, down_since=600)
    assert outage(known, reports(ping=1, success=30, first_unanswered=29)) == (ago(29), "since")


def test_an_answer_written_late_for_the_very_ping_that_began_the_outage_ends_that_one() -> None:
    known = remembered(ping=60, success=61, down_since=60)
    assert outage(known, reports(ping=1, success=60, first_unanswered=59)) == (ago(59), "since")


def test_a_beginning_before_an_answer_that_only_fleetdash_remembers_is_of_another_outage() -> None:
    # the vessel was put back to a copy that ends in an unanswered ping
    known = remembered(ping=60, success=60)
    assert outage(known, reports(ping=1, success=901, first_unanswered=900)) == (ago(1), "at least since")


def test_a_vessel_put_back_to_an_old_outage_does_not_turn_this_one_into_it() -> None:
    known = remembered(ping=20, success=101, down_since=100)
    assert outage(known, reports(ping=900, success=902, first_unanswered=901)) == (ago(100), "since")


minutes_ago = st.one_of(st.none(), st.integers(0, 3000))


@st.composite
def answers(draw: st.DrawFn) -> PingSummary:
    """Anything that a vessel can say: it may have lost its newest pings, its oldest, or all."""
    ping, success, first = draw(minutes_ago), draw(minutes_ago), draw(minutes_ago)
    if success is not None:
        ping = min(success, success if ping is None else ping)
    down = ping is not None and ping != success
    return reports(ping=ping, success=success, first_unanswered=first if down else None)


@given(st.lists(answers(), min_size=1, max_size=6))
def test_whatever_vessels_say_down_since_never_moves_forward_within_an_outage(said: list[PingSummary]) -> None:
    before = NEW
    for summary in said:
        device = merge_answer(before, summary, NOW, LIMITS)
        down = device.last_ping_at != device.last_success_at
        assert (device.down_since is not None) == down
        same_outage = device.last_success_at == before.last_success_at
        if device.down_since and before.down_since and same_outage:
            assert device.down_since <= before.down_since
        if device.down_since and device.last_success_at:
            assert device.down_since > device.last_success_at
        before = device


# --- what cannot be


def test_what_was_remembered_while_shore_s_clock_was_ahead_makes_nothing_fresh() -> None:
    known = remembered(ping=-1440, success=-1440)
    device = merge_answer(known, reports(ping=45, success=45), NOW, LIMITS)
    assert device.observed_status is SyncStatus.STALE_DATA
    assert (device.last_ping_at, device.last_success_at) == (ago(45), ago(45))


def test_an_outage_that_begins_tomorrow_is_forgotten() -> None:
    known = remembered(ping=-1440, success=-1500, down_since=-1441)
    assert outage(known, reports(ping=1, success=50, first_unanswered=49)) == (ago(49), "since")
    assert merge_answer(known, reports(), NOW, LIMITS).observed_status is SyncStatus.NO_HISTORY


def test_a_minute_s_difference_between_clocks_is_kept() -> None:
    device = merge_answer(remembered(ping=-1, success=-1), reports(), NOW, LIMITS)
    assert device.last_ping_at == ago(-1)


@given(
    st.lists(st.tuples(answers(), st.integers(-3 * 1440, 3 * 1440)), min_size=1, max_size=6),
    st.one_of(st.none(), st.integers(0, 3000)),
)
def test_whatever_shore_s_clock_did_the_next_right_answer_is_judged_by_its_own_time(
    before: list[tuple[PingSummary, int]], ping: int | None
) -> None:
    device = NEW
    for summary, minutes in before:
        shift = minutes * MINUTE
        ping_at, success_at, first_at = (
            None if moment is None else moment + shift
            for moment in (summary.last_ping_at, summary.last_success_at, summary.first_unanswered_at)
        )
        shifted = PingSummary("10.0.0.1", NO_HOURS, None, ping_at, success_at, first_at)
        device = merge_answer(device, shifted, NOW + shift, LIMITS)
    device = merge_answer(device, reports(ping=ping, success=ping), NOW, LIMITS)
    for moment in (device.last_ping_at, device.last_success_at, device.down_since):
        assert moment is None or moment <= NOW + MINUTE
    if device.observed_status in (SyncStatus.OPERATIONAL, SyncStatus.DOWN):
        assert device.last_ping_at is not None
        assert NOW - device.last_ping_at <= LIMITS.stale_after


def test_pings_whose_time_or_outcome_is_not_known_are_stale_and_end_no_outage() -> None:
    unclear = PingSummary("10.0.0.1", NO_HOURS, None, ago(1), None, inconclusive=True)
    known = remembered(ping=20, success=601, down_since=600)
    device = merge_answer(known, unclear, NOW, LIMITS)
    assert device.observed_status is SyncStatus.STALE_DATA
    assert device.down_since == ago(600)
    assert merge_answer(NEW, unclear, NOW, LIMITS).down_since is None


# --- a vessel


def device(
    status: SyncStatus = SyncStatus.OPERATIONAL, uptime: float | None = 100.0, component: str | None = "Server"
) -> DeviceState:
    """One with `uptime` % of a day's pings answered, all of them recorded."""
    hours = NO_HOURS if uptime is None else PingHours(NOW, (1000,), (1000,), (round(10 * uptime),))
    return DeviceState("10.0.0.1", component, observed_status=status, observed_at=NOW, hours=hours)


UP, DOWN = SyncStatus.OPERATIONAL, SyncStatus.DOWN
STALE, NO_DATA, NO_HISTORY = SyncStatus.STALE_DATA, SyncStatus.NO_DATA, SyncStatus.NO_HISTORY


def judge(*devices: DeviceState, asked: bool = True, chain_failed: bool = False) -> VesselVerdict:
    return judge_vessel(devices, asked=asked, chain_failed=chain_failed, limits=LIMITS)


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        ((UP, UP), SyncStatus.OPERATIONAL),
        ((UP, DOWN), SyncStatus.OPERATIONAL),
        ((DOWN, DOWN), SyncStatus.OPERATIONAL),
        ((UP, STALE), SyncStatus.PARTIAL_SYNC),
        ((DOWN, NO_HISTORY), SyncStatus.PARTIAL_SYNC),
        ((NO_DATA, STALE, NO_HISTORY), SyncStatus.STALE_DATA),
        ((NO_HISTORY, NO_DATA), SyncStatus.NO_DATA),
        ((NO_HISTORY, NO_HISTORY), SyncStatus.NO_HISTORY),
        ((), SyncStatus.NO_HISTORY),
    ],
)
def test_a_vessel_is_as_current_as_its_devices(seen: tuple[SyncStatus, ...], status: SyncStatus) -> None:
    assert judge(*(device(one) for one in seen)).sync_status is status


def test_a_failed_chain_comes_before_everything_said_of_a_vessel() -> None:
    assert judge(device(), chain_failed=True).sync_status is SyncStatus.SYNC_FAILED
    assert judge(chain_failed=True).sync_status is SyncStatus.SYNC_FAILED


def test_a_vessel_that_was_never_asked_has_no_history() -> None:
    verdict = judge(device(NO_HISTORY, None), asked=False)
    assert (verdict.sync_status, verdict.status) == (SyncStatus.NO_HISTORY, ServiceStatus.UNKNOWN)


def test_addresses_that_the_fleet_file_does_not_name_never_count() -> None:
    named, stranger = device(), device(DOWN, 0.0, component=None)
    assert judge(named, stranger) == judge(named)
    assert judge(stranger).sync_status is SyncStatus.NO_HISTORY


@pytest.mark.parametrize(
    ("devices", "status"),
    [
        pytest.param([device(STALE), device(NO_DATA)], ServiceStatus.UNKNOWN, id="nothing is fresh"),
        pytest.param([], ServiceStatus.UNKNOWN, id="no configured device"),
        pytest.param([device(DOWN, 99.0), device(DOWN, 99.0)], ServiceStatus.OFFLINE, id="all are down"),
        pytest.param([device(DOWN, 99.0), device(STALE)], ServiceStatus.OFFLINE, id="half is fresh, and down"),
        pytest.param(
            [device(DOWN, 99.0), device(STALE), device(STALE)], ServiceStatus.OPERATIONAL, id="too few are fresh"
        ),
        pytest.param([device(DOWN, 99.0), device(UP, 99.0)], ServiceStatus.OPERATIONAL, id="one is still up"),
        pytest.param(
            [device(UP, 94.9), device(UP, 94.9, "Dashboard")], ServiceStatus.CRITICAL, id="two components miss the SLA"
        ),
        pytest.param(
            [device(UP, 94.9), device(UP, 100.0, "Dashboard")], ServiceStatus.DEGRADED, id="one component misses it"
        ),
        pytest.param(
            [device(UP, 95.0), device(UP, 95.0, "Dashboard")], ServiceStatus.OPERATIONAL, id="both just meet it"
        ),
        pytest.param([device(UP, 91.0), device(UP, 99.0)], ServiceStatus.OPERATIONAL, id="the mean meets it"),
        pytest.param([device(UP, 90.0), device(UP, 99.0)], ServiceStatus.DEGRADED, id="the mean misses it"),
    ],
)
def test_a_vessel_serves_as_well_as_its_fresh_devices_say(devices: list[DeviceState], status: ServiceStatus) -> None:
    assert judge(*devices).status is status


def test_a_vessel_without_word_is_unknown_however_badly_it_stood() -> None:
    assert judge(device(DOWN, 0.0), chain_failed=True).status is ServiceStatus.UNKNOWN


def test_a_vessel_that_is_offline_is_not_merely_critical() -> None:
    assert judge(device(DOWN, 0.0), device(DOWN, 0.0, "Dashboard")).status is ServiceStatus.OFFLINE


def test_what_is_unknown_counts_in_no_sla_figure() -> None:
    verdict = judge(device(UP, 100.0), device(STALE, 10.0), device(STALE, 10.0, "Dashboard"))
    assert [component.meets_sla for component in verdict.components] == [True, None]
    assert verdict.status is ServiceStatus.OPERATIONAL


def test_after_a_failed_chain_no_component_is_held_against_the_sla_and_no_device_is_up_or_down() -> None:
    verdict = judge(device(UP, 100.0), device(DOWN, 10.0, "Dashboard"), chain_failed=True)
    assert [component.meets_sla for component in verdict.components] == [None, None]
    assert (verdict.devices_up, verdict.devices_down, verdict.devices_total) == (0, 0, 2)


def test_figures_of_a_vessel_that_cannot_be_reached_stay() -> None:
    verdict = judge(device(UP, 98.0), chain_failed=True)
    assert (verdict.uptime_percent, verdict.worst_uptime_percent, verdict.coverage_percent) == (98.0, 98.0, 100.0)


def test_a_vessels_uptime_is_the_mean_of_its_components_not_of_its_devices() -> None:
    verdict = judge(device(UP, 100.0, "Access Point"), device(UP, 50.0, "Access Point"), device(UP, 95.0))
    assert [(one.component, one.uptime_percent) for one in verdict.components] == [
        ("Access Point", 75.0),
        ("Server", 95.0),
    ]
    assert (verdict.uptime_percent, verdict.worst_uptime_percent) == (85.0, 50.0)


def test_devices_without_pings_are_left_out_of_the_means() -> None:
    verdict = judge(device(UP, 90.0), device(NO_HISTORY, None), device(NO_HISTORY, None, "Dashboard"))
    assert [one.uptime_percent for one in verdict.components] == [90.0, None]
    assert verdict.uptime_percent == 90.0


def test_no_pings_at_all_means_no_uptime() -> None:
    verdict = judge(device(NO_HISTORY, None))
    assert (verdict.uptime_percent, verdict.worst_uptime_percent) == (None, None)


def test_devices_are_counted_as_up_down_and_silent() -> None:
    verdict = judge(device(UP), device(DOWN), device(STALE), device(NO_DATA))
    assert (verdict.devices_up, verdict.devices_down, verdict.devices_total) == (1, 1, 4)
    assert [one.devices_silent for one in verdict.components] == [2]
