"""Whether things are getting better, and what the answer is based on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import WATCHED_SHARE, Analytics
from fleetdash.domain.analytics.time_buckets import TimeBucket, reached_percent
from fleetdash.domain.wording import count
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.key_figures import (
    SAME_POINTS,
    Change,
    Figure,
    change_of,
    retry_time_per_run,
    sla_compliance,
    vessels_reached,
)


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
    reach, sla = vessels_reached(a), sla_compliance(a)
    sentences = (_rate_sentence(reach), _rate_sentence(sla), _sentence(retry_time_per_run(a)))
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
    change = change_of(later - earlier, SAME_POINTS)
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
