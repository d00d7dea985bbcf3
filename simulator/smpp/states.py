"""Who may send what in which state of one SMPP connection.

Everything that decides about states lives in this file. It does not know which side we are, so it cannot treat itself
better than the peer; it knows neither time nor octets.

Theory of operation (SMPP 3.4, 2.2 and table 2-1; SMPP 5.0, 2.3 and 2.4):

* A connection is OPEN from the moment the transport stands until a bind succeeds. An SMSC that called the ESME itself
  moves it to OUTBOUND with its outbind.
* A *successful bind response* is what binds, not the bind request: between the two the connection is still OPEN, and
  nothing but that response may travel.
* unbind may come from either side. Its *successful* response moves the connection to UNBOUND, where nothing is said
  any more and the transport is about to close.
* CLOSED is the end, whoever closed.

Two rules follow, and the two tables below are all there is to them: a *response* that passes the wire, in either
direction, may move the state (``TRANSITIONS``); a *request* is legal when its sender may send it in the present state
(``MAY_SEND``) and when both sides speak a version that has it. A request in the wrong state is answered, never punished
(SMPP 5.0, 2.8.2); one of a later version is as unknown as any other unknown command.

Where the two versions differ the table takes the wider, later reading: enquire_link is answered in OPEN, replace_sm is
legal on a transceiver, data_sm never goes to a transmitter.
"""

from enum import Enum, IntFlag
from typing import Final

from simulator.smpp.constants import CommandId, Version
from simulator.smpp.pdus import PDU_CLASSES


class Side(IntFlag):
    """The two ends of a connection; as flags, because some requests are open to both."""

    ESME = 1
    SMSC = 2
    BOTH = 3

    @property
    def other(self) -> "Side":
        """The end that we are not."""
        return Side.BOTH ^ self


class State(Enum):
    """State of a connection (SMPP 5.0, 2.3); the value is its name in text and JSON."""

    OPEN = "OPEN"
    OUTBOUND = "OUTBOUND"
    BOUND_TX = "BOUND_TX"
    BOUND_RX = "BOUND_RX"
    BOUND_TRX = "BOUND_TRX"
    UNBOUND = "UNBOUND"
    CLOSED = "CLOSED"


# A refused bind leaves its connection here: many clients try again on the same one, others are hung up on.
CAN_BIND: Final = frozenset({State.OPEN, State.OUTBOUND})
BOUND: Final = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})
CAN_RECEIVE: Final = frozenset({State.BOUND_RX, State.BOUND_TRX})

BINDS: Final = frozenset({CommandId.BIND_RECEIVER, CommandId.BIND_TRANSMITTER, CommandId.BIND_TRANSCEIVER})

# SMPP 3.4's table knows enquire_link in bound states only, SMPP 5.0's in every connected one. Load balancers ask before
# they let anybody bind, and an SMSC that answers them is taken for dead by nobody.
_ALWAYS: dict[int, Side] = {CommandId.ENQUIRE_LINK: Side.BOTH}
# SMPP 3.4, 4.1.7 has an outbind answered by bind_receiver, 5.0 by a transceiver's, too. A transmitter's harms nobody.
_BEFORE_BIND: dict[int, Side] = {**_ALWAYS, **dict.fromkeys(BINDS, Side.ESME)}
# unbind before a bind is a request in the wrong state, and not a way to say goodbye (SMPP 3.4, table 2-1).
_WHEN_BOUND: dict[int, Side] = {**_ALWAYS, CommandId.UNBIND: Side.BOTH}
# SMPP 3.4's table forgets replace_sm on a transceiver, which 5.0 mends. Cell broadcast goes with submission: an ESME
# that may send messages may broadcast, and nobody broadcasts to an ESME.
_TRANSMITTING: dict[int, Side] = dict.fromkeys(
    (
        *(CommandId.SUBMIT_SM, CommandId.SUBMIT_MULTI, CommandId.QUERY_SM, CommandId.CANCEL_SM, CommandId.REPLACE_SM),
        *(CommandId.BROADCAST_SM, CommandId.QUERY_BROADCAST_SM, CommandId.CANCEL_BROADCAST_SM),
    ),
    Side.ESME,
)
_RECEIVING: dict[int, Side] = dict.fromkeys((CommandId.DELIVER_SM, CommandId.ALERT_NOTIFICATION), Side.SMSC)

