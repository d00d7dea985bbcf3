"""What was seen of a carrier, pasted, as the beginning of a scenario that does the same.

Knows the text of receipts, the PDUs of an SMSC, and what a rule says to have them sent so again. Does NOT know files,
nor whether the carrier does so each time: that is for whoever goes on with the stub to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.carrier.messages import FINAL
from simulator.importing.receipt_texts import ECHO, Seen, seen_in
from simulator.importing.spellings import raw_of, source_of, spelling
from simulator.smpp.codec import read_pdu
from simulator.smpp.constants import RESPONSE, CommandId, TlvTag, command_name, status_name
from simulator.smpp.errors import PduError
from simulator.smpp.pdus import DataSm, DeliverSm, GenericNack, Pdu, SubmitSm, SubmitSmResp
from simulator.smpp.tlvs import TLVS, Tlv, first, tlv_name, value_of
from simulator.sms.receipts import STATES, state_of

RECEIPT: Final = 0x04
"""esm_class of a delivery receipt (SMPP 3.4, 5.2.12)."""
INTERMEDIATE: Final = 0x20
_KINDS: Final = RECEIPT | INTERMEDIATE
_UNSAID: Final = (
    *("service_type", "protocol_id", "priority_flag", "schedule_delivery_time", "validity_period"),
    *("registered_delivery", "replace_if_present_flag", "sm_default_msg_id"),
)
"""Fields that are null in a receipt by the book (SMPP 3.4, 4.6.1)."""
_CHARSETS: Final = {3: "latin1", 8: "ucs2"}
_BY_THE_BOOK: Final = (
    "id:{id} sub:001 dlvrd:001 submit date:{submit_date} done date:{done_date} stat:{stat} err:{err} Text:{text}"
)
_ALLOWED: Final = "a receipt's text with an id and a stat; or PDUs in hex: receipts, other deliver_sm, responses"


class Unseen(ValueError):
    """What was pasted shows nothing that a scenario could do again."""


@dataclass(slots=True)
class Stub:
    """A scenario as a mapping, and remarks on what could not be seen."""

    rules: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario as a mapping."""
        said = {"scenario": 1, "about": "what was seen of a carrier", "rules": self.rules, "timeline": self.timeline}
        return {key: value for key, value in said.items() if value}


def stub_of_text(text: str) -> Stub:
    """A rule that sends receipts whose text is like this one. Raises Unseen."""
    seen = seen_in(text.strip("\r\n"))
    if seen is None:
        raise Unseen(f"{text.strip()[:60]!r} is no receipt, allowed: {_ALLOWED}")
    stub = Stub()
    state = _state(seen, None, stub)
    raw = raw_of(seen.values["id"])
    then = _ids(raw, {"text": seen.values["id"]}, stub) | {"deliver": {"state": state} | _text_form(seen, state)}
    stub.rules.append({"name": "a receipt as it was seen", "then": then})
    return stub


def stub_of_pdus(octets: bytes) -> Stub:
    """Rules that do again what these PDUs show; submissions and responses among them tell more of their receipts.

    Raises Unseen.
    """
    pdus = _pdus(octets)
    stub = Stub()
    receipts = [pdu for pdu in pdus if isinstance(pdu, DeliverSm | DataSm) and pdu.esm_class & _KINDS]
    texts = [pdu for pdu in pdus if isinstance(pdu, DeliverSm) and not pdu.esm_class & _KINDS]
    submitted = {pdu.sequence_number: pdu for pdu in pdus if isinstance(pdu, SubmitSm)}
    for receipt in receipts:
        _receipt(receipt, submitted, [pdu for pdu in pdus if isinstance(pdu, SubmitSmResp)], stub)
    for pdu in pdus:
        if pdu.command_id & RESPONSE and pdu.command_status:
            _refusal(pdu, submitted, stub)
    for text in texts:
        _from_subscriber(text, stub)
    if not stub.rules and not stub.timeline:
        names = ", ".join(dict.fromkeys(command_name(pdu.command_id) for pdu in pdus))
        raise Unseen(f"{names}: nothing that a carrier does differently, allowed: {_ALLOWED}")
    return stub


def _pdus(octets: bytes) -> list[Pdu]:
    """The PDUs one after the other. Raises Unseen for the first that is none."""
    pdus: list[Pdu] = []
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        if length < 16 or length > len(octets) - at:
            raise Unseen(f"octet {at}: a PDU of {length} octets where {len(octets) - at} are left, allowed: {_ALLOWED}")
        try:
            pdus.append(read_pdu(octets[at : at + length]))
        except PduError as error:
            raise Unseen(f"octet {at}: {error}; `carrier-sim decode` shows where") from None
        at += length
    return pdus


# --- Receipts ---


