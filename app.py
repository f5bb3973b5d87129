"""The command line, from a checkout: `python app.py COMMAND`."""

import sys

from fleetdash.cli import main

if __name__ == "__main__":
    sys.exit(main())
