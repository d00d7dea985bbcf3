"""A session as rules see it: what they ask about it, looked up when they ask.

It reads a session and remembers when its ESME was heard; nothing decides by it.
"""

from typing import TYPE_CHECKING, Any

from simulator.smpp.constants import CommandId

if TYPE_CHECKING:
    from simulator.scenario.guards import Guard
    from simulator.smsc.session import Session


class SessionSeat:
    """What scenario.happening.Seat asks of one session."""

    __slots__ = (
        "_connected",
        "_heard",
        "_sequence",
        "_session",
        "bound",
        "edition",
        "guards",
        "idle_before",
        "nth",
        "sequence_before",
        "settled",
        "uncounted",
    )

    def __init__(self, session: "Session", now: float) -> None:
        self._session = session
        self._connected = self._heard = now
        self.bound: float | None = None
        """When it was bound, on the link's clock."""
        self.settled: dict[int | str, Any] | None = None
        """What rules keep of it while it is bound."""
        self.edition: object = None
        """Of which edition of the rules its guards are."""
        self.guards: dict[int, Guard] = {}
        """By command: what tells whether rules must be asked about a request that makes a message."""
        self.idle_before = 0.0
        self.nth = 0
        self._sequence = self.sequence_before = 0
        self.uncounted = 0
        """1 while rules are asked about a request that its window counts only later; a submission is counted first."""

    def bind_as(self, nth: int) -> None:
        """It is bound, as that one of its account's: what rules ask of the bind has other answers from now on."""
        self.nth, self.settled, self.edition = nth, {}, None

    def asked(self, sequence_number: int) -> None:
        """A request has come: ``sequence_before`` is the number of the one before."""
        self.sequence_before, self._sequence = self._sequence, sequence_number

    def heard(self, now: float) -> None:
        """Octets have come."""
        self.idle_before = now - self._heard
        self._heard = now

    @property
    def number(self) -> int:
        """Its number among all sessions."""
        return self._session.number

    @property
    def listener(self) -> str:
        """The name of its door."""
        return self._session.listener

    @property
    def bind_type(self) -> str:
        """How it is bound."""
        return self._session.bind_type

    @property
    def account_name(self) -> str:
        """Whose it is."""
        return account_name_of(self._session)

    @property
    def peer_version(self) -> int:
        """interface_version of its bind."""
        return self._session.connection.peer_version

    @property
    def is_secure(self) -> bool:
        """Whether it is encrypted."""
        return self._session.tls is not None

    @property
    def in_flight(self) -> int:
        """The ESME's unanswered requests, with the one that is being asked about."""
        return self._session.window.unanswered + self.uncounted

    def since(self, what: str, now: float) -> float | None:
        """Link seconds since `connect` or `bound`, or since its account lost a session."""
        if what == "connect":
            return now - self._connected
        if what == "bound":
            return None if self.bound is None else now - self.bound
        stage = self._session.smsc.stage
        lost = None if stage is None else stage.lost_at.get(self.account_name)
        return None if lost is None else now - lost


def account_name_of(session: "Session") -> str:
    """Whose a session is, or says to be."""
    return session.system_id if session.account is None else session.account.name


SUBMITTING = frozenset({int(CommandId.SUBMIT_SM), int(CommandId.DATA_SM), int(CommandId.SUBMIT_MULTI)})
"""Requests whose messages are decided one by one."""

MANY_AT_ONCE = int(CommandId.SUBMIT_MULTI)
"""The one of them that makes several messages, and is one request all the same."""

__all__ = ["MANY_AT_ONCE", "SUBMITTING", "SessionSeat", "account_name_of"]
