"""One real influxd on loopback, with a full database for each vessel."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.vessels.data import VESSELS, lines, vessel_id
from tests.support.influxd import Influxd, running_influxd
from tests.support.waiting import wait_until

_AT_ONCE = 2
_PATIENCE_SECONDS = 60


@contextlib.contextmanager
def filled_influxd() -> Iterator[int]:
    """The port of an influxd that holds the whole fleet, in its files; stopped with the block.

    In its memory, where points rest at first, 66 vessels' are 66 times what one vessel's server has to go through
    whenever it collects its garbage.
    """
    with running_influxd(at_rest_after="1s") as influxd:
        points = list(lines(int(time.time()) // 60 * 60))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda number: _fill(influxd, vessel_id(number), points), range(VESSELS)))
        wait_until(lambda: _at_rest(influxd), "the points to be in files", seconds=_PATIENCE_SECONDS)
        yield int(influxd.url.rpartition(":")[2])


def _fill(influxd: Influxd, vessel: str, points: list[str]) -> None:
    influxd.create_database(vessel)
    influxd.write(vessel, points)


def _at_rest(influxd: Influxd) -> bool:
    caches = influxd.query("", "SHOW STATS FOR 'tsm1_cache'")[0]["series"]
    return len(caches) >= VESSELS and not any(_named(cache)["memBytes"] for cache in caches)


def _named(series: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(series["columns"], series["values"][0], strict=True))
