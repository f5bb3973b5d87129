"""What the figures and charts of a period say, in sentences: one wording for the page and the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import Analytics, BadDay, Outage, Totals, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.wording import count
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

ERRORS: dict[ErrorKind, str] = {
    ErrorKind.TIMEOUT: "no answer in time",
    ErrorKind.CONNECTION: "no connection",
    ErrorKind.SERVER_ERROR: "server error on board",
    ErrorKind.RATE_LIMITED: "asked too often",
    ErrorKind.AUTHENTICATION: "login refused",
    ErrorKind.CONFIGURATION: "wrong address or database",
    ErrorKind.TLS: "certificate rejected",
    ErrorKind.INVALID_DATA: "unreadable answer",
    ErrorKind.TOO_LARGE: "answer too large",
    ErrorKind.CANCELLED: "stopped by us",
}

POINTS = 0.05
"""Less of a difference than can be read is none."""


class Change(StrEnum):
    """A figure against the same one of the period before."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value against the period before, and what it means."""

    name: str
    value: str
    unit: str
    change: Change
    against: str
    meaning: str


def figures(a: Analytics) -> list[Figure]:
    """In the order in which they are told."""
    s, before = a.totals.statistics, a.before.statistics if a.before else None
    reached = f"{s.vessels_reached:,} of {count(s.vessels_asked, 'query', 'queries')} reached the vessel"
    complete = f"{s.completed_runs:,} of {count(s.total_runs, 'run')}"
    slow = count(s.slow_runs, "run was", "runs were")
    median, median_before = s.median_duration_seconds, before.median_duration_seconds if before else None
    p95, p95_before = s.p95_duration_seconds, before.p95_duration_seconds if before else None
    return [
        _rate(a, "Vessel queries answered", _answered, f"{reached}, at the latest on a retry."),
        _rate(
            a, "Runs that reached every vessel", _complete, f"{complete}; one vessel out of reach makes a run partial."
        ),
        _rate(
            a, "SLA compliance", _compliant, "Of the checks of a component: the share in which its uptime met the SLA."
        ),
        _rate(a, "Runs made of runs due", _of_due, _made(a.totals)),
        _lower(a, "Median duration", median, median_before, "Half of the runs took no longer."),
        _lower(
            a, "95th percentile", p95, p95_before, f"19 of 20 runs took no longer; {slow} clearly slower than usual."
        ),
        _retries(a),
    ]


def _answered(totals: Totals) -> float | None:
    return totals.statistics.vessel_success_rate_percent


def _complete(totals: Totals) -> float | None:
    return totals.statistics.success_rate_percent


def _compliant(totals: Totals) -> float | None:
    return totals.sla_percent


def _of_due(totals: Totals) -> float | None:
    return totals.runs_made_percent


def _rate(a: Analytics, name: str, of: Callable[[Totals], float | None], meaning: str) -> Figure:
    value, before = of(a.totals), of(a.before) if a.before else None
    if value is None or before is None:
        return Figure(name, formats.percent(value), "%", Change.UNKNOWN, _nothing_before(a), meaning)
    points = value - before
    if abs(points) < POINTS:
        return Figure(name, formats.percent(value), "%", Change.SAME, f"as in {before_words(a.period)}", meaning)
    change = Change.BETTER if points > 0 else Change.WORSE
    against = f"{formats.percent(before)} % in {before_words(a.period)}"
    return Figure(name, formats.percent(value), "%", change, against, meaning)


LEAST_SHARE = 0.05
"""A duration that differs by less than a twentieth is the same."""


def _lower(a: Analytics, name: str, value: float | None, before: float | None, meaning: str, unit: str = "") -> Figure:
    """Seconds, which are better when they are fewer."""
    written = formats.duration(value)
    if value is None or before is None:
        return Figure(name, written, unit, Change.UNKNOWN, _nothing_before(a), meaning)
    if abs(value - before) <= LEAST_SHARE * before:
        return Figure(name, written, unit, Change.SAME, f"as in {before_words(a.period)}", meaning)
    change = Change.BETTER if value < before else Change.WORSE
    return Figure(name, written, unit, change, f"{formats.duration(before)}{unit} in {before_words(a.period)}", meaning)


def _retries(a: Analytics) -> Figure:
    """The time in all; compared by the run, for the period before may have had more of them."""
    return replace(_retries_a_run(a), value=formats.duration(a.totals.statistics.retry_seconds), unit="")


def _retries_a_run(a: Analytics) -> Figure:
    mine, before = _a_run(a.totals), _a_run(a.before) if a.before else None
    retries = count(a.totals.statistics.retry_attempts, "retry", "retries")
    return _lower(a, "Time in retries", mine, before, f"{formats.duration(mine)} a run; {retries} in all.", " a run")


def _a_run(totals: Totals) -> float | None:
    s = totals.statistics
    return s.retry_seconds / s.total_runs if s.total_runs else None


def _made(totals: Totals) -> str:
    if totals.due is None:
        return "The schedule is not known here."
    missing = max(0, totals.due - totals.slots_filled)
    made = f"{min(totals.slots_filled, totals.due):,} of {totals.due:,}"
    return f"{made}; none is missing." if not missing else f"{made}: nobody looked {missing:,} times."


def _nothing_before(a: Analytics) -> str:
    return f"nothing to compare with in {before_words(a.period)}"


def before_words(period: Period) -> str:
    """`the 30 days before`"""
    return f"the {period.words} before"


# --- are we getting better?


@dataclass(frozen=True, slots=True)
class Trend:
    """`word`: the answer; `sentences`: what it rests on."""

    change: Change
    word: str
    sentences: tuple[str, ...]


