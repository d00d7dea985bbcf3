"""What the command line's words become, which of them are refused and how, and the report at the end."""

import errno
import json
import logging
import re
import resource
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from simulator.net.addresses import address_from, is_loopback
from simulator.scenario.file import parse
from simulator.serving import running as serving
from simulator.serving.reporting import write_report
from simulator.serving.running import Settings, raise_file_limit, settings_from
from simulator.smsc.memory.watch import Verdict, Watch
from simulator.smsc.smsc import Smsc
from tests.smsc.world import World

WORDS: dict[str, Any] = {
    "scenarios": [],
    "smpp": ["127.0.0.1:0"],
    "smpps": [],
    "http": "127.0.0.1:0",
    "accounts": [],
    "networks": [],
    "outbinds": [],
    "targets": [],
    "speed": 1.0,
    "seed": 1,
    "report": None,
    "journal": None,
    "tls_certificate": None,
    "tls_key": None,
    "tls_ca_out": None,
    "tls_client_ca": None,
    "is_client_certificate_required": False,
    "token": None,
    "is_verbose": False,
}
SECURE = ["localhost:0"]
GATEWAY = ["gateway:secret"]


def settings(**words: Any) -> Settings:
    return settings_from(**(WORDS | words))


def test_the_defaults_are_settings() -> None:
    told = settings()
    assert (told.smpp, told.http, told.smpps, told.tls) == ((("127.0.0.1", 0),), ("127.0.0.1", 0), (), None)
    assert (told.authority, told.calls, told.targets) == (None, (), ())
    assert (told.accounts, told.speed, told.seed, told.report, told.token) == ((), 1.0, 1, None, None)


def test_without_a_seed_one_is_picked() -> None:
    assert len({settings(seed=None).seed for _ in range(5)}) > 1


