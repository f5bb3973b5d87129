"""A bare Dash app with the page's own libraries: what they cost before anything is shown with them."""

import sys
from importlib.resources import files
from typing import Any

import dash_bootstrap_components as dbc
import uvicorn
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles


def create() -> Any:
    """One line of text that a callback fills, one button that changes it."""
    server = FastAPI()
    server.mount("/bootstrap", StaticFiles(directory=str(files("flask_bootstrap") / "static" / "bootstrap5" / "css")))
    app = Dash(
        "bare",
        server=server,  # type: ignore[arg-type]  # dash types Flask only, and takes FastAPI
        # else it would find fleetdash's scripts and styles, and load them
        include_assets_files=False,
        external_stylesheets=["/bootstrap/bootstrap.min.css", "/bootstrap/font/bootstrap-icons.min.css"],
    )
    app.backend.websocket_capability = False
    app.layout = html.Div(
        [dcc.Location(id="url"), dbc.Button("Click", id="button", n_clicks=0), html.Div(id="text")], id="page"
    )

    @app.callback(Output("text", "children"), Input("button", "n_clicks"))
    async def show(clicks: int) -> html.Span:
        return html.Span(f"clicked {clicks} times", className="shown", id=f"clicks-{clicks or 0}")

    return app.server


if __name__ == "__main__":
    uvicorn.run(create(), port=int(sys.argv[1]), log_level="warning", access_log=False)
