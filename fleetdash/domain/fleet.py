"""The fleet as its file describes it: vessels, their components, and the devices of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from fleetdash.domain.status import Limits

UNASSIGNED = "Unassigned"
"""The component of an address that a vessel reports and the fleet file does not name."""


@dataclass(frozen=True, slots=True)
class Device:
    """One IP address of a component, as the fleet file writes it."""

    ip_address: str
    component: str


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel; `id` identifies it, `name` is only shown.

    `behind`: the address of a device, and those of the gateways that it is reached through.
    """

    id: str
    name: str
    devices: tuple[Device, ...]
    limits: Limits = field(default_factory=Limits)
    tags: tuple[str, ...] = ()
    behind: tuple[tuple[str, tuple[str, ...]], ...] = ()


@lru_cache(maxsize=65_536)
def address_key(text: str) -> str:
    """What addresses are compared by: equal for all spellings of one IP address; any other text is its own key.

    Case, surrounding blanks, brackets and leading zeros do not count, and an IPv4-mapped address is the IPv4 address.
    Zones do: `fe80::1%eth0` and `fe80::1%eth1` are two devices.
    """
    address = _ip_address(text)
    if address is None:
        return text
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


def is_ip_address(text: str) -> bool:
    """Whether it is one in any spelling; otherwise it is a host name or another target of Telegraf."""
    return _ip_address(text) is not None


def listed_spellings(vessel: Vessel) -> Mapping[str, str]:
    """The key of each address in the fleet file -> the address as the file writes it."""
    return {address_key(device.ip_address): device.ip_address for device in vessel.devices}


def address_differences(vessel: Vessel, reported: Iterable[str]) -> tuple[list[str], list[str]]:
    """Addresses of the fleet file that are not reported, and reported ones that are not in the file."""
    listed = listed_spellings(vessel)
    by_key = {address_key(address): address for address in reported}
    return (
        [address for key, address in listed.items() if key not in by_key],
        [address for key, address in by_key.items() if key not in listed],
    )


def _ip_address(text: str) -> IPv4Address | IPv6Address | None:
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1].strip()
    try:
        return ip_address(_without_leading_zeros(bare))
    except ValueError:
        return None


def _without_leading_zeros(text: str) -> str:
    """Python refuses `192.168.001.010`, whose parts C libraries read as octal; people mean decimal."""
    start, colon, quad = text.rpartition(":")
    parts = quad.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts):
        return text
    return start + colon + ".".join(part.lstrip("0") or "0" for part in parts)
