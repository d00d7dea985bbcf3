"""What one receipt can tell: the facts of a message and of what became of it, whatever form they are given.

Knows no form and decides nothing; who sends receipts fills it in.
"""

from typing import NamedTuple

from simulator.shaping.addresses import Address
from simulator.smpp.tlvs import Tlv

__all__ = ["Facts"]


class Facts(NamedTuple):
    """The facts of one receipt. Times are unix seconds of the carrier's clock."""

    message_id: str
    state: str
    """What became of the message, in the model's word: `DELIVRD`."""
    state_number: int
    """message_state as its receiver's version knows it (SMPP 3.4, 5.2.28; SMPP 5.0, 4.7.15)."""
    submitted_at: float
    done_at: float
    source: Address
    """Who sent the message; the receipt goes there."""
    destination: Address
    """For whom the message was; the receipt comes from there."""
    text: str
    """What a person would read in the message, or in this part of it; at least as much as is repeated."""
    dlvrd: int
    """How many were delivered; ``sub`` is how many were submitted."""
    sub: int = 1
    account: str = ""
    err: str = "000"
    """The digits of the cause."""
    is_final: bool = True
    previous_id: str = ""
    """The id of the message before, or empty."""
    base: str | None = None
    """In which base the ids were made, as of ``ids.spelled``; None where only their looks tell."""
    part: int = 1
    """Which part of a text the message is."""
    total: int = 1
    reference: Tlv | None = None
    """user_message_reference of the submission, which its receipt repeats."""
    network_error: tuple[Tlv, ...] = ()
    """network_error_code of the cause, or nothing."""
    vendors: tuple[Tlv, ...] = ()
    """What the message's network adds to each of its receipts."""
