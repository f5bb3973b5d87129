"""`hash-password`: hashes a password for `[[accounts]]`."""

import argparse
import getpass
import sys

from fleetdash.auth.hashing import hash_password
from fleetdash.commands import OK
from fleetdash.errors import ConfigurationError


def run(_options: argparse.Namespace) -> int:
    password = _ask_twice() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ConfigurationError("the password is empty; nothing was hashed")
    print(hash_password(password))
    return OK


def _ask_twice() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Repeat the password: ") != password:
        raise ConfigurationError("passwords do not match; nothing was hashed")
    return password
