"""A process between clients and influxd: one listening port a vessel, each a link of its own.

The first line of its input is the configuration, and is answered by the ports; each further line is answered by
what went over each link since the last. It ends with its input, so it never outlives who started it.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from benchmarks.vessels.link import Direction, SlowStart, Speed, Traffic

_READ_BYTES = 65_536
Packets = asyncio.Queue[tuple[float, bytes]]


class Link:
    """One vessel's link."""

    def __init__(self, server_port: int, speed: Speed) -> None:
        self._server_port = server_port
        self._speed = speed
        self._up, self._down = Direction(speed), Direction(speed)
        self._traffic = Traffic()

    async def listen(self) -> int:
        """The port that stands for the vessel."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    def take_traffic(self) -> Traffic:
        """What went over since the last call."""
        taken, self._traffic = self._traffic, Traffic()
        return taken

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._traffic.round_trips += 1
        # loopback's handshake takes no time: what the client sends is held up by what a real one would take
        connected_at = time.monotonic() + self._speed.round_trip_seconds
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        asked = [False]

        def count_up(size: int) -> None:
            self._traffic.round_trips += not asked[0]
            self._traffic.up += size
            asked[0] = True

        def count_down(size: int) -> None:
            self._traffic.down += size
            asked[0] = False

        await asyncio.gather(
            self._carry(reader, far_writer, self._up, count_up, connected_at),
            self._carry(far_reader, writer, self._down, count_down, 0.0),
        )

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: Direction,
        count: Callable[[int], None],
        not_before: float,
    ) -> None:
        packets: Packets = asyncio.Queue()
        delivering = asyncio.create_task(_deliver(packets, writer))
        slow_start = SlowStart(self._speed.round_trip_seconds)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_READ_BYTES):
                count(len(data))
                while data:
                    size, start = slow_start.admit(len(data))
                    packets.put_nowait((direction.arrival(size, max(start, not_before)), data[:size]))
                    data = data[size:]
        packets.put_nowait((0.0, b""))
        await delivering


async def _deliver(packets: Packets, writer: asyncio.StreamWriter) -> None:
    """Write each packet when it is due; an empty one is the end."""
    with contextlib.suppress(ConnectionError):
        while (packet := await packets.get())[1]:
            if (wait := packet[0] - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            writer.write(packet[1])
            await writer.drain()
        writer.close()
        await writer.wait_closed()


async def main() -> None:
    """Relay until the input ends."""
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    config = json.loads(await commands.readline())
    speed = Speed(**config["speed"])
    links = [Link(config["server_port"], speed) for _ in range(config["links"])]
    _say([await link.listen() for link in links])
    while await commands.readline():
        _say([asdict(link.take_traffic()) for link in links])


def _say(message: object) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
