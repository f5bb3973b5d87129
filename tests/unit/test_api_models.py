"""What the API models make of the domain's values."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from fleetdash.api.csv_export import cell, to_csv
from fleetdash.api.model_base import ApiModel, utc_text
from fleetdash.api.run_filter import RunPageQuery
from fleetdash.api.run_messages import message, progress, started
from fleetdash.api.run_models import Result, Run, RunDetails, RunPage
from fleetdash.api.vessel_models import Fleet, Vessel, VesselDetails
from fleetdash.domain import read_models, runs
from fleetdash.domain.events import AttemptFinished, RunFinished
from fleetdash.domain.pings import PingHours
from fleetdash.domain.runs import ErrorKind, RunStatus, Trigger
from fleetdash.domain.status import ComponentFigures, CurrentStatus, ServiceStatus, SyncStatus
from fleetdash.serving.problems import problem
from tests.support.records import NOON, failed, reached

RUN = runs.Run("12", NOON, Trigger.SCHEDULE, RunStatus.RUNNING, 4, successful_vessels=2, failed_vessels=1)

DEVICE = read_models.DeviceReport(
    ip_address="10.0.0.1",
    component="Server",
    sync_status=SyncStatus.DOWN,
    observed_status=SyncStatus.DOWN,
    current_status=CurrentStatus.DOWN,
    uptime_percent=50.0,
    coverage_percent=None,
    ping_count=2,
    successful_pings=1,
    average_response_ms=None,
    last_ping_at=NOON,
    last_success_at=None,
    down_since=NOON,
    down_since_is_bound=True,
    hours=PingHours(NOON, (60,), (2,), (1,)),
    observed_at=NOON,
)


def vessel(
    *, last_error: read_models.LastError | None = None, devices: tuple[read_models.DeviceReport, ...] | None = None
) -> read_models.VesselReport:
    return read_models.VesselReport(
        vessel_id="aurora",
        name="Aurora",
        status=ServiceStatus.UNKNOWN,
        sync_status=SyncStatus.SYNC_FAILED,
        sync_reason="The vessel could not be reached.",
        uptime_percent=None,
        worst_uptime_percent=None,
        coverage_percent=None,
        components=(ComponentFigures("Server", 50.0, False, 1, 1, 4),),
        devices_up=1,
        devices_down=1,
        devices_total=4,
        observed_at=None,
        last_sync_at=None,
        last_attempt_at=NOON,
        last_error=last_error,
        last_known_status=ServiceStatus.OFFLINE,
        last_known_status_at=NOON,
        devices=devices,
    )


def as_json(model: ApiModel) -> dict[str, object]:
    answer: dict[str, object] = json.loads(model.model_dump_json())
    return answer


def test_times_are_told_in_utc_with_milliseconds() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert utc_text(datetime(2026, 3, 1, 17, 30, 0, 1500, east)) == "2026-03-01T12:00:00.001Z"


def test_a_run_has_the_fields_of_the_contract() -> None:
    told = as_json(Run.model_validate(RUN))
    assert " ".join(told) == (
        "run_id start_time end_time trigger status total_vessels successful_vessels failed_vessels "
        "retry_attempts duration_seconds retry_seconds retry_wait_seconds retry_query_seconds "
        "success_rate_percent slow error_message"
    )
    assert (told["start_time"], told["end_time"]) == ("2026-03-01T12:00:00.000Z", None)
    assert told["success_rate_percent"] == 50


def test_an_attempt_has_the_fields_of_the_contract() -> None:
    told = as_json(Result.model_validate(failed(number=2)))
    assert " ".join(told) == (
        "vessel_id attempt_number kind success query_duration_seconds backoff_seconds error_kind "
        "error_message timestamp"
    )
    assert (told["kind"], told["error_kind"]) == ("retry", "timeout")


def test_an_opened_run_carries_its_attempts_and_what_follows_from_them() -> None:
    attempts = (failed("borealis"), reached("aurora"), failed("borealis", 2, ended=True))
    told = as_json(RunDetails.of(runs.RunDetails(RUN, attempts)))
    assert told["run_id"] == "12"
    assert told["retry_summary"] == {"borealis": 1}
    assert told["unreachable_vessels"] == ["borealis"]
    assert [result["attempt_number"] for result in told["vessel_results"]] == [1, 1, 2]  # type: ignore[attr-defined]


def test_a_page_of_runs_has_items_and_the_next_cursor() -> None:
    told = as_json(RunPage.model_validate(read_models.RunPage((RUN,), "onwards", "back")))
    assert list(told) == ["items", "next_cursor"]
    assert told["next_cursor"] == "onwards"


def test_a_vessel_tells_its_error_as_a_text_and_leaves_devices_out() -> None:
    told = as_json(Vessel.of(vessel(last_error=read_models.LastError(ErrorKind.TIMEOUT, "no answer", NOON, 4))))
    assert (told["last_error"], told["last_error_kind"]) == ("no answer", "timeout")
    assert (told["uptime_percent"], told["observed_at"], told["last_known_status"]) == (None, None, "offline")
    assert "devices" not in told
    assert "components" not in told


def test_a_vessel_without_devices_is_told_apart_from_one_whose_devices_were_not_asked_for() -> None:
    assert as_json(Vessel.of(vessel(devices=())))["devices"] == []


def test_an_opened_vessel_has_devices_and_components() -> None:
    told = as_json(VesselDetails.of(vessel(devices=(DEVICE,))))
    assert told["components"] == [
        {
            "component": "Server",
            "uptime_percent": 50.0,
            "meets_sla": False,
            "devices_up": 1,
            "devices_down": 1,
            "devices_silent": 2,
            "devices_total": 4,
        }
    ]
    assert told["devices"] == [
        {
            "ip_address": "10.0.0.1",
            "component": "Server",
            "sync_status": "down",
            "current_status": "down",
            "uptime_percent": 50.0,
            "coverage_percent": None,
            "ping_count": 2,
            "successful_pings": 1,
            "average_response_ms": None,
            "last_ping_at": "2026-03-01T12:00:00.000Z",
            "last_success_at": None,
            "down_since": "2026-03-01T12:00:00.000Z",
            "down_since_is_bound": True,
            "hours": [{"start": "2026-03-01T12:00:00.000Z", "expected": 60, "recorded": 2, "answered": 1}],
            "observed_at": "2026-03-01T12:00:00.000Z",
        }
    ]


def test_the_fleet_counts_vessels_under_every_status() -> None:
    by_status = dict.fromkeys(ServiceStatus, 0) | {ServiceStatus.UNKNOWN: 1}
    by_sync_status = dict.fromkeys(SyncStatus, 0) | {SyncStatus.SYNC_FAILED: 1}
    summary = read_models.FleetSummary(1, by_status, by_sync_status, 4, 1, 1, 2, None, None)
    told = as_json(Fleet.of(read_models.FleetReport(NOON, None, summary, (vessel(),))))
    assert list(told) == ["generated_at", "latest_run", "summary", "vessels"]
    assert told["summary"] == {
        "total_vessels": 1,
        "offline": 0,
        "critical": 0,
        "unknown": 1,
        "degraded": 0,
        "operational": 0,
        "by_sync_status": by_sync_status,
        "devices_total": 4,
        "devices_up": 1,
        "devices_down": 1,
        "devices_silent": 2,
        "average_uptime_percent": None,
        "sla_compliance_percent": None,
    }


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    answer = problem(409, "run 7 is under way", run_id="7")
    assert answer.media_type == "application/problem+json"
    assert json.loads(bytes(answer.body)) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "run 7 is under way",
        "run_id": "7",
    }
    assert "run_id" not in json.loads(bytes(problem(404, "no").body))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_spreadsheet_takes_no_text_for_a_formula(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_csv_is_utf8_that_excel_recognises() -> None:
    class Row(ApiModel):
        name: str

    assert to_csv(Row, [Row(name="Ærø – Ōsaka")]) == b"\xef\xbb\xbfname\r\n" + "Ærø – Ōsaka\r\n".encode()


def test_other_cells_stay_as_they_are() -> None:
    assert [cell(value) for value in ("a=b", -5, None, True)] == ["a=b", -5, None, "true"]


def test_csv_has_a_header_and_quotes_what_needs_it() -> None:
    class Row(ApiModel):
        name: str
        note: str | None
        hidden: int = 0

    text = to_csv(Row, [Row(name='a,"b"', note=None)], leave_out=frozenset({"hidden"})).decode("utf-8-sig")
    assert text == 'name,note\r\n"a,""b""",\r\n'


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T14:00:00+02:00", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_filter_takes_iso_8601_times(text: str, moment: datetime | None) -> None:
    assert RunPageQuery.model_validate({"since": text}).since == moment


