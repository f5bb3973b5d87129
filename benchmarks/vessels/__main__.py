"""Start everything, measure, print, stop everything."""

import os
import time

from benchmarks.vessels.measure import bench
from benchmarks.vessels.report import report
from benchmarks.vessels.server import filled_influxd


def main() -> None:
    """The whole benchmark."""
    began, load_before = time.monotonic(), os.getloadavg()[0]
    print("filling an InfluxDB with 66 vessels ...", flush=True)
    with filled_influxd() as port, bench(port) as ready:
        print("measuring ...", flush=True)
        measured = ready.measure()
    print(report(measured, time.monotonic() - began, load_before))


if __name__ == "__main__":
    main()
