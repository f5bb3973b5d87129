"""The page's views as trees of components: no browser, no database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component
from markupsafe import Markup

from fleetdash.domain.advice import advice
from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.pings import PingHours
from fleetdash.domain.read_models import DeviceReport, FleetReport, FleetSummary, LastError, VesselReport
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunDetails, RunStatus, Trigger
from fleetdash.domain.status import ComponentFigures, CurrentStatus, ServiceStatus, SyncStatus
from fleetdash.domain.status_history import DeviceTimeline, Span, UnansweredPings, VesselTimeline
from fleetdash.domain.wording import joined
from fleetdash.web import markup
from fleetdash.web.paths import Paths
from fleetdash.web.statuses import DEVICE_SYNC, RUN, SERVICE, SYNC
from fleetdash.web.text import formats
from fleetdash.web.views import devices as device_views
from fleetdash.web.views import fleet as fleet_views
from fleetdash.web.views import run_details as run_views
from fleetdash.web.views import timeline as timeline_views
from fleetdash.web.views import vessel as vessel_views
from fleetdash.web.views.day_strip import strip

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
PATHS = Paths("/fleet/")
DAY = PingHours(NOON - timedelta(hours=24), *((60,) * 24,) * 3)

DEVICE = DeviceReport(
    ip_address="192.168.1.1",
    component="Access Point",
    sync_status=SyncStatus.OPERATIONAL,
    observed_status=SyncStatus.OPERATIONAL,
    current_status=CurrentStatus.UP,
    uptime_percent=100.0,
    coverage_percent=100.0,
    ping_count=1440,
    successful_pings=1440,
    average_response_ms=2.4,
    last_ping_at=NOON,
    last_success_at=NOON,
    down_since=None,
    down_since_is_bound=False,
    hours=DAY,
    observed_at=NOON,
)

VESSEL = VesselReport(
    vessel_id="vessel001",
    name="Aurora",
    status=ServiceStatus.OPERATIONAL,
    sync_status=SyncStatus.OPERATIONAL,
    sync_reason="Every device has fresh data.",
    uptime_percent=99.9,
    worst_uptime_percent=99.0,
    coverage_percent=100.0,
    components=(ComponentFigures("Server", 99.9, True, 1, 0, 1),),
    devices_up=1,
    devices_down=0,
    devices_total=1,
    observed_at=NOON,
    last_sync_at=NOON,
    last_attempt_at=NOON,
    last_error=None,
    last_known_status=ServiceStatus.OPERATIONAL,
    last_known_status_at=NOON,
)


def report(*vessels: VesselReport) -> FleetReport:
    summary = FleetSummary(len(vessels), {}, {}, 0, 0, 0, 0, None, None)
    return FleetReport(NOON, None, summary, vessels)


def elements(content: Any, name: str = "") -> Iterator[Component]:
    """All components in `content`, or those that have the class or carry the property `name`."""
    if isinstance(content, (list, tuple)):
        for each in content:
            yield from elements(each, name)
    elif isinstance(content, Component):
        if not name or name in getattr(content, "className", "").split() or hasattr(content, name):
            yield content
        yield from elements(getattr(content, "children", None), name)


def text(content: Any) -> str:
    if isinstance(content, (list, tuple)):
        return "".join(map(text, content))
    if isinstance(content, Component):
        return text(getattr(content, "children", None))
    return "" if content is None else str(content)


def properties(component: Component) -> dict[str, Any]:
    found: dict[str, Any] = component.to_plotly_json()["props"]
    return found


def tile_counts(fleet: FleetReport, search: str = "") -> dict[str, int]:
    tiles = fleet_views.tiles(fleet, search, "", PATHS)
    return {
        tile.to_plotly_json()["props"]["data-filter"]: int(text(list(elements(tile, "tile-count"))))
        for tile in elements(tiles, "fleet-tile")
    }


# --- cards and tiles


def test_card_is_a_link_that_says_which_vessel_it_is_and_how_it_is() -> None:
    properties = fleet_views.card(VESSEL, PATHS).to_plotly_json()["props"]
    assert properties["href"] == "/fleet/vessels/vessel001"
    assert (properties["data-vessel-id"], properties["data-status"], properties["data-sync-status"]) == (
        "vessel001",
        "operational",
        "operational",
    )


def test_device_down_shows_on_the_card_of_a_vessel_that_is_operational_otherwise() -> None:
    card = fleet_views.card(replace(VESSEL, devices_down=1, sync_reason="1 of 10 devices is down."), PATHS)
    assert card.to_plotly_json()["props"]["data-devices-down"] == "1"
    assert list(elements(list(elements(card, "card-title")), "tone-down"))
    well = fleet_views.card(VESSEL, PATHS)
    assert "data-devices-down" not in well.to_plotly_json()["props"]
    assert not list(elements(well, "tone-down"))


def test_device_down_shows_in_the_modal_beside_its_sentence() -> None:
    down = replace(VESSEL, devices_down=1, sync_reason="1 of 10 devices is down.")
    assert list(elements(list(elements(vessel_views.summary(down), "sync-reason")), "tone-down"))
    assert not list(elements(vessel_views.summary(VESSEL), "tone-down"))


def test_tile_counts_vessels_with_a_device_down_whatever_their_status() -> None:
    fleet = report(
        VESSEL,
        replace(VESSEL, vessel_id="two", devices_down=1),
        replace(VESSEL, vessel_id="three", devices_down=7, status=ServiceStatus.OFFLINE),
    )
    assert tile_counts(fleet)["down"] == 2


def test_card_and_modal_of_a_degraded_vessel_say_the_same() -> None:
    reason = "Access Point answers 86.1 % of pings, below the 95 % service level."
    missed = (ComponentFigures("Access Point", 86.1, False, 4, 0, 4, 95.0),)
    degraded = replace(VESSEL, status=ServiceStatus.DEGRADED, components=missed, sync_reason=reason)
    for view in (fleet_views.card(degraded, PATHS), vessel_views.summary(degraded)):
        assert text(view).count(reason) == 1


def test_card_and_modal_say_since_when_and_whether_it_is_only_a_bound() -> None:
    down = replace(VESSEL, devices_down=1, sync_reason="1 of 2 devices is down.", down_since=NOON)
    bounded = replace(down, down_since_is_bound=True)
    assert "since 2024-05-17 12:00:00 UTC" in text(fleet_views.card(down, PATHS))
    assert "at least" not in text(fleet_views.card(down, PATHS))
    assert "at least since 2024-05-17 12:00:00 UTC" in text(fleet_views.card(bounded, PATHS))
    assert "At least since 2024-05-17 12:00:00 UTC" in text(vessel_views.summary(bounded))
    (on_the_wall,) = elements(fleet_views.card(bounded, PATHS), "card-since")
    assert on_the_wall.to_plotly_json()["props"]["data-lead"] == "for at least "


def test_silent_vessel_is_dated_by_its_last_ping() -> None:
    silent = replace(
        VESSEL,
        sync_status=SyncStatus.NO_DATA,
        sync_reason="The vessel answers, but recorded no pings in the last day.",
        sync_status_since=NOON - timedelta(hours=1),
        last_ping_at=NOON - timedelta(days=3),
    )
    words = text(list(elements(fleet_views.card(silent, PATHS), "card-since")))
    assert "last ping 2024-05-14 12:00:00 UTC" in words
    assert "11:00" not in words


def test_names_stay_text_whatever_is_in_them() -> None:
    name = "<b>Aurora</b> & ‮sons"
    assert name in text(fleet_views.card(replace(VESSEL, name=name), PATHS))


@pytest.mark.parametrize("search", ["", "a", "vessel00", "10.0.0.2", "nothing like it"])
def test_every_tile_counts_the_cards_that_a_click_on_it_shows(search: str) -> None:
    fleet = report(
        replace(VESSEL, devices=(replace(DEVICE, ip_address="10.0.0.2"),)),
        replace(VESSEL, vessel_id="vessel002", name="Borea", status=ServiceStatus.OFFLINE),
        replace(VESSEL, vessel_id="other", name="海洋之星", sync_status=SyncStatus.PARTIAL_SYNC),
    )
    for name, count in tile_counts(fleet, search).items():
        chosen = "" if name == "all" else name
        shown = list(elements(fleet_views.grid(fleet, search, chosen, PATHS), "vessel-card"))
        assert len(shown) == count, name


def test_empty_fleet_and_an_empty_search_say_different_things() -> None:
    assert "lists no vessel" in text(fleet_views.grid(report(), "", "", PATHS))
    assert "No vessel matches" in text(fleet_views.grid(report(VESSEL), "xyz", "", PATHS))


# --- devices


def rows(*devices: DeviceReport, **wanted: Any) -> list[str]:
    """The addresses in the table's order."""
    table = device_views.device_table(devices, device_views.Wanted(**wanted))
    found = (row.to_plotly_json()["props"].get("data-ip-address") for row in elements(table))
    return [address for address in found if address]


