"""One line an event, whatever stands in it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from fleetdash import logs

HOSTILE = "down\n2026-01-01T00:00:00.000Z ERROR forged\x1b[2J\x9b31m\u202e\u2028\x00"


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = before, level


def lines(capsys: pytest.CaptureFixture[str], style: str, level: str = "info") -> list[str]:
    logs.configure(level, style)
    log = logging.getLogger("fleetdash.test")
    log.info("said: %s", HOSTILE, extra={"run_id": "7", "vessel_id": "aurora"})
    log.debug("not worth a line")
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        log.exception("broke")
    return capsys.readouterr().err.splitlines()


def test_text_has_a_line_an_event_and_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    said, broke = lines(capsys, "text")
    assert " INFO fleetdash.test: said: down\\n2026" in said
    assert said.endswith(" run_id=7 vessel_id=aurora")
    assert "Traceback" in broke
    assert (said + broke).isprintable()


def test_json_has_an_object_an_event_with_its_run_and_vessel(capsys: pytest.CaptureFixture[str]) -> None:
    found: list[dict[str, Any]] = [json.loads(line) for line in lines(capsys, "json")]
    said, broke = found
    assert said["message"] == f"said: {HOSTILE}"
    assert (said["level"], said["run_id"], said["vessel_id"]) == ("info", "7", "aurora")
    assert said["time"].endswith("Z")
    assert "ValueError" in broke["exception"]


def test_the_level_is_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(lines(capsys, "text", "debug")) == 3
    assert len(lines(capsys, "text", "error")) == 1


def test_configuring_twice_doubles_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.configure()
    logging.getLogger("fleetdash.test").warning("once")
    assert capsys.readouterr().err.count("once") == 1
