"""All vessels behind one HTTP server on loopback: a database per vessel, named after its id."""

from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

from fleetdash.demo import wire
from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.vessels import SimulatedVessel
from fleetdash.demo.wire import Request, Response
from fleetdash.domain.clock import Clock

POLL_SECONDS = 0.05
LARGEST_REQUEST = 1_000_000


class VesselServer(ThreadingHTTPServer):
    """Serves in daemon threads; `close` also ends requests that are never answered."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], vessels: dict[str, SimulatedVessel], clock: Clock) -> None:
        super().__init__(address, VesselHandler)
        self.vessels = vessels
        self.clock = clock
        self.closing = Event()
        self._connections: set[socket] = set()
        self._lock = Lock()

    def start(self) -> None:
        """Serve in the background."""
        Thread(target=self.serve_forever, args=(POLL_SECONDS,), name="demo-vessels", daemon=True).start()

    def close(self, *, serving: bool) -> None:
        """Stop listening and close every connection, answered or not."""
        self.closing.set()
        if serving:  # otherwise it would wait forever
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
        """Clients that give up are expected here."""


class VesselHandler(BaseHTTPRequestHandler):
    """One connection to the vessels."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: VesselServer

    def setup(self) -> None:
        super().setup()
        self.reached: set[str] = set()
        """Vessels that answered on this connection: a link that is up stays up to the end of a run."""
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_REQUEST:
            self.close_connection = True
            self._send(Response(413, {"Connection": "close"}, b'{"error":"request entity too large"}\n'))
            return
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path == "/query":
            self._query(wire.read(self.path, self.headers, body))
        elif path == "/ping":
            date = wire.http_date(self.server.clock.now())
            self._send(Response(204, {"Date": date, "X-Influxdb-Version": wire.VERSION}, b""))
        else:
            self._send(Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n"))

    def _query(self, request: Request) -> None:
        vessel = self.server.vessels.get(request.database)
        if vessel is None:
            now = self.server.clock.now()
            self._send(wire.written(wire.database_not_found(request), request, now))
            return
        link_is_up = request.database in self.reached
        self._react(vessel.react(self.server.clock.now(), link_is_up=link_is_up), vessel, request)

    def _react(self, reaction: Reaction, vessel: SimulatedVessel, request: Request) -> None:
        if reaction is Reaction.HANG:
            self.connection.recv(1)  # until the client gives up, or `close` ends it
        if reaction in (Reaction.CLOSE, Reaction.REFUSE, Reaction.HANG):
            self.close_connection = True
            return
        if reaction is Reaction.ANSWER:
            self.reached.add(request.database)
            self.server.closing.wait(vessel.profile.delay_seconds)
        self._send(wire.respond(reaction, vessel, request, self.server.clock.now()))

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """The vessels keep no log."""


def _cut(connection: socket) -> None:
    with suppress(OSError):  # the client may have been quicker
        connection.shutdown(SHUT_RDWR)
