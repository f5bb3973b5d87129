"""`data-*` and `aria-*` attributes, which Python has no keywords for."""

from typing import Any


def attributes(values: dict[str, str]) -> dict[str, Any]:
    """To be passed on with `**`; dash's constructors type their other arguments one by one."""
    return dict(values)
