"""A real Prometheus for tests, with the files that docs/prometheus shows."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.support.servers import free_port, program, running, temporary_folder
from tests.support.waiting import wait_until

DOCUMENTED = Path(__file__).parents[2] / "docs" / "prometheus"


class Prometheus:
    """Asked by its own API."""

    def __init__(self, address: str) -> None:
        self._address = address

    def value(self, query: str) -> float | None:
        """The one value that a query has; `None` while it has none."""
        found = self._get("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def rules(self) -> dict[str, str]:
        """Each rule's name and health."""
        return {rule["name"]: rule["health"] for group in self._get("rules")["groups"] for rule in group["rules"]}

    def _get(self, call: str, **parameters: str) -> Any:
        answer = requests.get(f"{self._address}/api/v1/{call}", params=parameters, timeout=10)
        return json.loads(answer.text)["data"]


@contextlib.contextmanager
def prometheus(target_port: int, key: str) -> Iterator[Prometheus]:
    """Scrapes what listens at `target_port` every second."""
    with temporary_folder() as folder:
        port = free_port()
        shutil.copy(DOCUMENTED / "alerts.yml", folder)
        (folder / "fleetdash.key").write_text(key)
        config = (DOCUMENTED / "scrape.yml").read_text()
        assert "127.0.0.1:8050" in config
        config = config.replace("127.0.0.1:8050", f"127.0.0.1:{target_port}").replace("30s", "1s")
        (folder / "prometheus.yml").write_text(config)
        options = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder}/data"]
        command = [program("prometheus"), f"--config.file={folder}/prometheus.yml", *options]
        with running(command, folder, port):
            ready = f"http://127.0.0.1:{port}/-/ready"
            wait_until(lambda: requests.get(ready, timeout=10).ok, "Prometheus to be ready", seconds=30)
            yield Prometheus(f"http://127.0.0.1:{port}")
