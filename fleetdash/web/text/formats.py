"""How numbers and times are written: one format each, everywhere."""

from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain import wording
from fleetdash.web.attributes import attributes


def percent(value: float | None) -> str:
    """`97.2`, `100`; never rounded up to 100."""
    if value is None:
        return "N/A"
    return "100" if value == 100 else f"{min(value, 99.9):.1f}"


def duration(seconds: float | None) -> str:
    """`19 s`, `3 h 5 min`, `N/A`."""
    return "N/A" if seconds is None else wording.duration(seconds)


def milliseconds(value: float) -> str:
    """`0.8`, `12.4`, `780`."""
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def utc(moment: datetime) -> str:
    """`2026-11-23 14:05:12 UTC`"""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def time(moment: datetime) -> Component:
    """A moment; the browser writes it in the viewer's own zone, with UTC in the tooltip."""
    return _moment(moment, "time")


def minute(moment: datetime) -> Component:
    """Like `time`, to the minute."""
    return _moment(moment, "minute")


def age(moment: datetime) -> Component:
    """How long ago; ticks in the browser."""
    return _moment(moment, "age")


def span_since(moment: datetime) -> Component:
    """The time since, as a duration; ticks in the browser."""
    return _moment(moment, "since")


def until(moment: datetime) -> Component:
    """How long until; ticks in the browser."""
    return _moment(moment, "until")


def clock(moment: datetime) -> Component:
    """Hour and minute, for axes."""
    return _moment(moment, "clock")


def day(moment: datetime) -> Component:
    """Day and month, for axes."""
    return _moment(moment, "day")


def number(value: str, unit: str = "") -> Component:
    """A figure with its unit in a lighter tone."""
    parts: list[Any] = [value]
    if unit and value != "N/A":
        parts.append(html.Span(f"\u202f{unit}", className="unit"))
    return html.Span(parts, className="number")


def missing(reason: str) -> Component:
    """A value that is not there, and why."""
    return html.Abbr("N/A", title=reason, className="missing")


def _moment(moment: datetime, kind: str) -> Component:
    iso = f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    return html.Time(utc(moment), dateTime=iso, title=utc(moment), **attributes({"data-kind": kind}))
