"""A simulated vessel: its devices and faults, how it behaves, and what its InfluxDB answers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock
from typing import Any

from fleetdash.demo.behaviour import STEADY, Behaviour, Reaction
from fleetdash.demo.catalogue import describe
from fleetdash.demo.evaluator import evaluate
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.influxql import ParseError, Select, Show, parse
from fleetdash.demo.ping_series import EIGHTHS, PingSeries
from fleetdash.domain.fleet import UNASSIGNED, Device, Vessel

DEVICES = (
    Device("192.168.1.1", "Access Point"),
    Device("192.168.1.2", "Access Point"),
    Device("192.168.1.3", "Access Point"),
    Device("192.168.1.4", "Access Point"),
    Device("192.168.1.43", "Dashboard"),
    Device("192.168.1.60", "Server"),
)
HISTORY = timedelta(days=40)
RUN_GAP_SECONDS = 12.0
"""Failures further apart than this belong to two runs: longer than any timeout and wait of the demo's fleet file."""

_RESPONSE_MS = {"Server": 0.375, "Dashboard": 1.5, "Access Point": 2.75}


@dataclass(frozen=True, slots=True)
class VesselProfile:
    """All that is fixed of a vessel. `unlisted`: addresses that it reports and the fleet file does not name.

    `outages_per_day`: short ones, of each device, apart from `faults`. `delay_seconds`: what its link takes for an
    answer. `clock_ahead`: of its own clock, in whole minutes.
    """

    id: str
    name: str = ""
    devices: tuple[Device, ...] = DEVICES
    story: str = "ordinary"
    behaviour: Behaviour = STEADY
    faults: tuple[FaultSpec, ...] = ()
    unlisted: tuple[str, ...] = ()
    outages_per_day: float = 0.0
    clock_ahead: timedelta = timedelta()
    delay_seconds: float = 0.0

    @property
    def vessel(self) -> Vessel:
        """The vessel as the fleet file names it."""
        return Vessel(self.id, self.name or self.id, self.devices)

    def pings(self, seed: int, anchor: datetime) -> dict[str, PingSeries]:
        """Each device's pings, by address, when the demo starts at `anchor`."""
        start = minute_of(anchor + self.clock_ahead)
        reported = (*self.devices, *(Device(address, UNASSIGNED) for address in self.unlisted))
        index: Counter[str] = Counter()
        pings = {}
        for device in reported:
            pings[device.ip_address] = self._ping_series(device, index[device.component], seed, start)
            index[device.component] += 1
        return pings

    def _ping_series(self, device: Device, index: int, seed: int, anchor: int) -> PingSeries:
        key = f"{seed}/{self.id}/{device.ip_address}"
        slower = Random(key).choice((1, 1.5, 2, 3))
        return PingSeries(
            seed=key,
            begins=anchor - HISTORY // timedelta(minutes=1),
            faults=tuple(fault.at(anchor) for fault in self.faults if fault.applies_to(device, index)),
            outages_per_day=self.outages_per_day,
            response_floor=round(_RESPONSE_MS.get(device.component, 1) * slower * EIGHTHS),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """InfluxDB's answer to one request, before it is written as JSON."""

    status: int
    body: dict[str, Any]


@dataclass(slots=True)
class SimulatedVessel:
    """A vessel at sea: its pings, how often it was asked, and how often it failed in the run under way."""

    profile: VesselProfile
    seed: int
    anchor: datetime
    requests: int = 0
    pings: dict[str, PingSeries] = field(init=False, repr=False)
    """What it records, by address."""
    _failures: int = 0
    _failed_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.pings = self.profile.pings(self.seed, self.anchor)

    def now(self, now: datetime) -> datetime:
        """What the vessel's own clock shows."""
        return now + self.profile.clock_ahead

    def react(self, now: datetime, *, link_is_up: bool = False) -> Reaction:
        """Take a request, and decide what happens to it; `link_is_up`: the run has got an answer already."""
        with self._lock:
            self.requests += 1
            if link_is_up:
                return Reaction.ANSWER
            if now.timestamp() - self._failed_at > RUN_GAP_SECONDS:
                self._failures = 0
            seed = f"{self.seed}/{self.profile.id}"
            reaction = self.profile.behaviour.reaction(seed, self._failures, now, self.anchor)
            self._failures = 0 if reaction is Reaction.ANSWER else self._failures + 1
            self._failed_at = now.timestamp()
            return reaction

    def query(self, text: str, now: datetime) -> Answer:
        """InfluxDB's answer, times in seconds."""
        if not text.strip():
            return Answer(400, {"error": 'missing required parameter "q"'})
        try:
            selects = parse(text)
        except ParseError as error:
            return Answer(400, {"error": f"error parsing query: {error}"})
        last_minute = minute_of(self.now(now))
        return Answer(200, {"results": [self._result(i, select, last_minute) for i, select in enumerate(selects)]})

    def _result(self, statement_id: int, statement: Select | Show, last_minute: int) -> dict[str, Any]:
        if isinstance(statement, Select):
            series = evaluate(statement, self.pings, last_minute)
        else:
            series = describe(statement, self.profile.id, self.pings, last_minute)
        return {"statement_id": statement_id, "series": series} if series else {"statement_id": statement_id}


def minute_of(moment: datetime) -> int:
    """Minutes since 1970, rounded down."""
    return int(moment.astimezone(UTC).timestamp() // 60)
