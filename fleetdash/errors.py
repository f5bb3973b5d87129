"""The exception hierarchy.

FleetdashError
├── ConfigurationError          in the fleet file, the environment or the command line; exit 2
├── RunUnderWay                 a run cannot start: another one has not ended
├── SchedulerUnavailable        a run cannot start: this process has no scheduler
├── NotAllowed                  the caller may not do that
├── NotFound                    no such vessel or run
├── BadCursor                   a cursor of the run log that we never issued
├── StorageError                our database cannot be read or written; says what to do
│   └── JournalFull             a run cannot start: there is no room for its records
└── VesselQueryError            a vessel could not be asked; its own tree is in its docstring
"""

import sys
from pathlib import Path
from typing import ClassVar

from fleetdash.domain.runs import ErrorKind

COMMAND = "python app.py" if Path(sys.argv[0]).name == "app.py" else "fleetdash"
"""What to type for the command line, for messages that say what to run."""


class FleetdashError(Exception):
    """Every error that fleetdash raises on purpose; its text is for people and contains no secret."""


class ConfigurationError(FleetdashError):
    """The configuration cannot be used as written; names the key and what to do."""


class RunUnderWay(FleetdashError):
    """Only one run at a time."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} is under way; wait for its end")
        self.run_id = run_id


class SchedulerUnavailable(FleetdashError):
    """No scheduler can take the run."""


class NotAllowed(FleetdashError):
    """The caller may read, but not do that."""


class NotFound(FleetdashError):
    """No such vessel or run."""


class BadCursor(FleetdashError):
    """A cursor of the run log that fleetdash never issued."""


class StorageError(FleetdashError):
    """fleetdash's database is unreachable, locked, full, damaged or of another version."""


class JournalFull(StorageError):
    """The database is unreachable, and the journal has no room for the records of another run."""


class VesselQueryError(FleetdashError):
    """A vessel could not be queried; `kind` and `retryable` follow R3.4.

    VesselQueryError
    ├── QueryTimeout          retryable
    ├── ConnectionLost        retryable
    ├── ServerError           retryable
    │   └── RateLimited       retryable, after `retry_after`
    └── PermanentQueryError
        ├── AuthenticationFailed · Misconfigured · CertificateRejected
        └── InvalidAnswer · AnswerTooLarge · Cancelled
    """

    kind: ClassVar[ErrorKind]
    retryable: ClassVar[bool] = True
    retry_after: float | None = None
    """Seconds to wait, if the vessel sent `Retry-After`."""


class QueryTimeout(VesselQueryError):
    """No complete answer before the attempt's deadline, or InfluxDB's own timeout."""

    kind = ErrorKind.TIMEOUT


class ConnectionLost(VesselQueryError):
    """Refused, reset, unreachable, closed, cut short, or no such host."""

    kind = ErrorKind.CONNECTION


class ServerError(VesselQueryError):
    """HTTP 5xx, or one of InfluxDB's limits."""

    kind = ErrorKind.SERVER_ERROR


class RateLimited(ServerError):
    """HTTP 429; a `retry_after` longer than `LONGEST_RETRY_AFTER` ends the chain."""

    kind = ErrorKind.RATE_LIMITED
    LONGEST_RETRY_AFTER: ClassVar[float] = 60.0

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentQueryError(VesselQueryError):
    """A retry cannot help."""

    retryable = False


class AuthenticationFailed(PermanentQueryError):
    """HTTP 401 or 403."""

    kind = ErrorKind.AUTHENTICATION


class Misconfigured(PermanentQueryError):
    """Another HTTP 4xx, a redirect, or no such database."""

    kind = ErrorKind.CONFIGURATION


class CertificateRejected(PermanentQueryError):
    """The vessel's certificate is not valid, or it does not speak TLS."""

    kind = ErrorKind.TLS


class InvalidAnswer(PermanentQueryError):
    """Not what InfluxDB sends, or marked partial."""

    kind = ErrorKind.INVALID_DATA


class AnswerTooLarge(PermanentQueryError):
    """More bytes than the setting allows, before or after decompression."""

    kind = ErrorKind.TOO_LARGE


class Cancelled(PermanentQueryError):
    """fleetdash was stopped during the attempt."""

    kind = ErrorKind.CANCELLED
