"""A period with something in every part of it, for views, figures and the report."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fleetdash.domain.analytics.actions import CurrentState, DownDevice, OwnRuns
from fleetdash.domain.analytics.bad_times import BadHours, BadTime, FailureCount
from fleetdash.domain.analytics.heat_map import HeatMap, HeatRow
from fleetdash.domain.analytics.outage import Outage
from fleetdash.domain.analytics.period import Period, Step, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay, LastFailure, RunStatistics, RunSums
from fleetdash.domain.analytics.summary import Analytics, Totals, VesselPerformance
from fleetdash.domain.analytics.time_buckets import time_buckets
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import ServiceStatus, SyncStatus

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
FIRST = date(2026, 11, 14)
GAP = 3
"""The day, counted from the first, on which no run was made."""
MARKUP = "<b onclick='x'>Evil & Co</b>"


def statistics(asked: int = 1000, reached: int = 980, **more: Any) -> RunStatistics:
    figures: dict[str, Any] = {
        "completed_runs": 40, "partial_runs": 9, "failed_runs": 0, "interrupted_runs": 1, "slow_runs": 2,
        "slots_filled": 50, "retry_attempts": 70, "retry_seconds": 4000.0,
        "retry_wait_seconds": 300.0, "retry_query_seconds": 500.0,
        "average_duration_seconds": 21.0, "median_duration_seconds": 20.0, "p95_duration_seconds": 40.0,
    }  # fmt: skip
    return RunStatistics(
        first_day=FIRST, last_day=NOW.date(), vessels_asked=asked, vessels_reached=reached, vessels=(), **figures | more
    )


def totals(asked: int = 1000, reached: int = 980, compliant: int = 950, **more: Any) -> Totals:
    return Totals(statistics(asked, reached, **more), 55, 1000, compliant, 99.0)


def performance(
    vessel_id: str,
    name: str = "",
    *,
    unreached: int = 0,
    missed: int = 0,
    runs: int = 50,
    kind: ErrorKind = ErrorKind.AUTHENTICATION,
    state: CurrentState | None = None,
) -> VesselPerformance:
    at = NOW - timedelta(days=1)
    failures = {kind: unreached} if unreached else {}
    return VesselPerformance(
        vessel_id=vessel_id,
        name=name or vessel_id.title(),
        runs=runs,
        successes=runs - unreached,
        retry_attempts=unreached,
        failures=failures,
        last_failure=LastFailure(kind, MARKUP, at) if unreached else None,
        previous_rate_percent=99.0,
        checks=runs - unreached,
        compliant=runs - unreached - missed,
        average_uptime_percent=97.0,
        average_coverage_percent=88.0,
        own_runs=OwnRuns(runs, failures),
        status=ServiceStatus.OPERATIONAL,
        state=state or CurrentState(SyncStatus.OPERATIONAL, 6),
    )


LOCKED_OUT = CurrentState(
    SyncStatus.SYNC_FAILED, 6, failing=ErrorKind.AUTHENTICATION, failing_since=NOW - timedelta(days=6)
)
SERVER_DOWN = CurrentState(
    SyncStatus.OPERATIONAL, 6, (DownDevice("10.0.0.1", "Server", NOW - timedelta(days=31), is_bound=True),)
)


def day_of_runs(place: int) -> tuple[datetime, RunSums]:
    bad = place == 5
    sums = RunSums(
        completed_runs=0 if bad else 5,
        partial_runs=5 if bad else 0,
        slow_runs=int(bad),
        slots_filled=5,
        vessels_asked=100,
        vessels_reached=60 if bad else 99,
        retry_attempts=40 if bad else 3,
        retry_seconds=900.0 if bad else 30.0,
        durations=[18.0, 19.0, 20.0, 21.0, 90.0 if bad else 22.0],
    )
    return datetime.combine(FIRST + timedelta(days=place), datetime.min.time(), UTC), sums


def period_of_ten_days(
    *, before: Totals | None = None, vessels: tuple[VesselPerformance, ...] | None = None
) -> Analytics:
    """Ten days: a gap, a bad day, two troubled vessels, one of them with a hostile name."""
    period = Period.days(FIRST, NOW.date())
    performances = vessels or (
        performance("evil", MARKUP, unreached=30, state=LOCKED_OUT),
        performance("broken", missed=20, state=SERVER_DOWN),
        *(performance(name, unreached=1) for name in ("aurora", "borealis", "calypso")),
    )
    pieces = [day_of_runs(place) for place in range(10) if place != GAP]
    bad = FIRST + timedelta(days=5)
    return Analytics(
        period=period,
        now=NOW,
        known_since=period.since,
        totals=totals(),
        before=before,
        step=Step.DAY,
        time_buckets=time_buckets(period, pieces, Step.DAY),
        components=tuple(
            ComponentDay(name, FIRST + timedelta(days=place), 50, 45 if name == "Server" else 50, 97.0)
            for name in ("Access Point", "Server")
            for place in range(10)
            if place != GAP
        ),
        vessels=performances,
        heat_map=HeatMap(
            Step.DAY,
            tuple(midnight(FIRST + timedelta(days=place)) for place in range(10)),
            tuple(
                HeatRow(vessel.vessel_id, vessel.name, tuple((0, 0) if place == GAP else (5, 4) for place in range(10)))
                for vessel in performances
            ),
        ),
        bad_times=(
            BadTime(
                midnight(bad), midnight(bad + timedelta(days=1)), 100, 60, 5, 7, 1,
                (FailureCount(ErrorKind.TIMEOUT, 38, 5), FailureCount(ErrorKind.TLS, 2, 1)), 5, 5,
                BadHours(NOW - timedelta(days=4, hours=5), NOW - timedelta(days=4), 20.0),
            ),
        ),
        outages=(
            Outage(
                "broken", "Broken", "10.0.0.1", "Server", NOW - timedelta(days=31), None,
                9.5 * 86400, 31 * 86400, began_is_bound=True,
            ),
            Outage("evil", MARKUP, None, None, NOW - timedelta(days=2), NOW - timedelta(days=1), 86400, 86400),
        ),
    )  # fmt: skip


def empty_period(known_since: datetime | None = None) -> Analytics:
    """Nothing happened in it."""
    period: Period = Period.days(FIRST, NOW.date())
    none = statistics(0, 0, completed_runs=0, partial_runs=0, interrupted_runs=0, slow_runs=0, slots_filled=0,
                      retry_attempts=0, retry_seconds=0.0)  # fmt: skip
    return Analytics(
        period, NOW, known_since, Totals(none, None, 0, 0, None), None, Step.DAY,
        time_buckets(period, [], Step.DAY), (), (), HeatMap(Step.DAY, (period.since,)), (), (),
    )  # fmt: skip
