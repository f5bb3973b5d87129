"""The report and its tables, over real HTTP and from the command line: the same numbers as everywhere."""

import csv
import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from fleetdash.domain.runs import Attempt, ErrorKind, Trigger
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support import present
from tests.support.histories import migrated
from tests.support.records import failed, reached

APP = Path(__file__).resolve().parents[2] / "app.py"
FORMULA = '=HYPERLINK("http://evil.example")'
MARKUP = "<script>alert(1)</script>"
ADDRESS = re.compile(r"the page is at (\S+)")

FLEET = f"""
[schedule]
every_minutes = 60
[influxdb]
url = "http://127.0.0.1:9"
database = "vessel"
[components]
"Server" = ["10.0.0.1"]
[[vessels]]
id = "aurora"
name = '{FORMULA}'
[[vessels]]
id = "borealis"
name = "{MARKUP}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of runs, the last of them today; one vessel is never reached."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "fleetdash.toml").write_text(FLEET)
    midnight = present.now().replace(hour=0, minute=0, second=0, microsecond=0)
    with migrated(f"sqlite:///{folder / 'fleetdash.db'}") as database:
        log = SchedulerRunLogger(database)
        for number in range(2 * 24 + 1):
            at = midnight - timedelta(days=2) + timedelta(hours=number)
            run_id = log.log_run_start(Trigger.SCHEDULE, 2, at, due_at=at).run_id
            log.log_vessel_query_result(run_id, reached("aurora", at=at))
            log.log_vessel_query_result(run_id, _refused(at))
            log.log_run_completion(run_id, at + timedelta(seconds=7))
    return folder


def _refused(at: datetime) -> Attempt:
    return failed("borealis", at=at, ended=True, kind=ErrorKind.AUTHENTICATION)


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(APP), *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    started = [sys.executable, str(APP), "serve", "--no-scheduler", "--port", "0"]
    with subprocess.Popen(started, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield next(found[1] for line in process.stderr if (found := ADDRESS.search(line))).rstrip("/")
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served(folder) as url:
        yield url


def get(url: str, call: str, **query: str) -> requests.Response:
    return requests.get(f"{url}/api/{call}", params=query, timeout=20)


def rows(answer: requests.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def card(page: str, name: str) -> str:
    """The value that stands under a figure's name in the report."""
    found = re.search(rf"<dt>{re.escape(name)}</dt><dd[^>]*><span[^>]*>([^<]*)", page)
    assert found, name
    return found[1]


def test_the_report_says_the_same_as_the_statistics(url: str) -> None:
    figures: dict[str, Any] = get(url, "scheduler-statistics", days="30").json()
    answer = get(url, "report", period="30d")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert float(card(answer.text, "Vessels reached")) == figures["vessel_success_rate_percent"] == 50
    assert float(card(answer.text, "Runs that reached every vessel")) == figures["success_rate_percent"] == 0
    assert card(answer.text, "Median run time") == f"{figures['median_duration_seconds']:.1f} s" == "7.0 s"
    vessels = {row["vessel_id"]: row for row in rows(get(url, "report/vessels.csv", period="30d"))}
    for each in figures["vessels"]:
        mine = vessels[each["vessel_id"]]
        assert (int(mine["runs"]), int(mine["successes"])) == (each["runs"], each["successes"])
        assert float(mine["success_rate_percent"]) == each["success_rate_percent"]
    timeline = rows(get(url, "report/timeline.csv", period="30d"))
    assert sum(int(row["total_runs"]) for row in timeline) == figures["total_runs"] == 49
    assert [row["vessel_success_rate_percent"] for row in timeline[-3:]] == ["50.0"] * 3
    assert timeline[0]["vessel_success_rate_percent"] == ""


def test_names_of_vessels_neither_run_nor_reckon(url: str) -> None:
    answer = get(url, "report")
    assert MARKUP not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    names = {row["vessel_id"]: row["name"] for row in rows(get(url, "report/vessels.csv"))}
    assert names == {"aurora": f"'{FORMULA}", "borealis": MARKUP}


