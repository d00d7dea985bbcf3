"""A gateway that stands for yours in the examples of other languages: messages in by HTTP, out by SMPP.

    python tests/examples/gateway.py 127.0.0.1:2775      prints the address of its POST /send {"to": ..., "text": ...}

A throttled message is tried again; receipts are answered and forgotten. It is smpplib and the standard library.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import smpplib.client
import smpplib.exceptions

THROTTLED = 0x58
SOURCE = "12025550199"


class Gateway:
    """One transceiver, whose answers and receipts are read in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.client = smpplib.client.Client(host, port, allow_unknown_opt_params=True)
        self.client.set_error_pdu_handler(self.refused)
        self.client.set_message_sent_handler(lambda pdu, **_: self.unanswered.pop(pdu.sequence, None))
        self.client.set_message_received_handler(lambda **_: 0)
        self.unanswered: dict[int, dict[str, Any]] = {}
        self.writing = threading.Lock()
        self.client.connect()
        self.client.bind_transceiver(system_id="gateway", password="secret")

    def send(self, message: dict[str, Any]) -> None:
        """Submit a message with a receipt asked for."""
        with self.writing:
            pdu = self.client.send_message(
                source_addr=SOURCE,
                destination_addr=message["to"].removeprefix("+"),
                short_message=message["text"].encode("ascii"),
                registered_delivery=1,
            )
            self.unanswered[pdu.sequence] = message

    def refused(self, pdu: Any, **_: Any) -> None:
        """Try a throttled message again after a while; give the others up."""
        with self.writing:
            message = self.unanswered.pop(pdu.sequence, None)
        if message is not None and pdu.status == THROTTLED:
            again = threading.Timer(0.2, self.send, (message,))
            again.daemon = True
            again.start()

    def listen(self) -> None:
        """Read until the SMSC hangs up."""
        try:
            self.client.listen()
        except (smpplib.exceptions.ConnectionError, OSError):
            return


class Door(BaseHTTPRequestHandler):
    """POST /send."""

    gateway: Gateway

    def do_POST(self) -> None:
        """Take one message."""
        self.gateway.send(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody is interested."""


def main() -> None:
    """Bind, tell where messages are taken, and take them."""
    host, _, port = sys.argv[1].rpartition(":")
    Door.gateway = Gateway(host, int(port))
    threading.Thread(target=Door.gateway.listen, daemon=True).start()
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        print(f"ready http://127.0.0.1:{server.server_port}/send", flush=True)  # noqa: T201 - that is its face
        server.serve_forever()


if __name__ == "__main__":
    main()