def trend(a: Analytics) -> Trend:
    """By what was reached and by what equipment did; apart, for the one says nothing about the other."""
    found = figures(a)
    reach, sla, retries = found[0], found[2], _retries_a_run(a)
    changes = {reach.change, sla.change} - {Change.SAME}
    sentences = tuple(f"{each.name}: {_full(each)}." for each in (reach, sla, retries))
    if changes <= {Change.UNKNOWN}:
        if Change.UNKNOWN in changes:
            return _within(a, sentences)
        return Trend(Change.SAME, "As before: neither better nor worse.", sentences)
    if changes <= {Change.BETTER, Change.UNKNOWN}:
        return Trend(Change.BETTER, f"Yes, better than in {before_words(a.period)}.", sentences)
    if changes <= {Change.WORSE, Change.UNKNOWN}:
        return Trend(Change.WORSE, f"No, worse than in {before_words(a.period)}.", sentences)
    better, worse = ("vessels are reached", "equipment does") if reach.change is Change.BETTER else (
        "equipment does", "vessels are reached")  # fmt: skip
    return Trend(Change.SAME, f"Mixed: {better} better, {worse} worse.", sentences)


def _within(a: Analytics, sentences: tuple[str, ...]) -> Trend:
    """Nothing to compare with: the second half of what is known against the first."""
    known = [each for each in a.time_buckets if each.vessels_asked]
    unknown = f"Nothing is known of {before_words(a.period)}."
    if len(known) < LEAST_TO_HALVE:
        return Trend(Change.UNKNOWN, unknown, sentences)
    first, second = known[: len(known) // 2], known[len(known) // 2 :]
    earlier, later = (100 * sum(s.vessels_reached for s in half) / sum(s.vessels_asked for s in half)
                      for half in (first, second))  # fmt: skip
    halves = (
        f"Vessel queries answered: {formats.percent(earlier)} % until {_until(first)}, then {formats.percent(later)} %."
    )
    told = (f"{unknown} So its halves:", halves, *sentences[1:])
    if abs(later - earlier) < POINTS:
        return Trend(Change.SAME, "Within the period: neither better nor worse.", told)
    if later > earlier:
        return Trend(Change.BETTER, "Within the period: yes, better.", told)
    return Trend(Change.WORSE, "Within the period: no, worse.", told)


LEAST_TO_HALVE = 6


def _until(time_buckets: Sequence[TimeBucket]) -> str:
    end = time_buckets[-1].until
    return f"{times.day(end)}, {end:%H:%M} UTC" if end.hour else times.day(end - timedelta(days=1))


def _full(figure: Figure) -> str:
    value = f"{figure.value} {figure.unit.strip()}".strip()
    return f"{value}, {figure.against}" if figure.change is not Change.UNKNOWN else value


# --- bad days


def bad_days_question(a: Analytics) -> str:
    return "Which days were bad, and why?" if a.period.day_count > 1 else "What was the matter on this day?"


def bad_day(day: BadDay) -> tuple[str, ...]:
    """Why it was bad, the weightiest reason first."""
    said = []
    if day.hours:
        span = f"From {day.hours.since:%H:%M} to {day.hours.until:%H:%M} UTC"
        said.append(f"{span} only {formats.percent(day.hours.rate_percent)} % were answered.")
    if day.reasons:
        first = day.reasons[0]
        total = sum(reason.failures for reason in day.reasons)
        mostly = "all" if first.failures == total else f"{first.failures:,} of {total:,}"
        queries = count(total, "query", "queries")
        share = f"{day.vessels_failed} of {day.vessels_total} vessels"
        said.append(f"{queries} failed on {share}, {mostly} with {ERRORS[first.kind]}.")
        if 2 * day.vessels_failed > day.vessels_total > 2:
            said.append("So many vessels at once: look on shore first, not on board.")
    if day.missing_runs:
        said.append(f"{count(day.missing_runs, 'run that was due was', 'runs that were due were')} not made.")
    if day.slow_runs:
        said.append(f"{count(day.slow_runs, 'run', 'runs')} took clearly longer than usual.")
    return tuple(said) or ("Nothing: every vessel answered in every run.",)


# --- vessels that need a visit


def visit_reasons(vessel: VesselPerformance, outages: Sequence[Outage]) -> tuple[str, ...]:
    """Why, the weightiest reason first."""
    said = []
    if vessel.missed and vessel.checks:
        share = formats.percent(100 * vessel.missed / vessel.checks)
        said.append((vessel.missed, f"Equipment missed the SLA in {share} % of the checks{_devices(vessel, outages)}."))
    if vessel.unreached and vessel.runs:
        share = formats.percent(100 * vessel.unreached / vessel.runs)
        said.append((vessel.unreached, f"Not reached in {share} % of the runs{_why(vessel)}."))
    return tuple(sentence for _, sentence in sorted(said, key=lambda each: -each[0]))


def _devices(vessel: VesselPerformance, outages: Sequence[Outage]) -> str:
    mine = [each for each in outages if each.vessel_id == vessel.vessel_id and each.ip_address]
    if not mine:
        return ""
    worst = mine[0]
    still = "has been down for" if worst.ended_at is None else "was down for"
    return f": {worst.component or 'Unassigned'} {worst.ip_address} {still} {formats.duration(worst.seconds)}"


def _why(vessel: VesselPerformance) -> str:
    reason = main_reason(vessel)
    return f": {reason}" if reason else ""


def main_reason(vessel: VesselPerformance) -> str:
    """The reason it failed for most often."""
    if not vessel.failures:
        return ""
    kind = max(vessel.failures, key=lambda each: (vessel.failures[each], each))
    return ERRORS[kind]
