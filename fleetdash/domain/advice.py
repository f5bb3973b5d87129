"""What to do about a vessel that was not reached, by the kind of error: wherever a reason is shown."""

from fleetdash.domain.runs import ErrorKind

_IN_THE_FLEET_FILE = "of this vessel in the fleet file"

_ADVICE: dict[ErrorKind, str] = {
    ErrorKind.TIMEOUT: (
        "The link is slow or down; fleetdash asks again at each run. If it lasts, ask the crew to check the modem. "
        f"If the vessel is reached only now and then, raise timeout_seconds {_IN_THE_FLEET_FILE}."
    ),
    ErrorKind.CONNECTION: (
        "Nothing answers at this address; fleetdash asks again at each run. If it lasts, ask the crew whether the "
        f"link and the machine with InfluxDB are on. If it never answered, check url {_IN_THE_FLEET_FILE}."
    ),
    ErrorKind.SERVER_ERROR: (
        "InfluxDB on board has a problem; fleetdash asks again at each run. If it lasts, look at InfluxDB's log, "
        "memory and disk space on board, and restart it."
    ),
    ErrorKind.RATE_LIMITED: (
        "The vessel, or a gateway in front of it, allows fewer requests. "
        "Raise its limit for fleetdash, or raise every_minutes in [schedule]."
    ),
    ErrorKind.AUTHENTICATION: (
        f"Check username and password_env (or password_file, token_env, token_file) {_IN_THE_FLEET_FILE}, "
        "and that this user may read the database."
    ),
    ErrorKind.CONFIGURATION: (
        f"Check url, database, retention_policy and measurement {_IN_THE_FLEET_FILE} against InfluxDB on board."
    ),
    ErrorKind.TLS: (
        "Check the vessel's certificate: whether it has expired, and whether it is for the host name in url. "
        f"If your own authority signed it, name the authority in ca_file {_IN_THE_FLEET_FILE}."
    ),
    ErrorKind.INVALID_DATA: (
        f"Check that url {_IN_THE_FLEET_FILE} leads to InfluxDB 1.x, and not to a gateway's own page. "
        "If it does, check the clock on board, and InfluxDB's log."
    ),
    ErrorKind.TOO_LARGE: (
        "If the vessel has so many devices, raise max_response_bytes in [query]. "
        f"Otherwise check measurement and device_tag {_IN_THE_FLEET_FILE}: they may name more than pings."
    ),
    ErrorKind.CANCELLED: "Nothing: fleetdash was stopped meanwhile, and asks again at the next run.",
}

FIXED_ON_SHORE = frozenset({ErrorKind.AUTHENTICATION, ErrorKind.CONFIGURATION, ErrorKind.TLS})
"""Asking again cannot help, and nobody on board can: somebody on shore has to act."""


def advice(kind: ErrorKind) -> str:
    """What to do, in one to three plain sentences."""
    return _ADVICE[kind]
