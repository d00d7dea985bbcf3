"""Lines of journal files: whole ones come back as they stand, damaged ones are told with their place."""

import gzip
import io
import json
import re
from pathlib import Path

import pytest

from simulator.recounting.reading import LINE_MAX, Line, WrongFile, event_of, lines_of
from tests.recounting.story import HEADER, a_journal, read

GOOD = b'{"n":1,"at":1.5,"kind":"reset","session":0}\n'


def of_files(*paths: Path, said: list[str] | None = None) -> list[Line]:
    complain = ([] if said is None else said).append
    return list(lines_of([str(path) for path in paths], standard_input=io.BytesIO(), complain=complain))


def test_every_line_of_a_journal_comes_back_as_it_stands() -> None:
    octets = a_journal()
    assert b"".join(line.octets + b"\n" for line in read(octets)) == octets
    assert [line.event for line in read(octets)] == [json.loads(line) for line in octets.splitlines()]


def test_files_come_one_after_the_other_and_gzip_is_seen_through(tmp_path: Path) -> None:
    octets = a_journal()
    (tmp_path / "one.jsonl").write_bytes(octets)
    (tmp_path / "two.jsonl.gz").write_bytes(gzip.compress(octets))
    assert of_files(tmp_path / "one.jsonl", tmp_path / "two.jsonl.gz") == 2 * read(octets)


def test_standard_input_may_be_gzip() -> None:
    source = io.BufferedReader(io.BytesIO(gzip.compress(a_journal())))
    assert len(list(lines_of(["-"], standard_input=source, complain=pytest.fail))) == len(read(a_journal()))


def test_how_far_a_file_is_read_is_told(tmp_path: Path) -> None:
    path, seen = tmp_path / "day.jsonl", list[int]()
    path.write_bytes(HEADER + GOOD * 5_000)
    count = len(list(lines_of([str(path)], standard_input=io.BytesIO(), complain=pytest.fail, advance=seen.append)))
    assert count == 5_001
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == path.stat().st_size


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "no JSON: Expecting value at character 1"),
        (b'{"n":1,', "no JSON"),
        (b"\xff\xfe", "codec can't decode"),
        (b"[1]", "no JSON object"),
        (b'{"n":1,"at":1}', "no event: it has no kind or no n"),
        (b'{"kind":"reset","at":1}', "no event: it has no kind or no n"),
        (b'{"n":1,"kind":"reset"}', "at: None, must be seconds"),
        (b'{"n":1,"kind":"reset","at":"now"}', "at: 'now', must be seconds"),
        (b'{"n":1,"kind":"reset","at":true}', "at: True, must be seconds"),
        (b'{"n":1,"kind":"reset","at":1e999}', "at: inf, must be seconds"),
        (b'{"n":1,"kind":"reset","at":NaN}', "NaN is no number"),
        (b'{"n":1.5,"kind":"reset","at":1}', "n: 1.5, must be a whole number"),
        (b'{"n":1,"kind":"reset","at":1,"message":[]}', "message: [], must be a whole number"),
        (b'{"n":1,"kind":"reset","at":1,"text":5}', "text: 5, must be text"),
        (b'{"n":1,"kind":"reset","at":1,"after":null}', "after: None, must be seconds"),
        (b'{"n":1,"kind":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_line_that_is_no_event_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        event_of(line)


def test_damaged_lines_are_told_with_their_place_and_passed_over(tmp_path: Path) -> None:
    path, said = tmp_path / "day.jsonl", list[str]()
    path.write_bytes(HEADER + GOOD + b"\x00\x00\n\n" + GOOD)
    assert len(of_files(path, said=said)) == 3
    (complaint,) = said
    assert complaint.startswith(f"{path}:3: no JSON")


def test_a_last_line_that_is_cut_is_told() -> None:
    said = list[str]()
    assert len(read(HEADER + GOOD + GOOD[:-9], said)) == 2
    assert said[0].startswith("standard input:3: cut short: no JSON")


def test_a_last_line_that_only_lacks_its_end_is_read() -> None:
    said = list[str]()
    assert len(read(HEADER + GOOD[:-1], said)) == 2
    assert said == []


def test_a_line_without_end_is_passed_over_in_bounded_memory() -> None:
    said = list[str]()
    assert len(read(HEADER + b"x" * (3 * LINE_MAX + 7) + b"\n" + GOOD, said)) == 2
    assert said == [f"standard input:2: longer than {LINE_MAX} octets"]


def test_a_gzip_that_is_cut_gives_what_it_holds(tmp_path: Path) -> None:
    path, said = tmp_path / "day.jsonl.gz", list[str]()
    path.write_bytes(gzip.compress(HEADER + GOOD * 5_000)[:-20])
    found = of_files(path, said=said)
    assert 1 < len(found) <= 5_001
    assert "cannot be read on" in said[-1]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"root:x:0\n", b"{}\n", gzip.compress(b"", mtime=0)])
def test_a_file_without_a_line_of_a_journal_is_wrong(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "prose").write_bytes(content)
    with pytest.raises(WrongFile, match="prose: no line of a journal is in it"):
        of_files(tmp_path / "prose")


def test_a_file_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="none: No such file"):
        of_files(tmp_path / "none")
    with pytest.raises(WrongFile, match="Is a directory"):
        of_files(tmp_path)


@pytest.mark.parametrize("form", ["2", "0", '"1"', "null"])
def test_another_form_is_refused_with_what_is_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(HEADER.decode() + f'{{"journal":{form}}}\n')
    with pytest.raises(WrongFile, match=r"day.jsonl:2: a journal of form .*; this version reads 1$"):
        of_files(path)


def test_lines_without_their_header_are_read() -> None:
    assert len(read(GOOD)) == 1
