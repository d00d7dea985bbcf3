"""Quirks of sessions, binds and links: each is seen in the octets, and without it the same traffic is well.

What only a socket can show, and TLS, is shown on real ones in test_sockets.py.
"""

from typing import Any, Final

import pytest

from simulator.carrier.accounts import Account
from simulator.smpp.pdus import EnquireLink, Unbind
from tests.quirks.facts_links import LINKS
from tests.quirks.play import Frame, Gate, Play
from tests.quirks.tales import Tales, answers, hi, named, numbers, seconds, states, statuses, told

TALES = Tales()
MINUTE: Final = 60.0
PLAIN: Final = [name for name in LINKS if name != "tls-surprises"]


def statuses_of_binds(play: Play, *pauses: float, **fields: Any) -> list[int]:
    """Bind on new connections, one after each of these pauses; what was not bound is closed."""
    found = []
    for pause in pauses:
        play.run(pause)
        gate = play.bound(**fields)
        found += statuses(gate.frames[:1])
        if found[-1:] != [0]:
            gate.close()
    return found


def asked(gate: Gate) -> EnquireLink:
    """An enquire_link of the gateway's own."""
    enquiry = EnquireLink()
    gate.send(enquiry)
    return enquiry


def enquiries(gate: Gate) -> list[Frame]:
    """Those of the carrier."""
    return gate.frames_of("enquire_link")


# ---------------------------------------------------------------------- binds


@TALES.of("bind-already-bound-ghost-session")
def ghost(play: Play) -> list[Frame]:
    gate = play.bound()
    first, second = gate.submit_at_once(), gate.submit_at_once()
    play.run(0)
    assert statuses(gate.answers_to(first)) == [0]
    assert gate.answers_to(second) == []
    assert gate.end == "rst"
    assert statuses_of_binds(play, 0, 60, 61) == [0x05, 0x05, 0]
    play.run(MINUTE)
    assert states(play) == ["DELIVRD", "DELIVRD"]
    (told_first,) = told(gate.answers_to(first))
    # the first one's receipt was on its way when the connection ended
    late = named(play.gates[-1])
    assert len(late) == len(set(late)) == 2
    assert told_first in late
    return []


