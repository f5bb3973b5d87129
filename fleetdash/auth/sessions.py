"""Sessions in signed cookies: a restart keeps them; a changed password or logging out ends them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from fleetdash.auth.accounts import Account, Accounts
from fleetdash.domain.clock import Clock

LIFETIME = timedelta(days=14)
KNOWN_BROWSER_LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that a cookie proves."""

    id: str
    account: Account
    expires_at: datetime


class Sessions:
    """Makes and reads the values of cookies; one that was tampered with or has expired is no session."""

    def __init__(self, secret: bytes, accounts: Accounts, clock: Clock) -> None:
        self._secret = secret
        self._accounts = accounts
        self._clock = clock
        self._signed = URLSafeSerializer(secret, salt="session")
        self._signed_browser = URLSafeSerializer(secret, salt="browser")

    def begin(self, account: Account) -> str:
        expires = int((self._clock.now() + LIFETIME).timestamp())
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
        """The value of a cookie that outlives the session: this person has logged in from this browser before."""
        return str(self._signed_browser.dumps([secrets.token_hex(8), account.name]))

    def known_browser(self, value: str, name: str) -> str | None:
        """The browser's id, if `name` has logged in from it before."""
        parts = _parts(self._signed_browser, value, 2)
        return str(parts[0]) if parts and parts[1] == name else None

    def _fingerprint(self, account: Account) -> str:
        """Changes with the password, and reveals nothing about it."""
        return hmac.new(self._secret, account.password_hash.encode(), hashlib.sha256).hexdigest()[:24]


def _parts(serializer: URLSafeSerializer, value: str, count: int) -> list[Any] | None:
    try:
        parts = serializer.loads(value)
    except BadData:
        return None
    return parts if isinstance(parts, list) and len(parts) == count else None
