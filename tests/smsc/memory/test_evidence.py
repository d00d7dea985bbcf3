"""What the journal says of octets that are no SMPP: where they belong, if that can be seen."""

import pytest

from tests.smsc.world import World


@pytest.mark.parametrize(
    ("octets", "end"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32), "; it begins like a TLS greeting"),
        (b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n", "; it begins like HTTP"),
        (b"POST /submit HTTP/1.1\r\n\r\n", "; it begins like HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "; it begins like HTTP"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "; it begins like a PROXY header"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "; it begins like an SSH greeting"),
        (b"\xff" * 16, "octets, at least 16 and at most 131072"),
    ],
)
def test_a_greeting_of_another_protocol_is_named_where_the_stream_is_given_up(octets: bytes, end: str) -> None:
    world = World()
    gateway = world.gateway()
    (nack,) = gateway.send_bytes(octets)
    assert nack.name == "generic_nack"
    ((evidence, reason),) = world.events("malformed")
    assert evidence.octets == octets[:64]
    assert reason.startswith("command_length: ")
    assert reason.endswith(end)
    assert gateway.session.hang_up


def test_a_broken_pdu_in_a_whole_frame_is_told_as_it_is() -> None:
    world = World()
    world.bound().send_bytes((17).to_bytes(4, "big") + bytes((0, 0, 0, 4)) + bytes((0, 0, 0, 0, 0, 0, 0, 9)) + b"G")
    ((_, reason),) = world.events("malformed")
    assert "begins like" not in reason
