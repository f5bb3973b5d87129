"""A vessel of the demo: who it is, what ails it, and what its InfluxDB answers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock
from typing import Any

from fleetdash.demo import evaluator, influxql
from fleetdash.demo.behaviour import STEADY, Conduct, Reaction
from fleetdash.demo.evaluator import ExecutionError, Series
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.ping_series import EIGHTHS, PingSeries
from fleetdash.demo.tokens import ParseError
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
"""Failures further apart than this belong to two runs: longer than any time-out and wait of the demo's fleet file."""

_RESPONSE_MS = {"Server": 0.375, "Dashboard": 1.5, "Access Point": 2.75}


@dataclass(frozen=True, slots=True)
class VesselProfile:
    """A vessel as its story tells it. `unlisted`: addresses that it reports and the fleet file does not name.

    `delay_seconds`: what its link takes for an answer; `clock_ahead`: of its own clock, in whole minutes.
    """

    id: str
    name: str = ""
    devices: tuple[Device, ...] = DEVICES
    story: str = "ordinary"
    conduct: Conduct = STEADY
    afflictions: tuple[FaultSpec, ...] = ()
    unlisted: tuple[str, ...] = ()
    incidents_per_day: float = 0.0
    clock_ahead: timedelta = timedelta()
    delay_seconds: float = 0.0

    @property
    def vessel(self) -> Vessel:
        """The vessel as the fleet file names it."""
        return Vessel(self.id, self.name or self.id, self.devices)

    def tracks(self, seed: int, anchor: datetime) -> dict[str, PingSeries]:
        """What each device's pings are, by address, when the demo starts at `anchor`."""
        start = minute_of(anchor + self.clock_ahead)
        reported = (*self.devices, *(Device(address, UNASSIGNED) for address in self.unlisted))
        seen: Counter[str] = Counter()
        tracks = {}
        for device in reported:
            tracks[device.ip_address] = self._track(device, seen[device.component], seed, start)
            seen[device.component] += 1
        return tracks

    def _track(self, device: Device, index: int, seed: int, anchor: int) -> PingSeries:
        key = f"{seed}/{self.id}/{device.ip_address}"
        slower = Random(key).choice((1, 1.5, 2, 3))
        return PingSeries(
            seed=key,
            begins=anchor - HISTORY // timedelta(minutes=1),
            troubles=tuple(each.at(anchor) for each in self.afflictions if each.hits(device, index)),
            incidents_per_day=self.incidents_per_day,
            response_floor=round(_RESPONSE_MS.get(device.component, 1) * slower * EIGHTHS),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What InfluxDB says to one request, before it is written as JSON."""

    status: int
    body: dict[str, Any]


@dataclass(slots=True)
class SimulatedVessel:
    """A vessel at sea: its pings, how often it was asked, and how it failed in the run under way."""

    profile: VesselProfile
    seed: int
    anchor: datetime
    requests: int = 0
    _tracks: dict[str, PingSeries] = field(init=False, repr=False)
    _failures: int = 0
    _failed_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._tracks = self.profile.tracks(self.seed, self.anchor)

    @property
    def tracks(self) -> dict[str, PingSeries]:
        """The pings that it records, by address."""
        return self._tracks

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
            reaction = self.profile.conduct.reaction(self._seed, self._failures, now, self.anchor)
            self._failures = 0 if reaction is Reaction.ANSWER else self._failures + 1
            self._failed_at = now.timestamp()
            return reaction

    def query(self, text: str, now: datetime) -> Answer:
        """InfluxDB's answer, with times in nanoseconds."""
        vessel_time = self.now(now)
        if not text.strip():
            return Answer(400, {"error": 'missing required parameter "q"'})
        try:
            selects = influxql.parse(text, vessel_time)
        except ParseError as error:
            return Answer(400, {"error": f"error parsing query: {error}"})
        last = minute_of(vessel_time)
        return Answer(200, {"results": [self._result(i, select, last) for i, select in enumerate(selects)]})

    def _result(self, statement_id: int, select: influxql.Select, last_minute: int) -> dict[str, Any]:
        try:
            series: list[Series] = evaluator.evaluate(select, self._tracks, last_minute)
        except ExecutionError as error:
            return {"statement_id": statement_id, "error": str(error)}
        return {"statement_id": statement_id, "series": series} if series else {"statement_id": statement_id}

    @property
    def _seed(self) -> str:
        return f"{self.seed}/{self.profile.id}"


def minute_of(moment: datetime) -> int:
    """Minutes since 1970, rounded down."""
    return int(moment.astimezone(UTC).timestamp() // 60)
