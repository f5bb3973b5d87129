"""A file in which records wait, in order, while the database is unavailable.

Its space is allocated when it is opened, since the usual reason for needing it is a full disk. Layout:

    header   magic, generation, checksum; in a page of its own
    record   length, checksum, payload     } in sequence from `_FIRST`; a length of 0 ends them
    ...                                    }

A record's checksum covers the generation and the record's index, so neither a torn write of a process that was killed
nor the remains of an earlier generation can be taken for a record. Emptying begins a new generation.
"""

import fcntl
import logging
import os
import struct
import zlib
from collections import deque
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from fleetdash.errors import StorageError

log = logging.getLogger(__name__)

_MAGIC = b"fleetdash journal 1\n"
_HEADER = struct.Struct("<20sQI")
_RECORD = struct.Struct("<II")
_POSITION = struct.Struct("<QQ")
_FIRST = 4096
_END = bytes(_RECORD.size)


class Journal:
    """Payloads, oldest first; each is on the disk when `append` returns. Not thread-safe; raises `StorageError`."""

    def __init__(self, path: Path, capacity: int) -> None:
        self.path = path
        self.capacity = capacity
        self._file = -1
        self._generation = 0
        self._count = 0
        self._end = _FIRST
        self._waiting: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_open(self) -> bool:
        return self._file >= 0

    @property
    def room(self) -> int:
        """Bytes allocated and unused."""
        return max(0, self.capacity - self._end - _RECORD.size)

    def open(self) -> None:
        """Allocate the space and read what another process left; one process at a time has it open."""
        if self.is_open:
            return
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._refuse_another_file()
            os.posix_fallocate(self._file, 0, self.capacity)
            _sync_folder(self.path.parent)
            self._recover()
        except BlockingIOError:
            self.close()
            raise StorageError(f"the journal {self.path} is in use by another process; stop that one first") from None
        except StorageError:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise StorageError(
                f"cannot allocate {self.capacity:,} bytes for the journal {self.path}: {error.strerror}; "
                "its folder must be writable and have room"
            ) from error

    def close(self) -> None:
        if self.is_open:
            os.close(self._file)
        self._file = -1
        self._waiting.clear()  # opening reads them again

    def append(self, payload: bytes) -> None:
        """Append a record and sync it to disk; beyond the allocated space, as far as the disk has room."""
        record = _RECORD.pack(len(payload), self._checksum(self._count, payload)) + payload
        try:
            _write(self._file, record + _END, self._end)
            os.fdatasync(self._file)
        except OSError as error:
            raise StorageError(f"the journal {self.path} cannot be written: {error.strerror}") from error
        self._end += len(record)
        self._count += 1
        self._waiting.append(payload)

    def oldest(self, count: int) -> Sequence[bytes]:
        """The first `count` records."""
        return list(islice(self._waiting, count))

    def written(self, count: int) -> None:
        """Remove the first `count`, which are in the database. Once none is left the file is emptied."""
        for _ in range(count):
            self._waiting.popleft()
        if not self._waiting:
            self._begin(self._generation + 1)

    def _begin(self, generation: int) -> None:
        """Empty the file. A header that is torn here counts as empty, which it then is."""
        checksum = zlib.crc32(_MAGIC + _POSITION.pack(generation, 0))
        try:
            _write(self._file, _HEADER.pack(_MAGIC, generation, checksum), 0)
            _write(self._file, _END, _FIRST)
            os.ftruncate(self._file, self.capacity)
            os.fdatasync(self._file)
        except OSError as error:
            raise StorageError(f"the journal {self.path} cannot be emptied: {error.strerror}") from error
        self._generation, self._count, self._end = generation, 0, _FIRST
        self._waiting.clear()

    def _refuse_another_file(self) -> None:
        start = os.pread(self._file, len(_MAGIC), 0)
        if start.strip(b"\0") and start != _MAGIC:
            raise StorageError(f"{self.path} is not a journal of fleetdash: name another with database.journal_file")

    def _recover(self) -> None:
        """Read up to the first incomplete record."""
        magic, generation, checksum = _HEADER.unpack(os.pread(self._file, _HEADER.size, 0))
        if magic != _MAGIC or checksum != zlib.crc32(_MAGIC + _POSITION.pack(generation, 0)):
            # new, or torn while it was being emptied: then all its records are in the database
            self._begin(int.from_bytes(os.urandom(6), "little"))  # not the generation of old records in the file
            return
        self._generation, self._count, self._end = generation, 0, _FIRST
        self._waiting.clear()
        while (payload := self._record_at(self._end)) is not None:
            self._end += _RECORD.size + len(payload)
            self._count += 1
            self._waiting.append(payload)

    def _record_at(self, offset: int) -> bytes | None:
        head = os.pread(self._file, _RECORD.size, offset)
        length, checksum = _RECORD.unpack(head) if len(head) == _RECORD.size else (0, 0)
        if not length:
            return None
        payload = os.pread(self._file, length, offset + _RECORD.size)
        if len(payload) == length and checksum == self._checksum(self._count, payload):
            return payload
        log.warning("the last record of the journal %s is incomplete; it is ignored", self.path)
        return None

    def _checksum(self, position: int, payload: bytes) -> int:
        return zlib.crc32(payload, zlib.crc32(_POSITION.pack(self._generation, position)))


def _write(file: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written


def _sync_folder(folder: Path) -> None:
    """A new file survives a power cut only when its folder is synced."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
