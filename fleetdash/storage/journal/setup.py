"""The path and the size of the journal."""

import hashlib
from pathlib import Path

from fleetdash.storage.database import sqlite_file
from fleetdash.storage.journal.journal import Journal


def journal_file(database_url: str, named: str | None = None) -> Path:
    """As named, or beside an SQLite file, or in the working folder, with a hash of the database's URL."""
    file = sqlite_file(database_url)
    if named:
        return Path(named)
    if file is not None:
        return file.with_name(file.name + ".journal")
    return Path(f"fleetdash-{hashlib.sha256(database_url.encode()).hexdigest()[:12]}.journal")


def journal_for(path: Path, vessels: int, devices: int, attempts: int) -> tuple[Journal, int]:
    """The journal that fits a fleet, and the bytes that one run may need of it.

    Measured: a failed attempt takes 0.5 kB, an answered one 0.2 kB per device. 16 MiB hold about 200 runs of 66 vessels
    with 6 devices: two days.
    """
    reserve = vessels * (attempts + 1) * 1024 + devices * 512
    return Journal(path, max(16 * 1024 * 1024, 4 * reserve)), reserve
