"""What the demo tells: a table of vessels with something to see, the most telling first.

Troubles begin before the demo's start and last; those that would turn into something else by lasting come back:
a device that is silent for 7:50 of every 8 hours is `stale_data` for most of any day.
"""

from dataclasses import dataclass
from datetime import timedelta

from fleetdash.demo.behaviour import STEADY, Conduct, Reaction, always, flaky, hanging, unplugged
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.replies import LOSS_MISSING, NATIVE_DEAD, ODDITIES, UNANSWERED, Reply


@dataclass(frozen=True, slots=True)
class Story:
    """One vessel's trouble. `unlisted_hosts`: last parts of addresses that only the vessel knows."""

    name: str
    conduct: Conduct = STEADY
    afflictions: tuple[FaultSpec, ...] = ()
    unlisted_hosts: tuple[str, ...] = ()
    clock_ahead: timedelta = timedelta()
    calm: bool = False
    """Nothing else happens to its devices."""


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


def _down(
    since: float, component: str | None = None, device: int | None = None, reply: Reply = UNANSWERED
) -> FaultSpec:
    """Confirmed downtime since so many hours."""
    return FaultSpec(reply, since=_hours(since), component=component, device=device)


def _silent(since: float, component: str | None = None, device: int | None = None) -> FaultSpec:
    """Nothing is recorded since so many hours."""
    return FaultSpec(None, since=_hours(since), component=component, device=device)


def _stale(since: float, component: str | None = None, device: int | None = None) -> FaultSpec:
    """Silent since so many hours, with ten minutes of word every eight hours."""
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
    Story("server down", afflictions=(_down(3, "Server", 0), _down(3, "Server", 1))),
    Story("never answers", hanging(since=_hours(5))),
    Story("needs one retry", flaky(1, Reaction.UNAVAILABLE)),
    Story("some devices silent", afflictions=(_stale(5, "Access Point", 0), _stale(2, "Access Point", 1))),
    Story("everything down", afflictions=(_down(2 / 3),)),
    Story("wrong credentials", always(Reaction.DENY, since=_hours(20))),
    Story("two components below the SLA", afflictions=(_down(9, "Server", 0, NATIVE_DEAD), _down(4, "Dashboard"))),
    Story("needs two retries", flaky(2, Reaction.CLOSE, Reaction.UNAVAILABLE)),
    Story("recorder stopped", afflictions=(_stale(2),)),
    Story("silent for days", afflictions=(_silent(75),)),
    Story("newly fitted", afflictions=(_never(),)),
    Story("captive portal", always(Reaction.PORTAL, since=_hours(11))),
    Story("needs three retries", flaky(3, Reaction.HANG, Reaction.UNAVAILABLE, Reaction.HANG)),
    Story("clock two hours ahead", clock_ahead=_hours(2)),
    Story("one device new, one unassigned", afflictions=(_never("Dashboard", 0),), unlisted_hosts=("77", "78")),
    Story("refused", always(Reaction.REFUSE, since=_hours(1.5))),
    Story("telegraf's oddities", afflictions=_EVERY_ODDITY, calm=True),
    Story("access points flapping", afflictions=(_FLAPPING,), calm=True),
    Story("recorder stopped earlier", afflictions=(_stale(6),)),
    Story("unplugged", unplugged(since=_hours(8))),
    Story("clock two hours behind", clock_ahead=_hours(-2), afflictions=(_down(1, "Access Point", 0, LOSS_MISSING),)),
    Story("switched off in port", afflictions=(_SWITCHED_OFF_IN_PORT,)),
    Story("no such database", always(Reaction.NO_DATABASE, since=_hours(14))),
    Story("told to come back later", flaky(1, Reaction.RATE_LIMIT)),
    Story("down for longer than a month", afflictions=(FaultSpec(UNANSWERED, component="Access Point", device=2),)),
    Story("recovered an hour ago",
          afflictions=(FaultSpec(UNANSWERED, since=_hours(4), until=_hours(1), component="Server"),)),
)  # fmt: skip
