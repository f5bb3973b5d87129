"""Hashes of passwords and API keys."""

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_PREFIX = "fd_"
"""Lets a secret scanner recognize a key."""

_hasher = PasswordHasher()

DUMMY_HASH = _hasher.hash(secrets.token_hex(16))
"""Checked when there is no such account: the response time must not reveal which accounts exist."""


def hash_password(password: str) -> str:
    """Argon2id with a random salt: slow on purpose, since people choose passwords that can be guessed."""
    return _hasher.hash(password)


def is_password(password: str, hashed: str) -> bool:
    """Takes some 50 ms and 64 MB: call it on a thread, few at a time."""
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def new_api_key() -> tuple[str, str]:
    """A random key and its hash; a fast hash is enough, since the key cannot be guessed."""
    key = _PREFIX + secrets.token_urlsafe(32)
    return key, hash_api_key(key)


def hash_api_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
