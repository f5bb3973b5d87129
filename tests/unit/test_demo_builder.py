"""The demo's vessels, and the fleet file that asks them."""

import pytest

from fleetdash.config import settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.builder import build_fleet
from fleetdash.demo.fleet_file import demo_fleet_file
from fleetdash.demo.stories import STORIES
from fleetdash.errors import ConfigurationError

URL, NOWHERE = "http://127.0.0.1:8086", "http://127.0.0.1:1"


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_every_story_is_there_once_whatever_the_seed(seed: int) -> None:
    stories = [vessel.story for vessel in build_fleet(66, seed) if vessel.story != "ordinary"]
    assert sorted(stories) == sorted(story.name for story in STORIES)


def test_the_stories_have_the_same_vessels_whatever_the_seed() -> None:
    assert [vessel.story for vessel in build_fleet(66, 1)] == [vessel.story for vessel in build_fleet(66, 2)]


@pytest.mark.parametrize("size", [1, 2, 26, 27, 28, 66, 250, 2000])
def test_a_fleet_of_any_size(size: int) -> None:
    vessels = build_fleet(size)
    stories = [vessel.story for vessel in vessels if vessel.story != "ordinary"]
    assert len({vessel.id for vessel in vessels}) == len({vessel.name for vessel in vessels}) == size
    assert stories == [story.name for story in STORIES[:size]]
    assert all(6 <= len(vessel.devices) <= 20 for vessel in vessels)


def test_the_same_seed_is_the_same_fleet() -> None:
    fleets = [build_fleet(66, seed) for seed in (7, 7, 8)]
    assert fleets[0] == fleets[1]
    assert fleets[1] != fleets[2]


def test_the_fleet_file_is_accepted_and_names_every_vessel_and_device() -> None:
    vessels = build_fleet(66)
    config = settings.parse(demo_fleet_file(vessels, URL, NOWHERE), {})
    assert config.vessels == tuple(vessel.vessel for vessel in vessels)
    assert {vessel.address.database for vessel in config.targets} == {vessel.id for vessel in vessels}
    assert config.query.timeout_seconds == 3
    assert list(config.retry.backoff_seconds) == [1, 2, 4]
    assert config.database.url == "sqlite:///fleetdash-demo.db"


def test_vessels_that_refuse_are_asked_at_an_address_that_refuses() -> None:
    vessels = build_fleet(66)
    config = settings.parse(demo_fleet_file(vessels, URL, NOWHERE), {})
    refusing = {vessel.id for vessel in vessels if vessel.behaviour.then is Reaction.REFUSE}
    assert {vessel.vessel.id for vessel in config.targets if vessel.address.url == NOWHERE} == refusing != set()


def test_names_are_of_all_the_world() -> None:
    names = [vessel.name for vessel in build_fleet(66)]
    assert sum(not name.isascii() for name in names) > 15
    assert max(map(len, names)) > 50


def test_a_fleet_without_vessels_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least one vessel"):
        DemoFleet(vessels=0)
