"""A pool whose attempts take virtual time: hours of runs in seconds, by the engine that makes real ones."""

import heapq
import itertools
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from random import Random

from fleetdash.config.settings import VesselTarget
from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.in_process import InProcessTransport
from fleetdash.demo.ping_series import Segment
from fleetdash.demo.scenarios import Scenario
from fleetdash.demo.vessels import SimulatedVessel, minute_of
from fleetdash.demo.virtual_time import VirtualClock
from fleetdash.domain.pings import NO_HOURS, PingSummary, QueryContext, VesselAnswer, answered
from fleetdash.domain.status import Limits
from fleetdash.errors import VesselQueryError
from fleetdash.influx.client import InfluxClient
from fleetdash.monitoring.pool import QueryResult, QueryTask

_LEAST_STEP = 1e-6
"""Seconds: a wait shorter than a float can add must not stand still."""


class ReplayPool:
    """Answers are `glimpses`; failures are what the real client makes of them."""

    def __init__(
        self,
        vessels: Mapping[str, SimulatedVessel],
        clock: VirtualClock,
        limits: Limits,
        timeout_seconds: float,
        occasion: Scenario,
        stop: threading.Event,
    ) -> None:
        self._vessels = vessels
        self._clock = clock
        self._limits = limits
        self._timeout = timeout_seconds
        self._occasion = occasion
        self._stop = stop
        self._stop_at = clock.monotonic() + (occasion.cut_short_after or float("inf"))
        self._under_way: list[tuple[float, int, QueryResult]] = []
        self._ticket = itertools.count()

    def submit(self, task: QueryTask) -> None:
        started = task.started = self._clock.monotonic()
        vessel = self._vessels[task.target.vessel.id]
        now = self._clock.now()
        befallen = self._occasion.affects(vessel.profile.id, task.attempt_number)
        reaction = self._occasion.reaction if befallen else vessel.react(now)
        ended = started + self._seconds(reaction, vessel)
        answer, error = None, None
        if reaction is Reaction.ANSWER:
            answer = glimpse(vessel, now, self._limits)
        else:
            error = self._failure(reaction, vessel, task.target)
        result = QueryResult(task, answer, error, started, ended, self._clock.at(ended))
        heapq.heappush(self._under_way, (ended, next(self._ticket), result))

    def next_result(self, timeout: float) -> QueryResult | None:
        until = self._clock.monotonic() + max(timeout, _LEAST_STEP)
        if until >= self._stop_at:
            self._stop.set()
        if not self._under_way or self._under_way[0][0] > until:
            self._clock.advance_to(until)
            return None
        ended, _, result = heapq.heappop(self._under_way)
        self._clock.advance_to(ended)
        return result

    def in_flight(self) -> list[QueryTask]:
        return [result.task for _, _, result in self._under_way]

    def close(self) -> None:
        self._under_way.clear()

    def _seconds(self, reaction: Reaction, vessel: SimulatedVessel) -> float:
        """How long it takes until an attempt ends like this."""
        if reaction is Reaction.HANG:
            return self._timeout
        if reaction is Reaction.REFUSE:
            return 0.002
        chance = Random(f"{vessel.profile.id}/{self._clock.now()}")
        return max(0.02, vessel.profile.delay_seconds) * chance.uniform(1.0, 1.4)

    def _failure(self, reaction: Reaction, vessel: SimulatedVessel, asked: VesselTarget) -> VesselQueryError | None:
        try:
            client(vessel, reaction, self._clock).ask(asked, QueryContext())
        except VesselQueryError as error:
            return error
        raise AssertionError(f"{reaction} is no failure")


def client(vessel: SimulatedVessel, reaction: Reaction, clock: VirtualClock) -> InfluxClient:
    """fleetdash's own client, with nothing but the socket replaced."""
    return InfluxClient(InProcessTransport(vessel, reaction, clock), clock)


def glimpse(vessel: SimulatedVessel, now: datetime, limits: Limits) -> VesselAnswer:
    """As much of an answer as decides statuses: the newest pings, without figures."""
    end = minute_of(vessel.now(now)) + 1
    start = minute_of(vessel.now(now) - limits.lookback)
    pings = (
        PingSummary(address, NO_HOURS, None, _moment(vessel, newest), _moment(vessel, newest_answer))
        for address, track in vessel.tracks.items()
        for newest, newest_answer in (_newest(track.spells_back(start, end)),)
    )
    return VesselAnswer(observed_at=now, pings=tuple(pings))


def _newest(spells: Iterable[Segment]) -> tuple[int | None, int | None]:
    """The minutes of the newest ping and of the newest that was answered."""
    newest = None
    for spell in spells:
        newest = spell.end - 1 if newest is None else newest
        if answered(spell.reply.result_code, spell.reply.percent_packet_loss):
            return newest, spell.end - 1
    return newest, None


def _moment(vessel: SimulatedVessel, minute: int | None) -> datetime | None:
    """A minute of the vessel's clock as shore's time."""
    return None if minute is None else datetime.fromtimestamp(minute * 60, UTC) - vessel.profile.clock_ahead
