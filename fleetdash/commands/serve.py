"""`serve`: the page, the API and the runs, until a signal ends them."""

import argparse
import json
import logging
import os
import socket
from contextlib import ExitStack

import peewee
from fastapi import FastAPI

from fleetdash import composition, logs
from fleetdash.commands import OK, fleet_file
from fleetdash.config import settings
from fleetdash.config.settings import Settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.history import ensure_history
from fleetdash.domain.clock import Clock, SystemClock
from fleetdash.monitoring.scheduler import Scheduler
from fleetdash.queries import FleetReader
from fleetdash.serving import server
from fleetdash.storage.accounts import AuditLog
from fleetdash.storage.vessel_states import VesselStates
from fleetdash.storage.wal import fold_wal

log = logging.getLogger("fleetdash")


def run(options: argparse.Namespace) -> int:
    clock = SystemClock()
    with ExitStack() as stack:
        demo = stack.enter_context(DemoFleet(clock=clock)) if options.demo else None
        config = _config(options, demo)
        # first, so that a port that is taken stops fleetdash before it touches the database
        listening = stack.enter_context(server.bind(config.server.host, config.server.port))
        database = composition.open_migrated(config)
        stack.callback(fold_wal, database)
        if demo:
            ensure_history(demo, config, database, clock)
        scheduler = None if options.no_scheduler else composition.create_scheduler(config, database, clock)
        app = _create_app(config, database, clock, scheduler, demo=demo is not None)
        if scheduler:
            scheduler.start()
            stack.callback(scheduler.stop)
        else:
            _add_new_fleet(config, database, clock)
        log.info("the page is at %s", _url(listening, config.server.path_prefix))
        stop = scheduler.stop_soon if scheduler else lambda: None
        server.serve(app, listening, on_signal=stop, trusted_proxies=config.server.trusted_proxies)
    return OK


def _config(options: argparse.Namespace, demo: DemoFleet | None) -> Settings:
    environ = os.environ | _flags_as_environment(options)
    if demo is None:
        return fleet_file.load(options, environ)
    config = settings.parse(demo.fleet_file(), environ, source="demo fleet")
    logs.configure(config.logging.level, config.logging.format)
    return config


def _flags_as_environment(options: argparse.Namespace) -> dict[str, str]:
    """--host and --port override the fleet file, and are validated like its keys."""
    flags = {"HOST": options.host, "PORT": options.port}
    return {f"FLEETDASH_SERVER__{name}": json.dumps(value) for name, value in flags.items() if value is not None}


def _create_app(
    config: Settings, database: peewee.Database, clock: Clock, scheduler: Scheduler | None, *, demo: bool
) -> FastAPI:
    return composition.create_app(
        FleetReader(database, composition.schedule_of(config)),
        scheduler or composition.create_remote_scheduler(config, database, clock),
        AuditLog(database),
        clock,
        authenticator=composition.create_authenticator(config, database, clock),
        local_only=composition.is_local_only(config),
        path_prefix=config.server.path_prefix,
        demo=demo,
    )


def _add_new_fleet(config: Settings, database: peewee.Database, clock: Clock) -> None:
    """Show the vessels of a new installation; after that, the process that schedules keeps them current."""
    states = VesselStates(database)
    if not states.knows_vessels():
        states.sync_fleet(config.vessels, clock.now())


def _url(listening: socket.socket, path_prefix: str) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{path_prefix}"
