"""Which verdicts count in SLA figures: only those on equipment that is known (R4)."""

from collections.abc import Iterable

from fleetdash.domain.status import ComponentFigures, ServiceStatus


def counted(status: ServiceStatus, components: Iterable[ComponentFigures]) -> tuple[ComponentFigures, ...]:
    """The components of a vessel whose verdict counts; none while the vessel is unknown."""
    if status is ServiceStatus.UNKNOWN:
        return ()
    return tuple(component for component in components if component.meets_sla is not None)


def vessel_meets_sla(checks: Iterable[ComponentFigures]) -> bool:
    """Whether all components that count meet the SLA."""
    return all(component.meets_sla for component in checks)
