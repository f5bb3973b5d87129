"""A real PostgreSQL for tests."""

import contextlib
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.support.servers import account, as_account, free_port, program, running, temporary_folder
from tests.support.waiting import wait_until

_USER = "fleetdash"
# what is lost when the machine goes down does not matter here
_FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class PostgresServer:
    """A PostgreSQL that trusts everyone on loopback, and may be stopped and started again at its port."""

    def __init__(self, folder: Path, owner: str | None) -> None:
        self._owner = owner
        self._data = folder / "data"
        self._log = folder / "log"
        self._log.mkdir()
        self._log.chmod(0o755)
        self._port = free_port()
        self._sockets = folder
        self._running = contextlib.ExitStack()
        _init(self._data, owner)

    @property
    def url(self) -> str:
        """Of its database `postgres`."""
        return f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        command = [
            _program("postgres"), "-D", str(self._data), "-p", str(self._port), "-h", "127.0.0.1",
            "-k", str(self._sockets), *_FAST,
        ]  # fmt: skip
        server = running(command, self._log, self._port, owner=self._owner, stop_signal=signal.SIGINT)
        self._running.enter_context(server)
        wait_until(lambda: _answers(self.url), "PostgreSQL's first answer", seconds=60)

    def stop(self) -> None:
        """Its clients are cut off."""
        self._running.close()


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A started server of one's own; stopped with the block."""
    owner = account("postgres")
    with temporary_folder(owner) as folder:
        server = PostgresServer(folder, owner)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a PostgreSQL; yields the URL of its database `postgres`."""
    with postgres_server() as server:
        yield server.url


@contextlib.contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A database of its own for one test; yields its URL."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server_url.removesuffix("postgres") + name
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _init(data: Path, owner: str | None) -> None:
    options = ["-U", _USER, "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]
    command = [*as_account(owner), _program("initdb"), "-D", str(data), *options]
    done = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"initdb: {done.stdout}{done.stderr}"


def _program(name: str) -> str:
    """Debian keeps the server's programs off the PATH; all must be of one version, here the newest."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    newest = max(folders, key=lambda folder: int(folder.parent.name), default=None)
    return program(name, str(newest) if newest else None)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=1):
        return True
    return False
