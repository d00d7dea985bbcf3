"""Where a gateway's callbacks arrive: a small HTTP server in a thread that remembers what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(slots=True, frozen=True)
class Callback:
    """One GET: its path, and its query with the values' octets as they came."""

    path: str
    query: dict[str, bytes]

    def __getitem__(self, name: str) -> bytes:
        return self.query[name]


class Sink:
    """What has arrived so far, and where to send more: ``url``."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._arrived: list[Callback] = []

    def put(self, target: str) -> None:
        """Remember one request."""
        parts = urlsplit(target)
        # latin-1 maps octets one to one: what is text in which charset is for the reader to say
        query = parse_qsl(parts.query, keep_blank_values=True, encoding="latin-1")
        self._arrived.append(Callback(parts.path, {name: value.encode("latin-1") for name, value in query}))

    def at(self, path: str) -> list[Callback]:
        """What arrived at this path, in order."""
        return [callback for callback in self._arrived.copy() if callback.path == path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    sink: Sink


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    # headers and body leave in one segment, at once
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.server.sink.put(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: thousands come."""


@contextmanager
def sinking() -> Iterator[Sink]:
    """A sink that listens on a free loopback port while the block runs."""
    server = _Server(("127.0.0.1", 0), _Request)
    server.sink = Sink(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
