"""What a command_status tells an ESME to do: wait, or never try the same again. Every other one leaves it open."""

from typing import Final

from simulator.smpp.constants import CommandStatus, status_name

SLOW_DOWN: Final = frozenset({int(CommandStatus.ESME_RTHROTTLED), int(CommandStatus.ESME_RMSGQFUL)})
"""The SMSC has no room now."""

PERMANENT: Final = frozenset(
    int(status)
    for status in (
        CommandStatus.ESME_RINVMSGLEN,
        CommandStatus.ESME_RINVCMDLEN,
        CommandStatus.ESME_RINVCMDID,
        CommandStatus.ESME_RINVPRTFLG,
        CommandStatus.ESME_RINVREGDLVFLG,
        CommandStatus.ESME_RINVSRCADR,
        CommandStatus.ESME_RINVDSTADR,
        CommandStatus.ESME_RINVSERTYP,
        CommandStatus.ESME_RINVESMCLASS,
        CommandStatus.ESME_RINVSRCTON,
        CommandStatus.ESME_RINVSRCNPI,
        CommandStatus.ESME_RINVDSTTON,
        CommandStatus.ESME_RINVDSTNPI,
        CommandStatus.ESME_RINVREPFLAG,
        CommandStatus.ESME_RINVSCHED,
        CommandStatus.ESME_RINVEXPIRY,
        CommandStatus.ESME_RINVDFTMSGID,
        CommandStatus.ESME_RINVDLNAME,
        CommandStatus.ESME_RX_P_APPN,
        CommandStatus.ESME_RX_R_APPN,
        CommandStatus.ESME_RINVOPTPARSTREAM,
        CommandStatus.ESME_ROPTPARNOTALLWD,
        CommandStatus.ESME_RINVPARLEN,
        CommandStatus.ESME_RMISSINGOPTPARAM,
        CommandStatus.ESME_RINVOPTPARAMVAL,
    )
)
"""The same request will be refused again (SMPP 3.4, 5.1.3)."""

__all__ = ["PERMANENT", "SLOW_DOWN", "status_name"]
