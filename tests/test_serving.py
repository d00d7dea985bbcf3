"""What the command line's words become, which of them are refused and how, and the report at the end."""

import errno
import json
import logging
import re
import resource
import socket
from pathlib import Path
from typing import Any

import pytest
import trustme

from simulator import serving
from simulator.serving import Settings, address_from, is_loopback, raise_file_limit, settings_from, write_report
from simulator.smsc.smsc import Smsc
from tests.smsc.world import World

WORDS: dict[str, Any] = {
    "scenarios": [],
    "smpp": "127.0.0.1:0",
    "smpps": None,
    "http": "127.0.0.1:0",
    "accounts": [],
    "speed": 1.0,
    "seed": 1,
    "report": None,
    "tls_certificate": None,
    "tls_key": None,
    "token": None,
    "is_verbose": False,
}


def settings(**words: Any) -> Settings:
    return settings_from(**(WORDS | words))


def test_the_defaults_are_settings() -> None:
    told = settings()
    assert (told.smpp, told.http, told.smpps, told.tls) == (("127.0.0.1", 0), ("127.0.0.1", 0), None, None)
    assert (told.accounts, told.speed, told.seed, told.report, told.token) == ((), 1.0, 1, None, None)


def test_without_a_seed_one_is_picked() -> None:
    assert len({settings(seed=None).seed for _ in range(5)}) > 1


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:2775", ("127.0.0.1", 2775)),
        ("localhost:0", ("localhost", 0)),
        ("smsc.example:65535", ("smsc.example", 65535)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        ("[::1]:0", ("::1", 0)),
        ("[::]:2775", ("::", 2775)),
    ],
)
def test_an_address_is_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert address_from(text, "--smpp") == address


@pytest.mark.parametrize("option", ["smpp", "smpps", "http"])
@pytest.mark.parametrize(
    ("text", "wrong", "allowed"),
    [
        ("", "''", "must be HOST:PORT"),
        ("2775", "'2775'", "must be HOST:PORT"),
        (":2775", "':2775'", "must be HOST:PORT"),
        ("[]:2775", "'[]:2775'", "must be HOST:PORT"),
        ("::1:2775", "'::1:2775'", "must be HOST:PORT"),
        ("[::1]", "'[::1]'", "must be HOST:PORT"),
        ("[::1:2775", "'[::1:2775'", "must be HOST:PORT"),
        ("::1]:2775", "'::1]:2775'", "must be HOST:PORT"),
        ("localhost:", "port ''", "must be 0 to 65535"),
        ("localhost:smpp", "port 'smpp'", "must be 0 to 65535"),
        ("localhost:65536", "port '65536'", "must be 0 to 65535"),
        ("localhost:-1", "port '-1'", "must be 0 to 65535"),
        ("localhost:+1", "port '+1'", "must be 0 to 65535"),
    ],
)
def test_an_address_that_is_none_is_refused(option: str, text: str, wrong: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^--{option}: ") as caught:
        settings(**{option: text})
    assert wrong in str(caught.value)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"scenarios": ["storm"]}, "scenario 'storm': not found"),
        ({"speed": 0.0}, "--speed: 0.0, must be above 0 and at most 1000000"),
        ({"speed": -1.0}, "--speed: -1.0, must be above 0 and at most 1000000"),
        ({"speed": float("inf")}, "--speed: inf, must be above 0 and at most 1000000"),
        ({"speed": float("nan")}, "--speed: nan, must be above 0 and at most 1000000"),
        ({"report": Path("report.html")}, "--report: 'report.html', must end in .json"),
        ({"accounts": ["gateway"]}, "--account: 'gateway', must be ID:PASSWORD"),
        ({"accounts": [":secret"]}, "--account: '' has 0 characters, must have 1 to 15"),
        ({"accounts": ["x" * 16 + ":secret"]}, f"--account: '{'x' * 16}' has 16 characters, must have 1 to 15"),
        ({"accounts": ["gateway:secretive"]}, "--account: the password of 'gateway' has 9 characters, at most 8"),
        ({"accounts": ["a:1", "b:2", "a:3"]}, "--account: 'a' is given twice"),
        ({"smpps": "localhost:0"}, "--smpps: needs --tls-certificate FILE"),
        ({"smpps": "localhost:0", "tls_certificate": Path("none.pem")}, "--tls-certificate: 'none.pem': "),
    ],
)
def test_a_wrong_word_is_refused_with_its_option(words: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(text)) as caught:
        settings(**words)
    assert "secret" not in str(caught.value)


