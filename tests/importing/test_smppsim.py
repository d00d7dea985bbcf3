"""SMPPSim's settings as a scenario: played where something has to come of them, and told where nothing does."""

import re
from collections import Counter
from typing import Any

import pytest

from simulator.importing.smppsim import SWITCHES, UNUSED, Unreadable, imported, messages_file
from simulator.importing.writing import file_of
from tests.quirks.play import Play

SHIPPED = """
SMPP_PORT=2775
SMPP_CONNECTION_HANDLERS=10
CONNECTION_HANDLER_CLASS=com.seleniumsoftware.SMPPSim.StandardConnectionHandler
PROTOCOL_HANDLER_CLASS=com.seleniumsoftware.SMPPSim.StandardProtocolHandler
LIFE_CYCLE_MANAGER=com.seleniumsoftware.SMPPSim.LifeCycleManager
MESSAGE_STATE_CHECK_FREQUENCY=5000
MAX_TIME_ENROUTE=10000
DELAY_DELIVERY_RECEIPTS_BY=0
PERCENTAGE_THAT_TRANSITION=75
PERCENTAGE_DELIVERED=90
PERCENTAGE_UNDELIVERABLE=6
PERCENTAGE_ACCEPTED=2
PERCENTAGE_REJECTED=2
DISCARD_FROM_QUEUE_AFTER=60000
HTTP_PORT=88
HTTP_THREADS=1
DOCROOT=www
AUTHORISED_FILES=/css/style.css,/index.htm
INJECT_MO_PAGE=/inject_mo.htm
SYSTEM_IDS=smppclient1,smppclient2
PASSWORDS=password,0815
OUTBIND_ENABLED=false
OUTBIND_ESME_IP_ADDRESS=127.0.0.1
OUTBIND_ESME_PORT=2776
OUTBIND_ESME_SYSTEMID=smppclient1
OUTBIND_ESME_PASSWORD=password
DELIVERY_MESSAGES_PER_MINUTE=0
DELIVER_MESSAGES_FILE=deliver_messages.csv
LOOPBACK=FALSE
ESME_TO_ESME=false
OUTBOUND_QUEUE_MAX_SIZE=1000
INBOUND_QUEUE_MAX_SIZE=1000
DELAYED_INBOUND_QUEUE_PROCESSING_PERIOD=60
DELAYED_INBOUND_QUEUE_MAX_ATTEMPTS=100
DECODE_PDUS_IN_LOG=true
CAPTURE_SME_BINARY=false
CAPTURE_SME_BINARY_TO_FILE=sme_binary.capture
CAPTURE_SMPPSIM_BINARY=false
CAPTURE_SMPPSIM_BINARY_TO_FILE=smppsim_binary.capture
CAPTURE_SME_DECODED=false
CAPTURE_SME_DECODED_TO_FILE=sme_decoded.capture
CAPTURE_SMPPSIM_DECODED=false
CAPTURE_SMPPSIM_DECODED_TO_FILE=smppsim_decoded.capture
CALLBACK=false
CALLBACK_ID=SIM1
CALLBACK_TARGET_HOST=localhost
CALLBACK_PORT=3333
SIMULATE_VARIABLE_SUBMIT_SM_RESPONSE_TIMES=false
DELIVER_SM_INCLUDES_USSD_SERVICE_OP=false
DELIVERY_RECEIPT_OPTIONAL_PARAMS=true
DELIVERY_RECEIPT_TLV=
START_MESSAGE_ID_AT=
MESSAGE_ID_PREFIX=
SMSCID=SMPPSim
"""
"""Every key of the file that comes with it, and those that it reads beside."""


def played(text: str, canned: str = "") -> Play:
    made = imported(text, "x.props", canned)
    return Play(beside=[file_of(made.scenario, made.comments).partition("scenario: 1\n")[2]])


def carrier_of(text: str) -> dict[str, Any]:
    carrier: dict[str, Any] = imported(text, "x.props").scenario["carrier"]
    return carrier


