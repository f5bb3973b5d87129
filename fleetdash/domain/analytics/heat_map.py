"""The heat map of a period: vessels by hours, days or weeks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleetdash.domain.analytics.period import Period, Step, midnight, monday_of
from fleetdash.domain.analytics.time_buckets import WIDTHS


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One vessel: runs and successes per column; 0 of 0 is a gap."""

    vessel_id: str
    name: str
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`starts`: where each column begins. The first and the last may lie only partly within the period."""

    step: Step
    starts: tuple[datetime, ...]
    rows: tuple[HeatRow, ...] = ()

    @property
    def without_runs(self) -> tuple[datetime, ...]:
        """The columns in which no vessel was asked."""
        return tuple(
            start for column, start in enumerate(self.starts) if not any(row.cells[column][0] for row in self.rows)
        )


def heat_step(period: Period, *, hours_known: bool) -> Step:
    """Hours in a short period, else days or weeks; `hours_known`: its attempts are still kept."""
    if period.is_short and hours_known:
        return Step.HOUR
    return Step.WEEK if period.step is Step.WEEK else Step.DAY


def heat_columns(period: Period, step: Step) -> tuple[datetime, ...]:
    """Where each begins: every hour, day or week that the period touches."""
    starts = {
        Step.HOUR: period.since.replace(minute=0, second=0, microsecond=0),
        Step.DAY: midnight(period.first),
        Step.WEEK: midnight(monday_of(period.first)),
    }
    start, width = starts[step], WIDTHS[step]
    return tuple(start + number * width for number in range(-(-(period.until - start) // width)))


def heat_rows(
    names: dict[str, str], order: Sequence[str], cells: Iterable[tuple[int, str, int, int]], columns: int
) -> tuple[HeatRow, ...]:
    """A row per vessel in the given order; `cells`: column, vessel, and the runs and successes to add there."""
    rows = {vessel_id: [(0, 0)] * columns for vessel_id in order}
    for column, vessel_id, runs, successes in cells:
        if (row := rows.get(vessel_id)) is not None:
            known = row[column]
            row[column] = (known[0] + runs, known[1] + successes)
    return tuple(HeatRow(vessel_id, names.get(vessel_id, vessel_id), tuple(mine)) for vessel_id, mine in rows.items())
