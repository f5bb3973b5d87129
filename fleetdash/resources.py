"""Where the files beside the code are: at the top of a checkout, inside the package when it was installed."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


ASSETS = _folder("assets")
MIGRATIONS = _folder("migrations")
