"""Gateways as they are told of in quirks: one that copes, and those that a quirk breaks.

A reader is one process of a gateway: it reads the frames of its own links in their order, joins receipts to the
messages that it has sent by the ids that it was given, and tells what it made of them. What it makes of a receipt is
its own; it knows no scenario.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from simulator.journal import ANSWERED
from simulator.smpp.pdus import Pdu, SubmitSm
from tests.quirks.play import Frame, Gate, Play

TRUTH: Final = {"DELIVRD": "delivered", "UNDELIV": "failed", "REJECTD": "failed", "EXPIRED": "expired"}
STATES: Final = {2: "DELIVRD", 3: "EXPIRED", 5: "UNDELIV", 8: "REJECTD"}

Made = tuple[str, str] | None
"""What was made of a receipt: the id that it names and what the message is now; None where nothing could be."""
Reading = Callable[[Frame], Made]

_STRICT: Final = re.compile(
    r"id:([0-9A-Za-z]{1,20}) sub:\d{3} dlvrd:\d{3} submit date:(\d{10}) done date:(\d{10}) stat:([A-Z]{7}) err:\d{3} "
    r"Text:.*"
)
_ANYWHERE: Final = re.compile(r".*id:(\S+) .*stat:(\S+)", re.DOTALL)


def by_the_letter(frame: Frame) -> Made:
    """The text as the specification's Appendix B has it, of what is marked as a receipt and nothing else."""
    if frame.name != "deliver_sm" or frame.number("esm_class") != 4 or frame.number("data_coding") != 0:
        return None
    found = _STRICT.fullmatch(frame.text("short_message"))
    return None if found is None else (found[1], TRUTH.get(found[4], "failed"))


def by_tlvs(frame: Frame) -> Made:
    """The two TLVs, and nothing where one of them is missing."""
    id_, state = frame.tlv("receipted_message_id"), frame.tlv("message_state")
    if frame.name != "deliver_sm" or id_ is None or state is None:
        return None
    word = STATES.get(state[0])
    return None if word is None else (id_.rstrip(b"\0").decode("latin-1"), TRUTH[word])


def whatever_it_is(frame: Frame) -> Made:
    """The last id and stat anywhere in the text; whatever is no failure is taken for delivered."""
    found = _ANYWHERE.match(frame.message)
    return None if found is None else (found[1], TRUTH.get(found[2], "delivered"))


def by_counts(frame: Frame) -> Made:
    """Delivered is what has as many delivered as submitted."""
    found = re.match(r"id:(\S+) sub:(\d+) dlvrd:(\d+)", frame.message)
    return None if found is None else (found[1], "delivered" if found[2] == found[3] else "failed")


def by_network_error(frame: Frame) -> Made:
    """A failure is what has a network_error_code that is not zero, as the specification numbers them."""
    made, code = whatever_it_is(frame), frame.tlv("network_error_code")
    failed = code is not None and int.from_bytes(code[1:3], "big") != 0
    return made if made is None or not failed else (made[0], "failed")


def by_number(frame: Frame) -> Made:
    """Only where the receipt comes from a recipient's number, as it was submitted."""
    return whatever_it_is(frame) if frame.text("source_addr").startswith("12025") else None


def by_error(frame: Frame) -> Made:
    """By the number of the error, of which one table is for all carriers: 000 is a success."""
    made = whatever_it_is(frame)
    return None if made is None else (made[0], {"000": "delivered", "075": "expired"}.get(frame.found("err"), "failed"))


def by_the_letter_or_failed(frame: Frame) -> Made:
    """Whatever is not DELIVRD is a failure."""
    made = whatever_it_is(frame)
    return None if made is None else (made[0], TRUTH.get(frame.found("stat"), "failed"))


class Reader:
    """One process of a gateway.

    It forgets an id after ``memory`` seconds of link time. One that is hasty (``is_hasty``) takes the first receipt of
    a message for the last; one that is patient (``is_patient``) wants a receipt for each id that its message has.
    """

    def __init__(
        self, reading: Reading, memory: float = float("inf"), *, is_hasty: bool = False, is_patient: bool = False
    ) -> None:
        self.name = reading.__name__
        self._reading = reading
        self._memory = memory
        self._is_hasty = is_hasty
        self._is_patient = is_patient

    def told(self, gate: Gate) -> list[tuple[str, str]]:
        """What it tells, in order: (the number that the message went to, its status); `sent` of what it never knew."""
        known: dict[str, tuple[str, float]] = {}
        told = []
        numbers = {one.sequence_number: one.destination_addr for one in gate.requests if isinstance(one, SubmitSm)}
        for frame in gate.frames:
            if frame.name == "submit_sm_resp":
                known[frame.text("message_id")] = numbers[frame.sequence_number], frame.at
            elif frame.name in {"deliver_sm", "data_sm"}:
                made = self._reading(frame)
                number, at = known.get("" if made is None else made[0], ("", 0.0))
                if made is not None and number and frame.at - at <= self._memory:
                    told.append((number, made[1]))
        if self._is_hasty:
            first = dict(reversed(told))
            told = [(number, first.pop(number)) for number, _ in told if number in first]
        if self._is_patient:
            ids = Counter(number for number, _ in known.values())
            told = [one for one in told if ids[one[0]] == [number for number, _ in told].count(one[0])]
        heard = {number for number, _ in told}
        return told + [(number, "sent") for number, _ in known.values() if number not in heard]


def tell(play: Play, reader: Reader) -> None:
    """Each of a gateway's processes tells what it has read."""
    for gate in play.gates:
        for number, status in reader.told(gate):
            play.watch.observe(number, status)


def tell_truth(play: Play) -> None:
    """A gateway that has understood everything tells what has become of each message that was accepted."""
    texts = set()
    for message, status in play.events(ANSWERED):
        # the parts of a text are one message to whoever tells
        text = message.number if message.part is None else (message.destination.number, message.part.reference)
        if not status and text not in texts:
            texts.add(text)
            play.watch.observe(message.message_id, TRUTH.get(message.state, "unknown"))


def refusing(*names: str, status: int | None = 0x64) -> Callable[[Pdu], int | None]:
    """Answers these deliveries with a status, ESME_RX_T_APPN if no other is said, or not at all (None)."""
    return lambda pdu: status if pdu.name in names else 0


__all__ = [
    "Reader",
    "by_counts",
    "by_error",
    "by_network_error",
    "by_number",
    "by_the_letter",
    "by_the_letter_or_failed",
    "by_tlvs",
    "refusing",
    "tell",
    "tell_truth",
    "whatever_it_is",
]
