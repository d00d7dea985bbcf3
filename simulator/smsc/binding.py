"""Who may bind, how a bind that may not is answered, how we ask for one, and how a session that was bound leaves.

It knows the bind's fields, the account and its terms.
"""

from typing import TYPE_CHECKING, Any, Final

from simulator.journal import BIND_REFUSED, BOUND, OUTBIND_SENT, UNBIND_SENT, UNBOUND
from simulator.smpp.constants import CommandId, CommandStatus, TlvTag, Version
from simulator.smpp.pdus import (
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    Outbind,
    Unbind,
    response_to,
)
from simulator.smpp.tlvs import tlv_int
from simulator.smsc.play.acting import is_let_in
from simulator.smsc.play.ends import part
from simulator.smsc.play.policies import Refusal
from simulator.smsc.translate import Account

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

Bind = BindTransmitter | BindReceiver | BindTransceiver
BindResponse = BindTransmitterResp | BindReceiverResp | BindTransceiverResp

BIND_TYPES: Final[dict[int, str]] = {
    CommandId.BIND_TRANSMITTER: "TX",
    CommandId.BIND_RECEIVER: "RX",
    CommandId.BIND_TRANSCEIVER: "TRX",
}


def bind(session: "Session", pdu: Bind, now: float) -> None:
    """A bind has come (SMPP 3.4, 4.1): it is let in, or turned away."""
    smsc = session.smsc
    session.system_id = pdu.system_id
    account = admission(smsc, pdu, session.peer, now)
    if not isinstance(account, Account) and is_let_in(session):
        account = smsc.accounts.let_in(pdu.system_id) or account
    if not isinstance(account, Account):
        turn_away(session, pdu, account, now)
        return
    response = bind_response(smsc, pdu, 0)
    session.account = account
    session.terms = smsc.terms_of(account.name)
    session.connection.timers = session.terms.timers
    session.connection.window = session.terms.deliver_window
    session.bind_type = BIND_TYPES[pdu.command_id]
    session.bound_at = session.at
    session.answer(response, now)
    smsc.journal.record(session.at, BOUND, session.number, session.caller, session.bind_type)
    if session.can_receive:
        session.outbox = smsc.outbox(account.name)
        session.outbox.receivers.append(session)
        session.is_receiver = True
        session.outbox.pump(now)
    elif smsc.stage is not None:
        # a rule may want that receipts go to whoever only sends
        smsc.outbox(account.name).pump(now)
    smsc.bound(session, pdu.address_range)
    if smsc.stage is not None:
        smsc.stage.bound(session, now)
    if session.keeper is not None:
        session.keeper.bound(now)
    session.arm()


def unbind(session: "Session", now: float) -> None:
    """Ask the ESME to leave: nothing new is sent to it, and the link closes when it agrees or is out of time."""
    if not session.is_open or session.hang_up:
        return
    leave(session)
    if session.connection.is_bound:
        session.smsc.journal.record(session.smsc.clock.at(now), UNBIND_SENT, session.number, session.caller)
        session.connection.send(Unbind(), now)
        session.smsc.agenda.put_link(now + session.terms.unbind_grace, _out_of_grace, session)
    else:
        session.hang_up = True
    session.wake()


def unbound(session: "Session", now: float) -> None:
    """The ESME leaves."""
    session.smsc.journal.record(session.at, UNBOUND, session.number, session.caller)
    leave(session)
    session.smsc.agenda.put_link(now + session.terms.unbind_grace, _out_of_grace, session)


def _out_of_grace(session: Any, _: float) -> None:
    if session.is_open and not session.hang_up:
        session.hang_up = True
        session.wake()


def leave(session: "Session") -> None:
    """Take no more deliveries."""
    if session.outbox is not None and session.is_receiver:
        session.outbox.receivers.remove(session)
    session.is_receiver = False


