"""`backup`: copies the database while runs go on."""

import argparse

from fleetdash.commands import OK, fleet_file
from fleetdash.storage.backup import backup


def run(options: argparse.Namespace) -> int:
    size = backup(fleet_file.load(options).database.url, options.file)
    print(f"copied the database to {options.file} ({size / 1e6:.1f} MB)")
    return OK
