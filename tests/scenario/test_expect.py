"""What a scenario promises: met, missed with the nearest miss, or unknown. By bytes through a real SMSC."""

import pytest

from simulator.scenario.ledger import UnknownMessage
from simulator.smpp.constants import CommandStatus
from tests.checks.watching import Refusing, Watched
from tests.smsc.world import LateCarrier, answering


def events(text: str) -> str:
    return "expect: {events: [" + text + "]}\n"


# ------------------------------------------------------------------ events


def test_an_event_that_came_meets_it_with_evidence() -> None:
    world = Watched(events('{kind: submitted, where: {to: "12025550100"}}'))
    world.bound().submit()
    finding = world.finding("events[0]")
    assert (finding.outcome, finding.reason) == ("coped", "submitted: expected 1.. times, came 1 times")
    (exhibit,) = finding.evidence
    assert exhibit.told == "submitted as expected"
    assert exhibit.pdu[4:8] == b"\x00\x00\x00\x04"


def test_a_name_is_what_a_reader_sees() -> None:
    world = Watched(events("{kind: submitted, name: it is tried again}"))
    assert world.finding("it is tried again").outcome == "failed"


def test_a_miss_tells_the_nearest_event_and_what_differs() -> None:
    world = Watched(events('{kind: submitted, where: {to: "12025550100", text: {contains: stop}, length: 4..}}'))
    gateway = world.bound()
    gateway.submit(destination_addr="12025550177", short_message=b"go")
    gateway.submit(short_message=b"go")
    gateway.submit(short_message=b"going")
    gateway.submit(destination_addr="12025550177", short_message=b"going")
    finding = world.finding("events[0]")
    assert finding.outcome == "failed"
    assert finding.reason == (
        f"submitted: expected 1.. times, came 0 times; nearest miss, event {finding.evidence[0].event}: "
        "text: wanted contains stop, got going"
    )
    assert finding.evidence[0].told == "the nearest miss"


def test_without_any_such_event_that_is_said() -> None:
    world = Watched(events("{kind: submitted, count: 2}"))
    assert world.finding("events[0]").reason == (
        "submitted: expected 2 times, came 0 times; there was no other event of that kind"
    )


def test_too_many_events_miss_it_too() -> None:
    world = Watched(events("{kind: submitted, count: 1}"))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    finding = world.finding("events[0]")
    assert (finding.outcome, finding.reason) == ("failed", "submitted: expected 1 times, came 2 times")
    assert len(finding.evidence) == 2


def test_only_some_events_are_kept_as_evidence() -> None:
    world = Watched(events("{kind: submitted, count: 12}"))
    gateway = world.bound()
    for _ in range(12):
        gateway.submit()
    assert (world.outcome("events[0]"), len(world.finding("events[0]").evidence)) == ("coped", 10)


def test_that_nothing_happens_is_only_good_where_somebody_was_there() -> None:
    world = Watched(events("{kind: submitted, count: 0}"))
    assert world.outcome("events[0]") == "unknown"
    gateway = world.bound()
    assert world.outcome("events[0]") == "coped"
    gateway.submit()
    assert world.outcome("events[0]") == "failed"


def test_what_comes_too_late_is_a_miss() -> None:
    world = Watched(events("{kind: submitted, within: 10s}"))
    gateway = world.bound()
    world.run(11.0)
    gateway.submit()
    finding = world.finding("events[0]")
    assert finding.outcome == "failed"
    assert finding.reason.endswith("within: wanted 10s, got 11.000s")


