"""What is done to a session that lives: faults of its link, an end, PDUs and octets that nobody asked for.

In the words of `connection:` and `send:` of a scenario file. It knows sessions by their numbers; what a fault does to
octets is smsc/play's.
"""

from collections.abc import Callable
from math import inf
from typing import Annotated, Any, Final, Literal

from fastapi import Body, Query, Response
from pydantic import ConfigDict, Field

from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.asked import Ahead
from simulator.control.given import formed
from simulator.control.routes import Route, Scoped
from simulator.control.row_shapes import Shape
from simulator.journal import FAULT, PDU_SENT
from simulator.scenario.shape import Names
from simulator.scenario.then import Fault, Send
from simulator.smpp.dissect import from_json
from simulator.smpp.errors import LocalError
from simulator.smsc.play.faults import relent, strike
from simulator.smsc.play.flow import DRIPS, flow_of
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc

OCTETS_MAX: Final = 256 * 1024
"""Octets that one request may send."""
SHOWN_OCTETS: Final = 64
_ONE: Final = "/api/sessions/{number}"
_LASTING: Final = {"stall": "pause_reading", "slow": "slow_reading", "hang": "hang"}


class DisconnectRequest(Shape):
    """How the connection ends."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"how": "rst"}]})

    how: Literal["fin", "rst", "half_close"] = Field(
        "fin", description="behind what was written; at once, what waits is thrown away; our end alone"
    )


class LastingRequest(Shape):
    """How long it lasts."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"lasts": "30s"}]})

    lasts: Ahead | None = Field(None, description="a span as in 30s; without one until it is relieved, or a reset")


class StruckShape(Shape):
    """What was done to a session."""

    session: int
    fault: str


class SentShape(Shape):
    """What was sent, as many octets."""

    session: int
    octets: int


