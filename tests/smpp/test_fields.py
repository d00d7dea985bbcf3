"""Kinds of field, each by itself."""

import pytest

from simulator.smpp.errors import LocalError
from simulator.smpp.fields import (
    Counted,
    CString,
    DestinationList,
    DistributionList,
    Integer,
    Kind,
    Octets,
    Remainder,
    SmeAddress,
    Time,
    Unsuccess,
    UnsuccessList,
    read_layout,
)


def read(kind, data: bytes, at: int = 0):
    return kind.read("x", data, at, len(data))


def test_an_integer_is_big_endian():
    assert read(Integer(2), b"\xff\x01\x02", 1)[0].value == 0x0102
    assert Integer(4).parts("x", 258)[0].octets == b"\0\0\1\2"


def test_a_wide_integer_compiles_to_a_call_of_the_readable_path():
    assert Integer(4).decode_lines("x", 3) == (["x, at = read_x(raw, at + 3, end)"], 0)
    assert Integer(4).encode_terms("x") == ["write_x(x)"]
    assert Integer(4).read_quickly(b"\0\0\0\0\x09", 1, 5) == (9, 5)
    assert Integer(4).write_quickly(9) == b"\0\0\0\x09"


def test_an_integer_that_is_cut_has_no_value():
    (span,) = read(Integer(4), b"\0\0\0")
    assert span.value is None
    assert span.trouble.reason == "x: the PDU ends before it"
    with pytest.raises(ValueError, match=r"^$"):
        Integer(4).read_quickly(b"\0\0\0", 0, 3)


def test_a_string_ends_at_its_nul_and_counts_it():
    (span,) = read(CString(3), b"AB\0C")
    assert (span.value, span.length, span.trouble) == ("AB", 3, None)


def test_a_string_that_is_too_long_is_read_and_said_to_be():
    (span,) = read(CString(3, 0x0A), b"ABC\0")
    assert span.value == "ABC"
    assert span.trouble == (0x0A, "x", "x: 4 octets, at most 3")


def test_unchecked_lifts_the_limits_of_size_only():
    assert CString(3).parts("x", "AB\0CD", unchecked=True)[0].octets == b"AB\0CD\0"
    assert len(Octets("n").parts("x", b"1" * 300, unchecked=True)[1].octets) == 300
    assert Octets("n").parts("x", b"1" * 300, unchecked=True)[0].octets == b"\x2c"
    assert DestinationList().parts("x", [SmeAddress()] * 257, unchecked=True)[0].octets == b"\x01"
    with pytest.raises(LocalError, match="x: 256, 0 to 255"):
        Integer().parts("x", 256, unchecked=True)
    with pytest.raises(LocalError, match="x: 1 is no string"):
        CString(3).parts("x", 1, unchecked=True)


def test_a_time_has_no_limit_here():
    assert Time().limit is None
    assert read(Time(), b"1" * 30 + b"\0")[0].trouble is None
    assert Time().parts("x", "1" * 30)[0].octets == b"1" * 30 + b"\0"


def test_octets_that_are_fewer_than_counted_are_read_as_far_as_they_go():
    count, octets = read(Octets("n"), b"\x05abc")
    assert (count.name, count.value, octets.value) == ("n", 5, b"abc")
    assert count.trouble.reason == "n: 5 octets, but the PDU has only 3 left"


def test_the_names_on_the_wire_put_the_count_first():
    assert Octets("sm_length").names("short_message") == ("sm_length", "short_message")
    assert DestinationList().names("dest_address") == ("number_of_dests", "dest_address")
    assert Integer().names("x") == ("x",)


def test_the_remainder_is_everything():
    assert read(Remainder(), b"abc", 1)[0].value == b"bc"
    assert read(Remainder(), b"", 0)[0].value == b""


def test_a_list_keeps_the_elements_before_the_one_that_is_cut():
    data = b"\x02" + b"\x01\0\0" + b"1\0" + b"\x02AB"
    count, whole, cut = read(DestinationList(), data)
    assert count.value == 2
    assert whole.value == (SmeAddress(0, 0, "1"),)
    assert whole.length == 5
    assert (cut.offset, cut.value) == (6, None)
    assert cut.trouble.field == "x[1].dl_name"


def test_a_list_with_an_overlong_address_is_read_and_said_to_be():
    count, whole = read(DestinationList(), b"\x01\x02" + b"A" * 30 + b"\0")
    assert count.value == 1
    assert whole.value == (DistributionList("A" * 30),)
    assert whole.trouble.reason == "x[0].dl_name: 31 octets, at most 21"


def test_a_list_of_failures_is_read_and_written():
    data = b"\x01\x01\x0112\0\0\0\0\x0b"
    assert UnsuccessList().read_quickly(data, 0, len(data)) == ((Unsuccess(1, 1, "12", 11),), len(data))
    assert UnsuccessList().write_quickly([Unsuccess(1, 1, "12", 11)]) == data


def test_a_layout_stops_at_the_first_field_that_cannot_be_read():
    layout = (("a", Integer()), ("b", CString(5)), ("c", Integer()))
    spans = list(read_layout(layout, "p.", b"\x01xyz", 0, 4))
    assert [(span.name, span.value) for span in spans] == [("p.a", 1), ("p.b", None)]


@pytest.mark.parametrize("kind", [Kind, Counted])
def test_a_kind_must_say_how_it_is_read_and_written(kind):
    with pytest.raises(TypeError, match="abstract"):
        kind()
