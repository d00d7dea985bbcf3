"""What every PDU has, and the kinds of field that several share: the material of pdus.py and broadcasts.py.

A PDU is declared once, as a dataclass whose fields stand in wire order and whose class says everything else that the
specifications fix: number, name, version, response, and the TLVs that it must not lack. This file knows no PDU.
"""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from simulator.smpp.constants import CommandStatus, Version
from simulator.smpp.fields import CString, Integer, Octets, Time
from simulator.smpp.tlvs import Tlv

Number = Annotated[int, Integer()]
ServiceType = Annotated[str, CString(6, int(CommandStatus.ESME_RINVSERTYP))]  # its NUL counted, as always
SystemId = Annotated[str, CString(16, int(CommandStatus.ESME_RINVSYSID))]
Password = Annotated[str, CString(9, int(CommandStatus.ESME_RINVPASWD))]  # and it travels in clear
SystemType = Annotated[str, CString(13, int(CommandStatus.ESME_RINVSYSTYP))]
MessageId = Annotated[str, CString(65, int(CommandStatus.ESME_RINVMSGID))]
SourceAddress = Annotated[str, CString(21, int(CommandStatus.ESME_RINVSRCADR))]
DestinationAddress = Annotated[str, CString(21, int(CommandStatus.ESME_RINVDSTADR))]
# data_sm and alert_notification have room for addresses that are no telephone numbers (SMPP 3.4, 4.7.1 and 4.12.1).
LongSourceAddress = Annotated[str, CString(65, int(CommandStatus.ESME_RINVSRCADR))]
LongDestinationAddress = Annotated[str, CString(65, int(CommandStatus.ESME_RINVDSTADR))]
# The same form and two statuses: a client is told which of its two times is none (SMPP 3.4, 5.1.3).
ScheduleTime = Annotated[str, Time(status=int(CommandStatus.ESME_RINVSCHED))]
ValidityTime = Annotated[str, Time(status=int(CommandStatus.ESME_RINVEXPIRY))]
ShortMessage = Annotated[bytes, Octets("sm_length")]  # octets and no text: only data_coding knows


@dataclass(slots=True)
class Pdu:
    """What every PDU has. ``raw`` is the frame it was read from, empty for one that was made here; never compared.

    ``command_status`` means nothing in a request, but is kept as it came (SMPP 3.4, 5.1.3).
    """

    sequence_number: int = 0
    # Kept where it means nothing, too: a dissection shows what came, and encode writes what was read.
    command_status: int = 0
    tlvs: tuple[Tlv, ...] = ()
    raw: bytes = field(default=b"", repr=False, compare=False)

    command_id: ClassVar[int]
    name: ClassVar[str]
    since: ClassVar[Version] = Version.V33
    """The first version of SMPP that has this PDU."""
    required_tlvs: ClassVar[tuple[int, ...]] = ()
    """Tags of the TLVs that it must not lack; only the PDUs of cell broadcast have such (SMPP 5.0, 4.4 and 4.6)."""


@dataclass(slots=True)
class Response(Pdu):
    """An answer; bit 31 of its command_id is set.

    ``header_only``: the body is left out and the PDU has 16 octets, which SMPP 3.4, 4.4.2 demands of an error and some
    peers do to a success. It says nothing in classes that have no body. ``request`` is what is answered, filled in by
    the connection that received this response; never compared.
    """

    header_only: bool = False
    request: "Request | None" = field(default=None, repr=False, compare=False)


@dataclass(slots=True)
class Request(Pdu):
    """What is to be answered by a ``response_class``; outbind and alert_notification have none (None)."""

    response_class: ClassVar[type[Response] | None] = None
