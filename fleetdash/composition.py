"""All factories: besides the command line, the only module that imports both the writing and the reading side."""

from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import peewee

from fleetdash.config.settings import Settings
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.domain.schedule import Schedule
from fleetdash.monitoring.monitor import FleetMonitor, http_query, retry_policy, worker_pool
from fleetdash.monitoring.remote_scheduler import RemoteScheduler
from fleetdash.monitoring.scheduler import Scheduler
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.storage.accounts import AuditLog, SessionStore
from fleetdash.storage.database import migrate, open_database, sqlite_file
from fleetdash.storage.journal import JournalledRecorder, journal_file, journal_for
from fleetdash.storage.locks import scheduling_lock
from fleetdash.storage.retention import Retention
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fleetdash.auth.authenticator import Authenticator

ROLLUPS = "0002_rollups"

_GZIP_LEVEL = 5
"""For responses that differ each time: from level 6 on, compressing takes longer than sending the bytes it saves."""


def create_app(
    queries: FleetReader,
    scheduler: SchedulerControl,
    audit: AuditLog,
    clock: Clock,
    *,
    authenticator: "Authenticator | None" = None,
    local_only: bool = False,
    path_prefix: str = "/",
    demo: bool = False,
) -> "FastAPI":
    """The API with the page on top of it; starts nothing. Without `authenticator` everyone is an operator."""
    # imported here, so that commands that only ask vessels start faster
    from fleetdash.api import create_api
    from fleetdash.auth import pages
    from fleetdash.auth.audited_scheduler import AuditedScheduler
    from fleetdash.web.dash_app import create_page

    audited = AuditedScheduler(scheduler, audit, clock)
    versions = DataVersion(queries, audited, clock)
    app = create_api(queries, audited, clock=clock, versions=versions, auth_required=authenticator is not None)
    # before the page, which takes every path that is left
    pages.register_audit(app, audit, path_prefix)
    if authenticator is not None:
        pages.register_login(app, authenticator, path_prefix)
    page = create_page(app, queries, audited, clock=clock, versions=versions, path_prefix=path_prefix, demo=demo)
    add_middleware(
        app,
        authenticator=authenticator,
        local_only=local_only,
        path_prefix=path_prefix,
        script_hashes=page.csp_hashes(),
    )
    return app


def add_middleware(
    app: "FastAPI",
    *,
    authenticator: "Authenticator | None" = None,
    local_only: bool = False,
    path_prefix: str = "/",
    script_hashes: Iterable[str] = (),
) -> None:
    """What every request passes through, from the outside in. Call it once, when all routes and mounts are in `app`."""
    from starlette.middleware import Middleware
    from starlette.middleware.gzip import GZipMiddleware

    from fleetdash.auth.middleware import AnonymousMiddleware, AuthMiddleware
    from fleetdash.serving.body_limit import BodyLimit
    from fleetdash.serving.head_as_get import HeadAsGet
    from fleetdash.serving.same_origin import SameOrigin
    from fleetdash.serving.security_headers import SecurityHeaders, content_security_policy
    from fleetdash.serving.static_cache import StaticCache
    from fleetdash.serving.trusted_host import TrustedHost

    outside_in = [
        Middleware(SecurityHeaders, policy=content_security_policy(script_hashes)),
        *([Middleware(TrustedHost)] if local_only else []),
        # from here on, the caller is known
        Middleware(AuthMiddleware, authenticator=authenticator, prefix=path_prefix)
        if authenticator
        else Middleware(AnonymousMiddleware),
        Middleware(SameOrigin),
        Middleware(BodyLimit),
        Middleware(GZipMiddleware, minimum_size=500, compresslevel=_GZIP_LEVEL),
        # inside GZip, which passes on what is already compressed
        Middleware(StaticCache),
        Middleware(HeadAsGet),
    ]
    for part in reversed(outside_in):
        app.add_middleware(part.cls, *part.args, **part.kwargs)


def create_authenticator(config: Settings, database: peewee.Database, clock: Clock) -> "Authenticator | None":
    """Who may log in, as the fleet file says; `None` where nobody has to."""
    if not config.auth_required:
        return None
    from fleetdash.auth.accounts import Accounts
    from fleetdash.auth.authenticator import Authenticator

    file = sqlite_file(config.database.url)
    store = SessionStore(database, file and file.with_name(f"{file.name}.secret"))
    return Authenticator(Accounts.of(config.accounts, config.api_keys), store, AuditLog(database), clock)


def is_local_only(config: Settings) -> bool:
    """Whether only this machine can connect, and nobody has to log in."""
    server = config.server
    proxied = bool(server.trusted_proxies) or server.path_prefix != "/"
    return not config.auth_required and server.on_loopback and not proxied


def open_migrated(config: Settings) -> peewee.Database:
    """The configured database at its newest schema."""
    return open_and_migrate(config)[0]


def open_and_migrate(config: Settings) -> tuple[peewee.Database, list[str]]:
    """The database, and the migrations applied; a history from before the rollups is rolled up once."""
    secret = config.database_password
    database = open_database(config.database.url, secret.get_secret_value() if secret else None)
    applied = migrate(database)
    if ROLLUPS in applied:
        rebuild_rollups(database)
    return database, applied


def create_recorder(config: Settings, database: peewee.Database, clock: Clock) -> JournalledRecorder:
    """What runs write to; the scheduling process opens the journal."""
    devices = sum(len(vessel.devices) for vessel in config.vessels)
    path = journal_file(config.database.url, config.database.journal_file)
    journal, reserve = journal_for(path, len(config.vessels), devices, config.retry.max_retries + 1)
    return JournalledRecorder(database, VesselStates(database), journal, clock, reserve=reserve)


def create_monitor(config: Settings, database: peewee.Database, clock: Clock) -> FleetMonitor:
    """What makes runs over the configured fleet."""
    query = http_query(config, clock)
    return FleetMonitor(
        config.targets,
        create_recorder(config, database, clock),
        new_pool=lambda: worker_pool(config, clock, query),
        policy=retry_policy(config),
        clock=clock,
    )


def schedule_of(config: Settings) -> Schedule:
    """When runs are due."""
    schedule = config.schedule
    return Schedule(
        every_minutes=schedule.every_minutes,
        daily_at=time.fromisoformat(schedule.daily_at) if schedule.daily_at else None,
        timezone=ZoneInfo(schedule.timezone),
    )


def create_scheduler(config: Settings, database: peewee.Database, clock: Clock) -> Scheduler:
    """The thread that starts runs, and prunes history between them; not started yet."""
    days = config.retention
    retention = Retention(database, attempts_days=days.attempts_days, runs_days=days.runs_days)
    return Scheduler(
        create_monitor(config, database, clock),
        schedule_of(config),
        scheduling_lock(database, sqlite_file(config.database.url)),
        clock,
        run_on_start=config.schedule.run_on_start,
        housekeeping=retention.step,
    )


def create_remote_scheduler(config: Settings, database: peewee.Database, clock: Clock) -> RemoteScheduler:
    """The scheduler of another process, as the database shows it."""
    lock = scheduling_lock(database, sqlite_file(config.database.url))
    return RemoteScheduler(SchedulerRunLogger(database), schedule_of(config), lock, clock, vessels=len(config.targets))
