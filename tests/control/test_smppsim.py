"""/inject_mo: what suites of SMPPSim send is taken, and becomes the deliver_sm that it describes."""

from typing import Any

import pytest

from simulator.smpp.codec import encode
from simulator.smpp.pdus import DeliverSm
from simulator.smpp.tlvs import Tlv
from tests.control.caller import Caller
from tests.smsc.world import World

FORM = (
    "short_message=Hello+from+SMPPSim&source_addr=4477665544&destination_addr=5555&submit=Submit+Message&service_type="
    "&source_addr_ton=1&source_addr_npi=1&dest_addr_ton=1&dest_addr_npi=1&esm_class=0&protocol_ID=&priority_flag="
    "&registered_delivery_flag=0&data_coding=0&user_message_reference=&source_port=&destination_port=&sar_msg_ref_num="
    "&sar_total_segments=&sar_segment_seqnum=&user_response_code=&privacy_indicator=&payload_type=&message_payload="
    "&callback_num=&source_subaddress=&dest_subaddress=&language_indicator=&tlv1_tag=&tlv1_len=&tlv1_val=&tlv2_tag="
    "&tlv2_len=&tlv2_val=&tlv3_tag=&tlv3_len=&tlv3_val=&tlv4_tag=&tlv4_len=&tlv4_val=&tlv5_tag=&tlv5_len=&tlv5_val="
    "&tlv6_tag=&tlv6_len=&tlv6_val=&tlv7_tag=&tlv7_len=&tlv7_val="
)
"""What its page sends, every field of it."""
ENDS = {"source_addr": "12025550100", "destination_addr": "5555"}


@pytest.fixture
def caller() -> Caller:
    world = World()
    world.bound()
    return Caller(world)


async def delivered(caller: Caller, **form: str) -> DeliverSm:
    """The deliver_sm that comes of a form."""
    response = await caller.call("POST", "/inject_mo", data=ENDS | form)
    assert response.status_code == 200, response.text
    return arrived(caller)[-1]


def arrived(caller: Caller) -> list[DeliverSm]:
    caller.world.settle()
    (gateway,) = caller.world.gateways
    return gateway.of(DeliverSm)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_the_page_of_smppsim_sends_is_delivered(caller: Caller, method: str) -> None:
    if method == "GET":
        response = await caller.call("GET", f"/inject_mo?{FORM}")
    else:
        kind = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
        response = await caller.call("POST", "/inject_mo", content=FORM.encode(), headers=kind)
    assert (response.status_code, response.json()) == (
        *(200, {"messages": [{"id": "1", "account": "gateway", "segments": 1}]}),
    )
    (pdu,) = arrived(caller)
    assert (pdu.short_message, pdu.source_addr, pdu.destination_addr) == (b"Hello from SMPPSim", "4477665544", "5555")
    assert (pdu.source_addr_ton, pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.esm_class, pdu.tlvs) == (1, 1, 1, 0, ())
    (row,) = await caller.rows(direction="mo")
    assert (row["text"], row["state"]) == ("Hello from SMPPSim", "DELIVRD")


async def test_several_destinations_are_as_many_messages(caller: Caller) -> None:
    response = await caller.call("POST", "/inject_mo", data=ENDS | {"destination_addr": "5555,6666"})
    assert [one["id"] for one in response.json()["messages"]] == ["1", "2"]
    assert [pdu.destination_addr for pdu in arrived(caller)] == ["5555", "6666"]


async def test_every_field_and_tlv_goes_out_as_it_was_given(caller: Caller) -> None:
    pdu = await delivered(
        caller,
        service_type="USSD",
        source_addr_ton="5",
        source_addr_npi="0",
        esm_class="0x40",
        protocol_ID="1",
        priority_flag="2",
        registered_delivery_flag="4",
        data_coding="245",
        format="yes",
        short_message="050003070201aabb",
        user_message_reference="7",
        callback_num="01 02",
        tlv1_tag="1281",
        tlv1_len="1",
        tlv1_val="02",
        tlv7_tag="0x1600",
        tlv7_len="99",
        tlv7_val="CF1D",
    )
    assert (
        encode(pdu)[16:]
        == encode(
            DeliverSm(
                service_type="USSD",
                source_addr_ton=5,
                source_addr="12025550100",
                dest_addr_ton=3,
                destination_addr="5555",
                esm_class=0x40,
                protocol_id=1,
                priority_flag=2,
                registered_delivery=4,
                data_coding=245,
                short_message=bytes.fromhex("050003070201aabb"),
                tlvs=(Tlv(0x204, b"\0\7"), Tlv(0x381, b"\1\2"), Tlv(0x501, b"\2"), Tlv(0x1600, b"\xcf\x1d")),
            )
        )[16:]
    )


