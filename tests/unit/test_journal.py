"""The journal as a file: in order, through to the disk, honest about what a dead process left in it."""

import errno
import os
from pathlib import Path

import pytest

from fleetdash.errors import StorageError
from fleetdash.storage.journal import Journal

CAPACITY = 64 * 1024
RECORDS = [b"one", b"two" * 100, b"three"]


def opened(folder: Path) -> Journal:
    journal = Journal(folder / "runs.journal", CAPACITY)
    journal.open()
    return journal


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The file that a process with three records left when it died."""
    journal = opened(tmp_path)
    for record in RECORDS:
        journal.append(record)
    journal.close()
    return journal.path


def found(left: Path) -> list[bytes]:
    journal = opened(left.parent)
    try:
        return list(journal.oldest(100))
    finally:
        journal.close()


def test_its_space_is_set_aside_at_the_start(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert journal.path.stat().st_size == CAPACITY
    assert journal.path.stat().st_blocks * 512 >= CAPACITY
    journal.close()


def test_what_a_dead_process_left_is_found_in_order(left: Path) -> None:
    assert found(left) == RECORDS


def test_a_torn_end_is_cut_wherever_it_was_torn(left: Path) -> None:
    whole = left.read_bytes()
    start, end = whole.index(b"three") - 8, whole.index(b"three") + 5
    for torn in range(start, end):
        left.write_bytes(whole[:torn] + bytes(CAPACITY - torn))
        assert found(left) == RECORDS[:2]


def test_a_flipped_bit_ends_what_is_believed(left: Path) -> None:
    whole = bytearray(left.read_bytes())
    whole[whole.index(b"two") + 7] ^= 1
    left.write_bytes(whole)
    assert found(left) == RECORDS[:1]


def test_what_follows_a_torn_record_never_comes_back(left: Path) -> None:
    whole = bytearray(left.read_bytes())
    whole[whole.index(b"two") + 7] ^= 1
    left.write_bytes(whole)
    journal = opened(left.parent)
    journal.append(b"owt" * 100)  # just as long, so that "three" would stand right behind it
    journal.close()
    assert found(left) == [b"one", b"owt" * 100]


def test_records_of_before_it_was_emptied_never_come_back(left: Path) -> None:
    journal = opened(left.parent)
    journal.written(3)
    assert len(journal) == 0
    journal.append(b"eno")  # just as long as the first one was
    journal.close()
    assert found(left) == [b"eno"]


def test_while_some_still_wait_all_are_kept(left: Path) -> None:
    journal = opened(left.parent)
    journal.written(2)
    assert list(journal.oldest(5)) == [b"three"]
    journal.close()
    assert found(left) == RECORDS  # which of them were written is known by the database


def test_room_shrinks_and_returns(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    before = journal.room
    journal.append(bytes(1000))
    assert journal.room == before - 1008
    journal.written(1)
    assert journal.room == before
    journal.close()


def test_beyond_its_space_it_takes_what_the_disk_gives(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(os.urandom(CAPACITY))
    assert journal.room == 0
    journal.append(b"one more")
    journal.written(2)
    assert journal.path.stat().st_size == CAPACITY
    journal.close()


def test_two_processes_never_share_it(tmp_path: Path) -> None:
    first = opened(tmp_path)
    with pytest.raises(StorageError, match="in use by another process"):
        opened(tmp_path)
    first.close()
    opened(tmp_path).close()


def test_a_disk_without_room_for_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(StorageError, match="No space left on device"):
        opened(tmp_path)


def test_another_file_in_its_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "runs.journal"
    other.write_bytes(b"somebody's letters")
    with pytest.raises(StorageError, match="not a journal"):
        opened(tmp_path)
    assert other.read_bytes() == b"somebody's letters"


def test_a_header_torn_while_it_was_emptied_counts_as_empty(left: Path) -> None:
    torn = bytearray(left.read_bytes())
    torn[21] ^= 1
    left.write_bytes(torn)
    assert found(left) == []