def test_a_count_in_where_counts_those_that_match() -> None:
    world = Watched(events("{kind: submitted, where: {text: again, count: 2nd}}"))
    gateway = world.bound()
    gateway.submit(short_message=b"again")
    gateway.submit(short_message=b"other")
    assert world.outcome("events[0]") == "failed"
    gateway.submit(short_message=b"again")
    assert world.outcome("events[0]") == "coped"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("{kind: answered, where: {status: ESME_RTHROTTLED}}", "coped"),
        ("{kind: answered, where: {status_not: ESME_RTHROTTLED}}", "failed"),
        ("{kind: submitted, where: {command: submit_sm}}", "coped"),
        ("{kind: submitted, where: {command: data_sm}}", "failed"),
        ("{kind: submitted, where: {state: UNDELIV}}", "failed"),
        ("{kind: bound, where: {account: gateway, bind_type: TRX, listener: smpp, tls: false}}", "coped"),
        ("{kind: bound, where: {account: other}}", "failed"),
        ("{kind: bound, where: {event: bound, since_start: ..1s}}", "coped"),
        ("{kind: bound, where: {event: bound, since_connect: ..1s}}", "failed"),
        ("{kind: bound, where: {event: bound, phase: calm}}", "failed"),
        ("{kind: bound, where: {held: {pile: 1..}}}", "failed"),
        ('{kind: bound, where: {to: "12025550100"}}', "failed"),
        ("{kind: malformed, where: {command: submit_sm}}", "coped"),
        ("{kind: malformed, where: {command: deliver_sm_resp}}", "failed"),
        ("{kind: malformed, where: {account: gateway}}", "coped"),
        ("{kind: unbound, where: {account: gateway}}", "failed"),
    ],
)
def test_what_an_event_tells_can_be_asked(text: str, outcome: str) -> None:
    world = Watched(events(text), carrier=Refusing(CommandStatus.ESME_RTHROTTLED))
    gateway = world.bound()
    gateway.submit()
    gateway.send_bytes(bytes.fromhex("00000011000000040000000000000009ff"))
    assert world.outcome("events[0]") == outcome


def test_the_outcome_that_an_event_tells_is_its_state() -> None:
    world = Watched(events("{kind: receipt_sent, where: {state: DELIVRD}}, {kind: mo_sent, where: {text: hello}}"))
    world.bound().submit()
    world.run(2.0)
    world.smsc.mo("12025550199", "12025550100", "hello", world.now)
    world.settle()
    assert (world.outcome("events[0]"), world.outcome("events[1]")) == ("coped", "coped")


def test_a_session_that_is_gone_is_asked_for_what_is_still_known() -> None:
    world = Watched(events("{kind: disconnected, where: {account: gateway, version: 3.4}}"))
    gateway = world.bound()
    gateway.close()
    assert world.outcome("events[0]") == "coped"


def test_a_reset_starts_over() -> None:
    world = Watched(events("{kind: submitted, count: 1}"))
    gateway = world.bound()
    gateway.submit()
    world.smsc.reset(world.now)
    assert world.outcome("events[0]") == "failed"
    gateway.submit()
    assert world.outcome("events[0]") == "coped"


# ------------------------------------------------------------------ gateway


def test_what_only_the_gateway_knows_is_unknown_until_it_tells() -> None:
    world = Watched("expect: {gateway: delivered}")
    assert world.finding("gateway[0]").reason == "the gateway has told nothing of any message; expected delivered"
    world.bound().submit()
    finding = world.finding("gateway[0]")
    assert (finding.outcome, finding.reason) == (
        "unknown",
        "the gateway has told nothing of 1 messages; expected delivered",
    )
    world.watch.observe("12025550100", "Delivered")
    finding = world.finding("gateway[0]")
    assert (finding.outcome, finding.reason) == ("coped", "the gateway told delivered of 1 messages")
    assert finding.evidence[0].told == "message 1: the gateway says Delivered"


def test_another_status_is_a_miss() -> None:
    world = Watched("expect: {gateway: [{status: [delivered, sent]}]}")
    world.bound().submit()
    world.watch.observe("1", "failed")
    finding = world.finding("gateway[0]")
    assert (finding.outcome, finding.reason) == (
        "failed",
        "message 1: expected delivered, sent, the gateway says failed",
    )


def test_it_may_say_so_once_unless_more_is_allowed() -> None:
    for count, outcome in (("", "failed"), (", count: 1..", "coped")):
        world = Watched(f"expect: {{gateway: {{status: delivered{count}}}}}")
        world.bound().submit()
        for _ in range(2):
            world.watch.observe("1", "delivered")
        assert world.outcome("gateway[0]") == outcome
    world = Watched("expect: {gateway: delivered}")
    world.bound().submit()
    for _ in range(2):
        world.watch.observe("1", "delivered")
    assert world.finding("gateway[0]").reason == "message 1: delivered was told 2 times, expected 1"


def test_it_may_be_wanted_soon_after_the_last_receipt() -> None:
    for seconds, outcome in ((5.0, "coped"), (11.0, "failed")):
        world = Watched("expect: {gateway: {status: delivered, within: 10s}}")
        world.bound().submit()
        world.run(1.0)
        assert world.kinds("receipt_sent") == 1
        world.run(seconds)
        world.watch.observe("1", "delivered")
        assert world.outcome("gateway[0]") == outcome
    world = Watched("expect: {gateway: {status: delivered, within: 10s}}")
    world.bound().submit(registered_delivery=0)
    world.run(100.0)
    world.watch.observe("1", "delivered")
    assert world.outcome("gateway[0]") == "coped"


