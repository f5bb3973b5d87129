"""Start everything, measure, print, stop everything."""

import os
import time
from collections.abc import Callable
from statistics import median, quantiles

from benchmarks.page import crowded
from benchmarks.page.apps import App, bare, fleetdash
from benchmarks.page.browser import Browser, chromium
from benchmarks.page.polls import EVERY_SECONDS, PAGES, poll
from benchmarks.target import Target

ROUNDS = 9
VESSELS = 66
MOST_MODAL_MS = 250.0
LIVE = "html:has(#run-now:enabled) .vessel-card"
"""A card, once the controls live too."""
USABLE = "html:has(#button) .shown"
"""The same of the bare app."""


def main() -> None:
    """The whole benchmark."""
    began, load = time.monotonic(), os.getloadavg()[0]
    with fleetdash() as ours, bare() as theirs, chromium() as browser:
        targets = [*_ready(browser, ours, theirs), *_clicks(browser, ours, theirs), *_polls(browser, ours)]
        print(crowded.measure(browser))
    print(f"{os.cpu_count()} cores, {time.monotonic() - began:.0f} s in all; load before: {load:.1f}")
    print(*targets, sep="\n")


def _ready(browser: Browser, ours: App, theirs: App) -> list[Target]:
    targets = []
    for words, fresh in (("an empty cache", True), ("a warm cache", False)):
        cards, shown = _in_turn(
            lambda fresh=fresh: browser.open(ours.url, ".vessel-card", VESSELS, fresh=fresh),  # type: ignore[misc]
            lambda fresh=fresh: browser.open(theirs.url, ".shown", 1, fresh=fresh),  # type: ignore[misc]
        )
        usable, bare_usable = _in_turn(
            lambda fresh=fresh: browser.open(ours.url, LIVE, VESSELS, fresh=fresh),  # type: ignore[misc]
            lambda fresh=fresh: browser.open(theirs.url, USABLE, 1, fresh=fresh),  # type: ignore[misc]
        )
        print(f"{VESSELS} cards, {words}: {cards:.0f} ms, usable {usable:.0f} ms")
        print(f"the bare app's line: {shown:.0f} ms, usable {bare_usable:.0f} ms")
        targets.append(Target(f"times the bare app's ready time, {words}", 1.5, cards / shown))
        targets.append(Target(f"times the bare app's usable time, {words}", 1.3, usable / bare_usable))
    for name, app, selector in (("fleetdash", ours, LIVE), ("the bare app", theirs, ".shown")):
        browser.open(app.url, selector, 1, fresh=True)
        print(f"first view of {name}: {browser.transferred():,} bytes")
    return targets


def _in_turn(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Medians; a first round of each is not counted."""
    rounds = [(one(), other()) for _ in range(ROUNDS + 1)][1:]
    return median(ours for ours, _ in rounds), median(theirs for _, theirs in rounds)


def _clicks(browser: Browser, ours: App, theirs: App) -> list[Target]:
    browser.open(theirs.url, ".shown", 1, fresh=False)
    trips = [browser.click("#button", {"seen": f"#clicks-{clicks}"})["seen"] for clicks in range(1, 2 * ROUNDS + 1)]
    browser.open(ours.url, LIVE, VESSELS, fresh=False)
    opened = [_open_modal(browser, number) for number in range(1, 2 * ROUNDS + 1)]
    trip, modal = median(trips), median(each["modal"] for each in opened)
    devices = median(each["devices"] for each in opened)
    print(f"click: modal {modal:.0f} ms, its devices {devices:.0f} ms; a bare callback's round trip {trip:.0f} ms")
    limit = max(MOST_MODAL_MS, 3 * trip)
    return [Target("from the click to the modal", limit, modal, "ms")]


def _open_modal(browser: Browser, number: int) -> dict[str, float]:
    shown = {"modal": "#vessel-modal", "devices": "#vessel-devices .ip-address"}
    times = browser.click(f".vessel-card:nth-child({number})", shown)
    browser.run("document.querySelector('#vessel-close').click()")
    browser.gone("#vessel-modal")
    return times


def _polls(browser: Browser, ours: App) -> list[Target]:
    browser.leave()
    waits, share, longest = poll(ours)
    p99 = 1000 * quantiles(waits, n=100)[98]
    print(f"{len(waits)} polls of {PAGES} pages, one in {EVERY_SECONDS:g} s each: median {1000 * median(waits):.1f} ms")
    return [
        Target(f"{PAGES} open pages, of one core", 10, 100 * share, "%"),
        Target("a poll's wait, 99th percentile", 50, p99, "ms"),
        Target("an idle poll's answer, headers included", 300, longest, "B"),
    ]


if __name__ == "__main__":
    main()
