"""The key figures of a period against those of the period before, and whether things are getting better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import WATCHED_SHARE, Analytics, Totals
from fleetdash.domain.analytics.time_buckets import TimeBucket, reached_percent
from fleetdash.domain.wording import count, were
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

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
        _reached(a),
        _rate(a, "Runs that reached every vessel", lambda t: (t.statistics.success_rate_percent, _runs(t)), complete),
        _sla(a),
        _rate(a, "Scheduled runs made", lambda t: (t.runs_made_percent, count(t.due or 0, "run")), _missed(a.totals)),
        _seconds(a, "Median run time", lambda t: t.statistics.median_duration_seconds, f"Of {_finished(a.totals)}."),
        _seconds(
            a,
            "95th percentile run time",
            lambda t: t.statistics.p95_duration_seconds,
            f"{slow} clearly slower than usual.",
        ),
        # the total; compared per run, since the period before may have had more of them
        replace(_retry_time_per_run(a), value=formats.duration(s.retry_seconds), unit=""),
    ]


def _reached(a: Analytics) -> Figure:
    s = a.totals.statistics
    reached = f"{s.vessels_reached:,} of {count(s.vessels_asked, 'check')} reached the vessel, retries included."
    return _rate(
        a,
        "Vessels reached",
        lambda t: (t.statistics.vessel_success_rate_percent, count(t.statistics.vessels_asked, "check")),
        reached,
    )


def _sla(a: Analytics) -> Figure:
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
    change = _change(value - before, SAME_POINTS)
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
    change = _change(before - value, SAME_SHARE * before)
    earlier = f"{formats.duration(before)}{f' {unit}' if unit else ''} in {_runs(a.before)}"
    if change is Change.SAME:
        return replace(figure, change=change, against=f"about the same as {earlier} before")
    return replace(figure, change=change, against=f"from {earlier} ({change})", arrow=_arrow(value > before))


def _arrow(rising: bool) -> str:
    return "up" if rising else "down"


def _change(gain: float, least: float) -> Change:
    """`least`: the smallest gain or loss that is one."""
    if not gain or round(abs(gain), 9) < least:
        return Change.SAME
    return Change.BETTER if gain > 0 else Change.WORSE


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
    reach, sla = _reached(a), _sla(a)
    sentences = (_rate_sentence(reach), _rate_sentence(sla), _sentence(_retry_time_per_run(a)))
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


def _rate_sentence(figure: Figure) -> str:
    return _sentence(replace(figure, unit=f"{figure.unit} of {figure.sample}"))


def _sentence(figure: Figure) -> str:
    """`N/A` has no unit."""
    value = figure.value if figure.value == "N/A" else f"{figure.value} {figure.unit}".strip()
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
    halves = f"Vessels reached: {_share(first)} until {_end(first)}, {_share(second)} after it."
    change = _change(later - earlier, SAME_POINTS)
    return Trend(change, _HALVES[change], (_no_comparison(a), halves, *sentences[1:]))


def _share(half: Sequence[TimeBucket]) -> str:
    return f"{formats.percent(reached_percent(half))} % of {count(sum(each.vessels_asked for each in half), 'check')}"


def _no_comparison(a: Analytics) -> str:
    before = a.period.previous
    if a.known_since and a.known_since > before.since + (1 - WATCHED_SHARE) * (before.until - before.since):
        return f"Nothing to compare with: history began on {times.day(a.known_since)} {a.known_since.year}."
    return f"Too few of the scheduled runs were made to compare with {before_words(a.period)}."


def _end(buckets: Sequence[TimeBucket]) -> str:
    end = buckets[-1].until
    return f"{times.day(end)}, {end:%H:%M} UTC" if end.hour else times.day(end - timedelta(days=1))
