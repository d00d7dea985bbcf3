"""Java's properties, by the rules of java.util.Properties."""

import pytest

from simulator.importing.properties import Property, properties_of


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("A=1", "A", "1"),
        ("A = 1 ", "A", "1 "),
        ("A:1", "A", "1"),
        ("A 1", "A", "1"),
        ("  A\t=\t1", "A", "1"),
        ("A", "A", ""),
        ("A=", "A", ""),
        ("A==1", "A", "=1"),
        ("A\\ B=1", "A B", "1"),
        ("A\\=B=1", "A=B", "1"),
        ("A=C:\\\\dir\\tx", "A", "C:\\dir\tx"),
        ("A=\\u0041\\q", "A", "Aq"),
        ("A=1,\\\n   2,\\\r\n   3", "A", "1,2,3"),
        ("A=1\\", "A", "1"),
        ("A=1\\\\", "A", "1\\"),
        ("# B=2\n! B=2\n\n   \nA=1", "A", "1"),
        ("A=1\\\n# no comment", "A", "1# no comment"),
        ("A=0\nA=1", "A", "1"),
    ],
)
def test_a_value_is_what_java_reads(text: str, key: str, value: str) -> None:
    found = properties_of(text)
    assert list(found) == [key]
    assert found[key].value == value


def test_a_key_is_told_with_its_line() -> None:
    assert properties_of("# a\nA=1\\\n2\n\nB=3\r\nC=4\rD=5") == {
        "A": Property("12", 2),
        "B": Property("3", 5),
        "C": Property("4", 6),
        "D": Property("5", 7),
    }
