"""What is so of a message, beside what its sender was told: asked where a row is shown, and nowhere on its way.

Knows messages and what networks have decided of them. Does not decide: a network plans a truth when a message comes,
and holds until somebody else has planned otherwise, whose plan is the truth then: a rule, the message's sender who
takes it back, a phone that is switched off.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.carrier.messages import (
    ACCEPTED,
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    REFUSED,
    REJECTED,
    SCHEDULED,
    SKIPPED,
    UNDELIVERABLE,
    UNKNOWN,
)
from simulator.carrier.network.network import Networks
from simulator.carrier.network.truths import LOST, Known
from simulator.journal import TRUTH
from simulator.smsc.memory.history import Group, Row, parts_of
from simulator.smsc.memory.silences import UNANSWERED, shown_state
from simulator.smsc.translate import Submission, bare

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc


TOLD_STATES: Final = (
    *(ENROUTE, SCHEDULED, DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN, REJECTED, SKIPPED, REFUSED),
    UNANSWERED,
)
"""Every state a row can show, in the words of a receipt; REFUSED and UNANSWERED are ours."""
TRUE_STATES: Final = (*TOLD_STATES, LOST)
"""Every state that a truth can have."""


class Fact(NamedTuple):
    """What is so by now: a state in seven letters, LOST where nothing reaches the phone and nobody says so.

    ``cause`` is a key of the catalogue and ``why`` tells it in words; both are empty where there is nothing to tell.
    ``network`` has decided it, empty for none. ``at`` is the carrier time from which on it is so, None as long as
    there is no end.
    """

    state: str
    cause: str = ""
    why: str = ""
    network: str = ""
    at: float | None = None


def truth_of(row: Row, smsc: "Smsc", at: float) -> Fact | None:
    """What is so of a row at carrier time ``at``; of parts the first that has not arrived decides.

    None where no networks are played, of a subscriber's message, and of what is known no longer.
    """
    if not isinstance(smsc.carrier, Networks):
        return None
    # refused tries that came again stand beside the parts that took their place
    parts = [row.parts[number] for number in sorted(row.parts)] if isinstance(row, Group) else parts_of(row)
    facts = [fact for part in parts if (fact := fact_of(part, smsc, at)) is not None]
    if not facts or len(facts) < len(parts):
        return None
    bad = next((fact for fact in facts if fact.state == REFUSED), None)
    bad = bad or next((fact for fact in facts if fact.state != DELIVERED), None)
    if bad is not None:
        return bad
    return facts[-1] if not isinstance(row, Group) or row.is_whole else Fact(ENROUTE, network=facts[-1].network)


def fact_of(message: Submission, smsc: "Smsc", at: float) -> Fact | None:
    """What is so of one submission at carrier time ``at``; None as in ``truth_of``."""
    if not isinstance(smsc.carrier, Networks):
        return None
    known = smsc.carrier.known(message.number)
    if message.state == REFUSED and (known is None or known.truth.state != REFUSED):
        # an account's limit, or a rule
        cause = message.cause.name if message.cause else ""
        return Fact(shown_state(message), cause, _rule(message), "", message.done_at)
    if known is None:
        return None
    network = known.truth.network
    if is_scripted(message) and not message.plan:
        return Fact(LOST, "", _rule(message), network, message.submitted_at)
    if message.state == DELETED or (message.state != REFUSED and message.plan is not known.plan):
        cause = message.cause.name if message.cause else ""
        return Fact(message.state, cause, _rule(message), network, message.done_at)
    if at < known.at or _is_held(message, smsc):
        # an end that was told already is none yet
        return Fact(ENROUTE if message.is_final else message.state, network=network)
    return fact_from(known)


def fact_from(known: Known) -> Fact:
    """What a network has decided, once it is so."""
    network, state, cause, why = known.truth
    return Fact(state or LOST, cause, why, network, known.at)


def is_scripted(message: Submission) -> bool:
    """Whether a rule has said what becomes of it."""
    return message.fate is not None and message.fate.outcomes is not None


def _rule(message: Submission) -> str:
    """The rule that has decided of a message, in words; empty where none has."""
    fate = message.fate
    if fate is None or not fate.fired or (fate.outcomes is None and fate.decision is None):
        return ""
    return f"rule {', '.join(fate.fired)}"


def _is_held(message: Submission, smsc: "Smsc") -> bool:
    """Whether its phone was switched off by hand before it arrived."""
    return message in smsc.carrier.subscribers.off.get(bare(message.destination.number), ())


def listen_to_lies(smsc: "Smsc", networks: Networks) -> None:
    """From now on the journal tells each message of which something else is so than will be told."""

    def lied(letter: Any, known: Known) -> None:
        if not is_scripted(letter):
            smsc.journal.record(letter.submitted_at, TRUTH, letter.session, letter, fact_from(known))

    networks.on_lie = lied


__all__ = ["TOLD_STATES", "TRUE_STATES", "Fact", "fact_from", "fact_of", "is_scripted", "listen_to_lies", "truth_of"]
