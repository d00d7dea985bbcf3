"""What the checks see of the running SMSC: sessions, messages and PDUs, as far as they ask.

These are shapes that other floors' classes happen to have; nothing here knows those classes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from simulator.checks.findings import Check
from simulator.checks.statuses import PERMANENT
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.tlvs import first

VENDOR_STATUSES: Final = 0x400
"""From here on a command_status is the vendor's own (SMPP 3.4, 5.1.3)."""
ABANDONED: Final = 60.0
"""Seconds of link time after which a request that was never answered is taken for given up by its ESME."""


class Patience(Protocol):
    """When a delivery is tried again."""

    @property
    def statuses(self) -> frozenset[int]:
        """Answers that are refusals for now."""


class Agreed(Protocol):
    """What is agreed with an account."""

    @property
    def window(self) -> int | None:
        """How many requests of the ESME may be unanswered; None is no bound."""

    @property
    def retry(self) -> Patience:
        """When a delivery to it is tried again."""


class Waits(Protocol):
    """Our side of a link, as far as requests of ours are open."""

    @property
    def outstanding(self) -> Mapping[int, tuple[Any, float]]:
        """Our unanswered requests by sequence_number."""


class Seat(Protocol):
    """A session."""

    handed_out: int

    @property
    def terms(self) -> Agreed:
        """What is agreed with its account."""

    @property
    def connection(self) -> Waits:
        """Its connection."""


class Family(ABC):
    """Checks that look at the same things. ``clock`` gives link time, ``sessions`` those that are open."""

    def __init__(self, checks: Mapping[str, Check], sessions: Mapping[int, Seat], clock: Callable[[], float]) -> None:
        self.checks = checks
        self.sessions = sessions
        self.clock = clock
        self.clear()

    @abstractmethod
    def folds(self) -> dict[str, Callable[[float, int, Any, Any], None]]:
        """What is to be fed with which kind of event."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything; the checks themselves are cleared by whoever owns them."""

    def reset(self) -> None:
        """The story starts over; the links stay as they are."""
        self.clear()

    def settle(self) -> None:  # noqa: B027 (most have nothing that time alone decides)
        """Judge what time alone decides, now."""


def has_left(message: Any, seat: Seat | None) -> bool:
    """Whether the answer to a submission was handed to the network.

    Requests of one batch were all sent before any answer to them can have arrived: none of those has left by then.
    """
    return seat is not None and 0 <= message.leaves_with < seat.handed_out


def shown_status(message: Any, status: int) -> int:
    """What the wire showed of an answer whose status was ``status``: a scenario may have it show another."""
    fate = getattr(message, "fate", None)
    answer = None if fate is None else fate.forms.answer
    if answer is None:
        return status
    if answer.status is not None:
        return int(answer.status)
    # a generic_nack, or whatever else, in place of the response says yes to nobody
    return status if answer.command is None else int(CommandStatus.ESME_RUNKNOWNERR)


def is_for_good(message: Any, status: int) -> bool:
    """Whether a refusal with ``status`` tells an ESME that the same message will be refused again.

    By the specification; and by a number of the carrier's own, where it refuses so what it will refuse again. What a
    rule means by its number only its author knows.
    """
    if status in PERMANENT:
        return True
    cause, fate = message.cause, getattr(message, "fate", None)
    if status < VENDOR_STATUSES or status != message.status or cause is None or cause.is_temporary:
        return False
    return fate is None or fate.decision is None


def is_shaped(message: Any) -> bool:
    """Whether a scenario has formed what is sent about a message, so that any answer to it may be right."""
    fate = getattr(message, "fate", None)
    return fate is not None and any(form is not None for form in fate.forms)


def raw_of(message: Any) -> bytes:
    """The octets of a submission's request; nothing once it is forgotten."""
    return b"" if message.pdu is None else bytes(message.pdu.raw)


def reference_of(message: Any) -> bytes | int | None:
    """What the ESME itself calls this message by, if anything: user_message_reference, or that of its parts."""
    if message.part is not None:
        return int(message.part.reference)
    if message.pdu is None or not message.pdu.tlvs:
        return None
    tlv = first(message.pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
    return None if tlv is None else tlv.value