def test_devices_are_listed_one_by_one_with_address_component_and_status() -> None:
    other = replace(DEVICE, ip_address="192.168.1.2", sync_status=SyncStatus.DOWN, current_status=CurrentStatus.DOWN)
    table = device_views.device_table([DEVICE, other], device_views.Wanted("address"))
    words = text(table)
    assert rows(DEVICE, other, column="address") == ["192.168.1.1", "192.168.1.2"]
    assert words.count("Access Point") == 2
    assert SYNC[SyncStatus.DOWN].word in words


def test_addresses_are_sorted_by_their_numbers() -> None:
    devices = [replace(DEVICE, ip_address=f"192.168.1.{last}") for last in (10, 2, 1)]
    assert rows(*devices, column="address") == ["192.168.1.1", "192.168.1.2", "192.168.1.10"]
    assert rows(*devices, column="address", descending=True)[0] == "192.168.1.10"


def test_unassigned_addresses_come_last() -> None:
    unassigned = replace(DEVICE, ip_address="10.9.9.9", component=UNASSIGNED, observed_status=SyncStatus.DOWN)
    for column in device_views.COLUMNS:
        for descending in (False, True):
            assert rows(unassigned, DEVICE, column=column, descending=descending)[-1] == "10.9.9.9", column


def test_devices_without_a_value_come_last_up_and_down() -> None:
    silent = replace(DEVICE, ip_address="10.0.0.9", uptime_percent=None)
    assert rows(silent, DEVICE, column="uptime")[-1] == "10.0.0.9"
    assert rows(silent, DEVICE, column="uptime", descending=True)[-1] == "10.0.0.9"


