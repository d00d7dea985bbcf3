"""set_dpf, dpf_result and alert_notification: how an ESME asks to be told of a phone's return, and is (SMPP 3.4, 4.12).

PDUs and TLVs only; which phones are off and who is owed an alert is kept by phones.py.
"""

from typing import NamedTuple

from simulator.smpp.constants import TlvTag, Version
from simulator.smpp.pdus import AlertNotification, DataSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.smsc.objections import Submitting
from simulator.smsc.translate import Address


class Alert(NamedTuple):
    """An ESME is to be told that a phone is within reach again: its account, the phone, and the address it used."""

    account: str
    phone: Address
    esme: Address


def alert_from(alert: Alert) -> AlertNotification:
    """The PDU of an alert; a missing ms_availability_status would say the same (SMPP 3.4, 5.3.2.30)."""
    phone, esme = alert.phone, alert.esme
    return AlertNotification(
        source_addr_ton=phone.ton,
        source_addr_npi=phone.npi,
        source_addr=phone.number,
        esme_addr_ton=esme.ton,
        esme_addr_npi=esme.npi,
        esme_addr=esme.number,
        tlvs=(tlv_int(TlvTag.MS_AVAILABILITY_STATUS, 0),),
    )


def asks_for_alert(pdu: Submitting | None) -> bool:
    """Whether the delivery pending flag is to be set. Without the TLV it is not, although its default value is 1:
    an ESME that never heard of it would be alerted of each phone.
    """
    asked = None if pdu is None or not pdu.tlvs else first(pdu.tlvs, TlvTag.SET_DPF)
    return asked is not None and asked.value == b"\1"


def pending_flag(pdu: Submitting, version: int, *, is_pending: bool) -> tuple[Tlv, ...]:
    """dpf_result for the response, where it has a place: before SMPP 5.0 in data_sm_resp alone (SMPP 3.4, 4.7.2)."""
    if isinstance(pdu, DataSm) or version >= Version.V50:
        return (tlv_int(TlvTag.DPF_RESULT, int(is_pending)),)
    return ()
