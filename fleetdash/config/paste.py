"""TOML to paste into the fleet file: what it says of vessels, and the addresses that it does not name yet."""

import json
import tomllib
from collections.abc import Mapping, Sequence

from fleetdash.config.targets import VesselTarget

NEW_COMPONENT = "Device"
"""Where addresses are put that nobody has assigned to a component yet."""

_ADDRESSES_PER_LINE = 8

Components = Mapping[str, Sequence[str]]


def usable_address(address: str) -> bool:
    """Whether the fleet file takes it; no longer ones are read from a vessel."""
    return address.isprintable() and bool(address.strip())


def vessel_entry(vessel_id: str, url: str, addresses: Sequence[str] = ()) -> str:
    """An entry of `[[vessels]]`."""
    lines = ["[[vessels]]", f"id = {_text(vessel_id)}", f"url = {_text(url)}"]
    return "\n".join([*lines, *([_components({NEW_COMPONENT: addresses})] if addresses else [])]) + "\n"


def new_entry(target: VesselTarget, addresses: Sequence[str]) -> str:
    """The entry of a vessel that the file does not name yet; a component that all vessels have is not left out."""
    named = [device.ip_address for device in target.vessel.devices if device.component == NEW_COMPONENT]
    return vessel_entry(target.vessel.id, target.address.url, [*named, *addresses] if addresses else ())


def missing_components(file: str, missing: Mapping[str, Sequence[str]], *, complete: bool) -> str:
    """What to add for vessels that the file names; `missing`: addresses by vessel id, each with some.

    `complete`: these are all vessels of the file. Where all of them miss the same and the file has no components yet,
    it is said once, for all; else for each, with what its entry has already.
    """
    document = tomllib.loads(file)
    fleet: Components = document.get("components", {})
    own: dict[str, Components] = {entry["id"]: entry.get("components", {}) for entry in document.get("vessels", [])}
    alike = len({tuple(addresses) for addresses in missing.values()}) == 1
    if complete and alike and not fleet and not any(own[vessel_id] for vessel_id in missing):
        addresses = next(iter(missing.values()))
        heading = "# what every vessel has: at the end of the fleet file"
        return f"{heading}\n[components]\n{_text(NEW_COMPONENT)} = {_addresses(addresses)}\n"
    parts = []
    for vessel_id, addresses in missing.items():
        listed = {**fleet, **own[vessel_id]}.get(NEW_COMPONENT, ())
        line = _components({**own[vessel_id], NEW_COMPONENT: [*listed, *addresses]})
        how = "instead of its components" if own[vessel_id] else "below its id"
        # one vessel's line can be pasted as it is; several would be one key several times
        entry = "" if len(missing) == 1 else f"[[vessels]]\nid = {_text(vessel_id)}\n"
        parts.append(f"# in the entry of {vessel_id}, {how}:\n{entry}{line}\n")
    return "\n".join(parts)


def _components(components: Components) -> str:
    tables = (f"{_text(name)} = {_addresses(addresses)}" for name, addresses in components.items())
    return f"components = {{ {', '.join(tables)} }}"


def _addresses(addresses: Sequence[str]) -> str:
    """On several lines where they are many: within an array, TOML allows it."""
    quoted = [_text(address) for address in addresses]
    lines = [
        ", ".join(quoted[start : start + _ADDRESSES_PER_LINE]) for start in range(0, len(quoted), _ADDRESSES_PER_LINE)
    ]
    return f"[{lines[0]}]" if len(lines) == 1 else "[\n    {},\n]".format(",\n    ".join(lines))


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, for printable text."""
    return json.dumps(text, ensure_ascii=False)
