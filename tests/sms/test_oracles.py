"""Texts and octets before other people's codecs: the package gsm0338 and Wireshark's dissector.

Thousands, the same in every run. Where an oracle and we disagree, this list says who is right and why, and a test holds
that there is nothing else:

* gsm0338 writes an escape for the control character of its number and reads nothing where an escape ends a text; we
  have no place for that character and show a space (3GPP 23.038, 6.2.1). Ours is what the specification says.
* gsm0338 refuses pairs that the extension lacks, and two escapes. 23.038 says what a handset shows: the second septet's
  own character, and a space.
* Both refuse octets above 0x7F, gsm0338 by an error, we by U+FFFD: reading never raises here.
* gsm0338 cannot write a character that two tables hold (the euro of the Turkish ones); we take the one septet.
* Wireshark shows the carriage return that pads seven spare bits; we take it away (3GPP 23.038, 6.1.2.3.1).
* Wireshark names the national tables of a header but reads by the default ones. We read by those the header names.

Of the national tables gsm0338 has the Spanish one; Turkish and Portuguese go through its codec as the tests type them.
"""

import subprocess
import unicodedata
from pathlib import Path
from random import Random

import gsm0338
import pytest

from simulator.smpp.codec import encode
from simulator.smpp.pdus import EnquireLinkResp, SubmitSm
from simulator.sms.alphabets import encode_text, gsm_decode, gsm_encode
from simulator.sms.languages import UNSHIFTED, Shifts
from simulator.sms.segments import split
from tests.e2e.pcap import SERVER_PORT, Conversation, write
from tests.e2e.processes import program
from tests.sms.test_languages import EXTENSIONS, TABLES

CONTROLS = {"\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\f": "FORM FEED"}


def named(table: dict[int, str]) -> dict[int, str]:
    """A table as gsm0338 wants it: characters by their names."""
    return {septet: CONTROLS.get(one) or unicodedata.name(one) for septet, one in table.items()}


ORACLES = {
    UNSHIFTED: gsm0338.Codec(),
    Shifts(0, 2): gsm0338.Codec(single_shift_decode_map=gsm0338.SINGLE_SHIFT_CHARACTER_SET_SPANISH),
    **{
        Shifts(locking, single): gsm0338.Codec(named(TABLES[locking]), named(EXTENSIONS[single]))
        for locking, single in [(0, 1), (1, 0), (1, 1), (0, 3), (3, 0), (3, 3)]
    },
}


def texts(luck: Random, shifts: Shifts, count: int) -> list[str]:
    """Texts of every length that two segments may have, in the characters of those tables that are in one only."""
    own, extra = set(TABLES[shifts.locking].values()), set(EXTENSIONS[shifts.single].values())
    characters = sorted(own ^ extra)
    return ["".join(luck.choices(characters, k=luck.randint(0, 306))) for _ in range(count)]


@pytest.mark.parametrize("shifts", ORACLES)
def test_thousands_of_texts_have_the_octets_of_the_independent_codec(shifts: Shifts) -> None:
    oracle = ORACLES[shifts]
    for text in texts(Random(f"texts {shifts}"), shifts, 2000):
        octets, _ = oracle.encode(text)
        assert gsm_encode(text, shifts=shifts) == octets
        assert gsm_decode(octets, shifts) == oracle.decode(octets)[0] == text


@pytest.mark.parametrize("shifts", ORACLES)
def test_a_character_has_a_place_exactly_when_the_independent_codec_has_one(shifts: Shifts) -> None:
    oracle = ORACLES[shifts]
    twice = set(TABLES[shifts.locking].values()) & set(EXTENSIONS[shifts.single].values())
    # all planes that a table could know, and one beyond
    for character in map(chr, [*range(0x1B), *range(0x1C, 0x2500), 0x1F600]):
        if character in twice:
            with pytest.raises(TypeError):
                oracle.encode(character)
            assert len(gsm_encode(character, shifts=shifts)) == 1
        else:
            octets, _ = oracle.encode(character, "ignore")
            assert gsm_encode(character, "replace", shifts) == (octets or b"?")


def test_an_escape_is_no_character_for_us_and_one_for_the_independent_codec() -> None:
    assert (gsm_encode("\x1b", "replace"), gsm0338.Codec().encode("\x1b")[0]) == (b"?", b"\x1b")
    assert (gsm_decode(b"a\x1b"), gsm0338.Codec().decode(b"a\x1b")[0]) == ("a ", "a")