def test_days_are_both_included_and_the_end_of_a_time_is_not(url: str) -> None:
    today = present.now().date()
    first, second = today - timedelta(days=2), today - timedelta(days=1)
    by_days = rows(get(url, "report/timeline.csv", since=str(first), until=str(second)))
    assert len(by_days) == 48
    assert all(row["total_runs"] == "1" for row in by_days)
    times = get(url, "report/timeline.csv", since=f"{first}T00:00:00Z", until=f"{second}T00:00:00Z")
    assert len(rows(times)) == 24


@pytest.mark.parametrize("table", ["vessels", "timeline", "components", "outages"])
@pytest.mark.parametrize("period", ["24h", "7d", "365d"])
def test_every_table_of_every_period_is_a_csv_file(url: str, table: str, period: str) -> None:
    answer = get(url, f"report/{table}.csv", period=period)
    assert answer.status_code == 200
    assert len(next(csv.reader(io.StringIO(answer.text)))) > 3
    held = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=20)
    assert held.status_code in (200, 304)  # of 24 hours the end moves on


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "yesterday"}, "since"),
        ({"period": "9d"}, "period"),
    ],
)
def test_a_bad_period_is_refused_with_the_reason(url: str, query: dict[str, str], said: str) -> None:
    for call in ("report", "report/vessels.csv"):
        answer = get(url, call, **query)
        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"since": "2026-02-03", "until": "2026-02-01"}, "2026-02-01-2026-02-03"),
        ({"since": "1999-01-01", "until": "2000-01-05"}, "2000-01-01-2000-01-05"),
        ({"period": "7d", "since": "2026-02-03", "until": "2026-02-04"}, "2026-02-03-2026-02-04"),
    ],
)
def test_a_period_that_cannot_be_had_becomes_the_nearest_and_the_file_says_which(
    url: str, query: dict[str, str], days: str
) -> None:
    answer = get(url, "report/timeline.csv", **query)
    assert answer.status_code == 200
    assert f'"fleetdash-timeline-{days}.csv"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-02-03", "until": "2026-02-01"},
        {"since": "2999-01-01"},
        {"period": "7d", "since": "2026-02-03"},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"until": "0001-01-01"},
    ],
)
def test_days_that_cannot_be_had_become_the_nearest(url: str, query: dict[str, str]) -> None:
    for call in ("report", "report/vessels.csv"):
        assert get(url, call, **query).status_code == 200


def test_the_command_writes_the_same_page(folder: Path, url: str) -> None:
    today = present.now().date()
    since, until = str(today - timedelta(days=2)), str(today - timedelta(days=1))
    done = command(folder, "report", "--since", since, "--until", until, "mine.html")
    assert done.returncode == 0, done.stderr
    assert "48 runs" in done.stdout
    page = (folder / "mine.html").read_text()
    served_page = get(url, "report", since=since, until=until).text
    moment = re.compile(r"as of [^<]*")
    assert moment.sub("", page) == moment.sub("", served_page)


def test_the_command_refuses_a_bad_period_and_a_bad_place(folder: Path) -> None:
    for arguments, said in (
        (("--since", "soon", "x.html"), "soon"),
        (("--since", "2026-02-03", "--until", "2026-02-01", "x.html"), "after its end"),
        (("nowhere/x.html",), "cannot be written"),
    ):
        done = command(folder, "report", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not (folder / "x.html").exists()


def test_a_run_from_cron_fills_its_slot_so_that_none_is_said_to_be_missed(tmp_path: Path) -> None:
    """The only slot of the day was six hours ago, so that its run is due whenever this test runs."""
    slot = present.now() - timedelta(hours=6)
    daily = FLEET.replace("every_minutes = 60", f'daily_at = "{slot:%H:%M}"\n[retry]\nmax_retries = 0')
    (tmp_path / "fleetdash.toml").write_text(daily)
    assert command(tmp_path, "run-once").returncode == 1
    assert command(tmp_path, "report", "--since", f"{slot:%Y-%m-%d}", "report.html").returncode == 0
    written = (tmp_path / "report.html").read_text()
    assert card(written, "Scheduled runs made") == "100"
    assert "None of 1 scheduled run was missed." in written
