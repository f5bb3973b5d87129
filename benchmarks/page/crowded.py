"""A vessel with 500 devices in its modal: opened, sorted, searched, and refreshed while it is open."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.page.browser import Browser
from fleetdash.demo.behaviour import STEADY, unplugged
from tests.browser.casts import CROWDED, WELL
from tests.browser.served import Served

ROUNDS = 9
DEVICES = len(CROWDED.devices or ())
CARD = f".vessel-card[data-vessel-id={CROWDED.id}]"
LAST = f"#vessel-devices tbody tr:nth-child({DEVICES})"
SEARCH = """
const search = document.getElementById('device-search');
search.value = '10.8.9.49'; search.dispatchEvent(new Event('change', {bubbles: true}))"""
LONG_TASKS = """
window.longTasks = [0];
new PerformanceObserver((list) => list.getEntries().forEach((each) => window.longTasks.push(each.duration)))
  .observe({type: 'longtask'});
dash_clientside.set_props('refresh-interval', {interval: 200});
"""


def measure(browser: Browser) -> str:
    """In words: milliseconds until it is painted, medians; the longest task of a refresh that changes every row."""
    logging.getLogger("fleetdash").setLevel(logging.ERROR)  # a vessel that goes away is warned of, and is meant here
    with _served() as served:
        browser.open(served.url, CARD, 1, fresh=False)
        first = browser.click(CARD, {"seen": LAST})["seen"]
        rounds = [_round(browser) for _ in range(ROUNDS)]
        opened, ordered, found = (median(each) for each in zip(*rounds, strict=True))
        _reopen(browser)
        browser.run(LONG_TASKS)
        longest = median(_refresh(browser, served) for _ in range(ROUNDS))
    return (
        f"{DEVICES} devices: opened {first:.0f} ms the first time and {opened:.0f} ms again, sorted {ordered:.0f} ms, "
        f"one found {found:.0f} ms, longest task of a refresh {longest:.0f} ms"
    )


@contextmanager
def _served() -> Iterator[Served]:
    with TemporaryDirectory() as folder, closing(Served(Path(folder), (CROWDED, WELL), scheduling=False)) as served:
        served.run()
        yield served.start()


def _reopen(browser: Browser) -> float:
    browser.run("document.querySelector('#vessel-close').click()")
    browser.gone("#vessel-modal")
    return browser.click(CARD, {"seen": LAST})["seen"]


def _round(browser: Browser) -> tuple[float, float, float]:
    opened = _reopen(browser)
    ordered = browser.click("[data-sort=address]", {"seen": "th:nth-child(2)[aria-sort=ascending]"})["seen"]
    found = browser.act(SEARCH, {"seen": "#vessel-devices tbody tr:only-child"})["seen"]
    return opened, ordered, found


def _refresh(browser: Browser, served: Served) -> float:
    """The vessel goes away, so that every row changes, and comes back."""
    browser.run("window.longTasks = [0]")
    served.behave(CROWDED.id, unplugged())
    served.run()
    browser.act("", {"seen": f"{LAST}[data-sync-status=sync_failed]"})
    longest: float = browser.run("return Math.max(...window.longTasks)")
    served.behave(CROWDED.id, STEADY)
    served.run()
    browser.act("", {"seen": f"{LAST}:not([data-sync-status=sync_failed])"})
    return longest
