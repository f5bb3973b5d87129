"""The figures as text: each ratio with what it was made from, then what was to be reached."""

import os
import platform
from collections.abc import Iterator

from benchmarks.target import Target
from benchmarks.vessels.data import VESSELS
from benchmarks.vessels.link import Traffic
from benchmarks.vessels.measure import CHAIN_SECONDS, HANGING, HANGING_TIMEOUT_SECONDS, SLOW, Measured


def targets(measured: Measured) -> list[Target]:
    """The required figures."""
    slow, alone = measured.run_slow, measured.run_slow_alone
    return [
        _at_least(20, "fewer bytes than the replaced system", bytes_of(measured.replaced, measured.ours)),
        _at_least(25, "less client CPU", measured.replaced_cpu / measured.ask_cpu),
        _at_least(10, "faster over the whole fleet, loopback", measured.replaced_loopback / measured.run_loopback),
        Target("one hanging chain's time, with 12 hanging vessels", 1.15, measured.run_hanging / CHAIN_SECONDS),
        _at_least(80, "faster over the slow link, every vessel on a link of its own", measured.replaced_slow / slow),
        Target("one single vessel's time, all vessels over slow links", 1.6, slow / alone),
    ]


def _at_least(limit: float, words: str, value: float) -> Target:
    return Target(words, limit, value, at_least=True)


def bytes_of(theirs: Traffic, ours: Traffic) -> float:
    """How many times as many bytes, both directions."""
    return (theirs.up + theirs.down) / (ours.up + ours.down)


def report(measured: Measured, seconds: float, load_before: float) -> str:
    """Everything that the benchmark has to say."""
    missed = [target for target in targets(measured) if not target.reached]
    return "\n".join(
        [
            f"{os.cpu_count()} cores, Python {platform.python_version()}, medians, {seconds:.0f} s in all; "
            f"load before: {load_before:.1f} (every time below counts only when that is near 0)",
            "",
            *_rows(measured),
            "",
            *_floor(measured),
            "",
            *map(str, targets(measured)),
            f"{len(missed)} missed" if missed else "all reached",
        ]
    )


def _rows(measured: Measured) -> Iterator[str]:
    yield f"{'':<46}{'replaced':>14}{'fleetdash':>14}{'ratio':>9}"
    yield _row("bytes per vessel, TCP payload", _total(measured.replaced), _total(measured.ours), "")
    trips = measured.replaced.round_trips, measured.ours.round_trips
    yield _row("round trips per vessel, handshakes included", *trips, "")
    yield _row("client CPU per vessel, asking and reading", measured.replaced_cpu * 1e3, measured.ask_cpu * 1e3, "ms")
    yield _row("  the same with the run and its records", measured.replaced_cpu * 1e3, measured.run_cpu * 1e3, "ms")
    yield _row(f"{VESSELS} vessels, loopback", measured.replaced_loopback, measured.run_loopback, "s")
    link = f"{SLOW.bits_per_second / 1000:g} kbit/s, {SLOW.round_trip_seconds * 1000:g} ms"
    yield _row(f"{VESSELS} vessels, {link}, one link per vessel", measured.replaced_slow, measured.run_slow, "s")
    yield _row("  one vessel alone", measured.replaced_slow / VESSELS, measured.run_slow_alone, "s")
    chain = f"one chain of 4 x {HANGING_TIMEOUT_SECONDS:g} s and waits: {CHAIN_SECONDS:g} s"
    hanging = f"{VESSELS} vessels, loopback, {HANGING} of them hanging, {measured.hanging_unreachable:g} not reached"
    yield f"{hanging:<60}{measured.run_hanging:>12.2f} s   {chain}"


def _row(words: str, theirs: float, ours: float, unit: str) -> str:
    return f"{words:<46}{_number(theirs, unit):>14}{_number(ours, unit):>14}{theirs / ours:>7.1f} x"


def _number(value: float, unit: str) -> str:
    return f"{value:,.2f} {unit}" if unit else f"{value:,.0f}"


def _total(traffic: Traffic) -> int:
    return traffic.up + traffic.down


def _floor(measured: Measured) -> list[str]:
    """What no client can beat: the link and the server."""
    line = _total(measured.ours) * 8 / SLOW.bits_per_second
    alone = 2 * SLOW.round_trip_seconds + measured.server + line
    # the one server that stands for all vessels works for them in turn
    shared = measured.server * VESSELS / (os.cpu_count() or 1)
    return [
        f"floor of one vessel over the slow link: {alone:.2f} s = handshake and one round trip "
        f"{2 * SLOW.round_trip_seconds:g} s + the server {measured.server:.3f} s + {_total(measured.ours):,} bytes "
        f"on the line {line:.3f} s",
        f"one server stands for all {VESSELS} vessels on this machine's cores: {shared:.2f} s of its own time per run",
    ]
