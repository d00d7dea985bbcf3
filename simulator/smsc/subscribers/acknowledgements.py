"""Acknowledgements between an ESME and a subscriber (SMPP 3.4, 2.11, 5.2.12 and 5.2.17): who told whom what.

Not the SMSC's receipts: the far end itself says that a message came (*delivery*), or a person that he has seen to it
(*manual*). Each is a message of its own, marked in esm_class, and comes only where it was asked for by bits 3-2 of
registered_delivery. The SMSC passes them on; what it remembers here is what acknowledges what.
"""

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from simulator.journal import ACKNOWLEDGEMENT_PASSED
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm, SubmitSm
from simulator.smpp.tlvs import Tlv, first, tlv_text
from simulator.smsc.objections import TYPE_MASK
from simulator.smsc.receipts import RECEIPTED_MESSAGE_ID
from simulator.smsc.translate import Arrival, Incoming, Submission

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc

Kind = Literal["delivery", "manual"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

TYPES: Final[dict[str, int]] = {"message": 0x00, "delivery": 0x08, "manual": 0x10, "abort": 0x18}
"""Bits 5-2 of esm_class for each kind of message; an abort ends a conversation, and needs not be asked for."""
ASKED: Final[dict[Kind, int]] = {"delivery": 0x04, "manual": 0x08}
"""Bits 3-2 of registered_delivery that ask for each kind."""
KIND_OF_TYPE: Final[dict[int, Kind]] = {TYPES[kind]: kind for kind in KINDS}

REMEMBERED_MAX: Final = 10_000
"""How many pairs with messages that ask, and how many messages that have an answer, are remembered; the oldest go."""
ASKING_MAX: Final = 20
"""How many messages of one pair that ask are remembered; the oldest go."""

_Pair = tuple[str, str, str]
"""Account, phone and the number it wrote to."""


class NotAsked(Exception):
    """Nobody asks for this acknowledgement of this message, or no longer; the text says why."""


class UnknownMessage(Exception):
    """There is no such message to acknowledge."""


class Told(NamedTuple):
    """One acknowledgement that was passed on: its kind, carrier time, and the message_id of what carried it."""

    kind: str
    at: float
    message_id: str


class Acknowledgements:
    """Which messages want an acknowledgement from the far end, and which have got one."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._asking: OrderedDict[_Pair, deque[Incoming]] = OrderedDict()
        self._told: OrderedDict[int, list[Told]] = OrderedDict()
        self._about: OrderedDict[int, str] = OrderedDict()

    def of(self, number: int) -> list[Told]:
        """The acknowledgements of the message with that serial number."""
        return self._told.get(number, [])

    def about(self, number: int) -> str | None:
        """The message_id of what the message with that serial number acknowledges, if it does."""
        return self._about.get(number)

    # ------------------------------------------------------------------ an ESME acknowledges a subscriber's message

    def asked(self, message: Incoming) -> None:
        """A subscriber's message asks for acknowledgements."""
        pair = message.account, message.source.number, message.destination.number
        self._asking.setdefault(pair, deque(maxlen=ASKING_MAX)).append(message)
        if len(self._asking) > REMEMBERED_MAX:
            self._asking.popitem(last=False)

    def given(self, pdu: SubmitSm | DataSm, message: Submission, arrival: Arrival) -> None:
        """An ESME's submission is an acknowledgement: pass it to the subscriber who asked, if there is one.

        Which message is meant says user_message_reference; without it the latest that wants this one.
        """
        kind = KIND_OF_TYPE.get(pdu.esm_class & TYPE_MASK)
        if kind is None:
            # a conversation abort ends what only the two ends know of
            return
        reference = first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        pair = message.account, message.destination.number, message.source.number
        for asking in reversed(self._asking.get(pair, ())):
            if self._is_about(asking, kind, reference):
                self._note(asking, kind, message, arrival.at)
                return

    def _is_about(self, asking: Incoming, kind: Kind, reference: Tlv | None) -> bool:
        return (
            bool(asking.extras.registered_delivery & ASKED[kind])
            and (reference is None or reference in asking.extras.tlvs)
            and all(told.kind != kind for told in self.of(asking.number))
        )

    # ------------------------------------------------------------------ a subscriber acknowledges an ESME's message

    def acknowledged_by(self, message_id: str, kind: Kind) -> Submission:
        """The ESME's message of that id. Raises UnknownMessage, or NotAsked when it does not want this kind."""
        found = self._smsc.store.named(message_id)
        if not found:
            raise UnknownMessage(f"acknowledges: {message_id!r} is no message in the ring")
        message = found[0]
        asked = message.registered_delivery
        if not asked & ASKED[kind]:
            wanted = [one for one in KINDS if asked & ASKED[one]]
            what = f"only {wanted[0]}" if wanted else "none"
            raise NotAsked(f"kind: {kind!r}, but of the acknowledgements {message_id!r} asks for {what}")
        if any(told.kind == kind for told in self.of(message.number)):
            raise NotAsked(f"kind: {kind!r}, but {message_id!r} has been acknowledged so")
        return message

    def taken(self, message: Submission, kind: Kind, by: Incoming) -> None:
        """A subscriber's message acknowledges that one."""
        self._note(message, kind, by, by.submitted_at)

    def _note(self, message: Submission | Incoming, kind: str, by: Submission | Incoming, at: float) -> None:
        self._told.setdefault(message.number, []).append(Told(kind, at, by.message_id))
        self._about[by.number] = message.message_id
        for known in (self._told, self._about):
            if len(known) > REMEMBERED_MAX:
                known.popitem(last=False)
        session = by.session if isinstance(by, Submission) else 0
        self._smsc.journal.record(at, ACKNOWLEDGEMENT_PASSED, session, message, f"{kind} by {by.message_id}")


def tlvs_about(message: Submission) -> tuple[Tlv, ...]:
    """By what an ESME knows which of its messages is acknowledged: its own reference, and last, as in receipts, our id.

    One client finds the id only there.
    """
    pdu = message.pdu
    reference = None if pdu is None else first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
    receipted = tlv_text(RECEIPTED_MESSAGE_ID, message.message_id)
    return (receipted,) if reference is None else (reference, receipted)
