"""The command line: `fleetdash COMMAND`, in a checkout `python app.py COMMAND`."""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

from fleetdash import logs
from fleetdash.commands import BAD_CONFIGURATION, NOT_ALL_REACHED
from fleetdash.errors import COMMAND, ConfigurationError, FleetdashError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    options = _parser().parse_args(arguments)
    _use_utc()
    logs.configure()
    try:
        return run(options)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return BAD_CONFIGURATION
    except FleetdashError as error:
        print(error, file=sys.stderr)
        return NOT_ALL_REACHED


def run(options: argparse.Namespace) -> int:
    """The command `run-once` is the module `fleetdash.commands.run_once`; only the one that is called is imported."""
    module = importlib.import_module(f"fleetdash.commands.{options.command.replace('-', '_')}")
    code: int = module.run(options)
    return code


def _use_utc() -> None:
    """`schedule` compares naive local times: in the hour that a zone repeats it would not tick."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Watches the on-board equipment of a fleet from shore.")
    # shared with the subcommands; SUPPRESS there, or their default overwrites an option before the command
    parser.add_argument("--config", metavar="FILE", default=None, help="the fleet file")
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="the fleet file")
    _add_serve_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    parser.set_defaults(command="serve")

    def add(name: str, text: str, *, reads_fleet_file: bool = True) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[config] if reads_fleet_file else [], help=text)

    _add_serve_options(add("serve", "serve the page and schedule runs (the default)"), default=argparse.SUPPRESS)
    add("run-once", "make one run now, in the foreground")
    add("check", "read the fleet file and ask every vessel once; writes nothing")
    discover = add("discover", "print the addresses that the fleet file lacks, as TOML to paste")
    discover.add_argument(
        "--new", nargs="+", action="extend", default=[], metavar="ID=URL", help="ask these vessels, not yet in the file"
    )
    add("migrate", "bring the database to the newest schema")
    add("rebuild-rollups", "rebuild what is derived from runs and attempts")
    backup = add("backup", "copy the database while runs go on")
    backup.add_argument("file", type=Path, metavar="FILE", help="the copy; must not exist")
    _add_report_options(add("report", "write a period as one HTML page to print"))
    add("hash-password", "hash a password for [[accounts]]; asks for it, or reads a line", reads_fleet_file=False)
    key = add("make-api-key", "make a key for a program, and its hash for [[api_keys]]", reads_fleet_file=False)
    key.add_argument("name", metavar="NAME", help="the program's name")
    key.add_argument("--role", choices=("viewer", "operator"), default="viewer")
    demo = add("demo-fleet", "only the simulated vessels; prints the fleet file that asks them", reads_fleet_file=False)
    demo.add_argument("--vessels", type=int, default=66, metavar="N")
    demo.add_argument("--port", type=int, default=0, metavar="P")
    demo.add_argument("--seed", type=int, default=1, metavar="S")
    return parser


def _add_serve_options(parser: argparse.ArgumentParser, default: object = None) -> None:
    parser.add_argument("--demo", action="store_true", default=default or False, help="serve the demo fleet")
    parser.add_argument("--host", default=default, help="serve at this address")
    parser.add_argument("--port", type=int, default=default, help="serve at this port")
    parser.add_argument(
        "--no-scheduler", action="store_true", default=default or False, help="serve only, start no runs"
    )


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="DAY", help="the first UTC day, such as 2026-11-01; default: 30 days before the last"
    )
    parser.add_argument("--until", metavar="DAY", help="the last UTC day, included; default: today")
    parser.add_argument("file", type=Path, metavar="FILE.html", help="is overwritten")
