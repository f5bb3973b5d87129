"""The same rows as CSV (RFC 4180), safe to open in a spreadsheet. Without a BOM, Excel would not read it as UTF-8."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet take a text for a formula; the wide ones where its language is Japanese or Chinese."""


def to_csv(model: type[BaseModel], rows: Iterable[BaseModel], *, leave_out: frozenset[str] = frozenset()) -> bytes:
    """A header and a line a row, in the order of the model's fields; what is unknown is an empty cell."""
    columns = [name for name in model.model_fields if name not in leave_out]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        values = row.model_dump(mode="json", include=set(columns))
        writer.writerow([cell(values[name]) for name in columns])
    return text.getvalue().encode("utf-8-sig")


def cell(value: Any) -> Any:
    """Text from a vessel must stay text: an apostrophe keeps a spreadsheet from reckoning with it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.startswith(_STARTS_FORMULA) or value.lstrip().startswith(_STARTS_FORMULA)):
        return "'" + value
    return value
