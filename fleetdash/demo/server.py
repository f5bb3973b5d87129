"""All ships behind one HTTP server on loopback: a database per ship, named like the vessel."""

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

from fleetdash.demo import wire
from fleetdash.demo.conduct import RETRY_AFTER_SECONDS, Reaction
from fleetdash.demo.ships import Answer, SimulatedShip
from fleetdash.demo.wire import Request
from fleetdash.domain.clock import Clock

POLL_SECONDS = 0.05
LARGEST_REQUEST = 1_000_000


class ShipServer(ThreadingHTTPServer):
    """Serves in daemon threads; `close` ends also requests that are never answered."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], ships: dict[str, SimulatedShip], clock: Clock) -> None:
        super().__init__(address, ShipHandler)
        self.ships = ships
        self.clock = clock
        self.closing = Event()
        self._connections: set[socket] = set()
        self._lock = Lock()

    def start(self) -> None:
        """Serve in the background."""
        Thread(target=self.serve_forever, args=(POLL_SECONDS,), name="demo-ships", daemon=True).start()

    def close(self) -> None:
        """Stop listening and cut every connection, answered or not."""
        self.closing.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                _cut(connection)

    def opened(self, connection: socket) -> None:
        with self._lock:
            self._connections.add(connection)
            if self.closing.is_set():
                _cut(connection)

    def closed(self, connection: socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that give up are what the demo is about; nothing to tell."""


class ShipHandler(BaseHTTPRequestHandler):
    """One connection to the ships."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ShipServer

    def setup(self) -> None:
        super().setup()
        self.reached: set[str] = set()
        """Ships that answered on this connection: a link that is up stays up to the end of a run."""
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_POST(self) -> None:
        self._take()

    def do_GET(self) -> None:
        self._take()

    def do_HEAD(self) -> None:
        self._take()

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_REQUEST:
            self._write(413, b'{"error":"request entity too large"}\n', {"Connection": "close"})
            return
        sent = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path == "/ping":
            self._write(204, b"", {"X-Influxdb-Version": wire.VERSION})
        elif path == "/query":
            self._query(wire.read(self.path, self.headers, sent))
        else:
            self._write(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})

    def _query(self, request: Request) -> None:
        ship = self.server.ships.get(request.database)
        if ship is None:
            self._answer(wire.database_not_found(request), request, None)
            return
        link_is_up = request.database in self.reached
        self._react(ship.react(self.server.clock.now(), link_is_up=link_is_up), ship, request)

    def _react(self, reaction: Reaction, ship: SimulatedShip, request: Request) -> None:
        if reaction in (Reaction.CLOSE, Reaction.REFUSE):
            self.close_connection = True
        elif reaction is Reaction.HANG:
            self.connection.recv(1)  # until the client gives up, or `close` cuts the connection
            self.close_connection = True
        elif reaction is Reaction.PORTAL:
            self._write(200, wire.PORTAL_PAGE, {"Content-Type": "text/html; charset=utf-8"})
        else:
            self._answer(self._words(reaction, ship, request), request, ship)

    def _words(self, reaction: Reaction, ship: SimulatedShip, request: Request) -> Answer:
        if reaction is Reaction.UNAVAILABLE:
            return wire.UNAVAILABLE
        if reaction is Reaction.RATE_LIMIT:
            return wire.RATE_LIMITED
        if reaction is Reaction.DENY:
            return wire.NO_CREDENTIALS if request.credentials is None else wire.DENIED
        if reaction is Reaction.NO_DATABASE:
            return wire.database_not_found(request)
        self.server.closing.wait(ship.ship.delay_seconds)
        self.reached.add(request.database)
        return ship.query(request.text, self.server.clock.now())

    def _answer(self, answer: Answer, request: Request, ship: SimulatedShip | None) -> None:
        now = self.server.clock.now()
        headers = wire.headers(answer, ship.now(now) if ship else now)
        if answer.status == 429:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        if request.gzipped:
            headers["Content-Encoding"] = "gzip"
        self._write(answer.status, wire.body(answer, request), headers)

    def _write(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in ({"Date": wire.http_date(self.server.clock.now())} | headers).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The ships keep no log."""


def _cut(connection: socket) -> None:
    with suppress(OSError):  # the client may have been quicker
        connection.shutdown(SHUT_RDWR)