@pytest.mark.parametrize(
    ("coding", "text", "octets"),
    [
        ("0", "@ü€", b"\0\x7e\x1be"),
        ("3", "ü", b"\xfc"),
        ("8", "Я", b"\x04\x2f"),
        ("4", "ü", b"\xfc"),
        ("1", "a", b"a"),
    ],
)
async def test_a_text_is_written_in_the_alphabet_of_its_data_coding(
    caller: Caller, coding: str, text: str, octets: bytes
) -> None:
    assert (await delivered(caller, data_coding=coding, short_message=text)).short_message == octets
    assert (await delivered(caller, data_coding=coding, message_payload=text)).tlvs == (Tlv(0x424, octets),)


async def test_a_text_behind_a_header_is_read_without_it(caller: Caller) -> None:
    await delivered(caller, esm_class="64", format="yes", short_message="0500030702016869")
    (row,) = await caller.rows(direction="mo")
    assert row["text"] == "hi"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"source_addr": ""}, "source_addr: '', 1 to 20 printable ASCII characters beside a leading +"),
        ({"destination_addr": "1,,2"}, "destination_addr: '', 1 to 20 printable"),
        ({"destination_addr": "1" * 21}, f"destination_addr: '{'1' * 21}', 1 to 20 printable"),
        ({"esm_class": "256"}, "esm_class: '256', a number from 0 to 255, decimal or 0x..."),
        ({"esm_class": "x"}, "esm_class: 'x', a number from 0 to 255"),
        ({"data_coding": "0x"}, "data_coding: '0x', a number from 0 to 255"),
        ({"service_type": "toolong"}, "service_type: 'toolong', at most 5 ASCII characters"),
        ({"short_message": "Я"}, "short_message: 'Я', characters of data_coding 0; 8 has all"),
        ({"short_message": "x" * 255}, "at most 254 octets; /api/mo divides a text"),
        ({"short_message": "xyz", "format": "yes"}, "short_message: 'xyz', hexadecimal, because `format` is there"),
        ({"tlv1_tag": "65536"}, "tlv1_tag: '65536', a number from 0 to 65535"),
        ({"tlv1_tag": "5376", "tlv1_val": "abc"}, "tlv1_val: 'abc', hexadecimal"),
        ({"tlv1_val": "00"}, "tlv1_val: '00', tlv1_tag beside it"),
        ({"privacy_indicator": "300"}, "privacy_indicator: '300', "),
        ({"short_mesage": "hi"}, "short_mesage: 'hi', is not known here; did you mean short_message?"),
    ],
)
async def test_a_field_that_is_wrong_is_told_and_nothing_is_sent(
    caller: Caller, form: dict[str, str], told: str
) -> None:
    problem = await caller.refused("POST", "/inject_mo", 422, data=ENDS | form)
    assert told in problem["detail"]
    assert next(iter(problem["where"]))["field"] in form
    assert arrived(caller) == []


async def test_one_of_several_destinations_that_nobody_owns_sends_nothing(caller: Caller) -> None:
    problem = await caller.refused("POST", "/inject_mo", 409, data=ENDS, params={"account": "nobody"})
    assert problem["code"] == "no_route"
    assert arrived(caller) == []


async def test_the_header_names_the_account(caller: Caller) -> None:
    caller.headers = {"Smsc-Account": "gateway"}
    assert (await delivered(caller, short_message="hi")).short_message == b"hi"
    caller.headers = {"Smsc-Account": "other"}
    await caller.refused("POST", "/inject_mo", 409, data=ENDS)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"source_addr": "1"}', "application/json"),
        (b"source_addr=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(501)), "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_is_no_form_is_refused(caller: Caller, content: bytes, kind: str) -> None:
    await caller.refused("POST", "/inject_mo", 422, content=content, headers={"content-type": kind})


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
async def test_a_page_from_elsewhere_injects_nothing_by_a_link(caller: Caller, site: str, status: int) -> None:
    response: Any = await caller.call("GET", "/inject_mo", params=ENDS, headers={"Sec-Fetch-Site": site})
    assert response.status_code == status
    assert len(arrived(caller)) == (status == 200)
