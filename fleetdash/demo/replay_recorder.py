"""Records a replayed day: every run and attempt, but of the states only what lasts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import peewee

from fleetdash.demo.replay_logger import ReplayLogger
from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.runs import Attempt
from fleetdash.domain.status import Limits, observed_status
from fleetdash.storage.database import connected
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates

FullAnswer = Callable[[str, datetime], VesselAnswer]
"""A vessel's whole answer, as it would have been at that moment."""

Verdict = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """How a vessel's part in one run ended."""

    vessel: Vessel
    attempt: Attempt
    asked_at: datetime | None
    """`None` when it failed."""
    verdict: Verdict


@dataclass(slots=True)
class Stretch:
    """Runs in a row in which a vessel stood alike: the newest of them, and one that may begin another stretch."""

    newest: ChainEnd
    candidate: ChainEnd | None = None


class ReplayRecorder(Recorder):
    """A `Recorder` that writes a vessel's state when a change has lasted for two runs, and at the end.

    Writing states is what a run costs, and a later answer overwrites an earlier one with the same verdict; passing
    trouble of one run stays in the run log.
    """

    def __init__(
        self, database: peewee.Database, states: VesselStates, limits: Limits, full_answer: FullAnswer
    ) -> None:
        super().__init__(database, states)
        self.runs = ReplayLogger(database)
        self._replayed = database
        self._limits = limits
        self._full_answer = full_answer
        self._stretches: dict[str, Stretch] = {}

    def attempt_ended(self, run_id: str, vessel: Vessel, attempt: Attempt, answer: VesselAnswer | None) -> None:
        """Log an attempt; when it ends its chain, keep how the vessel stood."""
        with connected(self._replayed), self._replayed.atomic():
            self.runs.log_vessel_query_result(run_id, attempt)
            if answer is not None:
                self._chain_ended(ChainEnd(vessel, attempt, answer.observed_at, self._verdict(answer)))
            elif attempt.unreachable:
                self._chain_ended(ChainEnd(vessel, attempt, None, (attempt.error_kind,)))

    def finish(self) -> None:
        """Write how every vessel stands at the end."""
        with connected(self._replayed), self._replayed.atomic():
            for stretch in self._stretches.values():
                self._write(stretch.newest)
                if stretch.candidate is not None:
                    self._write(stretch.candidate)

    def _chain_ended(self, end: ChainEnd) -> None:
        stretch = self._stretches.get(end.vessel.id)
        if stretch is None:
            self._write(end)
            self._stretches[end.vessel.id] = Stretch(end)
        elif end.verdict == stretch.newest.verdict:
            stretch.newest, stretch.candidate = end, None
        elif stretch.candidate is None or stretch.candidate.verdict != end.verdict:
            stretch.candidate = end
        else:
            self._begin_another(stretch, stretch.candidate, end)

    def _begin_another(self, stretch: Stretch, first: ChainEnd, newest: ChainEnd) -> None:
        if first.asked_at is None:
            self._write(stretch.newest)  # the last that was known before it fell silent
        self._write(first)
        stretch.newest, stretch.candidate = newest, None

    def _write(self, end: ChainEnd) -> None:
        if end.asked_at is None:
            self.states.record_failure(end.vessel, end.attempt)
        else:
            self.states.record_answer(end.vessel, self._full_answer(end.vessel.id, end.asked_at), end.attempt)

    def _verdict(self, answer: VesselAnswer) -> Verdict:
        """The status of each device."""
        return tuple(
            observed_status(ping.last_ping_at, not ping.down, answer.observed_at, self._limits) for ping in answer.pings
        )
