"""Whence an account may come."""

import pytest

from simulator.carrier import accounts as module
from simulator.carrier.accounts import Account, Accounts


@pytest.mark.parametrize(
    ("networks", "host", "is_allowed"),
    [
        ((), "192.0.2.7", True),
        ((), "memory", True),
        (("192.0.2.7",), "192.0.2.7", True),
        (("192.0.2.7",), "192.0.2.8", False),
        (("192.0.2.0/24", "2001:db8::/32"), "192.0.2.255", True),
        (("192.0.2.0/24", "2001:db8::/32"), "192.0.3.0", False),
        (("192.0.2.0/24", "2001:db8::/32"), "2001:db8:1::1", True),
        (("192.0.2.0/24", "2001:db8::/32"), "2001:db9::1", False),
        # RFC 4291, 2.5.5.2: what a socket of both families shows for IPv4
        (("192.0.2.0/24",), "::ffff:192.0.2.7", True),
        (("192.0.2.0/24",), "::ffff:192.0.3.7", False),
        (("::/0",), "192.0.2.7", False),
        (("fe80::/10",), "fe80::1%eth0", True),
        (("0.0.0.0/0", "::/0"), "memory", False),
    ],
)
def test_an_account_may_come_from_its_networks_alone(networks: tuple[str, ...], host: str, is_allowed: bool) -> None:
    assert Account("gateway", networks=networks).may_come_from(host) is is_allowed


@pytest.mark.parametrize("network", ["", "here", "192.0.2.256", "192.0.2.1/24", "192.0.2.0/33"])
def test_a_network_that_is_none_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match=repr(network) if network != "192.0.2.1/24" else "host bits set"):
        Account("gateway", networks=(network,))


def test_logins_make_a_bounded_number_of_accounts_and_a_reset_forgets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MADE_MAX", 2)
    accounts = Accounts([Account("given", "secret")], is_open=True)
    made = [accounts.admit(name, "") for name in ("one", "two", "three", "one")]
    assert [one is not None for one in made] == [True, True, False, True]
    assert [accounts.is_full_for(name) for name in ("given", "one", "three")] == [False, False, True]
    assert accounts.admit("given", "secret") is not None
    accounts.reset({"two", "given"})
    assert [account.name for account in accounts] == ["given", "two"]
    assert [accounts.admit(name, "") is not None for name in ("three", "one")] == [True, False]


def test_where_only_known_names_are_admitted_there_is_no_bound_to_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MADE_MAX", 0)
    accounts = Accounts([Account("given")])
    assert (accounts.admit("one", ""), accounts.is_full_for("one")) == (None, False)