def test_devices_can_be_searched_by_address_and_component() -> None:
    camera = replace(DEVICE, ip_address="10.0.0.9", component="Camera")
    assert rows(camera, DEVICE, search="10.0.0") == ["10.0.0.9"]
    assert rows(camera, DEVICE, search="cam") == ["10.0.0.9"]
    assert rows(camera, DEVICE, search="neither") == []


def test_devices_can_be_filtered_by_status() -> None:
    down = replace(DEVICE, ip_address="10.0.0.1", sync_status=SyncStatus.DOWN)
    assert rows(DEVICE, down, status="down") == ["10.0.0.1"]


def test_missing_values_say_why() -> None:
    new = replace(
        DEVICE,
        sync_status=SyncStatus.NO_HISTORY,
        uptime_percent=None,
        average_response_ms=None,
        last_ping_at=None,
        last_success_at=None,
    )
    table = device_views.device_table([new], device_views.Wanted("address"))
    absent = list(elements(table, "missing"))
    assert len(absent) == 4
    assert all(text(each) == "N/A" and each.to_plotly_json()["props"]["title"] for each in absent)


def test_outage_that_is_only_bounded_says_at_least() -> None:
    down = replace(DEVICE, sync_status=SyncStatus.DOWN, down_since=NOON)
    assert "at least" not in text(device_views.device_table([down], device_views.Wanted("address")))
    bounded = replace(down, down_since_is_bound=True)
    assert "at least since" in text(device_views.device_table([bounded], device_views.Wanted("address")))


def test_unreached_device_keeps_its_last_verdict_beside_the_failure() -> None:
    unreached = replace(DEVICE, sync_status=SyncStatus.SYNC_FAILED)
    words = text(device_views.device_table([unreached], device_views.Wanted("address")))
    assert SYNC[SyncStatus.SYNC_FAILED].word in words
    assert f"was {DEVICE_SYNC[SyncStatus.OPERATIONAL].word.lower()}" in words


# --- a run


def tried(vessel_id: str, number: int, *, success: bool = False, ended: bool = False) -> Attempt:
    error = None if success else ErrorKind.TIMEOUT
    return Attempt(vessel_id, number, success, 1.0, 0.0, NOON, error, chain_ended=ended or success)