def test_accounts_keep_their_passwords_to_themselves() -> None:
    told = settings(accounts=["gateway:secret", "b:", "c:a:b"])
    assert [(one.name, one.password) for one in told.accounts] == [("gateway", "secret"), ("b", ""), ("c", "a:b")]
    assert "secret" not in repr(told)


def test_a_certificate_and_its_key_make_a_context(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    told = settings(smpps="[::1]:0", tls_certificate=tmp_path / "both.pem")
    assert told.smpps == ("::1", 0)
    assert told.tls is not None


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prose.pem"
    path.write_text("no certificate")
    with pytest.raises(ValueError, match=r"^--tls-certificate: .*prose\.pem"):
        settings(smpps="localhost:0", tls_certificate=path)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_only_this_machine_reaches_the_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "smsc.example"])
def test_other_machines_reach_the_rest(host: str) -> None:
    assert not is_loopback(host)


def test_a_token_is_made_only_off_the_loopback_and_never_shown() -> None:
    assert settings(http="127.0.0.1:0").token is None
    assert settings(http="127.0.0.1:0", token="mine").token == "mine"
    assert settings(http="0.0.0.0:0", token="mine").token == "mine"
    made = settings(http="0.0.0.0:0").token
    assert made is not None
    assert len(made) >= 24
    assert made != settings(http="0.0.0.0:0").token
    assert "mine" not in repr(settings(token="mine"))


def test_what_other_machines_reach_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    serving._warn(settings(smpp="0.0.0.0:0", http="[::]:0", token="mine"))
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "--smpp 0.0.0.0: other machines can reach this simulator"),
        (logging.WARNING, "--http ::: other machines can reach this simulator"),
    ]
    caplog.clear()
    made = settings(http="0.0.0.0:0")
    serving._warn(made)
    assert caplog.records[-1].getMessage() == f"the control API asks for: Authorization: Bearer {made.token}"


def test_the_loopback_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    serving._warn(settings(token="mine"))
    assert caplog.records == []


def test_the_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        raise_file_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def a_day() -> Smsc:
    world = World()
    world.bound().submit()
    return world.smsc


def test_a_report_tells_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("an older one, much longer than the new one " * 100)
    write_report(path, a_day(), 7)
    report = json.loads(path.read_text())
    assert report["seed"] == 7
    assert report["events"]["submitted"] == report["events"]["bound"] == 1
    assert (report["waiting"], report["pending"] >= 1) == (0, True)
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_report_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.json"
    with pytest.raises(OSError, match="--report ") as caught:
        write_report(path, a_day(), 7)
    assert caught.value.errno == errno.ENOENT
    assert str(path) in str(caught.value)


def test_a_port_in_use_is_an_oserror_that_names_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"--smpp 127.0.0.1:{port}") as caught:
            serving.run(settings(smpp=f"127.0.0.1:{port}"))
    assert caught.value.errno == errno.EADDRINUSE


def test_each_coming_and_going_is_logged_when_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with caplog.at_level(logging.INFO, logger="carrier-sim"):
        serving._narrate(world.smsc)
        gateway = world.bound("gateway")
        gateway.close()
    assert [record.getMessage() for record in caplog.records] == [
        "session 1 of memory (nobody yet): connected",
        "session 1 of memory (gateway TRX): bound, TRX",
        "session 1 of memory (gateway TRX): disconnected, cut by the test",
    ]