def _receipt(
    pdu: DeliverSm | DataSm, submitted: dict[int, SubmitSm], responses: Sequence[SubmitSmResp], stub: Stub
) -> None:
    payload = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    short = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    octets = short or (payload.value if payload else b"")
    charset = _CHARSETS.get(pdu.data_coding)
    text = octets.decode("utf-16-be" if charset == "ucs2" else "latin-1", "replace")
    seen = seen_in(text)
    tlv_id = first(pdu.tlvs, TlvTag.RECEIPTED_MESSAGE_ID)
    in_tlv = tlv_id.value.rstrip(b"\0").decode("latin-1") if tlv_id else None
    in_text = seen.values["id"] if seen else None
    response = _response(responses, (in_text, in_tlv))
    base = raw_of(response or in_text or in_tlv or "")
    form: dict[str, Any] = {"state": _state(seen, first(pdu.tlvs, TlvTag.MESSAGE_STATE), stub)}
    is_final = not pdu.esm_class & INTERMEDIATE
    form |= {"final": is_final} if is_final != (form["state"] in FINAL) else {}
    form |= _text_form(seen, form["state"]) if seen else _no_fields(text)
    form |= _places(pdu, short, payload) | ({"charset": charset} if charset else {})
    form |= _wire_form(pdu, form["state"], stub)
    shown = {"response": response, "text": in_text, "tlv": in_tlv}
    then = _ids(base, shown, stub, is_pdu=True) | {"deliver": form}
    message = _message_of(pdu, submitted)
    form |= _ends(pdu, message)
    when = {"to": message.destination_addr if message else pdu.source_addr}
    stub.rules.append({"name": "a receipt as it was seen", "when": when, "then": then})


def _message_of(pdu: DeliverSm | DataSm, submitted: dict[int, SubmitSm]) -> SubmitSm | None:
    """The submission that a receipt is of: the last one between the same two numbers, whichever way."""
    ends = {pdu.source_addr.lstrip("+"), pdu.destination_addr.lstrip("+")}
    alike = [
        one for one in submitted.values() if {one.source_addr.lstrip("+"), one.destination_addr.lstrip("+")} == ends
    ]
    return alike[-1] if alike else None


def _response(responses: Sequence[SubmitSmResp], shown: tuple[str | None, str | None]) -> str | None:
    """The id that a response gave to the message of a receipt: the only one, or the one that can become its id."""
    given = [one.message_id for one in responses if one.message_id]
    for response in given:
        if any(one and spelling(raw_of(response), one) for one in shown):
            return response
    return given[0] if len(given) == 1 else None


def _ids(base: str, shown: dict[str, str | None], stub: Stub, *, is_pdu: bool = False) -> dict[str, Any]:
    """The id's source and its spelling in each place; a place where nothing was seen of it is left out or absent."""
    if not base:
        stub.remarks.append("no id was seen: ids are made as usual")
        return {}
    said = {"generate": source_of(base)}
    if said["generate"].startswith("constant"):
        stub.remarks.append(f"id {base!r}: nothing makes ids like it, so every message has this one")
        if any(one.isspace() for one in base):
            return {}
    for place, one in shown.items():
        if one is None:
            if place == "tlv" and is_pdu:
                said["tlv"] = "absent"
            continue
        steps = spelling(base, one)
        if steps is None:
            stub.remarks.append(f"{place}: {one!r} does not come from {base!r} in any way that is known")
        elif steps != "same":
            said[place] = steps
    if shown.get("response") is None and "upper" in said.values():
        # the response was not seen: most likely it is spelled as the receipt is
        said["response"] = "upper"
    return {"ids": said}


def _state(seen: Seen | None, tlv: Tlv | None, stub: Stub) -> str:
    """The seven letters of what became of the message."""
    word = seen.values["stat"] if seen else ""
    number = value_of(tlv) if tlv else None
    known = state_of(word)
    if known is None and isinstance(number, int) and number in STATES:
        known = number
    if known is None:
        known = 2 if word[:5].lower() == "deliv" else 5
        stub.remarks.append(f"stat {word!r} names no state: taken for {STATES[known]}")
    # 0 is SCHEDULED, of which no receipt tells
    return STATES[known or 1]


def _text_form(seen: Seen, state: str) -> dict[str, Any]:
    """What has to be said so that a receipt's text looks like the one that was seen."""
    form: dict[str, Any] = {}
    text: dict[str, Any] = {}
    if seen.template != _BY_THE_BOOK or state != "DELIVRD":
        text["template"] = seen.template
    if len(seen.values.get("text", "")) > ECHO:
        text["echo"] = len(seen.values["text"])
    if text:
        form["text"] = text["template"] if text.keys() == {"template"} else text
    if any(one != "%y%m%d%H%M" for one in seen.dates.values()):
        form["dates"] = seen.dates
    if seen.values["stat"] != state:
        form["stat"] = {state: seen.values["stat"]}
    if "err" in seen.values and (seen.values["err"], state) != ("000", "DELIVRD"):
        form["err"] = seen.values["err"]
    return form


def _no_fields(text: str) -> dict[str, Any]:
    """A receipt whose text is none: empty, or other words, which stand there each time."""
    return {"text": text.replace("{", "{{").replace("}", "}}")} if text else {"place": "none"}