def remarked(text: str) -> dict[str, str]:
    """What was remarked, by key."""
    return dict(one.split(": ", 2)[1:] for one in imported(text, "x.props").remarks)


def ends(play: Play, *numbers: str) -> list[str]:
    """The stat of each message to these numbers, in their order."""
    gate = play.bound("smppclient1", password="password")
    requests = [gate.submit_at_once(destination_addr=number, registered_delivery=1) for number in numbers]
    play.run(30)
    frames = gate.frames
    ids = {one.sequence_number: one.text("message_id") for one in frames if one.name == "submit_sm_resp"}
    stats = {one.found("id"): one.found("stat") for one in frames if one.is_receipt}
    return [stats[ids[one.sequence_number]] for one in requests]


def test_every_key_of_the_shipped_file_is_known() -> None:
    made = imported(SHIPPED, "smppsim.props")
    assert not [one for one in made.remarks if "known" in one and "query_sm" not in one]
    keys = [one.split(": ")[1] for one in made.remarks]
    assert set(keys) == {*UNUSED, "PERCENTAGE_THAT_TRANSITION"} - {one for one in UNUSED if one.startswith("CALLBACK")}
    assert all(re.match(r"smppsim\.props:\d+: [A-Z_]+: .", one) for one in made.remarks)
    assert made.scenario["carrier"]["accounts"] == {
        "smppclient1": {"password": "password"},
        "smppclient2": {"password": "0815"},
    }
    assert "  carrier-sim serve FILE --smpp 127.0.0.1:2775 --http 127.0.0.1:88" in made.comments


def test_only_its_accounts_bind_and_it_says_its_name() -> None:
    play = played(SHIPPED)
    known = play.bound("smppclient2", password="0815")
    stranger = play.bound("smppclient2", password="x")
    play.run(1)
    assert [(one.command_status, one.text("system_id")) for one in known.frames[:1]] == [(0, "SMPPSim")]
    assert stranger.frames[0].command_status == 0x0E


def test_messages_end_in_the_shares_of_the_file() -> None:
    text = SHIPPED.replace("DELIVERED=90", "DELIVERED=40")
    for key in ("UNDELIVERABLE=6", "ACCEPTED=2", "REJECTED=2"):
        text = text.replace(key, f"{key.partition('=')[0]}=20")
    stats = Counter(ends(played(text), *(f"1202555{number:04}" for number in range(500))))
    assert {stat: round(share / 50) for stat, share in stats.items()} == {
        "DELIVRD": 4,
        "UNDELIV": 2,
        "ACCEPTD": 2,
        "REJECTD": 2,
    }


def test_what_the_shares_leave_is_rejected_as_there() -> None:
    text = "PERCENTAGE_DELIVERED=0\nPERCENTAGE_UNDELIVERABLE=0\nPERCENTAGE_ACCEPTED=0\nPERCENTAGE_REJECTED=0"
    assert ends(played(text), "1", "2", "3") == ["REJECTD"] * 3
    assert remarked(text)["PERCENTAGE_REJECTED"] == "the four shares are 0%: what is missing is REJECTED"


def test_by_the_deterministic_manager_the_first_digit_decides() -> None:
    text = "LIFE_CYCLE_MANAGER=com.seleniumsoftware.SMPPSim.DeterministicLifeCycleManager"
    numbers = ("155", "255", "355", "455", "555", "655")
    assert ends(played(text), *numbers) == ["EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "REJECTD", "DELIVRD"]


def test_numbers_that_are_named_are_undeliverable() -> None:
    text = "PERCENTAGE_DELIVERED=100\nUNDELIVERABLE_PHONE_NUMBERS=999999900[1-2],777"
    assert ends(played(text), "9999999001", "9999999003", "777", "7771") == ["UNDELIV", "DELIVRD", "UNDELIV", "DELIVRD"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", "0ms..12000ms"),
        (
            "PERCENTAGE_THAT_TRANSITION=100\nMESSAGE_STATE_CHECK_FREQUENCY=500\nDELAY_DELIVERY_RECEIPTS_BY=2000",
            "2000ms..2500ms",
        ),
        ("MESSAGE_STATE_CHECK_FREQUENCY=0\nMAX_TIME_ENROUTE=0\nDELAY_DELIVERY_RECEIPTS_BY=7", "7ms"),
    ],
)
def test_a_message_ends_within_its_sweeps(text: str, span: str) -> None:
    assert carrier_of(text)["deliver"]["after"] == span


