"""What stands around every page: navigation, the scheduler's state, the run under way, the modal's frame."""

from datetime import datetime

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from fleetdash.domain.access import ANYONE, Caller
from fleetdash.domain.runs import Run, SchedulerStatus
from fleetdash.web import formats, ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.views.badges import icon
from fleetdash.web.views.links import inner_link

REFRESH_MS = 5_000

REGIONS = (
    ids.NAVIGATION,
    ids.SCHEDULER_LINE,
    ids.RUN_PROGRESS,
    ids.FLEET_TILES,
    ids.FLEET_GRID,
    ids.OTHER_PAGE,
    ids.VESSEL_TITLE,
    ids.VESSEL_SUMMARY,
    ids.VESSEL_DEVICES,
    ids.VESSEL_TIMELINE,
    ids.VESSEL_RUN_LOG,
)
"""Parts of the page that are filled from the server; the layout leaves them empty."""

ADDRESSES = (ids.FLEET_ADDRESS, ids.VESSEL_ADDRESS, ids.VESSEL_QUERY, ids.PAGE_ADDRESS)
"""What of the address concerns which part of the page; the script keeps them."""


def layout(
    paths: Paths,
    version: str,
    *,
    demo: bool,
    older: list[Component | str] | None = None,
    caller: Caller | None = ANYONE,
) -> Component:
    """The whole page, its regions still empty; `older`: what `older_data` says."""
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            dcc.Store(id=ids.VERSION, data=version),
            dcc.Store(id=ids.RETRY, data=0),
            *(dcc.Store(id=address) for address in ADDRESSES),
            *(dcc.Store(id=ids.content(region)) for region in REGIONS),
            dcc.Interval(id=ids.REFRESH_INTERVAL, interval=REFRESH_MS),
            html.A("Skip to the content", href="#main", className="skip-link"),
            _header(paths, caller),
            *([_demo_banner()] if demo else []),
            html.Div(
                [icon("wifi-off"), " fleetdash does not answer. What you see is from before; it comes back by itself."],
                id=ids.CONNECTION_LOST,
                hidden=True,
                role="alert",
                className="notice notice-bad",
            ),
            html.Div(older, id=ids.OLDER_DATA, hidden=not older, role="status", className="notice notice-bad"),
            html.Main(
                [
                    html.Div(id=ids.RUN_PROGRESS, hidden=True),
                    html.Section(_fleet_page(), id=ids.FLEET_PAGE, **attributes({"aria-label": "Fleet"})),
                    html.Div(id=ids.OTHER_PAGE),
                    html.Section(id=ids.ANALYTICS_PAGE, hidden=True, **attributes({"aria-label": "Analytics"})),
                ],
                id="main",
                tabIndex=-1,
            ),
            _modal(paths),
        ],
        className="page",
    )


def _header(paths: Paths, caller: Caller | None) -> Component:
    may_start = caller is not None and caller.is_operator
    return html.Header(
        [
            inner_link([icon("water"), html.Span("fleetdash")], paths.fleet(), className="brand"),
            html.Nav(id=ids.NAVIGATION, **attributes({"aria-label": "Pages"})),
            html.Div(id=ids.SCHEDULER_LINE, className="scheduler-line"),
            html.Span(id=ids.RUN_NOW_MESSAGE, role="status", className="run-now-message"),
            html.Button(
                [icon("play-fill"), "Run now"],
                id=ids.RUN_NOW,
                n_clicks=0,
                className="button",
                disabled=not may_start,
                title=None if may_start else "You may look only: an operator starts runs",
            ),
            *(_who(paths, caller) if caller is not None and caller.name else []),
            html.Button(
                icon("circle-half"),
                id=ids.THEME_SWITCH,
                className="button button-plain",
                title="Light or dark",
                **attributes({"aria-label": "Switch between light and dark"}),
            ),
        ],
        className="top-bar",
    )


def _who(paths: Paths, caller: Caller) -> list[Component]:
    """Who is logged in, and the way out; operators see what was done in whose name."""
    audit = [html.A("Audit", href=paths.audit())] if caller.is_operator else []
    leave = html.Button("Log out", type="submit", className="button button-plain")
    return [
        *audit,
        html.Span([icon("person"), f" {caller.name}"], title=f"Logged in as {caller.role}", className="who"),
        html.Form(leave, action=paths.log_out(), method="POST"),
    ]


def navigation(paths: Paths, pathname: str | None) -> list[Component]:
    """Links to the pages, the current one marked."""
    on_fleet = paths.is_fleet(pathname)
    on_runs = paths.inner(pathname) == "/runs" or paths.run_id(pathname) is not None
    on_analytics = paths.is_analytics(pathname)
    return [
        _link("Fleet", paths.fleet(), on_fleet),
        _link("Runs", paths.runs(), on_runs),
        _link("Analytics", paths.analytics(), on_analytics),
    ]


