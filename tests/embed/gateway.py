"""A gateway that is not ours, in the thread of the test: smpplib, one PDU at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import smpplib.client


class Gateway:
    """A bound ESME; ``received`` are the deliver_sm that it has read and answered."""

    def __init__(self, host: str, port: int, system_id: str = "gateway", bind: str = "transceiver") -> None:
        self.received: list[Any] = []
        self.statuses: list[int] = []
        self.client = smpplib.client.Client(host, port, timeout=10, allow_unknown_opt_params=True)
        self.client.set_message_sent_handler(self._answered)
        self.client.set_error_pdu_handler(self._answered)
        self.client.set_message_received_handler(self._delivered)
        self.client.connect()
        try:
            getattr(self.client, f"bind_{bind}")(system_id=system_id, password="secret")
        except Exception:
            self.client.disconnect()
            raise

    def _answered(self, pdu: Any, **_: Any) -> None:
        self.statuses.append(int(pdu.status))

    def _delivered(self, pdu: Any, **_: Any) -> int:
        self.received.append(pdu)
        return 0

    def send(self, to: str = "12025550100", text: str = "hi", **fields: Any) -> int:
        """Send a message with a receipt asked for; the status of its answer."""
        given = {
            "source_addr": "12025550199",
            "destination_addr": to,
            "short_message": text.encode("ascii"),
            "registered_delivery": 1,
        }
        before = len(self.statuses)
        self.client.send_message(**(given | fields))
        while len(self.statuses) == before:
            self.client.read_once()
        return self.statuses[-1]

    def read(self) -> Any:
        """Read and answer one deliver_sm."""
        before = len(self.received)
        while len(self.received) == before:
            self.client.read_once()
        return self.received[-1]

    def close(self) -> None:
        """Hang up, without a word."""
        self.client.disconnect()


@contextmanager
def bound(smsc: Any, system_id: str = "gateway", bind: str = "transceiver") -> Iterator[Gateway]:
    """A gateway that is bound to an embedded SMSC."""
    gateway = Gateway(smsc.host, smsc.port, system_id, bind)
    try:
        yield gateway
    finally:
        gateway.close()
