"""A run with every PDU of a 3.4 session, recorded on its way, as the SMPP dissector of tshark reads it.

The ESME's octets are typed here, the server's come from the server, and tshark has seen neither's code.
"""

import json
import struct
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio

from simulator.carrier.accounts import Account
from simulator.net.server import Server
from simulator.smpp.connection import Timers
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms
from tests.e2e import raw
from tests.e2e.pcap import SERVER_PORT, Conversation, write
from tests.e2e.processes import program
from tests.e2e.raw import RESPONSE, Frame, RawEsme, address, bind, frames, submission, text, tlv
from tests.e2e.relay import Relay

pytestmark = [pytest.mark.real_peer("tshark"), pytest.mark.timeout(60), pytest.mark.usefixtures("dissector")]

NAMES = {
    0x01: "bind_receiver", 0x02: "bind_transmitter", 0x03: "query_sm", 0x04: "submit_sm", 0x05: "deliver_sm",
    0x06: "unbind", 0x07: "replace_sm", 0x08: "cancel_sm", 0x09: "bind_transceiver", 0x15: "enquire_link",
    0x21: "submit_multi", 0x103: "data_sm", 0x00: "generic_nack",
}  # fmt: skip

ESME_RINVCMDID, ESME_RINVBNDSTS, ESME_RALYBND, ESME_RINVPRTFLG, ESME_RINVDSTADR = 0x03, 0x04, 0x05, 0x06, 0x0B
ESME_RINVPASWD, ESME_RINVSYSID, ESME_RCANCELFAIL, ESME_RREPLACEFAIL, ESME_RINVDLNAME = 0x0E, 0x0F, 0x11, 0x13, 0x34
ESME_RINVSCHED, ESME_RX_P_APPN, ESME_RQUERYFAIL, ESME_RMISSINGTLV = 0x61, 0x65, 0x67, 0xC3

SOURCE = address("13055550101")
UNKNOWN_COMMAND = 0x0000000A
PAYLOAD = 0x0424

EXPERT_WARNING = 0x00600000
"""tshark's severities grow: chat, note, warning, error."""

MANY_TLVS = b"".join(
    tlv(tag, value)
    for tag, value in [
        (0x0204, b"\x12\x34"),  # user_message_reference
        (0x020A, b"\x3e\x80"),  # source_port: one whose content no other dissector claims
        (0x020B, b"\x3e\x81"),  # destination_port
        (0x000D, b"\x01"),  # source_addr_subunit
        (0x0005, b"\x01"),  # dest_addr_subunit
        (0x0019, b"\x00"),  # payload_type
        (0x0201, b"\x02"),  # privacy_indicator
        (0x0381, b"\x01\x01\x0113055550199"),  # callback_num
        (0x0302, b"\x00"),  # callback_num_pres_ind
        (0x0303, b"\x00Desk"),  # callback_num_atag
        (0x0202, b"\x50\x01\x02"),  # source_subaddress
        (0x0203, b"\x50\x03\x04"),  # dest_subaddress
        (0x0205, b"\x07"),  # user_response_code
        (0x1201, b"\x01"),  # display_time
        (0x1203, b"\x00\x01"),  # sms_signal
        (0x1204, b"\x02"),  # ms_validity
        (0x0304, b"\x02"),  # number_of_messages
        (0x130C, b""),  # alert_on_message_delivery
        (0x020D, b"\x01"),  # language_indicator
        (0x1380, b"\x00"),  # its_reply_type
        (0x0426, b"\x00"),  # more_messages_to_send
        (0x1501, b"vendor"),  # none of the specification's
    ]
)


@dataclass(slots=True)
class Run:
    """The recorded server: where ESMEs connect, and what stands behind."""

    smsc: Smsc
    server: Server
    relay: Relay
    port: int
    nursery: trio.Nursery

    async def connect(self) -> RawEsme:
        """A new connection through the recorder."""
        esme = RawEsme(await trio.open_tcp_stream("127.0.0.1", self.port))
        self.nursery.start_soon(esme.listen)
        return esme

    async def bound(self, command_id: int, **fields: Any) -> RawEsme:
        """The same, bound."""
        esme = await self.connect()
        assert (await esme.ask(command_id, bind("capture", **fields))).status == 0
        return esme

    def mo(self, words: str) -> None:
        """Let a subscriber write."""
        self.smsc.mo("13055550101", "+13055550190", words, trio.current_time())


