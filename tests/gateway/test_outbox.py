"""What becomes of messages: answers, errors by class, receipts. The carriers are lists, the time is a number."""

from typing import Any

import pytest

from simulator.gateway.config import Config
from simulator.gateway.letters import HeardReceipt
from simulator.gateway.messages import Cause, Full, Message, Progress, Status
from simulator.gateway.outbox import Outbox
from simulator.gateway.routes import Routes
from simulator.gateway.rows import COLUMNS, doc_of, entry_of, state_of
from simulator.gateway.waiting import Entry, PartState
from simulator.net.client import LinkClosed, NoAnswer, Waiting
from simulator.smpp.pdus import GenericNack, Request, SubmitSm, SubmitSmResp
from simulator.smpp.tlvs import Tlv
from tests.gateway.kit import order


class Line:
    """A bound link without a carrier: what is posted waits for the test's answer."""

    def __init__(self, window: int = 10) -> None:
        self.window = window
        self.open: list[tuple[SubmitSm, Waiting]] = []

    @property
    def room(self) -> int:
        return self.window - len(self.open)

    def post(self, pdu: Request, waiting: Waiting) -> None:
        assert isinstance(pdu, SubmitSm)
        self.open.append((pdu, waiting))

    def answer(self, response: SubmitSmResp | GenericNack | Exception) -> None:
        _, waiting = self.open.pop(0)
        waiting.keep(response)

    def ok(self, smsc_id: str) -> None:
        self.answer(SubmitSmResp(message_id=smsc_id))

    def refuse(self, status: int, **fields: Any) -> None:
        self.answer(SubmitSmResp(command_status=status, **fields))


class World:
    """An outbox whose batches are kept as soon as there are any."""

    def __init__(self, *, smscs: int = 1, **settings: Any) -> None:
        defaults = {"smscs": [{"port": 1 + at} for at in range(smscs)], "pace": {}}
        self.now = 1000.0
        config = Config.model_validate(defaults | settings)
        self.routes = Routes(config.carriers())
        self.told: list[tuple[str, Progress]] = []
        self.outbox = Outbox(config, self.routes, clock=lambda: self.now, tell=self._tell, woken=lambda: None)
        self.lines = [Line() for _ in self.routes.all]
        for route, line in zip(self.routes.all, self.lines, strict=True):
            route.links.append(line)
        self.line = self.lines[0]

    def _tell(self, message: Message, progress: Progress) -> None:
        self.told.append((message.id, progress))

    def turn(self, after: float = 0) -> None:
        """Let time pass and do what is due, as the core does."""
        self.now += after
        self.outbox.expire()
        self.outbox.fill()
        for then in self.outbox.changes.then:
            then()
        self.outbox.changes.then.clear()
        self.outbox.post()

    def accept(self, number: str = "m", **fields: Any) -> Message:
        (entry,) = self.outbox.accept([order(number, **fields)])
        self.turn()
        return entry.message

    def receipt(self, smsc_id: str, stat: str = "DELIVRD", *, subscriber: str = "12025550100") -> bool:
        return self.outbox.place(HeardReceipt((smsc_id,), stat, "000", subscriber, ""))

    def statuses(self, number: str = "m") -> list[Status]:
        return [progress.status for told, progress in self.told if told == number and progress.is_change]


def cause_of(message: Message) -> Cause:
    assert message.cause is not None
    return message.cause


def test_all_orders_of_a_request_are_taken_or_none() -> None:
    world = World(backlog=2)
    with pytest.raises(Full) as full:
        world.outbox.accept([order(number) for number in "abc"])
    assert full.value.room == 2
    assert not world.outbox.entries


def test_a_permanent_error_fails_at_once_and_costs_nothing() -> None:
    world = World()
    message = world.accept(price=7)
    world.line.refuse(0x0B)
    assert world.statuses() == [Status.QUEUED, Status.INITIATED, Status.FAILED]
    assert (cause_of(message).key, cause_of(message).command_status) == ("submit_refused", 0x0B)
    assert (message.charged, world.outbox.charged["a"], world.outbox.entries) == (0, 0, {})


def test_the_network_s_own_error_is_told() -> None:
    world = World()
    message = world.accept()
    world.line.refuse(0x45 + 0x400, tlvs=(Tlv(0x0423, b"\x03\x00\x0a"),))
    assert cause_of(message).err == "010"


