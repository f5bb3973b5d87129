"""The run log, and a run that was opened, as the address asks for them."""

from fleetdash.domain.read_models import RunPage
from fleetdash.errors import BadCursor, NotFound, StorageError
from fleetdash.queries import FleetReader
from fleetdash.web import run_query
from fleetdash.web.paths import Paths
from fleetdash.web.views import run_details, run_log, states
from fleetdash.web.views.links import inner_link


class RunPages:
    """Made of what the queries answer."""

    def __init__(self, queries: FleetReader, paths: Paths) -> None:
        self._queries = queries
        self._paths = paths

    def log(self, search: str) -> object:
        """A page of the log."""
        wanted, names = run_query.read(search), self._names()
        vessel_id = wanted.vessel_id(names)
        unknown = bool(wanted.vessel) and vessel_id is None
        page = RunPage((), None) if unknown else self._page(wanted, vessel_id)
        return run_log.log_page(
            page,
            wanted,
            self._paths,
            names=names,
            usual=self._queries.usual_durations(page.runs),
            first_day=self._queries.first_day(),
        )

    def _page(self, wanted: run_query.RunQuery, vessel_id: str | None) -> RunPage:
        def page(cursor: str | None) -> RunPage:
            return self._queries.runs(
                cursor=cursor,
                status=wanted.status,
                trigger=wanted.trigger,
                vessel_id=vessel_id,
                since=wanted.since,
                until=wanted.until,
            )

        try:
            return page(wanted.cursor)
        except BadCursor:
            return page(None)

    def opened(self, run_id: str) -> object:
        """One run with its attempts."""
        try:
            details = self._queries.run(run_id)
        except NotFound:
            all_runs = inner_link("All runs", self._paths.runs(), className="button")
            return states.not_found(f"There is no run “{run_id}”; it may be too old to be kept.", all_runs)
        usual = self._queries.usual_durations([details.run])
        return run_details.details_page(details, self._names(), usual.get(run_id), self._paths)

    def _names(self) -> dict[str, str]:
        """Runs are shown also while the vessels cannot be read."""
        try:
            return self._queries.vessel_names()
        except StorageError:
            return {}
