"""The icons that the page uses, of Bootstrap's, as a little stylesheet: its font has two thousand of them in 130 kB."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

_SYMBOL = re.compile(r'<symbol [^>]*viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>')
_WORD = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"')

_BASE = """.bi::before {
  content: ""; display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em;
  background: currentColor; mask: var(--icon) center / contain no-repeat; forced-color-adjust: none;
}
"""


@cache
def stylesheet() -> str:
    """A class `bi-NAME` for each icon that a module of the page names."""
    used = _words()
    sprite = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"
    symbols = _SYMBOL.findall(sprite.read_text(encoding="utf-8"))
    return _BASE + "".join(_rule(name, box, drawing) for box, name, drawing in symbols if name in used)


def _words() -> set[str]:
    """Every word in quotes in the page's modules: names of icons are among them, and no list has to be kept."""
    return {word for source in _sources() for word in _WORD.findall(source)}


def _sources() -> Iterator[str]:
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        yield file.read_text(encoding="utf-8")


def _rule(name: str, box: str, drawing: str) -> str:
    picture = quote(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{drawing}</svg>', safe=" =:/'")
    return f'.bi-{name} {{ --icon: url("data:image/svg+xml,{picture}"); }}\n'
