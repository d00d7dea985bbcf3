"""Texts as octets of every charset that a scenario can name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.forms.forms import CHARSETS
from simulator.shaping.charsets import encoded, fitted, is_wide


@pytest.mark.parametrize(
    ("charset", "text", "expected"),
    [
        ("gsm7", "@£{", "0001 1b28"),
        ("gsm7", "hi Я", "6869203f"),
        ("gsm7-packed", "hellohello", "e8329bfd4697d9ec37"),
        ("gsm7-packed", "1234567", "31d98c56b3dd1a"),
        ("ascii", "aé", "613f"),
        ("latin1", "é€", "e93f"),
        ("latin9", "é€", "e9a4"),
        ("hp-roman8", "é£", "c5bb"),
        ("utf-8", "é😀", "c3a9f09f9880"),
        ("utf-8", "\ud83d", "3f"),
        ("ucs2", "a😀", "0061 d83dde00"),
        ("ucs2", "\ud83d", "d83d"),
        ("ucs2-le", "aЯ", "6100 2f04"),
        ("ucs2-bom", "a", "feff 0061"),
        ("ucs2-le-bom", "a", "fffe 6100"),
        ("iso-8859-5", "Я", "cf"),
        ("iso-8859-8", "א", "e0"),
        ("jis", "日本", "93fa967b"),
        ("iso-2022-jp", "日", "1b2442 467c 1b2842"),
        ("jis-extended", "日", "c6fc"),
        # U+4E02 is in JIS X 0212 and not in JIS X 0208: three octets
        ("jis-extended", "丂", "8fb0a1"),
        ("jis", "丂", "3f"),
        ("ks-c-5601", "한", "c7d1"),
        ("binary", "00 ff", "00ff"),
        ("binary", "no hex é€", "6e6f2068657820e93f"),
    ],
)
def test_a_text_is_written_in_each_charset(charset, text, expected):
    assert encoded(text, charset) == bytes.fromhex(expected)


@given(st.sampled_from(CHARSETS), st.text(st.characters(), max_size=40))
def test_every_text_is_written_in_every_charset(charset, text):
    assert isinstance(encoded(text, charset), bytes)


@given(st.sampled_from(CHARSETS), st.text(st.sampled_from("abcxyz 0189"), min_size=1))
def test_plain_letters_have_an_octet_each_except_in_ucs2_and_packed(charset, text):
    size = len(encoded(text, charset)) - 2 * charset.endswith("-bom")
    if charset == "gsm7-packed":
        assert size == (7 * len(text) + 7) // 8
    elif charset != "binary":
        assert size == len(text) * (2 if is_wide(charset) else 1)


def test_a_cut_keeps_the_first_octets_or_leaves_off_the_last():
    assert fitted(b"abcdef", "gsm7", cut=2) == b"ab"
    assert fitted(b"abcdef", "gsm7", cut=-2) == b"abcd"
    assert fitted(b"abcdef", "gsm7", cut=-9) == b""
    assert fitted(b"abcdef", "gsm7", cut=0) == b""
    assert fitted("тест".encode("utf-16-be"), "ucs2", cut=-1) == "тест".encode("utf-16-be")[:7]


def test_spaces_are_added_up_to_a_size_in_the_charset():
    assert fitted(b"ab", "gsm7", pad=5) == b"ab   "
    assert fitted(b"ab", "gsm7", pad=2) == b"ab"
    assert fitted(b"\0a", "ucs2-bom", pad=6) == b"\0a\0 \0 "
    assert fitted(b"a\0", "ucs2-le", pad=5) == b"a\0 \0 "
    assert fitted(b"abcdef", "latin1", cut=3, pad=4) == b"abc "
    assert fitted(b"abcdef", "latin1") == b"abcdef"