def _places(pdu: DeliverSm | DataSm, short: bytes, payload: Tlv | None) -> dict[str, Any]:
    if isinstance(pdu, DataSm):
        return {"command": "data_sm"}
    if payload is None or not payload.value:
        return {}
    return {"place": "both" if short else "message_payload"}


def _ends(pdu: DeliverSm | DataSm, message: SubmitSm | None) -> dict[str, Any]:
    """Types of numbers, and whether the two ends are swapped; known where the submission was seen, too."""
    form: dict[str, Any] = {}
    expected: tuple[int | None, ...] = (None,) * 4
    if message is not None:
        there = (message.dest_addr_ton, message.dest_addr_npi, message.source_addr_ton, message.source_addr_npi)
        is_swapped = pdu.source_addr.lstrip("+") == message.destination_addr.lstrip("+")
        expected = there if is_swapped else (*there[2:], *there[:2])
        form |= {} if is_swapped else {"swapped": False}
        if not message.registered_delivery & 0x1F:
            form["asked"] = "always"
    sides = (
        ("source", pdu.source_addr_ton, pdu.source_addr_npi),
        ("destination", pdu.dest_addr_ton, pdu.dest_addr_npi),
    )
    for at, (name, ton, npi) in enumerate(sides):
        if expected[2 * at : 2 * at + 2] != (ton, npi):
            form[name] = {"ton": ton, "npi": npi}
    return form


def _wire_form(pdu: DeliverSm | DataSm, state: str, stub: Stub) -> dict[str, Any]:
    """Fields that are not null, and TLVs beyond those that every receipt has."""
    fields = {name: getattr(pdu, name) for name in _UNSAID if getattr(pdu, name, None)}
    if pdu.esm_class not in {RECEIPT, INTERMEDIATE}:
        fields["esm_class"] = pdu.esm_class
    if pdu.data_coding:
        fields["data_coding"] = pdu.data_coding
    form: dict[str, Any] = {"fields": fields} if fields else {}
    edits: list[dict[str, Any]] = []
    told = first(pdu.tlvs, TlvTag.MESSAGE_STATE)
    if told is None:
        edits.append({"remove": "message_state"})
    elif STATES.get(number := int.from_bytes(told.value, "big")) != state or len(told.value) != 1:
        form["message_state"] = {state: number if len(told.value) == 1 else f"hex:{told.value.hex()}"}
    usual = {TlvTag.MESSAGE_STATE, TlvTag.RECEIPTED_MESSAGE_ID, TlvTag.MESSAGE_PAYLOAD}
    for tlv in pdu.tlvs:
        if tlv.tag in usual:
            continue
        name = tlv_name(tlv.tag) if tlv.tag in TLVS else f"0x{tlv.tag:04X}"
        edits.append({"set": name, "value": f"hex:{tlv.value.hex()}"})
        if tlv.tag == TlvTag.USER_MESSAGE_REFERENCE:
            edits.pop()
            stub.remarks.append("user_message_reference is left to the message: it repeats that of the submission")
    return form | ({"tlvs": edits} if edits else {})


# --- What else an SMSC sends ---


def _refusal(pdu: Pdu, submitted: dict[int, SubmitSm], stub: Stub) -> None:
    """A rule that answers so. For which requests is seen from the one that it answers, where that was pasted, too."""
    asked = submitted.get(pdu.sequence_number)
    when: dict[str, Any] = {"to": asked.destination_addr} if asked else {}
    status = status_name(pdu.command_status)
    then: dict[str, Any] = {"reject": status}
    if isinstance(pdu, GenericNack):
        then["answer"] = {"command": "generic_nack"}
    else:
        request = pdu.command_id & ~RESPONSE
        if request != CommandId.SUBMIT_SM:
            when = {"command": command_name(request)} | when
    rule: dict[str, Any] = {"name": f"{status} as it was seen"}
    rule |= {"when": when} if when else {}
    stub.rules.append(rule | {"then": then})


def _from_subscriber(pdu: DeliverSm, stub: Stub) -> None:
    """A subscriber's message, sent again a second after the start."""
    payload = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    octets = pdu.short_message or (payload.value if payload else b"")
    sent: dict[str, Any] = {
        "mo": {"source": pdu.source_addr, "destination": pdu.destination_addr, "text": f"hex:{octets.hex()}"}
    }
    names = ("esm_class", "data_coding", "source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi")
    sent["fields"] = {
        name: getattr(pdu, name) for name in (*names, *_UNSAID) if getattr(pdu, name) or name in names[1:]
    }
    if not pdu.short_message and payload:
        sent["mo"]["place"] = "message_payload"
    rest = [one for one in pdu.tlvs if one.tag != TlvTag.MESSAGE_PAYLOAD]
    if rest:
        sent["tlvs"] = [{"add": f"0x{one.tag:04X}", "value": f"hex:{one.value.hex()}"} for one in rest]
    stub.timeline.append({"name": "a message as it was seen", "at": "1s", "then": {"send": sent}})


__all__ = ["Stub", "Unseen", "stub_of_pdus", "stub_of_text"]
