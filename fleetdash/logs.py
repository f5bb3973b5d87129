"""Logs on standard error, one line per event, with its run and vessel if it has them.

Levels: `error` somebody has to do something; `warning` it goes on, but worse than it should; `info` what happened;
`debug` also what went well.
"""

import json
import logging
from datetime import UTC, datetime

_QUIET = {
    "uvicorn.error": logging.WARNING,
    # it warns of odd headers; those that matter become errors of `fleetdash.influx`
    "urllib3": logging.ERROR,
    # fleetdash logs migrations itself
    "peewee.migrations": logging.WARNING,
}
_SHOWN = ("run_id", "vessel_id")


def configure(level: str = "info", style: str = "text") -> None:
    """From now on, for the whole process; may be called again."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, TextLines | JsonLines)]:
        root.removeHandler(handler)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def one_line(text: str) -> str:
    """Nothing that a vessel sends can begin a line or move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


class TextLines(logging.Formatter):
    """For people: `2026-11-23T13:05:00.123Z WARNING fleetdash.monitoring.monitor: ... run_id=7 vessel_id=aurora`."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{_moment(record)} {record.levelname} {record.name}: {one_line(record.getMessage())}"]
        parts += [f"{name}={one_line(value)}" for name, value in _context(record).items()]
        if record.exc_info:
            parts.append(one_line(self.formatException(record.exc_info)))
        return " ".join(parts)


class JsonLines(logging.Formatter):
    """For machines: one object per line."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_context(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event)


def _context(record: logging.LogRecord) -> dict[str, str]:
    """What the event is about, as `extra` named it."""
    return {name: str(record.__dict__[name]) for name in _SHOWN if record.__dict__.get(name) is not None}


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
