"""The parts put together: beside the command line the only module that sees the writing and the reading side."""

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

    from fleetdash.auth.access import Access

ROLLUPS = "0002_rollups"


def create_app(
    queries: FleetReader,
    scheduler: SchedulerControl,
    clock: Clock,
    *,
    access: "Access | None" = None,
    path_prefix: str = "/",
    demo: bool = False,
) -> "FastAPI":
    """The API with the page on top of it; starts nothing. Without `access` everyone may do everything, unrecorded."""
    # here, since what only asks vessels would wait longest for what only serves pages
    from fleetdash.api import create_api
    from fleetdash.auth.access import secure
    from fleetdash.web.dash_app import create_page

    if access is not None:
        scheduler = access.audited(scheduler, clock)
    versions = DataVersion(queries, scheduler, clock)
    secured = access is not None and access.authenticator is not None
    api = create_api(queries, scheduler, clock=clock, versions=versions, secured=secured)
    if access is not None:
        access.register(api, path_prefix)
    page = create_page(api, queries, scheduler, clock=clock, versions=versions, path_prefix=path_prefix, demo=demo)
    secure(api, access, path_prefix, page.csp_hashes())
    return api


def create_access(config: Settings, database: peewee.Database, clock: Clock) -> "Access":
    """Who is let in, as the fleet file says."""
    from fleetdash.auth.access import Access
    from fleetdash.auth.accounts import Accounts
    from fleetdash.auth.authenticator import Authenticator

    audit = AuditLog(database)
    if not config.auth_required:
        server = config.server
        proxied = bool(server.trusted_proxies) or server.path_prefix != "/"
        return Access(audit, local_only=server.on_loopback and not proxied)
    file = sqlite_file(config.database.url)
    store = SessionStore(database, file and file.with_name(f"{file.name}.secret"))
    return Access(audit, Authenticator(Accounts.of(config.accounts, config.api_keys), store, audit, clock))


def open_migrated(config: Settings) -> peewee.Database:
    """The configured database at its newest schema."""
    return open_and_migrate(config)[0]


def open_and_migrate(config: Settings) -> tuple[peewee.Database, list[str]]:
    """To the newest schema; a history that is older than the rollups is rolled up, once."""
    secret = config.database_password
    database = open_database(config.database.url, secret.get_secret_value() if secret else None)
    applied = migrate(database)
    if ROLLUPS in applied:
        rebuild_rollups(database)
    return database, applied


def create_recorder(config: Settings, database: peewee.Database, clock: Clock) -> JournalledRecorder:
    """What runs write to; the journal is opened by whoever schedules."""
    devices = sum(len(vessel.devices) for vessel in config.vessels)
    path = journal_file(config.database.url, config.database.journal_file)
    journal, reserve = journal_for(path, len(config.vessels), devices, config.retry.max_retries + 1)
    return JournalledRecorder(database, VesselStates(database), journal, clock, reserve=reserve)


def create_monitor(config: Settings, database: peewee.Database, clock: Clock) -> FleetMonitor:
    """What makes runs over the configured fleet."""
    ask = http_query(config, clock)
    return FleetMonitor(
        config.targets,
        create_recorder(config, database, clock),
        new_pool=lambda: worker_pool(config, clock, ask),
        policy=retry_policy(config),
        clock=clock,
    )


def schedule_of(config: Settings) -> Schedule:
    """When runs are due."""
    plan = config.schedule
    return Schedule(
        every_minutes=plan.every_minutes,
        daily_at=time.fromisoformat(plan.daily_at) if plan.daily_at else None,
        timezone=ZoneInfo(plan.timezone),
    )


def create_scheduler(config: Settings, database: peewee.Database, clock: Clock) -> Scheduler:
    """The thread that starts the runs, and prunes their history between them; not started yet."""
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
    """What a process that does not schedule sees of the one that does."""
    lock = scheduling_lock(database, sqlite_file(config.database.url))
    return RemoteScheduler(SchedulerRunLogger(database), schedule_of(config), lock, clock, vessels=len(config.targets))