@pytest.mark.parametrize("shifts", ORACLES)
def test_thousands_of_octet_strings_are_read_as_the_independent_codec_reads_them(shifts: Shifts) -> None:
    oracle, luck = ORACLES[shifts], Random(f"octets {shifts}")
    pool = [*range(128), *[0x1B] * 8, 0x80, 0xFF]
    refused = 0
    for _ in range(4000):
        octets = bytes(luck.choices(pool, k=luck.randint(0, 40)))
        # without what the list at the top decides: a last escape, pairs without a meaning, more than seven bits
        try:
            expected = oracle.decode(octets)[0]
        except UnicodeDecodeError as error:
            refused += 1
            culprit = octets[error.start : error.end]
            assert culprit[-1] > 0x7F or (culprit[0] == 0x1B and culprit[1] not in EXTENSIONS[shifts.single])
            expected = oracle.decode(octets[: error.start])[0]
            assert gsm_decode(octets, shifts).startswith(expected)
            continue
        if octets[-1:] == b"\x1b":
            expected += " "
        assert gsm_decode(octets, shifts) == expected
    assert 500 < refused < 3900


# --- Wireshark ---


def dissected(folder: Path, sent: list[tuple[int, bytes]], coding: str, *fields: str) -> list[list[str]]:
    """For each (esm_class, short_message) of a submit_sm the fields that Wireshark shows."""
    chunks = []
    for number, (esm_class, octets) in enumerate(sent, 1):
        pdu = SubmitSm(number, source_addr="1", destination_addr="2", esm_class=esm_class, short_message=octets)
        # an answer from the other side between two, so that each stands in packets of its own
        chunks += [(float(number), True, encode(pdu)), (number + 0.5, False, encode(EnquireLinkResp(number)))]
    write(folder / "texts.pcap", [Conversation(chunks)])
    command = [program("tshark"), "-n", "-r", str(folder / "texts.pcap"), "-d", f"tcp.port=={SERVER_PORT},smpp"]
    command += ["-o", f"smpp.decode_sms_over_smpp:{coding}", "-Y", "smpp.command_id == 4", "-T", "fields"]
    command += ["-E", "separator=\x1f", *(option for field in fields for option in ("-e", field))]
    shown = subprocess.run(command, capture_output=True, timeout=50, check=True).stdout.decode()
    return [line.split("\x1f") for line in shown.removesuffix("\n").split("\n")]


PLAIN = sorted({*TABLES[0].values(), *EXTENSIONS[0].values()} - {"\n", "\r", "\f", "\\"})
"""Characters that tshark prints as they are."""


@pytest.mark.real_peer("tshark")
@pytest.mark.parametrize(("coding", "is_packed"), [("GSM 7-bit", False), ("GSM 7-bit (packed)", True)])
def test_wireshark_reads_a_thousand_texts_as_they_were_written(tmp_path: Path, coding: str, is_packed: bool) -> None:
    luck = Random(coding)
    written = ["".join(luck.choices(PLAIN, k=luck.randint(1, 110))) for _ in range(1000)]
    sent = [(0, encode_text(text, 0, is_packed=is_packed)) for text in written]
    shown = [text for (text,) in dissected(tmp_path, sent, coding, "smpp.message_text")]
    padded = [text + "\\r" if is_packed and len(gsm_encode(text)) % 8 == 7 else text for text in written]
    assert shown == padded


@pytest.mark.real_peer("tshark")
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("kind", ["udh8", "udh16"])
def test_wireshark_reads_our_headers_and_the_text_behind_them(tmp_path: Path, kind, is_packed: bool) -> None:
    luck = Random(kind)
    own = sorted(set(TABLES[1].values()) & set(TABLES[0].values()) & set(PLAIN))
    sent, expected = [], []
    for shifts in [UNSHIFTED, Shifts(0, 1), Shifts(1, 0), Shifts(1, 1)]:
        text = "".join(luck.choices(own, k=400))
        segments = split(text, 0, kind=kind, reference=7, shifts=shifts, is_packed=is_packed)
        sent += [(0x40, segment.octets) for segment in segments]
        size = {(0, 0): (153, 152), (0, 1): (149, 148), (1, 0): (149, 148), (1, 1): (146, 145)}[shifts][kind == "udh16"]
        for number, start in enumerate(range(0, 400, size), 1):
            piece = text[start : start + size]
            padding = "\\r" if is_packed and (7 * len(piece) + 7 * (160 - size)) % 56 == 49 else ""
            locking, single = (str(one or "") for one in shifts)
            expected.append(["7", str(len(segments)), str(number), locking, single, piece + padding])
    coding = "GSM 7-bit (packed)" if is_packed else "GSM 7-bit"
    names = ["gsm_sms.udh.mm.msg_id", "gsm_sms.udh.mm.msg_parts", "gsm_sms.udh.mm.msg_part"]
    names += ["gsm_sms.dis_iei_lang.locking_shift", "gsm_sms.dis_iei_lang.single_shift", "smpp.message_text"]
    assert dissected(tmp_path, sent, coding, *names) == expected