def admission(smsc: "Smsc", pdu: Bind, peer: str, now: float) -> Account | Refusal:
    """Whether this bind may pass: its account, or why not.

    Wrong credentials are ESME_RINVSYSID or ESME_RINVPASWD to 3.4 and older, as their clients expect, and
    ESME_RBINDFAIL to 5.0, which keeps the other two for malformed fields (SMPP 5.0, 4.7.6). Who comes from elsewhere
    learns nothing about his password.
    """
    account = smsc.accounts.get(pdu.system_id)
    if account is not None and not account.may_come_from(host_of(peer)):
        words = f"{account.name!r} may not come from {host_of(peer)}"
        refusal = Refusal("network", int(CommandStatus.ESME_RBINDFAIL), words)
    elif (account := smsc.accounts.admit(pdu.system_id, pdu.password)) is None:
        refusal = _unknown(smsc, pdu)
    else:
        objection = _objection(smsc, pdu, account.name, now)
        if objection is None:
            return account
        refusal = objection
    return refusal if smsc.doorkeeper is None else smsc.doorkeeper.turned(refusal)


def _unknown(smsc: "Smsc", pdu: Bind) -> Refusal:
    """Why nobody may bind with these credentials."""
    if smsc.accounts.is_full_for(pdu.system_id):
        words = "too many names have bound since the last reset"
        return Refusal("system_id", int(CommandStatus.ESME_RBINDFAIL), words)
    is_known = smsc.accounts.knows(pdu.system_id)
    status = CommandStatus.ESME_RINVPASWD if is_known else CommandStatus.ESME_RINVSYSID
    if pdu.interface_version >= Version.V50:
        status = CommandStatus.ESME_RBINDFAIL
    return Refusal("password" if is_known else "system_id", int(status))


def _objection(smsc: "Smsc", pdu: Bind, account: str, now: float) -> Refusal | None:
    """Why an account that has told its password may not bind so, or not now."""
    terms, keeper, bind_type = smsc.terms_of(account), smsc.doorkeeper, BIND_TYPES[pdu.command_id]
    if bind_type not in terms.bind_types:
        return Refusal("bind_type", int(CommandStatus.ESME_RBINDFAIL), f"{account!r} may not bind as {bind_type}")
    refusal = None if keeper is None else keeper.objection(pdu, account, now)
    if refusal is not None:
        return refusal
    if terms.binds_max is not None and len(smsc.sessions_of(account)) >= terms.binds_max:
        words = f"{account!r} has {terms.binds_max} binds, at most"
        return Refusal("binds", int(CommandStatus.ESME_RALYBND), words)
    return None if keeper is None else keeper.haunted(account, bind_type, terms.binds_max, now)


def turn_away(session: "Session", pdu: Bind, refusal: Refusal, now: float) -> None:
    """Refuse a bind: by a status, or by what else its carrier does with such a one."""
    smsc = session.smsc
    session.terms = smsc.terms_of(pdu.system_id)
    smsc.journal.record(session.at, BIND_REFUSED, session.number, session.caller, refusal.told)
    if isinstance(refusal.answer, str):
        part(session, refusal.answer, f"bind refused: {refusal.words}", now)
    else:
        session.answer(bind_response(smsc, pdu, refusal.answer), now)


def bind_response(smsc: "Smsc", pdu: Bind, status: int) -> BindResponse:
    """The answer to a bind: it names us, and tells those who may read a TLV which version we speak (SMPP 3.4, 3.4).

    That is the lower of what was asked and what the account's terms say: SMPP 5.0 for who asks for it, 3.4 for
    everybody else, also for versions that do not exist.
    """
    response = response_to(pdu, status)
    assert isinstance(response, BindResponse)
    response.system_id = smsc.system_id
    if not status and pdu.interface_version >= Version.V34:
        version = min(smsc.terms_of(pdu.system_id).version, pdu.interface_version)
        told = Version.V50 if version >= Version.V50 else Version.V34
        response.tlvs = (tlv_int(TlvTag.SC_INTERFACE_VERSION, told),)
    return response


def host_of(peer: str) -> str:
    """The host of HOST:PORT or [HOST]:PORT; a peer that is no address comes back as it is."""
    host, colon, _ = peer.rpartition(":")
    return host.removeprefix("[").removesuffix("]") if colon else peer


def outbind(session: "Session", system_id: str, password: str, now: float) -> None:
    """Tell an ESME that we have called it who we are, so that it binds (SMPP 3.4, 4.1.7); it has no response.

    Raises LocalError for a name or password that has no wire form, and on any connection but a new one.
    """
    session.connection.send(Outbind(system_id=system_id, password=password), now)
    caller = session.caller._replace(system_id=system_id)
    session.smsc.journal.record(session.at, OUTBIND_SENT, session.number, caller)
    session.wake()
