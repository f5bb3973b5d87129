"""The browser polls the data's version every few seconds; the page is updated only when the version has changed."""

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fleetdash.domain.access import is_operator_calling
from fleetdash.domain.runs import SchedulerControl, SchedulerStatus
from fleetdash.errors import FleetdashError, StorageError
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import part_callback, threaded_callback
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.views import shell

RUNNING_REFRESH_MS = 1_000


def stale_banner(scheduler: SchedulerControl, versions: DataVersion) -> list[Component | str]:
    """The banner about data that is not current; empty while it is."""
    try:
        status = scheduler.status()
        versions.read()
    except StorageError:
        return shell.stale_banner(SchedulerStatus(running=False), versions.read_at)
    return shell.stale_banner(status, None)


def register(
    app: Dash, queries: FleetReader, scheduler: SchedulerControl, versions: DataVersion, rendered: Rendered
) -> None:
    app.clientside_callback(
        ClientsideFunction("fleetdash", "poll"),
        Output(ids.VERSION, "data"),
        Output(ids.DATABASE_AWAY, "data"),
        Output(ids.CONNECTION_LOST, "hidden"),
        Input(ids.REFRESH_INTERVAL, "n_intervals"),
        State(ids.VERSION, "data"),
        State(ids.DATABASE_AWAY, "data"),
        prevent_initial_call=True,
    )

    @threaded_callback(
        app,
        Output(ids.OLDER_DATA, "children"),
        Output(ids.OLDER_DATA, "hidden"),
        Input(ids.VERSION, "data"),
        Input(ids.DATABASE_AWAY, "data"),
    )
    def show_stale_banner(_version: str, _away: bool) -> tuple[list[Component | str], bool]:
        banner = stale_banner(scheduler, versions)
        return banner, not banner

    @part_callback(
        app,
        "The run under way",
        Output(ids.RUN_PROGRESS, "children"),
        Output(ids.RUN_PROGRESS, "hidden"),
        Output(ids.RUN_NOW, "disabled"),
        Output(ids.REFRESH_INTERVAL, "interval"),
        Input(ids.VERSION, "data"),
        rendered=rendered,
    )
    def show_progress(_version: str) -> tuple[list[Component], bool, bool, int]:
        run = queries.current_run()
        if run is None:
            return [], True, not is_operator_calling(), shell.REFRESH_MS
        return shell.progress(run), False, True, RUNNING_REFRESH_MS

    @part_callback(
        app,
        "The schedule",
        Output(ids.SCHEDULER_LINE, "children"),
        Input(ids.VERSION, "data"),
        rendered=rendered,
    )
    def show_scheduler(_version: str) -> list[Component]:
        ended = next((run for run in queries.runs(limit=2).runs if run.end_time), None)
        return shell.scheduler_line(scheduler.status(), ended)

    @threaded_callback(
        app,
        Output(ids.RUN_NOW_MESSAGE, "children"),
        Output(ids.VERSION, "data", allow_duplicate=True),
        Input(ids.RUN_NOW, "n_clicks"),
        prevent_initial_call=True,
    )
    def run_now(clicks: int) -> tuple[object, object]:
        if not clicks:
            raise PreventUpdate
        try:
            scheduler.request_run()
        except FleetdashError as error:
            return f"Not started: {error}.", no_update
        versions.expire()
        return "", versions.read()
