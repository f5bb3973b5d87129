"""A run's attempts over time: a line per vessel, queries and waits drawn separately."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.runs import Attempt, RunDetails
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.views.badges import icon
from fleetdash.web.views.links import inner_link

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_MOST_TICKS = 8


def vessel_link(vessel_id: str, names: Mapping[str, str], paths: Paths) -> Component:
    """By its name, or by its id if the fleet file no longer lists it."""
    return inner_link(names.get(vessel_id, vessel_id), paths.vessel(vessel_id))


def chains(attempts: Sequence[Attempt]) -> list[tuple[str, list[Attempt]]]:
    """Attempts by vessel, first to last; vessels with trouble first."""
    by_vessel: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        by_vessel.setdefault(attempt.vessel_id, []).append(attempt)
    for chain in by_vessel.values():
        chain.sort(key=lambda attempt: attempt.attempt_number)
    return sorted(by_vessel.items(), key=lambda item: (item[1][-1].success, -len(item[1]), item[0]))


def run_chart(details: RunDetails, names: Mapping[str, str], paths: Paths) -> list[Component]:
    """Nothing where no attempts are kept. The table of attempts says the same in words."""
    if not details.attempts:
        return []
    start = details.run.start_time
    end = max(attempt.timestamp for attempt in details.attempts)
    whole = max((end - start).total_seconds(), 0.1)
    rows = [_row(details, vessel, chain, whole, names, paths) for vessel, chain in chains(details.attempts)]
    return [
        html.Div([html.H2("Attempts over time"), _key()], className="section-head"),
        html.Div([_axis(whole), *rows], className="run-chart"),
    ]


def _key() -> Component:
    states = {"answered": "asked, answered", "failed": "asked, failed", "waiting": "waiting before a retry"}
    shown = [html.Span([html.I(className=f"chain-key is-{state}"), words]) for state, words in states.items()]
    return html.Div(shown, className="chart-key")


def _axis(whole: float) -> Component:
    step = next((step for step in _STEPS if whole / step <= _MOST_TICKS), _STEPS[-1])
    ticks = [step * number for number in range(int(whole / step) + 1)]
    labels = [html.Span(_tick(tick), style={"left": f"{100 * tick / whole:.2f}%"}) for tick in ticks]
    return html.Div(
        [html.Span("Seconds since the start" if whole < 600 else "Since the start"), html.Div(labels), html.Span()],
        className="chart-line chart-axis",
        **attributes({"aria-hidden": "true"}),
    )


def _tick(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:g}"
    return formats.duration(seconds)


def _row(
    details: RunDetails,
    vessel_id: str,
    chain: Sequence[Attempt],
    whole: float,
    names: Mapping[str, str],
    paths: Paths,
) -> Component:
    words = "; ".join(attempt_words(attempt) for attempt in chain)
    return html.Div(
        [
            vessel_link(vessel_id, names, paths),
            html.Div(
                [bar for attempt in chain for bar in _bars(attempt, details.run.start_time, whole)],
                className="chain",
                role="img",
                **attributes({"aria-label": words}),
            ),
            outcome(chain, under_way=details.run.end_time is None),
        ],
        className="chart-line",
    )


def _bars(attempt: Attempt, start: datetime, whole: float) -> Iterator[Component]:
    asked = attempt.timestamp - timedelta(seconds=attempt.query_duration_seconds)
    if attempt.attempt_number > 1:
        wait = f"Waited {formats.duration(attempt.backoff_seconds)} before attempt {attempt.attempt_number}"
        waiting = asked - timedelta(seconds=attempt.backoff_seconds)
        yield _bar("waiting", (waiting - start).total_seconds(), attempt.backoff_seconds, whole, wait)
    what = f"Attempt {attempt.attempt_number}: {attempt_words(attempt)}"
    state = "answered" if attempt.success else "failed"
    yield _bar(state, (asked - start).total_seconds(), attempt.query_duration_seconds, whole, what)


def _bar(state: str, at: float, seconds: float, whole: float, words: str) -> Component:
    left = min(max(0.0, at / whole), 1.0)
    width = min(max(0.0, seconds / whole), 1 - left)
    place = {"left": f"{100 * left:.2f}%", "width": f"{100 * width:.2f}%"}
    return html.Span(className=f"chain-bar is-{state}", title=words, style=place)


def outcome(attempts: Sequence[Attempt], *, under_way: bool) -> Component:
    """How a vessel's chain of attempts ended; `under_way`: whether the run is."""
    if not attempts:
        return html.Span("not asked")
    last = attempts[-1]
    if last.success:
        after = f" on attempt {last.attempt_number}" if last.attempt_number > 1 else ""
        return html.Span([icon("check-lg"), f" reached{after}"])
    if last.unreachable:
        return html.Span([icon("plug"), " not reached"])
    if last.chain_ended:
        return html.Span([icon("stop-fill"), " stopped"])
    return html.Span([icon("arrow-repeat"), " still trying" if under_way else " not finished"])


def attempt_words(attempt: Attempt) -> str:
    """An attempt in a line."""
    took = formats.duration(attempt.query_duration_seconds)
    waited = f"after {formats.duration(attempt.backoff_seconds)}: " if attempt.attempt_number > 1 else ""
    what = "answered" if attempt.success else attempt.error_message or "failed"
    return f"{waited}{what} ({took})"
