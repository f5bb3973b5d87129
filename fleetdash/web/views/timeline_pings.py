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


def share(down: int, devices: int) -> str:
    """A height in CSS; one of many devices is still seen."""
    return f"max(4px, {100 * down / devices:.0f}%)" if down else "0%"


def unanswered_of_device(unanswered: Sequence[UnansweredPings], scale: Scale) -> list[Component]:
    """Marks as high as the row; none without unanswered pings."""
    return _marks([_mark(pings.start, pings.end, "100%", scale) for pings in _merged(unanswered)])


def unanswered_of_devices(devices: Sequence[Sequence[UnansweredPings]], scale: Scale) -> list[Component]:
    """Marks hour by hour, as high as the share of the devices that have unanswered pings in it."""
    by_hour: dict[datetime, list[UnansweredPings]] = defaultdict(list)
    for pings in (pings for unanswered in devices for pings in unanswered):
        by_hour[floor_hour(pings.start)].append(pings)
    return _marks([_longest(pings, share(len(pings), len(devices)), scale) for pings in by_hour.values()])


def _merged(unanswered: Sequence[UnansweredPings]) -> list[UnansweredPings]:
    merged: list[UnansweredPings] = []
    for pings in unanswered:
        if merged and merged[-1].end == pings.start:
            merged[-1] = UnansweredPings(merged[-1].start, pings.end)
        else:
            merged.append(pings)
    return merged


def _longest(unanswered: Sequence[UnansweredPings], height: str, scale: Scale) -> str:
    start, end = min(pings.start for pings in unanswered), max(pings.end for pings in unanswered)
    return _mark(start, end, height, scale)


def _mark(start: datetime, end: datetime, height: str, scale: Scale) -> str:
    """A layer of the background. One gradient with transparent stops would be black in some printouts."""
    left, width = scale.percent(start), scale.percent(end) - scale.percent(start)
    # in CSS, 100 % puts the layer's right edge on the right edge
    position = 0.0 if width >= 100 else 100 * left / (100 - width)
    return f"linear-gradient(var(--down) 0 0) {position:.3f}% 100% / {width:.3f}% {height} no-repeat"


def _marks(layers: Sequence[str]) -> list[Component]:
    return [html.Span(className="state-pings", style={"background": ", ".join(layers)})] if layers else []