def run_lists(*attempts: Attempt, under_way: bool = False) -> dict[str, list[str]]:
    """The vessels under each heading of the run's page."""
    status = RunStatus.RUNNING if under_way else RunStatus.INTERRUPTED
    run = Run("7", NOON, Trigger.SCHEDULE, status, 9, end_time=None if under_way else NOON)
    page = run_views.details_page(RunDetails(run, attempts), {}, None, PATHS)
    parts = [each for each in elements(page) if each._type in ("H2", "Ul")]
    return {
        text(heading): [text(link) for link in elements(listed) if link._type == "A"]
        for heading, listed in pairwise(parts)
        if heading._type == "H2" and listed._type == "Ul"
    }


def test_only_vessels_that_answered_are_listed_as_reached_on_a_retry() -> None:
    chains = (
        tried("saved", 1), tried("saved", 2, success=True),
        tried("lost", 1), tried("lost", 2, ended=True),
        tried("cut_short", 1), tried("cut_short", 2),
    )  # fmt: skip
    assert run_lists(*chains)["Reached on a retry"] == ["saved"]
    assert "Being asked again" not in run_lists(*chains)


def test_run_under_way_lists_the_vessels_that_are_being_asked_again() -> None:
    lists = run_lists(tried("slow", 1), tried("lost", 1, ended=True), tried("well", 1, success=True), under_way=True)
    assert lists["Being asked again"] == ["slow"]
    assert "Reached on a retry" not in lists


# --- the day


def test_strip_says_in_words_what_it_draws() -> None:
    hours = replace(DAY, recorded=(*(60,) * 23, 0), answered=(*(60,) * 22, 50, 0))
    label = strip(hours).to_plotly_json()["props"]["aria-label"]
    assert label == ("1370 of 1380 pings answered, unanswered in 1 hour, nothing recorded in 1 hour")


def test_strip_of_a_vessel_that_never_answered_is_no_gap() -> None:
    assert text(strip(())) == "N/A"


# --- the timeline


def timeline_rows(*devices: DeviceTimeline) -> dict[str, Component]:
    """The bar of each row, by the row's name."""
    start, end = NOON - timedelta(days=1), NOON
    vessel = (Span(start, end, SyncStatus.OPERATIONAL),)
    view = timeline_views.timeline(VesselTimeline(start, end, vessel, devices, ()))
    lines = [line for line in elements(view, "chart-line") if not list(elements(line, "chart-axis"))]
    return {text(line.children[0]): line.children[1] for line in lines}


def device_timeline(*statuses: SyncStatus, **more: Any) -> DeviceTimeline:
    """Statuses of equal length over the day."""
    edges = [NOON - timedelta(days=1) + timedelta(days=1) * n / len(statuses) for n in range(len(statuses) + 1)]
    device = tuple(Span(*edge, status) for edge, status in zip(pairwise(edges), statuses, strict=True))
    return DeviceTimeline("10.0.0.1", "Server", device, **more)


def test_timeline_shows_the_equipment_above_the_link() -> None:
    down = device_timeline(SyncStatus.OPERATIONAL, SyncStatus.DOWN)
    up = device_timeline(SyncStatus.OPERATIONAL)
    rows = timeline_rows(down, replace(up, ip_address="10.0.0.2"))
    assert list(rows) == ["Equipment", "Link and data", "Server 10.0.0.1", "Server 10.0.0.2"]
    shares = [properties(state)["style"]["--down-share"] for state in elements(rows["Equipment"], "state")]
    assert shares == ["0%", "max(4px, 50%)"]
    assert "devices down for 12 h" in rows["Equipment"].to_plotly_json()["props"]["aria-label"]


def test_timeline_leaves_unlisted_addresses_out_of_the_equipment() -> None:
    rows = timeline_rows(device_timeline(SyncStatus.DOWN, listed=False))
    assert not list(elements(rows["Equipment"], "state"))


def test_timeline_marks_pings_that_went_unanswered_between_two_runs() -> None:
    outage = UnansweredPings(NOON - timedelta(hours=12), NOON - timedelta(hours=11.5))
    well = device_timeline(SyncStatus.OPERATIONAL)
    rows = timeline_rows(replace(well, unanswered=(outage,)), replace(well, ip_address="10.0.0.2"))
    (mark,) = elements(rows["Server 10.0.0.1"], "state-pings")
    assert "51.064% 100% / 2.083% 100%" in properties(mark)["style"]["background"]
    assert "unanswered pings in 1 hour" in rows["Server 10.0.0.1"].to_plotly_json()["props"]["aria-label"]
    (mark,) = elements(rows["Equipment"], "state-pings")
    assert "/ 2.083% max(4px, 50%)" in properties(mark)["style"]["background"]
    assert not list(elements(rows["Server 10.0.0.2"], "state-pings"))


