"""Hashes of what people and programs show to be let in; nothing here is kept in the clear."""

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_PREFIX = "fd_"
"""So that a scan for secrets knows one when it sees one."""

_hasher = PasswordHasher()

DUMMY_HASH = _hasher.hash(secrets.token_hex(16))
"""Held against when there is no such account, so that the time an answer takes does not tell."""


def hash_password(password: str) -> str:
    """Argon2id, with a salt of its own: slow on purpose, since people choose passwords that can be guessed."""
    return _hasher.hash(password)


def is_password(password: str, hashed: str) -> bool:
    """Some 50 ms and 64 MB: to be asked on a thread, and not by many at once."""
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def new_api_key() -> tuple[str, str]:
    """A key that cannot be guessed, so that a fast hash will do; and that hash."""
    key = _PREFIX + secrets.token_urlsafe(32)
    return key, hash_api_key(key)


def hash_api_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compared in a time that does not tell how much of it fits."""
    return hmac.compare_digest(one.encode(), other.encode())