def test_a_temporary_error_is_tried_again_after_pauses_that_double() -> None:
    world = World(retry={"tries": 3, "first": 1})
    message = world.accept()
    for pause in (1, 2):
        world.line.refuse(0x08)
        world.turn(pause - 0.1)
        assert world.line.open == []
        assert world.outbox.next_at() == pytest.approx(world.now + 0.1)
        world.turn(0.2)
        assert len(world.line.open) == 1
    world.line.refuse(0x08)
    assert message.status is Status.FAILED
    assert (cause_of(message).key, cause_of(message).command_status) == ("retries_exhausted", 0x08)


def test_a_throttled_message_stays_and_the_carrier_is_left_alone() -> None:
    world = World(retry={"tries": 1})
    world.accept("m")
    world.accept("n")
    world.line.refuse(0x58)
    assert world.statuses() == [Status.QUEUED, Status.INITIATED]
    world.line.ok("2")
    assert world.line.open == []
    world.turn(0.6)
    assert len(world.line.open) == 1
    world.line.ok("1")
    assert world.statuses()[-1] is Status.SENT


def test_while_it_is_throttled_the_pauses_double() -> None:
    world = World()
    world.accept()
    for pause in (0.5, 1.0, 2.0):
        world.line.refuse(0x58)
        world.turn(pause - 0.01)
        assert world.line.open == []
        world.turn(0.02)
        assert len(world.line.open) == 1


def test_a_throttled_carrier_is_passed_by_where_there_is_another() -> None:
    world = World(smscs=2)
    message = world.accept()
    world.lines[0].refuse(0x58)
    world.turn()
    world.lines[1].ok("x")
    assert message.route == "smsc2"


def test_without_a_bound_carrier_everything_waits_and_then_it_is_too_late() -> None:
    world = World(queue_lifetime="1h")
    world.routes.all[0].links.clear()
    message = world.accept()
    world.turn(3599)
    assert message.status is Status.QUEUED
    world.turn(1)
    assert (message.status, cause_of(message).key) == (Status.FAILED, "queue_expired")


def test_what_cannot_go_back_to_a_carrier_in_time_is_too_late_as_well() -> None:
    world = World(queue_lifetime=10)
    message = world.accept()
    world.line.refuse(0x58)
    world.turn(11)
    assert (message.status, cause_of(message).key) == (Status.FAILED, "queue_expired")


def test_a_lost_link_sends_it_by_the_next_one_and_marks_it() -> None:
    world = World(smscs=2)
    message = world.accept()
    world.routes.all[0].links.clear()
    world.lines[0].answer(LinkClosed("gone"))
    assert len(world.lines[1].open) == 1
    world.lines[1].ok("1")
    assert (message.status, message.doubts, message.route) == (Status.SENT, 1, "smsc2")


def test_a_carrier_that_does_not_answer_is_asked_again_later() -> None:
    world = World(retry={"tries": 2})
    message = world.accept()
    world.line.answer(NoAnswer("nothing"))
    assert world.line.open == []
    world.turn(1)
    world.line.answer(NoAnswer("nothing"))
    assert (message.status, cause_of(message).key, message.doubts) == (Status.FAILED, "no_answer", 2)


def test_a_lost_answer_may_be_the_end_by_configuration() -> None:
    world = World(retry={"lost_answer": "fail"})
    message = world.accept()
    world.line.answer(LinkClosed("gone"))
    assert (message.status, cause_of(message).key) == (Status.FAILED, "no_answer")


def test_a_generic_nack_is_permanent() -> None:
    world = World()
    message = world.accept()
    world.line.answer(GenericNack(command_status=0x08))
    assert (message.status, cause_of(message).key) == (Status.FAILED, "submit_refused")


def test_no_route_fails_before_anything_is_sent() -> None:
    world = World(smscs=1)
    world.routes.all[0].settings.prefixes.append("44")
    routes = Routes([world.routes.all[0].settings])
    world.outbox.routes = routes
    routes.all[0].links.append(world.line)
    message = world.accept()
    assert (message.status, cause_of(message).key, world.line.open) == (Status.FAILED, "no_route", [])


def test_the_longest_prefix_wins_and_the_other_takes_over() -> None:
    world = World(smscs=2)
    settings = [route.settings for route in world.routes.all]
    settings[1].prefixes.append("1202")
    world.outbox.routes = routes = Routes(settings)
    for route, line in zip(routes.all, world.lines, strict=True):
        route.links.append(line)
    world.accept("m")
    assert [len(line.open) for line in world.lines] == [0, 1]
    routes.all[1].links.clear()
    world.accept("n")
    assert [len(line.open) for line in world.lines] == [1, 1]


def test_a_full_window_is_waited_for() -> None:
    world = World(smscs=2)
    world.lines[0].window = 1
    for number in "ab":
        world.accept(number)
    assert [len(line.open) for line in world.lines] == [1, 0]
    world.lines[0].ok("1")
    assert len(world.lines[0].open) == 1


