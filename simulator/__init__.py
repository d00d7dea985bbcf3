"""The carrier, on your laptop: a simulated SMSC for whoever builds, tests or loads a messaging gateway.

Knows the public names and the module each one lives in. Does not import those modules before a name is asked for:
`import simulator` costs next to nothing, and the wire can be used without trio or the control API.
"""

from importlib import import_module
from typing import Final

__version__ = "0.1.0"

# Each public name and its home. tests/test_exports.py holds the same list, typed a second time.
_HOMES: Final[dict[str, str]] = {}

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    """The public name, imported from its module now. Raises AttributeError for a name that is not public."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
