"""The figures of a period, for the manager's page, its CSV files and the report, and what follows from them."""

from dataclasses import dataclass
from datetime import datetime

from fleetdash.domain.analytics.actions import Actor, CurrentState, OwnRuns, actor_for, least_percent
from fleetdash.domain.analytics.bad_times import BadTime, missed_runs
from fleetdash.domain.analytics.heat_map import HeatMap
from fleetdash.domain.analytics.outage import Outage
from fleetdash.domain.analytics.period import Period, Step
from fleetdash.domain.analytics.run_statistics import ComponentDay, LastFailure, RunStatistics, percent
from fleetdash.domain.analytics.time_buckets import HOUR, WIDTHS, TimeBucket
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.schedule import OVERDUE_AFTER
from fleetdash.domain.status import ServiceStatus


@dataclass(frozen=True, slots=True)
class VesselPerformance:
    """How one vessel did over the period.

    `checks`: runs after which its equipment was known; `compliant`: of these, all its components met the SLA.
    A run counts as trouble when the vessel was not reached in it, or its equipment missed the SLA after it.
    """

    vessel_id: str
    name: str
    runs: int
    successes: int
    retry_attempts: int
    failures: dict[ErrorKind, int]
    last_failure: LastFailure | None
    previous_rate_percent: float | None
    checks: int
    compliant: int
    average_uptime_percent: float | None
    average_coverage_percent: float | None
    own_runs: OwnRuns
    status: ServiceStatus | None
    """Current; `None` for a vessel that left the fleet file."""
    state: CurrentState | None
    """Current; `None` for a vessel that left the fleet file."""

    @property
    def success_rate_percent(self) -> float | None:
        return percent(self.successes, self.runs)

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.checks)

    @property
    def missed(self) -> int:
        return self.checks - self.compliant

    @property
    def unreached(self) -> int:
        return self.runs - self.successes

    @property
    def missed_percent(self) -> float | None:
        return percent(self.missed, self.checks)

    @property
    def unreached_percent(self) -> float | None:
        return percent(self.unreached, self.runs)

    @property
    def trouble_percent(self) -> float | None:
        """Of the runs or checks, whichever are more: a vessel that is never reached has no checks."""
        whole = max(self.runs, self.unreached + self.checks)
        return percent(self.unreached + self.missed, whole)


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a period; `due` and `slots_filled` count the slots of the schedule."""

    statistics: RunStatistics
    due: int | None
    checks: int
    compliant: int
    coverage_percent: float | None

    @property
    def slots_filled(self) -> int:
        return self.statistics.slots_filled

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.checks)

    @property
    def missed_runs(self) -> int:
        return missed_runs(self.due, self.slots_filled)

    @property
    def runs_made_percent(self) -> float | None:
        """At most 100: the schedule may have been another one."""
        return None if not self.due else min(100.0, 100 * self.slots_filled / self.due)

    def was_watched(self, due: int | None) -> bool:
        """Whether so many of its `due` runs were made that it can be compared; its runs, where that is unknown."""
        if due is None:
            return self.statistics.total_runs > 0
        return self.slots_filled > 0 and self.slots_filled >= WATCHED_SHARE * due


WATCHED_SHARE = 0.8
"""Of the runs that were due: with fewer, a period is compared with no other."""


@dataclass(frozen=True, slots=True)
class Analytics:
    """A period. `vessels`: most trouble first; `outages`: longest first."""

    period: Period
    now: datetime
    known_since: datetime | None
    """There is no data from before; `None` before the first run ended."""
    totals: Totals
    before: Totals | None
    """The period before it; `None` where too few runs were made in it, or in this one, to compare them."""
    step: Step
    time_buckets: tuple[TimeBucket, ...]
    components: tuple[ComponentDay, ...]
    vessels: tuple[VesselPerformance, ...]
    heat_map: HeatMap
    bad_times: tuple[BadTime, ...]
    """Hours of a short period, in order; else days, worst first."""
    outages: tuple[Outage, ...]

    def could_have_runs(self, since: datetime, until: datetime) -> bool:
        """Not before the first run, nor what is still to come, nor an hour that began before the period."""
        begun = self.known_since is not None and until > self.known_since
        whole = since >= self.period.since or until - since > HOUR
        return begun and whole and since < self.now - OVERDUE_AFTER

    @property
    def heat_gaps(self) -> tuple[datetime, ...]:
        """The columns of the heat map without a run, where there could have been one."""
        width = WIDTHS[self.heat_map.step]
        return tuple(start for start in self.heat_map.without_runs if self.could_have_runs(start, start + width))

    @property
    def empty(self) -> bool:
        return self.totals.statistics.total_runs == 0

    @property
    def actions(self) -> dict[Actor, tuple[VesselPerformance, ...]]:
        """Vessels that need action by who can act; of each, the one with the most to do first."""
        listed: dict[Actor, list[VesselPerformance]] = {actor: [] for actor in Actor}
        least = least_percent(each.own_runs for each in self.vessels)
        for each in self.vessels:
            if each.state and (actor := actor_for(each.state, each.own_runs, least, self.now)):
                listed[actor].append(each)
        return {actor: tuple(sorted(vessels, key=self._urgency)) for actor, vessels in listed.items()}

    def _urgency(self, vessel: VesselPerformance) -> tuple[float, float, str]:
        """The most hours of devices down first, then the most runs that did not reach it."""
        down = vessel.state.down_seconds(self.now) if vessel.state else 0.0
        return (-down, -(vessel.own_runs.unreached_percent or 0), vessel.name.casefold())

    @property
    def missed_sla(self) -> tuple[VesselPerformance, ...]:
        """Vessels whose equipment missed the SLA at any time, most often first."""
        missed = [each for each in self.vessels if each.missed]
        return tuple(sorted(missed, key=lambda each: (each.sla_percent or 0, each.name.casefold(), each.vessel_id)))


def by_trouble(vessel: VesselPerformance) -> tuple[float, float, str, str]:
    """The most trouble first, then the lowest rate; an unknown vessel comes last."""
    trouble, rate = vessel.trouble_percent, vessel.success_rate_percent
    return (
        1.0 if trouble is None else -trouble,
        101.0 if rate is None else rate,
        vessel.name.casefold(),
        vessel.vessel_id,
    )
