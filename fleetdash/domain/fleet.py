"""The fleet as its file describes it: vessels, their components, and the devices of each."""

from dataclasses import dataclass

UNASSIGNED = "Unassigned"
"""The component of an address that a vessel reports and the fleet file does not name."""


@dataclass(frozen=True, slots=True)
class Device:
    """One IP address of a component."""

    ip_address: str
    component: str


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel; `id` identifies it, `name` is only shown."""

    id: str
    name: str
    devices: tuple[Device, ...]
