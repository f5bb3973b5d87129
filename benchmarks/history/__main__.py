"""Make the histories, rebuild what is derived, measure side by side, print."""

import os
import platform
import time

from benchmarks.history.generate import LONG, SHORT, SPARSE, History, Shape, history
from benchmarks.history.measure import A_DAYS_PAGE, A_YEARS_PAGE, Measured, measure
from benchmarks.target import Target
from fleetdash.storage.rollups import rebuild_rollups

LIMIT = 1.3


def main() -> None:
    """The whole benchmark."""
    began = time.monotonic()
    histories = [_ready(shape) for shape in (SHORT, SPARSE, LONG)]
    print("measuring ...", flush=True)
    measured = measure(histories)
    print(report(histories, measured, time.monotonic() - began))


def _ready(shape: Shape) -> History:
    began = time.monotonic()
    made, new = history(shape)
    print(f"{shape.name}: {'made' if new else 'kept'} in {made.file}, {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    if new or shape is LONG:
        cpu = time.process_time()
        done = rebuild_rollups(made.database)
        cpu, seconds = time.process_time() - cpu, time.monotonic() - began
        counts = f"{done.runs:,} runs, {done.attempts:,} attempts"
        print(f"  rebuild-rollups: {counts} in {seconds:.0f} s ({cpu:.0f} s CPU)", flush=True)
    return made


def report(histories: list[History], measured: list[Measured], seconds: float) -> str:
    """A line a call: milliseconds, ratios, and whether the one that counts is small enough."""
    head = f"{'ms a call, medians':<42}{'1,000':>9}{'1,000/2y':>10}{'70,000':>9}{'ratio':>8}{'ratio/2y':>10}"
    lines = [_line(each) for each in measured]
    missed = sum("MISSED" in line for line in lines)
    sizes = [f"{each.shape.name}: {_size(each)}" for each in histories]
    return "\n".join(
        [
            f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end; "
            f"{seconds:.0f} s in all",
            "",
            head,
            *lines,
            "",
            f"required: at most {LIMIT} x. Calls that cost by their days (+) are compared with 1,000 runs over",
            "the same two years, since 1,000 runs every 15 minutes fill ten days only. Both ratios are printed.",
            *sizes,
            "all reached" if not missed else f"{missed} missed",
            "",
            *map(str, _a_year(measured)),
        ]
    )


def _line(each: Measured) -> str:
    short, sparse, long = each.seconds
    ratio = long / (sparse if each.by_period else short)
    verdict = "reached" if ratio <= LIMIT else "MISSED"
    times = f"{short * 1e3:9.2f}{sparse * 1e3:10.2f}{long * 1e3:9.2f}"
    name = each.name + (" +" if each.by_period else "")
    return f"{name:<42}{times}{long / short:8.2f}{long / sparse:10.2f}  {verdict}"


def _a_year(measured: list[Measured]) -> list[Target]:
    """The manager's page on the long history."""
    long = {each.name: each.seconds[-1] for each in measured}
    year, day = long[A_YEARS_PAGE], long[A_DAYS_PAGE]
    return [
        Target("the manager's page of a year, 70,000 runs", 150, year * 1e3, "ms"),
        Target("the same against 24 hours", 15, year / day),
    ]


def _size(each: History) -> str:
    size = each.file.stat().st_size
    return f"{size / 1e6:.0f} MB, {size / each.shape.runs / 1e3:.1f} kB a run"


if __name__ == "__main__":
    main()
