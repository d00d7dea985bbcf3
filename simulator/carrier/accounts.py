"""Who may send: accounts, their passwords, their throughput, their numbers. Nothing here knows how one logs in."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from simulator.carrier.limits.throttle import Throttle
from simulator.carrier.messages import bare

Network = IPv4Network | IPv6Network

MADE_MAX: Final = 10_000
"""How many accounts logins may make where any name is admitted."""


@dataclass(slots=True)
class Account:
    """A customer of the carrier. ``password`` None admits any; it never appears in ``repr``.

    ``throughput`` is in messages per second, None is unlimited; ``burst`` how many of them may come at once, by default
    one second's worth. ``numbers`` are those whose incoming messages go here.
    ``networks`` are those it may come from, as in ``("192.0.2.7", "2001:db8::/32")``; without any it may come from
    everywhere. Raises ValueError for one that is none.
    """

    name: str
    password: str | None = field(default=None, repr=False)
    throughput: float | None = None
    numbers: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    burst: float | None = None
    throttle: Throttle | None = field(init=False, default=None, repr=False, compare=False)
    _networks: tuple[Network, ...] = field(init=False, default=(), repr=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(bare(number) for number in self.numbers)
        if self.throughput is not None:
            self.throttle = Throttle(self.throughput, self.burst)
        self._networks = tuple(ip_network(network) for network in self.networks)

    def may_come_from(self, host: str) -> bool:
        """Whether its networks hold this address; a host that is no address is in none."""
        if not self._networks:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            # a socket that takes both families shows IPv4 so (RFC 4291, 2.5.5.2)
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


class Accounts:
    """All accounts. When ``is_open`` an unknown name becomes an account at its first bind, with any password.

    Such a one has ``throughput`` and ``burst``, if anything is said of them. Of a password as many characters are
    compared as ``password_length`` says: all where it is None.
    """

    __slots__ = ("_known", "_made", "burst", "is_open", "password_length", "throughput")

    def __init__(self, accounts: Iterable[Account] = (), *, is_open: bool | None = None) -> None:
        self._known = {account.name: account for account in accounts}
        self._made: set[str] = set()
        self.is_open = not self._known if is_open is None else is_open
        self.throughput: float | None = None
        self.burst: float | None = None
        self.password_length: int | None = None

    def __iter__(self) -> Iterator[Account]:
        return iter(self._known.values())

    def get(self, name: str) -> Account | None:
        """The account of that name, or None."""
        return self._known.get(name)

    def is_full_for(self, name: str) -> bool:
        """Whether this name would be admitted, had not so many others come before."""
        return self.is_open and name not in self._known and len(self._made) >= MADE_MAX

    def knows(self, name: str) -> bool:
        """Whether a login under this name can succeed at all."""
        return self.is_open or name in self._known

    def admit(self, name: str, password: str) -> Account | None:
        """The account, or None when the name is unknown, the password wrong, or too many names were made up."""
        account = self._known.get(name)
        if account is None:
            if not self.is_open or self.is_full_for(name):
                return None
            account = self._make(name)
        if account.password is None:
            return account
        length = self.password_length
        given, wanted = password[:length].encode("utf-8", "surrogateescape"), account.password[:length].encode()
        return account if compare_digest(given, wanted) else None

    def let_in(self, name: str) -> Account | None:
        """The account of that name, whatever the password and whoever may come: a story lets it in.

        None where too many names were made up.
        """
        account = self._known.get(name)
        return self._make(name) if account is None and len(self._made) < MADE_MAX else account

    def _make(self, name: str) -> Account:
        self._made.add(name)
        account = self._known[name] = Account(name, throughput=self.throughput, burst=self.burst)
        return account

    def replace(self, accounts: Iterable[Account]) -> None:
        """From now on it is these, and those that logins have made; whose words are the same keeps its throttle."""
        made = {name: self._known[name] for name in self._made}
        known = {account.name: account for account in accounts}
        same = {name: old for name, old in self._known.items() if known.get(name) == old}
        self._made.difference_update(known)
        self._known = {**made, **known, **same}
        self.is_open = not known

    def owner_of(self, number: str) -> Account | None:
        """The account whose number this is."""
        wanted = bare(number)
        return next((account for account in self._known.values() if wanted in account.numbers), None)

    def reset(self, needed: Collection[str] = ()) -> None:
        """Fill every throttle's bucket again; forget the accounts that logins have made, but for those ``needed``."""
        for name in self._made.difference(needed):
            del self._known[name]
        self._made.intersection_update(needed)
        for account in self._known.values():
            if account.throttle is not None:
                account.throttle.reset()
