"""An event of the journal as rules and expectations see it: whose it was, what it tells, the session as it was.

It reads and decides nothing; who asks what of a moment is not known here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.journal import Event
from simulator.scenario.expect import Moment
from simulator.smsc.memory.evidence import Caller, Evidence
from simulator.smsc.memory.truths import Fact
from simulator.smsc.translate import Incoming, Outcome, Submission

if TYPE_CHECKING:
    from simulator.scenario.happening import Seat, Told
    from simulator.smsc.smsc import Smsc


class Place:
    """A session as questions see it where no scenario is played, or where it is gone: what its event tells."""

    def __init__(self, smsc: "Smsc", number: int, caller: Caller | None) -> None:
        session = smsc.sessions.get(number)
        if caller is None and session is not None:
            caller = session.caller
        seat = None if session is None else session.seat_while_open
        self.number = number
        self.listener = "" if caller is None else caller.listener
        self.bind_type = "" if caller is None else caller.bind_type
        self.account_name = "" if caller is None else caller.account or caller.system_id
        self.peer_version = 0x34 if session is None else session.connection.peer_version
        self.is_secure = session is not None and session.tls is not None
        self.nth = 0 if seat is None else seat.nth
        self.in_flight = 0
        self.idle_before = 0.0
        self.settled: dict[int | str, Any] | None = None

    def since(self, what: str, now: float) -> float | None:
        """Nobody has looked at the clock."""
        return None


class Begun:
    """The story as questions see it where no scenario is played: when it began."""

    def __init__(self, began_at: float) -> None:
        self.phase = ""
        self.began_at = began_at
        self.variables: Mapping[str, Any] = {}

    def held(self, pile: str) -> int:
        """Nothing is known of piles here."""
        return 0


def moment_of(event: Event, now: float, seat: "Seat | None", story: "Told") -> Moment:
    """The event as a moment; ``now`` is link time, ``seat`` its session and ``story`` the one that was told then."""
    number, at, kind, session, subject, detail = event
    moment = Moment(
        *(number, kind, at, now, at - story.began_at, session),
        seat=seat,
        story=story,
        status=detail if isinstance(detail, int) else None,
    )
    if isinstance(subject, Submission | Incoming):
        moment.message = subject
        moment.state = detail.state if isinstance(detail, Outcome | Fact) else subject.state
    if isinstance(subject, Submission) and subject.pdu is not None:
        moment.pdu, moment.command, moment.octets = subject.pdu, subject.pdu.command_id, subject.pdu.raw
    if isinstance(subject, Evidence):
        moment.command, moment.octets = subject.command_id, subject.octets
    return moment


__all__ = ["Begun", "Place", "moment_of"]