@asynccontextmanager
async def recording() -> AsyncIterator[Run]:
    """A server that asks for a sign of life after half a second of silence, and a recorder before it."""
    terms = Terms(timers=Timers(enquire_link=0.5))
    smsc = Smsc(trio.current_time(), time.time(), accounts=[Account("capture", "secret")], terms=terms)
    server = Server(smsc)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    relay = Relay(listeners[0].socket.getsockname()[1])
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            await nursery.start(lambda task_status: server.serve(listeners, task_status=task_status))
            port = await nursery.start(relay.serve)
            yield Run(smsc, server, relay, port, nursery)
            nursery.cancel_scope.cancel()


async def refused_binds(run: Run) -> None:
    """Wrong credentials, a request before any bind, a second bind on one link."""
    for system_id, password, status in [("capture", "wrong", ESME_RINVPASWD), ("nobody", "secret", ESME_RINVSYSID)]:
        esme = await run.connect()
        assert (await esme.ask(raw.BIND_TRANSCEIVER, bind(system_id, password))).status == status
        await esme.stream.aclose()
    esme = await run.connect()
    assert (await esme.ask(raw.SUBMIT_SM, submission(address("13055550110"), b"early"))).status == ESME_RINVBNDSTS
    assert (await esme.ask(raw.BIND_TRANSMITTER, bind("capture", version=0x33))).status == 0
    assert (await esme.ask(raw.BIND_TRANSMITTER, bind("capture"))).status == ESME_RALYBND
    assert (await esme.ask(raw.UNBIND)).status == 0


async def submissions(esme: RawEsme) -> None:
    """submit_sm in every dress: plain, in parts by header and by TLVs, as payload, with many TLVs, wrong."""
    to = address("13055550111")
    udh = [bytes((5, 0, 3, 9, 2, number)) + b"half" for number in (1, 2)]
    sar = [tlv(0x020C, b"\0\7") + tlv(0x020E, b"\2") + tlv(0x020F, bytes((number,))) for number in (1, 2)]
    good = [
        submission(to, b"plain", registered=1),
        submission(to, b"with progress", registered=0x11),
        *(submission(to, part, esm_class=0x40, registered=1) for part in udh),
        *(submission(to, b"half", registered=1, tlvs=tlvs) for tlvs in sar),
        submission(to, b"", registered=1, tlvs=tlv(PAYLOAD, b"a long payload, " * 100)),
        submission(to, b"many", registered=1, tlvs=MANY_TLVS),
        submission(to, "Привет 😀".encode("utf-16-be"), coding=8),
        submission(to, bytes(range(0, 250, 2)), coding=4),
    ]
    bad = [
        (submission(address(""), b"to nobody"), ESME_RINVDSTADR),
        (submission(to, b"urgent", priority=9), ESME_RINVPRTFLG),
        (submission(to, b"never", schedule="999999999999999+"), ESME_RINVSCHED),
    ]
    bodies = [*good, *(body for body, _ in bad)]
    answers = await esme.ask_all(*(esme.numbered(raw.SUBMIT_SM, body) for body in bodies))
    assert [answer.status for answer in answers] == [0] * len(good) + [status for _, status in bad]
    # each of eight asked for one receipt, one of them for a note of its progress, too
    await esme.asked(raw.DELIVER_SM, 9)


async def in_pieces(esme: RawEsme) -> None:
    """One PDU whose octets come one by one."""
    octets = esme.numbered(raw.SUBMIT_SM, submission(address("13055550112"), b"bit by bit"))
    for octet in octets[:-1]:
        await esme.stream.send_all(bytes((octet,)))
    assert (await esme.ask_all(octets[-1:], esme.numbered(raw.ENQUIRE_LINK)))[0].status == 0
    sequence = next(frames(octets)).sequence
    assert [
        answer.status for answer in esme.arrived if answer.sequence == sequence and answer.command_id & RESPONSE
    ] == [0]


