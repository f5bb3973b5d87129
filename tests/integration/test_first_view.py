"""What the page brings along when it is opened."""

import peewee
import pytest
import requests

from fleetdash import composition
from fleetdash.queries import FleetReader
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.support.access import SchedulerStub
from tests.support.api import serving
from tests.support.clock import FakeClock
from tests.support.records import NOON, make_vessel


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("vessels", "brought"), [(300, 300), (301, 0)])
def test_cards_come_along_unless_they_would_hold_the_page_back(
    database: peewee.Database, clock: FakeClock, vessels: int, brought: int
) -> None:
    fleet = tuple(make_vessel(f"vessel{number}", "10.0.0.1") for number in range(vessels))
    Recorder(database, VesselStates(database)).fleet_changed(fleet, NOON)
    with serving(composition.create_app(FleetReader(database), SchedulerStub(), clock)) as url:
        assert requests.get(url, timeout=30).text.count("data-vessel-id") == brought
