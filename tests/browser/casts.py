"""Small fleets with something to see in them."""

from datetime import timedelta

from fleetdash.demo.behaviour import STEADY, Behaviour, Reaction, always, flaky
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.replies import UNANSWERED
from fleetdash.demo.vessels import VesselProfile
from fleetdash.domain.fleet import Device

MARKUP = "<script>alert(1)</script>"
ODD_ADDRESS = '<b onclick="x">77</b>'


def _hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


def _vessel(
    id: str, *faults: FaultSpec, behaviour: Behaviour = STEADY, name: str = "", **more: object
) -> VesselProfile:
    return VesselProfile(id, name or id.title(), behaviour=behaviour, faults=faults, **more)  # type: ignore[arg-type]


WELL = _vessel("aurora")
SERVER_DOWN = _vessel("borealis", FaultSpec(UNANSWERED, since=_hours(3), component="Server"))
OFFLINE = _vessel("cygnus", FaultSpec(UNANSWERED, since=_hours(1)))
PARTLY_SILENT = _vessel("eridanus", FaultSpec(None, since=_hours(2), component="Access Point", device=0))
UNPLUGGED = _vessel("gemini", FaultSpec(UNANSWERED, since=_hours(3), component="Dashboard"))
"""To be unplugged after a first run, so that something is known of it."""
FLAKY = _vessel("hydra", behaviour=flaky(2, Reaction.UNAVAILABLE))
OWN_NETWORK = _vessel("lyra", devices=tuple(Device(f"10.7.0.{host}", "Server") for host in (10, 2, 1)))
CROWDED = _vessel(
    "taurus",
    FaultSpec(UNANSWERED, since=_hours(3), component="Server"),
    devices=tuple(Device(f"10.8.{host // 50}.{host % 50}", ("Server", "Camera")[host % 2]) for host in range(500)),
)
ODD = _vessel("odd", name=MARKUP, unlisted=(ODD_ADDRESS,))

FLEET = (
    WELL,
    SERVER_DOWN,
    OFFLINE,
    _vessel("draco", FaultSpec(None, since=_hours(2))),
    PARTLY_SILENT,
    _vessel("fornax", FaultSpec(None, since=_hours(75))),
    UNPLUGGED,
    FLAKY,
    _vessel("indus", FaultSpec(None)),
    _vessel("locked", behaviour=always(Reaction.DENY)),
    OWN_NETWORK,
    ODD,
)
"""A vessel in every state: operational, down, stale, silent, new, partly fresh, unreachable; and odd ones."""
