"""`carrier-sim import-smppsim` and `stub`: files and pasted words in, a scenario out, and what is wrong with them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli.main import app
from simulator.scenario.file import parse
from simulator.smpp.codec import encode
from simulator.smpp.pdus import DeliverSm

RECEIPT = "id:0123456789 sub:001 dlvrd:001 submit date:2601311200 done date:2601311201 stat:EXPIRED err:004 text:hi"
PDU = encode(DeliverSm(source_addr="12025550100", esm_class=4, short_message=RECEIPT.encode())).hex()


def ran(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=given)


def test_settings_become_a_scenario_that_is_right(tmp_path: Path) -> None:
    file = tmp_path / "smppsim.props"
    file.write_bytes(
        b"SYSTEM_IDS=gateway\nPASSWORDS=s\xe9cret\nHTTP_THREADS=1\nDELIVERY_MESSAGES_PER_MINUTE=1\n"
        b"DELIVER_MESSAGES_FILE=canned.csv\n"
    )
    (tmp_path / "canned.csv").write_text("12025550100,5555,STOP\n")
    ended = ran("import-smppsim", str(file))
    assert ended.exit_code == 0, ended.stderr
    made = parse(ended.stdout)
    assert made.carrier is not None
    assert made.carrier.accounts is not None
    assert made.carrier.accounts["gateway"].password == "sécret"
    assert "text: STOP" in ended.stdout
    told = ended.stderr.splitlines()
    assert f"{file}:3: HTTP_THREADS: the API has no threads of its own" in told


def test_canned_messages_are_found_above_conf_too(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    file = tmp_path / "conf" / "smppsim.props"
    file.write_text("DELIVERY_MESSAGES_PER_MINUTE=1\nDELIVER_MESSAGES_FILE=canned.csv\n")
    (tmp_path / "canned.csv").write_text("12025550100,5555,STOP\n")
    assert "text: STOP" in ran("import-smppsim", str(file)).stdout


def test_a_file_of_canned_messages_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "smppsim.props"
    file.write_text("DELIVERY_MESSAGES_PER_MINUTE=1\nDELIVER_MESSAGES_FILE=canned.csv\n")
    ended = ran("import-smppsim", str(file))
    assert ended.exit_code == 0
    assert f"{file}:1: DELIVERY_MESSAGES_PER_MINUTE: no messages were found in canned.csv" in ended.stderr


def test_wrong_settings_end_with_2_and_all_places(tmp_path: Path) -> None:
    file = tmp_path / "smppsim.props"
    file.write_text("SMPP_PORT=x\nDELIVERY_MESSAGES_PER_MINUTE=often\n")
    ended = ran("import-smppsim", str(file))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"{file}:1: SMPP_PORT: 'x', allowed: a whole number" in ended.stderr
    assert f"{file}:2: DELIVERY_MESSAGES_PER_MINUTE: 'often', allowed: a whole number" in ended.stderr


def test_a_value_that_no_scenario_can_hold_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "smppsim.props"
    file.write_text("DELIVERY_RECEIPT_TLV=0424/0/\nUNDELIVERABLE_PHONE_NUMBERS=" + "a{999}" * 9)
    ended = ran("import-smppsim", str(file))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "UNDELIVERABLE_PHONE_NUMBERS" in ended.stderr


@pytest.mark.parametrize("name", ["none.props", "."])
def test_settings_that_cannot_be_read_end_with_2(tmp_path: Path, name: str) -> None:
    ended = ran("import-smppsim", str(tmp_path / name))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert str(tmp_path) in ended.stderr


def test_a_stub_of_words_of_a_file_and_of_standard_input_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "receipt.txt"
    file.write_text(RECEIPT + "\n")
    stubs = {
        ran("stub", source, given=given).stdout
        for source, given in ((RECEIPT, None), (str(file), None), ("-", RECEIPT))
    }
    (stub,) = stubs
    assert stub.startswith("# A stub: ")
    (rule,) = parse(stub).rules or ()
    assert rule.then.deliver is not None
    assert "state: EXPIRED" in stub


@pytest.mark.parametrize(
    "source", [PDU, PDU.upper(), f"0x{PDU}", " ".join(PDU[at : at + 2] for at in range(0, len(PDU), 2))]
)
def test_hex_in_any_dress_is_read_as_pdus(source: str) -> None:
    ended = ran("stub", source)
    assert ended.exit_code == 0, ended.stderr
    assert 'when: {to: "12025550100"}' in ended.stdout
    assert parse(ended.stdout).rules


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("hello", "'hello' is no receipt, allowed: a receipt's text"),
        ("", "'' is no receipt"),
        ("00", "octet 0: a PDU of 0 octets where 1 are left"),
        (PDU[:-2], "octet 0: a PDU of "),
        ("x" * 5000, "is no receipt"),
        ("a\0b", "is no receipt"),
    ],
)
def test_what_shows_nothing_ends_with_2(source: str, told: str) -> None:
    ended = ran("stub", source)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_what_is_remarked_goes_to_standard_error() -> None:
    ended = ran("stub", "id:a/b stat:PERHAPS")
    assert ended.exit_code == 0
    assert "stat 'PERHAPS' names no state" in ended.stderr
    assert "nothing makes ids like it" in ended.stderr
    assert parse(ended.stdout).rules
