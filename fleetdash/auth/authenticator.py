"""Identifies the caller of a request by its session cookie or API key."""

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

_CONCURRENT_HASHES = 2
_FREE_KEYS = 100
"""Keys cannot be guessed; the limit keeps a wrongly configured program from filling the audit."""

_READ_ENDED_SECONDS = 5.0


class TooManyAttempts(FleetdashError):
    """Too many attempts failed; wait `seconds` before the next one."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many failed attempts: try again in {seconds:.0f} s")
        self.seconds = seconds


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


class Authenticator:
    """Checks the sessions of people and the keys of programs. Call all methods on the event loop."""

    def __init__(self, accounts: Accounts, store: SessionStore, audit: AuditLog, clock: Clock) -> None:
        self.sessions = Sessions(store.secret(), accounts, clock)
        self._accounts = accounts
        self._store = store
        self._audit = audit
        self._clock = clock
        self._throttle = Throttle(clock)
        # each Argon2 hash takes 64 MB and a core
        self._hashing = CapacityLimiter(_CONCURRENT_HASHES)
        self._known_keys: dict[str, ApiKey] = {}
        self._ended: frozenset[str] = frozenset()
        self._ended_read_at = float("-inf")

    async def caller(self, connection: HTTPConnection) -> Caller | None:
        """Who sent a request, or `None`; a bearer token takes precedence over a session. Raises `TooManyAttempts`."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._program(token.strip(), address_of(connection))
        session = await self.session(connection)
        if session is None:
            return None
        return Caller(session.account.name, session.account.role, address_of(connection))

    async def session(self, connection: HTTPConnection) -> Session | None:
        """The session of the cookie, unless it has ended."""
        session = self.sessions.read(connection.cookies.get(SESSION_COOKIE, ""))
        if session is None:
            return None
        await self._read_ended()
        return None if session.id in self._ended else session

    async def end(self, session: Session) -> None:
        self._ended |= {session.id}
        await anyio.to_thread.run_sync(self._store.end, session.id, session.expires_at)

    async def log_in(self, connection: HTTPConnection, name: str, password: str) -> Account | None:
        """The account, if the password is correct. Raises `TooManyAttempts` without checking it."""
        browser = self.sessions.known_browser(connection.cookies.get(BROWSER_COOKIE, ""), name)
        address = address_of(connection)
        attempt = buckets(address, name, browser)
        self._begin(attempt)
        account = self._accounts.people.get(name)
        hashed = account.password_hash if account else hashing.DUMMY_HASH
        correct = await self._matches(password, hashed)
        if account is None or not correct:
            await self.record(AuditKind.LOGIN_FAILED, name, address, "password" if account else "no such account")
            return None
        self._throttle.succeeded(attempt)
        await self.record(AuditKind.LOGIN, name, address)
        return account

    async def record(self, kind: AuditKind, name: str, address: str, detail: str = "") -> None:
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
            if key.is_slow and await self._matches(token, key.key_hash):
                self._throttle.succeeded(attempt)
                self._known_keys[digest] = key
                return key
        await self.record(AuditKind.LOGIN_FAILED, "", address, "API key")
        return None

    def _begin(self, attempt: tuple[Bucket, ...]) -> None:
        if wait := self._throttle.begin(attempt):
            raise TooManyAttempts(wait)

    async def _matches(self, secret: str, hashed: str) -> bool:
        return await anyio.to_thread.run_sync(hashing.is_password, secret, hashed, limiter=self._hashing)

    async def _read_ended(self) -> None:
        """Read the ended sessions, including those that another process ended."""
        now = self._clock.monotonic()
        if now - self._ended_read_at < _READ_ENDED_SECONDS:
            return
        self._ended_read_at = now
        try:
            self._ended |= await anyio.to_thread.run_sync(self._store.ended, self._clock.now())
        except StorageError as error:
            log.warning("cannot read which sessions have ended: %s", error)
