"""What a person is told whose test has failed."""

from simulator.smpp.codec import encode
from simulator.smpp.pdus import SubmitSm
from simulator.smpp.tlvs import Tlv
from simulator.smpp.vendor_tlvs import vendor_tlv
from simulator.smsc.memory.conversation import EVENTS_MAX, RULES_MAX, SESSIONS_MAX, WIDTH, conversation, read_aloud
from simulator.smsc.memory.overhearing import Overheard
from simulator.smsc.terms import Terms
from tests.smsc.played import Played
from tests.smsc.world import World


def lines(world: World) -> list[str]:
    return [line.strip() for line in conversation(world.smsc, world.now)]


def test_nothing_has_happened() -> None:
    assert lines(World()) == ["sessions: none", "events: 0"]


def test_sessions_events_and_pdus_are_read_aloud() -> None:
    world = World()
    gateway = world.bound("gateway", "TX")
    world.gateway()
    gateway.submit(destination_addr="5", short_message=b"hi", data_coding=8, tlvs=(Tlv(0x020C, b"\0\7"),))
    world.run(1)
    world.smsc.mo("5555", "5", "late", world.now, account="gateway")
    told = lines(world)
    assert told[:4] == [
        "sessions: 2",
        "session 1 of memory: gateway TX 3.4, BOUND_TX, 1 submitted",
        "session 2 of memory: nobody yet, OPEN, 0 submitted",
        "events: 7",
    ]
    assert "+0.000 s  session 1   bound gateway TX: TX" in told
    assert "+0.000 s  session 1   submitted #1 12025550199 -> 5 '桩'" in told
    (pdu,) = [line for line in told if line.startswith("submit_sm ")]
    assert "data_coding=8 (UCS2" in pdu
    assert "registered_delivery=1 (receipt)" in pdu
    assert "sar_msg_ref_num=7" in pdu
    assert "short_message='hi'" in pdu
    assert "+0.000 s  session 1   answered #1 12025550199 -> 5: ESME_ROK" in told
    assert "+0.300 s  session 1   concluded #1 12025550199 -> 5: DELIVRD" in told
    assert told[-1] == "+1.000 s              mo_created #2 5 -> 5555 'late'"


def test_what_is_broken_is_read_as_far_as_it_goes() -> None:
    world = World()
    world.bound().send_bytes(bytes.fromhex("00000010 00000099 00000000 00000009"))
    assert any(line.startswith("0x00000099 9") for line in lines(world))
    octets = encode(SubmitSm(7, destination_addr="1"))
    assert read_aloud(octets) == "submit_sm 7 destination_addr=1"
    assert read_aloud(octets[:20]).startswith("submit_sm 7 !! command_length at 0")
    assert read_aloud(b"GET / HTTP/1.1\r\n").startswith("no PDU None !! ")


def test_a_vendor_s_tlvs_have_their_names() -> None:
    world = World(terms=Terms(vendor_tlvs=(vendor_tlv("0x1401=billing_id:cstring"),)))
    world.bound().submit(tlvs=(Tlv(0x1401, b"7\0"), Tlv(0x1402, b"\1\2")))
    (pdu,) = [line for line in lines(world) if line.startswith("submit_sm ")]
    assert pdu.endswith("short_message='hello' billing_id=7 0x1402=0102")


def test_a_terminal_is_told_nothing_but_text() -> None:
    world = World()
    world.bound().submit(destination_addr="\x1b[31m", short_message=b"x" * 150, tlvs=(Tlv(0x1402, bytes(200)),))
    told = conversation(world.smsc, world.now)
    assert not any("\x1b" in line for line in told)
    assert max(map(len, told)) == WIDTH


def test_of_many_events_the_last_are_told() -> None:
    world = World()
    gateway = world.bound()
    for _ in range(50):
        gateway.submit(registered_delivery=0)
    assert f"events: 102, the last {EVENTS_MAX}" in lines(world)


