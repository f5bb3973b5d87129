"""The frame of a vessel's modal: its tabs, and regions that are filled when it opens."""

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.region import Region
from fleetdash.web.views.badges import icon


def modal(paths: Paths) -> Component:
    """Opened and closed by the address only: the script turns Escape and clicks on the backdrop into the close link."""
    frame: Component = dbc.Modal(
        [
            html.Div(
                [
                    html.H2(id=ids.VESSEL_TITLE, className="modal-title"),
                    html.A(
                        icon("x-lg"),
                        href=paths.fleet(),
                        id="vessel-close",
                        className="button button-plain",
                        title="Close",
                        **attributes({"aria-label": "Close"}),
                    ),
                ],
                className="modal-header",
            ),
            html.Div([Region(ids.VESSEL_SUMMARY), _tabs(), _panel()], className="modal-body"),
        ],
        id=ids.VESSEL_MODAL,
        is_open=False,
        keyboard=False,
        backdrop="static",
        size="xl",
        scrollable=True,
        fullscreen="lg-down",
        labelledby=ids.VESSEL_TITLE,
    )
    return frame


TABS = {"devices": "Devices", "timeline": "Status timeline", "runs": "Runs and attempts"}
"""Titles of the tabs, by their value in the address."""


def _tabs() -> Component:
    """The script selects the one in the address."""
    return html.Div(
        [
            html.Button(
                word,
                id=f"{ids.VESSEL_TABS}-{name}",
                role="tab",
                className="vessel-tab",
                **attributes({"data-tab": name, "aria-controls": ids.VESSEL_PANEL}),
            )
            for name, word in TABS.items()
        ],
        id=ids.VESSEL_TABS,
        role="tablist",
        **attributes({"aria-label": "About this vessel"}),
    )


def _panel() -> Component:
    """One panel with a section per tab; the newest runs are also shown below the devices."""
    return html.Div(
        [
            _section("devices", html.H3("Devices", className="visually-hidden"), Region(ids.VESSEL_DEVICES)),
            _section("timeline", html.H3("Status over time"), Region(ids.VESSEL_TIMELINE), hidden=True),
            _section("devices runs", html.H3("Runs of this vessel"), Region(ids.VESSEL_RUN_LOG)),
        ],
        id=ids.VESSEL_PANEL,
        role="tabpanel",
        **attributes({"aria-labelledby": f"{ids.VESSEL_TABS}-devices"}),
    )


def _section(tabs: str, *content: Component, hidden: bool = False) -> Component:
    return html.Section(content, hidden=hidden, **attributes({"data-tabs": tabs}))
