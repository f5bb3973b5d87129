"""The fleet file of the demo's vessels."""

import json
from collections.abc import Iterable, Iterator, Mapping

from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.vessels import DEVICES, VesselProfile
from fleetdash.domain.fleet import Device

Components = dict[str, list[str]]

_HEAD = """\
# Simulated vessels, served until the process that printed this file ends.
[database]
url = {database_url}

[server]
host = "127.0.0.1"
port = 8050
path_prefix = "/"

[schedule]
every_minutes = 15
timezone = "UTC"
run_on_start = true

[retry]
max_retries = 3
backoff_seconds = [1, 2, 4]

[query]
timeout_seconds = 3

[influxdb]
url = {vessels_url}
database = "{{vessel_id}}"
measurement = "ping"
device_tag = "url"
"""


def demo_fleet_file(
    vessels: Iterable[VesselProfile],
    vessels_url: str,
    refused_url: str,
    database_url: str = "sqlite:///fleetdash-demo.db",
) -> str:
    """TOML. `refused_url`: an address that refuses connections, for the vessels that do."""
    usual = _components(DEVICES)
    head = _HEAD.format(database_url=_quoted(database_url), vessels_url=_quoted(vessels_url))
    defaults = ["[components]", *(f"{_quoted(name)} = {_quoted(addresses)}" for name, addresses in usual.items())]
    tables = ("\n".join(_vessel(vessel, usual, refused_url)) for vessel in vessels)
    return "\n\n".join([head.rstrip(), "\n".join(defaults), *tables]) + "\n"


def _vessel(vessel: VesselProfile, usual: Components, refused_url: str) -> Iterator[str]:
    yield f"[[vessels]]  # {vessel.story}"
    yield f"id = {_quoted(vessel.id)}"
    yield f"name = {_quoted(vessel.vessel.name)}"
    if vessel.behaviour.then is Reaction.REFUSE:
        yield f"url = {_quoted(refused_url)}"
    own = _components(vessel.devices)
    # naming a component replaces it; one that this vessel lacks is named with no address
    replaced = {name: own.get(name, []) for name in {**usual, **own} if own.get(name) != usual.get(name)}
    if replaced:
        yield f"components = {_inline(replaced)}"


def _components(devices: Iterable[Device]) -> Components:
    components: Components = {}
    for device in devices:
        components.setdefault(device.component, []).append(device.ip_address)
    return components


def _inline(components: Mapping[str, list[str]]) -> str:
    pairs = (f"{_quoted(name)} = {_quoted(addresses)}" for name, addresses in components.items())
    return f"{{ {', '.join(pairs)} }}"


def _quoted(value: str | list[str]) -> str:
    """TOML's basic strings and arrays of them are JSON's."""
    return json.dumps(value, ensure_ascii=False)
