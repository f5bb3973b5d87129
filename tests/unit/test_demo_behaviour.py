"""How simulated vessels take requests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fleetdash.demo.behaviour import STEADY, Behaviour, Reaction, flaky, hanging, unplugged
from fleetdash.demo.vessels import SimulatedVessel, VesselProfile

ANCHOR = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def reactions(behaviour: Behaviour, moments: Sequence[float]) -> list[Reaction]:
    """To requests so many seconds after the start."""
    vessel = SimulatedVessel(VesselProfile("aurora", behaviour=behaviour), 1, ANCHOR)
    return [vessel.react(ANCHOR + timedelta(seconds=seconds)) for seconds in moments]


def test_flaky_vessel_fails_the_first_requests_of_every_run() -> None:
    down, up = Reaction.UNAVAILABLE, Reaction.ANSWER
    assert reactions(flaky(2), [0, 1, 3, 900, 901, 903]) == [down, down, up, down, down, up]


def test_flaky_vessel_forgets_a_run_that_was_cut_short() -> None:
    down, up = Reaction.UNAVAILABLE, Reaction.ANSWER
    assert reactions(flaky(2), [0, 60, 61, 63]) == [down, down, down, up]


def test_a_link_that_is_up_stays_up() -> None:
    vessel = SimulatedVessel(VesselProfile("aurora", behaviour=flaky(1)), 1, ANCHOR)
    vessel.react(ANCHOR)
    assert vessel.react(ANCHOR) is Reaction.ANSWER
    assert vessel.react(ANCHOR, link_is_up=True) is Reaction.ANSWER
    assert vessel.requests == 3


def test_a_flaky_vessel_fails_in_the_given_ways_in_order() -> None:
    behaviour = flaky(3, Reaction.CLOSE, Reaction.HANG)
    assert reactions(behaviour, [0, 1, 2, 3]) == [Reaction.CLOSE, Reaction.HANG, Reaction.CLOSE, Reaction.ANSWER]


def test_a_behaviour_begins_before_the_start_and_lasts() -> None:
    hours = [-6 * 3600, -5 * 3600, 0, 86_400]
    gone = Reaction.HANG
    assert reactions(hanging(since=timedelta(hours=5)), hours) == [Reaction.ANSWER, gone, gone, gone]


def test_steady_and_unplugged_vessels_never_change() -> None:
    assert set(reactions(STEADY, [0, 1, 2, 3])) == {Reaction.ANSWER}
    assert set(reactions(unplugged(), [0, 1, 2, 3])) == {Reaction.CLOSE}


def test_a_vessel_that_is_flaky_by_chance_behaves_alike_in_the_same_quarter_of_an_hour() -> None:
    quarters = [900.0 * i for i in range(200)]
    found = reactions(flaky(1, chance=0.3), quarters)
    assert 30 < found.count(Reaction.UNAVAILABLE) < 90
    assert reactions(flaky(1, chance=0.3), quarters) == found
