"""How callbacks are registered: off the event loop, each part failing alone."""

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any

from dash import Dash
from dash.dependencies import Input
from dash.exceptions import PreventUpdate

from fleetdash.web import ids
from fleetdash.web.views import states

log = logging.getLogger(__name__)


def threaded_callback(app: Dash, *dependencies: Any, **options: Any) -> Callable[[Callable[..., Any]], None]:
    """Register a plain function. Dash's FastAPI backend would run it on the event loop, and stop everyone's page."""

    def register(function: Callable[..., Any]) -> None:
        @functools.wraps(function)
        async def on_a_thread(*values: Any) -> Any:
            return await asyncio.to_thread(function, *values)

        app.callback(*dependencies, **options)(on_a_thread)

    return register


def region_callback(app: Dash, name: str, *dependencies: Any, outputs: int = 1) -> Callable[[Callable[..., Any]], None]:
    """Like `threaded_callback`, for a part of the page: an error becomes a word and a way to try again there.

    The first of `outputs` takes the error; the others are emptied.
    """
    retry_id = {"type": ids.RETRY, "region": name}

    def register(function: Callable[..., Any]) -> None:
        def guarded(_retries: int | None, *values: Any) -> Any:
            try:
                return function(*values)
            except PreventUpdate:
                raise
            except Exception:  # an edge: the rest of the page must stay up
                log.exception("the page could not show: %s", name)
                error = states.load_error(name, retry_id)
                return error if outputs == 1 else (error, *[None] * (outputs - 1))

        where = sum(1 for each in dependencies if type(each).__name__ == "Output")
        retry = Input(retry_id, "n_clicks", allow_optional=True)
        threaded_callback(app, *dependencies[:where], retry, *dependencies[where:])(guarded)

    return register
