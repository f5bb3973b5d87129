"""What `SHOW FIELD KEYS` and `SHOW TAG KEYS` say of the pings -> the forms of the request."""

from collections.abc import Collection, Iterable, Sequence

from fleetdash.domain.recording import FieldKind, FieldProfile
from fleetdash.influx.response import Result, Table

_KINDS = {"float": FieldKind.NUMBER, "integer": FieldKind.NUMBER, "unsigned": FieldKind.NUMBER}


def field_profile(field_keys: Sequence[Table], tag_keys: Sequence[Table]) -> FieldProfile | None:
    """`None` where there is no such measurement, or nothing that looks like an answer."""
    types = [(str(row[0]), str(row[1])) for _, _, rows in field_keys for row in rows if len(row) >= 2]
    tags = {str(row[0]) for _, _, rows in tag_keys for row in rows if row}
    if not types:
        return None
    return FieldProfile(
        result_code=_kinds("result_code", types, tags),
        percent_packet_loss=_kinds("percent_packet_loss", types, tags),
        percent_reply_loss=_kinds("percent_reply_loss", types, tags),
    )


def fits(fields: FieldProfile, newest: Result) -> bool:
    """Whether the newest pings have the fields that are known."""
    known = {
        "result_code": fields.result_code,
        "percent_packet_loss": fields.percent_packet_loss,
        "percent_reply_loss": fields.percent_reply_loss,
    }
    for series in newest:
        for row in series.rows:
            for column, value in zip(series.columns[1:], row[1:], strict=True):
                kinds = known.get(column)
                if kinds is not None and isinstance(value, str) and not {FieldKind.TEXT, FieldKind.TAG} & {*kinds}:
                    return False
                if kinds == () and value is not None:
                    return False
    return True


def _kinds(name: str, types: Iterable[tuple[str, str]], tags: Collection[str]) -> tuple[FieldKind, ...]:
    """A name that is both a field and a tag is the field: that is what InfluxQL takes it for."""
    found = sorted({_KINDS.get(kind, FieldKind.TEXT) for key, kind in types if key == name})
    return tuple(found) or ((FieldKind.TAG,) if name in tags else ())
