"""Runs alone, runs in the crowd, many runs in a row; then what was asked for, and what was seen."""

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from benchmarks.load.installation import APP, VESSELS, Installation, installation
from benchmarks.target import Target

PAGES, LISTENERS = 50, 20
DELAY_SECONDS = 1.5
"""What a vessel's link takes for an answer: with none at all a run is nothing but the processor's work."""

RUNS_TO_COMPARE = 12
WARM_UP_RUNS = 200
"""Until caches that are bounded are full: SQLite's, one a connection, and what threads keep of memory they had."""

RUNS_IN_A_ROW = 500


def main() -> None:
    """The whole benchmark."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        with installation(Path(name) / "crowd", DELAY_SECONDS) as served:
            figures = in_the_crowd(served)
        print(*figures, sep="\n", flush=True)
        with installation(Path(name) / "long", 0.0) as served:
            figures.append(Target("memory, growth a run", 1.0, growth(served) / 1000, "kB"))
    print(
        f"\n{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end; "
        f"{time.monotonic() - began:.0f} s in all\n"
    )
    print(*figures, sep="\n")


def in_the_crowd(served: Installation) -> list[Target]:
    """The same runs alone, with listeners only, and with everyone there."""
    served.run()
    alone = median(served.run() for _ in range(RUNS_TO_COMPARE))
    print(f"a run alone: {alone:.2f} s", flush=True)
    with contextlib.ExitStack() as stack:
        listeners = stack.enter_context(_crowd("listeners", served, LISTENERS))
        heard, _ = _runs(served, [listeners])
        listening = sorted(heard[0]["events"])
        crowd = [listeners]
        crowd += [stack.enter_context(_crowd(part, served, count)) for part, count in (("pages", PAGES), ("reader", 1))]
        seen, together = _runs(served, crowd)
    polls, events = (sorted(value for part in seen for value in part[name]) for name in ("polls", "events"))
    errors = [error for part in [*heard, *seen] for error in part["errors"]]
    wanted = LISTENERS * VESSELS * RUNS_TO_COMPARE
    print(
        f"in the crowd: {median(together):.2f} s; {len(polls)} polls, {len(events)} events, {seen[-1]['reads']} reads; "
        f"the crowd itself took {sum(part['cpu_seconds'] for part in seen):.1f} s of processor"
    )
    print(*sorted(set(errors)), sep="\n")
    last = "from an attempt's end to the last listener"
    return [
        Target("errors", 0, len(errors), ""),
        Target("events that a listener missed", 0, 2 * wanted - len(events) - len(listening), ""),
        Target("a run in the crowd, against one alone", 1.2, median(together) / alone, "x"),
        Target("a poll, 99th percentile", 250, 1000 * _share(polls, 0.99), "ms"),
        Target(f"{last}, 99th percentile", 300, 1000 * _share(events, 0.99), "ms"),
        Target(f"without pages and reader: {last}, 99th percentile", 300, 1000 * _share(listening, 0.99), "ms"),
    ]


@contextlib.contextmanager
def _crowd(part: str, served: Installation, count: int) -> Iterator[subprocess.Popen[str]]:
    """A part of it, from when all have come until the block ends."""
    command = [sys.executable, "-m", "benchmarks.load.crowd", part, served.address, str(count)]
    with subprocess.Popen(command, cwd=APP.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        _said(process)
        yield process


def _runs(served: Installation, crowd: list[subprocess.Popen[str]]) -> tuple[list[dict[str, Any]], list[float]]:
    """What each part of the crowd saw of some runs, and how long each took."""
    for part in crowd:
        _report(part)  # what was before
    seconds = [served.run() for _ in range(RUNS_TO_COMPARE)]
    time.sleep(2)  # for the last events to be told
    return [_report(part) for part in crowd], seconds


def _report(part: subprocess.Popen[str]) -> dict[str, Any]:
    assert part.stdin is not None
    print(file=part.stdin, flush=True)
    seen: dict[str, Any] = json.loads(_said(part))
    return seen


def _said(part: subprocess.Popen[str]) -> str:
    assert part.stdout is not None
    return part.stdout.readline()


def growth(served: Installation) -> float:
    """Bytes a run, by the line through all runs after the warm-up."""
    sizes = []
    for number in range(WARM_UP_RUNS + RUNS_IN_A_ROW):
        served.run()
        sizes.append(served.memory())
        if number % 100 == 99:
            print(f"{number + 1} runs in a row: {sizes[-1] / 1e6:.2f} MB", flush=True)
    print(f"growth a run, the warm-up included: {_slope(sizes) / 1000:.2f} kB", flush=True)
    return _slope(sizes[WARM_UP_RUNS:])


def _slope(sizes: list[int]) -> float:
    return linear_regression(range(len(sizes)), sizes).slope


def _share(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))]


if __name__ == "__main__":
    main()
