"""fleetdash as `pip install .` leaves it: a wheel in an environment of its own, far from the checkout."""

import re
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from fleetdash import __version__
from fleetdash.errors import ConfigurationError
from fleetdash.storage.database import open_database

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `fleetdash` of an environment that has the wheel; dependencies come from the tests' environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    purelib = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    Path(purelib, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    python = folder / "bin" / "python"
    subprocess.run([*PIP, "--python", python, "install", "--no-deps", wheel], check=True)
    return folder / "bin" / "fleetdash"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def serving(command: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo fleet's process and the address of its page."""
    with subprocess.Popen(
        [command, "serve", "--demo", "--port", "0"], cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            log = []
            for line in process.stderr:
                log.append(line)
                if page := re.search(r"the page is at (\S+)", line):
                    yield process, page[1]
                    return
            raise AssertionError("".join(log))
        finally:
            process.kill()


def test_the_demo_is_served_in_an_empty_folder(command: Path, empty: Path) -> None:
    with serving(command, empty) as (process, page):
        document = requests.get(page, timeout=30)
        assert document.status_code == 200
        addresses = set(re.findall(r'(?:href|src)="(/[^"]*(?:assets|bootstrap)/[^"]+)"', document.text))
        assert any("/assets/fleetdash." in address for address in addresses)
        for address in addresses:
            assert requests.get(page.rstrip("/") + address, timeout=30).status_code == 200, address
        vessels = requests.get(page.rstrip("/") + "/api/fleet-overview", timeout=30).json()["vessels"]
        assert len(vessels) == 66
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert (empty / "fleetdash-demo.db").exists()


def test_the_database_is_brought_to_the_newest_schema(command: Path, empty: Path) -> None:
    (empty / "fleetdash.toml").write_text('influxdb.url = "http://127.0.0.1:1"\nvessels = [{ id = "aurora" }]\n')
    done = subprocess.run([command, "migrate"], cwd=empty, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for migration in (ROOT / "migrations").glob("[0-9]*.py"):
        assert migration.stem in done.stdout


def test_what_a_message_says_to_run_is_the_command_itself(command: Path, empty: Path) -> None:
    done = subprocess.run([command, "check"], cwd=empty, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "fleetdash serve --demo" in done.stderr
    assert "app.py" not in done.stderr
    usage = subprocess.run([command, "--help"], cwd=empty, capture_output=True, text=True, timeout=60)
    assert usage.stdout.startswith("usage: fleetdash ")


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=re.escape("fleetdash[postgres]")):
        open_database("postgresql://fleetdash@127.0.0.1/fleetdash")


def test_the_wheel_names_what_it_needs_and_under_which_terms(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata_file,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(metadata_file).decode())
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "fleetdash/py.typed" in names
    lines = (line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    assert {needed for needed in metadata.get_all("Requires-Dist", []) if "extra ==" not in needed} == set(lines) - {""}
