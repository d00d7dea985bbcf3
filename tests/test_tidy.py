"""The repository against the rules of tests/tidy.py, and each rule against a sample that breaks it.

A check that cannot fail is worse than none: hence every rule is shown something bad and something good.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import tidy
from tests.tidy import Rule, Source

ROOT = Path(__file__).parent.parent


def sources(folder: str) -> list[Source]:
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


PACKAGE, TESTS, SCRIPTS = sources("simulator"), sources("tests"), sources("scripts")
RULED: list[tuple[Rule, list[Source]]] = [
    *((rule, PACKAGE) for rule in tidy.PACKAGE_RULES),
    *((rule, TESTS) for rule in tidy.TEST_RULES),
    *((rule, PACKAGE + SCRIPTS) for rule in tidy.PROGRAM_RULES),
    *((rule, PACKAGE + SCRIPTS + TESTS) for rule in tidy.EVERYWHERE),
]


@pytest.mark.parametrize(("rule", "held"), RULED, ids=[rule.__name__ for rule, _ in RULED])
def test_the_repository_obeys(rule: Rule, held: list[Source]) -> None:
    findings = [finding for source in held for finding in rule(source)]
    assert not findings, "\n".join(findings)


def test_the_repository_has_no_import_cycle() -> None:
    findings = list(tidy.cycles(PACKAGE))
    assert not findings, "\n".join(findings)


def test_the_state_of_a_connection_is_assigned_in_one_place() -> None:
    assert list(tidy.one_state(PACKAGE)) == []


def test_the_rules_see_the_files() -> None:
    assert {"simulator/__init__.py", "simulator/journal.py"} <= {source.path for source in PACKAGE}
    assert "tests/test_tidy.py" in {source.path for source in TESTS}


def test_the_table_knows_every_part() -> None:
    assert set(tidy.OURS) == set(tidy.FLOOR_OF)
    assert set(tidy.OTHERS) <= set(tidy.FLOOR_OF)


BAD: list[tuple[Rule, str, str]] = [
    # The floors, from the bottom.
    (tidy.floors, "smpp/codec.py", "from simulator.carrier.messages import Message"),
    (tidy.floors, "smpp/codec.py", "import simulator.sms.alphabets"),
    (tidy.floors, "smpp/codec.py", "def f():\n    from simulator import journal"),
    (tidy.floors, "carrier/carrier.py", "from simulator.smpp.pdus import SubmitSm"),
    (tidy.floors, "carrier/carrier.py", "from ..journal import Journal"),
    (tidy.floors, "sms/receipts.py", "from simulator.journal import Journal"),
    (tidy.floors, "journal.py", "from simulator.smpp import constants"),
    (tidy.floors, "scenario/rules.py", "from simulator.smpp.codec import decode"),
    (tidy.floors, "scenario/rules.py", "from simulator.smsc.smsc import Smsc"),
    (tidy.floors, "checks.py", "from simulator.smpp.connection import Connection"),
    (tidy.floors, "smsc/smsc.py", "from simulator.net.link import Link"),
    (tidy.floors, "net/link.py", "from simulator.carrier.carrier import Carrier"),
    (tidy.floors, "net/link.py", "from simulator.scenario.file import load"),
    (tidy.floors, "control/api.py", "from simulator.gateway.outbox import Outbox"),
    (tidy.floors, "gateway/outbox.py", "from simulator.smsc.smsc import Smsc"),
    (tidy.floors, "gateway/outbox.py", "from simulator.net.server import serve"),
    (tidy.floors, "gateway/outbox.py", "from simulator.harness.trial import Trial"),
    (tidy.floors, "harness/trial.py", "from simulator.gateway.outbox import Outbox"),
    (tidy.floors, "embed.py", "from simulator.cli.main import main"),
    (tidy.floors, "attic/old.py", ""),
    (tidy.others, "smpp/codec.py", "import smpplib"),
    (tidy.others, "smsc/smsc.py", "import pydantic"),
    (tidy.others, "net/link.py", "import anycorn.trio"),
    (tidy.others, "control/api.py", "import httpx2"),
    (tidy.others, "cli/main.py", "import pytest"),
    (tidy.others, "__init__.py", "import trio"),
    # The world outside.
    (tidy.io_free, "smpp/connection.py", "import trio"),
    (tidy.io_free, "smpp/connection.py", "from time import monotonic"),
    (tidy.io_free, "smsc/session.py", "import logging"),
    (tidy.io_free, "smsc/session.py", "async def handle(): ..."),
    (tidy.io_free, "smsc/session.py", "def f():\n    import concurrent.futures"),
    (tidy.io_free, "carrier/dice.py", "import random"),
    (tidy.io_free, "carrier/dice.py", "from random import choice"),
    (tidy.io_free, "sms/receipts.py", "import datetime\ndatetime.datetime.now()"),
    (tidy.io_free, "sms/receipts.py", "from datetime import date\ndate.today()"),
    (tidy.io_free, "journal.py", "open('journal')"),
    (tidy.io_free, "carrier/numbers.py", "def f(path): return path.read_text()"),
    (tidy.io_free, "checks.py", "print('checked')"),
    (tidy.environment, "net/server.py", "import os\nos.environ['HOME']"),
    (tidy.environment, "net/server.py", "from os import getenv"),
    (tidy.border, "smsc/session.py", "import simulator.smpp.pdus\nfrom simulator.carrier import messages"),
    (tidy.border, "checks.py", "from simulator import smpp, carrier"),
    # Size, names, words.
    (tidy.size, "smpp/codec.py", "\n" * 501),
    (tidy.size, "smpp/__init__.py", "\n" * 41),
    (tidy.names, "smpp/utils.py", ""),
    (tidy.names, "net/dlr.py", ""),
    (tidy.names, "smpp/codec.py", "class BaseField: ..."),
    (tidy.names, "smpp/codec.py", "def handler(): ..."),
    (tidy.names, "smpp/codec.py", "class PDUManager: ..."),
    (tidy.names, "smpp/codec.py", "async def load_data(): ..."),
    (tidy.names, "smpp/codec.py", "dlr_text = ''"),
    (tidy.names, "smpp/codec.py", "def f(dropped): ..."),
    (tidy.names, "smpp/codec.py", "def f(self): self.drop = 1"),
    (tidy.no_global, "smpp/codec.py", "def f():\n    global x\n    x = 1"),
    (tidy.no_todo, "smpp/codec.py", "x = 1  # TODO: more"),
    (tidy.no_todo, "smpp/codec.py", "# FIXME"),
    (tidy.docstrings, "smpp/codec.py", "# A comment is no docstring"),
    (tidy.docstrings, "smpp/codec.py", "'''Text.'''\ndef f(): ..."),
    (tidy.docstrings, "smpp/codec.py", "'''Text.'''\nclass C:\n    '''Text.'''\n    async def f(self): ..."),
    (
        tidy.docstrings,
        "smpp/codec.py",
        "'''Text.'''\nclass A:\n    '''Text.'''\nclass B(A):\n    '''Text.'''\n    def f(self): ...",
    ),
    (tidy.no_mock, "test_x.py", "from unittest import mock"),
    (tidy.no_mock, "test_x.py", "from unittest.mock import Mock"),
    (tidy.no_sleep, "test_x.py", "import time\ntime.sleep(1)"),
    (tidy.no_sleep, "test_x.py", "from time import sleep"),
]

INHERITING = """'''Text.'''
class A(Protocol[T]):
    '''Text.'''
    def f(self):
        '''Text.'''
