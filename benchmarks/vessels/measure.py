"""What is measured, in which order: both ways alternate, so that noise affects both."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.vessels.data import VESSELS
from benchmarks.vessels.link import Speed, Traffic
from benchmarks.vessels.process import Child, Relay, child, relay

SLOW = Speed(bits_per_second=512_000, round_trip_seconds=0.6)
HANGING = 12
HANGING_TIMEOUT_SECONDS = 5.0
CHAIN_SECONDS = 4 * HANGING_TIMEOUT_SECONDS + 1 + 2 + 4
"""Four attempts and the three waits between them."""

_TIMEOUT_SECONDS = 30.0
_ROUNDS = 3
_RUNS_A_ROUND = 3
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians. Seconds; CPU and traffic are of one vessel, run times of the whole fleet."""

    replaced: Traffic
    ours: Traffic
    replaced_cpu: float
    ask_cpu: float
    run_cpu: float
    replaced_loopback: float
    run_loopback: float
    replaced_slow: float
    run_slow: float
    run_slow_alone: float
    run_hanging: float
    hanging_unreachable: float
    server: float


class Bench:
    """The clients, each alone in its process, and the ways to the server."""

    def __init__(self, old: Child, new: Child, lone: Child, direct: str, counting: Relay, slow: Relay) -> None:
        self._old = old
        self._new = new
        self._lone = lone  # fleetdash with a fleet of one vessel
        self._direct = [direct] * VESSELS
        self._counting = counting
        self._slow = slow

    def measure(self) -> Measured:
        """All of it, about three minutes."""
        self._warm_up()
        replaced, ours = self._traffic()
        loopback = [self._loopback(part) for part in range(_ROUNDS)]
        slow = [self._slow_link(vessel) for vessel in range(_ROUNDS)]
        return Measured(
            replaced,
            ours,
            **_medians(loopback),
            **_medians(slow),
            **self._hanging(),
        )

    def _warm_up(self) -> None:
        """The first run finds the devices that are down; in all that follow, none is newly down."""
        for client, urls in ((self._new, self._direct), (self._lone, self._direct[:1])):
            self._run(client, urls)
        self._replaced(self._direct[:1])

    def _traffic(self) -> tuple[Traffic, Traffic]:
        sample = self._counting.urls[:_SAMPLE]
        self._counting.take_traffic()
        counted = self._replaced(sample)
        replaced = _typical(self._counting)
        asked = self._new.ask({"job": "ask", "urls": self._counting.urls})
        ours = _typical(self._counting)
        if ours.round_trips != 2:
            raise RuntimeError(f"a handshake and one request were expected of a steady fleet, not {ours}")
        _agree(counted["pings"], asked["pings"])
        return replaced, ours

    def _loopback(self, part: int) -> dict[str, float]:
        """A third of the fleet in the replaced system's way, which takes as long for each; all of it in ours."""
        each = VESSELS // _ROUNDS
        replaced = self._replaced(self._direct[part * each : (part + 1) * each])
        runs = [self._run(self._new, self._direct) for _ in range(_RUNS_A_ROUND)]
        asked = self._new.ask({"job": "ask", "urls": self._direct})["cpu_each"]
        served = self._new.ask({"job": "server", "urls": self._direct[:1], "repeats": 15})["taken"]
        return {
            "replaced_cpu": replaced["cpu"] / each,
            "replaced_loopback": replaced["wall"] / each * VESSELS,
            "ask_cpu": median(asked),
            "run_cpu": median(run["cpu"] for run in runs) / VESSELS,
            "run_loopback": median(run["wall"] for run in runs),
            "server": median(served),
        }

    def _slow_link(self, vessel: int) -> dict[str, float]:
        """One vessel in the replaced system's way, times 66: it asks one after the other."""
        replaced = self._replaced(self._slow.urls[vessel : vessel + 1])
        alone = [self._run(self._lone, self._slow.urls[:1])["wall"] for _ in range(_RUNS_A_ROUND)]
        fleet = [self._run(self._new, self._slow.urls)["wall"] for _ in range(_RUNS_A_ROUND)]
        return {
            "replaced_slow": replaced["wall"] * VESSELS,
            "run_slow_alone": median(alone),
            "run_slow": median(fleet),
        }

    def _hanging(self) -> dict[str, Any]:
        """The short time-out fails others too where the machine is busy; the report says how many."""
        with _hanging_vessel() as url:
            urls = [*self._direct[HANGING:], *[url] * HANGING]
            job = {"job": "run", "urls": urls, "timeout": HANGING_TIMEOUT_SECONDS}
            figures = self._new.ask(job)
        return {"run_hanging": figures["wall"], "hanging_unreachable": figures["unreachable"]}

    def _replaced(self, urls: Sequence[str]) -> dict[str, Any]:
        figures: dict[str, Any] = self._old.ask({"job": "replaced", "urls": urls})
        return figures

    def _run(self, client: Child, urls: Sequence[str]) -> dict[str, Any]:
        figures: dict[str, Any] = client.ask({"job": "run", "urls": urls, "timeout": _TIMEOUT_SECONDS})
        if (figures["reached"], figures["retries"]) != (len(urls), 0):
            raise RuntimeError(f"every vessel should have answered at once: {figures}")
        return figures


@contextmanager
def bench(server_port: int) -> Iterator[Bench]:
    """Everything but the server, stopped with the block."""
    client = "benchmarks.vessels.client"
    with (
        child(client) as old,
        child(client) as new,
        child(client) as lone,
        relay(server_port, VESSELS, Speed()) as counting,
        relay(server_port, VESSELS, SLOW) as slow,
    ):
        yield Bench(old, new, lone, f"http://127.0.0.1:{server_port}", counting, slow)


@contextmanager
def _hanging_vessel() -> Iterator[str]:
    """Connections are taken, by the system alone, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=4 * HANGING) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


def _medians(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def _typical(counting: Relay) -> Traffic:
    """The median over the vessels that were asked."""
    asked = [traffic for traffic in counting.take_traffic() if traffic.round_trips]
    ups, downs, trips = zip(*((one.up, one.down, one.round_trips) for one in asked), strict=True)
    return Traffic(round(median(ups)), round(median(downs)), round(median(trips)))


def _agree(theirs: dict[str, list[int]], ours: dict[str, list[int]]) -> None:
    """Both ways must count the same pings; a minute's ping may come in between the two windows' starts and ends."""
    if theirs.keys() != ours.keys():
        raise RuntimeError("the two ways know different devices")
    far = [device for device in ours if any(abs(a - b) > 2 for a, b in zip(theirs[device], ours[device], strict=True))]
    if far:
        raise RuntimeError(f"the two ways do not count the same pings of {far}")