MAY_SEND: Final[dict[State, dict[int, Side]]] = {
    State.OPEN: {**_BEFORE_BIND, CommandId.OUTBIND: Side.SMSC},
    State.OUTBOUND: {**_BEFORE_BIND},
    # SMPP 3.4's table lets data_sm go either way in every bound state, which would send receipts to a transmitter.
    State.BOUND_TX: {**_WHEN_BOUND, **_TRANSMITTING, CommandId.DATA_SM: Side.ESME},
    State.BOUND_RX: {**_WHEN_BOUND, **_RECEIVING, CommandId.DATA_SM: Side.SMSC},
    State.BOUND_TRX: {**_WHEN_BOUND, **_TRANSMITTING, **_RECEIVING, CommandId.DATA_SM: Side.BOTH},
    # Nothing but to hang up is left; an enquire_link that crossed the unbind_resp is answered all the same (SMPP 5.0).
    State.UNBOUND: {**_ALWAYS},
    State.CLOSED: {},
}
"""State -> request -> who may send it. generic_nack is a response and so stands in no row."""

_BINDING: dict[int, State] = {
    CommandId.BIND_TRANSMITTER_RESP: State.BOUND_TX,
    CommandId.BIND_RECEIVER_RESP: State.BOUND_RX,
    CommandId.BIND_TRANSCEIVER_RESP: State.BOUND_TRX,
}

TRANSITIONS: Final[dict[State, dict[int, State]]] = {
    State.OPEN: {**_BINDING, CommandId.OUTBIND: State.OUTBOUND},
    State.OUTBOUND: {**_BINDING},
    State.BOUND_TX: {CommandId.UNBIND_RESP: State.UNBOUND},
    State.BOUND_RX: {CommandId.UNBIND_RESP: State.UNBOUND},
    State.BOUND_TRX: {CommandId.UNBIND_RESP: State.UNBOUND},
    State.UNBOUND: {},
    State.CLOSED: {},
}
"""State -> PDU that passed the wire with status ESME_ROK -> next state."""

MOVES: Final = frozenset(command for row in TRANSITIONS.values() for command in row)
"""The commands that can move a state at all; all others need not be looked up."""

_REQUESTS: Final[dict[tuple[Side, State, Version], frozenset[int]]] = {
    (side, state, version): frozenset(
        int(command) for command, who in row.items() if who & side and PDU_CLASSES[command].since <= version
    )
    for state, row in MAY_SEND.items()
    for side in (Side.ESME, Side.SMSC)
    for version in (Version.V34, Version.V50)
}


def requests(side: Side, state: State, version: int) -> frozenset[int]:
    """MAY_SEND read the other way round: what one side may send in one state on a link of this version."""
    # Below 3.4 as 3.4: old ESMEs call themselves 3.3, or 0, and still bind as transceivers and send data_sm.
    return _REQUESTS[side, state, Version.V50 if version >= Version.V50 else Version.V34]


def next_state(state: State, command_id: int, command_status: int) -> State:
    """The state after a PDU passed the wire, in either direction.

    A refused bind leaves the connection as it was, so that the ESME may try again on it, and so does a refused unbind:
    who meant to leave may still hang up. The status of a request, which an outbind is, means nothing.
    """
    # An error in a bind response binds nobody, whatever body it carries (SMPP 3.4, 4.1.2).
    if command_status and command_id != CommandId.OUTBIND:
        return state
    return TRANSITIONS[state].get(command_id, state)
