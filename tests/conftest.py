"""Fixtures that every kind of test shares; real servers start when a test first asks for one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playhouse.pool import PooledDatabase
from selenium.webdriver import ChromeOptions

from fleetdash.storage import schema
from tests.support.clock import FakeClock
from tests.support.influxd import Influxd, running_influxd
from tests.support.postgres import fresh_database, running_postgres

# how long an example takes says nothing on a busy machine; the same examples each time make no landing fail by chance
settings.register_profile("fleetdash", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fleetdash")

# browsers, drivers and vessels of the tests are all on loopback
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


_SERVERS = {"influxd", "influxd_auth", "postgres_url"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a real server is an integration test, marked or not."""
    for item in items:
        if isinstance(item, pytest.Function) and _SERVERS & set(item.fixturenames):
            item.add_marker(pytest.mark.integration)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def _no_connection_outlives_its_test() -> Iterator[None]:
    """A pool that is collected later would warn in the middle of another test."""
    yield
    database = schema.database.obj
    if isinstance(database, PooledDatabase):
        database.close_all()


@pytest.fixture(scope="session")
def influxd() -> Iterator[Influxd]:
    """One InfluxDB for all tests: give databases names of your own."""
    with running_influxd() as server:
        yield server


@pytest.fixture(scope="session")
def influxd_auth() -> Iterator[Influxd]:
    """The same with accounts: `tests.support.influxd.ADMIN` and `READER`."""
    with running_influxd(auth=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One PostgreSQL for all tests."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fleetdash.db'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


def pytest_setup_options() -> ChromeOptions:
    """The browser of dash.testing: no window, and nothing asked of the network by itself."""
    options = ChromeOptions()
    for argument in (
        "--headless=new",
        "--window-size=1400,1000",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ):
        options.add_argument(argument)
    return options
