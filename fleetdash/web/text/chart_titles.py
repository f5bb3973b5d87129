"""The titles of the charts: each states what is to be seen."""

from collections.abc import Callable
from datetime import date

from fleetdash.domain.analytics.period import Step
from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.domain.wording import count, joined
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

NEAR_ALL = 99.95


def success_rate(a: Analytics) -> str:
    rate = a.totals.statistics.vessel_success_rate_percent
    start = f"{formats.percent(rate)} % of the vessel queries were answered"
    worst = _extreme(a, lambda each: each.vessel_success_rate_percent, lowest=True)
    if worst is None or rate is None:
        return start
    low = worst.vessel_success_rate_percent or 0.0
    if low >= rate - 1:
        return f"{start}, evenly over the period"
    return f"{start}; worst was {times.when(worst, a.step)}, with {formats.percent(low)} %"


def duration(a: Analytics) -> str:
    s = a.totals.statistics
    if s.median_duration_seconds is None:
        return "No run came to its end"
    slow = "none was" if not s.slow_runs else count(s.slow_runs, "run was", "runs were")
    return f"A run usually takes {formats.duration(s.median_duration_seconds)}; {slow} clearly slower than usual"


def retries(a: Analytics) -> str:
    s = a.totals.statistics
    if not s.retry_attempts:
        return "No vessel had to be asked twice"
    start = f"{count(s.retry_attempts, 'retry', 'retries')} took {formats.duration(s.retry_seconds)}"
    days: dict[date, float] = {}
    for each in a.time_buckets:
        days[each.since.date()] = days.get(each.since.date(), 0.0) + each.retry_seconds
    worst = max(days, key=lambda day: days[day])
    share = 100 * days[worst] / s.retry_seconds if s.retry_seconds else 0.0
    if a.step is Step.WEEK or len(days) < 3 or share < max(3.0, 200 / len(days)):
        return start
    return f"{start}; {formats.percent(share)} % of it on {times.day(worst)}"


def reliability(a: Analytics) -> str:
    failing = [each for each in a.vessels if each.unreached]
    if not failing:
        return "Every vessel was reached in every run"
    worst = sorted(failing, key=lambda each: -each.unreached)[:3]
    share = percent(sum(each.unreached for each in worst), sum(each.unreached for each in failing)) or 0.0
    if len(failing) <= 3:
        return f"Only {joined([each.name for each in worst])} could not always be reached"
    return f"{joined([each.name for each in worst])} cause {formats.percent(share)} % of the failed queries"


def sla(a: Analytics) -> str:
    totals: dict[str, tuple[int, int]] = {}
    for each in a.components:
        checks, compliant = totals.get(each.component, (0, 0))
        totals[each.component] = checks + each.checks, compliant + each.compliant
    rates = sorted((percent(met, checks) or 0.0, name) for name, (checks, met) in totals.items() if checks)
    if not rates:
        return "No equipment was checks"
    rate, name = rates[0]
    if rate >= NEAR_ALL:
        return "All equipment met the SLA throughout"
    return f"{name} meets the SLA least: in {formats.percent(rate)} % of the checks"


def outages(a: Analytics) -> str:
    if not a.outages:
        return "No vessel was out of reach and no device was down"
    longest = a.outages[0]
    what = longest.name if longest.ip_address is None else f"{longest.component or 'a device'} on {longest.name}"
    so = "is still out of reach" if longest.ip_address is None else "is still down"
    was = "was out of reach" if longest.ip_address is None else "was down"
    lasting = (
        f"{so}, for {formats.duration(longest.seconds)}"
        if longest.ended_at is None
        else f"{was} for {formats.duration(longest.seconds)}"
    )
    return f"The longest outage: {what} {lasting}"


def sync_history(a: Analytics) -> str:
    lost = [row for row in a.heat if any(runs and not successes for runs, successes in row.cells)]
    column = "day" if a.heat_days == 1 else "week"
    empty = len(a.heat_gaps)
    start = (
        f"{count(len(lost), 'vessel', 'vessels')} had a {column} without a single answer"
        if lost
        else f"Every vessel answered in every {column} with runs"
    )
    return f"{start}; {count(empty, column)} without runs" if empty and a.heat else start


TITLES: dict[str, Callable[[Analytics], str]] = {
    "chart-success-rate": success_rate,
    "chart-duration": duration,
    "chart-retries": retries,
    "chart-reliability": reliability,
    "chart-sla": sla,
    "chart-outages": outages,
    "chart-sync-history": sync_history,
}


def _extreme(a: Analytics, value: Callable[[TimeBucket], float | None], *, lowest: bool) -> TimeBucket | None:
    known = [(found, each) for each in a.time_buckets if (found := value(each)) is not None]
    if not known:
        return None
    pick = min if lowest else max
    return pick(known, key=lambda pair: pair[0])[1]