def test_an_opted_out_subscriber_gets_nothing_but_the_confirmation() -> None:
    world = World()
    world.outbox.opted_out.add(("12065550100", "12025550100"))
    message = world.accept("m")
    assert cause_of(message).key == "opted_out_platform"
    world.accept("n", extras={"automatic": "stop"})
    assert len(world.line.open) == 1


def test_the_content_filter_s_word_is_obeyed() -> None:
    world = World()
    assert cause_of(world.accept(extras={"filtered": True})).key == "filtered_platform"


def test_fast_messages_go_to_the_premium_carrier_first() -> None:
    world = World(smscs=2)
    world.routes.premium = "smsc2"
    world.accept(extras={"fast": True})
    assert [len(line.open) for line in world.lines] == [0, 1]


def test_a_text_of_more_than_255_parts_fails() -> None:
    world = World()
    assert cause_of(world.accept(text="x" * 153 * 256)).key == "too_long"
    assert world.line.open == []


def test_what_is_charged_when_queued_counts_at_once() -> None:
    world = World()
    world.outbox.accept([order(price=3, charged_at=Status.QUEUED)])
    assert world.outbox.charged["a"] == 3


# ---------------------------------------------------------------------- long messages


def long(world: World) -> Message:
    return world.accept(text="x" * 400, price=9)


def test_it_is_sent_when_all_parts_are_answered() -> None:
    world = World()
    message = long(world)
    assert len(world.line.open) == 3
    for smsc_id in "12":
        world.line.ok(smsc_id)
    assert message.status is Status.INITIATED
    world.line.ok("3")
    assert (message.status, message.smsc_ids, message.charged) == (Status.SENT, ("1", "2", "3"), 9)


def test_the_parts_that_wait_are_not_sent_after_one_was_refused() -> None:
    world = World()
    world.line.window = 1
    message = long(world)
    world.line.refuse(0x0B)
    assert (message.status, world.line.open, message.charged) == (Status.FAILED, [], 0)


def test_what_has_left_in_part_is_undelivered_and_paid() -> None:
    world = World()
    message = long(world)
    world.line.ok("1")
    world.line.refuse(0x0B)
    assert message.status is Status.INITIATED
    world.line.ok("3")
    assert (message.status, message.charged) == (Status.UNDELIVERED, 9)


@pytest.mark.parametrize(
    ("rule", "stats", "status"),
    [
        ("all", {"1": "DELIVRD", "2": "DELIVRD", "3": "DELIVRD"}, Status.DELIVERED),
        ("all", {"1": "DELIVRD", "3": "DELIVRD"}, Status.SENT),
        ("all", {"2": "UNDELIV"}, Status.UNDELIVERED),
        ("any", {"2": "DELIVRD"}, Status.DELIVERED),
        ("any", {"1": "EXPIRED", "2": "EXPIRED"}, Status.SENT),
        ("any", {"1": "EXPIRED", "2": "EXPIRED", "3": "REJECTD"}, Status.UNDELIVERED),
        ("last", {"1": "DELIVRD", "2": "DELIVRD"}, Status.SENT),
        ("last", {"3": "DELIVRD"}, Status.DELIVERED),
        ("last", {"1": "DELIVRD", "3": "UNDELIV"}, Status.UNDELIVERED),
    ],
)
def test_receipts_of_parts_are_combined(rule: str, stats: dict[str, str], status: Status) -> None:
    world = World(receipts={"parts": rule})
    message = long(world)
    for smsc_id in "123":
        world.line.ok(smsc_id)
    for smsc_id, stat in stats.items():
        assert world.receipt(smsc_id, stat)
    assert message.status is status


def test_a_part_s_receipt_may_come_before_the_other_parts_are_answered() -> None:
    world = World()
    message = long(world)
    world.line.ok("1")
    assert world.receipt("1")
    for smsc_id in "23":
        world.line.ok(smsc_id)
        assert world.receipt(smsc_id)
    assert message.status is Status.DELIVERED


# ---------------------------------------------------------------------- receipts


def sent(world: World, smsc_id: str = "77", number: str = "m") -> Message:
    message = world.accept(number)
    world.line.ok(smsc_id)
    return message


@pytest.mark.parametrize("stat", ["UNDELIV", "EXPIRED", "DELETED", "REJECTD", "UNKNOWN"])
def test_every_other_final_word_is_undelivered(stat: str) -> None:
    world = World()
    message = sent(world)
    assert world.receipt("77", stat)
    assert (message.status, cause_of(message).stat, cause_of(message).err) == (Status.UNDELIVERED, stat, "000")