def test_the_last_scenario_that_has_a_seed_gives_it_unless_the_command_line_does() -> None:
    scenarios = [parse("scenario: 1\nseed: 7"), parse("scenario: 1\nseed: 8"), parse("scenario: 1")]
    assert [settings(scenarios=scenarios, seed=given).seed for given in (None, 1)] == [8, 1]
    assert settings(scenarios=scenarios).scenarios == tuple(scenarios)


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
        ("x..y:0", "host 'x..y'", "must be a name or an address"),
        (f"{'x' * 64}.example:0", f"host '{'x' * 64}.example'", "must be a name or an address"),
        ("localhost:", "port ''", "must be 0 to 65535"),
        ("localhost:smpp", "port 'smpp'", "must be 0 to 65535"),
        ("localhost:65536", "port '65536'", "must be 0 to 65535"),
        ("localhost:-1", "port '-1'", "must be 0 to 65535"),
        ("localhost:+1", "port '+1'", "must be 0 to 65535"),
        ("localhost:²", "port '²'", "must be 0 to 65535"),
    ],
)
def test_an_address_that_is_none_is_refused(option: str, text: str, wrong: str, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^--{option}: ") as caught:
        settings(**{option: text if option == "http" else ["127.0.0.1:0", text]})
    assert wrong in str(caught.value)
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    ("words", "text"),
    [
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
        ({"smpps": SECURE, "tls_certificate": Path("none.pem")}, "--tls-certificate: 'none.pem': "),
        ({"smpps": SECURE, "tls_key": Path("key.pem")}, "--tls-key: 'key.pem', but there is no --tls-certificate"),
        ({"smpps": SECURE, "tls_client_ca": Path("none.pem")}, "--tls-client-ca: 'none.pem': "),
        ({"tls_certificate": Path("a.pem")}, "--tls-certificate: 'a.pem', but there is no --smpps"),
        ({"tls_key": Path("a.pem")}, "--tls-key: 'a.pem', but there is no --smpps"),
        ({"smpps": ["x;y:0"]}, "--smpps: 'x;y': "),
        ({"accounts": ["naive\u20ac:secret"]}, "--account: 'naive\u20ac' has characters that no bind can carry"),
        ({"accounts": ["gateway:\u20ac"]}, "--account: the password of 'gateway' has characters that no bind can"),
        ({"outbinds": ["127.0.0.1:1=\u20ac:x"]}, "--outbind: '\u20ac' has characters that no bind can carry"),
        (
            {"journal": Path("a.json"), "report": Path("./a.json")},
            "--journal and --report: 'a.json', must be two files",
        ),
        (
            {"smpps": SECURE, "journal": Path("k.pem"), "tls_key": Path("k.pem")},
            "--journal and --tls-key: 'k.pem', must be two files",
        ),
        ({"tls_ca_out": Path("a.pem")}, "--tls-ca-out: 'a.pem', but there is no --smpps"),
        ({"tls_client_ca": Path("a.pem")}, "--tls-client-ca: 'a.pem', but there is no --smpps"),
        ({"is_client_certificate_required": True}, "--tls-client-required: needs --tls-client-ca FILE"),
        ({"accounts": GATEWAY, "networks": ["gateway"]}, "--allow: 'gateway', must be ID=NETWORK[,NETWORK]"),
        ({"accounts": GATEWAY, "networks": ["other=::1"]}, "--allow: 'other', must be the ID of an --account"),
        ({"accounts": GATEWAY, "networks": ["gateway=::1,10.0.0.1/8"]}, "--allow: '10.0.0.1/8' of 'gateway': "),
        ({"accounts": GATEWAY, "networks": ["gateway=here"]}, "--allow: 'here' of 'gateway': "),
        ({"outbinds": ["127.0.0.1:2776"]}, "--outbind: '127.0.0.1:2776', must be HOST:PORT=ID:PASSWORD"),
        ({"outbinds": ["127.0.0.1=carrier:secret"]}, "--outbind: '127.0.0.1', must be HOST:PORT"),
        ({"outbinds": ["127.0.0.1:1=carrier"]}, "--outbind: 'carrier', must be ID:PASSWORD"),
        ({"outbinds": ["127.0.0.1:1=c:secretive"]}, "--outbind: the password of 'c' has 9 characters, at most 8"),
        ({"outbinds": ["192.0.2.1:1=c:secret"]}, "--outbind: host: '192.0.2.1' is not this machine; --allow-target"),
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


def test_an_account_may_come_from_the_networks_that_name_it() -> None:
    told = settings(accounts=["a=b:1", "c:2"], networks=["a=b=192.0.2.0/24,::1", "a=b=198.51.100.7"])
    first, second = told.accounts
    assert [first.may_come_from(host) for host in ("192.0.2.9", "::1", "198.51.100.7", "198.51.100.8")] == [1, 1, 1, 0]
    assert second.may_come_from("198.51.100.8")


def test_an_outbind_has_an_address_a_name_and_a_password_of_any_characters() -> None:
    told = settings(outbinds=["[::1]:2776=carrier:a=b:c@", "esme.example:1=c:"], targets=["ESME.example"])
    first, second = told.calls
    assert (first.address, first.system_id, first.password) == (("::1", 2776), "carrier", "a=b:c@")
    assert (second.address, second.password) == (("esme.example", 1), "")
    assert "a=b" not in repr(told)


def test_several_listeners_are_told_in_their_order() -> None:
    told = settings(smpp=["127.0.0.1:0", "[::1]:0"])
    assert told.smpp == (("127.0.0.1", 0), ("::1", 0))
    places = {"smpp": "127.0.0.1:1", "smpp2": "[::1]:2", "smpps": "127.0.0.1:3", "http": "127.0.0.1:4"}
    line = "ready smpp=127.0.0.1:1 smpps=127.0.0.1:3 http=127.0.0.1:4 smpp2=[::1]:2"
    assert serving.ready_line(places) == line


def test_a_certificate_and_its_key_make_a_context(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    told = settings(smpps=["[::1]:0"], tls_certificate=tmp_path / "both.pem")
    assert told.smpps == (("::1", 0),)
    assert told.tls is not None
    assert (told.tls.verify_mode, told.authority) == (ssl.CERT_NONE, None)
    with pytest.raises(ValueError, match=r"^--tls-ca-out: 'ca\.pem', but with --tls-certificate no authority is made"):
        settings(smpps=SECURE, tls_certificate=tmp_path / "both.pem", tls_ca_out=Path("ca.pem"))


def test_without_a_certificate_one_is_made_with_an_authority() -> None:
    told = settings(smpps=["smsc.example:0"])
    assert told.tls is not None
    assert told.authority is not None
    assert told.authority.startswith(b"-----BEGIN CERTIFICATE-----")
    assert "BEGIN" not in repr(told)


@pytest.mark.parametrize(("is_required", "mode"), [(False, ssl.CERT_OPTIONAL), (True, ssl.CERT_REQUIRED)])
def test_a_client_s_certificate_is_asked_for(tmp_path: Path, is_required: bool, mode: ssl.VerifyMode) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    words = {"tls_client_ca": tmp_path / "ca.pem", "is_client_certificate_required": is_required}
    told = settings(smpps=SECURE, **words)
    assert told.tls is not None
    assert told.tls.verify_mode is mode


def test_an_authority_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "ca.pem"
    with pytest.raises(OSError, match=f"--tls-ca-out {path}: No such file") as caught:
        serving.run(settings(smpps=SECURE, tls_ca_out=path))
    assert caught.value.errno == errno.ENOENT


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prose.pem"
    path.write_text("no certificate")
    with pytest.raises(ValueError, match=r"^--tls-certificate: .*prose\.pem"):
        settings(smpps=SECURE, tls_certificate=path)


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
    serving._warn(settings(smpp=["0.0.0.0:0"], http="[::]:0", token="mine"))
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


def a_day() -> tuple[Verdict, Smsc]:
    world = World(seed=7)
    watch = Watch(world.smsc, lambda: world.now)
    world.bound().submit()
    return watch.verdict(), world.smsc


def test_a_report_tells_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("an older one, much longer than the new one " * 100)
    write_report(path, *a_day())
    report = json.loads(path.read_text())
    assert report["seed"] == 7
    assert report["events"]["submitted"] == report["events"]["bound"] == 1
    assert (report["waiting"], report["pending"] >= 1) == (0, True)
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_report_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "report.json"
    with pytest.raises(OSError, match="--report ") as caught:
        write_report(path, *a_day())
    assert caught.value.errno == errno.ENOENT
    assert str(path) in str(caught.value)


def test_a_port_in_use_is_an_oserror_that_names_the_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"--smpp 127.0.0.1:{port}") as caught:
            serving.run(settings(smpp=[f"127.0.0.1:{port}"]))
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


def test_what_an_esme_calls_itself_does_nothing_to_a_terminal(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    with caplog.at_level(logging.INFO, logger="carrier-sim"):
        serving._narrate(world.smsc)
        world.bound("a\x1b[2J\r\n")
    assert caplog.records[-1].getMessage() == r"session 1 of memory (a\x1b[2J\r\n TRX): bound, TRX"


LISTENERS = "scenario: 1\ncarrier: {listeners: {old: {address: '127.0.0.1:4000'}, safe: {tls: tls}}}"


def test_the_listeners_of_scenarios_are_settings_and_the_later_file_goes_before() -> None:
    later = "scenario: 1\ncarrier: {listeners: {old: {address: '127.0.0.1:4001'}, new: {}}}"
    told = settings(scenarios=[parse(LISTENERS), parse(later)])
    assert [(one.name, one.address[1], one.tls is not None) for one in told.listeners] == [
        ("old", 4001, False),
        ("safe", 0, True),
        ("new", 0, False),
    ]
    assert told.tls is None
    assert (told.authority or b"").count(b"BEGIN CERTIFICATE") == 1


def test_with_smpps_beside_them_both_authorities_are_told(tmp_path: Path) -> None:
    told = settings(scenarios=[parse(LISTENERS)], smpps=SECURE, tls_ca_out=tmp_path / "ca.pem")
    assert (told.authority or b"").count(b"BEGIN CERTIFICATE") == 2
    assert told.authority_out == tmp_path / "ca.pem"


def test_options_of_tls_have_a_meaning_where_a_listener_is_secure(tmp_path: Path) -> None:
    told = settings(scenarios=[parse(LISTENERS)], tls_ca_out=tmp_path / "ca.pem")
    assert told.authority_out == tmp_path / "ca.pem"
    with pytest.raises(ValueError, match=r"--tls-certificate: 'a\.pem', but there is no --smpps"):
        settings(scenarios=[parse(LISTENERS)], tls_certificate=Path("a.pem"))


def test_a_listener_that_cannot_be_is_told_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"listeners\.old\.address: 'x', must be HOST:PORT"):
        settings(scenarios=[parse("scenario: 1\ncarrier: {listeners: {old: {address: x}}}")])
