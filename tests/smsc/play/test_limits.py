"""What is done with too much: beyond a throughput, beyond further limits on either clock, beyond a window."""

from typing import Any

import pytest

from simulator.journal import ANSWERED, DISCONNECTED, REFUSED_PDU
from simulator.scenario.file import parse
from simulator.scenario.policy import Limit
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import DataSm, QuerySm, SmeAddress, SubmitMulti, SubmitSmResp, Unbind
from simulator.smpp.tlvs import Tlv
from simulator.smsc.play import limits
from simulator.smsc.play.staging import restage, script_of
from tests.smsc.play.test_staging import world_of
from tests.smsc.played import Played
from tests.smsc.world import Gateway, World, a_submission

THROTTLED = int(CommandStatus.ESME_RTHROTTLED)
FULL = int(CommandStatus.ESME_RMSGQFUL)


def statuses(gateway: Gateway, count: int, **fields: Any) -> list[int | None]:
    """The statuses of so many submissions, one after the other; None where none came."""
    answers = [gateway.submit(**fields) for _ in range(count)]
    return [None if answer is None else answer.command_status for answer in answers]


def part(number: int, total: int = 3, reference: int = 7, **fields: Any) -> Any:
    """One part of a text, by a header."""
    return a_submission(esm_class=0x40, short_message=bytes([5, 0, 3, reference, total, number]) + b"x", **fields)


# ---------------------------------------------------------------------- throughput


def test_beyond_a_throughput_the_status_is_the_one_that_is_said() -> None:
    world = world_of("{throughput: 2/s, over_throughput: ESME_RMSGQFUL}")
    gateway = world.bound()
    assert statuses(gateway, 3) == [0, 0, FULL]
    world.run(0.5)
    assert statuses(gateway, 2) == [0, FULL]


def test_a_carriers_throughput_is_that_of_each_account_that_says_none() -> None:
    world = world_of("{throughput: 1/s, others: admit, accounts: {a: {throughput: 3/s}, b: {}}}")
    assert statuses(world.bound("a"), 4) == [0, 0, 0, THROTTLED]
    assert statuses(world.bound("b"), 2) == [0, THROTTLED]
    assert statuses(world.bound("anybody"), 2) == [0, THROTTLED]


def test_an_account_says_for_itself_what_is_done_beyond_its_throughput() -> None:
    world = world_of(
        "{throughput: 1/s, over_throughput: ESME_RMSGQFUL, accounts: {a: {over_throughput: ESME_RSYSERR}, b: {}}}"
    )
    assert statuses(world.bound("a"), 2) == [0, CommandStatus.ESME_RSYSERR]
    assert statuses(world.bound("b"), 2) == [0, FULL]


def test_where_one_account_has_its_own_way_the_others_are_throttled_as_ever() -> None:
    world = world_of("{throughput: 1/s, accounts: {a: {over_throughput: ESME_RSYSERR}, b: {}}}")
    assert statuses(world.bound("b"), 2) == [0, THROTTLED]


