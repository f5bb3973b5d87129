"""Accounts for tests, and the composed app behind them."""

from dataclasses import dataclass, field
from pathlib import Path

import peewee
from argon2 import PasswordHasher
from fastapi import FastAPI

from fleetdash import composition
from fleetdash.auth.accounts import Account, Accounts, ApiKey
from fleetdash.auth.authenticator import Authenticator
from fleetdash.auth.hashing import hash_api_key
from fleetdash.domain.access import Role
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerStatus
from fleetdash.queries import FleetReader
from fleetdash.storage.accounts import AuditLog, SessionStore

# as weak as they may be, for speed
hash_password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash

PASSWORDS = {"anna": "correct horse", "vera": "battery staple"}
ANNA = Account("anna", Role.OPERATOR, hash_password(PASSWORDS["anna"]))
VERA = Account("vera", Role.VIEWER, hash_password(PASSWORDS["vera"]))
VIEWERS_KEY, OPERATORS_KEY, CHOSEN_KEY = "fd_viewers", "fd_operators", "a key of one's own choice"
KEYS = (
    ApiKey("grafana", Role.VIEWER, hash_api_key(VIEWERS_KEY)),
    ApiKey("cron", Role.OPERATOR, hash_api_key(OPERATORS_KEY)),
    ApiKey("chosen", Role.VIEWER, hash_password(CHOSEN_KEY)),
)


@dataclass
class SchedulerStub:
    """Counts the runs that it was asked for."""

    asked: list[str] = field(default_factory=list)

    def request_run(self) -> str:
        self.asked.append(str(len(self.asked) + 1))
        return self.asked[-1]

    def status(self) -> SchedulerStatus:
        return SchedulerStatus(running=True)


def accounts_of(*people: Account) -> Accounts:
    return Accounts({account.name: account for account in people}, KEYS)


def authenticator_of(
    database: peewee.Database, clock: Clock, *people: Account, secret_file: Path | None = None
) -> Authenticator:
    return Authenticator(accounts_of(*people), SessionStore(database, secret_file), AuditLog(database), clock)


def guarded_app(
    database: peewee.Database,
    clock: Clock,
    scheduler: SchedulerStub,
    *,
    people: tuple[Account, ...] = (ANNA, VERA),
    secret_file: Path | None = None,
    path_prefix: str = "/",
) -> FastAPI:
    """The API and the page as `serve` puts them together, behind accounts."""
    return composition.create_app(
        FleetReader(database),
        scheduler,
        AuditLog(database),
        clock,
        authenticator=authenticator_of(database, clock, *people, secret_file=secret_file),
        path_prefix=path_prefix,
    )
