"""The points that every vessel holds: Telegraf's `ping` input, 20 devices, a ping a minute."""

import random
from collections.abc import Iterator

VESSELS = 66
DEVICES = tuple(f"192.168.1.{number}" for number in range(1, 21))
HOURS = 25
"""A window of 24 h, and what the clock moves on meanwhile. `benchmarks/README.md` says what older points change."""

_DOWN = DEVICES[-1]
_DOWN_SINCE_HOURS = 5
_SHARE_LOST = 0.002


def vessel_id(number: int) -> str:
    """`vessel001` and on, by their place from 0."""
    return f"vessel{number + 1:03d}"


def lines(end: int) -> Iterator[str]:
    """Line protocol up to `end`, seconds since 1970; one device is down, and has been for hours."""
    chance = random.Random(66)
    for device in DEVICES:
        typical = chance.uniform(0.3, 4.0)  # a vessel's own network
        down_from = end - _DOWN_SINCE_HOURS * 3600 if device == _DOWN else end
        for seconds in range(end - HOURS * 3600, end, 60):
            lost = seconds >= down_from or chance.random() < _SHARE_LOST
            fields = _FAILED if lost else _answered(typical, chance)
            yield f"ping,url={device} {fields} {seconds}"


_FAILED = "result_code=1i,percent_packet_loss=100,packets_transmitted=1i,packets_received=0i"


def _answered(typical: float, chance: random.Random) -> str:
    """A ping of one packet, so that its three response times are the same; three decimals, as `ping` prints them."""
    milliseconds = f"{typical * chance.uniform(0.8, 1.4):.3f}"
    return (
        "result_code=0i,percent_packet_loss=0,packets_transmitted=1i,packets_received=1i,ttl=64i,"
        f"average_response_ms={milliseconds},minimum_response_ms={milliseconds},maximum_response_ms={milliseconds}"
    )