async def operations(esme: RawEsme) -> None:
    """query_sm, replace_sm and cancel_sm on a message that waits for its hour, and on one that does not exist."""
    to = address("13055550113")
    body = submission(to, b"tomorrow", schedule="000001000000000R", registered=1)
    message_id = (await esme.ask(raw.SUBMIT_SM, body)).body
    replacement = message_id + SOURCE + text("") + text("") + bytes((1, 0, 5)) + b"later"
    seen = len(esme.requests(raw.DELIVER_SM))
    assert (await esme.ask(raw.QUERY_SM, message_id + SOURCE)).status == 0
    assert (await esme.ask(raw.REPLACE_SM, replacement)).status == 0
    assert (await esme.ask(raw.CANCEL_SM, text("") + message_id + SOURCE + to)).status == 0
    await esme.asked(raw.DELIVER_SM, seen + 1)
    assert b"stat:DELETED" in esme.requests(raw.DELIVER_SM)[-1].body
    for command_id, parameters, status in [
        (raw.QUERY_SM, text("0") + SOURCE, ESME_RQUERYFAIL),
        (raw.REPLACE_SM, text("0") + replacement[len(message_id) :], ESME_RREPLACEFAIL),
        (raw.CANCEL_SM, text("") + text("0") + SOURCE + to, ESME_RCANCELFAIL),
    ]:
        assert (await esme.ask(command_id, parameters)).status == status


async def other_submissions(esme: RawEsme) -> None:
    """data_sm, whose receipt to a long address is a data_sm as well, and submit_multi."""
    begin = text("") + SOURCE
    payload = tlv(PAYLOAD, b"data")
    plain, registered = bytes((0, 0, 0)), bytes((0, 1, 0))
    assert (await esme.ask(raw.DATA_SM, begin + address("13055550114") + plain + payload)).status == 0
    assert (await esme.ask(raw.DATA_SM, begin + address("13055550114") + plain)).status == ESME_RMISSINGTLV
    assert (await esme.ask(raw.DATA_SM, begin + address("1305555" * 5) + registered + payload)).status == 0
    await esme.asked(raw.DATA_SM, 1)
    good = [b"\1" + address("13055550115"), b"\1" + address("13055550116")]
    lists = [b"\2" + text("friends"), b"\2" + text("colleagues")]
    mixed, lost = b"\4" + good[0] + lists[0] + good[1] + lists[1], b"\1" + lists[0]
    answer = await esme.ask(raw.SUBMIT_MULTI, submission(mixed, b"to many", registered=1))
    assert (answer.status, answer.body.count(struct.pack(">I", ESME_RINVDLNAME))) == (0, 2)
    assert (await esme.ask(raw.SUBMIT_MULTI, submission(lost, b"to none"))).status == ESME_RINVDLNAME


async def incoming(run: Run, esme: RawEsme) -> None:
    """Subscribers write: a short text, a Russian one, a long one, and one that the ESME refuses twice in two ways."""
    before = len(esme.requests(raw.DELIVER_SM))
    esme.answers += [(raw.GENERIC_NACK, ESME_RX_P_APPN), (raw.DELIVER_SM | RESPONSE, ESME_RX_P_APPN)]
    for words in ("refused", "refused, too", "short", "Привет", "long, " * 40):
        run.mo(words)
    await esme.asked(raw.DELIVER_SM, before + 6)


async def everything(run: Run) -> None:
    """The whole run, ended by an unbind of the ESME and by the server's own."""
    await refused_binds(run)
    transceiver = await run.bound(raw.BIND_TRANSCEIVER)
    await submissions(transceiver)
    await in_pieces(transceiver)
    await operations(transceiver)
    await other_submissions(transceiver)
    await transceiver.asked(raw.DELIVER_SM, 12)
    await incoming(run, transceiver)
    # in this order: a segment that begins with an unknown command_id is no SMPP to tshark
    alive, nack = await transceiver.ask_all(
        transceiver.numbered(raw.ENQUIRE_LINK), transceiver.numbered(UNKNOWN_COMMAND, b"what is this")
    )
    assert (alive.command_id, alive.status) == (raw.ENQUIRE_LINK | RESPONSE, 0)
    assert (nack.command_id, nack.status) == (raw.GENERIC_NACK, ESME_RINVCMDID)
    assert (await transceiver.ask(raw.UNBIND)).status == 0
    await transceiver.closed()
    receiver, transmitter = await run.bound(raw.BIND_RECEIVER), await run.bound(raw.BIND_TRANSMITTER)
    early = await receiver.ask(raw.SUBMIT_SM, submission(address("13055550117"), b"from a receiver"))
    assert early.status == ESME_RINVBNDSTS
    assert (
        await transmitter.ask(raw.SUBMIT_SM, submission(address("13055550118"), b"hello", registered=1))
    ).status == 0
    await receiver.asked(raw.DELIVER_SM, 1)
    for esme in (receiver, transmitter):
        await esme.asked(raw.ENQUIRE_LINK)
    run.server.stop()
    for esme in (receiver, transmitter):
        await esme.closed()
        assert len(esme.requests(raw.UNBIND)) == 1


