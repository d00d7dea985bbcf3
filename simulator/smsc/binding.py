"""Who may bind, and how a bind that may not is answered. It knows the bind's fields and the account's terms."""

from typing import TYPE_CHECKING, Final

from simulator.smpp.constants import CommandId, CommandStatus, Version
from simulator.smpp.pdus import BindReceiver, BindTransceiver, BindTransmitter
from simulator.smsc.translate import Account

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc

Bind = BindTransmitter | BindReceiver | BindTransceiver

VERSION: Final = int(Version.V34)
"""The interface_version that we speak; told to ESMEs of 3.4 and later."""

BIND_TYPES: Final[dict[int, str]] = {
    CommandId.BIND_TRANSMITTER: "TX",
    CommandId.BIND_RECEIVER: "RX",
    CommandId.BIND_TRANSCEIVER: "TRX",
}


def admission(smsc: "Smsc", pdu: Bind) -> tuple[int, Account | None]:
    """Whether this bind may pass: its status and the account.

    Wrong credentials are ESME_RINVSYSID or ESME_RINVPASWD to 3.4 and older, as their clients expect, and
    ESME_RBINDFAIL to 5.0, which keeps the other two for malformed fields (SMPP 5.0, 4.7.6).
    """
    account = smsc.accounts.admit(pdu.system_id, pdu.password)
    if account is None:
        if pdu.interface_version >= Version.V50:
            return CommandStatus.ESME_RBINDFAIL, None
        known = smsc.accounts.knows(pdu.system_id)
        return (CommandStatus.ESME_RINVPASWD if known else CommandStatus.ESME_RINVSYSID), None
    terms = smsc.terms_of(account.name)
    if BIND_TYPES[pdu.command_id] not in terms.bind_types:
        return CommandStatus.ESME_RBINDFAIL, None
    if terms.binds_max is not None and len(smsc.sessions_of(account.name)) >= terms.binds_max:
        return CommandStatus.ESME_RALYBND, None
    return 0, account
