"""accepted_not_resent and permanent_not_retried, shown to hold and to fail."""

import pytest

from simulator.checks import repeats
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import SmeAddress, SubmitMulti
from simulator.smpp.tlvs import tlv_int
from tests.checks.watching import Refusing, Watched
from tests.smsc.world import LateCarrier


def reference(number: int):
    return tlv_int(TlvTag.USER_MESSAGE_REFERENCE, number)


def test_two_texts_are_no_repeat_and_after_a_minute_nothing_is() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(short_message=b"one")
    gateway.submit(short_message=b"two")
    gateway.submit(short_message=b"one", destination_addr="12025550101")
    world.run(61.0)
    gateway.submit(short_message=b"one")
    finding = world.finding("accepted_not_resent")
    assert (finding.outcome, finding.seen) == ("coped", 3)


def test_an_accepted_message_that_comes_again_is_a_warning() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit()
    world.run(2.0)
    gateway.submit()
    finding = world.finding("accepted_not_resent")
    assert (finding.outcome, finding.level, finding.is_bad) == ("failed", "warning", False)
    assert finding.reason == "sent again 2.0 s after message 1 was accepted"


@pytest.mark.parametrize("level", [None, "warning"])
def test_the_same_reference_proves_it_unless_somebody_wants_a_warning(level: str | None) -> None:
    world = Watched(levels={} if level is None else {"accepted_not_resent": level})
    gateway = world.bound()
    for _ in range(2):
        gateway.submit(tlvs=(reference(5),))
    finding = world.finding("accepted_not_resent")
    assert finding.reason.endswith("was accepted, with the same reference")
    assert finding.level == (level or "error")
    world.smsc.reset(world.now)
    assert world.finding("accepted_not_resent").level == "warning"


def test_another_reference_proves_nothing() -> None:
    world = Watched()
    gateway = world.bound()
    for number in (5, 6):
        gateway.submit(tlvs=(reference(number),))
    assert world.finding("accepted_not_resent").level == "warning"


def test_a_part_with_the_reference_of_its_text_proves_it() -> None:
    world = Watched()
    gateway = world.bound()
    for _ in range(2):
        gateway.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01part")
    assert world.finding("accepted_not_resent").level == "error"


def test_what_is_unanswered_may_be_sent_again_as_a_rescue_but_not_unsaid() -> None:
    world = Watched(carrier=LateCarrier(30.0))
    gateway = world.bound()
    gateway.submit(tlvs=(reference(5),))
    world.run(10.0)
    gateway.submit(tlvs=(reference(5),))
    finding = world.finding("accepted_not_resent")
    assert (finding.outcome, finding.level) == ("failed", "warning")
    assert finding.reason == "sent again 10.0 s after message 1, which is unanswered"


def test_what_was_refused_for_good_is_not_to_come_again() -> None:
    world = Watched(carrier=Refusing(CommandStatus.ESME_RINVDSTADR))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    finding = world.finding("permanent_not_retried")
    assert (finding.outcome, finding.reason) == (
        "failed",
        "sent again 0.0 s after message 1 was refused with ESME_RINVDSTADR",
    )
    assert world.outcome("accepted_not_resent") == "unknown"


def test_what_was_refused_for_good_and_stays_away_is_coped_with() -> None:
    world = Watched(carrier=Refusing(CommandStatus.ESME_RINVDSTADR))
    world.bound().submit()
    assert world.outcome("permanent_not_retried") == "unknown"
    world.run(61.0)
    assert world.outcome("permanent_not_retried") == "coped"


@pytest.mark.parametrize("status", [CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RSYSERR])
def test_what_was_refused_for_now_may_come_again(status: int) -> None:
    carrier = Refusing(status)
    world = Watched(carrier=carrier)
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    carrier.times = 1
    gateway.submit(short_message=b"given up")
    world.run(61.0)
    assert (world.outcome("permanent_not_retried"), world.finding("accepted_not_resent").failures) == ("unknown", 0)


def test_a_destination_that_is_named_twice_in_one_request_is_no_repeat() -> None:
    world = Watched()
    place = SmeAddress(1, 1, "12025550100")
    world.bound().send(SubmitMulti(source_addr="1", dest_address=(place, place), short_message=b"hello"))
    assert world.finding("accepted_not_resent").failures == 0


def test_a_full_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "RECENT_MAX", 2)
    world = Watched()
    gateway = world.bound()
    for text in (b"one", b"two", b"three", b"one"):
        gateway.submit(short_message=text)
    finding = world.finding("accepted_not_resent")
    assert (finding.is_truncated, finding.failures) == (True, 0)


def test_a_message_that_is_forgotten_has_no_reference() -> None:
    world = Watched(rows_max=1)
    gateway = world.bound()
    gateway.submit(registered_delivery=0, tlvs=(reference(5),))
    world.run(1.0)
    gateway.submit(short_message=b"pushes the first out")
    gateway.submit(registered_delivery=0, tlvs=(reference(5),))
    assert world.finding("accepted_not_resent").level == "warning"


RULES = "rules: [{{when: {{count: 1st}}, then: {{accept: true, answer: {{{}}}}}}}]\n"


@pytest.mark.parametrize("shown", ["status: ESME_RTHROTTLED", "command: generic_nack"])
def test_what_was_accepted_and_shown_as_refused_may_come_again(shown: str) -> None:
    world = Watched(RULES.format(shown))
    gateway = world.bound()
    for _ in range(2):
        gateway.submit()
        world.run(1.0)
    finding = world.finding("accepted_not_resent")
    assert (world.smsc.tally.answered, finding.failures) == ({0: 2}, 0)


def test_what_was_accepted_and_shown_otherwise_damaged_was_accepted() -> None:
    world = Watched(RULES.format("fields: {message_id: x}"))
    gateway = world.bound()
    for _ in range(2):
        gateway.submit()
    assert world.finding("accepted_not_resent").failures == 1


@pytest.mark.parametrize(("is_temporary", "outcome"), [(False, "failed"), (True, "unknown")])
def test_a_number_of_the_carriers_own_is_for_good_where_its_cause_is(is_temporary: bool, outcome: str) -> None:
    world = Watched(carrier=Refusing(0x47E, is_temporary=is_temporary))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert world.outcome("permanent_not_retried") == outcome


def test_what_a_rule_means_by_a_number_of_its_own_is_left_open() -> None:
    world = Watched("rules: [{then: {reject: 0x450}}]")
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert world.outcome("permanent_not_retried") == "unknown"
