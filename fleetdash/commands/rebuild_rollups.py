"""`rebuild-rollups`: recomputes what is derived from runs and attempts."""

import argparse

from tqdm import tqdm

from fleetdash import composition
from fleetdash.commands import OK, fleet_file
from fleetdash.storage.rollups import rebuild_rollups


def run(options: argparse.Namespace) -> int:
    database = composition.open_migrated(fleet_file.load(options))
    # silent unless on a terminal
    with tqdm(unit="run", disable=None) as bar:
        done = rebuild_rollups(database, lambda progress: bar.update(progress.runs - bar.n))
    print(f"rebuilt {done.days} days: {done.runs} runs, {done.attempts} attempts")
    return OK
