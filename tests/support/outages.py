"""Databases that a test takes away in the middle of a run, and gives back."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.postgres import PostgresServer, postgres_server


class Outage(Protocol):
    """A database that can be taken away."""

    url: str
    readable: bool
    """Whether it can be read while it is away."""

    def begin(self) -> None: ...

    def end(self) -> None: ...


class Locked:
    """An SQLite file that another program holds."""

    readable = True

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/fleetdash.db"
        self._other = sqlite3.connect(folder / "fleetdash.db", isolation_level=None, check_same_thread=False)

    def begin(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")

    def close(self) -> None:
        self._other.close()


class FullDisk:
    """An SQLite file on a disk that somebody else fills."""

    readable = True

    def __init__(self, disk: Path) -> None:
        self.url = f"sqlite:///{disk}/fleetdash.db"
        self._filler = disk / "filler"

    def begin(self) -> None:
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def end(self) -> None:
        self._filler.unlink()


class Stopped:
    """A PostgreSQL that is shut down."""

    readable = False

    def __init__(self, server: PostgresServer) -> None:
        self.url = server.url
        self.begin = server.stop
        self.end = server.start


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 24) -> Iterator[Path]:
    """A file system of its own, in memory; skips the test where mounting one is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small disk that this test fills")
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def outage_of(kind: str, folder: Path) -> Iterator[Outage]:
    """`locked`, `full` or `stopped`."""
    with contextlib.ExitStack() as stack:
        if kind == "locked":
            yield stack.enter_context(contextlib.closing(Locked(folder)))
        elif kind == "full":
            yield FullDisk(stack.enter_context(small_disk(folder / "disk")))
        else:
            server = stack.enter_context(postgres_server())
            yield Stopped(server)
