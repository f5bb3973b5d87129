"""The vessels of the demo that have something to show, the most instructive first.

Faults begin before the demo's start and last; those whose status would change with time recur instead: a device that
is silent for 7:50 of every 8 hours is `stale_data` for most of any day.
"""

from dataclasses import dataclass
from datetime import timedelta

from fleetdash.demo.behaviour import STEADY, Behaviour, Reaction, always, flaky, hanging, unplugged
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.replies import LOSS_MISSING, NATIVE_DEAD, ODDITIES, UNANSWERED, Reply


@dataclass(frozen=True, slots=True)
class Story:
    """What is wrong with one vessel. `unlisted_hosts`: last parts of addresses that only the vessel knows."""

    name: str
    behaviour: Behaviour = STEADY
    faults: tuple[FaultSpec, ...] = ()
    unlisted_hosts: tuple[str, ...] = ()
    clock_ahead: timedelta = timedelta()
    calm: bool = False
    """Its devices have no short outages besides."""


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


def _down(
    since: float, component: str | None = None, device: int | None = None, reply: Reply = UNANSWERED
) -> FaultSpec:
    """Not answering, for so many hours."""
    return FaultSpec(reply, since=_hours(since), component=component, device=device)


def _silent(since: float, component: str | None = None, device: int | None = None) -> FaultSpec:
    """Nothing recorded, for so many hours."""
    return FaultSpec(None, since=_hours(since), component=component, device=device)


def _stale(since: float, component: str | None = None, device: int | None = None) -> FaultSpec:
    """Nothing recorded, for so many hours, but for ten minutes in every eight hours."""
    return FaultSpec(
        None, since=_hours(since), every=_hours(8), lasts=_hours(8) - timedelta(minutes=10),
        component=component, device=device,
    )  # fmt: skip


def _never(component: str | None = None, device: int | None = None) -> FaultSpec:
    """No ping was ever recorded."""
    return FaultSpec(None, component=component, device=device)


_EVERY_ODDITY = tuple(
    FaultSpec(reply, since=timedelta(minutes=37 * (i + 1)), every=_hours(7), lasts=timedelta(minutes=2 + i))
    for i, reply in enumerate(ODDITIES)
)
_FLAPPING = FaultSpec(
    UNANSWERED, since=_hours(2), every=_hours(3), lasts=timedelta(minutes=25), component="Access Point"
)
_SWITCHED_OFF_IN_PORT = FaultSpec(None, since=_hours(17), until=_hours(7))

STORIES = (
    Story("all well", calm=True),
    Story("server down", faults=(_down(3, "Server", 0), _down(3, "Server", 1))),
    Story("never answers", hanging(since=_hours(5))),
    Story("needs one retry", flaky(1, Reaction.UNAVAILABLE)),
    Story("some devices silent", faults=(_stale(5, "Access Point", 0), _stale(2, "Access Point", 1))),
    Story("everything down", faults=(_down(2 / 3),)),
    Story("wrong credentials", always(Reaction.DENY, since=_hours(20))),
    Story("two components below the SLA", faults=(_down(9, "Server", 0, NATIVE_DEAD), _down(4, "Dashboard"))),
    Story("needs two retries", flaky(2, Reaction.CLOSE, Reaction.UNAVAILABLE)),
    Story("recorder stopped", faults=(_stale(2),)),
    Story("silent for days", faults=(_silent(75),)),
    Story("newly fitted", faults=(_never(),)),
    Story("captive portal", always(Reaction.PORTAL, since=_hours(11))),
    Story("needs three retries", flaky(3, Reaction.HANG, Reaction.UNAVAILABLE, Reaction.HANG)),
    Story("clock two hours ahead", clock_ahead=_hours(2)),
    Story("one device new, one unassigned", faults=(_never("Dashboard", 0),), unlisted_hosts=("77", "78")),
    Story("refused", always(Reaction.REFUSE, since=_hours(1.5))),
    Story("telegraf's oddities", faults=_EVERY_ODDITY, calm=True),
    Story("access points flapping", faults=(_FLAPPING,), calm=True),
    Story("recorder stopped earlier", faults=(_stale(6),)),
    Story("unplugged", unplugged(since=_hours(8))),
    Story("clock two hours behind", clock_ahead=_hours(-2), faults=(_down(1, "Access Point", 0, LOSS_MISSING),)),
    Story("switched off in port", faults=(_SWITCHED_OFF_IN_PORT,)),
    Story("no such database", always(Reaction.NO_DATABASE, since=_hours(14))),
    Story("rate limited", flaky(1, Reaction.RATE_LIMIT)),
    Story("down for longer than a month", faults=(FaultSpec(UNANSWERED, component="Access Point", device=2),)),
    Story("recovered an hour ago",
          faults=(FaultSpec(UNANSWERED, since=_hours(4), until=_hours(1), component="Server"),)),
)  # fmt: skip