def test_an_intermediate_receipt_is_told_and_changes_nothing() -> None:
    world = World()
    message = sent(world)
    assert world.receipt("77", "ACCEPTD")
    _, progress = world.told[-1]
    assert (message.status, progress.is_change, progress.cause) == (
        Status.SENT,
        False,
        Cause("receipt", stat="ACCEPTD", err="000"),
    )
    assert world.receipt("77")
    assert message.status is Status.DELIVERED


def test_a_receipt_before_its_response_is_kept_for_it() -> None:
    world = World()
    message = world.accept()
    early = HeardReceipt(("0000077",), "DELIVRD", "000", "12025550100", "")
    assert not world.outbox.place(early)
    assert world.outbox.keep_early(early, world.now)
    world.line.ok("4D")
    assert world.statuses() == [Status.QUEUED, Status.INITIATED, Status.SENT, Status.DELIVERED]
    assert message.status is Status.DELIVERED
    assert not world.outbox.forget_early(world.now + 100)


def test_an_early_receipt_that_nobody_claims_is_given_up() -> None:
    world = World()
    world.outbox.keep_early(HeardReceipt(("5",), "DELIVRD", "", "", ""), world.now)
    assert not world.outbox.forget_early(world.now)
    assert world.outbox.forget_early(world.now + 1)
    assert world.outbox.counts["orphans"] == 1
    message = sent(world, "5")
    assert message.status is Status.SENT


def test_a_receipt_that_comes_again_is_counted_and_told_once() -> None:
    world = World()
    message = sent(world)
    assert world.receipt("77")
    told = len(world.told)
    assert not world.receipt("77")
    world.outbox.recalled(kept(world, message), 0, HeardReceipt(("77",), "UNDELIV", "", "", ""))
    assert (message.status, len(world.told), world.outbox.counts["receipts_again"]) == (Status.DELIVERED, told, 1)


def kept(world: World, message: Message) -> Entry:
    """A message as the database gives it back."""
    entry = world.outbox.changes.entries[message.id]
    state = state_of(message, entry.reference, entry.parts)
    assert COLUMNS == "doc, state, status, charged"
    return entry_of((doc_of(message.order), state, message.status.value, message.charged))


def test_messages_beyond_the_bound_leave_memory_and_are_recalled() -> None:
    world = World(receipts={"awaited_max": 1})
    first = sent(world, "1", "a")
    sent(world, "2", "b")
    assert not world.receipt("1")
    recalled = kept(world, first)
    assert recalled.message.history == first.history
    world.outbox.recalled(recalled, 0, HeardReceipt(("1",), "DELIVRD", "000", "12025550100", ""))
    assert world.statuses("a")[-1] is Status.DELIVERED
    assert len(world.outbox.entries) <= 1


# ---------------------------------------------------------------------- another life


def test_what_was_queued_and_initiated_is_taken_up_and_the_latter_marked() -> None:
    world = World()
    world.line.window = 1
    accepted = [world.accept(number) for number in "ab"]
    (queued,) = world.outbox.accept([order("c")])
    accepted.append(queued.message)
    entries = [kept(world, message) for message in accepted]
    life = World()
    for entry in entries:
        life.outbox.restore(entry)
    life.turn()
    assert [pdu.short_message for pdu, _ in life.line.open] == [b"hello"]
    life.turn(1)
    assert len(life.line.open) == 3
    assert [entry.message.doubts for entry in entries] == [1, 1, 0]


def test_after_an_end_in_order_only_what_was_submitted_is_in_doubt() -> None:
    world = World()
    world.line.window = 1
    messages = [world.accept(number) for number in "ab"]
    world.routes.all[0].links.clear()
    world.line.answer(LinkClosed("left"))
    world.outbox.hold_back()
    entries = [kept(world, message) for message in messages]
    assert [entry.parts[0].state for entry in entries] == [PartState.HELD, PartState.HELD]
    life = World()
    for entry in entries:
        life.outbox.restore(entry)
    life.turn()
    assert len(life.line.open) == 2
    assert [entry.message.doubts for entry in entries] == [1, 0]


def test_parts_that_were_answered_are_not_submitted_again() -> None:
    world = World()
    message = long(world)
    world.line.ok("1")
    entry = kept(world, message)
    life = World()
    life.outbox.restore(entry)
    life.turn(1)
    assert len(life.line.open) == 2
    assert [pdu.short_message for pdu, _ in life.line.open] == [pdu.short_message for pdu, _ in world.line.open]
    for smsc_id in "23":
        life.line.ok(smsc_id)
    assert entry.message.status is Status.SENT
    assert (entry.message.doubts, life.outbox.counts["doubts"]) == (2, 2)
    assert life.receipt("1")