@TALES.of("bind-refused-while-reconnecting-fast")
def too_fast(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    gate.submit_at_once()
    play.run(0)
    assert statuses(answers(gate)) == [0, 0]
    assert gate.end == "fin"
    assert statuses_of_binds(play, 0, 29, 2) == [0x0D, 0x0D, 0]
    return []


@TALES.of("bind-resp-no-version-tlv")
def no_version(play: Play) -> list[Frame]:
    gates = [play.bound(bind=bind) for bind in ("TRX", "TX", "RX")]
    gates[0].submit_at_once()
    play.run(MINUTE / 4)
    binds = [gate.frames[0] for gate in gates]
    assert statuses(binds) == [0, 0, 0]
    receipts = [receipt for gate in gates for receipt in gate.receipts]
    assert len(receipts) == 1
    return [*binds, *receipts]


@TALES.of("bind-resp-nonstandard-body")
def nameless(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    assert statuses(answers(gate)) == [0]
    return gate.frames[:1]


KNOWN: Final = Account("gateway", password="open up")


@TALES.of("bind-unspecific-or-misleading-status", KNOWN)
def misleading(play: Play) -> list[Frame]:
    assert statuses_of_binds(play, 0, 0, 0, password="open up") == [0x0E, 0x0E, 0]
    assert statuses_of_binds(play, 0, password="open it") == [0x0D]
    assert statuses_of_binds(play, 0, 0, 0, system_id="nobody")[-1] == 0x0D
    return []


@TALES.of("bind-parameter-strictness", Account("gateway", password="long-enough"))
def strict(play: Play) -> list[Frame]:
    found = []
    for system_type in ("", "SMPP", "VMA"):
        found += statuses_of_binds(play, 0, password="long-eno", system_type=system_type)
    assert found == [0x0D, 0x0D, 0]
    # a name of eight characters and more is one that a client cuts, or does not
    assert statuses_of_binds(play, 0, password="long-en", system_type="VMA") != [0]
    return []


@TALES.of("bind-ok-then-close")
def closed_behind(play: Play) -> list[Frame]:
    for _ in range(4):
        play.bound()
        play.run(10)
    gate = play.gates[-1]
    ends = [(gate.end, [frame.name for frame in gate.frames]) for gate in play.gates]
    assert ends == [("fin", ["bind_transceiver_resp"])] * 3 + [(None, ["bind_transceiver_resp"])]
    assert [gate.ended_at for gate in play.gates[:3]] == [gate.frames[0].at for gate in play.gates[:3]]
    gate.submit_at_once()
    assert statuses(answers(gate)) == [0]
    return [gate.frames[0] for gate in play.gates]


@TALES.of("bind-no-answer")
def no_answer(play: Play) -> list[Frame]:
    silent = play.bound()
    play.run(30)
    assert silent.octets == b""
    again = play.bound()
    assert statuses(again.frames) == [0]
    assert silent.end is None
    return []


@TALES.of("pdu-before-bind-resp")
def before_bind(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    play.run(5)
    found = gate.frames
    assert [frame.name for frame in found] == ["enquire_link", "bind_transceiver_resp"]
    assert seconds(found, began) == [0.0, 0.5]
    assert found[1].command_status == 0
    return found[:1]


# ---------------------------------------------------------------------- life


@TALES.of("enquire-link-not-answered")
def not_answered(play: Play) -> list[Frame]:
    gate = play.bound()
    first = asked(gate)
    gate.submit_at_once()
    play.run(3600)
    second = asked(gate)
    assert gate.answers_to(first, second) == []
    assert statuses(answers(gate)) == [0]
    assert named(gate) == told(answers(gate))
    assert gate.end is None
    return []


@TALES.of("enquire-link-required-by-smsc")
def required(play: Play) -> list[Frame]:
    gate = play.bound()
    play.run(3)
    began = play.now
    own = asked(gate)
    play.run(12)
    gate.is_mute = True
    play.run(3600)
    assert gate.answers_to(own) == []
    assert seconds(enquiries(gate), began) == [10.0, 20.0]
    # it is closed because nobody has answered
    assert gate.end == "timeout"
    assert gate.ended_at == pytest.approx(began + 25)
    return []


@TALES.of("idle-drop")
def idle(play: Play) -> list[Frame]:
    quiet, busy, silent = (play.bound(name) for name in ("quiet", "busy", "silent"))
    began = play.now
    quiet.submit_at_once()
    busy.submit_at_once()
    for second in range(10, 90, 10):
        play.run(10)
        if quiet.end is None:
            assert len(quiet.answers_to(asked(quiet))) == 1
        if not second % 20:
            busy.submit_at_once()
    assert (quiet.end, silent.end, busy.end) == ("fin", "fin", None)
    assert [gate.ended_at for gate in (quiet, silent)] == [began + 30, began + 30]
    return []


@TALES.of("unbind-from-smsc")
def unbinds(play: Play) -> list[Frame]:
    found = []
    for _ in range(3):
        gate, began = play.bound(), play.now
        play.run(6)
        found.append([round(frame.at - began, 3) for frame in gate.frames_of("unbind")])
    assert found == [[5.0], [5.0], []]
    return [frame for frame in play.frames if frame.name == "unbind"]


@TALES.of("unbind-races")
def races(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    play.run(1)
    gate.send(Unbind())
    play.run(0)
    assert gate.end == "rst"
    assert [frame.name for frame in gate.frames[3:]] in [["unbind_resp"], []]
    return []


# ---------------------------------------------------------------------- octets that do not come


@TALES.of("half-open-link")
def half_open(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    five = [hi() for _ in range(5)]
    gate.batch(*five)
    enquiry = asked(gate)
    seen = gate.octets
    assert numbers(answers(gate)) == [one.sequence_number for one in five[:2]]
    assert gate.answers_to(enquiry) == []
    play.run(20)
    other = play.bound()
    fourth = other.submit_at_once()
    play.run(10)
    (taken,) = other.answers_to(fourth)
    assert taken.command_status == 0
    assert taken.text("message_id") in named(other)
    assert states(play) == ["DELIVRD"] * 3
    # when the carrier gives it up that is hidden, too
    flow = gate.session.flow
    assert flow is not None
    assert flow.mute_until == began + 15 * MINUTE
    play.run(14 * MINUTE)
    assert gate.octets == seen
    return []


@TALES.of("peer-stops-reading")
def not_reading(play: Play) -> list[Frame]:
    gate = play.bound()
    three = [gate.submit_at_once() for _ in range(3)]
    assert statuses(gate.answers_to(*three)) == [0, 0, 0]
    began = play.now
    more = [gate.submit_at_once() for _ in range(20)]
    play.run(29.9)
    assert gate.session.is_paused
    assert gate.answers_to(*more) == []
    assert len(gate.receipts) == 3
    play.run(0.2)
    later = gate.answers_to(*more)
    assert numbers(later) == [one.sequence_number for one in more]
    assert set(seconds(later, began)) == {30.0}
    return []


@TALES.of("slow-drip-peer")
def drip(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    gate.submit_at_once()
    gate.submit_at_once()
    play.run(20)
    first, second, *receipts = gate.frames[1:]
    assert [frame.name for frame in (first, second)] == ["submit_sm_resp"] * 2
    assert [receipt.is_receipt for receipt in receipts] == [True, True]
    pieces = [(round(at - began, 3), octets) for at, octets in gate.writes[1:5]]
    octets = first.octets
    assert pieces == [(0.0, octets[:16]), (5.0, octets[16:18]), (10.0, octets[18:20]), (15.0, octets[20:])]
    assert {frame.at for frame in (second, *receipts)} == {began + 15}
    return []


def test_each_of_these_quirks_has_its_tale() -> None:
    assert set(TALES) == set(PLAIN)


@pytest.mark.parametrize("name", PLAIN)
def test_it_is_seen_in_the_octets(name: str) -> None:
    TALES.hold(name, LINKS[name])


@pytest.mark.parametrize("name", PLAIN)
def test_without_the_quirk_the_same_traffic_does_not_show_it(name: str) -> None:
    TALES.fail(name, LINKS[name])
