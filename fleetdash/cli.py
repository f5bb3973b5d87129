"""The command line: `fleetdash COMMAND`, in a checkout `python app.py COMMAND`. See `fleetdash.composition`."""

import argparse
import getpass
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import peewee
from tqdm import tqdm

from fleetdash import logs, survey
from fleetdash.composition import (
    create_access,
    create_app,
    create_monitor,
    create_remote_scheduler,
    create_scheduler,
    open_and_migrate,
    open_migrated,
    schedule_of,
)
from fleetdash.config import paste, settings
from fleetdash.config.settings import Settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.history import ensure_history
from fleetdash.domain.analytics.period import Period, day_of
from fleetdash.domain.clock import Clock, SystemClock
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.errors import COMMAND, ConfigurationError, FleetdashError
from fleetdash.monitoring.monitor import FleetMonitor
from fleetdash.queries import FleetReader
from fleetdash.storage.backup import backup
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.locks import scheduling_lock
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.vessel_states import VesselStates
from fleetdash.storage.wal import fold_wal

log = logging.getLogger("fleetdash")

OK, NOT_ALL_REACHED, BAD_CONFIGURATION = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; answers its exit code."""
    options = _parser().parse_args(arguments)
    _live_in_utc()
    logs.configure()
    try:
        code: int = options.command(options)
        return code
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return BAD_CONFIGURATION
    except FleetdashError as error:
        print(error, file=sys.stderr)
        return NOT_ALL_REACHED


def _live_in_utc() -> None:
    """`schedule` compares naive local times: in the hour that a zone repeats it would not tick."""
    os.environ["TZ"] = "UTC"
    time.tzset()


# --- commands


def serve(options: argparse.Namespace) -> int:
    from fleetdash.serving import server  # as in create_app

    clock = SystemClock()
    with ExitStack() as stack:
        demo = stack.enter_context(DemoFleet(clock=clock)) if options.demo else None
        environ = os.environ | _flags_as_environment(options)
        config = settings.parse(demo.fleet_file(), environ, source="demo fleet") if demo else _load(options, environ)
        logs.configure(config.logging.level, config.logging.format)
        listening = stack.enter_context(server.bind(config.server.host, config.server.port))
        database = open_migrated(config)
        stack.callback(fold_wal, database)
        if demo:
            ensure_history(demo, config, database, clock)
        scheduler = None if options.no_scheduler else create_scheduler(config, database, clock)
        if scheduler is None:
            _introduce_fleet(config, database, clock)
        app = create_app(
            FleetReader(database, schedule_of(config)),
            scheduler or create_remote_scheduler(config, database, clock),
            clock,
            access=create_access(config, database, clock),
            path_prefix=config.server.path_prefix,
            demo=demo is not None,
        )
        if scheduler:
            scheduler.start()
            stack.callback(scheduler.stop)
        host, port = listening.getsockname()[:2]
        log.info("the page is at http://%s:%d%s", f"[{host}]" if ":" in host else host, port, config.server.path_prefix)
        server.serve(
            app,
            listening,
            on_signal=scheduler.stop_soon if scheduler else lambda: None,
            trusted_proxies=config.server.trusted_proxies,
        )
    return OK


def _introduce_fleet(config: Settings, database: peewee.Database, clock: Clock) -> None:
    """Let a new installation show its vessels; where some are known, whoever schedules keeps them current."""
    states = VesselStates(database)
    if not states.knows_vessels():
        states.sync_fleet(config.vessels, clock.now())


def run_once(options: argparse.Namespace) -> int:
    clock = SystemClock()
    config = _load(options)
    database = open_migrated(config)
    lock = scheduling_lock(database, sqlite_file(config.database.url))
    if not lock.acquire():
        print(
            "another process schedules this database; start the run there: on its page, or POST /api/scheduler-runs",
            file=sys.stderr,
        )
        return NOT_ALL_REACHED
    monitor = create_monitor(config, database, clock)
    try:
        run = _one_run(monitor, schedule_of(config))
    finally:
        monitor.recorder.catch_up()
        monitor.recorder.stand_down()
        lock.release()
        fold_wal(database)
    print(
        f"run {run.run_id} {run.status}: {run.successful_vessels} of {run.total_vessels} vessels reached, "
        f"{run.retry_attempts} retries, {run.duration_seconds or 0:.1f} s"
    )
    return OK if run.status is RunStatus.COMPLETED else NOT_ALL_REACHED


def _one_run(monitor: FleetMonitor, schedule: Schedule) -> Run:
    monitor.recover()
    # from cron it is the run of its slot; one that is filled already is not filled twice
    run = monitor.open_run(Trigger.MANUAL, schedule.last_due(monitor.clock.now()))
    # silent unless on a terminal
    with _stop_on_signal() as stop, tqdm(total=run.total_vessels, unit="vessel", disable=None) as bar:

        def advance(attempt: Attempt) -> None:
            bar.update(int(attempt.chain_ended))

        return monitor.execute_run(run, stop, advance)


def check(options: argparse.Namespace) -> int:
    config = _load(options)
    with _stop_on_signal() as stop:
        reached_all = survey.check(config, SystemClock(), stop)
    return OK if reached_all else NOT_ALL_REACHED


def discover(options: argparse.Namespace) -> int:
    """New vessels are checked as if they stood in the file already."""
    new = [_new_vessel(text) for text in options.new]
    path = _fleet_file(options)
    file = settings.read(path) if path.exists() or not new else ""
    entries = "".join(paste.vessel_entry(vessel_id, url) for vessel_id, url in new)
    config = settings.parse(f"{file}\n{entries}", source=str(path))
    with _stop_on_signal() as stop:
        reached_all = survey.discover(config, file, [vessel_id for vessel_id, _ in new], SystemClock(), stop)
    return OK if reached_all else NOT_ALL_REACHED


def _new_vessel(text: str) -> tuple[str, str]:
    vessel_id, separator, url = text.partition("=")
    if not separator:
        raise ConfigurationError(f"--new {text}: write it as ID=URL, such as vessel001=http://10.1.0.1:8086")
    return vessel_id, url


def migrate_command(options: argparse.Namespace) -> int:
    _, applied = open_and_migrate(_load(options))
    print(f"applied {', '.join(applied)}" if applied else "the database is at the newest schema")
    return OK


def rebuild_command(options: argparse.Namespace) -> int:
    database = open_migrated(_load(options))
    # silent unless on a terminal
    with tqdm(unit="run", disable=None) as bar:
        done = rebuild_rollups(database, lambda so_far: bar.update(so_far.runs - bar.n))
    print(f"rebuilt {done.days} days: {done.runs} runs, {done.attempts} attempts")
    return OK


def backup_command(options: argparse.Namespace) -> int:
    size = backup(_load(options).database.url, options.file)
    print(f"copied the database to {options.file} ({size / 1e6:.1f} MB)")
    return OK


def report_command(options: argparse.Namespace) -> int:
    from fleetdash.report import report  # as in create_app

    now = SystemClock().now()
    config = _load(options)
    try:
        since = day_of(options.since) if options.since else None
        until = day_of(options.until, ends=True) if options.until else None
        period = Period.strict(since, until, now)
    except ValueError as error:
        raise ConfigurationError(f"no such period: {error}") from error
    found = FleetReader(open_migrated(config), schedule_of(config)).analytics(period, now)
    try:
        options.file.write_text(report(found), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the report cannot be written: {error}") from error
    print(f"wrote {options.file}: {period.first} to {period.last}, {found.totals.statistics.total_runs} runs")
    return OK


def hash_password_command(_options: argparse.Namespace) -> int:
    """Asks twice on a terminal; else the first line of the standard input is the password."""
    from fleetdash.auth.hashing import hash_password

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise ConfigurationError("the two are not the same; nothing was hashed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigurationError("the password is empty; nothing was hashed")
    print(hash_password(password))
    return OK


def make_api_key_command(options: argparse.Namespace) -> int:
    from fleetdash.auth.hashing import new_api_key

    key, hashed = new_api_key()
    print(f"The key, which is shown this once: give it to {options.name}.", file=sys.stderr)
    print(key)
    print("For the fleet file:", file=sys.stderr)
    print(f'[[api_keys]]\nname = {json.dumps(options.name)}\nrole = "{options.role}"\nkey_hash = "{hashed}"')
    return OK


def demo_fleet(options: argparse.Namespace) -> int:
    targets = DemoFleet(vessels=options.vessels, seed=options.seed, port=options.port, clock=SystemClock())
    with targets as fleet, _stop_on_signal() as stop:
        print(fleet.fleet_file(), flush=True)
        stop.wait()
    return OK


# --- the command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Watches the on-board equipment of a fleet from shore.")
    # shared with the subcommands; SUPPRESS there, else their default would overwrite what stands before the command
    parser.add_argument("--config", metavar="FILE", default=None, help="the fleet file")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="the fleet file")
    _add_serve_options(parser)
    parser.set_defaults(command=serve)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    serve_parser = commands.add_parser("serve", parents=[common], help="serve the page and schedule runs (the default)")
    _add_serve_options(serve_parser, default=argparse.SUPPRESS)
    for name, command, text in (
        ("run-once", run_once, "make one run now, in the foreground"),
        ("check", check, "read the fleet file and ask every vessel once; writes nothing"),
        ("migrate", migrate_command, "bring the database to the newest schema"),
        ("rebuild-rollups", rebuild_command, "make anew what is derived from runs and attempts"),
    ):
        commands.add_parser(name, parents=[common], help=text).set_defaults(command=command)
    found = commands.add_parser(
        "discover", parents=[common], help="print the addresses that the fleet file lacks, as TOML to paste"
    )
    found.add_argument(
        "--new", nargs="+", action="extend", default=[], metavar="ID=URL", help="ask these vessels, not yet in the file"
    )
    found.set_defaults(command=discover)
    copy = commands.add_parser("backup", parents=[common], help="copy the database while runs go on")
    copy.add_argument("file", type=Path, metavar="FILE", help="the copy; must not be there yet")
    copy.set_defaults(command=backup_command)
    report = commands.add_parser("report", parents=[common], help="write a period as one HTML page to print")
    report.add_argument("--since", metavar="DAY", help="the first UTC day, such as 2026-11-01; 30 days before the last")
    report.add_argument("--until", metavar="DAY", help="the last UTC day, included; today")
    report.add_argument("file", type=Path, metavar="FILE.html", help="is written over")
    report.set_defaults(command=report_command)
    hashing = commands.add_parser(
        "hash-password", help="hash a password for [[accounts]]; asks for it, or reads a line"
    )
    hashing.set_defaults(command=hash_password_command)
    key = commands.add_parser("make-api-key", help="make a key for a program, and its hash for [[api_keys]]")
    key.add_argument("name", metavar="NAME", help="whose it is")
    key.add_argument("--role", choices=("viewer", "operator"), default="viewer")
    key.set_defaults(command=make_api_key_command)
    demo = commands.add_parser("demo-fleet", help="only the simulated vessels; prints the fleet file that asks them")
    demo.add_argument("--vessels", type=int, default=66, metavar="N")
    demo.add_argument("--port", type=int, default=0, metavar="P")
    demo.add_argument("--seed", type=int, default=1, metavar="S")
    demo.set_defaults(command=demo_fleet)
    return parser


def _add_serve_options(parser: argparse.ArgumentParser, default: object = None) -> None:
    parser.add_argument("--demo", action="store_true", default=default or False, help="serve the demo fleet")
    parser.add_argument("--host", default=default, help="serve at this address")
    parser.add_argument("--port", type=int, default=default, help="serve at this port")
    parser.add_argument(
        "--no-scheduler", action="store_true", default=default or False, help="serve only, start no runs"
    )


def _load(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    config = settings.load(_fleet_file(options, environ), environ)
    logs.configure(config.logging.level, config.logging.format)
    return config


def _fleet_file(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Path:
    """The fleet file that was named: by the flag, by the environment, or the default one."""
    named = options.config or environ.get("FLEETDASH_CONFIG")
    path = Path(named) if named else settings.DEFAULT_FILE
    if not named and not path.exists() and not getattr(options, "new", None):
        raise ConfigurationError(
            f"there is no fleet file. Either write {path} (the README shows one in five lines) or name another with "
            f"--config FILE; or look around first: {COMMAND} serve --demo"
        )
    return path


def _flags_as_environment(options: argparse.Namespace) -> dict[str, str]:
    """--host and --port stand before everything else, and are checked as if they stood in the file."""
    flags = {"HOST": options.host, "PORT": options.port}
    return {f"FLEETDASH_SERVER__{name}": json.dumps(value) for name, value in flags.items() if value is not None}


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
