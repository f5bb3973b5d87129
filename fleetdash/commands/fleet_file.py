"""Which fleet file a command reads."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from fleetdash import logs
from fleetdash.config import settings
from fleetdash.config.settings import Settings
from fleetdash.errors import COMMAND, ConfigurationError


def load(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    """The fleet file's settings; configures logging as it says."""
    config = settings.load(path_of(options, environ), environ)
    logs.configure(config.logging.level, config.logging.format)
    return config


def path_of(options: argparse.Namespace, environ: Mapping[str, str] = os.environ, *, required: bool = True) -> Path:
    """The fleet file named by the flag or the environment, or the default one, which may be missing if not required."""
    named = options.config or environ.get("FLEETDASH_CONFIG")
    path = Path(named) if named else settings.DEFAULT_FILE
    if required and not named and not path.exists():
        raise ConfigurationError(
            f"there is no fleet file. Either write {path} (the README shows one in five lines) or name another with "
            f"--config FILE; or look around first: {COMMAND} serve --demo"
        )
    return path
