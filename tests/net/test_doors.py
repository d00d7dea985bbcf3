"""What becomes of the listeners that a scenario names, before they are opened."""

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from simulator.net.doors import listeners_from


def one(words: dict[str, Any], **settings: Any) -> Any:
    """The only listener, and the authority's PEM."""
    (listening,), pem = listeners_from({"old": words}, **settings)
    return listening, pem


def test_a_listener_that_says_nothing_is_plain_and_at_a_free_port_of_this_machine() -> None:
    listening, pem = one({})
    assert (listening.name, listening.address, listening.tls, pem) == ("old", ("127.0.0.1", 0), None, None)


def test_plain_octets_where_tls_is_expected_are_plain_octets() -> None:
    listening, pem = one({"address": "[::1]:3550", "tls": "plain_on_tls_port", "certificate": "expired"})
    assert (listening.address, listening.tls, pem) == (("::1", 3550), None, None)


@pytest.mark.parametrize("words", [{"tls": "tls"}, {"certificate": "expired"}, {"versions": ("1.2",)}])
def test_who_says_tls_or_what_only_tls_has_gets_it(words: dict[str, Any]) -> None:
    listening, pem = one(words)
    assert isinstance(listening.tls, ssl.SSLContext)
    assert pem.startswith(b"-----BEGIN CERTIFICATE-----")


def test_versions_and_client_certificates_are_those_that_are_said(tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(authorities)
    context = one({"versions": ("1.3",), "client_certificate": "required"}, client_authorities=authorities)[0].tls
    assert (context.minimum_version, context.verify_mode) == (ssl.TLSVersion.TLSv1_3, ssl.CERT_REQUIRED)
    assert len(context.get_ca_certs()) == 1


def test_one_authority_signs_for_all() -> None:
    listeners, pem = listeners_from({"a": {"tls": "tls"}, "b": {"tls": "tls"}, "c": {}})
    assert [listening.name for listening in listeners] == ["a", "b", "c"]
    assert pem is not None
    assert pem.count(b"BEGIN CERTIFICATE") == 1


@pytest.mark.parametrize("name", ["smpp", "smpp2", "smpps", "http", "a b", "a=b", ""])
def test_a_name_that_the_ready_line_cannot_tell_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^listeners\..*: '.*', must be letters, digits"):
        listeners_from({name: {}})


def test_what_is_no_address_is_refused_with_its_listener() -> None:
    with pytest.raises(ValueError, match=r"^listeners\.old\.address: 'nonsense', must be HOST:PORT"):
        one({"address": "nonsense"})


def test_a_host_that_no_certificate_can_name_is_refused_with_its_listener() -> None:
    with pytest.raises(ValueError, match=r"^listeners\.old: "):
        one({"address": "under_score:0", "tls": "tls"})
