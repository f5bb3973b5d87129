"""One real influxd on loopback, with a full database for each ship."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.ships.data import VESSELS, lines, vessel_id
from tests.support.influxd import Influxd, running_influxd

_AT_ONCE = 2
_SETTLED_SECONDS = 3


@contextlib.contextmanager
def filled_influxd() -> Iterator[int]:
    """The port of an influxd that holds the whole fleet; stopped with the block."""
    with running_influxd() as influxd:
        points = list(lines(int(time.time()) // 60 * 60))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda number: _fill(influxd, vessel_id(number), points), range(VESSELS)))
        # it still sorts what it got
        time.sleep(_SETTLED_SECONDS)
        yield int(influxd.url.rpartition(":")[2])


def _fill(influxd: Influxd, vessel: str, points: list[str]) -> None:
    influxd.create_database(vessel)
    influxd.write(vessel, points)
