"""Quirks of frames and of subscribers' texts: each is seen in the octets, and without it the same traffic is well."""

import re
from typing import Final

import pytest

from simulator.journal import BOUND, RECEIPT_ACKNOWLEDGED
from simulator.smpp.pdus import DeliverSmResp, EnquireLink, Pdu
from simulator.smpp.tlvs import Tlv
from tests.quirks.facts_d import FRAMES
from tests.quirks.facts_links import TEXTS
from tests.quirks.play import Frame, Gate, Play
from tests.quirks.tales import Tales, answers, half, hi, named, seconds, told, tried
from tests.smsc.world import answering, say_nothing

TALES = Tales()
FACTS: Final = {**FRAMES, **TEXTS}
MINUTE: Final = 60.0
ESME_RX_T_APPN: Final = 0x64


def one(play: Play, **fields: object) -> tuple[Gate, list[Frame]]:
    """One message; returns its receipts."""
    gate = play.bound()
    gate.submit_at_once(**fields)
    # who cannot read it does not answer, and gets it again after half a minute
    play.run(MINUTE / 4)
    assert len(gate.receipts) == 1
    return gate, gate.receipts


def is_whole(frame: Frame) -> bool:
    """Whether its octets are as many as it says."""
    return int.from_bytes(frame.octets[:4], "big") == len(frame.octets)


def message_from(play: Play, text: str) -> Frame:
    """What any other subscriber writes."""
    gate = play.bound("listener", "RX")
    play.run(10)
    play.smsc.mo("5555", "12025550198", text, play.now, account="listener")
    play.run(1)
    frame: Frame = gate.frames_of("deliver_sm")[-1]
    assert frame.text("source_addr") == "12025550198"
    return frame


# ---------------------------------------------------------------------- TLVs


@TALES.of("tlv-vendor-unknown")
def vendor_tlvs(play: Play) -> list[Frame]:
    gate, receipts = one(play)
    assert named(gate) == told(answers(gate))
    return receipts


@TALES.of("tlv-known-but-not-allowed")
def foreign_tlvs(play: Play) -> list[Frame]:
    tries: dict[bytes, int] = {}

    def decide(pdu: Pdu) -> int:
        """The status that says so, three times."""
        kind = pdu.raw[16:]
        tries[kind] = tries.get(kind, 0) + 1
        return 0xC1 if tries[kind] <= 3 else 0

    gate = play.bound(decide=decide)
    gate.submit_at_once()
    play.run(10 * MINUTE)
    found = gate.frames_of("deliver_sm")
    receipts, messages = found[:4], found[4:]
    assert [len({frame.octets[16:] for frame in some}) for some in (receipts, messages)] == [1, 1]
    assert len(found) == 8
    for some in (receipts, messages):
        assert seconds(some, some[0].at) == [0.0, 5.0, 15.0, 45.0]
    assert messages[0].at >= receipts[3].at
    tlvs = [(0x0426, b"\1"), (0x000E, b"\1"), (0x0006, b"\1"), (0x001D, b"ok\0"), (0x0017, b"\0\0\x0e\x10")]
    assert all(receipt.is_receipt and set(tlvs) <= set(receipt.tlvs) for receipt in receipts)
    message = messages[0]
    assert (message.text("source_addr"), message.message) == ("12025550132", "STOP")
    assert {(0x0210, b"4"), (0x0427, b"\2"), (0x130C, b"")} <= set(message.tlvs)
    return []


