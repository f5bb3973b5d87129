"""Which vessels need action, and who can act."""

from datetime import UTC, datetime, timedelta

import pytest

from fleetdash.domain.analytics.actions import (
    Actor,
    CurrentState,
    DownDevice,
    OwnRuns,
    actor_for,
    is_fleet_wide,
    least_percent,
)
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import SyncStatus

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
WELL = OwnRuns(100)
DOWN = (DownDevice("10.0.0.1", "Server", NOW - timedelta(hours=9), is_bound=False),)


def up(*, down: tuple[DownDevice, ...] = (), sync_status: SyncStatus = SyncStatus.OPERATIONAL) -> CurrentState:
    return CurrentState(sync_status, 6, down)


def failing(kind: ErrorKind, hours: float) -> CurrentState:
    return CurrentState(SyncStatus.SYNC_FAILED, 6, failing=kind, failing_since=NOW - timedelta(hours=hours))


def unreached(kind: ErrorKind, times: int = 30) -> OwnRuns:
    return OwnRuns(100, {kind: times})


SHORE = (
    ErrorKind.AUTHENTICATION,
    ErrorKind.CONFIGURATION,
    ErrorKind.TLS,
    ErrorKind.SERVER_ERROR,
    ErrorKind.RATE_LIMITED,
    ErrorKind.INVALID_DATA,
    ErrorKind.TOO_LARGE,
)


@pytest.mark.parametrize(
    ("state", "own", "actor"),
    [
        (up(), WELL, None),
        (up(down=DOWN), WELL, Actor.BOARD),
        (up(down=DOWN), unreached(ErrorKind.TIMEOUT), Actor.BOARD),
        *((failing(kind, 0.5), WELL, Actor.SHORE) for kind in SHORE),
        (up(sync_status=SyncStatus.STALE_DATA), WELL, Actor.SHORE),
        (up(sync_status=SyncStatus.NO_DATA), WELL, Actor.SHORE),
        (up(sync_status=SyncStatus.NO_HISTORY), WELL, None),
        (up(), unreached(ErrorKind.CONNECTION), Actor.LINK),
        (up(), unreached(ErrorKind.TIMEOUT, times=2), None),
        (up(), unreached(ErrorKind.SERVER_ERROR), Actor.SHORE),
        (up(), unreached(ErrorKind.AUTHENTICATION), None),  # it answers again: the password was put right
        (failing(ErrorKind.TIMEOUT, 0.5), unreached(ErrorKind.TIMEOUT, times=1), None),
        (failing(ErrorKind.TIMEOUT, 24), OwnRuns(), Actor.LINK),  # whatever the others do
    ],
)
def test_who_can_act(state: CurrentState, own: OwnRuns, actor: Actor | None) -> None:
    assert actor_for(state, own, least=2.0, now=NOW) is actor


def test_devices_that_are_down_count_by_their_hours() -> None:
    two = (*DOWN, DownDevice("10.0.0.2", "Dashboard", NOW - timedelta(hours=4), is_bound=True))
    assert up(down=two).down_seconds(NOW) == 13 * 3600


@pytest.mark.parametrize(
    ("failed", "total", "wide"), [(22, 66, False), (23, 66, True), (2, 3, False), (3, 3, True), (1, 1, False)]
)
def test_over_a_third_of_the_fleet_and_three_vessels_are_not_one_vessels_doing(
    failed: int, total: int, wide: bool
) -> None:
    assert is_fleet_wide(failed, total) is wide


def test_runs_in_which_much_of_the_fleet_failed_are_left_out() -> None:
    mine = OwnRuns(100, {ErrorKind.TIMEOUT: 30, ErrorKind.TLS: 1})
    left = mine.without(OwnRuns(28, {ErrorKind.TIMEOUT: 28}))
    assert (left.runs, left.failures, left.main_kind) == (
        72,
        {ErrorKind.TIMEOUT: 2, ErrorKind.TLS: 1},
        ErrorKind.TIMEOUT,
    )


@pytest.mark.parametrize(
    ("unreached_of_100", "least"), [((0, 0, 5), 2.0), ((1, 2, 3), 6.0), ((20, 20, 20), 25.0), ((), 2.0)]
)
def test_a_vessel_stands_out_against_the_median(unreached_of_100: tuple[int, ...], least: float) -> None:
    assert least_percent(unreached(ErrorKind.TIMEOUT, times) for times in unreached_of_100) == least
