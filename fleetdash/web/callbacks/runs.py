"""The run log and the page of one run."""

from fleetdash.domain.read_models import RunPage
from fleetdash.domain.run_filter import RunFilter
from fleetdash.errors import BadCursor, NotFound, StorageError
from fleetdash.queries import FleetReader
from fleetdash.web import run_query
from fleetdash.web.paths import Paths
from fleetdash.web.views import run_details, run_log, states
from fleetdash.web.views.links import inner_link


class RunPages:
    """Renders the run log and single runs."""

    def __init__(self, queries: FleetReader, paths: Paths) -> None:
        self._queries = queries
        self._paths = paths

    def log(self, search: str) -> object:
        """A page of the run log; `search` is the query string."""
        wanted, names = run_query.read(search), self._names()
        runs = wanted.resolved(names)
        page = RunPage((), None) if runs is None else self._page(runs, wanted.cursor)
        return run_log.log_page(
            page,
            wanted,
            self._paths,
            names=names,
            usual=self._queries.usual_durations(page.runs),
            first_day=self._queries.first_day(),
        )

    def _page(self, runs: RunFilter, cursor: str | None) -> RunPage:
        try:
            return self._queries.runs(runs, cursor=cursor)
        except BadCursor:
            return self._queries.runs(runs)

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
        """Empty if the vessels cannot be read: runs are then shown with ids."""
        try:
            return self._queries.vessel_names()
        except StorageError:
            return {}
