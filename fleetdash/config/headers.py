"""Further request headers, for a gateway in front of a vessel."""

import re
from collections.abc import Mapping

from pydantic import SecretStr

from fleetdash.config.texts import environment_value
from fleetdash.errors import ConfigurationError

Headers = tuple[tuple[str, SecretStr], ...]

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_RESERVED = {
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""Set by the request itself or by HTTP."""


def further_headers(environ: Mapping[str, str], key: str, variable: str, *, authorized: bool) -> Headers:
    """The variable's lines, "Name: value"; `authorized`: user or token take the Authorization header."""
    text = environment_value(environ, key, variable)
    headers = [
        _header(f"{key}: line {number} of {variable}", line, authorized)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    if not headers:
        raise ConfigurationError(f'{key}: {variable} contains no header; write "Name: value", one per line')
    names = [name.lower() for name, _ in headers]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigurationError(f"{key}: duplicate header {min(twice)!r} in {variable}")
    return tuple(headers)


def _header(where: str, line: str, authorized: bool) -> tuple[str, SecretStr]:
    """Errors quote only reserved names: the line may be a secret."""
    name, colon, value = line.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _NAME.fullmatch(name) or not value:
        raise ConfigurationError(f'{where} is not "Name: value"')
    if not value.isprintable() or not value.isascii():
        raise ConfigurationError(f"{where} has a value that is not printable ASCII")
    if name.lower() in _RESERVED:
        raise ConfigurationError(f"{where} sets {name}, which fleetdash sets itself; remove it")
    if name.lower() == "authorization" and authorized:
        raise ConfigurationError(f"{where} sets Authorization, as username or token do; keep one")
    return name, SecretStr(value)
