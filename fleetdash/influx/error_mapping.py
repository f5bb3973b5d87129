"""Network failures -> `VesselQueryError`, decided by exception type, with a message for people."""

import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import (
    IncompleteRead,
    InvalidChunkLength,
    LocationParseError,
    NameResolutionError,
    ProxyError,
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
from fleetdash.influx.deadline import TunnelRefused


def query_error(error: Exception, timeout_seconds: float) -> VesselQueryError:
    """The most specific error among `error` and its causes. Their texts are not quoted: they contain the URL."""
    # requests' wrappers are OSErrors that say less than what they wrap
    causes = [
        cause
        for cause in _causes(error)
        if not isinstance(cause, requests.RequestException) or isinstance(cause, _SPECIFIC)
    ]
    for types, make in _MAPPING:
        for cause in causes:
            if isinstance(cause, types):
                return make(cause, timeout_seconds)
    return ConnectionLost("the connection to the vessel failed")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what it carries: requests and urllib3 do each of these."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        candidate = pending.pop()
        if isinstance(candidate, BaseException) and id(candidate) not in seen:
            seen.add(id(candidate))
            yield candidate
            pending += [*candidate.args, candidate.__cause__, candidate.__context__, getattr(candidate, "reason", None)]


def _timed_out(_error: BaseException, timeout_seconds: float) -> VesselQueryError:
    return QueryTimeout(f"no complete answer in {timeout_seconds:g} s")


def _tls(error: BaseException, _timeout: float) -> VesselQueryError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRejected(f"the vessel's certificate is not valid: {error.verify_message}")
    if isinstance(error, ssl.SSLError) and error.reason in _CERTIFICATE_ALERTS:
        return CertificateRejected(
            "the vessel does not accept our certificate, or wants one: see client_cert_file in the fleet file"
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return ConnectionLost("the vessel closed the connection during the TLS handshake")
    return CertificateRejected("the TLS handshake failed: the vessel does not speak TLS, or no version that we accept")


def _proxy(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the proxy cannot be reached; see proxy in the fleet file")


def _tunnel(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the proxy does not connect us to the vessel")


def _no_host(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel's host name cannot be resolved")


def _bad_host(_error: BaseException, _timeout: float) -> VesselQueryError:
    return Misconfigured("the vessel's url has an impossible host name; correct it in the fleet file")


def _cut_short(error: BaseException, _timeout: float) -> VesselQueryError:
    if isinstance(error, InvalidChunkLength) and error.length:
        return InvalidAnswer("the vessel's answer is not HTTP: a chunk has no length")
    return ConnectionLost("the vessel's answer was cut short")


def _closed(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel closed the connection without answering")


def _reset(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel reset the connection")


def _refused(_error: BaseException, _timeout: float) -> VesselQueryError:
    return ConnectionLost("the vessel refused the connection")


def _not_http(_error: BaseException, _timeout: float) -> VesselQueryError:
    return InvalidAnswer("the vessel's answer is not HTTP")


def _unreachable(error: BaseException, _timeout: float) -> VesselQueryError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the network is down"
    return ConnectionLost(f"the vessel cannot be reached: {reason.lower()}")


_CERTIFICATE_ALERTS = {
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_DECRYPT_ERROR",
    "TLSV1_ALERT_UNKNOWN_CA",
}
_SPECIFIC = (requests.Timeout, InvalidURL, InvalidSchema)

_MAPPING = (
    # a deadline that has passed explains every error that follows it
    ((TimeoutError, ReadTimeoutError, requests.Timeout), _timed_out),
    ((TunnelRefused,), _tunnel),
    ((ProxyError,), _proxy),
    ((ssl.SSLError,), _tls),
    ((NameResolutionError, socket.gaierror), _no_host),
    ((InvalidChunkLength, IncompleteRead, http.client.IncompleteRead), _cut_short),
    ((http.client.RemoteDisconnected,), _closed),
    ((ConnectionResetError, ConnectionAbortedError, BrokenPipeError), _reset),
    ((ConnectionRefusedError,), _refused),
    ((http.client.HTTPException,), _not_http),
    ((LocationParseError, UnicodeError, InvalidURL, InvalidSchema), _bad_host),
    ((OSError,), _unreachable),
)
