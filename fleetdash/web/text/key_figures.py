"""The key figures of a period against those of the period before, and whether things are getting better."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from fleetdash.domain.analytics.summary import Analytics, Totals
from fleetdash.domain.wording import count, were
from fleetdash.web.text import formats

SAME_POINTS = 0.5
"""Rates that differ by less are about the same."""
SAME_SHARE = 0.05
"""Durations that differ by less than a twentieth are about the same."""


class Change(StrEnum):
    """A figure against the same one of the period before."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, compared with the period before; `arrow` is "up" or "down", the way in which the value went."""

    name: str
    value: str
    unit: str
    meaning: str
    change: Change = Change.UNKNOWN
    against: str = ""
    arrow: str = ""
    sample: str = ""
    """How many checks or runs it is of."""


def figures(a: Analytics) -> list[Figure]:
    """In the order in which they are shown."""
    s = a.totals.statistics
    complete = f"{s.completed_runs:,} of {count(s.total_runs, 'run')}; one vessel not reached makes a run partial."
    slow = count(s.slow_runs, "run was", "runs were")
    return [
        vessels_reached(a),
        _rate(a, "Runs that reached every vessel", lambda t: (t.statistics.success_rate_percent, _runs(t)), complete),
        sla_compliance(a),
        _rate(a, "Scheduled runs made", lambda t: (t.runs_made_percent, count(t.due or 0, "run")), _missed(a.totals)),
        _seconds(a, "Median run time", lambda t: t.statistics.median_duration_seconds, f"Of {_finished(a.totals)}."),
        _seconds(
            a,
            "95th percentile run time",
            lambda t: t.statistics.p95_duration_seconds,
            f"{slow} clearly slower than usual.",
        ),
        # the total; compared per run, since the period before may have had more of them
        replace(retry_time_per_run(a), value=formats.duration(s.retry_seconds), unit=""),
    ]


def vessels_reached(a: Analytics) -> Figure:
    s = a.totals.statistics
    reached = f"{s.vessels_reached:,} of {count(s.vessels_asked, 'check')} reached the vessel, retries included."
    return _rate(
        a,
        "Vessels reached",
        lambda t: (t.statistics.vessel_success_rate_percent, count(t.statistics.vessels_asked, "check")),
        reached,
    )


def sla_compliance(a: Analytics) -> Figure:
    met = f"{a.totals.compliant:,} of {count(a.totals.checks, 'component check')} met the SLA."
    return _rate(a, "SLA compliance", lambda t: (t.sla_percent, count(t.checks, "check")), met)


def _runs(totals: Totals) -> str:
    return count(totals.statistics.total_runs, "run")


def _finished(totals: Totals) -> str:
    s = totals.statistics
    return count(s.completed_runs + s.partial_runs + s.failed_runs, "finished run")


def _rate(a: Analytics, name: str, of: Callable[[Totals], tuple[float | None, str]], meaning: str) -> Figure:
    """`of`: the rate, and how many checks or runs it is of."""
    value, sample = of(a.totals)
    figure = Figure(name, formats.percent(value), "%", meaning, sample=sample)
    before, earlier_sample = of(a.before) if a.before else (None, "")
    if value is None or before is None:
        return figure
    change = change_of(value - before, SAME_POINTS)
    earlier = f"{formats.percent(before)} % of {earlier_sample}"
    if change is Change.SAME:
        return replace(figure, change=change, against=f"about the same as {earlier} before")
    against = f"from {earlier} ({abs(value - before):.1f} points {change})"
    return replace(figure, change=change, against=against, arrow=_arrow(value > before))


def _seconds(
    a: Analytics, name: str, of: Callable[[Totals], float | None], meaning: str = "", unit: str = ""
) -> Figure:
    """The fewer the better."""
    value, before = of(a.totals), of(a.before) if a.before else None
    figure = Figure(name, formats.duration(value), unit, meaning, sample=_runs(a.totals))
    if value is None or before is None or a.before is None:
        return figure
    change = change_of(before - value, SAME_SHARE * before)
    earlier = f"{formats.duration(before)}{f' {unit}' if unit else ''} in {_runs(a.before)}"
    if change is Change.SAME:
        return replace(figure, change=change, against=f"about the same as {earlier} before")
    return replace(figure, change=change, against=f"from {earlier} ({change})", arrow=_arrow(value > before))


def _arrow(rising: bool) -> str:
    return "up" if rising else "down"


def change_of(gain: float, least: float) -> Change:
    """`least`: the smallest gain or loss that counts as one."""
    if not gain or round(abs(gain), 9) < least:
        return Change.SAME
    return Change.BETTER if gain > 0 else Change.WORSE


def retry_time_per_run(a: Analytics) -> Figure:
    mine = formats.duration(_per_run(a.totals))
    retries = count(a.totals.statistics.retry_attempts, "retry", "retries")
    return _seconds(a, "Time spent retrying", _per_run, f"{mine} per run; {retries} in all.", "per run")


def _per_run(totals: Totals) -> float | None:
    s = totals.statistics
    return s.retry_seconds / s.total_runs if s.total_runs else None


def _missed(totals: Totals) -> str:
    if totals.due is None:
        return "The schedule is not known here."
    if not totals.missed_runs:
        return f"None of {count(totals.due, 'scheduled run')} was missed."
    return f"{totals.missed_runs:,} of {count(totals.due, 'scheduled run')} {were(totals.missed_runs)} missed."