def test_ids_count_from_where_the_file_says_behind_its_prefix() -> None:
    play = played("START_MESSAGE_ID_AT=41\nMESSAGE_ID_PREFIX=SM\nPERCENTAGE_DELIVERED=100")
    gate = play.bound()
    requests = [gate.submit_at_once(destination_addr="12", registered_delivery=1) for _ in range(2)]
    play.run(30)
    assert [gate.answers_to(one)[0].text("message_id") for one in requests] == ["SM41", "SM42"]
    assert {one.found("id") for one in gate.receipts} == {"SM41", "SM42"}
    assert {one.tlv("receipted_message_id") for one in gate.receipts} == {b"SM41\0", b"SM42\0"}


def test_a_random_start_is_remarked() -> None:
    assert carrier_of("START_MESSAGE_ID_AT=random")["ids"] == {"generate": "counter 1000000"}
    assert "ids begin at 1000000" in remarked("START_MESSAGE_ID_AT=Random")["START_MESSAGE_ID_AT"]


def test_tlvs_of_receipts_are_left_out_and_added() -> None:
    play = played("DELIVERY_RECEIPT_OPTIONAL_PARAMS=false\nDELIVERY_RECEIPT_TLV=1403/02/3132\nPERCENTAGE_DELIVERED=100")
    gate = play.bound()
    gate.submit_at_once(destination_addr="12", registered_delivery=1)
    play.run(30)
    (receipt,) = gate.receipts
    assert receipt.tlvs == [(0x1403, b"12")]
    assert remarked("DELIVERY_RECEIPT_TLV=1403/0A/3132")["DELIVERY_RECEIPT_TLV"].endswith("value here, 2")


def test_enquire_link_is_answered_late_or_never() -> None:
    assert carrier_of("DROP_ENQUIRE_LINK_RESPONSES=true\nENQUIRE_LINK_RESPONSE_DELAY=5")["link_policy"] == {
        "enquire_link": "silence"
    }
    (rule, *_) = imported("ENQUIRE_LINK_RESPONSE_DELAY=1500").scenario["rules"]
    assert (rule["when"], rule["then"]) == ({"command": "enquire_link"}, {"respond": "1500ms"})
    assert file_of(imported("ENQUIRE_LINK_RESPONSE_DELAY=1500").scenario)


def test_responses_take_up_to_three_seconds_where_they_vary() -> None:
    assert carrier_of("SIMULATE_VARIABLE_SUBMIT_SM_RESPONSE_TIMES=true")["respond"] == "0s..3s"
    assert "respond" not in carrier_of("SIMULATE_VARIABLE_SUBMIT_SM_RESPONSE_TIMES=1")


def test_canned_messages_come_one_after_the_other_at_their_rate() -> None:
    canned = "0771,1000,A test, with a comma\n\n0772,1000,0x3132\nbroken\n0773,1000,0xZZ\n"
    text = "DELIVERY_MESSAGES_PER_MINUTE=60\nDELIVER_MESSAGES_FILE=mine.csv\n"
    assert messages_file(text) == "mine.csv"
    play = played(text, canned)
    gate = play.bound(bind="RX", address_range="1000")
    play.run(6.5)
    frames = gate.frames_of("deliver_sm")
    assert [(one.text("source_addr"), one.octets_of("short_message"), one.number("data_coding")) for one in frames] == [
        ("0771", b"A test, with a comma", 0),
        ("0772", b"12", 4),
        ("0773", b"0xZZ", 0),
        ("0771", b"A test, with a comma", 0),
    ]
    assert [round(one.at - frames[0].at, 3) for one in frames] == [0, 1, 2, 3]
    assert imported(text, "x.props", canned).remarks[-1].endswith("1 of 4 lines were left out")


