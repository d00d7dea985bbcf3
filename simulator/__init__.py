"""The carrier, on your laptop. Knows the public names and their homes, and imports none before it is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.carrier.accounts import Account
    from simulator.carrier.carrier import Carrier
    from simulator.embed.embedded import EmbeddedSmsc, NotSeen, open_smsc
    from simulator.net.client import Esme, open_esme
    from simulator.net.outbind import accept_outbind
    from simulator.net.server import Server
    from simulator.smsc.smsc import Smsc
    from simulator.smsc.terms import Terms

__version__ = "0.1.0"
_HOMES: Final[dict[str, str]] = {
    "Account": "simulator.carrier.accounts",
    "Carrier": "simulator.carrier.carrier",
    **dict.fromkeys(("EmbeddedSmsc", "NotSeen", "open_smsc"), "simulator.embed.embedded"),
    **dict.fromkeys(("Esme", "open_esme"), "simulator.net.client"),
    "Server": "simulator.net.server",
    "Smsc": "simulator.smsc.smsc",
    "Terms": "simulator.smsc.terms",
    "accept_outbind": "simulator.net.outbind",
}

__all__ = ["Account", "Carrier", "EmbeddedSmsc", "Esme", "NotSeen", "Server", "Smsc", "Terms", "__version__"]
__all__ += ["accept_outbind", "open_esme", "open_smsc"]


def __getattr__(name: str) -> object:
    """The public name, imported from its home now. Raises AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
