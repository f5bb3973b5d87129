"""The address, split into one store per part of the page, so that a part is updated only when its own store changes."""

from dash import ClientsideFunction, Dash, Input, Output, State

from fleetdash.web import ids


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("fleetdash", "addresses"),
        *(Output(address, "data") for address in ids.ADDRESSES),
        *(Output(page, "hidden") for page in ids.PAGES),
        Output(ids.VESSEL_MODAL, "is_open"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        *(State(address, "data") for address in ids.ADDRESSES),
        prevent_initial_call=True,  # dcc.Location reports the address as soon as it is mounted
    )