@TALES.of("tlv-bad-value-duplicate-or-empty")
def bad_tlvs(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550133"] * 2
    assert seconds(half(frames), 100.0) == [1.0]
    other = message_from(play, "anything")
    assert other.tlvs[-7:] == frames[0].tlvs[-7:]
    return frames


@TALES.of("tlv-length-overruns-pdu")
def overrun(play: Play) -> list[Frame]:
    gate, receipts = one(play, tlvs=(Tlv(0x0204, b"\0\7"),))
    enquiry = EnquireLink()
    assert gate.send(enquiry) is not None
    (receipt,) = receipts
    assert is_whole(receipt)
    (name,) = told(answers(gate))
    assert receipt.octets.endswith(b"\0\x1e\0\x41" + name.encode() + b"\0")
    assert [broken.raw for broken in gate.broken] == [receipt.octets]
    assert [frame.name for frame in gate.frames][-1] == "enquire_link_resp"
    return receipts


@TALES.of("trailing-bytes-after-body")
def trailing(play: Play) -> list[Frame]:
    gate, receipts = one(play)
    (receipt,) = receipts
    assert is_whole(receipt)
    assert (receipt.rest, receipt.tlv("receipted_message_id")) == (b"\0", named(gate)[0].encode() + b"\0")
    return receipts


# ---------------------------------------------------------------------- lengths and ends


@TALES.of("sm-length-wrong")
def sm_length(play: Play) -> list[Frame]:
    frames = tried(play)
    for frame in frames:
        assert frame.text("source_addr") == "12025550136"
        assert is_whole(frame)
        assert frame.octets.endswith(b"\0\0\x10eight ch")
    assert all(len(gate.broken) == 1 for gate in play.gates[:2])
    return frames


@TALES.of("short-message-nul-terminated")
def nul_terminated(play: Play) -> list[Frame]:
    messages = tried(play)
    assert {(frame.text("source_addr"), frame.octets[-6:]) for frame in messages} == {("12025550137", b"\x05STOP\0")}
    assert [frame.rest for frame in messages] == [b"", b""]
    gate, receipts = one(play)
    (receipt,) = receipts
    assert (receipt.rest, receipt.tlv("receipted_message_id")) == (b"", named(gate)[0].encode() + b"\0")
    return [*messages, *receipts]


@TALES.of("command-length-garbage")
def impossible_length(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    play.run(3)
    assert [frame.name for frame in gate.frames] == ["bind_transceiver_resp"]
    assert len(gate.writes) == 2
    at, octets = gate.writes[1]
    gate.close()
    again = play.bound()
    play.run(3)
    assert [frame.name for frame in again.frames] == ["bind_transceiver_resp"]
    assert again.octets == again.frames[0].octets
    garbage = Frame(at, 1, octets)
    assert seconds([garbage], began) == [2.0]
    return [garbage]


@TALES.of("non-smpp-bytes")
def web_server(play: Play) -> list[Frame]:
    for _ in range(2):
        gate, began = play.bound(), play.now
        play.run(2)
        assert gate.octets == b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
        assert (gate.end, gate.ended_at) == ("fin", began + 1)
        assert play.kinds(BOUND) == 0
    gate = play.bound()
    play.run(2)
    assert [(frame.name, frame.command_status) for frame in gate.frames] == [("bind_transceiver_resp", 0)]
    assert gate.end is None
    return []


@TALES.of("pdus-coalesced")
def coalesced(play: Play) -> list[Frame]:
    gate = play.bound()
    assert [(frame.name, frame.segment) for frame in gate.frames] == [("bind_transceiver_resp", 0), ("enquire_link", 0)]
    began = play.now
    gate.submit_at_once()
    assert len(gate.writes) == 1
    play.run(MINUTE / 4)
    assert [(frame.name, frame.segment) for frame in gate.frames[2:]] == [("submit_sm_resp", 1), ("deliver_sm", 1)]
    assert seconds(gate.frames[2:], began) == [0.1, 0.1]
    plain = gate.submit_at_once(registered_delivery=0)
    assert [frame.at for frame in gate.answers_to(plain)] == [play.now]
    return []


@TALES.of("pdu-split")
def split(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    gate.submit_at_once()
    play.run(MINUTE / 4)
    _, *writes = gate.writes
    response, receipt = gate.frames[1:]
    assert (response.name, receipt.name, receipt.is_receipt) == ("submit_sm_resp", "deliver_sm", True)
    text_at = receipt.octets.index(b"id:") - 1
    pieces = [response.octets[:3], response.octets[3:10], response.octets[10:]]
    pieces += [receipt.octets[:3], receipt.octets[3:10], receipt.octets[10:text_at], receipt.octets[text_at:]]
    assert [octets for _, octets in writes] == pieces
    moments = [round(at - began, 3) for at, _ in writes]
    assert moments[:3] == [0.0, 0.05, 0.1]
    assert [round(at - moments[3], 3) for at in moments[3:]] == [0.0, 0.05, 0.1, 0.15]
    assert named(gate) == told(answers(gate))
    return []


@TALES.of("cstring-unterminated-or-overlong")
def overlong(play: Play) -> list[Frame]:
    gate, receipts = one(play)
    return [gate.frames[0], *receipts]


@TALES.of("sequence-zero-or-high-bit")
def sequence_zero(play: Play) -> list[Frame]:
    gate = play.bound(decide=say_nothing)
    gate.batch(hi(), hi())
    play.run(2)
    receipts = gate.receipts
    for receipt in receipts:
        gate.connection.send_anyway(DeliverSmResp(receipt.sequence_number), play.now, is_numbered=True)
    play.run(10 * MINUTE)
    assert play.kinds(RECEIPT_ACKNOWLEDGED) == 2
    assert sorted(named(gate)) == sorted(told(answers(gate)))
    return receipts


@TALES.of("unexpected-command")
def unexpected(play: Play) -> list[Frame]:
    frames = half(tried(play))
    assert [frame.name for frame in frames][0::2] == ["alert_notification", "submit_sm_resp"]
    assert seconds(frames, 100.0) == [1.0, 2.0, 3.0, 4.0]
    alert, vendor, response, outbind = frames
    assert (alert.text("source_addr"), alert.text("esme_addr")) == ("12025550144", "5555")
    assert vendor.octets[:12] == bytes.fromhex("000000100001020000000000")
    assert len(vendor.octets) == 16
    assert (response.sequence_number, response.command_status) == (0x000F423F, 0)
    assert response.text("message_id") == "nobody-asked"
    assert (outbind.name, outbind.text("system_id"), outbind.text("password")) == ("outbind", "SMSC", "secret")
    nacks = [pdu for pdu in play.gates[0].received if pdu.command_id == 0x00010200]
    assert len(nacks) == 1
    play.run(MINUTE)
    (finding,) = [found for found in play.watch.verdict().checks if found.name == "responses_expected"]
    assert finding.failures == 0
    return []


# ---------------------------------------------------------------------- alphabets


def come_from(play: Play, *wanted: tuple[float, str, str]) -> list[Frame]:
    """These (seconds, source, octets in hexadecimal) come, and nothing else."""
    frames = tried(play)
    found = [(round(frame.at - 100.0, 3), frame.text("source_addr"), frame.place("short_message")) for frame in frames]
    expected = [(at, source, bytes.fromhex(octets)) for at, source, octets in wanted]
    assert found == expected * 2
    return frames


@TALES.of("dcs0-is-not-gsm7")
def latin1(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550161"] * 2
    assert all(set(b"\xf1\x5f\x40\x24") <= set(frame.octets) for frame in frames)
    return frames


@TALES.of("dcs0-vendor-charset")
def roman8(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550162"] * 2
    return frames


@TALES.of("dcs0-packed-gsm7")
def packed(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550163"] * 6
    assert seconds(half(frames), 100.0) == [1.0, 2.0, 3.0]
    first, second, third = (frame.place("short_message") for frame in half(frames))
    assert (first, second) == (bytes.fromhex("e8329bfd4697d9ec37"), bytes.fromhex("73fa1b0e72bfef"))
    assert isinstance(third, bytes)
    assert third[:6] == bytes.fromhex("f3b2bdec068d")
    assert third[6:] in {b"\x01", b"\x1b"}
    return frames


@TALES.of("gsm-at-sign-and-escape")
def at_sign(play: Play) -> list[Frame]:
    return come_from(
        play,
        (1.0, "12025550164", "00686f6d65"),
        (2.0, "12025550164", "6d61696c206d6500"),
        (3.0, "12025550164", "636f7374732035201b65"),
        (4.0, "12025550165", "656e64731b"),
    )


@TALES.of("bytes-do-not-match-dcs")
def odd_ucs2(play: Play) -> list[Frame]:
    gate = play.bound(decide=answering(ESME_RX_T_APPN))
    play.run(10 * MINUTE)
    frames = gate.frames_of("deliver_sm")
    assert [frame.text("source_addr") for frame in frames] == ["12025550166"] * len(frames)
    assert len(frames) > 1
    return frames


@TALES.of("dcs-gsm0338-values")
def classes(play: Play) -> list[Frame]:
    frames = come_from(
        play,
        (1.0, "12025550167", "636f737473200235"),
        (2.0, "12025550167", b"at once".hex()),
        (3.0, "12025550168", b"one voice mail".hex()),
        (4.0, "12025550168", "0102030405060708"),
    )
    assert [frame.place("data_coding") for frame in half(frames)] == [0xF1, 0x10, 0xC8, 0xF5]
    assert message_from(play, "anything").place("data_coding") == 0xF1
    return []


# ---------------------------------------------------------------------- parts


def two_parts(play: Play, source: str, reference: str, text: str) -> list[Frame]:
    """Two parts of the text, the first with 60 characters; ``reference`` finds it at the beginning of each."""
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == [source] * 4
    first, second = half(frames)
    assert seconds([first, second], 100.0) == [1.0, 1.0]
    octets = [frame.place("short_message") for frame in (first, second)]
    headers = [re.match(reference.encode("latin-1"), one, re.DOTALL) for one in octets if isinstance(one, bytes)]
    marks = [mark for mark in headers if mark is not None]
    assert len(marks) == 2
    assert marks[0][1] == marks[1][1]
    bodies = [one[mark.end() :] for one, mark in zip(octets, marks, strict=True) if isinstance(one, bytes)]
    assert len(bodies[0]) == 60
    assert b"".join(bodies) == text.encode()
    return frames


LONG: Final = "a subscriber who has more to say than fits into one message says it in several, and this is the end"


@TALES.of("concat-16bit-ref-and-odd-udh")
def udh16(play: Play) -> list[Frame]:
    frames = two_parts(play, "12025550169", r"\x06\x08\x04(..)\x02[\x01\x02]", LONG)
    assert [frame.octets[-len_of(frame) + 6] for frame in half(frames)] == [1, 2]
    return frames


@TALES.of("udhi-flag-inconsistent")
def without_the_bit(play: Play) -> list[Frame]:
    frames = two_parts(play, "12025550170", r"\x05\x00\x03(.)\x02[\x01\x02]", LONG)
    assert [frame.octets[-len_of(frame) + 5] for frame in half(frames)] == [1, 2]
    return frames


def len_of(frame: Frame) -> int:
    """Octets of a text that is the last thing of its PDU."""
    length = frame.place("sm_length")
    assert isinstance(length, int)
    return length


@TALES.of("sar-tlvs-variants")
def sar(play: Play) -> list[Frame]:
    frames = two_parts(play, "12025550172", "()", LONG)
    assert [frame.tlv("sar_segment_seqnum") for frame in half(frames)] == [b"\1", b"\2"]
    assert len({frame.tlv("sar_msg_ref_num") for frame in half(frames)}) == 1
    return frames


@TALES.of("payload-placement")
def payload(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550171"] * 2
    return frames


@TALES.of("concat-parts-out-of-order-or-missing")
def parts_missing(play: Play) -> list[Frame]:
    frames = tried(play)
    assert [frame.text("source_addr") for frame in frames] == ["12025550173"] * 10
    mine = half(frames)
    texts = [one for one in (frame.place("short_message") for frame in mine) if isinstance(one, bytes)]
    assert [text[:6].hex() for text in texts] == [
        *("050003210303", "050003210301", "050003210302"),
        *("050003220301", "050003220303"),
    ]
    assert seconds(mine, 100.0) == [1.0, 1.0, 1.0, 2.0, 2.0]
    lasts = [text[5] == 3 for text in texts]
    assert all(is_last or len(text) == 6 + 40 for text, is_last in zip(texts, lasts, strict=True))
    assert texts[1][6:] + texts[2][6:] + texts[0][6:] == (
        b"the first half of the news is good and the second half is not, but so it is with most of the news"
    )
    return frames


@TALES.of("mo-empty")
def empty(play: Play) -> list[Frame]:
    gate = play.bound(decide=answering(ESME_RX_T_APPN))
    play.run(10 * MINUTE)
    frames = gate.frames_of("deliver_sm")
    assert [frame.text("source_addr") for frame in frames] == ["12025550174"] * len(frames)
    assert len(frames) > 1
    return frames


@TALES.of("ussd-over-smpp-variants")
def ussd(play: Play) -> list[Frame]:
    frames = come_from(
        play,
        (1.0, "12025550175", b"*120#".hex()),
        (2.0, "12025550176", b"*120#".hex()),
        (4.0, "12025550175", ""),
    )
    assert [frame.tlvs for frame in half(frames)] == [
        [(0x0501, b"\x01"), (0x1383, b"\x2a\0")],
        [(0x0501, b"\x01"), (0x1383, b"\x2b\0")],
        [(0x0501, b"\x81"), (0x1383, b"\x2a\3")],
    ]
    return frames


def test_each_of_these_quirks_has_its_tale() -> None:
    assert set(TALES) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_it_is_seen_in_the_octets(name: str) -> None:
    TALES.hold(name, FACTS[name])


@pytest.mark.parametrize("name", FACTS)
def test_without_the_quirk_the_same_traffic_does_not_show_it(name: str) -> None:
    TALES.fail(name, FACTS[name])
