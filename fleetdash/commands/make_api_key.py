"""`make-api-key`: makes a key for a program, and its hash for `[[api_keys]]`."""

import argparse
import json
import sys

from fleetdash.auth.hashing import new_api_key
from fleetdash.commands import OK


def run(options: argparse.Namespace) -> int:
    key, hashed = new_api_key()
    # explanations on stderr, so that stdout can be piped
    print(f"The key for {options.name}, shown only once:", file=sys.stderr)
    print(key)
    print("For the fleet file:", file=sys.stderr)
    print(f'[[api_keys]]\nname = {json.dumps(options.name)}\nrole = "{options.role}"\nkey_hash = "{hashed}"')
    return OK