@pytest.mark.parametrize("text", ["yesterday", "1767225600", "2026-03-01T12:00:00 02:00", "0001-01-01T00:00:00+14:00"])
def test_a_filter_refuses_other_times(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        RunPageQuery.model_validate({"until": text})


def test_messages_carry_type_run_and_time() -> None:
    assert json.loads(started(RUN)) == {
        "type": "scheduler_run_started",
        "run_id": "12",
        "timestamp": "2026-03-01T12:00:00.000Z",
        "total_vessels": 4,
        "trigger": "schedule",
    }
    assert json.loads(progress(RUN, NOON + timedelta(seconds=2))) == {
        "type": "scheduler_run_progress",
        "run_id": "12",
        "timestamp": "2026-03-01T12:00:02.000Z",
        "finished_vessels": 3,
        "successful_vessels": 2,
        "failed_vessels": 1,
        "total_vessels": 4,
    }


def test_a_message_of_an_attempt_has_its_fields_and_the_counts() -> None:
    told = json.loads(message(AttemptFinished("12", failed("borealis", ended=True), 3, 2, 1, 4)))
    assert (told["type"], told["run_id"]) == ("vessel_query_finished", "12")
    assert set(Result.model_fields) <= set(told)
    assert [told[f"{name}_vessels"] for name in ("finished", "successful", "failed", "total")] == [3, 2, 1, 4]


def test_a_message_of_an_end_has_the_fields_of_the_run() -> None:
    told = json.loads(message(RunFinished(RUN)))
    assert told["type"] == "scheduler_run_finished"
    assert set(Run.model_fields) <= set(told)
