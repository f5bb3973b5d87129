"""The present, as tests take it: from here alone, so that `make test-calendar` can try them on other days."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time of day, UTC; libfaketime moves it."""
    return datetime.now(UTC)
