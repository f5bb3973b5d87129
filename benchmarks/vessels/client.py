"""The client under measurement, alone in its process: jobs come in as lines of JSON, figures go out.

A job is {"job": name, "urls": one address per vessel, ...}; times are seconds, CPU is that of this process.
"""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.vessels import replaced
from benchmarks.vessels.data import vessel_id
from benchmarks.vessels.ours import Fleetdash
from fleetdash.domain.pings import ping_count, successful_pings

Job = dict[str, Any]
Figures = dict[str, Any]


class Client:
    """Does jobs. A fleet of another size needs a process of its own: a process has one database."""

    def __init__(self, folder: Path) -> None:
        self._fleetdash = Fleetdash(folder)

    def replaced(self, job: Job) -> Figures:
        """The replaced system's way over some vessels."""
        wall, cpu = time.perf_counter(), time.process_time()
        answers = [replaced.ask(url, vessel_id(number)) for number, url in enumerate(job["urls"])]
        return {
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "pings": {device: [tally.pings, tally.answered] for device, tally in answers[0].items()},
        }

    def run(self, job: Job) -> Figures:
        """One run of fleetdash: {"timeout": seconds}."""
        return asdict(self._fleetdash.run(job["urls"], job["timeout"]))

    def ask(self, job: Job) -> Figures:
        """fleetdash's client alone, one vessel after the other."""
        answers, spent = self._fleetdash.ask_each(job["urls"])
        pings = {ping.ip_address: [ping_count(ping.hours), successful_pings(ping.hours)] for ping in answers[0].pings}
        return {"cpu_each": spent, "pings": pings}

    def server(self, job: Job) -> Figures:
        """The server's own time for fleetdash's request: {"repeats": int}."""
        return {"taken": self._fleetdash.server_seconds(job["urls"][0], job["repeats"])}


def main() -> None:
    """Do each job until the input ends."""
    with tempfile.TemporaryDirectory(prefix="fleetdash-") as folder:
        client = Client(Path(folder))
        jobs = {"replaced": client.replaced, "run": client.run, "ask": client.ask, "server": client.server}
        for line in sys.stdin:
            job = json.loads(line)
            print(json.dumps(jobs[job["job"]](job)), flush=True)


if __name__ == "__main__":
    main()
