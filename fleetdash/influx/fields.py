"""What `SHOW FIELD KEYS` and `SHOW TAG KEYS` say of the pings -> the forms of the request."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from fleetdash.domain.pings import Value
from fleetdash.domain.recording import FieldKind, FieldKinds, FieldProfile
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
    """Whether the newest pings look as if these were their fields."""
    known = {
        "result_code": fields.result_code,
        "percent_packet_loss": fields.percent_packet_loss,
        "percent_reply_loss": fields.percent_reply_loss,
    }
    return all(
        _fits(known, dict(zip(series.columns[1:], row[1:], strict=True))) for series in newest for row in series.rows
    )


def _fits(known: Mapping[str, FieldKinds], values: Mapping[str, Value]) -> bool:
    for name, kinds in known.items():
        value = values.get(name)
        if value is not None and not kinds:
            return False
        if isinstance(value, str) and kinds == (FieldKind.NUMBER,):
            return False
    # InfluxQL leaves a text out where older shards hold numbers
    return not (values.get("result_code") == 0 and values.get("percent_packet_loss", 0) is None)


def _kinds(name: str, types: Iterable[tuple[str, str]], tags: Collection[str]) -> tuple[FieldKind, ...]:
    """A name that is both a field and a tag is the field: that is what InfluxQL takes it for."""
    found = sorted({_KINDS.get(kind, FieldKind.TEXT) for key, kind in types if key == name})
    return tuple(found) or ((FieldKind.TAG,) if name in tags else ())
