"""Database errors as messages that say what to do."""

from fleetdash.errors import COMMAND


def explain(error: Exception) -> str:
    """What happened and what to do, without the statement or its values."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    for symptom, advice in _ADVICE.items():
        if symptom.lower() in text.lower():
            return f"the database cannot be used ({symptom}): {advice}"
    return f"the database cannot be used: {text}"


_ADVICE = {
    "database is locked": "another program holds it; close that program",
    "database or disk is full": "make room on its disk",
    "unable to open database file": "its folder must exist and be writable",
    "readonly database": "its file and folder must be writable",
    "file is not a database": "the file is damaged or something else; move it away or restore a backup",
    "disk image is malformed": "the file is damaged; restore a backup",
    "connection refused": "start PostgreSQL, or correct database.url",
    "password authentication failed": "correct the user in database.url and its password",
    "no such table": f"bring it to the newest schema: {COMMAND} migrate",
}
