"""An ear beside a session: it hears every PDU once, whole, however the octets came, and changes none."""

import pytest

from simulator.smpp.codec import encode
from simulator.smpp.pdus import BindTransceiver, EnquireLink
from simulator.smsc.memory.overhearing import OCTETS_MAX, PDUS_MAX, Overheard
from tests.smsc.world import World

BIND = encode(BindTransceiver(1, system_id="gateway"))
ENQUIRY = encode(EnquireLink(2))


def test_pdus_are_heard_whole_however_their_octets_come() -> None:
    world = World()
    heard = Overheard(world.smsc.journal)
    session = heard.beside(world.smsc.connect(world.now, "memory", lambda: None))
    octets = BIND + ENQUIRY
    for octet in octets:
        session.receive_data(bytes([octet]), world.now)
    assert [one.octets for one in heard.said] == [BIND, ENQUIRY]
    answers = session.data_to_send()
    assert b"".join(one.octets for one in heard.said if one.is_ours) == answers
    assert [(one.session, one.is_ours) for one in heard.said] == [(1, False), (1, False), (1, True), (1, True)]
    # connected, and then bound
    assert [one.events_before for one in heard.said][:2] == [1, 2]
    assert session.data_to_send() == b""
    assert len(heard.said) == 4
    heard.clear()
    assert not heard.said


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\3", b"\x7f\xff\xff\xff\0\0\0\4"])
def test_what_is_no_pdu_is_heard_as_it_is(octets: bytes) -> None:
    world = World()
    heard = Overheard(world.smsc.journal)
    session = heard.beside(world.smsc.connect(world.now, "memory", lambda: None))
    session.receive_data(octets, world.now)
    assert heard.said[0].octets == octets


def test_only_so_much_is_kept() -> None:
    world = World()
    heard = Overheard(world.smsc.journal)
    for number in range(PDUS_MAX + 5):
        heard.heard(number, bytes(OCTETS_MAX + 1), is_ours=True)
    assert (len(heard.said), heard.said[0].session) == (PDUS_MAX, 5)
    assert {len(one.octets) for one in heard.said} == {OCTETS_MAX}


def test_everything_else_is_the_session_s_own() -> None:
    world = World()
    session = world.smsc.connect(world.now, "memory", lambda: None)
    beside = Overheard(world.smsc.journal).beside(session)
    beside.hang_up = True
    assert session.hang_up
    assert beside.number == session.number
    with pytest.raises(AttributeError):
        beside.nothing_of_the_kind  # noqa: B018  (reading it is the deed)
