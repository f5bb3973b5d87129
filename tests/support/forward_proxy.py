"""A forward proxy on loopback: absolute addresses for http, CONNECT for https."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


class ForwardProxy:
    """Notes what it is asked for; `tunnels` is the status of its answer to CONNECT, `None` for one that drips."""

    def __init__(self, tunnels: int | None = 200) -> None:
        self.requests: list[str] = []
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, tunnels))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ForwardProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(proxy: ForwardProxy, tunnels: int | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            proxy.requests.append(f"POST {self.path}")
            target = urlsplit(self.path)
            with socket.create_connection((target.hostname, target.port or 80), timeout=10) as vessel:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {**self.headers, "Connection": "close"}
                head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                vessel.sendall(f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode() + body)
                _copy(vessel, self.connection)
            self.close_connection = True

        def do_CONNECT(self) -> None:
            proxy.requests.append(f"CONNECT {self.path}")
            self.close_connection = True
            if tunnels is None:
                self._drip()
            elif tunnels != 200:
                self.send_error(tunnels)
            else:
                self._tunnel()

        def _tunnel(self) -> None:
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=10) as vessel:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_copy, args=(vessel, self.connection), daemon=True)
                back.start()
                _copy(self.connection, vessel)
                back.join(10)

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            while not proxy.ended.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()

        def log_message(self, *_args: Any) -> None:
            """Tests read `requests`."""

    return Handler


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
