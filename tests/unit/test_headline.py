"""What is wrong with a vessel, in a sentence, and since when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fleetdash.domain.headline import Since, headline, since
from fleetdash.domain.read_models import LastError
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import ComponentFigures, SyncStatus
from fleetdash.domain.status_reason import SyncFacts, sync_reason
from tests.unit.test_views import NOON, VESSEL

EARLIER = NOON - timedelta(hours=5)


def below(component: str, uptime: float, level: float | None = 95.0) -> ComponentFigures:
    return ComponentFigures(component, uptime, False, 1, 0, 1, level)


def reason(sync_status: SyncStatus, *components: ComponentFigures, fresh: int = 6, down: int = 0) -> str:
    return sync_reason(SyncFacts(sync_status, None, NOON, NOON, 6, fresh, down, components=components))


def test_well_vessel_has_no_headline() -> None:
    assert headline(VESSEL) == ""
    assert since(VESSEL) is None
    assert reason(SyncStatus.OPERATIONAL) == "Every device has fresh data."


def test_unreached_vessel_is_headed_by_its_error() -> None:
    error = LastError(ErrorKind.CONNECTION, "the vessel refused the connection", NOON, 4)
    vessel = replace(VESSEL, sync_status=SyncStatus.SYNC_FAILED, last_error=error)
    assert headline(vessel) == "The vessel refused the connection."


@pytest.mark.parametrize(
    ("components", "sentence"),
    [
        ([below("Server", 86.1)], "Server answers 86.1 % of pings, below the 95 % service level."),
        ([below("Server", 94.97, 95.0)], "Server answers 94.9 % of pings, below the 95 % service level."),
        ([below("Server", 98.0, 99.5)], "Server answers 98.0 % of pings, below the 99.5 % service level."),
        ([below("Server", 80.0, None)], "Server answers 80.0 % of pings, below the service level."),
        (
            [below("Dashboard", 70.0), below("Server", 80.0)],
            "Dashboard answers 70.0 % and Server 80.0 % of pings, below the 95 % service level.",
        ),
    ],
)
def test_vessel_below_its_service_level_says_by_how_much(components: list[ComponentFigures], sentence: str) -> None:
    assert reason(SyncStatus.OPERATIONAL, *components) == sentence
    vessel = replace(VESSEL, components=tuple(components), sync_reason=sentence)
    assert headline(vessel) == sentence


def test_devices_down_explain_a_missed_service_level() -> None:
    assert reason(SyncStatus.OPERATIONAL, below("Server", 50.0), down=1) == "1 of 6 devices is down."
    partly = reason(SyncStatus.PARTIAL_SYNC, below("Server", 50.0), fresh=5)
    assert partly == ("1 of 6 devices has no fresh data. Server answers 50.0 % of pings, below the 95 % service level.")


def test_down_vessel_is_dated_by_the_device_that_went_down_first() -> None:
    one = replace(VESSEL, devices_down=1, down_since=EARLIER)
    assert since(one) == Since("since", EARLIER)
    assert since(replace(one, down_since_is_bound=True)) == Since("at least since", EARLIER, is_bound=True)
    assert since(replace(one, devices_down=2)) == Since("the first since", EARLIER)
    bounded = replace(one, devices_down=2, down_since_is_bound=True)
    assert since(bounded) == Since("the first at least since", EARLIER, is_bound=True)


def test_date_of_devices_that_are_down_is_not_that_of_silent_ones() -> None:
    partly = replace(VESSEL, sync_status=SyncStatus.PARTIAL_SYNC, sync_status_since=EARLIER)
    assert since(partly) == Since("since", EARLIER)
    assert since(replace(partly, devices_down=1, down_since=NOON)) == Since("down since", NOON)


@pytest.mark.parametrize("sync_status", [SyncStatus.STALE_DATA, SyncStatus.NO_DATA])
def test_silent_vessel_is_dated_by_its_last_ping(sync_status: SyncStatus) -> None:
    vessel = replace(VESSEL, sync_status=sync_status, sync_status_since=NOON, last_ping_at=EARLIER)
    assert since(vessel) == Since("last ping", EARLIER)
    assert since(replace(vessel, last_ping_at=NOON + timedelta(days=1))) is None


def test_unreached_vessel_is_dated_by_the_change_and_a_new_one_not_at_all() -> None:
    vessel = replace(VESSEL, sync_status=SyncStatus.SYNC_FAILED, sync_status_since=EARLIER)
    assert since(vessel) == Since("since", EARLIER)
    assert since(replace(vessel, sync_status=SyncStatus.NO_HISTORY)) is None
