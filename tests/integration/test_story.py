"""The story that the manager's page is tried with has the same things in it on whatever day it is written."""

from datetime import timedelta
from pathlib import Path

from fleetdash.domain.analytics.period import Period
from fleetdash.queries import FleetReader
from tests.support import present, story
from tests.support.histories import migrated


def test_the_last_seven_days_hold_the_bad_day_and_the_vessels_in_trouble(tmp_path: Path) -> None:
    seventeen_days = story.Story(present.now(), days=17, every=timedelta(hours=2))
    with migrated(f"sqlite:///{tmp_path / 'story.db'}") as database:
        story.write_story(database, seventeen_days)
        period, refused = Period.parse("7d", "", "", seventeen_days.now)
        week = FleetReader(database).analytics(period, seventeen_days.now)
    assert not refused
    assert seventeen_days.bad_day.date() in [bad.since.date() for bad in week.bad_times]
    troubled = {vessel.vessel_id for vessels in week.actions.values() for vessel in vessels}
    assert {story.LOCKED_OUT, story.LOOSE_DISH, story.BROKEN_SERVER} <= troubled
