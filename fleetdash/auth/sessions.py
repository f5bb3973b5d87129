"""Sessions live in signed cookies: a restart keeps them, another password or a log-out ends them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from fleetdash.auth.accounts import Account, Accounts
from fleetdash.domain.clock import Clock

LASTING = timedelta(days=14)
KNOWN_BROWSER_LASTING = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie proves."""

    id: str
    account: Account
    expires_at: datetime


class Sessions:
    """Makes cookies' values and reads them; a value that was tampered with, is too old or outdated is none."""

    def __init__(self, secret: bytes, accounts: Accounts, clock: Clock) -> None:
        self._secret = secret
        self._accounts = accounts
        self._clock = clock
        self._signed = URLSafeSerializer(secret, salt="session")
        self._signed_browser = URLSafeSerializer(secret, salt="browser")

    def begin(self, account: Account) -> str:
        expires = int((self._clock.now() + LASTING).timestamp())
        return str(self._signed.dumps([secrets.token_hex(8), account.name, self._fingerprint(account), expires]))

    def read(self, value: str) -> Session | None:
        parts = _parts(self._signed, value, 4)
        account = self._accounts.people.get(parts[1]) if parts else None
        if parts is None or account is None:
            return None
        session_id, _, fingerprint, expires = parts
        expires_at = datetime.fromtimestamp(expires, UTC)
        if self._clock.now() >= expires_at or not hmac.compare_digest(fingerprint, self._fingerprint(account)):
            return None
        return Session(session_id, account, expires_at)

    def mark_browser(self, account: Account) -> str:
        """The value of a cookie that stays after the session: this browser has been this person's before."""
        return str(self._signed_browser.dumps([secrets.token_hex(8), account.name]))

    def known_browser(self, value: str, name: str) -> str | None:
        """The browser's id, if it has been `name`'s before."""
        parts = _parts(self._signed_browser, value, 2)
        return str(parts[0]) if parts and parts[1] == name else None

    def _fingerprint(self, account: Account) -> str:
        """Another password has another one, and it tells nothing of the password."""
        return hmac.new(self._secret, account.password_hash.encode(), hashlib.sha256).hexdigest()[:24]


def _parts(serializer: URLSafeSerializer, value: str, count: int) -> list[Any] | None:
    try:
        parts = serializer.loads(value)
    except BadData:
        return None
    return parts if isinstance(parts, list) and len(parts) == count else None
