"""sequence_unique and window_kept, shown to hold and to fail."""

import pytest

from simulator.checks import requests
from simulator.checks.requests import OPEN_MAX, Requests
from simulator.smpp.pdus import SmeAddress, SubmitMulti
from simulator.smsc.terms import Terms
from tests.checks.watching import Watched
from tests.smsc.world import LateCarrier, a_submission


def test_nothing_is_known_before_anything_was_submitted() -> None:
    world = Watched()
    world.bound()
    assert (world.outcome("sequence_unique"), world.outcome("window_kept")) == ("unknown", "unknown")


def test_a_number_that_is_used_again_after_its_answer_is_fine() -> None:
    world = Watched()
    gateway = world.bound()
    for _ in range(3):
        gateway.send(a_submission(sequence_number=7))
    finding = world.finding("sequence_unique")
    assert (finding.outcome, finding.seen, finding.reason) == ("coped", 3, "held 3 times")


def test_a_number_that_is_used_again_before_its_answer_fails_with_the_pdu_as_evidence() -> None:
    world = Watched(carrier=LateCarrier(2.0))
    gateway = world.bound()
    gateway.send(a_submission(sequence_number=7, short_message=b"one"))
    gateway.send(a_submission(sequence_number=7, short_message=b"two"))
    finding = world.finding("sequence_unique")
    assert (finding.outcome, finding.failures, finding.seen) == ("failed", 1, 2)
    assert finding.reason == "sequence_number 7: used again while its first request is unanswered"
    (exhibit,) = finding.evidence
    (row,) = [row for row in world.smsc.journal.rows(exhibit.event) if row.number == exhibit.event]
    assert (row.kind, row.subject.text) == ("submitted", "two")
    assert exhibit.pdu == row.subject.pdu.raw
    assert exhibit.session == gateway.session.number


def test_a_number_that_comes_twice_in_one_batch_fails() -> None:
    world = Watched()
    gateway = world.bound()
    octets = b"".join(_octets(gateway, sequence_number=9) for _ in range(2))
    gateway.session.receive_data(octets, world.now)
    assert world.outcome("sequence_unique") == "failed"


def test_a_request_that_was_given_up_frees_its_number() -> None:
    world = Watched(carrier=LateCarrier(1e6))
    gateway = world.bound()
    gateway.send(a_submission(sequence_number=7))
    world.run(61.0)
    gateway.send(a_submission(sequence_number=7))
    assert world.outcome("sequence_unique") == "coped"


def test_numbers_of_two_sessions_are_two_numbers() -> None:
    world = Watched(carrier=LateCarrier(2.0))
    for gateway in (world.bound(), world.bound()):
        gateway.send(a_submission(sequence_number=7))
    assert world.outcome("sequence_unique") == "coped"


def test_a_new_link_begins_anew() -> None:
    world = Watched(carrier=LateCarrier(2.0))
    gateway = world.bound()
    gateway.send(a_submission(sequence_number=7))
    gateway.close()
    assert not world.family(Requests)._open
    world.bound().send(a_submission(sequence_number=7))
    assert world.outcome("sequence_unique") == "coped"


def test_the_destinations_of_one_submit_multi_are_one_request() -> None:
    world = Watched(terms=Terms(window=1))
    gateway = world.bound()
    gateway.send(_to_several())
    assert (world.outcome("sequence_unique"), world.outcome("window_kept")) == ("coped", "coped")


def test_a_window_that_is_kept_is_told_so() -> None:
    world = Watched(terms=Terms(window=2))
    gateway = world.bound()
    for _ in range(3):
        gateway.send_together(a_submission(), a_submission())
    finding = world.finding("window_kept")
    assert (finding.outcome, finding.seen) == ("coped", 6)


def test_one_submission_too_many_fails() -> None:
    world = Watched(terms=Terms(window=2))
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission(), a_submission())
    finding = world.finding("window_kept")
    assert (finding.outcome, finding.reason) == ("failed", "3 submissions are unanswered, at most 2")


def test_a_window_is_overrun_also_where_nothing_more_is_read_meanwhile() -> None:
    world = Watched(terms=Terms(window=1, window_status=None), carrier=LateCarrier(1.0))
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    world.run(1.5)
    assert world.outcome("window_kept") == "failed"


def test_without_a_window_nothing_is_known_of_it() -> None:
    world = Watched()
    world.bound().submit()
    assert world.outcome("window_kept") == "unknown"


def test_what_was_answered_is_forgotten_and_what_is_too_much_is_said() -> None:
    world = Watched(carrier=LateCarrier(1e6))
    gateway = world.bound()
    gateway.send_together(*[a_submission() for _ in range(OPEN_MAX + 70)])
    assert world.finding("sequence_unique").is_truncated
    assert len(world.family(Requests)._open[gateway.session.number].by_sequence) == OPEN_MAX
    prompt = Watched()
    gateway = prompt.bound()
    for _ in range(300):
        gateway.submit()
    assert len(prompt.family(Requests)._open[gateway.session.number].by_sequence) < 100
    assert not prompt.finding("sequence_unique").is_truncated


def test_a_full_table_that_forgets_what_was_answered_has_missed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "OPEN_MAX", 3)
    world = Watched()
    gateway = world.bound()
    for _ in range(5):
        gateway.submit()
    assert len(world.family(Requests)._open[gateway.session.number].by_sequence) == 3
    assert not world.finding("sequence_unique").is_truncated


def test_a_submission_of_no_open_session_tells_nothing() -> None:
    world = Watched()
    world.bound().submit()
    (message,) = [message for message, _ in world.events("submitted")]
    world.smsc.journal.record(world.now, "submitted", 99, message)
    assert world.finding("sequence_unique").seen == 1


def _octets(gateway, **fields) -> bytes:
    gateway.connection.send_anyway(a_submission(**fields), gateway.world.now)
    octets = gateway.connection.data_to_send()
    assert isinstance(octets, bytes)
    return octets


def _to_several():
    places = tuple(SmeAddress(1, 1, f"1202555010{n}") for n in range(3))
    return SubmitMulti(source_addr="12025550199", dest_address=places, short_message=b"hello")
