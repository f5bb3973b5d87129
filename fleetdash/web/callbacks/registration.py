"""Registers callbacks so that they run off the event loop and each part of the page fails on its own."""

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, no_update

from fleetdash.web import ids, markup
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.views import states

log = logging.getLogger(__name__)

Register = Callable[[Callable[..., Any]], None]


def threaded_callback(app: Dash, *dependencies: Any, **options: Any) -> Register:
    """Register a plain function. Dash's FastAPI backend would run it on the event loop and block every other page."""

    def register(function: Callable[..., Any]) -> None:
        @functools.wraps(function)
        async def on_a_thread(*values: Any) -> Any:
            return await asyncio.to_thread(function, *values)

        app.callback(*dependencies, **options)(on_a_thread)

    return register


def part_callback(
    app: Dash, name: str, *dependencies: Any, rendered: Rendered | None = None, **options: Any
) -> Register:
    """For a part of the page: an error is shown in its first output, with a retry button; the others are emptied.

    With `rendered`, results are cached; the first input must then be the version.
    """
    outputs = [each for each in dependencies if isinstance(each, Output)]
    inputs = [each for each in dependencies if not isinstance(each, Output)]
    options |= {"on_error": functools.partial(_load_error, name, outputs)}

    def register(function: Callable[..., Any]) -> None:
        @functools.wraps(function)
        async def answer(_retries: int, *values: Any) -> Any:
            if rendered is not None:
                return await rendered.get(function, *values)
            return await asyncio.to_thread(function, *values)

        app.callback(*outputs, Input(ids.RETRY, "data"), *inputs, **options)(answer)

    return register


def _load_error(name: str, outputs: list[Output], error: Exception) -> Any:
    log.error("the page could not show: %s", name, exc_info=error)
    shown = states.load_error(name)
    first = markup.parts(shown) if outputs[0].component_property == "parts" else shown
    values = [first, *(_EMPTY.get(each.component_property, no_update) for each in outputs[1:])]
    return values if len(outputs) > 1 else first


_EMPTY: dict[str, Any] = {"parts": [], "children": [], "hidden": False}


def log_error(error: Exception) -> None:
    """Of every other callback: Dash answers with 500 and tells nobody why."""
    log.error("a callback failed", exc_info=error)
