"""Where the journal is, and how large."""

import hashlib
from pathlib import Path

from fleetdash.storage.database import sqlite_file
from fleetdash.storage.journal.journal import Journal


def journal_file(database_url: str, named: str | None = None) -> Path:
    """Where the journal is: as named, beside an SQLite file, or in the working folder, with the database's mark."""
    file = sqlite_file(database_url)
    if named:
        return Path(named)
    if file is not None:
        return file.with_name(file.name + ".journal")
    return Path(f"fleetdash-{hashlib.sha256(database_url.encode()).hexdigest()[:12]}.journal")


def journal_for(path: Path, vessels: int, devices: int, attempts: int) -> tuple[Journal, int]:
    """The journal that fits a fleet, and the bytes that one run may need of it.

    Measured: an attempt that failed takes 0.5 kB, one that was answered 0.2 kB a device; room for several runs is the
    least. In 16 MiB fit about 200 runs of 66 vessels with 6 devices: two days of them.
    """
    reserve = vessels * (attempts + 1) * 1024 + devices * 512
    return Journal(path, max(16 * 1024 * 1024, 4 * reserve)), reserve
