"""The carrier, on your laptop. Knows the public names and their homes, and imports none before it is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.carrier.accounts import Account
    from simulator.carrier.carrier import Carrier
    from simulator.net.client import Esme, open_esme
    from simulator.net.outbind import accept_outbind
    from simulator.net.server import Server
    from simulator.smsc.smsc import Smsc
    from simulator.smsc.terms import Terms

__version__ = "0.1.0"

_HOMES: Final[dict[str, str]] = {
    "Account": "simulator.carrier.accounts",
    "Carrier": "simulator.carrier.carrier",
    "Esme": "simulator.net.client",
    "Server": "simulator.net.server",
    "Smsc": "simulator.smsc.smsc",
    "Terms": "simulator.smsc.terms",
    "accept_outbind": "simulator.net.outbind",
    "open_esme": "simulator.net.client",
}

__all__ = ["Account", "Carrier", "Esme", "Server", "Smsc", "Terms", "__version__", "accept_outbind", "open_esme"]


def __getattr__(name: str) -> object:
    """The public name, imported from its home now. Raises AttributeError for any other."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
