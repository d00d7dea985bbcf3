"""npm's `smpp` as the ESME: its default interface_version 0x50 and its GSM under data_coding 1 are understood."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.e2e.node_esme import NodeEsme, node_esme
from tests.e2e.processes import eventually
from tests.e2e.served import Served

pytestmark = [pytest.mark.real_peer("npm smpp"), pytest.mark.timeout(60)]

ESME_RCANCELFAIL, ESME_RINVDLNAME, ESME_RINVPASWD, ESME_RBINDFAIL, ESME_RQUERYFAIL = 0x11, 0x34, 0x0E, 0x0D, 0x67
ENROUTE, DELIVERED, DELETED = 1, 2, 4
SOURCE = "12025550101"

_names = count(1)


@pytest.fixture
def esme(served: Served) -> Iterator[NodeEsme]:
    """Bound as a transceiver with everything that the library sets by itself, interface_version 0x50 among it."""
    with node_esme(served) as one:
        answer = one.ask("bind_transceiver", system_id=f"node{next(_names)}", password="secret")
        assert answer["command_status"] == 0
        assert answer["system_id"]
        yield one


def submit(to: str, text: str | bytes, **fields: object) -> dict[str, object]:
    return {"source_addr": SOURCE, "destination_addr": to, "short_message": text, **fields}


@pytest.mark.parametrize("bind", ["bind_transmitter", "bind_receiver", "bind_transceiver"])
def test_each_kind_of_bind_is_accepted_and_left_by_unbind(served: Served, bind: str) -> None:
    with node_esme(served) as one:
        answer = one.ask(bind, system_id=f"node-{bind[5:11]}", password="secret")
        assert (answer["command"], answer["command_status"]) == (f"{bind}_resp", 0)
        assert answer["sc_interface_version"] == 0x50
        assert one.ask("enquire_link")["command_status"] == 0
        assert one.ask("unbind")["command_status"] == 0
        one.until(lambda: {"event": "close"} in one.events, "the end of the link")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10, "plain words and 123"),
        (11, "@ $5 under_score é è ù ò"),
        (12, "Grüße: ÄÖÜ äöü ß @home"),
        (13, "[brackets] {braces} ~ | ^ \\ 5 € @"),
        (14, "Привет, мир"),
        (15, "emoji 😀🎉 and 中文"),
        (16, "smart “quotes” – dash…"),
    ],
)
def test_text_in_the_default_encoding_is_readable(served: Served, esme: NodeEsme, number: int, text: str) -> None:
    message_id = esme.submitted(**submit(f"120255501{number}", text))
    row = served.message(to=f"120255501{number}")
    assert (row["text"], row["message_id"], row["from"]) == (text, message_id, SOURCE)


def test_a_receipt_names_the_message_and_its_fate(served: Served, esme: NodeEsme) -> None:
    message_id = esme.submitted(**submit("12025550120", "with a receipt", registered_delivery=1))
    receipt = esme.receipt(message_id)
    assert receipt["command"] == "deliver_sm"
    assert (receipt["source_addr"], receipt["destination_addr"]) == ("12025550120", SOURCE)
    assert (receipt["esm_class"] & 0x3C, receipt["message_state"]) == (0x04, DELIVERED)
    text = receipt["short_message"]["message"]
    assert text.startswith(f"id:{message_id} sub:001 dlvrd:001 submit date:")
    assert text.endswith(" stat:DELIVRD err:000 Text:with a receipt")
    row = served.concluded(to="12025550120")
    assert (row["state"], row["receipts"]["requested"], row["receipts"]["sent"]) == ("DELIVRD", True, 1)


def test_nobody_gets_a_receipt_who_asked_for_none(served: Served, esme: NodeEsme) -> None:
    quiet = esme.submitted(**submit("12025550121", "no receipt"))
    loud = esme.submitted(**submit("12025550122", "a receipt", registered_delivery=1))
    served.concluded(to="12025550121")
    esme.receipt(loud)
    assert [pdu["receipted_message_id"] for pdu in esme.requests] == [loud] != [quiet]


def test_a_long_message_payload_is_one_message(served: Served, esme: NodeEsme) -> None:
    text = "A long text in one TLV. " * 60
    fields = {"source_addr": SOURCE, "destination_addr": "12025550123", "registered_delivery": 1}
    message_id = esme.submitted(message_payload=text, data_coding=0, **fields)
    assert served.message(to="12025550123")["text"] == text
    assert esme.receipt(message_id)["message_state"] == DELIVERED


def test_segments_with_a_header_are_joined(served: Served, esme: NodeEsme) -> None:
    first, second = "the first half, ", "and the second"
    for number, half in enumerate((first, second), 1):
        udh = bytes((5, 0, 3, 0x4D, 2, number))
        esme.submitted(**submit("12025550124", udh + half.encode(), esm_class=0x40, data_coding=0))
    row = served.message(to="12025550124")
    assert (row["text"], row["segments"], len(row["parts"])) == (first + second, 2, 2)


def test_query_sm_tells_the_state(served: Served, esme: NodeEsme) -> None:
    message_id = esme.submitted(**submit("12025550125", "asked about"))
    served.concluded(to="12025550125")
    answer = esme.ask("query_sm", message_id=message_id, source_addr=SOURCE)
    assert (answer["command_status"], answer["message_id"], answer["message_state"]) == (0, message_id, DELIVERED)
    assert answer["final_date"]
    assert answer["error_code"] == 0


def test_query_sm_of_an_unknown_message_fails(esme: NodeEsme) -> None:
    answer = esme.ask("query_sm", message_id="0", source_addr=SOURCE)
    assert answer["command_status"] == ESME_RQUERYFAIL


def test_cancel_sm_ends_a_scheduled_message_once(served: Served, esme: NodeEsme) -> None:
    fields = submit("12025550126", "never sent", schedule_delivery_time="000001000000000R", registered_delivery=1)
    message_id = esme.submitted(**fields)
    place = {"message_id": message_id, "source_addr": SOURCE, "destination_addr": "12025550126"}
    assert esme.ask("cancel_sm", **place)["command_status"] == 0
    assert served.message(to="12025550126")["state"] == "DELETED"
    assert esme.ask("cancel_sm", **place)["command_status"] == ESME_RCANCELFAIL
    assert esme.receipt(message_id)["message_state"] == DELETED
    assert esme.ask("query_sm", message_id=message_id, source_addr=SOURCE)["message_state"] == DELETED


def test_replace_sm_changes_the_text_of_a_scheduled_message(served: Served, esme: NodeEsme) -> None:
    fields = submit("12025550127", "the old text", data_coding=0, schedule_delivery_time="000000000002000R")
    message_id = esme.submitted(**fields)
    answer = esme.ask("replace_sm", message_id=message_id, source_addr=SOURCE, short_message=b"the new text")
    assert answer["command_status"] == 0
    row = served.concluded(to="12025550127")
    assert (row["text"], row["state"], row["message_id"]) == ("the new text", "DELIVRD", message_id)


def test_submit_multi_reaches_every_destination_and_names_the_failed(served: Served, esme: NodeEsme) -> None:
    destinations = [
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "12025550128"},
        {"dest_flag": 2, "dl_name": "everybody"},
        {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "12025550129"},
    ]
    answer = esme.ask(
        "submit_multi", source_addr=SOURCE, dest_address=destinations, short_message="to many", registered_delivery=1
    )
    assert answer["command_status"] == 0
    failed = answer["unsuccess_sme"]
    assert [(one["destination_addr"], one["error_status_code"]) for one in failed] == [("everybody", ESME_RINVDLNAME)]
    for to in ("12025550128", "12025550129"):
        assert served.message(to=to)["text"] == "to many"
    esme.until(lambda: len(esme.requests) == 2, "two receipts")
    assert sorted(pdu["source_addr"] for pdu in esme.requests) == ["12025550128", "12025550129"]
    assert {pdu["receipted_message_id"] for pdu in esme.requests} == {answer["message_id"]}


@pytest.mark.parametrize("text", ["An answer: @ $ _ ü €", "Ответ 😀", "long " * 80])
def test_a_subscribers_message_arrives_as_written(served: Served, esme: NodeEsme, text: str) -> None:
    esme.submitted(**submit("12025550130", "question"))
    sent = served.mo(SOURCE, "+12025550130", text)
    esme.until(lambda: len(esme.requests) == sent["segments"], "all segments")
    halves = [pdu["short_message"] for pdu in esme.requests]
    assert "".join(half["message"] for half in halves) == text
    assert {pdu["source_addr"] for pdu in esme.requests} == {"12025550130"}
    assert all(("udh" in half) == (sent["segments"] > 1) for half in halves)


def test_an_operation_of_a_transmitter_is_refused_to_a_receiver(served: Served) -> None:
    with node_esme(served) as one:
        one.ask("bind_receiver", system_id="node-rx", password="secret")
        answer = one.ask("submit_sm", **submit("12025550131", "not from here"))
        assert (answer["command"], answer["command_status"]) == ("submit_sm_resp", 0x04)
        assert served.messages(to="12025550131") == []


def test_the_servers_sessions_show_the_bind(served: Served, esme: NodeEsme) -> None:
    name = f"node{next(_names)}"
    with node_esme(served) as one:
        one.ask("bind_transceiver", system_id=name, password="secret")
        session = next(session for session in served.sessions() if session["system_id"] == name)
        assert (session["bind"], session["version"]) == ("TRX", "5.0")
    eventually(lambda: name not in {session["system_id"] for session in served.sessions()}, 5, "the end of the session")
