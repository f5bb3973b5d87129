"""Which device is reached through which: addresses and components of the fleet file -> addresses."""

from collections.abc import Mapping

from fleetdash.domain.fleet import Device, address_key
from fleetdash.errors import ConfigurationError

Behind = tuple[tuple[str, tuple[str, ...]], ...]


def resolve_behind(where: str, table: Mapping[str, str], devices: tuple[Device, ...], *, strict: bool) -> Behind:
    """The address of each device behind something, with those of its gateways, as the fleet file writes them.

    `strict`: a name that the vessel does not have is an error; otherwise the line is ignored. A device's own line
    precedes its component's.
    """
    own, by_component = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()
    for name, gateway in table.items():
        members, gateways = _addresses(name, devices), _addresses(gateway, devices)
        for unknown in [text for text, found in ((name, members), (gateway, gateways)) if found is None]:
            if strict:
                raise ConfigurationError(f"{where}: behind: {unknown!r} is no address and no component of this vessel")
        if not members or not gateways:
            continue
        if both := set(members) & set(gateways):
            raise ConfigurationError(f"{where}: behind: {min(both)} would be behind itself ({name!r} = {gateway!r})")
        is_device = _is_address(name, devices)
        if is_device and members[0] in own:
            raise ConfigurationError(f"{where}: behind: duplicate address {members[0]}")
        (own if is_device else by_component).update(dict.fromkeys(members, gateways))
    return tuple((by_component | own).items())


def _addresses(name: str, devices: tuple[Device, ...]) -> tuple[str, ...] | None:
    """Those of a device, or of a component; `None` if there is no such name."""
    key = address_key(name)
    same = tuple(device.ip_address for device in devices if address_key(device.ip_address) == key)
    return same or tuple(device.ip_address for device in devices if device.component == name) or None


def _is_address(name: str, devices: tuple[Device, ...]) -> bool:
    return any(address_key(device.ip_address) == address_key(name) for device in devices)