def test_without_a_rate_or_a_file_nothing_is_sent() -> None:
    assert messages_file("DELIVER_MESSAGES_FILE=mine.csv") == ""
    assert "timeline" not in imported("DELIVER_MESSAGES_FILE=mine.csv", canned="1,2,3").scenario
    assert remarked("DELIVERY_MESSAGES_PER_MINUTE=1") | {"PERCENTAGE_THAT_TRANSITION": ""} == {
        "PERCENTAGE_THAT_TRANSITION": "",
        "DELIVERY_MESSAGES_PER_MINUTE": "no messages were found in any file",
    }


def test_outbind_and_ports_are_options_of_the_command() -> None:
    text = "SMPP_PORT=3000\nHTTP_PORT=3001\nOUTBIND_ENABLED=true\nOUTBIND_ESME_SYSTEMID=me\nOUTBIND_ESME_PASSWORD=pw"
    assert imported(text).comments[1] == (
        "  carrier-sim serve FILE --smpp 127.0.0.1:3000 --http 127.0.0.1:3001 --outbind 127.0.0.1:2776=me:pw"
    )


@pytest.mark.parametrize("key", SWITCHES)
def test_a_switch_that_is_on_and_means_nothing_is_told(key: str) -> None:
    assert remarked(f"{key}=TRUE")[key] == SWITCHES[key]
    assert key not in remarked(f"{key}=yes")


def test_classes_of_somebodys_own_and_foreign_keys_are_told() -> None:
    text = "PROTOCOL_HANDLER_CLASS=a.b.TestProtocolHandler1\nLIFE_CYCLE_MANAGER=a.Mine\nFOO=1"
    told = remarked(text)
    assert told["PROTOCOL_HANDLER_CLASS"].startswith("TestProtocolHandler1 is a class of its own")
    assert told["LIFE_CYCLE_MANAGER"].startswith("Mine is a class of its own")
    assert told["FOO"] == "no key of SMPPSim that is known here"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PERCENTAGE_DELIVERED=abc", "x.props:1: PERCENTAGE_DELIVERED: 'abc', allowed: a whole number from 0 to 100"),
        ("PERCENTAGE_DELIVERED=101", "x.props:1: PERCENTAGE_DELIVERED: '101', allowed: a whole number from 0 to 100"),
        ("\nSMPP_PORT=-1", "x.props:2: SMPP_PORT: '-1', allowed: a whole number from 0 to 65535"),
        ("SYSTEM_IDS=a,b\nPASSWORDS=c", "x.props:2: PASSWORDS: 1 of them for 2 SYSTEM_IDS, allowed: one for each"),
        ("SYSTEM_IDS=a", "x.props: PASSWORDS: 0 of them for 1 SYSTEM_IDS, allowed: one for each"),
        (
            "SYSTEM_IDS=,b\nPASSWORDS=c,d",
            "x.props:1: SYSTEM_IDS: an empty one, allowed: names with commas between them",
        ),
        ("DELIVERY_RECEIPT_TLV=1403/3132", "x.props:1: DELIVERY_RECEIPT_TLV: '1403/3132', allowed: tag/length/value"),
        ("START_MESSAGE_ID_AT=x", "x.props:1: START_MESSAGE_ID_AT: 'x', allowed: a whole number of up to 18 digits"),
        ("MESSAGE_ID_PREFIX=a b", "x.props:1: MESSAGE_ID_PREFIX: 'a b', allowed: a text without spaces"),
        ("UNDELIVERABLE_PHONE_NUMBERS=(", "x.props:1: UNDELIVERABLE_PHONE_NUMBERS: '(':"),
    ],
)
def test_a_value_that_is_none_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(told)):
        imported(text, "x.props")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Unreadable) as caught:
        imported("SMPP_PORT=a\nHTTP_PORT=b", "x.props")
    assert len(str(caught.value).splitlines()) == 2
