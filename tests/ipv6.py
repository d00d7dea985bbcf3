"""Whether this machine can be spoken to over IPv6, for the tests that want to."""

import socket

import pytest


def has_ipv6() -> bool:
    """Whether there is an IPv6 loopback to listen on."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
