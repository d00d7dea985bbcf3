"""What rules do to requests that make no message, and to responses of the ESME: seen on the wire."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.carrier import accounts
from simulator.journal import BIND_REFUSED, BOUND, MALFORMED, REFUSED_PDU, SUBMITTED, UNEXPECTED
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import (
    BindTransceiver,
    BindTransceiverResp,
    CancelSm,
    CancelSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from simulator.smsc.terms import Terms
from tests.smsc.played import Bearing, Played, of_rules, rules
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import a_submission, answering

SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}
COMMANDS = ["enquire_link", "query_sm", "cancel_sm", "replace_sm", "unbind", "broadcast_sm"]


def request_of(gateway: Bearing, command: str) -> Any:
    """Such a request about a message that was submitted before."""
    answer = gateway.submit(
        registered_delivery=0, validity_period="000001000000000R", schedule_delivery_time="000000010000000R"
    )
    gateway.clear()
    message_id = answer.message_id
    return {
        "enquire_link": EnquireLink(),
        "query_sm": QuerySm(message_id=message_id, **SOURCE),
        "cancel_sm": CancelSm(message_id=message_id, **SOURCE),
        "replace_sm": ReplaceSm(message_id=message_id, **SOURCE),
        "unbind": Unbind(),
        "broadcast_sm": a_broadcast(),
    }[command]


def bound_for(world: Played, command: str) -> Bearing:
    return world.bound(interface_version=0x50) if command.startswith("broadcast") else world.bound()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_rule_that_means_it_a_request_is_answered_well(command: str) -> None:
    world = of_rules(f"{{when: {{command: {command}, account: other}}, then: {{reject: 0x450}}}}")
    gateway = bound_for(world, command)
    assert gateway.send(request_of(gateway, command)).command_status == 0
    assert world.fired == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_request_is_refused_with_any_status(command: str) -> None:
    world = of_rules(f"{{name: no, when: {{command: {command}}}, then: {{reject: 0x450}}}}")
    gateway = bound_for(world, command)
    request = request_of(gateway, command)
    answer = gateway.send(request)
    assert (answer.command_status, answer.sequence_number) == (0x450, request.sequence_number)
    assert world.fired == ["no"]
    assert [status for _, status in world.events(REFUSED_PDU)] == [0x450]
    assert gateway.session.is_open
    assert not gateway.session.hang_up


@pytest.mark.parametrize("command", COMMANDS)
def test_a_request_gets_no_answer_where_there_is_silence(command: str) -> None:
    world = of_rules(f"{{when: {{command: {command}}}, then: silence}}")
    gateway = bound_for(world, command)
    assert gateway.send(request_of(gateway, command)) is None
    world.run(5.0)
    assert gateway.received == []
    assert gateway.session.is_open


@pytest.mark.parametrize("command", COMMANDS)
def test_a_request_is_answered_late(command: str) -> None:
    world = of_rules(f"{{when: {{command: {command}}}, then: {{respond: 2s}}}}")
    gateway = bound_for(world, command)
    assert gateway.send(request_of(gateway, command)) is None
    world.run(1.9)
    assert gateway.received == []
    world.run(0.2)
    (answer,) = gateway.received
    assert answer.command_status == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_requests_answer_has_another_form(command: str) -> None:
    said = "{answer: {status: 0x450, sequence: 77, command: generic_nack}}"
    world = of_rules(f"{{when: {{command: {command}}}, then: {said}}}")
    gateway = bound_for(world, command)
    gateway.send(request_of(gateway, command))
    (answer,) = gateway.received
    assert (type(answer), answer.command_status, answer.sequence_number) == (GenericNack, 0x450, 77)


def test_what_was_refused_by_a_rule_has_not_happened() -> None:
    world = of_rules("{when: {command: cancel_sm}, then: {reject: 17}}")
    gateway = world.bound()
    answer = gateway.submit()
    assert gateway.send(CancelSm(message_id=answer.message_id, **SOURCE)).command_status == 17
    world.run(1.0)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]


# ---------------------------------------------------------------------- binds


def test_a_bind_is_refused_and_nobody_is_bound() -> None:
    world = of_rules("{name: no, when: {command: bind, bind_type: TRX}, then: {reject: ESME_RSYSERR}}")
    gateway = world.gateway()
    answer = gateway.bind()
    assert (type(answer), answer.command_status) == (BindTransceiverResp, 8)
    assert [status for _, status in world.events(BIND_REFUSED)] == [8]
    assert world.kinds(BOUND) == 0
    assert world.gateway().bind(bind="TX").command_status == 0


def test_a_bind_in_silence_binds_nobody() -> None:
    world = of_rules("{when: {command: bind, account: mute}, then: silence}")
    gateway = world.gateway()
    assert gateway.bind("mute") is None
    assert not gateway.session.connection.is_bound
    assert world.gateway().bind("other").command_status == 0


def test_a_bind_that_is_answered_late_binds_late() -> None:
    world = of_rules("{when: {command: bind}, then: {respond: 2s}}")
    gateway = world.gateway()
    assert gateway.bind() is None
    assert not gateway.session.connection.is_bound
    world.run(2.0)
    assert [pdu.command_status for pdu in gateway.received] == [0]
    assert gateway.submit().command_status == 0


def test_a_rule_lets_in_whom_the_carrier_refuses() -> None:
    world = Played(
        "carrier: {accounts: {a: {password: x}, b: {password: y}}}\n"
        + rules("{when: {command: bind, account: b}, then: accept}")
    )
    assert world.gateway().bind("b", password="wrong").command_status == 0
    assert world.gateway().bind("c").command_status != 0
    assert world.gateway().bind("a", password="y").command_status != 0


def test_a_binds_answer_has_another_system_id_and_no_tlvs() -> None:
    said = "{answer: {fields: {system_id: elsewhere}, tlvs: {sc_interface_version: absent}}}"
    world = of_rules(f"{{when: {{command: bind}}, then: {said}}}")
    answer = world.gateway().bind()
    assert (answer.system_id, answer.tlvs) == ("elsewhere", ())


@pytest.mark.parametrize(("when", "statuses"), [("2nd", [0, 8, 8]), ("..1", [8, 8, 8]), ("3rd", [0, 0, 8])])
def test_a_bind_is_the_nth_session_that_it_would_be(when: str, statuses: list[int]) -> None:
    when = "1st" if when == "..1" else when
    world = of_rules(f"{{when: {{command: bind, session: {when}}}, then: {{reject: 8}}}}")
    assert [world.gateway().bind().command_status for _ in range(3)] == statuses


def test_a_bind_too_soon_after_the_last_session_is_known() -> None:
    world = of_rules("{when: {command: bind, since_disconnect: ..30s}, then: {reject: 8}}")
    gateway = world.bound()
    assert world.gateway().bind().command_status == 0
    gateway.close()
    world.run(29.0)
    assert world.gateway().bind().command_status == 8
    assert world.gateway().bind("other").command_status == 0
    world.run(2.0)
    assert world.gateway().bind().command_status == 0


def test_a_bind_is_held_back_until_something_lets_it_go() -> None:
    world = of_rules(
        "{when: {command: bind, account: first}, then: {respond: {hold: p}}}",
        "{when: {event: bound, account: second}, then: {release: p}}",
    )
    held = world.gateway()
    assert held.bind("first") is None
    world.bound("second")
    assert [type(pdu) for pdu in held.received] == [BindTransceiverResp]
    assert held.submit().command_status == 0


# ---------------------------------------------------------------------- what a rule asks of questions about messages


def test_a_question_is_about_a_messages_state_and_age() -> None:
    world = of_rules(
        "{name: dead, when: {command: query_sm, state: DELIVRD}, then: {reject: 0x67}}",
        "{name: old, when: {command: query_sm, state: ENROUTE, age: 0.2s..}, "
        "then: {answer: {fields: {error_code: 9}}}}",
    )
    gateway = world.bound()
    answer = gateway.submit()
    asked = {"message_id": answer.message_id, **SOURCE}
    assert gateway.send(QuerySm(**asked)).error_code == 0
    world.run(0.25)
    assert gateway.send(QuerySm(**asked)).error_code == 9
    world.run(1.0)
    assert gateway.send(QuerySm(**asked)).command_status == 0x67
    assert world.fired == ["old", "dead"]


def test_a_query_is_answered_with_a_state_that_is_not_so() -> None:
    world = of_rules("{when: {command: query_sm}, then: {answer: {fields: {message_state: 5}}}}")
    gateway = world.bound()
    answer = gateway.submit()
    asked = gateway.send(QuerySm(message_id=answer.message_id, **SOURCE))
    assert (type(asked), asked.message_state) == (QuerySmResp, 5)


def test_the_carriers_form_of_answers_is_that_of_submissions() -> None:
    carrier = "carrier: {answer: {status: 8}, respond: {hold: p}, deliver: [UNDELIV, DELIVRD]}\n"
    world = Played(carrier + rules("{when: {command: enquire_link}, then: {set: {variables: {a: 1}}}}"))
    gateway = world.bound()
    answer = gateway.send(EnquireLink())
    assert (type(answer), answer.command_status) == (EnquireLinkResp, 0)
    assert gateway.submit() is None


def test_deeds_come_in_front_of_an_answer_with_it_or_behind() -> None:
    world = of_rules(
        "{when: {command: query_sm}, then: {send: [{command: enquire_link, before: answer}, "
        "{command: unbind, with_answer: true}, {command: outbind}]}}"
    )
    gateway = world.bound()
    gateway.connection.send_anyway(QuerySm(message_id="1", **SOURCE), world.now)
    world.settle()
    assert gateway.names[:4] == ["enquire_link", "query_sm_resp", "unbind", "outbind"]


def test_a_fault_comes_in_front_of_the_answer_or_behind_it() -> None:
    for before, names in (("{fault: fin, before: answer}", []), ("fin", ["enquire_link_resp"])):
        world = of_rules(f"{{when: {{command: enquire_link}}, then: {{connection: {before}}}}}")
        gateway = world.bound()
        gateway.send(EnquireLink())
        assert (gateway.names, gateway.session.hang_up, world.faults) == (names, True, ["fin"])


@pytest.mark.parametrize("then", ["silence: recorded", "accept: true", "reject: 8"])
@pytest.mark.parametrize("command", ["enquire_link", "submit_sm"])
def test_a_fault_happens_once(command: str, then: str) -> None:
    for before in ("", ", before: answer", ", before: record"):
        fault = f"{{fault: slow_reading, lasts: 1s{before}}}"
        world = of_rules(f"{{when: {{command: {command}}}, then: {{connection: {fault}, {then}}}}}")
        gateway = world.bound()
        gateway.send(EnquireLink() if command == "enquire_link" else a_submission())
        world.run(1.0)
        assert world.faults == ["slow_reading for 1s"], before


# ---------------------------------------------------------------------- responses of the ESME


def test_rules_hear_how_the_esme_answers() -> None:
    world = of_rules(
        "{name: refused, when: {command: deliver_sm_resp, status_not: ESME_ROK}, then: {send: unbind}}",
        "{name: well, when: {command: deliver_sm_resp, status: ESME_ROK}, then: {set: {variables: {a: 1}}}}",
    )
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    assert world.fired == ["well"]
    gateway.decide = answering(0x65)
    gateway.submit()
    world.run(0.5)
    assert world.fired == ["well", "refused"]
    assert gateway.names[-1] == "unbind"


def test_a_response_to_nothing_is_unexpected_whatever_rules_say() -> None:
    world = of_rules("{name: a, when: {command: deliver_sm_resp}, then: {set: {variables: {a: 1}}}}")
    gateway = world.bound()
    gateway.send_bytes(bytes.fromhex("00000011800000050000000000000063") + b"\0")
    assert world.fired == ["a"]
    assert world.kinds(UNEXPECTED) == 1


def test_what_cannot_be_read_is_no_rules_business() -> None:
    world = of_rules("{name: a, when: {command: query_sm}, then: silence}")
    gateway = world.bound()
    (answer,) = gateway.send_bytes(bytes.fromhex("00000011000000030000000000000001") + b"x")
    assert answer.command_status != 0
    assert (world.fired, world.kinds(MALFORMED)) == ([], 1)


def test_a_command_that_nobody_knows_can_be_answered() -> None:
    world = of_rules("{name: a, when: {command: 0x00010200}, then: {answer: {command: 0x80010200, status: 0}}}")
    gateway = world.bound()
    gateway.send_bytes(bytes.fromhex("00000010000102000000000000000005"))
    assert world.fired == ["a"]
    assert gateway.octets == bytes.fromhex("00000010800102000000000000000005")


def test_replaced_messages_keep_what_rules_have_planned() -> None:
    world = of_rules("{then: {deliver: UNDELIV after 5s, receipts: {stat: GONE}}}")
    gateway = world.bound()
    answer = gateway.submit()
    replacing = ReplaceSm(message_id=answer.message_id, **SOURCE, registered_delivery=1, short_message=b"new")
    replaced = gateway.send(replacing)
    assert (type(replaced), replaced.command_status) == (ReplaceSmResp, 0)
    world.run(6.0)
    assert gateway.stats == [(answer.message_id, "GONE")]


def test_cancelled_messages_are_cancelled_under_a_scenario_too() -> None:
    world = of_rules("{then: {deliver: UNDELIV after 5s}}")
    gateway = world.bound()
    answer = gateway.submit()
    assert isinstance(gateway.send(CancelSm(message_id=answer.message_id, **SOURCE)), CancelSmResp)
    world.run(6.0)
    assert [stat for _, stat in gateway.stats] == ["DELETED"]


def test_a_request_beyond_the_window_was_asked_about_before() -> None:
    world = of_rules("{when: {command: submit_sm}, then: {respond: {hold: p}}}")
    world.smsc.terms = Terms(window=1, window_status=0x58)
    gateway = world.bound()
    assert gateway.submit() is None
    assert gateway.send(QuerySm(message_id="1", **SOURCE)).command_status == 0x58
    assert gateway.of(SubmitSmResp) == []


def test_an_unbind_in_silence_leaves_the_session_bound() -> None:
    world = of_rules("{when: {command: unbind}, then: {silence: recorded}}")
    gateway = world.bound()
    assert gateway.send(Unbind()) is None
    assert gateway.of(UnbindResp) == []
    assert gateway.session.connection.is_bound


def test_a_bind_that_waits_longer_than_a_connection_may_be_unbound_is_answered_all_the_same() -> None:
    world = of_rules("{when: {command: bind}, then: {respond: 70s}}")
    gateway = world.gateway()
    gateway.bind()
    silent = world.gateway()
    world.run(69.0)
    # whoever says nothing is shown out as always
    assert [gateway.stands(), silent.stands(), gateway.names] == [True, False, []]
    world.run(1.0)
    assert gateway.names[0] == "bind_transceiver_resp"
    assert gateway.session.connection.is_bound


def test_what_has_no_place_beside_a_late_answer_does_not_wait_for_it() -> None:
    world = of_rules("{when: {command: query_sm}, then: {respond: 2s, send: {command: enquire_link}}}")
    gateway = world.bound()
    gateway.send(QuerySm(message_id="1", **SOURCE))
    assert gateway.names == ["enquire_link"]
    world.run(2.0)
    assert gateway.names == ["enquire_link", "query_sm_resp"]


@pytest.mark.parametrize(("direction", "answered", "recorded"), [("in", 1, 1), ("both", 1, 1), ("out", 1, 4)])
def test_what_came_in_one_segment_with_the_message_that_opens_a_hole_vanishes(
    direction: str, answered: int, recorded: int
) -> None:
    hole = f"{{fault: black_hole, direction: {direction}, lasts: 20s, before: record}}"
    world = of_rules(
        f"{{when: {{count: 2nd}}, then: {{connection: {hole}}}}}", "{when: {command: query_sm}, then: accept}"
    )
    gateway = world.bound()
    gateway.batch(*(a_submission() for _ in range(3)), QuerySm(message_id="1", **SOURCE), a_submission())
    assert gateway.names == ["submit_sm_resp"] * answered
    assert world.kinds(SUBMITTED) == recorded
    # what comes later is read again
    world.run(20.0)
    gateway.clear()
    gateway.submit()
    assert gateway.names[-1:] == ["submit_sm_resp"]


@pytest.mark.parametrize("respond", ["1s", "{hold: door}"])
def test_of_two_binds_that_wait_at_once_the_second_finds_the_session_bound(respond: str) -> None:
    world = of_rules(f"{{when: {{command: bind}}, then: {{respond: {respond}}}}}")
    gateway = world.gateway()
    gateway.batch(BindTransceiver(system_id="gateway"), BindTransceiver(system_id="gateway"))
    world.run(2.0)
    world.stage.piles.release("door", world.now)
    world.settle()
    assert [pdu.command_status for pdu in gateway.of(BindTransceiverResp)] == [0, CommandStatus.ESME_RALYBND]
    assert world.kinds(BOUND) == 1
    assert world.smsc.outbox("gateway").receivers == [gateway.session]
    gateway.close()
    assert world.smsc.outbox("gateway").receivers == []


def test_each_that_is_bound_may_let_in_the_next_one_however_many_wait() -> None:
    world = of_rules(
        "{when: {command: bind}, then: {respond: {hold: door}}}",
        "{when: {event: bound}, then: {release: {pile: door, most: 1}}}",
    )
    for _ in range(200):
        world.gateway().bind("gateway")
    world.stage.piles.release("door", world.now, most=1)
    world.run(1.0)
    assert world.kinds(BOUND) == 200


def test_a_rule_lets_in_no_more_names_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "MADE_MAX", 2)
    world = Played("carrier: {others: refuse}\n" + rules("{when: {command: bind}, then: accept}"))
    statuses = [world.gateway().bind(name).command_status for name in ("one", "two", "three", "one")]
    assert statuses == [0, 0, CommandStatus.ESME_RINVSYSID, 0]
    assert [account.name for account in world.smsc.accounts] == ["one", "two"]


def test_who_was_kept_waiting_and_refused_has_as_long_to_bind_as_before() -> None:
    refused = "{when: {command: bind, account: late}, then: {reject: ESME_RBINDFAIL, respond: 4s}}"
    world = of_rules(refused)
    world.smsc.terms = replace(world.smsc.terms, timers=replace(world.smsc.terms.timers, session_init=10.0))
    gateway = world.gateway()
    world.run(3.0)
    gateway.bind("late")
    world.run(4.0)
    assert [pdu.command_status for pdu in gateway.received] == [CommandStatus.ESME_RBINDFAIL]
    world.run(6.5)
    assert gateway.stands()
    world.run(1.0)
    # three seconds before he asked and seven behind the answer
    assert not gateway.stands()


def test_whom_the_carrier_refuses_late_is_shown_out_as_anybody() -> None:
    world = Played(
        "carrier: {accounts: {known: {password: right}}}\n" + rules("{when: {command: bind}, then: {respond: 4s}}")
    )
    gateway = world.gateway()
    gateway.bind("nobody")
    world.run(5.0)
    assert gateway.names == ["bind_transceiver_resp"]
    world.run(60.0)
    assert not gateway.stands()


@pytest.mark.parametrize("respond", ["2s", "{hold: p}"])
def test_a_request_that_is_kept_waiting_has_its_place_in_the_window(respond: str) -> None:
    world = of_rules(f"{{when: {{command: query_sm}}, then: {{respond: {respond}}}}}")
    world.smsc.terms = Terms(window=1, window_status=0x58)
    gateway = world.bound()
    message_id = gateway.submit(registered_delivery=0).message_id
    assert gateway.send(QuerySm(message_id=message_id, **SOURCE)) is None
    assert gateway.submit().command_status == 0x58
    assert gateway.send(QuerySm(message_id=message_id, **SOURCE)).command_status == 0x58
    gateway.clear()
    if respond == "2s":
        world.run(2.0)
    else:
        world.stage.piles.release("p", world.now)
        world.settle()
    # it is not counted once more when its turn has come
    assert [(pdu.name, pdu.command_status) for pdu in gateway.received] == [("query_sm_resp", 0)]
    assert gateway.submit().command_status == 0


def test_where_a_full_window_stops_the_reading_a_kept_request_lets_it_go_on() -> None:
    world = of_rules("{when: {command: query_sm}, then: {respond: 2s}}")
    world.smsc.terms = Terms(window=1, window_status=None)
    gateway = world.bound()
    assert gateway.send(QuerySm(message_id="1", **SOURCE)) is None
    assert gateway.submit() is None
    world.run(2.0)
    assert gateway.names == ["query_sm_resp", "submit_sm_resp"]
