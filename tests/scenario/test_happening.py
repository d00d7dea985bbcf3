"""What rules are asked about, and how it is counted."""

from typing import Any

import pytest

from simulator.scenario import happening as module
from simulator.scenario.happening import Counter, Happening, Pace
from simulator.smpp.pdus import BindReceiver, BindTransceiver, BindTransmitter, EnquireLink
from tests.scenario.happenings import Place, asked, happens


def test_a_bind_speaks_for_itself() -> None:
    seat = Place(account_name="before", bind_type="", peer_version=0x34)
    bind = happens(1, BindReceiver(system_id="me", interface_version=0x50), seat=seat)
    assert (bind.account, bind.bind_type, bind.version) == ("me", "RX", "5.0")
    assert happens(2, BindTransmitter(interface_version=0x33), seat=seat).version == "3.3"
    assert happens(9, BindTransceiver(), seat=seat).bind_type == "TRX"


def test_what_has_no_message_is_the_sessions_and_tells_its_own_name() -> None:
    link = happens(0x15, EnquireLink(), seat=Place(account_name="me"))
    assert (link.account, link.bind_type, link.version) == ("me", "TRX", "3.4")
    assert (link.source.number, link.destination.number, link.text, link.folded) == ("21", "", None, "")
    assert link.command == 0x15


def test_what_belongs_to_no_session_belongs_to_nobody() -> None:
    event = Happening("mo", 0.0, 0.0)
    assert (event.account, event.bind_type, event.version, event.command) == ("", "", "3.4", None)


def test_a_message_is_its_own_accounts() -> None:
    event = Happening("conclude", 0.0, 0.0, message=asked().message)
    assert (event.account, event.source.number, event.text) == ("gateway", "12025550199", "hello")
    assert asked(short_message=b"HeLLo").folded == "hello"


def test_only_so_many_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCOPES_MAX", 2)
    counter = Counter("destination")
    assert [counter.add(asked(destination_addr=one)) for one in ("1", "2", "3", "3", "1")] == [1, 1, 1, 2, 1]
    counter.clear()
    assert counter.of(asked(destination_addr="3")) == 0


def at(now: float, **fields: Any) -> Happening:
    happening = asked(**fields)
    happening.now = now
    return happening


def test_a_pace_is_overrun_by_more_than_that_within_the_unit() -> None:
    pace = Pace(2, 1.0, None)
    assert [pace.is_over(at(now)) for now in (0.0, 0.4, 0.9, 1.2, 1.95)] == [False, False, True, True, False]
    pace.clear()
    assert not pace.is_over(at(1.96))


def test_a_slow_pace_counts_one_in_its_whole_span() -> None:
    pace = Pace(1, 60.0, None)
    assert [pace.is_over(at(now)) for now in (0.0, 59.9, 119.9)] == [False, True, False]


def test_paces_are_kept_apart_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCOPES_MAX", 1)
    pace = Pace(1, 1.0, "destination")
    assert not pace.is_over(at(0.0, destination_addr="1"), counts=False)
    assert not pace.is_over(at(0.0, destination_addr="1"))
    assert pace.is_over(at(0.1, destination_addr="1"), counts=False)
    assert not pace.is_over(at(0.1, destination_addr="2"))
    # the other one was forgotten for it
    assert not pace.is_over(at(0.2, destination_addr="1"))


def test_a_long_row_is_kept_no_longer_than_it_is_needed() -> None:
    pace = Pace(2, 1.0, None)
    found = [pace.is_over(at(number / 10)) for number in range(20)]
    assert found == [False, False] + [True] * 18


def test_scopes_of_which_nothing_counts_any_more_are_let_go() -> None:
    pace = Pace(5, 10.0, "destination")
    for number in range(100):
        pace.is_over(at(number / 10, destination_addr=str(number)))
    assert len(pace._last) == 100
    for _ in range(60):
        pace.is_over(at(30.0, destination_addr="again"))
    assert (list(pace._last), pace._kept) == (["again"], len(pace._last["again"]))


def test_the_moments_of_all_scopes_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOMENTS_MAX", 100)
    pace = Pace(30, 3600.0, "destination")
    for number in range(300):
        assert not pace.is_over(at(float(number), destination_addr=str(number // 30)))
    assert sum(map(len, pace._last.values())) == pace._kept <= 100
    # the latest is counted as ever
    assert pace.is_over(at(300.0, destination_addr="9"))
