"""What the fleet file refers to: environment variables and files, read once; nothing of a secret is in an error."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from fleetdash.errors import ConfigurationError


def read_text(path: Path) -> str:
    """A file's text without the BOM that Windows' Notepad writes; raises `OSError` or `ValueError`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text; save it as UTF-8") from error


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be read, for people."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def secret(environ: Mapping[str, str], key: str, variable: str | None, file: str | None) -> SecretStr | None:
    """The value of an environment variable, or a file's text without its final line break."""
    if variable is not None:
        return _one_line(key + "_env", environment_value(environ, key + "_env", variable))
    if file is not None:
        try:
            value = read_text(Path(file)).rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{key}_file: cannot read {file}: {reason(error)}") from None
        if not value:
            raise ConfigurationError(f"{key}_file: {file} is empty")
        return _one_line(key + "_file", value)
    return None


def environment_value(environ: Mapping[str, str], key: str, variable: str) -> str:
    """The value of a variable, which must be set."""
    value = environ.get(variable)
    if not value:
        raise ConfigurationError(f"{key}: the environment variable {variable} is not set; set it and start again")
    return value


def _one_line(key: str, value: str) -> SecretStr:
    if not value.isprintable():
        raise ConfigurationError(f"{key}: the secret contains a line break or another control character")
    return SecretStr(value)
