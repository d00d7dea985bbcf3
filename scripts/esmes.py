"""The ESMEs of the demonstration: smpplib's clients, a thread for each bind, which write down all that happens.

Independent on purpose: every octet on the wire is written and read by smpplib; of ours there are only the segments
of a text, because smpplib cuts characters in two. An ESME does NOT judge: what it got goes into the ledger.
"""

import logging
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from smpplib import consts, smpp
from smpplib.client import Client

from scripts.letters import ACCOUNTS, PASSWORD, Account
from scripts.reconciliation import Answered, Ledger, MoSegment, Receipted, Submitted
from simulator.sms.alphabets import read_text
from simulator.sms.receipts import parse
from simulator.sms.segments import Segment, part_of_sar, part_of_udh, split

WINDOW: Final = 20
"""submit_sm that an ESME leaves unanswered before it waits."""

RATE: Final = 300.0
"""submit_sm a second of an account: what a gateway is sold, and little enough for answers not to wait for smpplib."""

PATIENCE: Final = 10.0
"""Seconds that smpplib waits for the rest of a PDU, or for a bind's answer."""

UNBIND_WITHIN: Final = 0.8

RECEIPT_MASK: Final = 0x3C  # esm_class, bits 5 to 2: what kind of deliver_sm (SMPP 3.4, 5.2.12)
RECEIPT: Final = 0x04
HAS_UDH: Final = 0x40

_log = logging.getLogger("demonstration.smpplib")
# smpplib writes each PDU in hex for a log that nobody asked for; whatever matters comes as an exception as well.
_log.setLevel(logging.CRITICAL)


class Piece(NamedTuple):
    """One submit_sm that is ready to go: which part of which letter, and smpplib's arguments."""

    letter: int
    part: int
    total: int
    fields: Mapping[str, Any]


def pieces(ledger: Ledger, account: Account) -> list[Piece]:
    """Everything that an account has to submit, in order."""
    ready = []
    reference = 0
    for number, letter in enumerate(ledger.letters):
        if letter.account != account.name:
            continue
        reference += 1
        segments = split(letter.text, reference=reference, kind=account.long_by)
        for part, segment in enumerate(segments, 1):
            fields = _addresses(letter.source, letter.destination) | _text(segment)
            ready.append(Piece(number, part, len(segments), fields))
    return ready


def _addresses(source: str, destination: str) -> dict[str, Any]:
    is_number = source.isdecimal()
    return {
        "source_addr_ton": consts.SMPP_TON_INTL if is_number else consts.SMPP_TON_ALNUM,
        "source_addr_npi": consts.SMPP_NPI_ISDN if is_number else consts.SMPP_NPI_UNK,
        "source_addr": source,
        "dest_addr_ton": consts.SMPP_TON_INTL,
        "dest_addr_npi": consts.SMPP_NPI_ISDN,
        "destination_addr": destination,
        "registered_delivery": 1,
    }


def _text(segment: Segment) -> dict[str, Any]:
    """The fields that carry a segment: short_message, or message_payload for what does not fit (SMPP 3.4, 5.3.2.32)."""
    fields: dict[str, Any] = {"data_coding": segment.data_coding, "esm_class": HAS_UDH if segment.has_udh else 0}
    fields["short_message" if len(segment.octets) <= 254 else "message_payload"] = segment.octets
    if segment.part is not None and segment.part.kind == "sar":
        fields["sar_msg_ref_num"] = segment.part.reference
        fields["sar_total_segments"] = segment.part.total
        fields["sar_segment_seqnum"] = segment.part.number
    return fields


