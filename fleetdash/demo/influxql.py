"""The InfluxQL that fleetdash sends: text -> `Select`. Whatever else is asked gets InfluxDB's parse error."""

import re
from dataclasses import dataclass

_NAME = r'"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*'
_STRING = r"'(?:[^'\\\n]|\\.)*'"
_FROM = rf"FROM (?P<measurement>{_NAME})"
_TAG = rf"(?P<tag>{_NAME})"
_ANSWERED = (
    r"(?P<answered>\(result_code!=0\)=false AND percent_packet_loss<100 AND \(percent_reply_loss>=100\)=false AND )"
)
_TIME = r"time(?P<after>>=?)(?P<start>\d+)s(?: AND time<(?P<including>=?)(?P<end>\d+)s)?"
_FIELDS = "result_code,percent_packet_loss,percent_reply_loss"
_BY_HOUR = rf"GROUP BY time\(1h(?:,(?P<offset>-?\d+)s)?\),{_TAG} fill\(none\)"

_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"SELECT count\(result_code\),(?P<function>count)\(percent_packet_loss\) {_FROM} WHERE {_TIME} {_BY_HOUR}",
        rf"SELECT (?P<function>count)\(percent_packet_loss\) {_FROM} WHERE {_ANSWERED}{_TIME} {_BY_HOUR}",
        rf"SELECT (?P<function>mean)\(average_response_ms::float\) {_FROM} WHERE {_TIME} GROUP BY {_TAG}",
        rf"SELECT (?P<function>last)\(percent_packet_loss\) {_FROM} WHERE {_ANSWERED}{_TIME} GROUP BY {_TAG}",
        rf"SELECT {_FIELDS} {_FROM} WHERE {_TAG}=(?P<device>{_STRING}) AND {_TIME} (?P<function>LIMIT) 1",
        rf"SELECT {_FIELDS} {_FROM} WHERE {_TIME} GROUP BY {_TAG},host ORDER BY time (?P<function>ASC|DESC) LIMIT 1",
    )
)
_SHOWS = tuple(
    re.compile(form)
    for form in (
        r"SHOW (?P<what>DATABASES|RETENTION POLICIES)",
        rf"SHOW (?P<what>FIELD KEYS) FROM {_NAME}\./\.\*/",
        rf"SHOW (?P<what>FIELD KEYS|TAG KEYS) {_FROM}",
        r"SHOW (?P<what>TAG KEYS)",
        rf"SHOW (?P<what>TAG VALUES) {_FROM} WITH KEY = {_TAG} LIMIT (?P<limit>\d+)",
        rf"(?P<what>SELECT) [\w\",]+ FROM {_NAME}\.(?P<measurement>{_NAME}) ORDER BY time DESC LIMIT 1",
    )
)
_ESCAPES = re.compile(r"\\(.)")
_QUOTED_CHARACTERS = 60


class ParseError(Exception):
    """Follows "error parsing query: " in the answer."""


@dataclass(frozen=True, slots=True)
class Select:
    """One statement. Times are seconds since 1970, the bounds [start, end).

    `device`: the only value of `tag` that is selected, `None` for one series per value. `offset`: seconds that the
    hours are shifted by.
    """

    function: str
    measurement: str
    tag: str
    start: int
    end: int | None = None
    answered: bool = False
    device: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Show:
    """A statement about the database itself; `what` is "SELECT" where its newest point is asked for."""

    what: str
    measurement: str = ""
    tag: str = ""
    limit: int = 0


def parse(text: str) -> list[Select | Show]:
    """The statements of one request; raises `ParseError`."""
    selects: list[Select | Show] = []
    position = 0
    while position < len(text):
        match = next(filter(None, (form.match(text, position) for form in (*_FORMS, *_SHOWS))), None)
        if match is None or text[match.end() : match.end() + 1] not in ("", ";"):
            unknown = text[position : position + _QUOTED_CHARACTERS]
            raise ParseError(f"found {unknown}, expected a statement of fleetdash at line 1, char {position + 1}")
        parts = match.groupdict()
        selects.append(_show(parts) if "what" in parts else _select(parts))
        position = match.end() + 1
    return selects


def _select(parts: dict[str, str | None]) -> Select:
    end, device = parts["end"], parts.get("device")
    return Select(
        function=parts["function"] or "",
        measurement=_unquoted(parts["measurement"] or ""),
        tag=_unquoted(parts["tag"] or ""),
        start=int(parts["start"] or 0) + (parts["after"] == ">"),
        end=None if end is None else int(end) + (parts["including"] == "="),
        answered=bool(parts.get("answered")),
        device=None if device is None else _unquoted(device),
        offset=int(parts.get("offset") or 0),
    )


def _show(parts: dict[str, str | None]) -> Show:
    return Show(
        what=parts["what"] or "",
        measurement=_unquoted(parts.get("measurement") or ""),
        tag=_unquoted(parts.get("tag") or ""),
        limit=int(parts.get("limit") or 0),
    )


def _unquoted(text: str) -> str:
    """Without quotes and escapes, if it has any."""
    if text[:1] not in ("'", '"'):
        return text
    return _ESCAPES.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], text[1:-1])