def _link(text: str, href: str, current: bool) -> Component:
    marked = {"aria-current": "page"} if current else {}
    return inner_link(text, href, data=marked)


def _demo_banner() -> Component:
    return html.Div(
        [
            icon("info-circle"),
            " This is the demo fleet: simulated ships, asked over real HTTP. "
            "To watch your own, write a fleet file: the README shows one in five lines.",
        ],
        id=ids.DEMO_BANNER,
        className="notice",
    )


def _region(id: str) -> Component:
    return html.Div(id=id, className="region")


def _fleet_page() -> list[Component]:
    return [
        html.H1("Fleet", className="visually-hidden"),
        _region(ids.FLEET_TILES),
        _region(ids.FLEET_FILTERS),
        _region(ids.FLEET_GRID),
        html.Div(id=ids.FLEET_LEGEND),
    ]


def _modal(paths: Paths) -> Component:
    """Opened and closed by the address alone: the script turns Escape and the backdrop into the close link."""
    modal: Component = dbc.Modal(
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
            html.Div([_region(ids.VESSEL_SUMMARY), _tabs(), _panel()], className="modal-body"),
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
    return modal


TABS = {"devices": "Devices", "timeline": "Status timeline", "runs": "Runs and attempts"}
"""Of a vessel, as the address names them."""


def _tabs() -> Component:
    """The script marks the one that the address names."""
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
    """One panel, whose sections belong to tabs: the newest runs also stand below the devices."""
    return html.Div(
        [
            _section("devices", html.H3("Devices", className="visually-hidden"), _region(ids.VESSEL_DEVICES)),
            _section("timeline", html.H3("Status over time"), _region(ids.VESSEL_TIMELINE), hidden=True),
            _section("devices runs", html.H3("Runs of this vessel"), _region(ids.VESSEL_RUN_LOG)),
        ],
        id=ids.VESSEL_PANEL,
        role="tabpanel",
        **attributes({"aria-labelledby": f"{ids.VESSEL_TABS}-devices"}),
    )


def _section(tabs: str, *content: Component, hidden: bool = False) -> Component:
    return html.Section(content, hidden=hidden, **attributes({"data-tabs": tabs}))


def scheduler_line(status: SchedulerStatus, last_run: Run | None) -> list[Component]:
    """When the fleet was last asked and will be next, or what keeps that from happening."""
    last = last_run.end_time or last_run.start_time if last_run else None
    parts: list[Component] = [html.Span(["Last checked ", formats.age(last)] if last else "Not checked yet")]
    if not status.here and status.running:
        parts.append(html.Span("another process makes the runs"))
    elif not status.here:
        parts.append(html.Strong([icon("exclamation-triangle"), " no process makes the runs"], role="alert"))
    elif not status.running:
        parts.append(html.Strong([icon("exclamation-triangle"), " the scheduler has stopped"], role="alert"))
    elif status.overdue:
        parts.append(html.Strong([icon("exclamation-triangle"), " a run is overdue"], role="alert"))
    elif status.next_run_at:
        parts.append(html.Span(["next ", formats.until(status.next_run_at)]))
    return parts


def older_data(status: SchedulerStatus, unreadable_since: datetime | None) -> list[Component | str]:
    """That what is shown is from before, since when and why; nothing while it is current."""
    if unreadable_since is not None:
        return [
            icon("database-exclamation"),
            " The database cannot be read. What you see is as of ",
            formats.time(unreadable_since),
            "; it goes on by itself once the database is back.",
        ]
    if status.waiting_since is None:
        return []
    return [
        icon("database-exclamation"),
        " The database takes no new records. What you see is older, as of ",
        formats.time(status.waiting_since),
        "; ",
        "no new run is started, since there is no room left to keep what it would record."
        if status.journal_full
        else "what runs have found since then is kept, and appears once the database is back.",
    ]


def progress(run: Run) -> list[Component]:
    """How far the run under way has come."""
    done, total = run.finished_vessels, run.total_vessels
    share = 100 * done / total if total else 100
    parts = [f"{done} of {total} vessels", formats.count(run.retry_attempts, "retry", "retries")]
    if run.failed_vessels:
        parts.append(f"{run.failed_vessels} not reached")
    return [
        html.Span(
            [html.Strong("Run under way"), *(html.Span(part) for part in parts)],
            className="progress-words",
        ),
        html.Div(
            html.Div(className="progress-done", style={"width": f"{share:.1f}%"}),
            className="progress-track",
            role="progressbar",
            **attributes(
                {
                    "aria-label": "Vessels done",
                    "aria-valuemin": "0",
                    "aria-valuemax": str(total),
                    "aria-valuenow": str(done),
                }
            ),
        ),
    ]
