"""A process whose clock the test sets, by Debian's libfaketime."""

from datetime import datetime
from pathlib import Path

from tests.support import present


class FakedTime:
    """What a child process takes for the time of day; its monotonic clock stays the machine's."""

    def __init__(self, folder: Path, now: datetime, zone: str) -> None:
        self._file = folder / "faketime"
        self._zone = zone
        self.set(now)

    def set(self, now: datetime) -> None:
        """The clock shows `now`, and goes on from there."""
        written = self._file.with_suffix(".next")
        written.write_text(f"{(now - present.now()).total_seconds():+.3f}")
        written.rename(self._file)

    @property
    def environment(self) -> dict[str, str]:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        assert library, "faketime is not installed; `make test` installs it"
        return {
            "TZ": self._zone,
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