class Link(threading.Thread):
    """One bind of an account, from connecting to unbinding. ``pieces`` are shared by the account's transmitters."""

    def __init__(self, account: Account, index: int, address: tuple[str, int], ledger: Ledger, stop: threading.Event):
        self.account = account
        self.bind = account.binds[index]
        super().__init__(name=_link_name(account, index), daemon=True)
        self.pieces: deque[Piece] = deque()
        self._ledger = ledger
        self._stop_asked = stop
        self._open: set[int] = set()
        self._pause = sum(one != "RX" for one in account.binds) / RATE
        self._due = 0.0
        self._client = Client(*address, timeout=PATIENCE, logger_name=_log.name, allow_unknown_opt_params=True)

    def open(self) -> None:
        """Connect and bind, still in the caller's thread. Raises what smpplib raises."""
        self._client.connect()
        binds: dict[str, Callable[..., object]] = {
            "TX": self._client.bind_transmitter,
            "RX": self._client.bind_receiver,
            "TRX": self._client.bind_transceiver,
        }
        binds[self.bind](system_id=self.account.name, password=PASSWORD)

    def close(self) -> None:
        """Let go of the socket; harmless when there is none."""
        if self._client.state != consts.SMPP_CLIENT_STATE_CLOSED:
            self._client.disconnect()

    def run(self) -> None:
        """Submit within the window and read what comes until asked to stop, then unbind."""
        self._due = time.perf_counter()
        try:
            while not self._stop_asked.is_set():
                self._read(self._submit_due())
            self._unbind()
        except Exception as error:  # noqa: BLE001  # smpplib raises anything over a PDU it dislikes: that is a finding
            self._ledger.failures.append(f"{self.name}: {type(error).__name__}: {str(error) or 'the link was lost'}")
        finally:
            self.close()

    def _read(self, seconds: float) -> None:
        """Wait that long for a PDU; when one has come, read it and do what it asks for."""
        # smpplib itself can only look (poll) or wait until a time-out, which would tear a PDU in two.
        if not select.select([self._client._socket], [], [], seconds)[0]:  # noqa: SLF001
            return
        pdu = self._client.read_pdu()
        match pdu.command:
            case "submit_sm_resp":
                self._answered(pdu)
            case "deliver_sm":
                self._delivered(pdu)
                self._respond(pdu)
            case "enquire_link":
                self._respond(pdu)
            case "unbind_resp":
                pass
            case "unbind":
                self._respond(pdu)
                raise ConnectionAbortedError("the carrier sent unbind")
            case _:
                self._ledger.failures.append(f"{self.name}: got {pdu.command} with status {pdu.status:#x}")

    def _respond(self, pdu: Any) -> None:
        """Answer a request of the carrier's by ESME_ROK."""
        response = smpp.make_pdu(f"{pdu.command}_resp", client=self._client)
        response.sequence = pdu.sequence
        self._client.send_pdu(response)

    def _submit_due(self) -> float:
        """Submit what is due and fits the window; returns how many seconds there is nothing to do but read."""
        while self.pieces and len(self._open) < WINDOW:
            wait = self._due - time.perf_counter()
            if wait > 0:
                return min(wait, 0.05)
            self._due += self._pause
            self._submit()
        return 0.05

    def _submit(self) -> None:
        try:
            piece = self.pieces.popleft()
        except IndexError:  # another bind of the account took the last one
            return
        at = time.perf_counter()
        sequence = self._client.send_message(**piece.fields).sequence
        self._open.add(sequence)
        self._ledger.submitted.append(Submitted(self.name, sequence, piece.letter, piece.part, piece.total, at))

    def _answered(self, pdu: Any) -> None:
        at = time.perf_counter()
        self._open.discard(pdu.sequence)
        message_id = (pdu.message_id or b"").decode("ascii", "replace")
        self._ledger.answered.append(Answered(self.name, pdu.sequence, pdu.status, message_id, at))

    def _delivered(self, pdu: Any) -> None:
        """Write down a receipt, or a segment of a subscriber's message."""
        at = time.perf_counter()
        octets: bytes = pdu.short_message or pdu.message_payload or b""
        if pdu.esm_class & RECEIPT_MASK == RECEIPT:
            self._receipt(pdu, read_text(octets, pdu.data_coding), at)
            return
        part = part_of_sar(pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum)
        if pdu.esm_class & HAS_UDH:
            part = part_of_udh(octets)
            octets = octets[octets[0] + 1 :]
        source, destination = pdu.source_addr.decode("ascii"), pdu.destination_addr.decode("ascii")
        segment = MoSegment(self.account.name, self.name, source, destination, part, pdu.data_coding, octets)
        self._ledger.mo_segments.append(segment)

    def _receipt(self, pdu: Any, text: str, at: float) -> None:
        receipt = parse(text)
        if receipt is None:
            self._ledger.failures.append(f"{self.name}: a receipt that cannot be read: {text!a}")
            return
        tlv_id = (pdu.receipted_message_id or b"").decode("ascii", "replace")
        self._ledger.receipted.append(
            Receipted(self.account.name, self.name, receipt.message_id, tlv_id, receipt.stat, at)
        )

    def _unbind(self) -> None:
        """Unbind, still taking what comes before the answer: smpplib's own unbind() would take that for the answer."""
        self._client.send_pdu(smpp.make_pdu("unbind", client=self._client))
        limit = time.monotonic() + UNBIND_WITHIN
        while self._client.state != consts.SMPP_CLIENT_STATE_OPEN:
            if time.monotonic() > limit:
                self._ledger.failures.append(f"{self.name}: unbind was not answered")
                return
            self._read(0.05)


class Esmes:
    """All links of all accounts."""

    def __init__(self, address: tuple[str, int], ledger: Ledger) -> None:
        self._stop = threading.Event()
        self.links: list[Link] = []
        self.total = 0
        """How many submit_sm there are to send."""
        for account in ACCOUNTS:
            ready = deque(pieces(ledger, account))
            self.total += len(ready)
            for index in range(len(account.binds)):
                link = Link(account, index, address, ledger, self._stop)
                if link.bind != "RX":
                    link.pieces = ready
                self.links.append(link)

    def bind(self) -> None:
        """Bind all, one after the other. Raises what smpplib raises, with the links before closed."""
        try:
            for link in self.links:
                link.open()
        except BaseException:
            for link in self.links:
                link.close()
            raise

    def start(self) -> None:
        """Let all send and receive."""
        for link in self.links:
            link.start()

    def leave(self) -> None:
        """Unbind all and wait for it, at most about a second."""
        self._stop.set()
        limit = time.monotonic() + UNBIND_WITHIN + 0.3
        for link in self.links:
            if link.is_alive():
                link.join(max(0.0, limit - time.monotonic()))


def _link_name(account: Account, index: int) -> str:
    """How a link appears in the ledger: northwind/TRX, meridian/TRX2."""
    bind = account.binds[index]
    nth = account.binds[: index + 1].count(bind)
    return f"{account.name}/{bind}{nth if account.binds.count(bind) > 1 else ''}"