def test_a_silent_carrier_answers_nothing_beyond_a_throughput_and_takes_nothing() -> None:
    world = world_of("{throughput: 1/s, over_throughput: silence}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, None]
    assert world.kinds(ANSWERED) == 1
    world.run(1.0)
    assert statuses(gateway, 1) == [0]
    world.run(1.0)
    assert len(gateway.stats) == 2


@pytest.mark.parametrize("deed", ["disconnect", "rst"])
def test_a_stern_carrier_hangs_up_beyond_a_throughput(deed: str) -> None:
    world = world_of(f"{{throughput: 1/s, over_throughput: {deed}}}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, None]
    assert gateway.session.hang_up
    assert gateway.session.ends_by == {"disconnect": "fin", "rst": "rst"}[deed]
    world.hang_up()
    assert world.events(DISCONNECTED)[0][1] == "over a throughput of 1/s"


def test_a_carrier_that_pauses_reads_the_next_when_there_is_room() -> None:
    world = world_of("{throughput: 2/s, burst: 2, over_throughput: pause}")
    gateway, other = world.bound(), world.bound("other")
    assert [one and one.command_status for one in gateway.send_together(*[a_submission() for _ in range(5)])] == [
        *(0, 0, None, None, None)
    ]
    assert statuses(other, 1) == [0]
    for answered in (3, 4, 5):
        world.run(0.48)
        assert len(gateway.of(SubmitSmResp)) == answered - 1
        world.run(0.02)
        assert len(gateway.of(SubmitSmResp)) == answered
    assert {one.command_status for one in gateway.of(SubmitSmResp)} == {0}


def test_an_answer_that_leaves_late_ends_no_pause() -> None:
    world = world_of("{throughput: 1/s, over_throughput: pause, respond: 100ms}")
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    world.run(0.9)
    assert (len(gateway.of(SubmitSmResp)), gateway.session.is_paused) == (1, True)
    world.run(0.25)
    assert len(gateway.of(SubmitSmResp)) == 2


def test_a_pause_that_is_over_leaves_a_full_window_to_wait_for_its_answer() -> None:
    world = world_of("{throughput: 1/s, over_throughput: pause, window: 1, over_window: pause, respond: 3s}")
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    world.run(2.0)
    assert gateway.session.is_paused
    world.run(1.1)
    assert len(gateway.of(SubmitSmResp)) == 1
    world.run(3.1)
    assert len(gateway.of(SubmitSmResp)) == 2


def test_who_leaves_during_a_pause_is_not_waited_for() -> None:
    world = world_of("{throughput: 1/s, over_throughput: pause}")
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    gateway.close()
    world.run(2.0)
    assert world.kinds("submitted") == 1


def test_a_carrier_that_pauses_reads_nothing_of_the_accounts_other_sessions_either() -> None:
    world = world_of("{throughput: 1/s, over_throughput: pause}")
    one, other = world.bound(), world.bound()
    one.send_together(a_submission(), a_submission())
    other.send_together(a_submission(), a_submission())
    later = world.bound()
    later.submit()
    assert world.kinds("submitted") == 1
    for taken in (2, 3, 4, 5):
        world.run(1.0)
        assert world.kinds("submitted") == taken
    assert sum(len(gateway.of(SubmitSmResp)) for gateway in (one, other, later)) == 5


def test_what_an_accounts_limit_leaves_unanswered_no_rule_answers_later() -> None:
    world = Played("carrier: {throughput: 1/s, over_throughput: silence}\nrules: [{then: {respond: 100ms}}]")
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    world.run(0.5)
    assert [one.command_status for one in gateway.of(SubmitSmResp)] == [0]
    assert world.kinds(ANSWERED) == 1


# ---------------------------------------------------------------------- further limits


def test_a_limit_is_counted_apart_for_each_account_and_throttles_where_nothing_is_said() -> None:
    world = world_of("{limits: [{rate: 2/s}]}")
    first, second = world.bound("a"), world.bound("a")
    assert statuses(first, 2) == [0, 0]
    assert statuses(second, 1) == [THROTTLED]
    assert statuses(world.bound("b"), 1) == [0]
    world.run(0.5)
    assert statuses(second, 2) == [0, THROTTLED]
    cause = next(row.cause for row in world.smsc.history.newest_first() if row.status)  # type: ignore[union-attr]
    assert cause is not None
    assert cause.name == "over 2/s per account"


@pytest.mark.parametrize(
    ("per", "same", "other"),
    [
        ("source", {"source_addr": "+1", "destination_addr": "8"}, {"source_addr": "2"}),
        ("destination", {"destination_addr": "+9", "source_addr": "3"}, {"destination_addr": "8"}),
        ("pair", {"source_addr": "1", "destination_addr": "9"}, {"source_addr": "1", "destination_addr": "8"}),
    ],
)
def test_a_limit_is_counted_apart_for_numbers(per: str, same: dict[str, Any], other: dict[str, Any]) -> None:
    world = world_of(f"{{limits: [{{rate: 1/s, per: {per}, over: ESME_RMSGQFUL}}]}}")
    gateway = world.bound()
    assert statuses(gateway, 1, source_addr="1", destination_addr="9") == [0]
    assert statuses(gateway, 1, **same) == [FULL]
    assert statuses(gateway, 1, **other) == [0]


def test_a_limit_is_counted_apart_for_sessions() -> None:
    world = world_of("{limits: [{rate: 1/s, per: session}]}")
    first, second = world.bound(), world.bound()
    assert statuses(first, 2) == [0, THROTTLED]
    assert statuses(second, 2) == [0, THROTTLED]


def test_every_destination_of_a_submit_multi_is_counted() -> None:
    world = world_of("{limits: [{rate: 2/s, over: ESME_RMSGQFUL}]}")
    pdu = SubmitMulti(dest_address=tuple(SmeAddress(1, 1, number) for number in "789"), short_message=b"x")
    answer = world.bound().send(pdu)
    assert [(one.addr, one.status) for one in answer.unsuccess_sme] == [("9", FULL)]


def test_a_limit_takes_its_burst_at_once_and_then_its_rate() -> None:
    world = world_of("{limits: [{rate: 10/s, burst: 2}]}")
    gateway = world.bound()
    assert statuses(gateway, 3) == [0, 0, THROTTLED]
    world.run(0.1)
    assert statuses(gateway, 2) == [0, THROTTLED]


def test_a_daily_limit_admits_all_of_it_at_once_and_runs_by_the_carriers_clock() -> None:
    world = world_of("{limits: [{rate: 3/day, over: ESME_RMSGQFUL}]}")
    gateway = world.bound()
    assert statuses(gateway, 4) == [0, 0, 0, FULL]
    world.smsc.clock.jump(world.now, 7.9 * 3600)
    assert statuses(gateway, 1) == [FULL]
    world.smsc.clock.jump(world.now, 0.2 * 3600)
    assert statuses(gateway, 2) == [0, FULL]


def test_a_limit_of_less_than_a_minute_does_not_heed_the_carriers_clock() -> None:
    world = world_of("{limits: [{rate: 1/30s}]}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, THROTTLED]
    world.smsc.clock.jump(world.now, 3600)
    assert statuses(gateway, 1) == [THROTTLED]
    world.run(30)
    assert statuses(gateway, 1) == [0]


def test_what_one_limit_refuses_takes_nothing_of_the_other() -> None:
    world = world_of("{limits: [{rate: 2/s, over: ESME_RMSGQFUL}, {rate: 1/s, per: destination}]}")
    gateway = world.bound()
    assert statuses(gateway, 3) == [0, THROTTLED, THROTTLED]
    assert statuses(gateway, 1, destination_addr="8") == [0]
    assert statuses(gateway, 1, destination_addr="7") == [FULL]


def test_parts_are_counted_each_unless_messages_are() -> None:
    parts = world_of("{limits: [{rate: 1/s}]}").bound().send_together(part(1), part(2), part(3))
    assert [one.command_status for one in parts] == [0, THROTTLED, THROTTLED]
    gateway = world_of("{limits: [{rate: 1/s, counts: messages}]}").bound()
    texts = gateway.send_together(part(1), part(3), part(2), part(1), part(1, reference=8), a_submission())
    assert [one.command_status for one in texts] == [0, 0, 0, THROTTLED, THROTTLED, THROTTLED]


def test_a_text_whose_first_part_was_refused_is_counted_by_the_next_one() -> None:
    world = world_of("{limits: [{rate: 1/s, counts: messages}]}")
    gateway = world.bound()
    answers = gateway.send_together(a_submission(), part(1))
    assert [one.command_status for one in answers] == [0, THROTTLED]
    world.run(1.0)
    answers = gateway.send_together(part(2), part(1), part(3), a_submission())
    assert [one.command_status for one in answers] == [0, 0, 0, THROTTLED]


def test_a_part_that_comes_after_half_an_hour_begins_a_new_text() -> None:
    world = world_of("{limits: [{rate: 1/s, counts: messages}]}")
    gateway = world.bound()
    assert gateway.send(part(1)).command_status == 0
    world.run(1801)
    answers = gateway.send_together(part(2), a_submission())
    assert [one.command_status for one in answers] == [0, THROTTLED]


def test_after_an_overrun_everything_is_refused_for_the_penalty() -> None:
    world = world_of("{limits: [{rate: 10/s, burst: 1, penalty: 30s}]}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, THROTTLED]
    world.run(29.9)
    assert statuses(gateway, 1) == [THROTTLED]
    world.run(0.2)
    assert statuses(gateway, 1) == [0]


def test_so_many_refusals_in_a_row_end_the_session_behind_the_answer() -> None:
    world = world_of("{limits: [{rate: 1/s, disconnect_after: 3}]}")
    gateway = world.bound()
    assert statuses(gateway, 3) == [0, THROTTLED, THROTTLED]
    world.run(1.0)
    stays = []
    for _ in range(4):
        gateway.submit()
        stays.append(not gateway.session.hang_up)
    assert stays == [True, True, True, False]
    assert [one.command_status for one in gateway.of(SubmitSmResp)][3:] == [0, THROTTLED, THROTTLED, THROTTLED]
    world.hang_up()
    assert world.events(DISCONNECTED)[0][1] == "3 refusals over 1/s per account"


@pytest.mark.parametrize("deed", ["silence", "disconnect", "rst"])
def test_beyond_a_limit_there_may_be_no_answer(deed: str) -> None:
    world = world_of(f"{{limits: [{{rate: 1/s, over: {deed}}}]}}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, None]
    assert gateway.session.hang_up == (deed != "silence")


def test_a_transaction_beyond_a_silent_limit_gets_no_answer_either() -> None:
    world = world_of("{limits: [{rate: 1/s, over: silence}]}")
    gateway = world.bound()
    payload = (Tlv(0x0424, b"x"),)
    first = gateway.send(DataSm(destination_addr="9", esm_class=2, tlvs=payload))
    second = gateway.send(DataSm(destination_addr="9", esm_class=2, tlvs=payload))
    world.run(1.0)
    assert (first, second) == (None, None)
    assert world.kinds(ANSWERED) == 1


def test_a_limit_that_pauses_reads_the_next_when_there_is_room_or_the_penalty_is_over() -> None:
    world = world_of("{limits: [{rate: 1/s, over: pause, penalty: 3s}, {rate: 1/s, over: pause}]}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, None]
    world.run(2.9)
    assert len(gateway.of(SubmitSmResp)) == 1
    world.run(0.2)
    assert len(gateway.of(SubmitSmResp)) == 2


def test_a_pause_of_a_daily_limit_is_over_when_the_carriers_clock_says_so_or_at_a_reset() -> None:
    world = world_of("{limits: [{rate: 1/day, over: pause}]}")
    gateway, other = world.bound(), world.bound("other")
    assert statuses(gateway, 3) == [0, None, None]
    assert statuses(other, 1) == [0]
    world.smsc.clock.jump(world.now, 86_400)
    world.run(0.1)
    assert len(gateway.of(SubmitSmResp)) == 2
    world.smsc.reset(world.now)
    world.run(0.1)
    assert len(gateway.of(SubmitSmResp)) == 3
    world.smsc.clock.jump(world.now, 86_400)
    world.run(0.1)
    assert statuses(gateway, 1) == [0]


def test_a_pause_from_before_a_reset_ends_no_pause_from_after_it() -> None:
    world = world_of("{throughput: 1/10s, over_throughput: pause}")
    gateway = world.bound()
    assert statuses(gateway, 1) == [0]
    world.run(5)
    world.smsc.reset(world.now)
    world.run(0.1)
    gateway.send_together(a_submission(), a_submission())
    world.run(6)
    assert len(gateway.of(SubmitSmResp)) == 2
    world.run(5)
    assert len(gateway.of(SubmitSmResp)) == 3


def test_a_reset_forgets_what_was_counted() -> None:
    world = world_of("{limits: [{rate: 1/day, counts: messages, penalty: 1h, disconnect_after: 2}]}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, THROTTLED]
    world.smsc.reset(world.now)
    assert statuses(gateway, 2) == [0, THROTTLED]
    assert not gateway.session.hang_up


def test_a_limit_remembers_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COUNTED_MAX", 2)
    world = world_of("{limits: [{rate: 1/day, per: destination, counts: messages, disconnect_after: 2}]}")
    gateways = [world.bound() for _ in range(3)]
    gateway = gateways[0]
    assert [gateway.send(part(1, destination_addr=number)).command_status for number in "123"] == [0, 0, 0]
    # the first of them was forgotten, its text too, and is counted anew
    assert gateway.send(part(2, destination_addr="1")).command_status == 0
    assert gateway.send(part(2, destination_addr="3")).command_status == 0
    assert [statuses(one, 1, destination_addr="3")[0] for one in gateways] == [THROTTLED] * 3
    assert statuses(gateway, 1, destination_addr="3") == [THROTTLED]
    assert not gateway.session.hang_up


def test_a_later_file_has_limits_of_its_own() -> None:
    world = world_of("{limits: [{rate: 1/s}]}", "{limits: [{rate: 2/s}]}")
    assert statuses(world.bound(), 3) == [0, 0, THROTTLED]


def test_a_message_of_a_session_that_has_gone_is_still_judged() -> None:
    world = world_of("{limits: [{rate: 1/s, over: rst}]}")
    gateway = world.bound()
    gateway.submit()
    message = next(world.smsc.history.newest_first())
    gateway.close()
    gate = world.smsc.carrier.gate
    account = world.smsc.accounts.get("gateway")
    assert gate is not None
    assert account is not None
    verdict = gate.refusal(message, account, 0.0)
    assert verdict is not None
    assert not verdict.accepted


def test_a_limit_knows_its_name() -> None:
    gate = limits.Limits(World().smsc, [Limit.model_validate({"rate": "2000/day", "per": "pair"})])
    assert [one.name for one in gate._limits] == ["over 2000/day per pair"]


# ---------------------------------------------------------------------- windows


@pytest.mark.parametrize("deed", ["silence", "disconnect", "rst"])
def test_beyond_a_window_there_may_be_no_answer(deed: str) -> None:
    world = world_of(f"{{window: 1, over_window: {deed}, respond: 1s}}")
    gateway = world.bound()
    assert gateway.send_together(a_submission(), a_submission()) == [None, None]
    assert gateway.session.hang_up == (deed != "silence")
    assert world.smsc.history.get(2).cause.name == "over a window of 1"  # type: ignore[union-attr]
    world.run(1.0)
    # a reset throws away what waits, and what is still to be answered
    assert len(gateway.of(SubmitSmResp)) == (deed != "rst")
    if deed != "silence":
        assert world.events(DISCONNECTED)[0][1] == "over a window of 1"


def test_beyond_a_silent_window_nothing_else_is_answered_either() -> None:
    world = world_of("{window: 1, over_window: silence, respond: 1s}")
    gateway = world.bound()
    pdu = SubmitMulti(dest_address=(SmeAddress(1, 1, "7"), SmeAddress(1, 1, "8")), short_message=b"x")
    assert gateway.send_together(a_submission(), pdu, QuerySm(message_id="1")) == [None, None, None]
    assert [detail for _, detail in world.events(REFUSED_PDU)] == ["over a window of 1"]
    assert world.kinds("submitted") == 3
    assert world.kinds(ANSWERED) == 1
    world.run(1.0)
    assert len(gateway.received) == 1


@pytest.mark.parametrize("rate", ["1/30s", "1/h"])
@pytest.mark.parametrize("after", ["{limits: [{rate: 100/s}]}", "{respond: 0s}"])
def test_whom_a_limit_held_back_reads_on_where_other_scenarios_take_its_place(rate: str, after: str) -> None:
    world = world_of(f"{{limits: [{{rate: {rate}, over: pause}}]}}")
    gateway = world.bound()
    statuses(gateway, 2)
    assert gateway.session.window.holds == 1
    restage(world.smsc, script_of([parse(f"scenario: 1\ncarrier: {after}")], 7), world.now)
    world.smsc.reset(world.now)
    world.run(10_000.0)
    assert (gateway.session.window.holds, gateway.session.is_paused) == (0, False)
    assert statuses(gateway, 3) == [0, 0, 0]


def test_a_late_answer_is_given_while_there_is_somebody_and_after_an_unbind_too() -> None:
    world = world_of("{window: 10, respond: 1s}")
    staying, parting, gone = world.bound(), world.bound(), world.bound()
    for gateway in (staying, parting, gone):
        gateway.send_together(a_submission())
    parting.send_together(Unbind())
    gone.session.close(world.now)
    world.run(2.0)
    assert [pdu.command_status for pdu in staying.of(SubmitSmResp)] == [0]
    assert len(parting.of(SubmitSmResp)) == 1
    assert gone.of(SubmitSmResp) == []
    assert world.kinds(ANSWERED) == 3
