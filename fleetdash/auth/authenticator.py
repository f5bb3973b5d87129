"""Knows by what a request carries whom it comes from."""

import logging

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import HTTPConnection

from fleetdash.auth import hashing
from fleetdash.auth.accounts import Account, Accounts, ApiKey
from fleetdash.auth.sessions import Session, Sessions
from fleetdash.auth.throttle import Bucket, Throttle, buckets, network
from fleetdash.domain.access import AuditEvent, AuditKind, Caller
from fleetdash.domain.clock import Clock
from fleetdash.errors import FleetdashError, StorageError
from fleetdash.storage.accounts import AuditLog, SessionStore

log = logging.getLogger(__name__)

SESSION_COOKIE = "fleetdash_session"
BROWSER_COOKIE = "fleetdash_browser"

_HASHED_AT_ONCE = 2
_FREE_KEYS = 100
"""Nobody guesses a key; a bound only keeps a wrongly configured program from filling the audit."""

_ENDED_READ_EVERY_SECONDS = 5.0


class TooManyAttempts(FleetdashError):
    """Too many attempts failed; `seconds` have to pass."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many failed attempts: try again in {seconds:.0f} s")
        self.seconds = seconds


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


class Authenticator:
    """Sessions of people, keys of programs. All methods belong to the event loop."""

    def __init__(self, accounts: Accounts, store: SessionStore, audit: AuditLog, clock: Clock) -> None:
        self.sessions = Sessions(store.secret(), accounts, clock)
        self._accounts = accounts
        self._store = store
        self._audit = audit
        self._clock = clock
        self._throttle = Throttle(clock)
        # Argon2 takes 64 MB and a core each time
        self._hashing = CapacityLimiter(_HASHED_AT_ONCE)
        self._known_keys: dict[str, ApiKey] = {}
        self._ended: frozenset[str] = frozenset()
        self._ended_read_at = float("-inf")

    async def caller(self, connection: HTTPConnection) -> Caller | None:
        """Whom a request comes from; a bearer token, where there is one, decides alone. Raises `TryLater`."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._program(token.strip(), address_of(connection))
        session = await self.session(connection)
        if session is None:
            return None
        return Caller(session.account.name, session.account.role, address_of(connection))

    async def session(self, connection: HTTPConnection) -> Session | None:
        """What its cookie proves, unless that session was logged out of."""
        session = self.sessions.read(connection.cookies.get(SESSION_COOKIE, ""))
        if session is None:
            return None
        await self._read_ended()
        return None if session.id in self._ended else session

    async def end(self, session: Session) -> None:
        self._ended |= {session.id}
        await anyio.to_thread.run_sync(self._store.end, session.id, session.expires_at)

    async def log_in(self, connection: HTTPConnection, name: str, password: str) -> Account | None:
        """The account, when that is its password; raises `TryLater` without having looked."""
        browser = self.sessions.known_browser(connection.cookies.get(BROWSER_COOKIE, ""), name)
        address = address_of(connection)
        attempt = buckets(address, name, browser)
        self._begin(attempt)
        account = self._accounts.people.get(name)
        hashed = account.password_hash if account else hashing.DUMMY_HASH
        right = await self._hashed(password, hashed)
        if account is None or not right:
            await self.note(AuditKind.LOGIN_FAILED, name, address, "password" if account else "no such account")
            return None
        self._throttle.succeeded(attempt)
        await self.note(AuditKind.LOGIN, name, address)
        return account

    async def note(self, kind: AuditKind, name: str, address: str, detail: str = "") -> None:
        event = AuditEvent(self._clock.now(), kind, name, address, detail)
        await anyio.to_thread.run_sync(self._audit.record, event)

    async def _program(self, token: str, address: str) -> Caller | None:
        key = await self._key(token, address)
        return Caller(key.name, key.role, address) if key else None

    async def _key(self, token: str, address: str) -> ApiKey | None:
        digest = hashing.hash_api_key(token)
        fast = [key for key in self._accounts.keys if not key.is_slow and hashing.is_same(digest, key.key_hash)]
        known = fast[0] if fast else self._known_keys.get(digest)
        if known:
            return known
        attempt = (Bucket("key", network(address), _FREE_KEYS),)
        self._begin(attempt)
        for key in self._accounts.keys:
            if key.is_slow and await self._hashed(token, key.key_hash):
                self._throttle.succeeded(attempt)
                self._known_keys[digest] = key
                return key
        await self.note(AuditKind.LOGIN_FAILED, "", address, "API key")
        return None

    def _begin(self, attempt: tuple[Bucket, ...]) -> None:
        if wait := self._throttle.begin(attempt):
            raise TooManyAttempts(wait)

    async def _hashed(self, secret: str, hashed: str) -> bool:
        return await anyio.to_thread.run_sync(hashing.is_password, secret, hashed, limiter=self._hashing)

    async def _read_ended(self) -> None:
        """Also those that another process ended."""
        now = self._clock.monotonic()
        if now - self._ended_read_at < _ENDED_READ_EVERY_SECONDS:
            return
        self._ended_read_at = now
        try:
            self._ended |= await anyio.to_thread.run_sync(self._store.ended, self._clock.now())
        except StorageError as error:
            log.warning("sessions that another process ended are not known: %s", error)
