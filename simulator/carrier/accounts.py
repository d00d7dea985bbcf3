"""Who may send: accounts, their passwords, their throughput, their numbers. Nothing here knows how one logs in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from simulator.carrier.messages import bare
from simulator.carrier.throttle import Throttle

Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class Account:
    """A customer of the carrier. ``password`` None admits any; it never appears in ``repr``.

    ``throughput`` is in messages per second, None is unlimited. ``numbers`` are those whose incoming messages go here.
    ``networks`` are those it may come from, as in ``("192.0.2.7", "2001:db8::/32")``; without any it may come from
    everywhere. Raises ValueError for one that is none.
    """

    name: str
    password: str | None = field(default=None, repr=False)
    throughput: float | None = None
    numbers: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    throttle: Throttle | None = field(init=False, default=None, repr=False)
    _networks: tuple[Network, ...] = field(init=False, default=(), repr=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(bare(number) for number in self.numbers)
        if self.throughput is not None:
            self.throttle = Throttle(self.throughput)
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
    """All accounts. When ``is_open`` an unknown name becomes an account at its first bind, with any password."""

    __slots__ = ("_known", "is_open")

    def __init__(self, accounts: Iterable[Account] = (), *, is_open: bool | None = None) -> None:
        self._known = {account.name: account for account in accounts}
        self.is_open = not self._known if is_open is None else is_open

    def __iter__(self) -> Iterator[Account]:
        return iter(self._known.values())

    def get(self, name: str) -> Account | None:
        """The account of that name, or None."""
        return self._known.get(name)

    def knows(self, name: str) -> bool:
        """Whether a login under this name can succeed at all."""
        return self.is_open or name in self._known

    def admit(self, name: str, password: str) -> Account | None:
        """The account, or None when the name is unknown or the password wrong."""
        account = self._known.get(name)
        if account is None:
            if not self.is_open:
                return None
            account = self._known[name] = Account(name)
        if account.password is None:
            return account
        given, wanted = password.encode("utf-8", "surrogateescape"), account.password.encode()
        return account if compare_digest(given, wanted) else None

    def owner_of(self, number: str) -> Account | None:
        """The account whose number this is."""
        wanted = bare(number)
        return next((account for account in self._known.values() if wanted in account.numbers), None)

    def reset(self) -> None:
        """Fill every throttle's bucket again."""
        for account in self._known.values():
            if account.throttle is not None:
                account.throttle.reset()
