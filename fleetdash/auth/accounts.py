"""The accounts and API keys of the fleet file."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleetdash.config.schema import AccountEntry, ApiKeyEntry
from fleetdash.domain.access import Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person with a password."""

    name: str
    role: Role
    password_hash: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key. `key_hash`: SHA-256 in hex as `make-api-key` prints it, or Argon2 for a key chosen by hand."""

    name: str
    role: Role
    key_hash: str

    @property
    def is_slow(self) -> bool:
        return self.key_hash.startswith("$argon2")


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts by name, and all keys."""

    people: dict[str, Account]
    keys: tuple[ApiKey, ...]

    @classmethod
    def of(cls, accounts: Sequence[AccountEntry], api_keys: Sequence[ApiKeyEntry]) -> "Accounts":
        people = {entry.name: Account(entry.name, Role(entry.role), entry.password_hash) for entry in accounts}
        return cls(people, tuple(ApiKey(entry.name, Role(entry.role), entry.key_hash) for entry in api_keys))