# --- what is sent


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "\"'><script>", "&lt;b&gt;"])
def test_texts_and_attributes_are_escaped_on_their_way_out(hostile: str) -> None:
    sent = markup.to_html(html.Span(hostile, title=hostile))
    title, _, words = sent.removeprefix('<span title="').removesuffix("</span>").partition('">')
    assert not set("<>\"'") & set(title + words)
    assert (unescape(title), unescape(words)) == (hostile, hostile)


def test_markup_that_is_ready_is_sent_as_it_is() -> None:
    content: list[Any] = [html.I(id="a"), Markup("<b></b>"), "<b>"]
    assert markup.to_html(html.Div(content)) == '<div><i id="a"></i><b></b>&lt;b&gt;</div>'
    assert markup.parts(content) == ['<i id="a"></i>', "<b></b>", "&lt;b&gt;"]


# --- words and formats


def test_every_status_has_an_icon_a_word_and_an_explanation() -> None:
    looks = [*SYNC.values(), *SERVICE.values(), *RUN.values()]
    assert (set(SYNC), set(SERVICE), set(RUN)) == (set(SyncStatus), set(ServiceStatus), set(RunStatus))
    assert all(look.icon and look.word and look.explanation and look.tone for look in looks)
    for table in (SYNC, SERVICE, RUN):
        assert len({look.word for look in table.values()}) == len(table)


@pytest.mark.parametrize(
    ("value", "written"), [(None, "N/A"), (100.0, "100"), (99.99, "99.9"), (97.25, "97.2"), (0.0, "0.0")]
)
def test_percentages_are_never_rounded_up_to_100(value: float | None, written: str) -> None:
    assert formats.percent(value) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.84, "0.8 s"),
        (9.97, "10 s"),
        (59.7, "1 min"),
        (75, "1 min 15 s"),
        (3900, "1 h 5 min"),
        (7200, "2 h"),
        (187_200, "2 d 4 h"),
        (None, "N/A"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float | None, written: str) -> None:
    assert formats.duration(seconds) == written


@pytest.mark.parametrize(
    ("names", "written"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_names_are_joined_as_in_a_sentence(names: list[str], written: str) -> None:
    assert joined(names) == written


def test_times_carry_the_exact_moment_for_scripts_and_readers() -> None:
    properties = formats.age(NOON).to_plotly_json()["props"]
    assert properties["dateTime"] == "2024-05-17T12:00:00Z"
    assert properties["children"] == "2024-05-17 12:00:00 UTC"


def to_do(content: Any) -> list[str]:
    return [text(each) for each in elements(content, "what-to-do")]


def test_a_vessel_that_was_not_reached_says_what_to_do() -> None:
    error = LastError(ErrorKind.AUTHENTICATION, "the vessel refuses our password", NOON, 1)
    vessel = replace(VESSEL, sync_status=SyncStatus.SYNC_FAILED, last_error=error)
    assert to_do(vessel_views.summary(vessel)) == [f"What to do: {advice(ErrorKind.AUTHENTICATION)}"]
    assert to_do(vessel_views.summary(VESSEL)) == []


def test_a_run_says_what_to_do_once_for_each_kind_of_error() -> None:
    def failed(vessel_id: str, kind: ErrorKind) -> Attempt:
        return Attempt(vessel_id, 1, False, 1.0, 0.0, NOON, kind, "no answer")

    kinds = {"a": ErrorKind.TLS, "b": ErrorKind.TIMEOUT, "c": ErrorKind.TIMEOUT}
    attempts = tuple(failed(vessel_id, kind) for vessel_id, kind in kinds.items())
    run = Run("7", NOON, Trigger.MANUAL, RunStatus.FAILED, 3, NOON, failed_vessels=3)
    page = run_views.details_page(RunDetails(run, attempts), {}, None, PATHS)
    assert to_do(page) == [
        f"What to do about “no answer in time” (2 vessels): {advice(ErrorKind.TIMEOUT)}",
        f"What to do about “certificate rejected” (1 vessel): {advice(ErrorKind.TLS)}",
    ]
    alike = run_views.details_page(RunDetails(run, attempts[1:]), {}, None, PATHS)
    assert to_do(alike) == [f"What to do: {advice(ErrorKind.TIMEOUT)}"]
