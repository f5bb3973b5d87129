"""What the address says, handed on to the parts of the page that it concerns, each when its own part changes."""

from dash import ClientsideFunction, Dash, Input, Output

from fleetdash.web import ids


def register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("fleetdash", "addresses"),
        Output(ids.FLEET_ADDRESS, "data"),
        Output(ids.VESSEL_ADDRESS, "data"),
        Output(ids.VESSEL_QUERY, "data"),
        Output(ids.PAGE_ADDRESS, "data"),
        Output(ids.FLEET_PAGE, "hidden"),
        Output(ids.OTHER_PAGE, "hidden"),
        Output(ids.VESSEL_MODAL, "is_open"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
    )
