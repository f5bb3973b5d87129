"""Rows as CSV (RFC 4180), safe to open in a spreadsheet. Without a BOM, Excel would not read it as UTF-8."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from fleetdash.api.conditional import conditional

CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""The OpenAPI description of a CSV response."""

_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""First characters of a formula; full-width ones count where the spreadsheet's language is Japanese or Chinese."""


def to_csv(model: type[BaseModel], rows: Iterable[BaseModel], *, leave_out: frozenset[str] = frozenset()) -> bytes:
    """A header and one line per row, in the order of the model's fields; an unknown value is an empty cell."""
    columns = [name for name in model.model_fields if name not in leave_out]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        values = row.model_dump(mode="json", include=set(columns))
        writer.writerow([cell(values[name]) for name in columns])
    return text.getvalue().encode("utf-8-sig")


def csv_response(request: Request, body: bytes, file_name: str, headers: dict[str, str] | None = None) -> Response:
    """`body` as a download."""
    download = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return conditional(request, body, "text/csv; charset=utf-8", download | (headers or {}))


def cell(value: Any) -> Any:
    """Text from a vessel must stay text: an apostrophe keeps a spreadsheet from evaluating it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.startswith(_STARTS_FORMULA) or value.lstrip().startswith(_STARTS_FORMULA)):
        return "'" + value
    return value