EXPECTED = Counter({
    # what the ESME asks, and how it is answered
    (True, "bind_transceiver", 0): 3, (False, "bind_transceiver_resp", 0): 1,
    (False, "bind_transceiver_resp", ESME_RINVPASWD): 1, (False, "bind_transceiver_resp", ESME_RINVSYSID): 1,
    (True, "bind_transmitter", 0): 3, (False, "bind_transmitter_resp", 0): 2,
    (False, "bind_transmitter_resp", ESME_RALYBND): 1,
    (True, "bind_receiver", 0): 1, (False, "bind_receiver_resp", 0): 1,
    (True, "submit_sm", 0): 18, (False, "submit_sm_resp", 0): 13, (False, "submit_sm_resp", ESME_RINVBNDSTS): 2,
    (False, "submit_sm_resp", ESME_RINVDSTADR): 1, (False, "submit_sm_resp", ESME_RINVPRTFLG): 1,
    (False, "submit_sm_resp", ESME_RINVSCHED): 1,
    (True, "data_sm", 0): 3, (False, "data_sm_resp", 0): 2, (False, "data_sm_resp", ESME_RMISSINGTLV): 1,
    (True, "submit_multi", 0): 2, (False, "submit_multi_resp", 0): 1, (False, "submit_multi_resp", ESME_RINVDLNAME): 1,
    (True, "query_sm", 0): 2, (False, "query_sm_resp", 0): 1, (False, "query_sm_resp", ESME_RQUERYFAIL): 1,
    (True, "replace_sm", 0): 2, (False, "replace_sm_resp", 0): 1, (False, "replace_sm_resp", ESME_RREPLACEFAIL): 1,
    (True, "cancel_sm", 0): 2, (False, "cancel_sm_resp", 0): 1, (False, "cancel_sm_resp", ESME_RCANCELFAIL): 1,
    (True, "enquire_link", 0): 2, (False, "enquire_link_resp", 0): 2,
    (True, f"0x{UNKNOWN_COMMAND:08x}", 0): 1, (False, "generic_nack", ESME_RINVCMDID): 1,
    (True, "unbind", 0): 2, (False, "unbind_resp", 0): 2,
    # what the server asks: 13 receipts (one of them a note of progress), 6 segments of subscribers
    (False, "deliver_sm", 0): 19, (True, "deliver_sm_resp", 0): 17, (True, "deliver_sm_resp", ESME_RX_P_APPN): 1,
    (True, "generic_nack", ESME_RX_P_APPN): 1,
    (False, "data_sm", 0): 1, (True, "data_sm_resp", 0): 1,
    (False, "unbind", 0): 2, (True, "unbind_resp", 0): 2,
})  # fmt: skip


def named(command_id: int) -> str:
    name = NAMES.get(command_id & ~RESPONSE, f"0x{command_id:08x}")
    return name + "_resp" if command_id & RESPONSE and name != "generic_nack" else name


def counted(pdus: list[tuple[bool, Frame]]) -> Counter[tuple[bool, str, int]]:
    return Counter((is_client, named(frame.command_id), frame.status) for is_client, frame in pdus)


def recorded(conversations: list[Conversation]) -> list[tuple[bool, Frame]]:
    return [
        (by_client, frame)
        for conversation in conversations
        for by_client in (True, False)
        for frame in frames(conversation.sent(by_client=by_client))
    ]


