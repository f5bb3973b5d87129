"""Shapes of SVG, and the scales that place them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from fleetdash.report.style import COLOURS

HATCH = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<line x1="0" x2="0" y1="0" y2="5" stroke="{COLOURS["hatch"]}" stroke-width="2"/></pattern></defs></svg>'
)
"""The filling of gaps, once for all pictures of a page."""

ROW = 13
"""From one line of a text to the next."""
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}

Points = Sequence[tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """From values between `low` and `high` to pixels between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Any) -> float:
        share = (seconds_of(value) - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def text(words: str, x: float, y: float, colour: str, anchor: str = "left") -> str:
    """`words` as plotly takes them: escaped, with `<br>` between lines."""
    lines = enumerate(words.split("<br>"))
    spans = "".join(tag("tspan", escape(unescape(line)), x=x, dy=ROW if number else 0) for number, line in lines)
    return tag("text", spans, y=y, fill=hex_colour(colour), text_anchor=_ANCHORS[anchor])


def rectangle(left: float, y1: float, right: float, y2: float, fill: str) -> str:
    width, height = round(max(0.5, right - left), 1), round(abs(y2 - y1), 1)
    return tag("rect", x=left, y=min(y1, y2), fill=fill, width=width, height=height)


def tag(name: str, content: str = "", **attributes: object) -> str:
    """Attributes are escaped; `content` is markup."""
    written = "".join(f' {_attribute(key)}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def _attribute(key: str) -> str:
    return key if key == "viewBox" else key.replace("_", "-")


def hex_colour(name: str) -> str:
    """Of `var(--accent)` or `accent`: a picture does not depend on the page's stylesheet."""
    return COLOURS[name.removeprefix("var(--").removesuffix(")")]


def seconds_of(value: Any) -> float:
    """A moment as seconds since 1970; numbers stay as they are."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value)


def dot(x: float, y: float, r: float, fill: str, *, diamond: bool) -> str:
    """A circle, or a diamond as wide."""
    if diamond:
        return tag("polygon", points=path([(x - r, y), (x, y - r), (x + r, y), (x, y + r)]), fill=fill)
    return tag("circle", cx=x, cy=y, r=r, fill=fill)


def path(points: Points) -> str:
    return " ".join(f"{point[0]},{point[1]}" for point in points if point)
