"""The titles of the charts: each states the finding."""

from collections.abc import Callable
from datetime import date

from fleetdash.domain.analytics.period import Step
from fleetdash.domain.analytics.run_statistics import by_component, compliance_percent, percent
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.wording import count, joined
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.narrative import lasted

NEAR_ALL = 99.95


def success_rate(a: Analytics) -> str:
    rate = a.totals.statistics.vessel_success_rate_percent
    start = f"{formats.percent(rate)} % of the checks reached the vessel"
    rates = [(low, each) for each in a.time_buckets if (low := each.vessel_success_rate_percent) is not None]
    if not rates or rate is None:
        return start
    low, worst = min(rates, key=lambda pair: pair[0])
    if low >= rate - 1:
        return f"{start}, evenly over the period"
    return f"{start}; the worst was {times.when(worst, a.step)}, with {formats.percent(low)} %"


def duration(a: Analytics) -> str:
    s = a.totals.statistics
    if s.median_duration_seconds is None:
        return "No run finished"
    slow = count(s.slow_runs, "run was", "runs were") if s.slow_runs else "none was"
    return f"A run usually takes {formats.duration(s.median_duration_seconds)}; {slow} clearly slower than usual"


def retries(a: Analytics) -> str:
    s = a.totals.statistics
    if not s.retry_attempts:
        return "No vessel had to be asked twice"
    start = f"Retries: {s.retry_attempts:,}, {formats.duration(s.retry_seconds)} in all"
    days: dict[date, float] = {}
    for each in a.time_buckets:
        days[each.since.date()] = days.get(each.since.date(), 0.0) + each.retry_seconds
    worst = max(days, key=lambda day: days[day])
    share = 100 * days[worst] / s.retry_seconds if s.retry_seconds else 0.0
    if a.step is Step.WEEK or len(days) < 3 or share < max(3.0, 200 / len(days)):
        return start
    return f"{start}; {formats.percent(share)} % of the time on {times.day(worst)}"


def reliability(a: Analytics) -> str:
    failing = [each for each in a.vessels if each.unreached]
    if not failing:
        return "Every vessel was reached in every run"
    worst = sorted(failing, key=lambda each: -each.unreached)[:3]
    share = percent(sum(each.unreached for each in worst), sum(each.unreached for each in failing)) or 0.0
    if len(failing) <= 3:
        return f"Only {joined([each.name for each in worst])} could not always be reached"
    return f"{joined([each.name for each in worst])} account for {formats.percent(share)} % of the failed checks"


def sla(a: Analytics) -> str:
    components = by_component(a.components)
    if not components:
        return "No equipment was checked"
    name, days = next(iter(components.items()))
    rate = compliance_percent(days) or 0.0
    if rate >= NEAR_ALL:
        return "All equipment met the SLA throughout"
    return f"{name} meets the SLA least often: in {formats.percent(rate)} % of the checks"


def outages(a: Analytics) -> str:
    if not a.outages:
        return "No vessel was out of reach and no device was down"
    longest = max(a.outages, key=lambda outage: outage.lasted_seconds)
    what = longest.name if longest.ip_address is None else f"{longest.component or 'a device'} on {longest.name}"
    was = "was" if longest.ended_at else "has been"
    state = "out of reach" if longest.ip_address is None else "down"
    return f"The longest outage: {what} {was} {state} for {lasted(longest)}"


def sync_history(a: Analytics) -> str:
    lost = [row for row in a.heat_map.rows if any(runs and not successes for runs, successes in row.cells)]
    column = a.heat_map.step.value
    article = "an" if a.heat_map.step is Step.HOUR else "a"
    preposition = "on" if a.heat_map.step is Step.DAY else "in"
    empty = len(a.heat_gaps)
    start = (
        f"{count(len(lost), 'vessel', 'vessels')} had {article} {column} without a single answer"
        if lost
        else f"Every vessel answered {preposition} every {column} with runs"
    )
    return f"{start}; {count(empty, column)} without runs" if empty and a.heat_map.rows else start


TITLES: dict[str, Callable[[Analytics], str]] = {
    "chart-success-rate": success_rate,
    "chart-duration": duration,
    "chart-retries": retries,
    "chart-reliability": reliability,
    "chart-sla": sla,
    "chart-outages": outages,
    "chart-sync-history": sync_history,
}