def test_only_the_messages_that_are_meant_are_asked_for() -> None:
    world = Watched('expect: {gateway: {status: delivered, where: {to: "12025550100"}}}')
    gateway = world.bound()
    gateway.submit()
    gateway.submit(destination_addr="12025550101")
    world.watch.observe("12025550101", "failed")
    assert world.outcome("gateway[0]") == "unknown"
    world.watch.observe("12025550100", "delivered")
    assert world.outcome("gateway[0]") == "coped"


def test_which_state_a_message_has_is_asked_when_the_verdict_is() -> None:
    world = Watched("expect: {gateway: {status: delivered, where: {state: DELIVRD}}}")
    world.bound().submit()
    world.watch.observe("1", "sent")
    assert world.finding("gateway[0]").reason.startswith("the gateway has told nothing of any message")
    world.run(1.0)
    assert world.finding("gateway[0]").reason == "message 1: expected delivered, the gateway says sent"
    world.watch.observe("1", "delivered")
    assert world.outcome("gateway[0]") == "coped"


def test_a_text_in_parts_is_in_a_state_that_all_of_them_have() -> None:
    world = Watched("expect: {gateway: {status: delivered, where: {state: DELIVRD}}}")
    gateway = world.bound()
    for part, validity in ((1, ""), (2, "000000000010000R")):
        octets = b"\x05\x00\x03\x2a\x02%c" % part + b"hello"
        gateway.submit(esm_class=0x40, short_message=octets, validity_period=validity)
    world.watch.observe("1", "delivered")
    (first, second) = [message for message, _ in world.events("submitted")]
    world.run(60.0)
    assert (first.state, second.state, world.outcome("gateway[0]")) == ("DELIVRD", "DELIVRD", "coped")
    second.state = "EXPIRED"
    assert world.outcome("gateway[0]") == "unknown"


def test_a_message_that_was_refused_is_not_asked_for_unless_it_is_told_about() -> None:
    world = Watched("expect: {gateway: failed}", carrier=Refusing(CommandStatus.ESME_RINVDSTADR))
    world.bound().submit()
    assert world.finding("gateway[0]").reason.startswith("the gateway has told nothing of any message")
    world.watch.observe("1", "failed")
    assert world.outcome("gateway[0]") == "coped"


def test_a_message_that_was_tried_again_is_one() -> None:
    world = Watched("expect: {gateway: delivered}", carrier=Refusing(CommandStatus.ESME_RTHROTTLED))
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    gateway.submit()
    world.watch.observe("12025550100", "delivered")
    assert world.outcome("gateway[0]") == "coped"


def test_of_an_unknown_message_nothing_is_taken() -> None:
    world = Watched("expect: {gateway: delivered}")
    world.bound().submit()
    with pytest.raises(UnknownMessage, match="nearest: 12025550100"):
        world.watch.observe("12025550111", "delivered")
    assert world.outcome("gateway[0]") == "unknown"


def test_a_reset_forgets_what_was_told() -> None:
    world = Watched("expect: {gateway: delivered}")
    world.bound().submit()
    world.watch.observe("1", "delivered")
    world.smsc.reset(world.now)
    assert world.outcome("gateway[0]") == "unknown"


def test_an_answer_that_is_late_gives_its_message_its_id_all_the_same() -> None:
    world = Watched("expect: {gateway: delivered}", carrier=LateCarrier(1.0))
    gateway = world.bound()
    gateway.decide = answering(0)
    gateway.submit()
    world.run(2.0)
    (message,) = [message for message, _ in world.events("submitted")]
    assert world.watch.observe(message.message_id, "delivered").is_accepted


def test_what_was_told_and_taken_back_is_no_good_end() -> None:
    for words, outcome in (
        (("sent", "delivered"), "coped"),
        (("delivered", "failed", "delivered"), "failed"),
        (("delivered", "delivered"), "coped"),
    ):
        world = Watched("expect: {gateway: {status: delivered, count: 1..}}")
        world.bound().submit()
        for word in words:
            world.watch.observe("1", word)
        assert world.outcome("gateway[0]") == outcome, words
        if outcome == "failed":
            told = "message 1: delivered was told, then failed, and delivered in the end"
            assert world.finding("gateway[0]").reason == told
