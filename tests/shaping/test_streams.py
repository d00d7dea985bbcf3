"""Places in a PDU by name, as offsets into the octets that were written of it."""

from typing import Any

import pytest

from simulator.scenario.declared import names_in
from simulator.scenario.forms.wire_forms import StreamForm, WireForm
from simulator.shaping.streams import Plan, cuts
from simulator.smpp.codec import encode
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import DeliverSm, EnquireLink, SubmitSmResp
from simulator.smpp.tlvs import Tlv
from simulator.smpp.wire import Wire

PDU = DeliverSm(source_addr="123", destination_addr="456", short_message=b"hello", tlvs=(Tlv(0x1400, b"ab"),))
OCTETS = encode(PDU)
NAMES = names_in({})


def form(said: Any) -> StreamForm:
    return StreamForm.model_validate(said, context=NAMES)


def plan(said: Any, damage: Any = None) -> Plan:
    wire = WireForm.model_validate(damage, context=NAMES).wire if damage is not None else None
    return cuts(PDU, encode(PDU, wire), form(said), wire)


def test_a_form_that_says_nothing_is_no_plan():
    assert plan({}) == Plan()


def test_a_pdu_is_cut_in_front_of_its_parts():
    assert plan({"split": "source_addr", "pause": "1s"}) == Plan((19,), 1.0)
    found = plan({"split": [3, "sm_length", "short_message", "tlv[0]", "tlv[0].value", "end", 0, 3]})
    assert found.cuts == (3, 38, 39, 44, 48)
    assert OCTETS[39:44] == b"hello"
    assert OCTETS[48:] == b"ab"


def test_offsets_beyond_a_short_pdu_are_no_cuts():
    assert cuts(EnquireLink(), encode(EnquireLink()), form({"split": [4, 16, 40]})) == Plan((4,))


def test_octets_drip():
    assert plan({"drip": "1/100ms"}).drip == (1, 0.1)
    assert plan({"drip": "10/s"}).drip == (10, 1.0)
    assert plan({"drip": "0.5/s"}).drip == (1, 2.0)
    assert plan({"drip": "2.5/s"}).drip == (2, 0.8)


def test_a_pdu_waits_for_the_next_one():
    assert plan("join") == Plan(joins=True)


def test_a_pdu_stops_before_its_end():
    assert plan({"stop": 20}) == Plan(stops_at=20)
    assert plan({"stop": "short_message"}) == Plan(stops_at=39)
    assert plan({"stop": 999}) == Plan(stops_at=len(OCTETS))
    assert plan({"stop": 0}) == Plan(stops_at=0)
    assert plan({"stop": "end"}) == Plan(stops_at=len(OCTETS))


def test_a_place_that_the_pdu_does_not_have_is_told():
    with pytest.raises(LocalError, match=r"stream\.split\[1\]: there is no 'tlv\[1\]' in this PDU"):
        plan({"split": [3, "tlv[1]"]})
    with pytest.raises(LocalError, match=r"stream\.stop: there is no 'message_id' in this PDU"):
        plan({"stop": "message_id"})


def test_octets_that_are_no_pdu_have_offsets_and_an_end():
    assert cuts(None, b"GET / HTTP/1.1", form({"split": [3, "end"]})) == Plan((3,))
    assert cuts(None, b"GET", form({"stop": "end"})) == Plan(stops_at=3)
    with pytest.raises(LocalError, match="there is no 'sm_length'"):
        cuts(None, b"GET", form({"split": "sm_length"}))


@pytest.mark.parametrize(
    ("damage", "place", "behind"),
    [
        ({"splices": {"at": "source_addr", "insert": "hex:aabb"}}, "source_addr", b"123\0"),
        ({"splices": {"at": "source_addr", "insert": "hex:aabb"}}, "sm_length", b"\x05hello"),
        ({"splices": {"at": "source_addr", "delete": 2}}, "source_addr", b"3\0"),
        ({"splices": {"at": "source_addr", "delete": 4}}, "source_addr", b"\0\0" + b"456\0"),
        ({"splices": {"at": "end", "insert": "hex:00"}}, "tlv[0].value", b"ab\0"),
        ({"unterminated": ["source_addr"]}, "destination_addr", b"456\0"),
        ({"cut": 4, "append": "hex:ff"}, "tlv[0]", b"\x14\0\xff"),
        ({"cut": 4, "append": "hex:ff"}, "tlv[0].value", b"\xff"),
        ({"cut": 4, "append": "hex:ff"}, "end", b""),
        # of two that overlap both are done
        (
            {"splices": [{"at": "short_message", "delete": 4, "insert": "hex:ee"}, {"at": 40, "insert": "hex:dd"}]},
            "tlv[0]",
            b"\x14\0",
        ),
        ({"lengths": {"sm_length": 16}}, "short_message", b"hello"),
        ({"unchecked": True}, "short_message", b"hello"),
    ],
)
def test_places_are_those_in_the_damaged_octets(damage, place, behind):
    wire = WireForm.model_validate(damage, context=NAMES).wire
    octets = encode(PDU, wire)
    at = cuts(PDU, octets, form({"stop": place}), wire).stops_at
    assert octets[at:].startswith(behind)
    assert bool(octets[at:]) == bool(behind)


def test_a_string_that_smpp_forbids_has_its_place():
    pdu = SubmitSmResp(message_id="1" * 100, tlvs=(Tlv(1, b"x"),))
    wire = Wire(unchecked=True)
    assert cuts(pdu, encode(pdu, wire), form({"split": "tlv[0]"}), wire) == Plan((117,))
