"""A wrapper around `storage.recorder`: what the database cannot take now waits in a file, in order, until it can."""

from fleetdash.storage.journal.journal import Journal
from fleetdash.storage.journal.recorder import JournalledRecorder
from fleetdash.storage.journal.setup import journal_file, journal_for

__all__ = ["Journal", "JournalledRecorder", "journal_file", "journal_for"]
