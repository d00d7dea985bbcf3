"""TLVs by which networks and their customers tell each other more than SMPP has fields for.

It knows TLVs and what files say of them: how the value of one is read from a submission, whether it is what a file
wants, and what a network's receipts carry. What is demanded of a value, and what follows, the model knows.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from simulator.scenario.match import Condition
from simulator.scenario.questions import holds_of
from simulator.scenario.words.wire_words import Octets
from simulator.shaping.pdus import tlv_of
from simulator.smpp.constants import CommandStatus
from simulator.smpp.tlvs import Book, Tlv, first, tlv_tag
from simulator.smsc.translate import Submission

MISSING: Final = int(CommandStatus.ESME_RMISSINGOPTPARAM)
"""What is answered where a demanded TLV is missing and nobody says otherwise (SMPP 3.4, 5.1.3)."""
WRONG: Final = int(CommandStatus.ESME_RINVOPTPARAMVAL)
"""The same for one with a value that is not wanted."""
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")

ReceiptTlvs = Callable[[Submission], tuple[Tlv, ...]]
"""What the receipts of a message carry beside what every receipt does."""


def _found(message: Submission, tag: int) -> Tlv | None:
    return None if message.pdu is None else first(message.pdu.tlvs, tag)


def reader(name: str, book: Book) -> Callable[[Submission], str | None]:
    """Takes the value of the TLV of that name from a message: a number as its digits, octets one character each.

    A text ends with a NUL or not. In a TLV that is declared to hold octets each octet counts, a NUL, too.
    """
    tag = tlv_tag(name, book)
    definition = book.get(tag)
    kind = "cstr" if definition is None else definition.kind

    def read(message: Submission) -> str | None:
        pdu = message.pdu
        # nearly no submission has any
        tlv = first(pdu.tlvs, tag) if pdu is not None and pdu.tlvs else None
        if tlv is None:
            return None
        if kind == "int":
            return str(int.from_bytes(tlv.value, "big"))
        return (tlv.value.removesuffix(b"\0") if kind == "cstr" else tlv.value).decode("latin-1")

    return read


def tester(name: str, condition: Condition, book: Book) -> Callable[[Submission], bool]:
    """Whether the TLV of that name is what a condition says; one that is not there may be, too."""
    tag, holds = tlv_tag(name, book), holds_of(condition)

    def test(message: Submission) -> bool:
        tlv = _found(message, tag)
        return bool(holds(None if tlv is None else tlv.value))

    return test


def written(said: Mapping[str, int | str | Octets], words: Mapping[str, str], book: Book) -> tuple[Tlv, ...]:
    """TLVs as a file says them, with the words for `{network}`, `{mcc}` and `{mnc}`.

    Raises ValueError, naming the TLV, for a placeholder that has no word.
    """
    made = []
    for name, value in said.items():
        missing = [one for one in _PLACEHOLDER.findall(value) if one not in words] if isinstance(value, str) else []
        if missing:
            raise ValueError(f"{name}: {{{missing[0]}}}, of which the network says nothing")
        filled = _PLACEHOLDER.sub(lambda one: words[one[1]], value) if isinstance(value, str) else value
        made.append(tlv_of(tlv_tag(name, book), filled, book))
    return tuple(made)


__all__ = ["MISSING", "WRONG", "Book", "ReceiptTlvs", "reader", "tester", "written"]
