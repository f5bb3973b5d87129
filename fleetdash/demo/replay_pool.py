"""A pool whose attempts take virtual time: hours of runs in seconds, by the engine that makes real ones."""

import heapq
import itertools
import threading
from collections.abc import Mapping
from random import Random

from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.in_process import InProcessTransport
from fleetdash.demo.scenarios import Scenario
from fleetdash.demo.vessels import SimulatedVessel
from fleetdash.demo.virtual_time import VirtualClock
from fleetdash.errors import VesselQueryError
from fleetdash.influx.client import InfluxClient
from fleetdash.monitoring.pool import QueryResult, QueryTask

_SHORTEST_STEP = 1e-6
"""Seconds: a wait too short to change a float must still move the clock."""


class ReplayPool:
    """Answers and errors are those of fleetdash's own client, asking simulated vessels in this process."""

    def __init__(
        self,
        vessels: Mapping[str, SimulatedVessel],
        clock: VirtualClock,
        timeout_seconds: float,
        scenario: Scenario,
        stop: threading.Event,
    ) -> None:
        self._vessels = vessels
        self._clock = clock
        self._timeout = timeout_seconds
        self._scenario = scenario
        self._stop = stop
        self._stop_at = clock.monotonic() + (scenario.stopped_after or float("inf"))
        self._in_flight: list[tuple[float, int, QueryResult]] = []
        self._ticket = itertools.count()

    def submit(self, task: QueryTask) -> None:
        started = task.started = self._clock.monotonic()
        vessel = self._vessels[task.target.vessel.id]
        affected = self._scenario.affects(vessel.profile.id, task.attempt_number)
        reaction = self._scenario.reaction if affected else vessel.react(self._clock.now())
        answer, error = None, None
        try:
            answer = client(vessel, reaction, self._clock).ask(task.target, task.context)
        except VesselQueryError as failure:
            error = failure
        ended = started + self._seconds(reaction, vessel)
        result = QueryResult(task, answer, error, started, ended, self._clock.at(ended))
        heapq.heappush(self._in_flight, (ended, next(self._ticket), result))

    def next_result(self, timeout: float) -> QueryResult | None:
        until = self._clock.monotonic() + max(timeout, _SHORTEST_STEP)
        if until >= self._stop_at:
            self._stop.set()
        if not self._in_flight or self._in_flight[0][0] > until:
            self._clock.advance_to(until)
            return None
        ended, _, result = heapq.heappop(self._in_flight)
        self._clock.advance_to(ended)
        return result

    def in_flight(self) -> list[QueryTask]:
        return [result.task for _, _, result in self._in_flight]

    def close(self) -> None:
        self._in_flight.clear()

    def _seconds(self, reaction: Reaction, vessel: SimulatedVessel) -> float:
        """How long an attempt with this reaction takes."""
        if reaction is Reaction.HANG:
            return self._timeout
        if reaction is Reaction.REFUSE:
            return 0.002
        chance = Random(f"{vessel.profile.id}/{self._clock.now()}")
        return max(0.02, vessel.profile.delay_seconds) * chance.uniform(1.0, 1.4)


def client(vessel: SimulatedVessel, reaction: Reaction, clock: VirtualClock) -> InfluxClient:
    """fleetdash's own client, with only the socket replaced."""
    return InfluxClient(InProcessTransport(vessel, reaction, clock), clock)
