"""The ESME's window: how many of its requests may be unanswered, and what becomes of one more."""

import pytest

from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import (
    CancelSm,
    DeliverSm,
    EnquireLink,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
)
from simulator.smsc.terms import Terms
from tests.smsc.world import LateCarrier, World, a_submission

THROTTLED = CommandStatus.ESME_RTHROTTLED


def statuses(answers: list[SubmitSmResp | None]) -> list[int | None]:
    return [None if answer is None else answer.command_status for answer in answers]


def test_requests_of_one_batch_beyond_the_window_are_throttled() -> None:
    world = World(terms=Terms(window=3))
    gateway = world.bound()
    assert statuses(gateway.send_together(*(a_submission() for _ in range(5)))) == [0, 0, 0, THROTTLED, THROTTLED]
    assert statuses(gateway.send_together(*(a_submission() for _ in range(3)))) == [0, 0, 0]
    # the refused ones are messages, too: they have rows and are counted
    assert (world.kinds("submitted"), world.kinds("answered"), world.kinds("refused_pdu")) == (8, 8, 0)
    assert [row.state for row in world.smsc.history.newest_first()].count("REFUSED") == 2


def test_the_window_is_one_for_all_requests_that_do_something() -> None:
    gateway = World(terms=Terms(window=1, window_status=CommandStatus.ESME_RMSGQFUL)).bound()
    several = SubmitMulti(dest_address=(SmeAddress(1, 1, "12025550100"),))
    queries = QuerySm(message_id="1"), CancelSm(message_id="1"), ReplaceSm(message_id="1")
    answers = gateway.send_together(a_submission(), several, *queries, EnquireLink())
    assert statuses(answers) == [0, *[CommandStatus.ESME_RMSGQFUL] * 4, 0]
    # even this answer has the body that clients read
    assert answers[2].message_state == 7


def test_each_session_has_a_window_of_its_own_and_its_account_sets_the_size() -> None:
    world = World(terms_by_account={"small": Terms(window=1)})
    small, twin, large = world.bound("small"), world.bound("small"), world.bound("large")
    for gateway, expected in ((small, [0, THROTTLED]), (twin, [0, THROTTLED]), (large, [0, 0])):
        assert statuses(gateway.send_together(a_submission(), a_submission())) == expected


def test_requests_that_are_answered_late_count_until_they_are() -> None:
    world = World(terms=Terms(window=3), carrier=LateCarrier(2.0))
    gateway = world.bound()
    assert statuses(gateway.send_together(*(a_submission() for _ in range(4)))) == [None, None, None, THROTTLED]
    world.run(1.0)
    assert statuses(gateway.send_together(a_submission())) == [THROTTLED]
    world.run(1.0)
    assert statuses(gateway.send_together(*(a_submission() for _ in range(4)))) == [None, None, None, THROTTLED]
    world.run(2.0)
    assert [pdu.command_status for pdu in gateway.of(SubmitSmResp)].count(0) == 6


@pytest.mark.parametrize("window", [1, 2, 5])
def test_backpressure_reads_no_more_than_the_window_and_loses_nothing(window: int) -> None:
    world = World(terms=Terms(window=window, window_status=None), carrier=LateCarrier(1.0))
    gateway = world.bound()
    answers = gateway.send_together(*(a_submission() for _ in range(12)))
    assert answers == [None] * 12
    assert (world.kinds("submitted"), gateway.session.is_paused) == (window, True)
    waiting = []
    for _ in range(12):
        world.run(1.0)
        waiting.append(world.kinds("submitted") - len(gateway.of(SubmitSmResp)))
    assert max(waiting) == window
    answered = gateway.of(SubmitSmResp)
    assert [pdu.command_status for pdu in answered] == [0] * 12
    assert [pdu.sequence_number for pdu in answered] == sorted(pdu.sequence_number for pdu in answered)
    assert not gateway.session.is_paused


def test_backpressure_without_late_answers_never_stops_anybody() -> None:
    gateway = World(terms=Terms(window=1, window_status=None)).bound()
    assert statuses(gateway.send_together(*(a_submission() for _ in range(5)))) == [0] * 5
    assert not gateway.session.is_paused


def test_a_late_answer_to_a_link_that_is_gone_is_nobodys() -> None:
    world = World(carrier=LateCarrier(5.0))
    gateway = world.bound()
    gateway.submit()
    gateway.close()
    late = world.gateway()
    late.bind()
    world.run(10.0)
    # the message lives on: its receipt is told where it can be
    assert [stat for _, stat in late.stats] == ["DELIVRD"]
    assert gateway.of(SubmitSmResp) == []


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
def test_no_receipt_overtakes_a_late_response_however_fast_the_carrier_clock_runs(speed: float) -> None:
    world = World(carrier=LateCarrier(5.0), speed=speed)
    gateway = world.bound()
    gateway.submit()
    world.run(4.9)
    assert gateway.received == []
    world.run(1.0)
    assert [type(pdu) for pdu in gateway.received] == [SubmitSmResp, DeliverSm]


def multis(count: int) -> list[SubmitMulti]:
    places = tuple(SmeAddress(1, 1, f"12025550{number:03}") for number in range(100))
    return [SubmitMulti(source_addr="12025550199", dest_address=places, short_message=b"hello") for _ in range(count)]


def test_who_makes_very_many_messages_at_once_rests_and_goes_on_without_more_octets() -> None:
    world = World()
    gateway = world.bound()
    for pdu in multis(10):
        gateway.connection.send_anyway(pdu, world.now)
    session, made = gateway.session, []
    session.receive_data(gateway.connection.data_to_send(), world.now)
    while session.rests:
        assert session.is_paused
        made.append(world.kinds("submitted"))
        session.receive_data(b"", world.now)
    assert made == [300, 600, 900]
    assert world.kinds("submitted") == 1000
    assert not session.is_paused


def test_a_late_answer_does_not_end_a_rest_and_a_rest_does_not_open_a_full_window() -> None:
    world = World(terms=Terms(window=3, window_status=None), carrier=LateCarrier(1.0))
    gateway = world.bound()
    session = gateway.session
    for pdu in multis(5):
        gateway.connection.send_anyway(pdu, world.now)
    session.receive_data(gateway.connection.data_to_send(), world.now)
    assert (world.kinds("submitted"), session.rests) == (300, True)
    session.receive_data(b"", world.now)
    assert (world.kinds("submitted"), session.rests, session.is_paused) == (300, False, True)
    world.run(5.0)
    assert world.kinds("submitted") == 500
    assert len(gateway.of(SubmitMultiResp)) == 5
