"""A vessel that says whatever bytes a test wants, on a real socket."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

Conduct = Callable[[socket.socket], None]
"""What the vessel does with a connection whose request it has read."""


class RawVessel:
    """Accepts connections on loopback, reads a request's head, and then does as told; ends with the block."""

    def __init__(self, conduct: Conduct, *, tls: ssl.SSLContext | None = None, read_request: bool = True) -> None:
        self._conduct = conduct
        self._tls = tls
        self._read_request = read_request
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self.connections = 0
        self.requests: list[bytes] = []

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> "RawVessel":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def wait_for_end(self, seconds: float | None = None) -> bool:
        """Hold a connection open until the test is over, or for some seconds."""
        return self._ended.wait(seconds)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while not self._ended.is_set():
                if self._read_request:
                    request = read_request(connection)
                    if not request:
                        return
                    self.requests.append(request)
                self._conduct(connection)


def read_request(connection: socket.socket) -> bytes:
    """A request's head and body; empty when the other side closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http(
    status: str, body: bytes | str = b"", headers: Mapping[str, str] | None = None, *, length: bool = True
) -> bytes:
    """An answer's bytes."""
    payload = body.encode() if isinstance(body, str) else body
    fields = {**({"Content-Length": str(len(payload))} if length else {}), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + payload


def says(answer: bytes) -> Conduct:
    """Send these bytes, and listen for the next request."""
    return lambda connection: connection.sendall(answer)


def says_and_closes(answer: bytes) -> Conduct:
    """Send these bytes and close."""

    def conduct(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    return conduct


def says_and_resets(answer: bytes) -> Conduct:
    """Send these bytes and break the connection off with a RST."""

    def conduct(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return conduct


def influx(*results: Any) -> str:
    """InfluxDB's JSON of these results."""
    return json.dumps({"results": list(results)})


def series(device: str, *rows: list[Any], column: str = "count", **more: Any) -> dict[str, Any]:
    """One series of a result."""
    return {"name": "ping", "tags": {"url": device}, "columns": ["time", column], "values": list(rows), **more}


def nothing_recorded(statements: int = 5) -> str:
    """The answer of a vessel whose database is empty."""
    return influx(*({"statement_id": number} for number in range(statements)))
