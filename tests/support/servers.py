"""Real servers for tests: child processes on free ports of loopback, which never outlive the tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.waiting import wait_until


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether something accepts connections at a port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def program(name: str, path: str | None = None) -> str:
    """Where a program is on `path`, the PATH unless another is given."""
    found = shutil.which(name, path=path)
    assert found, f"{name} is not installed; `make test` installs it"
    return found


def account(preferred: str) -> str | None:
    """Whom to run as a server that refuses to run as root; `None` where we are not root."""
    return preferred if os.geteuid() == 0 else None


@contextlib.contextmanager
def temporary_folder(owner: str | None = None) -> Iterator[Path]:
    """A folder outside of pytest's, which other accounts may not enter."""
    with tempfile.TemporaryDirectory(prefix="fleetdash-", ignore_cleanup_errors=True) as name:
        if owner:
            shutil.chown(name, user=owner)
        yield Path(name)


def as_account(owner: str | None) -> list[str]:
    """What to put before a command so that it ends with us, even if we are killed, and runs as `owner`."""
    who = ["--reuid", owner, "--regid", owner, "--clear-groups"] if owner else []
    return ["setpriv", "--pdeathsig", "TERM", *who, "--"]


@contextlib.contextmanager
def running(
    command: list[str], folder: Path, port: int, *, owner: str | None = None, stop_signal: int = 15
) -> Iterator[None]:
    """A server that writes its log into `folder` and listens at `port`; stopped with the block."""
    log = folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            as_account(owner) + command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            wait_until(lambda: process.poll() is not None or listens(port), f"{command[0]} to start", seconds=60)
            assert process.poll() is None, f"{command[0]} ended at once:\n{log.read_text()}"
            yield
        finally:
            process.send_signal(stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
