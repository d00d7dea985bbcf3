"""What a script says of a submission, and the carrier where it says nothing: together one verdict.

Called only where there is a script. It decides nothing of its own: the rules are the script's, the rest the carrier's.
"""

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Final

from simulator.carrier.messages import Cause, Verdict
from simulator.journal import RULE_FIRED
from simulator.smsc.translate import Arrival, Submission

if TYPE_CHECKING:
    from simulator.scenario.script import Script, Slots
    from simulator.smsc.smsc import Smsc

# command_status 0 is never sent for it: there is no answer
UNANSWERED: Final = Cause("unanswered", answer=0)
"""Why a message that was neither taken nor answered went nowhere."""


def decided(smsc: "Smsc", script: "Script", message: Submission, arrival: Arrival) -> Verdict:
    """The verdict; ``respond_after`` is inf where nothing is ever answered. Each rule that fired is journalled."""
    session = smsc.sessions[arrival.session]
    slots = script.on_message(
        message,
        session=session.number,
        bind_type=session.bind_type,
        version=session.connection.peer_version,
        listener=session.listener,
    )
    if slots is None:
        return smsc.carrier.submit(message, arrival.account, arrival.at)
    for name in slots.fired:
        smsc.journal.record(arrival.at, RULE_FIRED, arrival.session, message, name)
    verdict = _decision(smsc, slots, message, arrival)
    if slots.is_silent:
        verdict = replace(verdict, respond_after=inf)
    elif slots.respond_after is not None:
        verdict = replace(verdict, respond_after=slots.respond_after)
    if verdict.accepted and slots.outcomes is not None:
        verdict = replace(verdict, outcomes=slots.outcomes)
    return verdict


def _decision(smsc: "Smsc", slots: "Slots", message: Submission, arrival: Arrival) -> Verdict:
    if slots.accepts is None:
        return smsc.carrier.submit(message, arrival.account, arrival.at)
    if slots.accepts:
        # whatever its account may send: a rule has let it in
        return smsc.carrier.plan(message, arrival.at)
    if slots.status is None:
        return Verdict(accepted=False, cause=UNANSWERED)
    return Verdict(accepted=False, cause=Cause(slots.fired[0], answer=slots.status))


__all__ = ["UNANSWERED", "decided"]
