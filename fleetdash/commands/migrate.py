"""`migrate`: brings the database to the newest schema."""

import argparse

from fleetdash import composition
from fleetdash.commands import OK, fleet_file


def run(options: argparse.Namespace) -> int:
    _, applied = composition.open_and_migrate(fleet_file.load(options))
    print(f"applied {', '.join(applied)}" if applied else "the database is at the newest schema")
    return OK