def test_rules_tell_whether_they_have_fired_and_why_not() -> None:
    rules = [
        "{name: often, then: {respond: 1ms}}",
        "{name: elsewhere, when: {to: '1', text: {starts: no}}, then: lose}",
        "{name: nearly, when: {to: '2'}, then: lose}",
        "{name: unlucky, probability: 0%, then: lose}",
        "{name: of binds, when: {command: bind}, then: {set: {phase: x}}}",
    ]
    world = Played(f"rules: [{', '.join(rules)}]")
    assert lines(world)[-1] == "rules that fired: none"
    gateway = world.bound()
    gateway.submit(destination_addr="7")
    gateway.submit(destination_addr="9")
    gateway.close()
    assert lines(world)[-3:] == [
        "rules that fired: of binds 1 times, often 2 times",
        "nearly did not, of #2: destination: wanted 2, got 9",
        "elsewhere did not, of #2: destination: wanted 1, got 9; text: wanted starts no, got hello",
    ]


def test_of_many_rules_the_nearest_are_told() -> None:
    world = Played("rules: [" + ", ".join(f"{{when: {{to: '{number}'}}, then: lose}}" for number in range(20)) + "]")
    world.bound().submit(destination_addr="none")
    assert sum("did not" in line for line in lines(world)) == RULES_MAX


def test_what_was_overheard_stands_where_it_was_said() -> None:
    world = Played("rules: [{times: 1, then: {reject: ESME_RTHROTTLED}}]")
    heard = Overheard(world.smsc.journal)
    gateway = world.gateway()
    gateway.session = heard.beside(gateway.session)
    gateway.bind(password="secret")
    gateway.submit()
    gateway.submit()
    world.run(1)
    gateway.close()
    told = [line.strip() for line in conversation(world.smsc, world.now, heard)]
    kinds = [line.split(" s  ")[-1].split("=")[0].split() for line in told[2:-1]]
    assert [words[2:4] for words in kinds if words[0] == "session"] == [
        ["connected"],
        ["<-", "bind_transceiver"],
        ["bound", "gateway"],
        ["->", "bind_transceiver_resp"],
        ["<-", "submit_sm"],
        ["submitted", "#1"],
        ["rule_fired", "#1"],
        ["answered", "#1"],
        ["->", "submit_sm_resp"],
        ["<-", "submit_sm"],
        ["submitted", "#2"],
        ["answered", "#2"],
        ["->", "submit_sm_resp"],
        ["concluded", "#2"],
        ["receipt_sent", "#2"],
        ["->", "deliver_sm"],
        ["<-", "deliver_sm_resp"],
        ["receipt_acknowledged", "#2"],
        ["disconnected", "gateway"],
    ]
    text = "\n".join(told)
    assert "system_id=gateway password=*** " in text
    assert "secret" not in text
    assert "submit_sm_resp 2 ESME_RTHROTTLED" in text
    assert "stat:DELIVRD" in text


def test_of_ten_thousand_messages_and_many_sessions_the_last_are_told() -> None:
    world = Played("rules: [{name: never, when: {to: '1'}, then: silence}]")
    heard = Overheard(world.smsc.journal)
    for number in range(2 * SESSIONS_MAX):
        world.bound(f"gateway{number}")
    gateway = world.bound()
    for _ in range(100):
        gateway.send_together(*(SubmitSm(destination_addr="5", short_message=b"x" * 150) for _ in range(100)))
    for number in range(1000):
        heard.heard(gateway.session.number, encode(SubmitSm(number + 1, short_message=b"x")), is_ours=False)
    told = [line.strip() for line in conversation(world.smsc, world.now, heard)]
    assert told[0] == f"sessions: {2 * SESSIONS_MAX + 1}, the last {SESSIONS_MAX}"
    assert f", the last {EVENTS_MAX}" in told[SESSIONS_MAX + 1]
    assert len(told) < 700
    assert max(map(len, told)) <= WIDTH
    assert told[-1] == "never did not, of #10000: destination: wanted 1, got 5"
