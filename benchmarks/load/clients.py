"""What the crowd's clients need, and cheap: they share two cores with what is measured."""

import asyncio
import os
import time
from base64 import b64encode
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast
from urllib.parse import urlsplit

_LARGEST_ANSWER = 1 << 22
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Connection:
    """One kept open, as a browser does."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address)
        self._reader: asyncio.StreamReader | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        if self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection(
                self._host.hostname, self._host.port, limit=_LARGEST_ANSWER
            )
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host.netloc}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        top = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, found, rest = top.partition(b"content-length:")
        length = int(rest.split(b"\r\n", 1)[0]) if found else 0
        return int(top[9:12]), await self._reader.readexactly(length)


@dataclass
class Heard:
    """What listeners were told, word for word, and when (seconds since 1970); read only when all is over."""

    messages: list[tuple[float, bytes]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    present: int = 0


class WebSocketClient(asyncio.Protocol):
    """Keeps each message with the time at which its bytes came, and answers pings."""

    def __init__(self, address: str, path: str, heard: Heard) -> None:
        self._handshake = (
            f"GET {path} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._heard = heard
        self._buffer = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard.errors.append(f"a listener was cut off: {exc}")

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._buffer += data
        if not self._open and not self._answered():
            return
        while (end := self._frame_end()) is not None:
            self._take(now, self._buffer[:end])
            self._buffer = self._buffer[end:]

    def _answered(self) -> bool:
        top, complete, rest = self._buffer.partition(b"\r\n\r\n")
        if complete:
            if not top.startswith(b"HTTP/1.1 101"):
                self._heard.errors.append(f"a listener: {top.splitlines()[0]!r}")
            self._open, self._buffer = True, rest
            self._heard.present += 1
        return self._open

    def _frame_end(self) -> int | None:
        """Where the first frame ends; a server's are not masked (RFC 6455, 5.2)."""
        start, length = _payload(self._buffer)
        return start + length if 2 <= start + length <= len(self._buffer) else None

    def _take(self, now: float, frame: bytes) -> None:
        kind, payload = frame[0] & 15, frame[_payload(frame)[0] :]
        if kind == _TEXT:
            self._heard.messages.append((now, payload))
        elif kind == _PING:
            mask = os.urandom(4)
            masked = bytes(byte ^ key for byte, key in zip(payload, cycle(mask)))  # the mask has no end
            self._transport.write(bytes((0x80 | _PONG, 0x80 | len(payload))) + mask + masked)
        elif kind == _CLOSE:
            self._heard.errors.append(f"a listener was told to go: {payload!r}")


def _payload(frame: bytes) -> tuple[int, int]:
    """Where it begins and how long it is; nowhere while that is not told yet."""
    if len(frame) < 4:
        return (2, frame[1]) if len(frame) > 1 and frame[1] < 126 else (0, 0)
    if frame[1] < 126:
        return 2, frame[1]
    if frame[1] == 126:
        return 4, int.from_bytes(frame[2:4])
    return (10, int.from_bytes(frame[2:10])) if len(frame) >= 10 else (0, 0)
