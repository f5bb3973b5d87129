"""Runs alone, runs in the crowd, 500 runs in a row; then what was asked for, and what was seen."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import linear_regression, median

from benchmarks.load.installation import APP, Installation, installation
from benchmarks.target import Target

PAGES = LISTENERS = 200
DELAY_SECONDS = 1.5
"""What a ship's link takes for an answer: with none at all a run is nothing but the processor's work."""

RUNS_TO_COMPARE = 12
RUNS_IN_A_ROW = 500
SETTLED_AFTER = 100


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
    """The same runs without and with everyone there."""
    served.run()
    alone = median(served.run() for _ in range(RUNS_TO_COMPARE))
    print(f"a run alone: {alone:.2f} s", flush=True)
    command = [sys.executable, "-m", "benchmarks.load.crowd", served.address, str(PAGES), str(LISTENERS)]
    with subprocess.Popen(command, cwd=APP.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
        assert crowd.stdout is not None
        crowd.stdout.readline()  # all have come
        together = [served.run() for _ in range(RUNS_TO_COMPARE)]
        time.sleep(2)  # for the last events to be told
        told, _ = crowd.communicate("\n", timeout=120)
    seen = json.loads(told)
    polls, events = sorted(seen["polls"]), sorted(seen["events"])
    print(f"in the crowd: {median(together):.2f} s; {len(polls)} polls, {len(events)} events, {seen['reads']} reads")
    print(*sorted(set(seen["errors"])), sep="\n")
    return [
        Target("errors", 0, len(seen["errors"]), ""),
        Target("events that a listener missed", 0, LISTENERS * 66 * RUNS_TO_COMPARE - len(events), ""),
        Target("a run in the crowd, against one alone", 1.2, median(together) / alone, "x"),
        Target("a poll, 99th percentile", 250, 1000 * _share(polls, 0.99), "ms"),
        Target("from an attempt's end to the last listener, 99th percentile", 200, 1000 * _share(events, 0.99), "ms"),
        Target("the same, the slowest of all", 200, 1000 * events[-1], "ms"),
    ]


def growth(served: Installation) -> float:
    """Bytes a run, by the line through all but the first runs."""
    sizes = []
    for number in range(RUNS_IN_A_ROW):
        served.run()
        sizes.append(served.memory())
        if number % 100 == 99:
            print(f"{number + 1} runs in a row: {sizes[-1] / 1e6:.1f} MB", flush=True)
    settled = sizes[SETTLED_AFTER:]
    return linear_regression(range(len(settled)), settled).slope


def _share(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))]


if __name__ == "__main__":
    main()
