"""Fixtures of the tests that need real servers."""

from collections.abc import Iterator

import peewee
import pytest

from fleetdash.storage.database import close_database, migrate, open_database


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    """A database at the newest schema, once SQLite and once PostgreSQL."""
    database = open_database(database_url)
    migrate(database)
    yield database
    close_database(database)