def tshark(capture: Path, *arguments: str) -> str:
    checked = [option for layer in ("ip", "tcp") for option in ("-o", f"{layer}.check_checksum:TRUE")]
    command = [program("tshark"), "-n", *checked, "-d", f"tcp.port=={SERVER_PORT},smpp", "-r", str(capture), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, errors="replace").stdout


def complaints(capture: Path) -> list[str]:
    """What tshark finds wrong: packets it cannot read to their end, and its expert's warnings and errors."""
    marked = f"_ws.malformed || _ws.expert.severity >= {EXPERT_WARNING}"
    return tshark(capture, "-Y", marked, "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message").splitlines()


def dissected(capture: Path) -> list[dict[str, Any]]:
    """Each PDU of the capture as tshark's JSON shows it, with the direction under `by_client`."""
    pdus = []
    for packet in json.loads(tshark(capture, "-Y", "smpp", "-T", "json", "--no-duplicate-keys")):
        layers = packet["_source"]["layers"]
        found = layers["smpp"]
        by_client = layers["tcp"]["tcp.dstport"] == str(SERVER_PORT)
        pdus += [{**pdu, "by_client": by_client} for pdu in (found if isinstance(found, list) else [found])]
    return pdus


def values(pdu: Any, name: str) -> Iterator[str]:
    """Every value of that field, however deep tshark has put it."""
    if isinstance(pdu, list):
        for one in pdu:
            yield from values(one, name)
    elif isinstance(pdu, dict):
        for key, value in pdu.items():
            if key == name:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from values(value, name)


def of_kind(pdus: list[dict[str, Any]], *command_ids: int) -> list[dict[str, Any]]:
    return [pdu for pdu in pdus if int(pdu["smpp.command_id"], 0) in command_ids]


@pytest.fixture
def dissector() -> str:
    """The path of tshark: a skip inside a trio test would lose its reason."""
    return program("tshark")


async def test_tshark_reads_every_pdu_of_a_whole_run(tmp_path: Path) -> None:
    async with recording() as run:
        await everything(run)
    capture = tmp_path / "run.pcap"
    write(capture, run.relay.conversations)
    sent = recorded(run.relay.conversations)
    counts = counted(sent)
    # how often the server asks for a sign of life depends on the machine's pace
    asked = counts.pop((False, "enquire_link", 0))
    assert asked >= 2
    assert counts.pop((True, "enquire_link_resp", 0)) == asked
    assert counts == EXPECTED
    pdus = dissected(capture)
    assert Counter(
        (pdu["by_client"], int(pdu["smpp.command_id"], 0), int(pdu["smpp.sequence_number"])) for pdu in pdus
    ) == Counter((by_client, frame.command_id, frame.sequence) for by_client, frame in sent)
    assert complaints(capture) == []
    responses = of_kind(pdus, *(RESPONSE | one for one in (raw.SUBMIT_SM, raw.DATA_SM, raw.SUBMIT_MULTI)))
    accepted = [identifier for pdu in responses for identifier in values(pdu, "smpp.message_id") if identifier]
    receipts = [pdu for pdu in of_kind(pdus, raw.DELIVER_SM, raw.DATA_SM) if not pdu["by_client"]]
    told = [identifier for pdu in receipts for identifier in values(pdu, "smpp.receipted_message_id")]
    assert len(accepted) == len(set(accepted)) == 16
    assert len(told) == 14
    assert set(told) < set(accepted)
    # twelve delivered, one cancelled, one on its way
    assert Counter(int(state) for pdu in receipts for state in values(pdu, "smpp.message_state")) == {2: 12, 4: 1, 1: 1}
    # tshark shows no body of a response that has an error status: those of the mixed list only
    multi = of_kind(pdus, RESPONSE | raw.SUBMIT_MULTI)
    failures = [int(code, 0) for pdu in multi for code in values(pdu, "smpp.error_status_code")]
    assert failures == [ESME_RINVDLNAME] * 2


def test_tshark_marks_a_pdu_that_ends_too_early(tmp_path: Path) -> None:
    body = submission(address("13055550119"), b"a text", tlvs=tlv(PAYLOAD, b"payload"))
    octets = raw.pdu(raw.SUBMIT_SM, 1, body[:-3])
    capture = tmp_path / "bad.pcap"
    write(capture, [Conversation([(1.0, True, octets)])])
    assert complaints(capture) != []
