"""The icons that the page uses, of Bootstrap's, as a little stylesheet: its font has two thousand of them in 130 kB.

They share one picture: a browser makes a document of every SVG picture that it shows, which takes it a millisecond.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

_SYMBOL = re.compile(r'<symbol [^>]*viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>')
_WORD = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"')

_CELL = 1.5
"""Widths of an icon, from one to the next: none shows its neighbour's edge."""

_BASE = """.bi::before {{
  content: ""; display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em;
  background: currentColor; forced-color-adjust: none;
  mask: url("data:image/svg+xml,{picture}") calc(var(--icon) * -{cell}em) 0 / {width}em 1em no-repeat;
}}
"""


@cache
def stylesheet() -> str:
    """A class `bi-NAME` for each icon that a module of the page names."""
    words = _words()
    used = [symbol for symbol in _symbols() if symbol[1] in words]
    drawn = "".join(
        f'<svg x="{16 * _CELL * place:g}" width="16" height="16" viewBox="{box}">{drawing}</svg>'
        for place, (box, _, drawing) in enumerate(used)
    )
    width = _CELL * len(used)
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {16 * width:g} 16">{drawn}</svg>'
    base = _BASE.format(picture=quote(picture, safe=" =:/'"), cell=_CELL, width=f"{width:g}")
    return base + "".join(f".bi-{name} {{ --icon: {place}; }}\n" for place, (_, name, _) in enumerate(used))


def _symbols() -> list[tuple[str, str, str]]:
    """View box, name and drawing of every icon that there is."""
    sprite = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"
    return _SYMBOL.findall(sprite.read_text(encoding="utf-8"))


def _words() -> set[str]:
    """Every word in quotes in the page's modules: names of icons are among them, and no list has to be kept."""
    return {word for source in _sources() for word in _WORD.findall(source)}


def _sources() -> Iterator[str]:
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        yield file.read_text(encoding="utf-8")
