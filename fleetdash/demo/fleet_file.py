"""The fleet file that asks the demo's ships."""

import json
from collections.abc import Iterable, Iterator, Mapping

from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.vessels import DEVICES, Ship
from fleetdash.domain.fleet import Device

Components = dict[str, list[str]]

_HEAD = """\
# A fleet of simulated ships; ends with the process that prints it.
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
url = {ships_url}
database = "{{vessel_id}}"
measurement = "ping"
device_tag = "url"
"""


def demo_fleet_file(
    ships: Iterable[Ship], ships_url: str, refused_url: str, database_url: str = "sqlite:///fleetdash-demo.db"
) -> str:
    """TOML. `refused_url`: an address where nobody listens, for the ships that refuse connections."""
    usual = _components(DEVICES)
    head = _HEAD.format(database_url=_quoted(database_url), ships_url=_quoted(ships_url))
    defaults = ["[components]", *(f"{_quoted(name)} = {_quoted(addresses)}" for name, addresses in usual.items())]
    vessels = ("\n".join(_vessel(ship, usual, refused_url)) for ship in ships)
    return "\n\n".join([head.rstrip(), "\n".join(defaults), *vessels]) + "\n"


def _vessel(ship: Ship, usual: Components, refused_url: str) -> Iterator[str]:
    yield f"[[vessels]]  # {ship.story}"
    yield f"id = {_quoted(ship.id)}"
    yield f"name = {_quoted(ship.vessel.name)}"
    if ship.conduct.then is Reaction.REFUSE:
        yield f"url = {_quoted(refused_url)}"
    own = _components(ship.devices)
    # naming a component replaces it; one that this ship lacks is replaced by nothing
    replaced = {name: own.get(name, []) for name in {**usual, **own} if own.get(name) != usual.get(name)}
    if replaced:
        yield f"components = {_inline(replaced)}"


def _components(devices: Iterable[Device]) -> Components:
    found: Components = {}
    for device in devices:
        found.setdefault(device.component, []).append(device.ip_address)
    return found


def _inline(components: Mapping[str, list[str]]) -> str:
    pairs = (f"{_quoted(name)} = {_quoted(addresses)}" for name, addresses in components.items())
    return f"{{ {', '.join(pairs)} }}"


def _quoted(value: str | list[str]) -> str:
    """TOML's basic strings and arrays of them are JSON's."""
    return json.dumps(value, ensure_ascii=False)
