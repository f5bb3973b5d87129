"""Unanswered pings on the timeline: what happened between two runs, in the ink of the day's strip.

One element per row however many hours: one component per hour would slow the browser down.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.pings import floor_hour
from fleetdash.domain.status_history import UnansweredPings


@dataclass(frozen=True, slots=True)
class Scale:
    """The time axis, from left to right."""

    start: datetime
    end: datetime

    def percent(self, moment: datetime) -> float:
        return min(100.0, max(0.0, 100 * ((moment - self.start) / (self.end - self.start))))

    def within(self, unanswered: Sequence[UnansweredPings]) -> list[UnansweredPings]:
        return [pings for pings in unanswered if pings.end > self.start]


def unanswered_of_device(unanswered: Sequence[UnansweredPings], scale: Scale) -> list[Component]:
    """Marks as high as the row; none without unanswered pings."""
    return _marks([_gradient(unanswered, scale)]) if unanswered else []


def unanswered_of_devices(devices: Sequence[Sequence[UnansweredPings]], scale: Scale) -> list[Component]:
    """Marks hour by hour, as high as the share of the devices that have unanswered pings in it."""
    by_hour: dict[datetime, list[UnansweredPings]] = defaultdict(list)
    for pings in (pings for unanswered in devices for pings in unanswered):
        by_hour[floor_hour(pings.start)].append(pings)
    return _marks([_layer(pings, len(devices), scale) for pings in by_hour.values()])


def _layer(unanswered: Sequence[UnansweredPings], devices: int, scale: Scale) -> str:
    longest = UnansweredPings(min(pings.start for pings in unanswered), max(pings.end for pings in unanswered))
    return f"{_gradient([longest], scale)} bottom / 100% {100 * len(unanswered) / devices:.0f}% no-repeat"


def _gradient(unanswered: Sequence[UnansweredPings], scale: Scale) -> str:
    stops = []
    for pings in unanswered:
        left, right = (f"{scale.percent(moment):.3f}%" for moment in (pings.start, pings.end))
        stops.append(f"transparent {left}, var(--down) {left} {right}, transparent {right}")
    return f"linear-gradient(to right, {', '.join(stops)})"


def _marks(layers: Sequence[str]) -> list[Component]:
    return [html.Span(className="state-pings", style={"background": ", ".join(layers)})] if layers else []
