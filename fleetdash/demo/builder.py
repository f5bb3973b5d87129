"""The vessels of the demo: one for every story, ordinary ones between them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from fleetdash.demo.behaviour import Reaction, flaky
from fleetdash.demo.names import name_of
from fleetdash.demo.stories import STORIES, Story
from fleetdash.demo.vessels import VesselProfile
from fleetdash.domain.fleet import Device

FLAKY_SHARE = 0.15
"""Of the ordinary vessels, those that sometimes need a retry."""


def build_fleet(vessels: int = 66, seed: int = 1) -> tuple[VesselProfile, ...]:
    """The fleet, with as many stories as there are vessels for, whatever the seed at the same numbers."""
    stories = _stories_by_number(vessels)
    return tuple(_vessel(number, stories.get(number), seed) for number in range(1, vessels + 1))


def _stories_by_number(vessels: int) -> dict[int, Story]:
    """Spread over the fleet; a small fleet has the first stories."""
    stories = STORIES[:vessels]
    return {1 + i * vessels // len(stories): story for i, story in enumerate(stories)}


def _vessel(number: int, story: Story | None, seed: int) -> VesselProfile:
    ordinary = _ordinary(number, seed)
    if story is None:
        return ordinary
    return replace(
        ordinary,
        story=story.name,
        behaviour=story.behaviour,
        faults=story.faults,
        unlisted=tuple(_network(number) + host for host in story.unlisted_hosts),
        outages_per_day=0 if story.calm else ordinary.outages_per_day,
        clock_ahead=story.clock_ahead,
    )


def _ordinary(number: int, seed: int) -> VesselProfile:
    chance = Random(f"{seed}/vessel {number}")
    is_flaky = chance.random() < FLAKY_SHARE
    return VesselProfile(
        id=f"vessel{number:03d}",
        name=name_of(number),
        devices=tuple(_devices(number, chance)),
        behaviour=flaky(1, chance.choice((Reaction.UNAVAILABLE, Reaction.CLOSE)), chance=0.3) if is_flaky else flaky(0),
        outages_per_day=chance.choice((0.5, 1, 1, 2, 2, 3, 5)),
        delay_seconds=round(chance.uniform(0.05, 0.4), 3),
    )


def _devices(number: int, chance: Random) -> Iterator[Device]:
    """6 to 20 of them; every third vessel has only what all vessels have."""
    net = _network(number)
    sizes = {"Access Point": 4, "Dashboard": 1, "Server": 1}
    if number % 3:
        sizes = {name: chance.randint(least, most) for name, (least, most) in _SIZES.items()}
    if number % 5 == 0:
        sizes |= {"Camera": chance.randint(1, 4), "Switch": chance.randint(1, 3)}
    for component, size in sizes.items():
        for i in range(size):
            yield Device(f"{net}{_FIRST_HOST[component] + i}", component)


_SIZES = {"Access Point": (4, 8), "Dashboard": (1, 3), "Server": (1, 2)}
_FIRST_HOST = {"Access Point": 1, "Dashboard": 43, "Server": 60, "Camera": 100, "Switch": 200}


def _network(number: int) -> str:
    """Most vessels use the same addresses; some have their own network."""
    return f"10.{number // 250}.{number % 250}." if number % 4 == 0 and number % 3 else "192.168.1."
