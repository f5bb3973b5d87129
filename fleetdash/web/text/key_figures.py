"""The key figures of a period against those of the period before, and whether things are getting better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import Analytics, Totals
from fleetdash.domain.analytics.time_buckets import TimeBucket, reached_percent
from fleetdash.domain.wording import count, were
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

SAME_POINTS = 0.05
"""A smaller difference between two rates cannot be read."""
SAME_SHARE = 0.05
"""Durations that differ by less than a twentieth are the same."""


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


def figures(a: Analytics) -> list[Figure]:
    """In the order in which they are shown."""
    s = a.totals.statistics
    reached = f"{s.vessels_reached:,} of {count(s.vessels_asked, 'check')} reached the vessel, retries included."
    complete = f"{s.completed_runs:,} of {count(s.total_runs, 'run')}; one vessel not reached makes a run partial."
    slow = count(s.slow_runs, "run was", "runs were")
    return [
        _rate(a, "Vessels reached", lambda totals: totals.statistics.vessel_success_rate_percent, reached),
        _rate(a, "Runs that reached every vessel", lambda totals: totals.statistics.success_rate_percent, complete),
        _rate(a, "SLA compliance", lambda totals: totals.sla_percent, "Share of component checks that met the SLA."),
        _rate(a, "Scheduled runs made", lambda totals: totals.runs_made_percent, _missed(a.totals)),
        _seconds(a, "Median run time", lambda totals: totals.statistics.median_duration_seconds),
        _seconds(
            a,
            "95th percentile run time",
            lambda totals: totals.statistics.p95_duration_seconds,
            f"{slow} clearly slower than usual.",
        ),
        # the total; compared per run, since the period before may have had more of them
        replace(_retry_time_per_run(a), value=formats.duration(s.retry_seconds), unit=""),
    ]


def _rate(a: Analytics, name: str, of: Callable[[Totals], float | None], meaning: str) -> Figure:
    value, before = of(a.totals), of(a.before) if a.before else None
    figure = Figure(name, formats.percent(value), "%", meaning)
    if value is None or before is None:
        return figure
    change = _change(value - before, SAME_POINTS)
    against = f"from {formats.percent(before)} % ({abs(value - before):.1f} points {change})"
    return _compared(figure, change, against, rising=value > before)


def _seconds(
    a: Analytics, name: str, of: Callable[[Totals], float | None], meaning: str = "", unit: str = ""
) -> Figure:
    """The fewer the better."""
    value, before = of(a.totals), of(a.before) if a.before else None
    figure = Figure(name, formats.duration(value), unit, meaning)
    if value is None or before is None:
        return figure
    change = _change(before - value, SAME_SHARE * before)
    against = " ".join(filter(None, ["from", formats.duration(before), unit, f"({change})"]))
    return _compared(figure, change, against, rising=value > before)


def _change(gain: float, least: float) -> Change:
    if abs(gain) <= least:
        return Change.SAME
    return Change.BETTER if gain > 0 else Change.WORSE


def _compared(figure: Figure, change: Change, against: str, *, rising: bool) -> Figure:
    if change is Change.SAME:
        return replace(figure, change=change, against="unchanged")
    return replace(figure, change=change, against=against, arrow="up" if rising else "down")


def _retry_time_per_run(a: Analytics) -> Figure:
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


def before_words(period: Period) -> str:
    """`the 30 days before`"""
    return f"the {period.words} before"


@dataclass(frozen=True, slots=True)
class Trend:
    """`word`: the answer; `sentences`: what it is based on."""

    change: Change
    word: str
    sentences: tuple[str, ...]


_ANSWERS = {Change.BETTER: "Yes, better than in", Change.WORSE: "No, worse than in"}


def trend(a: Analytics) -> Trend:
    """By vessels reached and by what their equipment did; separately, for one says nothing about the other."""
    reach, _, sla, *_ = figures(a)
    sentences = tuple(_sentence(each) for each in (reach, sla, _retry_time_per_run(a)))
    changes = {reach.change, sla.change} - {Change.SAME}
    if not changes:
        return Trend(Change.SAME, f"About the same as in {before_words(a.period)}.", sentences)
    if changes == {Change.UNKNOWN}:
        return _halves(a, sentences)
    change, *other = changes - {Change.UNKNOWN}
    if not other:
        return Trend(change, f"{_ANSWERS[change]} {before_words(a.period)}.", sentences)
    more, less = ("more", "less") if reach.change is Change.BETTER else ("less", "more")
    mixed = f"Mixed: vessels are reached {more} often, equipment meets the SLA {less} often."
    return Trend(Change.SAME, mixed, sentences)


def _sentence(figure: Figure) -> str:
    value = f"{figure.value} {figure.unit}".strip()
    return f"{figure.name}: {', '.join(filter(None, [value, figure.against]))}."


LEAST_TO_HALVE = 6
_HALVES = {
    Change.BETTER: "Better in the second half.",
    Change.WORSE: "Worse in the second half.",
    Change.SAME: "About the same in both halves.",
}


def _halves(a: Analytics, sentences: tuple[str, ...]) -> Trend:
    """Without a period before: the second half of what is known against the first."""
    known = [each for each in a.time_buckets if each.vessels_asked]
    if len(known) < LEAST_TO_HALVE:
        return Trend(Change.UNKNOWN, _no_comparison(a), sentences)
    first, second = known[: len(known) // 2], known[len(known) // 2 :]
    earlier, later = reached_percent(first) or 0.0, reached_percent(second) or 0.0
    halves = f"Vessels reached: {formats.percent(earlier)} % until {_end(first)}, {formats.percent(later)} % after it."
    change = _change(later - earlier, SAME_POINTS)
    return Trend(change, _HALVES[change], (_no_comparison(a), halves, *sentences[1:]))


def _no_comparison(a: Analytics) -> str:
    if a.known_since is None or a.known_since < a.period.since:
        return f"There are no figures for {before_words(a.period)}."
    return f"Nothing to compare with: history began on {times.day(a.known_since)} {a.known_since.year}."


def _end(buckets: Sequence[TimeBucket]) -> str:
    end = buckets[-1].until
    return f"{times.day(end)}, {end:%H:%M} UTC" if end.hour else times.day(end - timedelta(days=1))
