"""The certificate files of a vessel, checked when the fleet file is read and not at the first attempt."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from fleetdash.config.texts import reason
from fleetdash.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authorities to trust, the machine's if `None`; a client certificate with its key."""

    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None

    def load_into(self, context: ssl.SSLContext) -> None:
        """Raises `OSError`, of which `ssl.SSLError` is one, or `ValueError`."""
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        if self.client_cert_file:
            context.load_cert_chain(self.client_cert_file, self.client_key_file, password=_refuse_encrypted)

    def check(self, where: str) -> None:
        """Raises `ConfigurationError` with the key and the file."""
        for key in ("ca_file", "client_cert_file", "client_key_file"):
            _check_readable(f"{where}: {key}", getattr(self, key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            TlsFiles(self.ca_file).load_into(context)
        except ssl.SSLError:
            raise ConfigurationError(f"{where}: ca_file: {self.ca_file} contains no PEM certificate") from None
        try:
            TlsFiles(None, self.client_cert_file, self.client_key_file).load_into(context)
        except (ssl.SSLError, ValueError) as error:
            raise ConfigurationError(f"{where}: {_certificate_fault(self, error)}") from None


def _check_readable(key: str, file: str | None) -> None:
    if not file:
        return
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{key}: cannot read {file}: {reason(error)}") from None


def _certificate_fault(files: TlsFiles, error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return f"client_key_file: {files.client_key_file} is not the key of {files.client_cert_file}"
    if isinstance(error, ssl.SSLError):
        return (
            f"client_cert_file, client_key_file: no PEM certificate in {files.client_cert_file}, "
            f"or no PEM key in {files.client_key_file}"
        )
    return f"client_key_file: {files.client_key_file} {error}"


def _refuse_encrypted() -> str:
    """Without this, OpenSSL prompts on the terminal."""
    raise ValueError("is encrypted; store it without a passphrase, readable by fleetdash only")
