"""The frame of every page: navigation, the scheduler's state, the progress of a run."""

from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from fleetdash.domain.access import Caller
from fleetdash.domain.runs import Run, SchedulerStatus
from fleetdash.domain.wording import count
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.region import Region
from fleetdash.web.text import formats
from fleetdash.web.views.badges import icon
from fleetdash.web.views.links import inner_link
from fleetdash.web.views.modal import modal

REFRESH_MS = 5_000


def layout(
    paths: Paths,
    version: str,
    *,
    demo: bool,
    caller: Caller | None = None,
    fleet_page: list[Component],
    fleet_address: str | None = None,
    on_fleet: bool = True,
) -> Component:
    """The whole page. `fleet_address`: the query string that `fleet_page` was rendered for, `None` if it is empty."""
    fleet = html.Section(fleet_page, id=ids.FLEET_PAGE, hidden=not on_fleet, **attributes({"aria-label": "Fleet"}))
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            dcc.Store(id=ids.VERSION, data=version),
            dcc.Store(id=ids.RETRY, data=0),
            dcc.Store(id=ids.DATABASE_AWAY, data=False),
            *(dcc.Store(id=address) for address in ids.ADDRESSES if address != ids.FLEET_ADDRESS),
            dcc.Store(id=ids.FLEET_ADDRESS, data=fleet_address),
            dcc.Interval(id=ids.REFRESH_INTERVAL, interval=REFRESH_MS),
            *_frame(paths, demo, caller, fleet),
            modal(paths),
        ],
        className="page",
    )


def _frame(paths: Paths, demo: bool, caller: Caller | None, fleet: Component) -> list[Component]:
    return [
        html.A("Skip to the content", href="#main", className="skip-link"),
        _header(paths, caller),
        *([_demo_banner()] if demo else []),
        html.Div(
            [icon("wifi-off"), " No connection to fleetdash. Showing the last known state; reconnecting."],
            id=ids.CONNECTION_LOST,
            hidden=True,
            role="alert",
            className="notice notice-bad",
        ),
        html.Div(id=ids.OLDER_DATA, hidden=True, role="status", className="notice notice-bad"),
        html.Main(
            [
                html.Div(id=ids.RUN_PROGRESS, hidden=True),
                fleet,
                html.Div(Region(ids.OTHER_PAGE), id=ids.OTHER_PAGE_FRAME, hidden=True),
                html.Section(id=ids.ANALYTICS_PAGE, hidden=True, **attributes({"aria-label": "Analytics"})),
            ],
            id="main",
            tabIndex=-1,
        ),
    ]


def _header(paths: Paths, caller: Caller | None) -> Component:
    may_start = caller is not None and caller.is_operator
    return html.Header(
        [
            inner_link([icon("water"), html.Span("fleetdash")], paths.fleet(), className="brand"),
            html.Nav(navigation(paths, paths.fleet()), id=ids.NAVIGATION, **attributes({"aria-label": "Pages"})),
            html.Div(id=ids.SCHEDULER_LINE, className="scheduler-line"),
            html.Span(id=ids.RUN_NOW_MESSAGE, role="status", className="run-now-message"),
            html.Button(
                [icon("play-fill"), "Run now"],
                id=ids.RUN_NOW,
                n_clicks=0,
                className="button",
                disabled=not may_start,
                title=None if may_start else "Only operators can start runs",
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
    """The account that is logged in, and its log-out button; for operators also the audit."""
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
            " This is the demo fleet: simulated vessels, asked over real HTTP. "
            "To watch your own, write a fleet file: the README shows one in five lines.",
        ],
        id=ids.DEMO_BANNER,
        className="notice",
    )


def scheduler_line(status: SchedulerStatus, last_run: Run | None) -> list[Component]:
    """When the fleet was last checked and when the next run is due, or why none is."""
    last = last_run.end_time or last_run.start_time if last_run else None
    parts: list[Component] = [html.Span(["Last checked ", formats.age(last)] if last else "Not checked yet")]
    if not status.is_local and status.running:
        parts.append(html.Span("scheduled by another process"))
    elif not status.is_local:
        parts.append(html.Strong([icon("exclamation-triangle"), " no scheduler is running"], role="alert"))
    elif not status.running:
        parts.append(html.Strong([icon("exclamation-triangle"), " the scheduler has stopped"], role="alert"))
    elif status.overdue:
        parts.append(html.Strong([icon("exclamation-triangle"), " a run is overdue"], role="alert"))
    elif status.next_run_at:
        parts.append(html.Span(["next ", formats.until(status.next_run_at)]))
    return parts


def stale_banner(status: SchedulerStatus, unreadable_since: datetime | None) -> list[Component | str]:
    """Why the data is not current, and since when; empty while it is."""
    if unreadable_since is not None:
        return [
            icon("database-exclamation"),
            " The database cannot be read. Showing the state of ",
            formats.time(unreadable_since),
            "; updates resume when it is back.",
        ]
    if status.waiting_since is None:
        return []
    return [
        icon("database-exclamation"),
        " The database cannot be written since ",
        formats.time(status.waiting_since),
        ". ",
        "No new run is started: there is no room left to keep its results."
        if status.journal_full
        else "New results are kept and will appear when it is back.",
    ]


def progress(run: Run) -> list[Component]:
    """The progress of a run under way."""
    done, total = run.finished_vessels, run.total_vessels
    share = 100 * done / total if total else 100
    parts = [f"{done} of {total} vessels", count(run.retry_attempts, "retry", "retries")]
    if run.failed_vessels:
        parts.append(f"{run.failed_vessels} not reached")
    return [
        html.Span(
            [html.Strong("Checking vessels"), *(html.Span(part) for part in parts)],
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