_PROBLEMS: Final = ("not_found", "too_large")
LINK_ROUTES: Final = (
    Route(*("POST", f"{_ONE}/unbind", "unbind", StruckShape, 202, "We send an unbind"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/disconnect", "disconnect", StruckShape, 202, "We hang up"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/stall", "stall", StruckShape, 202, "We read nothing"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/slow", "slow", StruckShape, 202, "We read octet by octet"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/drip", "drip", StruckShape, 202, "We write octet by octet"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/hang", "hang", StruckShape, 202, "We neither read nor write"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/relieve", "relieve", StruckShape, 200, "All that lasts is over"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/fault", "fault", StruckShape, 202, "Any fault of a scenario"), _PROBLEMS, "account"),
    Route(*("POST", f"{_ONE}/pdu", "send_pdu", SentShape, 202, "We send a PDU, or octets"), _PROBLEMS, "account"),
)

FaultBody = Annotated[
    Any, Body(examples=[{"fault": "black_hole", "direction": "in", "lasts": "10s"}, {"fault": "rst", "after": "2s"}])
]
PduBody = Annotated[
    Any,
    Body(
        examples=[
            {"octets": "000000100000001500000000000000ff"},
            {"command": "enquire_link", "sequence_number": 7},
            {"command": "deliver_sm", "fields": {"source_addr": "12025550100"}, "tlvs": []},
        ]
    ),
]
Number = Annotated[str, Field(max_length=20)]


class Links:
    """The deeds of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float]) -> None:
        self._smsc = smsc
        self._clock = clock

    async def unbind(self, number: Number, query: Annotated[Scoped, Query()]) -> Response:
        """The connection ends once the ESME has answered, or the response timer has."""
        return self._struck(self._session(number, query), {"fault": "unbind"})

    async def disconnect(
        self, number: Number, query: Annotated[Scoped, Query()], request: DisconnectRequest | None = None
    ) -> Response:
        """By FIN or RST; what waits for the account goes to its other sessions, or waits for the next."""
        return self._struck(self._session(number, query), {"fault": (request or DisconnectRequest()).how})

    async def stall(
        self, number: Number, query: Annotated[Scoped, Query()], request: LastingRequest | None = None
    ) -> Response:
        """What the ESME sends stays unread, until its own writes stand still."""
        return self._lasting("stall", self._session(number, query), request)

    async def slow(
        self, number: Number, query: Annotated[Scoped, Query()], request: LastingRequest | None = None
    ) -> Response:
        """A hundred octets a second."""
        return self._lasting("slow", self._session(number, query), request)

    async def hang(
        self, number: Number, query: Annotated[Scoped, Query()], request: LastingRequest | None = None
    ) -> Response:
        """The link stands, and that is all: no timer of ours runs."""
        return self._lasting("hang", self._session(number, query), request)

    async def drip(
        self, number: Number, query: Annotated[Scoped, Query()], request: LastingRequest | None = None
    ) -> Response:
        """What we write leaves octet by octet, a hundred a second."""
        session, now = self._session(number, query), self._clock()
        lasts = None if request is None else request.lasts
        smsc = self._smsc
        smsc.journal.record(smsc.clock.at(now), FAULT, session.number, session.caller, "drip")
        flow_of(session).begin(DRIPS, inf if lasts is None else now + lasts, now)
        return _json({"session": session.number, "fault": "drip"}, 202)

    async def relieve(self, number: Number, query: Annotated[Scoped, Query()]) -> Response:
        """What was stalled, slowed or hung goes on; what is cut or closed stays so."""
        session = self._session(number, query)
        relent(session, self._clock())
        return _json({"session": session.number, "fault": "none"})

    async def fault(self, number: Number, query: Annotated[Scoped, Query()], fault: FaultBody) -> Response:
        """In the words of `connection:` in a scenario file."""
        return self._struck(self._session(number, query), fault)

    def _lasting(self, word: str, session: Session, request: LastingRequest | None) -> Response:
        said = {"fault": _LASTING[word]}
        if request is not None and request.lasts is not None:
            said["lasts"] = f"{request.lasts:f}s"
        return self._struck(session, said)

    def _struck(self, session: Session, said: Any) -> Response:
        fault: Fault = formed(Fault, said, Names())
        if fault.session is not None or fault.account is not None:
            raise Refusal("invalid", "session, account: the address of the request says which")
        strike(self._smsc, session, fault.model_copy(update={"session": "same"}), self._clock())
        return _json({"session": session.number, "fault": fault.fault}, 202)

    async def send_pdu(self, number: Number, query: Annotated[Scoped, Query()], pdu: PduBody) -> Response:
        """`octets` in hexadecimal, which need not be SMPP; or a PDU as `carrier-sim decode --json` tells it, or a list
        of them. Its sequence_number is what it says, else the session's next. Nobody waits for an answer.
        """
        session, now = self._session(number, query), self._clock()
        octets = self._octets(pdu, session)
        if not 0 < len(octets) <= OCTETS_MAX:
            raise Refusal("invalid", f"octets: {len(octets)}, 1 to {OCTETS_MAX}")
        session.connection.send_bytes(octets)
        session.wake()
        told = f"{len(octets)} octets: {octets[:SHOWN_OCTETS].hex()}"
        self._smsc.journal.record(self._smsc.clock.at(now), PDU_SENT, session.number, session.caller, told)
        return _json({"session": session.number, "octets": len(octets)}, 202)

    def _octets(self, pdu: Any, session: Session) -> bytes:
        if isinstance(pdu, bytes):
            # refused with what is wanted in its place
            formed(Send, pdu, Names())
        if isinstance(pdu, dict) and "octets" in pdu:
            if len(pdu) > 1 or not isinstance(pdu["octets"], str):
                raise Refusal("invalid", "octets: alone, and a text in hexadecimal")
            try:
                return bytes.fromhex(pdu["octets"])
            except ValueError as error:
                raise Refusal("invalid", f"octets: {pdu['octets'][:SHOWN_MAX]!r}, must be hexadecimal") from error
        pdus = [
            {"sequence_number": session.connection.next_sequence(), **one} if isinstance(one, dict) else one
            for one in (pdu if isinstance(pdu, list) else [pdu])
        ]
        try:
            return from_json(pdus, session.terms.book)
        except LocalError as error:
            raise Refusal("invalid", str(error).removeprefix("[0].")) from error

    def _session(self, number: str, query: Scoped) -> Session:
        """The session of that number. Raises Refusal where it is none, or another account's."""
        is_number = number.isascii() and number.isdigit()
        session = self._smsc.sessions.get(int(number)) if is_number else None
        account = None if session is None or session.account is None else session.account.name
        if session is None or not session.is_open or (query.account is not None and account != query.account):
            raise Refusal("not_found", f"session: {number!r} is none that lives; GET /api/sessions tells them")
        return session


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return answer(json_octets(value), status)


__all__ = ["LINK_ROUTES", "Links"]
