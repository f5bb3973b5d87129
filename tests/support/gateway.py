"""A gateway in front of an InfluxDB, whose header `Date` is its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import requests

from tests.support import present


class Gateway(ThreadingHTTPServer):
    """`ahead`: of its clock, against the machine's. `requests`: the InfluxQL of each request."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.ahead = timedelta()
        self.requests: list[str] = []
        self.refuses = ""
        """Requests with this text in them are answered with 403."""
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = parse_qs(body.decode())["q"][0]
        self.server.requests.append(text)
        if self.server.refuses and self.server.refuses in text:
            self._send(403, b'{"error":"error authorizing query"}')
            return
        kept = {name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers}
        answer = self.server.session.post(self.server.target + self.path, data=body, headers=kept, timeout=30)
        self._send(answer.status_code, answer.content)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Date", format_datetime(present.now() + self.server.ahead, usegmt=True))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """It keeps no log."""


@contextmanager
def gateway_to(target: str) -> Iterator[Gateway]:
    """Listening on loopback, stopped with the block."""
    with Gateway(target) as gateway:
        threading.Thread(target=gateway.serve_forever, args=(0.05,), daemon=True).start()
        yield gateway
        gateway.shutdown()
