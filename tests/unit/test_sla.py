"""Which verdicts count in SLA figures."""

import pytest

from fleetdash.domain.sla import counted, vessel_meets_sla
from fleetdash.domain.status import ComponentFigures, ServiceStatus


def component(name: str, meets_sla: bool | None) -> ComponentFigures:
    return ComponentFigures(name, None if meets_sla is None else 99.0, meets_sla, 1, 0, 1)


MET, MISSED, UNKNOWN = component("Server", True), component("Dashboard", False), component("Access Point", None)


def test_components_without_a_known_device_do_not_count() -> None:
    assert counted(ServiceStatus.DEGRADED, (MET, MISSED, UNKNOWN)) == (MET, MISSED)


def test_nothing_counts_of_a_vessel_that_is_unknown() -> None:
    assert counted(ServiceStatus.UNKNOWN, (MET, MISSED)) == ()


@pytest.mark.parametrize(("checks", "met"), [((MET,), True), ((MET, MISSED), False)])
def test_a_vessel_meets_the_sla_when_all_its_components_do(checks: tuple[ComponentFigures, ...], met: bool) -> None:
    assert vessel_meets_sla(checks) is met