class B(A[int]):
    '''Text.'''
    def f(self): ...
class C(B):
    '''Text.'''
    def f(self): ...
"""

GOOD: list[tuple[Rule, str, str]] = [
    (
        tidy.floors,
        "smpp/codec.py",
        "import struct\nfrom simulator.smpp.pdus import SubmitSm\nfrom .fields import Integer",
    ),
    (
        tidy.floors,
        "scenario/rules.py",
        "from simulator.smpp.constants import CommandStatus\nfrom simulator.smpp import pdus",
    ),
    (tidy.floors, "net/link.py", "from simulator.scenario.rules import Rule\nfrom simulator.smsc.smsc import Smsc"),
    (tidy.floors, "gateway/outbox.py", "from simulator.net.client import open_esme\nfrom simulator import __version__"),
    (
        tidy.floors,
        "cli/main.py",
        "from simulator.gateway.outbox import Outbox\nfrom simulator.harness.trial import Trial",
    ),
    (tidy.others, "net/http.py", "import anycorn, trio, ssl"),
    (tidy.others, "scenario/file.py", "import yaml, pydantic, re2"),
    (tidy.others, "pytest_plugin.py", "import pytest"),
    (tidy.io_free, "net/link.py", "import trio, time\nasync def f(): ..."),
    (tidy.io_free, "scenario/file.py", "def f(path): return path.read_text()"),
    (
        tidy.io_free,
        "sms/receipts.py",
        "from datetime import datetime, time\ndatetime(2026, 1, 1)\ndef f(now): return now",
    ),
    (tidy.environment, "cli/main.py", "import os\nos.environ"),
    (tidy.border, "smsc/translate.py", "from simulator import smpp, carrier"),
    (tidy.border, "scenario/rules.py", "from simulator import smpp, carrier"),
    (tidy.border, "control/api.py", "from simulator import smpp, carrier"),
    (tidy.size, "smpp/codec.py", "\n" * 500),
    (
        tidy.names,
        "smpp/pdus.py",
        "class DataSm:\n    data_coding = 0\nclass DataSmResp: ...\ndef data_coding_of(): ...",
    ),
    (tidy.names, "smpp/connection.py", "def receive_data(data): ...\ndef data_to_send(): ...\ndef database(): ..."),
    (tidy.no_global, "smpp/codec.py", "def f():\n    x = 1\n    def g():\n        nonlocal x"),
    (tidy.no_todo, "smpp/codec.py", "x = 'TODO'"),
    (tidy.docstrings, "smpp/codec.py", "'''Text.'''\ndef _f(): ...\ndef g():\n    '''Text.'''\n    def inside(): ..."),
    (tidy.docstrings, "smpp/codec.py", "'''Text.'''\n@typing.overload\ndef f(): ...\ndef f():\n    '''Text.'''"),
    (tidy.docstrings, "smpp/fields.py", INHERITING),
    (tidy.no_mock, "test_x.py", "import pytest\ndef test(monkeypatch): ..."),
    (tidy.no_sleep, "test_x.py", "import trio\nasync def test(): await trio.sleep(1)"),
    (tidy.no_sleep, "../tests/e2e/test_x.py", "import time\ntime.sleep(1)"),
]


def sample(path: str, text: str) -> Source:
    return Source(path.removeprefix("../") if path.startswith("../") else f"simulator/{path}", text)


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_bad_sample_is_found_once(rule: Rule, path: str, text: str) -> None:
    assert len(list(rule(sample(path, text)))) == 1


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_a_good_sample_is_let_through(rule: Rule, path: str, text: str) -> None:
    assert list(rule(sample(path, text))) == []


def test_every_rule_was_shown_something_bad_and_something_good() -> None:
    ruled = {rule for rule, _ in RULED}
    assert {rule for rule, _, _ in BAD} == ruled
    assert {rule for rule, _, _ in GOOD} == ruled


def test_a_cycle_is_found_across_packages_and_inside_functions() -> None:
    circle = [
        sample("smpp/__init__.py", ""),
        sample("smpp/codec.py", "from simulator.smpp import pdus"),
        sample("smpp/pdus.py", "def f():\n    from .fields import Integer"),
        sample("smpp/fields.py", "import simulator.smpp.codec"),
    ]
    assert list(tidy.cycles(circle)) == ["import cycle: smpp.codec -> smpp.pdus -> smpp.fields -> smpp.codec"]
    assert list(tidy.cycles(circle[:3])) == []
    circle[3] = sample("smpp/fields.py", "if TYPE_CHECKING:\n    import simulator.smpp.codec")
    assert list(tidy.cycles(circle)) == []


def test_a_second_assignment_of_a_state_is_found() -> None:
    once = sample("smpp/connection.py", "def f(self): self.state = 1")
    again = sample("smpp/states.py", "def f(c): c._state, x = 1, 2")
    elsewhere = sample("carrier/messages.py", "def f(self): self.state = 1")
    assert list(tidy.one_state([once, elsewhere])) == []
    assert list(tidy.one_state([once, again])) == [
        "the state is assigned in simulator/smpp/connection.py:1, simulator/smpp/states.py:1"
    ]


def test_the_scripts_are_bash_that_parses() -> None:
    scripts = [ROOT / "scripts" / name for name in ("run", "test", "check", "fuzz", "environment")]
    checked = subprocess.run(
        ["bash", "-n", *scripts, ROOT / ".ci" / "run"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_pins_of_pip_are_the_lock_s() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    listed = subprocess.run(
        [sys.executable, ROOT / "scripts" / "pins.py", ROOT / "uv.lock"], capture_output=True, text=True, check=True
    ).stdout.split()
    trio = next(package["version"] for package in lock["package"] if package["name"] == "trio")
    assert f"trio=={trio}" in listed
    assert not [pin for pin in listed if pin.startswith("carrier-simulator")]
