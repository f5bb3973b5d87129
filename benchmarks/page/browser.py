"""Headless Chromium, with a watch inside of the page: what is measured is when the reader sees it."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.support.waiting import wait_until

WATCH = """
window.watched = {};
window.watch = function (name, selector, count) {
  const seen = function () {
    const found = document.querySelectorAll(selector);
    if (found.length < count || !found[0].checkVisibility()) return false;
    // once it is painted
    requestAnimationFrame(() => setTimeout(() => (window.watched[name] = performance.now())));
    return true;
  };
  if (seen()) return;
  const observer = new MutationObserver(() => seen() && observer.disconnect());
  observer.observe(document, {subtree: true, childList: true, attributes: true});
};
"""


class Browser:
    """One window. `fresh` empties its cache first."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver
        self._script = ""

    def open(self, url: str, selector: str, count: int, *, fresh: bool) -> float:
        """Milliseconds from the navigation until `count` that match are shown."""
        self._driver.get("about:blank")
        if fresh:
            self._driver.execute_cdp_cmd("Network.clearBrowserCache", {})
        watch = f"{WATCH}; window.watch('ready', {selector!r}, {count});"
        if self._script:
            self._driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._script})
        added = self._driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": watch})
        self._script = added["identifier"]
        self._driver.get(url)
        return self._seen("ready")

    def click(self, clicked: str, selectors: dict[str, str]) -> dict[str, float]:
        """Milliseconds from a click until the first match of each of `selectors` is shown."""
        return self.act(f"document.querySelector({clicked!r}).click()", selectors)

    def act(self, script: str, selectors: dict[str, str]) -> dict[str, float]:
        """Milliseconds from the start of `script` until the first match of each of `selectors` is shown."""
        start: float = self.run(
            "const [selectors] = arguments; window.watched = {}; const start = performance.now();"
            "for (const [name, selector] of Object.entries(selectors)) window.watch(name, selector, 1);"
            f"{script}; return start;",
            selectors,
        )
        return {name: self._seen(name) - start for name in selectors}

    def gone(self, selector: str) -> None:
        wait_until(lambda: self.run("return !document.querySelector(arguments[0])", selector), f"{selector} to be gone")

    def leave(self) -> None:
        """Nothing polls any more."""
        self._driver.get("about:blank")

    def transferred(self) -> int:
        """Bytes of the navigation and of all that it loaded, headers included."""
        size: int = self.run(
            "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".reduce((sum, each) => sum + each.transferSize, 0)"
        )
        return size

    def run(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)

    def _seen(self, name: str) -> float:
        at: float = wait_until(lambda: self.run("return window.watched[arguments[0]]", name), name, seconds=60)
        return at


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Ended with the block."""
    options = ChromeOptions()
    arguments = ["--headless=new", "--window-size=1400,900", "--disable-background-networking", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    for argument in arguments:
        options.add_argument(argument)
    driver = Chrome(service=Service("chromedriver"), options=options)
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        yield Browser(driver)
    finally:
        driver.quit()
