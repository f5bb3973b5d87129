"""axe-core, as a PyPI package carries it: faults of accessibility in the page that a browser shows."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.webdriver import WebDriver

_RUN = """
const done = arguments[0];
axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations), error => done([String(error)]));
"""


@cache
def _source() -> str:
    # read from the package, which is not imported: its code is for another driver than ours
    found = find_spec("axe_playwright_python")
    assert found, "axe_playwright_python is not installed; `make test` installs it"
    assert found.origin
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(driver: WebDriver) -> list[str]:
    """Every fault, with where it is; all rules are on."""
    if not driver.execute_script("return typeof axe === 'object'"):
        driver.execute_script(_source())
    found: list[dict[str, Any]] = driver.execute_async_script(_RUN)
    return [f"{fault['id']}: {node['target']} {node['failureSummary']}" for fault in found for node in fault["nodes"]]
