"""What went wrong on the way to a vessel -> one of our errors, told by its type, with a sentence for people."""

import http.client
import socket
import ssl
from collections.abc import Iterator

from urllib3.exceptions import (
    IncompleteRead,
    InvalidChunkLength,
    LocationParseError,
    NameResolutionError,
    ReadTimeoutError,
)

from fleetdash.errors import (
    CertificateRejected,
    ConnectionLost,
    InvalidAnswer,
    Misconfigured,
    QueryTimeout,
    VesselQueryError,
)


def query_error(error: Exception, timeout_seconds: float) -> VesselQueryError:
    """The most telling of the error and what it was made from; raw texts are not quoted, they name our URL."""
    causes = list(_causes(error))
    for types, make in _MEANINGS:
        for cause in causes:
            if isinstance(cause, types):
                return make(cause, timeout_seconds)
    return ConnectionLost("the connection to the vessel failed")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what it carries: urllib3 does each of these."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        candidate = waiting.pop()
        if isinstance(candidate, BaseException) and id(candidate) not in seen:
            seen.add(id(candidate))
            yield candidate
            waiting += [*candidate.args, candidate.__cause__, candidate.__context__, getattr(candidate, "reason", None)]


def _timed_out(_error: BaseException, timeout_seconds: float) -> VesselQueryError:
    return QueryTimeout(f"no complete answer in {timeout_seconds:g} s")


def _tls(error: BaseException, _timeout: float) -> VesselQueryError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRejected(f"the vessel's certificate does not hold: {error.verify_message}")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return ConnectionLost("the vessel closed the connection before it was secured")
    return CertificateRejected("no secure connection could be agreed on: the vessel does not speak TLS as asked")


def _no_host(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel's host name is not known")


def _bad_host(_error: BaseException, _timeout: float) -> VesselQueryError:
    return Misconfigured("the vessel's url names no host that can exist; correct it in the fleet file")


def _chunk(error: BaseException, _timeout: float) -> VesselQueryError:
    if isinstance(error, InvalidChunkLength) and error.length:
        return InvalidAnswer("the vessel's answer is not HTTP: a chunk has no length")
    return ConnectionLost("the vessel's answer ended in the middle")


def _closed(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel closed the connection without an answer")


def _reset(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel broke off the connection")


def _refused(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel refused the connection")


def _not_http(_error: BaseException, _timeout: float) -> VesselQueryError:
    return InvalidAnswer("the vessel's answer is not HTTP")


def _unreachable(error: BaseException, _timeout: float) -> VesselQueryError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the network failed"
    return ConnectionLost(f"the vessel cannot be reached: {reason.lower()}")


_MEANINGS = (
    # a deadline that passed explains whatever followed from it
    ((TimeoutError, ReadTimeoutError), _timed_out),
    ((ssl.SSLError,), _tls),
    ((NameResolutionError, socket.gaierror), _no_host),
    ((InvalidChunkLength, IncompleteRead, http.client.IncompleteRead), _chunk),
    ((http.client.RemoteDisconnected,), _closed),
    ((ConnectionResetError, ConnectionAbortedError, BrokenPipeError), _reset),
    ((ConnectionRefusedError,), _refused),
    ((http.client.HTTPException,), _not_http),
    ((LocationParseError, UnicodeError), _bad_host),
    ((OSError,), _unreachable),
)
