"""How callbacks are registered: off the event loop, each part of the page failing alone."""

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from fleetdash.web import ids, markup
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


def region_callback(
    app: Dash, name: str, regions: tuple[str, ...], *inputs: Any, also: tuple[Output, ...] = ()
) -> Callable[[Callable[..., Any]], None]:
    """For parts of the page: the function answers the content of each of `regions`, then the values of `also`.

    An error becomes a word and a way to try again, where the first region stands; the others are emptied.
    """

    def register(function: Callable[..., Any]) -> None:
        def guarded(_retried: int, *values: Any) -> list[Any]:
            try:
                answer = function(*values)
            except PreventUpdate:
                raise
            except Exception:  # an edge: the rest of the page must stay up
                log.exception("the page could not show: %s", name)
                return [markup.parts(states.load_error(name)), *[[]] * (len(regions) - 1), *[False] * len(also)]
            contents = answer if len(regions) + len(also) > 1 else (answer,)
            return [*map(markup.parts, contents[: len(regions)]), *contents[len(regions) :]]

        outputs = [Output(ids.content(region), "data") for region in regions] + list(also)
        threaded_callback(app, outputs, Input(ids.RETRY, "data"), *inputs)(guarded)

    for region in regions:
        app.clientside_callback(
            ClientsideFunction("fleetdash", "show"),
            Input(ids.content(region), "data"),
            State(ids.content(region), "id"),
            prevent_initial_call=True,
        )
    return register
