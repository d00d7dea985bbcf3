"""What is agreed with one ESME: binds, windows, timers, the form of answers, repeated deliveries. Plain settings.

The defaults are those that every known client accepts (each exception names who needs it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Final

from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandId, CommandStatus, Version
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import Book
from simulator.smpp.vendor_tlvs import VendorTlv, book_of

BODY_ON_ERROR: Final[Mapping[int, bool]] = {
    # aiosmpplib reads a system_id from every bind_resp and fails without one, although 3.4, 4.1.2 prescribes no body
    CommandId.BIND_TRANSMITTER_RESP: True,
    CommandId.BIND_RECEIVER_RESP: True,
    CommandId.BIND_TRANSCEIVER_RESP: True,
    # SMPP 3.4, 4.4.2: not returned; old gateways tore the session down on the 17-octet form
    CommandId.SUBMIT_SM_RESP: False,
    # cloudhopper and smpp.twisted3 fail on these three without their body
    CommandId.QUERY_SM_RESP: True,
    CommandId.SUBMIT_MULTI_RESP: True,
    CommandId.DATA_SM_RESP: True,
}
"""Whether a response with an error status carries its body, by command_id of the response; others have none."""

TEMPORARY: Final = frozenset(
    {
        CommandStatus.ESME_RX_T_APPN,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RSYSERR,
    }
)
"""Statuses of deliver_sm_resp after which the SMSC tries again."""

WINDOW_DEEDS: Final[Mapping[int, str]] = {-2: "silence", -3: "disconnect", -4: "rst"}
"""What a ``window_status`` that is no status stands for: what is done, without an answer, with one request too many."""


@dataclass(slots=True, frozen=True)
class Keeping:
    """How a link is kept by those who are stricter about it than the timers, or laxer. Spans are link time.

    ``enquiry`` is what the ESME's enquire_link gets: answer, silence, generic_nack. More than ``enquiries`` of them, a
    rate per second and how many at once, end its session. ``misses`` unanswered ones of ours in a row end it, too; and
    ``idle`` seconds without what ``counts`` as life (anything, submissions, enquire_link), by ``idle_by``.
    """

    enquiry: str = "answer"
    enquiries: tuple[float, float] | None = None
    misses: int = 1
    idle: float = inf
    counts: str = "anything"
    idle_by: str = "fin"


@dataclass(slots=True, frozen=True)
class Retry:
    """When a delivery that failed for now is tried again: seconds, growing by ``factor`` up to ``longest``.

    ``attempts_max`` counts the first one; after that the delivery has failed for good.
    """

    first: float = 5.0
    factor: float = 2.0
    longest: float = 300.0
    attempts_max: int = 20
    statuses: frozenset[int] = frozenset(int(status) for status in TEMPORARY)

    def after(self, attempts: int) -> float:
        """Seconds to wait after that many attempts (1 or more)."""
        return float(min(self.longest, self.first * self.factor ** min(attempts - 1, 60)))


@dataclass(slots=True, frozen=True)
class Terms:
    """The terms of one account.

    ``window`` bounds the ESME's unanswered requests: beyond it each is answered with ``window_status``, or, where that
    is None, nothing more is read until one was answered; a negative one stands for one of WINDOW_DEEDS.
    ``deliver_window`` bounds ours towards it. ``keeping`` is None where the timers say all about the link.
    """

    binds_max: int | None = None
    bind_types: frozenset[str] = frozenset({"TX", "RX", "TRX"})
    window: int | None = None
    window_status: int | None = int(CommandStatus.ESME_RTHROTTLED)
    deliver_window: int = 10
    timers: Timers = Timers()
    keeping: Keeping | None = None
    error_body: Mapping[int, bool] = field(default_factory=dict)
    retry: Retry = Retry()
    waiting_max: int = 100_000
    """Deliveries that wait for a receiver or their next attempt; beyond it the oldest has failed, and is counted so."""
    open_max: int = 200_000
    """Messages that have been taken and have no final state yet: scheduled, on their way, or waiting for their phone.
    Beyond it each is refused with ESME_RMSGQFUL. One costs 1 to 2 kB, so these are some hundred MB.
    """
    unbind_grace: float = 2.0
    """Seconds a link may stay open after its unbind was answered."""
    version: int = int(Version.V50)
    """The highest version spoken, 0x34 or 0x50. With 0x50 only who binds with it gets SMPP 5.0; of the known clients
    that is node-smpp, unless told otherwise, and it knows the TLVs and statuses. All others bind with 0x34 and see
    nothing of it. 0x34 is an SMSC that has not heard of 5.0.
    """
    vendor_tlvs: tuple[VendorTlv, ...] = ()
    """Tags of this ESME's or its carrier's own, by name."""

    def __post_init__(self) -> None:
        for name in ("binds_max", "window", "deliver_window", "waiting_max", "open_max"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}: {value}, at least 1")
        if self.version not in {Version.V34, Version.V50}:
            raise ValueError(f"version: 0x{self.version:02X}, 0x34 or 0x50")
        try:
            book_of(self.vendor_tlvs)
        except LocalError as error:
            raise ValueError(f"vendor_tlvs: {error}") from None

    @property
    def book(self) -> Book:
        """What names TLVs for this ESME: the specifications, and its vendor's declarations."""
        return _book(self.vendor_tlvs)

    def has_error_body(self, command_id: int) -> bool:
        """Whether an error response of this command_id carries its body."""
        return self.error_body.get(command_id, BODY_ON_ERROR.get(command_id, False))


@lru_cache(64)
def _book(vendor_tlvs: tuple[VendorTlv, ...]) -> Book:
    return book_of(vendor_tlvs)
