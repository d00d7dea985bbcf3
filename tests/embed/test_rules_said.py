"""Rules that end, that are meant once, and that come one after the other; and what a test does to links."""

from collections.abc import Iterator

import pytest
import smpplib.exceptions

from simulator.embed.embedded import EmbeddedSmsc, NotSeen, open_smsc
from simulator.scenario.problems import ScenarioError
from tests.embed.gateway import Gateway, bound

THROTTLED, SYSERR, FULL = 0x58, 0x08, 0x14
TO = "12025550100"


@pytest.fixture
def smsc() -> Iterator[EmbeddedSmsc]:
    with open_smsc() as running:
        yield running


@pytest.fixture
def gateway(smsc: EmbeddedSmsc) -> Iterator[Gateway]:
    with bound(smsc) as one:
        yield one


# ------------------------------------------------------------------ how long a rule is meant


def test_what_is_said_once_is_meant_once(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.once(destination=TO).reject("ESME_RTHROTTLED")
    assert [gateway.send("1"), gateway.send(), gateway.send()] == [0, THROTTLED, 0]


def test_rules_in_order_wait_for_their_turn(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    turn = smsc.in_order()
    turn.when(destination=TO).reject("ESME_RTHROTTLED", times=2)
    turn.when(text="second").reject("ESME_RSYSERR")
    turn.when().reject("ESME_RMSGQFUL").receipt(err="7")
    texts = ["second", "first", "first", "second", "any", "any"]
    assert [gateway.send(text=text) for text in texts] == [THROTTLED, THROTTLED, 0, SYSERR, FULL, 0]


def test_two_orders_do_not_disturb_each_other(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    one, other = smsc.in_order(), smsc.in_order()
    for turn, to in ((one, "1"), (other, "2")):
        turn.when(destination=to).reject("ESME_RTHROTTLED")
        turn.when(destination=to).reject("ESME_RSYSERR")
    assert [gateway.send(to) for to in "1212"] == [THROTTLED, THROTTLED, SYSERR, SYSERR]


def test_a_turn_is_had_a_number_of_times(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(ScenarioError, match="times: '1 per destination', allowed: in order: a whole number"):
        smsc.in_order().when().reject(times="1 per destination")


def test_a_rule_ends_with_what_it_is_until(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().reject("ESME_RTHROTTLED", until={"text": "enough"})
    assert [gateway.send(text=text) for text in ("a", "enough", "b")] == [THROTTLED, THROTTLED, 0]


def test_a_rule_ends_when_somebody_binds(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().reject("ESME_RTHROTTLED", until={"event": "bound", "account": "other"})
    assert gateway.send() == THROTTLED
    with bound(smsc, "other"):
        assert gateway.send() == 0


def test_a_rule_ends_after_a_while_of_the_carriers_time(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.clock.advance("1 hour")
    smsc.when().reject("ESME_RTHROTTLED", until="10m")
    smsc.clock.advance("9m")
    assert gateway.send() == THROTTLED
    smsc.clock.advance("1m")
    assert gateway.send() == 0


def test_a_rule_that_is_removed_takes_its_end_with_it(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    rule = smsc.when().reject("ESME_RTHROTTLED", until={"text": "enough"})
    rule.remove()
    assert gateway.send(text="enough") == 0
    assert smsc.journal.count("rule_fired") == 0


def test_an_end_that_is_none_is_refused(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(ScenarioError, match="did you mean text"):
        smsc.when().reject(until={"txt": "enough"})
    with pytest.raises(ScenarioError, match="until"):
        smsc.when().reject(until="soon")


# ------------------------------------------------------------------ what is done to links


def test_links_are_ended_and_told_by_their_sessions(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    with bound(smsc, "other") as other:
        assert [one.account for one in smsc.disconnect("rst", account="other")] == ["other"]
        # whoever is being cut off is bound no more
        assert [one.account for one in smsc.sessions] == ["gateway"]
        with pytest.raises((smpplib.exceptions.ConnectionError, ConnectionError)):
            other.client.read_pdu()
        assert [one.account for one in smsc.sessions] == ["gateway"]
        assert gateway.send() == 0
    assert smsc.journal.count("fault") == 1


def test_everybody_is_asked_to_leave(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.unbind()
    assert gateway.client.read_pdu().command == "unbind"


def test_a_link_that_is_stalled_answers_when_it_goes_on(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.stall(lasts="50ms")
    assert gateway.send() == 0
    assert smsc.journal.events("fault")[0].detail == "hang for 50ms"


def test_a_fault_that_is_none_is_refused(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(ScenarioError, match="rsd"):
        smsc.disconnect("rsd")
    with pytest.raises(ScenarioError, match="did you mean account"):
        smsc.disconnect(acount="x")


# ------------------------------------------------------------------ idle


def test_idle_is_when_every_receipt_is_answered(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().deliver("DELIVRD", after="100ms")
    gateway.send()
    with pytest.raises(NotSeen, match=r"still busy after 0.02 s\n  1 messages of gateway without an end$"):
        smsc.wait_until_idle(timeout=0.02)
    smsc.wait_for(state="DELIVRD")
    with pytest.raises(NotSeen, match=r"  1 deliveries not answered by session 1 of gateway$"):
        smsc.wait_until_idle(timeout=0.02)
    gateway.read()
    smsc.wait_until_idle()
    assert smsc.wait_for(receipt="acknowledged").receipts_acknowledged == 1


def test_a_late_answer_is_waited_for_and_a_lost_message_is_not(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when(text="late").delay("50ms").lose()
    gateway.client.send_message(destination_addr=TO, source_addr="1", short_message=b"late")
    with pytest.raises(NotSeen, match="1 answers to session 1 of gateway are put off"):
        smsc.wait_until_idle(timeout=0.01)
    smsc.wait_until_idle()
    assert smsc.journal.count("answered") == 1


def test_who_has_no_receiver_is_told_by_what_waits(smsc: EmbeddedSmsc) -> None:
    with bound(smsc, bind="transmitter") as gateway:
        gateway.send()
        with pytest.raises(NotSeen, match="1 deliveries wait for a receiver"):
            smsc.wait_until_idle(timeout=0.6)


# ------------------------------------------------------------------ reset


def test_a_reset_may_show_everybody_out(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send()
    smsc.reset(keeps_sessions=False)
    assert smsc.sessions == []
    assert [event.kind for event in smsc.journal.events()] == ["reset"]
    with pytest.raises(smpplib.exceptions.ConnectionError):
        gateway.client.read_pdu()


def test_what_was_sent_just_before_a_reset_is_not_counted_after_it(smsc: EmbeddedSmsc) -> None:
    with bound(smsc) as gateway:
        for _ in range(20):
            for _ in range(20):
                gateway.client.send_message(destination_addr=TO, source_addr="1", short_message=b"x")
            smsc.reset()
            assert smsc.journal.count("submitted") == 0
        assert smsc.messages() == []
