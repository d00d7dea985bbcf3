"""The public names, typed here a second time, and what it costs to import the package."""

import subprocess
import sys
from importlib import import_module

import pytest

import simulator

PUBLIC: dict[str, str] = {
    "Account": "simulator.carrier.accounts",
    "Carrier": "simulator.carrier.carrier",
    "EmbeddedSmsc": "simulator.embed.embedded",
    "Esme": "simulator.net.client",
    "NotSeen": "simulator.embed.embedded",
    "Server": "simulator.net.server",
    "Smsc": "simulator.smsc.smsc",
    "Terms": "simulator.smsc.terms",
    "accept_outbind": "simulator.net.outbind",
    "open_esme": "simulator.net.client",
    "open_smsc": "simulator.embed.embedded",
}
"""Each public name and the module it lives in."""

HEAVY = {"trio", "fastapi", "pydantic", "typer", "anycorn", "smpplib", "faker", "re2", "trustme"}


def test_the_public_names_are_these() -> None:
    assert sorted(simulator.__all__) == sorted(["__version__", *PUBLIC])
    assert simulator._HOMES == PUBLIC


def test_dir_shows_the_public_names() -> None:
    assert dir(simulator) == sorted(simulator.__all__)


def test_each_public_name_is_the_one_of_its_home() -> None:
    for name, home in PUBLIC.items():
        assert getattr(simulator, name) is getattr(import_module(home), name)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'simulator' has no attribute 'Smcs'"):
        simulator.Smcs  # noqa: B018  (reading it is the deed)


def test_import_simulator_imports_nothing_heavy() -> None:
    program = "import simulator, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "simulator" in loaded
    assert not HEAVY & set(loaded)
