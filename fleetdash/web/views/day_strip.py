"""A device's last day as a strip: answered, unanswered, nothing recorded.

One element however many hours: one component per hour would be hundreds per vessel, which slows the browser down.
"""

from collections.abc import Iterator, Sequence

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.pings import HourCell
from fleetdash.domain.wording import count
from fleetdash.web.attributes import attributes
from fleetdash.web.text import formats

_ANSWERED, _UNANSWERED, _NOTHING = "var(--operational)", "var(--down)", "transparent"


def strip(hours: Sequence[HourCell]) -> Component:
    """Left to right, each hour as wide as the pings expected in it; hatching shows through a gap."""
    if not hours:
        return formats.missing("The vessel never answered, so its last day is unknown.")
    return html.Div(
        className="day-strip",
        role="img",
        title=_in_words(hours),
        style={"backgroundImage": f"linear-gradient(to right, {', '.join(_stops(hours))}), var(--hatching)"},
        **attributes({"aria-label": _in_words(hours)}),
    )


def _stops(hours: Sequence[HourCell]) -> Iterator[str]:
    """Colour stops with sharp edges; equal neighbours merge."""
    parts = list(_merged(hours))
    whole = sum(amount for _, amount in parts) or 1
    reached = 0
    for colour, amount in parts:
        start, reached = reached, reached + amount
        yield f"{colour} {100 * start / whole:.2f}% {100 * reached / whole:.2f}%"


def _merged(hours: Sequence[HourCell]) -> Iterator[tuple[str, int]]:
    """Colours with the number of pings that they stand for."""
    current, total = _NOTHING, 0
    for cell in hours:
        for colour, amount in _parts(cell):
            if colour != current:
                yield current, total
                current, total = colour, 0
            total += amount
    yield current, total


def _parts(cell: HourCell) -> tuple[tuple[str, int], ...]:
    in_flight, missing = cell.recorded - cell.answered, max(0, cell.expected - cell.recorded)
    parts = ((_ANSWERED, cell.answered), (_UNANSWERED, in_flight), (_NOTHING, missing))
    return tuple(part for part in parts if part[1])


def _in_words(hours: Sequence[HourCell]) -> str:
    """The same as a text alternative."""
    recorded, answered = sum(cell.recorded for cell in hours), sum(cell.answered for cell in hours)
    gaps = sum(1 for cell in hours if cell.expected and not cell.recorded)
    failing = sum(1 for cell in hours if cell.recorded > cell.answered)
    words = [f"{answered} of {recorded} pings answered", f"unanswered in {count(failing, 'hour')}"]
    return ", ".join([*words, f"nothing recorded in {count(gaps, 'hour')}"])
