"""What to do about a vessel that was not reached: said for every kind of error, in terms of the fleet file."""

import re

import pytest

from fleetdash.config.schema import FleetFile, InfluxKeys, QuerySection, ScheduleSection
from fleetdash.domain.advice import FIXED_ON_SHORE, advice
from fleetdash.domain.runs import ErrorKind

KEYS = {*InfluxKeys.model_fields, *QuerySection.model_fields, *ScheduleSection.model_fields}

EXPECTED = {
    ErrorKind.TIMEOUT: ("modem", "timeout_seconds"),
    ErrorKind.CONNECTION: ("link", "url"),
    ErrorKind.SERVER_ERROR: ("InfluxDB's log", "disk"),
    ErrorKind.RATE_LIMITED: ("limit", "every_minutes"),
    ErrorKind.AUTHENTICATION: ("username", "password_env", "token_env", "may read the database"),
    ErrorKind.CONFIGURATION: ("url", "database", "retention_policy", "measurement"),
    ErrorKind.TLS: ("certificate", "expired", "ca_file"),
    ErrorKind.INVALID_DATA: ("url", "gateway", "clock on board"),
    ErrorKind.TOO_LARGE: ("max_response_bytes", "device_tag"),
    ErrorKind.CANCELLED: ("stopped", "asks again at the next run"),
}


@pytest.mark.parametrize("kind", ErrorKind)
def test_each_kind_of_error_has_its_advice(kind: ErrorKind) -> None:
    text = advice(kind)
    assert [part for part in EXPECTED[kind] if part not in text] == []
    assert text[0].isupper()
    assert text.endswith(".")
    assert len(re.findall(r"\.(?: |$)", text)) <= 3


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_key_that_is_named_is_one_of_the_fleet_file(kind: ErrorKind) -> None:
    named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", advice(kind)))
    assert named <= KEYS
    assert {section[1:-1] for section in re.findall(r"\[\w+\]", advice(kind))} <= set(FleetFile.model_fields)


def test_what_is_asked_again_is_not_left_to_shore() -> None:
    again = {kind for kind in ErrorKind if "asks again at each run" in advice(kind)}
    assert again == {ErrorKind.TIMEOUT, ErrorKind.CONNECTION, ErrorKind.SERVER_ERROR}
    assert not again & FIXED_ON_SHORE
