"""A real InfluxDB 1.x for tests."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import requests

from tests.support.servers import free_port, program, running, temporary_folder
from tests.support.waiting import wait_until

ADMIN = ("admin", "admin-secret")
READER = ("reader", "reader-secret")

_LINES_AT_ONCE = 20_000

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  cache-snapshot-write-cold-duration = "{at_rest_after}"
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[retention]
  enabled = false
[shard-precreation]
  enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  auth-enabled = {auth}
  log-enabled = false
[ifql]
  enabled = false
"""


@dataclass
class Influxd:
    """A running InfluxDB. With `auth`, the admin does what is asked here, and `READER` may read every database."""

    url: str
    auth: bool = False
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.trust_env = False
        if self.auth:
            # the first user may be created by anyone, and must be an admin
            self.query("", f"CREATE USER {ADMIN[0]} WITH PASSWORD '{ADMIN[1]}' WITH ALL PRIVILEGES")
            self._session.auth = ADMIN
            self.query("", f"CREATE USER {READER[0]} WITH PASSWORD '{READER[1]}'")

    def create_database(self, name: str) -> None:
        self.query("", f'CREATE DATABASE "{name}"')
        if self.auth:
            self.query("", f'GRANT READ ON "{name}" TO {READER[0]}')

    def drop_database(self, name: str) -> None:
        self.query("", f'DROP DATABASE "{name}"')

    def write(
        self, database: str, lines: Iterable[str], *, precision: str = "s", retention_policy: str | None = None
    ) -> None:
        """Line protocol; `precision` is the unit of its times: ns, u, ms, s, m, h."""
        remaining = iter(lines)
        while chunk := list(islice(remaining, _LINES_AT_ONCE)):
            answer = self._session.post(
                f"{self.url}/write",
                params={"db": database, "precision": precision, "rp": retention_policy},
                data="\n".join(chunk).encode(),
                timeout=60,
            )
            assert answer.status_code == 204, f"InfluxDB refused points: {answer.text}"

    def query(self, database: str, q: str, *, epoch: str = "s") -> list[dict[str, Any]]:
        """The answer's `results`, one per statement; fails where one of them holds an error."""
        answer = self._session.post(f"{self.url}/query", data={"db": database, "q": q, "epoch": epoch}, timeout=60)
        answer.raise_for_status()
        results: list[dict[str, Any]] = answer.json()["results"]
        errors = [result["error"] for result in results if "error" in result]
        assert not errors, f"InfluxDB: {errors} in answer to {q}"
        return results


@contextlib.contextmanager
def running_influxd(*, auth: bool = False, at_rest_after: str = "10m") -> Iterator[Influxd]:
    """Start an InfluxDB with nothing in it; stopped and removed with the block.

    `at_rest_after`: how long after its last point a database's data moves from memory to its files.
    """
    with temporary_folder() as folder:
        port = free_port()
        config = folder / "influxdb.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                port=port,
                rpc_port=free_port(),
                auth="true" if auth else "false",
                at_rest_after=at_rest_after,
            )
        )
        with running([program("influxd"), "-config", str(config)], folder, port):
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(url), "InfluxDB's first answer", seconds=60)
            yield Influxd(url, auth)


def _answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{url}/ping", timeout=1).status_code == 204
    return False
