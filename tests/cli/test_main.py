"""The command as everybody starts it: a process of its own, its one line, its exit codes."""

import json
import random
import resource
import selectors
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio
import trustme
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.net.client import BindRefused, open_esme
from simulator.net.outbind import accept_outbind
from simulator.smpp.codec import encode
from simulator.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    EnquireLink,
    Outbind,
    Pdu,
    SubmitSm,
)
from simulator.smpp.tlvs import Tlv
from tests.ipv6 import needs_ipv6

COMMAND = [sys.executable, "-m", "simulator.cli.main"]
BOUND = 20.0


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, tuple[str, int]]]]:
    """A server in a process of its own and the addresses of its ready line; ended whatever happens."""
    command = [*COMMAND, "serve", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                assert selector.select(BOUND), "no line in time"
            word, *addresses = process.stdout.readline().split()
            assert word == "ready"
            pairs = dict(address.split("=", 1) for address in addresses)
            yield (
                process,
                {name: (text.rpartition(":")[0], int(text.rpartition(":")[2])) for name, text in pairs.items()},
            )
        finally:
            process.kill()


def run(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command with words, to its end."""
    return subprocess.run([*COMMAND, *words], input=given, capture_output=True, timeout=BOUND, check=False)


@asynccontextmanager
async def bound(address: tuple[str, int], **settings: Any) -> AsyncIterator[Any]:
    with trio.fail_after(BOUND):
        async with open_esme(*address, **({"system_id": "gateway"} | settings)) as esme:
            yield esme


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_unbinds_everybody_and_exits_with_0(number: signal.Signals, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with served("--report", str(report)) as (process, addresses):
        assert set(addresses) == {"smpp", "http"}
        soft, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        assert soft == hard
        async with bound(addresses["smpp"]) as esme:
            process.send_signal(number)
            assert [one async for one in esme.deliveries] == []
            assert not esme.connection.is_bound
        out, _ = await trio.to_thread.run_sync(lambda: process.communicate(timeout=BOUND))
        assert (process.returncode, out) == (0, "")
    assert json.loads(report.read_text())["events"]["unbound"] == 1


@pytest.mark.parametrize("option", ["--smpp", "--http"])
def test_a_port_in_use_exits_with_3_and_names_it(option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        others = {"--smpp": "127.0.0.1:0", "--http": "127.0.0.1:0"} | {option: address}
        ended = run("serve", *(word for pair in others.items() for word in pair))
    assert (ended.returncode, ended.stdout) == (3, b"")
    text = ended.stderr.decode()
    assert address in text
    assert option.strip("-") in text
    assert "internal error" not in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["serve", "--account", "gateway"], "--account: 'gateway', must be ID:PASSWORD"),
        (["serve", "--smpp", "localhost:x"], "--smpp: port 'x', must be 0 to 65535"),
        (["serve", "storm"], "storm: no such file or scenario, allowed: a file, or the name of a shipped scenario"),
        (["decode", "no-such-file"], "'no-such-file' is neither hex nor a file"),
        (["decode", "abc"], "'abc' is neither hex nor a file"),
        (["decode", ""], "'': no octets"),
        (["decode", "--json", " "], "' ': no octets"),
        (["decode", "-"], "standard input: no octets"),
        (["decode", "00", "--tlv", "0x0427=mine:int"], "--tlv: vendor tlv 0x0427: that is SMPP's message_state"),
        (["encode", "--tlv", "mine"], "--tlv: vendor tlv 'mine': not TAG=NAME:KIND"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(words: list[str], text: str) -> None:
    ended = CliRunner().invoke(app, words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert text in ended.stderr


@pytest.mark.parametrize(("words", "text"), [(["serve", "--sped", "2"], "No such option"), (["decode"], "Missing arg")])
def test_words_that_the_command_does_not_know_exit_with_2(words: list[str], text: str) -> None:
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert text in ended.stderr.decode()


async def test_only_the_accounts_that_were_given_bind() -> None:
    with served("--account", "gateway:secret") as (_, addresses):
        async with bound(addresses["smpp"], password="secret") as esme:
            assert esme.connection.is_bound
        for wrong, status in (({"password": "x"}, "ESME_RINVPASWD"), ({"system_id": "other"}, "ESME_RINVSYSID")):
            with pytest.raises(BindRefused, match=status):
                async with bound(addresses["smpp"], **wrong):
                    raise AssertionError


@needs_ipv6
async def test_every_listener_is_served_and_sessions_tell_theirs() -> None:
    with served("--smpp", "[::1]:0", "--smpps", "[::1]:0") as (_, addresses):
        assert list(addresses) == ["smpp", "smpps", "http", "smpp2"]
        assert addresses["smpp2"][0] == addresses["smpps"][0] == "[::1]"
        async with bound(addresses["smpp"]), bound(("::1", addresses["smpp2"][1])) as esme:
            assert (await esme.request(EnquireLink())).command_status == 0
            async with httpx2.AsyncClient(trust_env=False) as client:
                told = (await client.get("http://{}:{}/api/sessions".format(*addresses["http"]))).json()["sessions"]
        assert [session["listener"] for session in told] == ["smpp", "smpp2"]
        assert told[1]["peer"].startswith("[::1]:")


async def test_a_made_certificate_is_trusted_by_who_fetches_its_authority(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    with served("--smpps", "127.0.0.1:0", "--tls-ca-out", str(path)) as (process, addresses):
        where = "http://{}:{}/api/tls/ca.pem".format(*addresses["http"])
        async with httpx2.AsyncClient(trust_env=False) as client:
            pem = (await client.get(where)).content
        assert path.read_bytes() == pem
        tcp = await trio.open_tcp_stream(*addresses["smpps"])
        context = ssl.create_default_context(cadata=pem.decode())
        async with bound(addresses["smpps"], stream=trio.SSLStream(tcp, context, server_hostname="127.0.0.1")) as esme:
            assert (await esme.request(EnquireLink())).command_status == 0
        process.terminate()
        _, told = await trio.to_thread.run_sync(lambda: process.communicate(timeout=BOUND))
    assert f"carrier-sim: --smpps shows a certificate of {where}\n" in told


async def test_an_esme_that_waits_is_called_at_the_start_and_one_that_does_not_is_warned_of() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    place = f"127.0.0.1:{listener.socket.getsockname()[1]}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
    calls = ("--outbind", f"{place}=carrier:se:same", "--outbind", f"{nobody}=carrier:x")
    with served(*calls) as (process, _), trio.fail_after(BOUND):
        async with accept_outbind(system_id="gateway", listener=listener) as esme:
            assert esme.outbind is not None
            assert (esme.outbind.system_id, esme.outbind.password) == ("carrier", "se:same")
        process.terminate()
        _, told = await trio.to_thread.run_sync(lambda: process.communicate(timeout=BOUND))
    assert f"WARNING --outbind {nobody}: {nobody}: Connection refused\n" in told
    await listener.aclose()


async def test_an_account_binds_from_its_networks_alone() -> None:
    accounts = ("--account", "near:1", "--allow", "near=127.0.0.0/8,::1", "--account", "far:1", "--allow", "far=::2")
    with served(*accounts) as (_, addresses):
        async with bound(addresses["smpp"], system_id="near", password="1") as esme:
            assert esme.connection.is_bound
        with pytest.raises(BindRefused, match="ESME_RBINDFAIL"):
            async with bound(addresses["smpp"], system_id="far", password="1"):
                raise AssertionError


async def test_a_second_signal_waits_for_nobody() -> None:
    with served() as (process, addresses):
        guests = [await trio.open_tcp_stream(*addresses[name]) for name in ("smpp", "smpp", "http")]
        await guests[0].send_all(encode(BindTransceiver(1, system_id="gateway")))
        assert await guests[0].receive_some()
        process.send_signal(signal.SIGINT)
        # the unbind, which stays without an answer
        assert await guests[0].receive_some()
        began = trio.current_time()
        process.send_signal(signal.SIGINT)
        _, told = await trio.to_thread.run_sync(lambda: process.communicate(timeout=BOUND))
        assert trio.current_time() - began < 0.9
        assert "SIGINT again: leaving at once" in told
        assert process.returncode == 0
        for guest in guests:
            await trio.aclose_forcefully(guest)


async def test_a_gateway_binds_by_tls(tmp_path: Path) -> None:
    authority, path = trustme.CA(), tmp_path / "both.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with served("--smpps", "127.0.0.1:0", "--tls-certificate", str(path)) as (_, addresses):
        tcp = await trio.open_tcp_stream(*addresses["smpps"])
        stream = trio.SSLStream(tcp, context, server_hostname="127.0.0.1")
        async with bound(addresses["smpps"], stream=stream) as esme:
            assert (await esme.request(EnquireLink())).command_status == 0


# ------------------------------------------------------------------ decode and encode

GOOD = encode(BindTransceiver(1, system_id="gateway")) + encode(SubmitSm(2, source_addr="12025550199"))
BROKEN = GOOD[:-3]


def invoked(*words: str, given: str | bytes = "", code: int = 0) -> str:
    ended = CliRunner().invoke(app, list(words), input=given)
    assert ended.exit_code == code, ended.output
    return ended.stdout if not code else ended.stderr


def test_decode_names_fields_offsets_and_meanings() -> None:
    lines = invoked("decode", GOOD.hex()).splitlines()
    assert lines[0].startswith("bind_transceiver: command_length ")
    assert "ESME_ROK" in lines[0]
    assert lines[1].split() == ["16", "system_id", '"gateway"']
    (data_coding,) = [line for line in lines if " data_coding " in line]
    assert data_coding.endswith("(SMSC default alphabet)")


def test_decode_takes_hex_files_raw_files_and_standard_input(tmp_path: Path) -> None:
    shown = invoked("decode", GOOD.hex())
    (tmp_path / "hex").write_text(GOOD.hex(" ") + "\n")
    (tmp_path / "raw").write_bytes(GOOD)
    assert invoked("decode", str(tmp_path / "hex")) == shown
    assert invoked("decode", str(tmp_path / "raw")) == shown
    assert invoked("decode", "-", given=GOOD) == shown
    assert invoked("decode", "-", given=GOOD.hex(":")) == shown
    assert invoked("decode", "0x" + GOOD.hex()) == shown


def test_decode_shows_what_is_wrong_and_what_is_left() -> None:
    text = invoked("decode", BROKEN.hex())
    assert "command_length at 30: " in text
    lines = invoked("decode", "ffff").splitlines()
    assert lines[0] == "no PDU"
    assert lines[2].split() == ["rest", '"ffff"']


def test_decode_reads_the_text_and_shows_what_it_does_not_know() -> None:
    octets = encode(SubmitSm(1, short_message=b"hello", tlvs=(Tlv(0x3FFE, b"\x01"),)))
    text = invoked("decode", octets.hex())
    assert '"hello"' in text
    assert "(0x3FFE)" in text


def test_decode_reads_a_text_by_the_tables_that_its_header_names() -> None:
    octets = encode(SubmitSm(1, esm_class=0x40, short_message=b"\x03\x25\x01\x01\x07\x1d\x07k"))
    assert '("ışık")' in invoked("decode", octets.hex())


def test_decode_and_encode_name_the_tlvs_of_a_vendor() -> None:
    octets = encode(SubmitSm(1, tlvs=(Tlv(0x1401, b"B7\0"), Tlv(0x1402, b"\0\7"))))
    declared = ("--tlv", "0x1401=billing_id:cstring", "--tlv", "0x1402=route:int:2")
    shown = invoked("decode", *declared, octets.hex())
    assert 'billing_id (0x1401)         "B7"' in shown
    assert "route (0x1402)              7" in shown
    tlvs = [{"name": "billing_id", "value": "B7"}, {"name": "route", "value": 7}]
    entry = [{"command": "submit_sm", "sequence_number": 1, "tlvs": tlvs}]
    assert invoked("encode", *declared, given=json.dumps(entry)).strip() == octets.hex()
    assert "billing_id" in invoked("encode", given=json.dumps(entry), code=2)


@pytest.mark.parametrize("content", ["", "\n"])
def test_decode_says_that_a_file_is_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "empty").write_text(content)
    assert "empty': no octets" in invoked("decode", str(tmp_path / "empty"), code=2)


@pytest.mark.parametrize("kind", [BindTransmitter, BindReceiver, BindTransceiver, Outbind])
def test_decode_hides_a_password_but_the_json_holds_it(kind: type[Pdu]) -> None:
    octets = encode(kind(1, system_id="gateway", password="sesame12"))  # type: ignore[call-arg]
    text = invoked("decode", octets.hex())
    assert "sesame12" not in text
    (line,) = [line for line in text.splitlines() if " password " in line]
    assert line.split() == ["24", "password", '"********"']
    document = invoked("decode", "--json", octets.hex())
    assert json.loads(document)[0]["fields"]["password"] == "sesame12"
    assert bytes.fromhex(invoked("encode", given=document)) == octets


def test_decode_shows_that_there_is_no_password() -> None:
    (line,) = [line for line in invoked("decode", GOOD.hex()).splitlines() if " password " in line]
    assert line.split() == ["24", "password", '""']


def test_the_help_of_decode_says_where_passwords_are_shown() -> None:
    text = " ".join(invoked("decode", "--help").split())
    assert "The password of a bind or outbind is shown as ********, except by --json" in text


def test_decode_takes_hex_that_is_too_long_for_a_file_name() -> None:
    assert invoked("decode", GOOD.hex() * 200).count("bind_transceiver: ") == 200


def test_the_json_of_decode_encodes_to_the_same_octets() -> None:
    luck = random.Random(7)
    cases = [GOOD, BROKEN, b"\xff", b"GET / HTTP/1.1\r\n\r\n"]
    for _ in range(100):
        changed = bytearray(GOOD)
        for _ in range(luck.randrange(1, 6)):
            changed[luck.randrange(len(changed))] = luck.randrange(256)
        cases += [bytes(changed), luck.randbytes(luck.randrange(1, 80))]
    for octets in cases:
        turned = invoked("encode", given=invoked("decode", "--json", octets.hex()))
        assert "".join(turned.split()) == octets.hex()


def test_decode_and_encode_are_a_pipe_of_processes() -> None:
    decoded = run("decode", "--json", "-", given=GOOD)
    encoded = run("encode", given=decoded.stdout)
    assert (decoded.returncode, encoded.returncode) == (0, 0)
    assert bytes.fromhex(encoded.stdout.decode()) == GOOD


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("", "standard input:1:1: "),
        ("[{]", "standard input:1:3: "),
        ("[" * 100_000, "standard input: nested too deeply"),
        ('[{"rest": ' + "9" * 5_000 + "}]", "standard input: Exceeds the limit"),
        (b'"\xff\xfe"', "standard input: 'utf-8' codec can't decode"),
        (
            '{"command": "submit_multi", "fields": {"dest_address": [{"dest_flag": [1]}]}}',
            "[0].fields.dest_address[0].dest_flag: [1], 1 or 2",
        ),
        ("[1]", "[0]: int, must be an object"),
        ('[{"command": "enquire_link"}, {"command": "sing"}]', "[1].command: 'sing'"),
        ('{"command": "submit_sm", "fields": {"colour": 1}}', "[0].fields.colour: "),
    ],
)
def test_encode_names_the_place_of_an_error(given: str | bytes, place: str) -> None:
    assert place in invoked("encode", given=given, code=2)
