"""One cheap question every few seconds: has anything changed? Only then are the parts of the page asked."""

import logging
from collections.abc import Sequence

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fleetdash.domain.access import is_operator_calling
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl, SchedulerStatus
from fleetdash.errors import FleetdashError, StorageError
from fleetdash.queries import FleetReader
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import region_callback, threaded_callback
from fleetdash.web.views import shell

log = logging.getLogger(__name__)

RUNNING_REFRESH_MS = 1_000


def current_version(queries: FleetReader, status: SchedulerStatus) -> str:
    """A key that changes whenever anything on the page would."""
    state = (
        queries.version(),
        status.next_run_at,
        status.overdue,
        status.running,
        status.is_local,
        status.waiting_since,
        status.journal_full,
    )
    return "|".join(map(str, state))


class Freshness:
    """What the page knows of the data's age; remembers when the database could last be read."""

    def __init__(self, queries: FleetReader, scheduler: SchedulerControl, clock: Clock) -> None:
        self._queries = queries
        self._scheduler = scheduler
        self._clock = clock
        self._read_at = clock.now()

    def look(self) -> tuple[str | None, list[Component | str]]:
        """The version, `None` while the database cannot be read, and what is to be said about its age."""
        try:
            status = self._scheduler.status()
            version = current_version(self._queries, status)
        except StorageError:
            return None, shell.stale_banner(SchedulerStatus(running=False), self._read_at)
        self._read_at = self._clock.now()
        return version, shell.stale_banner(status, None)


def nothing_new(version: str | None, older: Sequence[Component | str], *, known: str, hidden: bool) -> bool:
    """Whether a page shows already what a look finds; `hidden`: whether it says nothing of the data's age."""
    return version in (known, None) and hidden != bool(older)


def scheduler_line(queries: FleetReader, scheduler: SchedulerControl) -> list[Component]:
    """When the fleet was last asked and will be next."""
    runs = queries.runs(limit=2).runs
    ended = next((run for run in runs if run.end_time), None)
    return shell.scheduler_line(scheduler.status(), ended)


def register(app: Dash, queries: FleetReader, scheduler: SchedulerControl, freshness: Freshness) -> None:
    @threaded_callback(
        app,
        Output(ids.VERSION, "data"),
        Output(ids.REFRESH_INTERVAL, "interval"),
        Output(ids.OLDER_DATA, "children"),
        Output(ids.OLDER_DATA, "hidden"),
        Input(ids.REFRESH_INTERVAL, "n_intervals"),
        State(ids.VERSION, "data"),
        State(ids.REFRESH_INTERVAL, "interval"),
        State(ids.OLDER_DATA, "hidden"),
        prevent_initial_call=True,
    )
    def poll(_ticks: int, known: str, interval: int, hidden: bool) -> tuple[object, object, object, bool]:
        version, older = freshness.look()
        if nothing_new(version, older, known=known, hidden=hidden):
            raise PreventUpdate
        if version is None:  # what is shown stays, rather than each part failing for itself
            return no_update, no_update, older, not older
        wanted = RUNNING_REFRESH_MS if queries.current_run() else shell.REFRESH_MS
        return version, no_update if wanted == interval else wanted, older, not older

    @region_callback(
        app,
        "The run under way",
        (ids.RUN_PROGRESS,),
        Input(ids.VERSION, "data"),
        also=(Output(ids.RUN_PROGRESS, "hidden"), Output(ids.RUN_NOW, "disabled")),
    )
    def show_progress(_version: str) -> tuple[object, bool, bool]:
        run = queries.current_run()
        return None if run is None else shell.progress(run), run is None, run is not None or not is_operator_calling()

    @region_callback(app, "The schedule", (ids.SCHEDULER_LINE,), Input(ids.VERSION, "data"))
    def show_scheduler(_version: str) -> object:
        return scheduler_line(queries, scheduler)

    @threaded_callback(
        app,
        Output(ids.RUN_NOW_MESSAGE, "children"),
        Output(ids.VERSION, "data", allow_duplicate=True),
        Output(ids.REFRESH_INTERVAL, "interval", allow_duplicate=True),
        Input(ids.RUN_NOW, "n_clicks"),
        prevent_initial_call=True,
    )
    def run_now(clicks: int) -> tuple[object, object, object]:
        if not clicks:
            raise PreventUpdate
        try:
            scheduler.request_run()
        except FleetdashError as error:
            return f"Not started: {error}.", no_update, no_update
        return "", current_version(queries, scheduler.status()), RUNNING_REFRESH_MS
