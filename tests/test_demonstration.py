"""The demonstration: it runs and its books agree; and its comparison, which must not believe that they always do."""

import io
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from scripts.letters import ACCOUNTS, Letter, Writer
from scripts.reconciliation import Answered, Ledger, MoSegment, Receipted, Submitted, mo_received, reconcile
from scripts.summary import figures, percentiles, shares, table
from simulator.sms.segments import part_of_udh, split

PROGRAM = Path(__file__).resolve().parent.parent / "scripts" / "demonstration.py"
MESSAGES = 120


def demonstration(*options):
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a small run printed, and the file it wrote."""
    path = tmp_path_factory.mktemp("demonstration") / "figures.json"
    program = demonstration("--messages", str(MESSAGES), "--json", str(path))
    try:
        out, err = program.communicate(timeout=50)
    finally:
        program.kill()
    assert (program.returncode, err) == (0, ""), out
    return out, json.loads(path.read_text(encoding="utf-8"))


# --- The whole ---


@pytest.mark.slow
def test_the_books_of_a_run_agree(told):
    out, found = told
    assert found["differences"] == []
    assert "The books agree" in out


@pytest.mark.slow
def test_every_submit_is_answered_and_receipted(told):
    _, found = told
    everything = found["all"]
    assert everything["messages"] == found["messages"] == MESSAGES
    assert everything["submitted"] == everything["answered"] == everything["receipted"] == found["segments"]
    assert found["segments"] > MESSAGES


@pytest.mark.slow
def test_the_accounts_add_up_to_all(told):
    _, found = told
    assert [row["account"] for row in found["accounts"]] == [account.name for account in ACCOUNTS]
    for figure in ("messages", "submitted", "answered", "receipted", "mo_sent", "mo_received"):
        assert sum(row[figure] for row in found["accounts"]) == found["all"][figure]


@pytest.mark.slow
def test_every_account_gets_its_subscribers_messages(told):
    _, found = told
    assert [(row["mo_sent"], row["mo_received"]) for row in found["accounts"]] == [(15, 15)] * 4


@pytest.mark.slow
def test_receipts_go_to_receivers_only_and_to_each_of_them(told):
    _, found = told
    links = [set(row["receipts_by_link"]) for row in found["accounts"]]
    assert links == [
        {"northwind/TRX"},
        {"harbour/RX"},
        {"lantern/RX1", "lantern/RX2"},
        {"meridian/TRX1", "meridian/TRX2"},
    ]


@pytest.mark.slow
def test_a_receipt_is_later_than_the_answer_and_percentiles_ascend(told):
    _, found = told
    for row in [*found["accounts"], found["all"]]:
        assert 0 < row["response_ms"]["p50"] < row["receipt_ms"]["p50"]
        for latencies in (row["response_ms"], row["receipt_ms"]):
            assert list(latencies) == ["p50", "p90", "p99", "max"]
            assert list(latencies.values()) == sorted(latencies.values())


@pytest.mark.slow
def test_ctrl_c_ends_it_soon_without_a_traceback():
    program = demonstration("--messages", "5000")
    try:
        assert program.stdout is not None
        assert "carrier is up" in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=5)
    finally:
        program.kill()
    assert program.returncode == 130
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_server_that_dies_is_the_news_and_status_3():
    program = demonstration("--messages", "5000")
    try:
        assert program.stdout is not None
        assert "carrier is up" in program.stdout.readline()
        (server,) = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        os.kill(int(server), signal.SIGKILL)
        _, err = program.communicate(timeout=20)
    finally:
        program.kill()
    assert program.returncode == 3
    assert "carrier-sim was ended by SIGKILL" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("number", ["3", "-1", "many", "50001"])
def test_a_number_of_messages_out_of_bounds_is_wrong_usage(number):
    program = demonstration(f"--messages={number}")
    _, err = program.communicate(timeout=20)
    assert program.returncode == 2
    assert f"{number!r}, must be 4 to 50,000" in err


@pytest.mark.slow
def test_several_at_once_find_ports_of_their_own():
    programs = [demonstration("--messages", "8") for _ in range(3)]
    try:
        outs = [program.communicate(timeout=50) for program in programs]
    finally:
        for program in programs:
            program.kill()
    assert [program.returncode for program in programs] == [0, 0, 0], outs
    assert len({out.partition("SMPP on ")[2].partition(",")[0] for out, _ in outs}) == 3


# --- The letters ---


def test_the_same_seed_writes_the_same_letters():
    assert list(Writer(7).letters(300)) == list(Writer(7).letters(300))
    assert list(Writer(7).letters(300)) != list(Writer(8).letters(300))


def test_the_letters_are_in_many_languages_and_of_one_to_five_segments():
    letters = list(Writer(2026).letters(2000))
    assert len({letter.language for letter in letters}) == 18
    assert {len(split(letter.text)) for letter in letters} == {1, 2, 3, 4, 5}
    assert {split(letter.text)[0].data_coding for letter in letters} == {0, 8}
    assert any(ord(character) > 0xFFFF for letter in letters for character in letter.text)


def test_every_number_is_fictitious_and_nobody_has_two_letters():
    letters = [*Writer(2026).letters(2000), *Writer(1).replies(60)]
    numbers = [number for letter in letters for number in (letter.source, letter.destination) if number.isdecimal()]
    for number in numbers:
        assert (number[0] == "1" and len(number) == 11 and number[4:9] == "55501") or number.startswith(
            ("447700900", "493023125", "3363998", "467017406")
        ), number
    assert len({letter.destination for letter in letters[:2000]}) == 2000


def test_each_account_begins_with_its_number_because_subscribers_answer_to_that():
    assert [letter.source for letter in Writer(3).letters(4)] == [account.number for account in ACCOUNTS]


# --- The comparison ---


LETTERS = [
    Letter("northwind", "12065550142", "12025550101", "English", "one"),
    Letter("northwind", "12065550142", "12025550102", "English", "a text in two parts"),
]
MO = Letter("northwind", "12025550103", "12065550142", "Greek", "Ναι " * 40)


def mo_segments(letter, *, reference=9):
    return [
        MoSegment(
            letter.account,
            "northwind/TRX",
            letter.source,
            letter.destination,
            part_of_udh(segment.octets) if segment.has_udh else None,
            segment.data_coding,
            segment.octets[segment.octets[0] + 1 :] if segment.has_udh else segment.octets,
        )
        for segment in split(letter.text, reference=reference)
    ]


@pytest.fixture
def books():
    """A ledger and the rows of the API that agree: three submits, the last two with one letter."""
    link = "northwind/TRX"
    ledger = Ledger(
        LETTERS,
        mo_sent=[MO],
        submitted=[
            Submitted(link, 2, 0, 1, 1, 1.0),
            Submitted(link, 3, 1, 1, 2, 1.1),
            Submitted(link, 4, 1, 2, 2, 1.2),
        ],
        answered=[Answered(link, number, 0, f"10{number}", 1.5) for number in (2, 3, 4)],
        receipted=[Receipted("northwind", link, f"10{n}", f"10{n}", "DELIVRD", 2.0) for n in (2, 3, 4)],
        mo_segments=mo_segments(MO),
    )
    rows = [row(1, LETTERS[0], "102"), row(2, LETTERS[1], "103", "104")]
    return ledger, rows


def row(number, letter, *message_ids):
    return {
        "id": str(number),
        "account": letter.account,
        "from": letter.source,
        "to": letter.destination,
        "text": letter.text,
        "state": "DELIVRD",
        "parts": [{"message_id": message_id} for message_id in message_ids],
    }


def test_books_that_agree_have_no_difference(books):
    assert reconcile(*books) == []


def test_a_missing_answer_is_named(books):
    ledger, rows = books
    del ledger.answered[0], ledger.receipted[0], rows[0]
    assert reconcile(ledger, rows) == ["northwind to 12025550101 (submit 2 on northwind/TRX): never answered"]


def test_a_doubled_answer_is_named(books):
    ledger, rows = books
    ledger.answered.append(Answered("northwind/TRX", 2, 0, "109", 1.6))
    named = reconcile(ledger, rows)
    assert named[0] == "northwind to 12025550101 (submit 2 on northwind/TRX): answered twice"


def test_a_refused_submit_is_named_with_its_status(books):
    ledger, rows = books
    ledger.answered[0] = ledger.answered[0]._replace(status=0x58, message_id="")
    named = reconcile(ledger, rows)
    assert named[0] == "northwind to 12025550101 (submit 2 on northwind/TRX): answered by ESME_RTHROTTLED"


def test_an_answer_to_nothing_is_named(books):
    ledger, rows = books
    ledger.answered.append(Answered("northwind/TRX", 77, 0x08, "", 1.6))
    assert reconcile(ledger, rows) == ["northwind/TRX: 1 answers to sequence_number 77, which was never sent"]


def test_an_id_that_was_given_twice_is_named(books):
    ledger, rows = books
    ledger.answered[1] = ledger.answered[1]._replace(message_id="102")
    assert "message_id 102: given twice" in reconcile(ledger, rows)


def test_a_letter_that_never_left_is_named(books):
    ledger, rows = books
    ledger.letters = [*LETTERS, Letter("harbour", "Harbour", "447700900002", "English", "three")]
    assert reconcile(ledger, rows) == ["harbour to 447700900002: never submitted"]


def test_a_missing_receipt_is_named(books):
    ledger, rows = books
    del ledger.receipted[1]
    assert reconcile(ledger, rows) == [
        "northwind to 12025550102 (submit 3 on northwind/TRX) part 1 of 2, id 103: no receipt"
    ]


def test_a_doubled_receipt_is_named(books):
    ledger, rows = books
    ledger.receipted.append(ledger.receipted[2])
    assert reconcile(ledger, rows) == [
        "northwind to 12025550102 (submit 4 on northwind/TRX) part 2 of 2, id 104: 2 receipts"
    ]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stat": "UNDELIV"}, "northwind to 12025550101 (submit 2 on northwind/TRX), id 102: receipt says UNDELIV"),
        (
            {"account": "harbour"},
            "northwind to 12025550101 (submit 2 on northwind/TRX), id 102: receipt went to harbour",
        ),
        ({"tlv_id": "66"}, "receipt of 102: receipted_message_id is '66'"),
    ],
)
def test_a_wrong_receipt_is_named(books, change, named):
    ledger, rows = books
    ledger.receipted[0] = ledger.receipted[0]._replace(**change)
    assert reconcile(ledger, rows) == [named]


def test_a_receipt_for_nobody_s_message_is_named(books):
    ledger, rows = books
    ledger.receipted.append(Receipted("northwind", "northwind/TRX", "999", "999", "DELIVRD", 2.0))
    assert reconcile(ledger, rows) == ["northwind/TRX: 1 receipts for id 999, which nobody was given"]


def test_a_changed_text_is_named_with_both_texts_and_the_place(books):
    ledger, rows = books
    rows[1]["text"] = "a text in twö parts"
    assert reconcile(ledger, rows) == [
        "northwind to 12025550102, row 2: text is 'in tw\\xf6 parts' instead of 'in two parts' at character 13"
    ]


def test_a_text_that_was_cut_short_is_named(books):
    ledger, rows = books
    rows[0]["text"] = "on"
    assert reconcile(ledger, rows) == ["northwind to 12025550101, row 1: text is 'on' instead of 'one' at character 3"]


def test_a_missing_row_is_named(books):
    ledger, rows = books
    assert reconcile(ledger, rows[:1]) == ["northwind to 12025550102: 0 rows in /api/messages"]


def test_a_row_without_one_of_its_parts_is_named(books):
    ledger, rows = books
    del rows[1]["parts"][1]
    assert reconcile(ledger, rows) == ["northwind to 12025550102, row 2: 1 parts, not those that were sent"]


def test_a_row_of_nobody_is_named(books):
    ledger, rows = books
    rows.append(row(3, LETTERS[0], "999"))
    assert reconcile(ledger, rows) == ["row 3 to 12025550101: its ids belong to no single message that was sent"]


def test_a_row_with_another_state_or_sender_is_named(books):
    ledger, rows = books
    rows[0] |= {"state": "ENROUTE", "from": "Northwind"}
    assert reconcile(ledger, rows) == [
        "northwind to 12025550101, row 1: state is ENROUTE",
        "northwind to 12025550101, row 1: is of Northwind, 12025550101; was of 12065550142, 12025550101",
    ]


def test_an_incomplete_mo_is_named(books):
    ledger, rows = books
    del ledger.mo_segments[1]
    assert reconcile(ledger, rows) == [
        "MO from 12025550103 to northwind: of 3 parts came 1 3",
        "MO from 12025550103 to northwind: never came whole",
    ]


def test_a_doubled_part_of_an_mo_is_named(books):
    ledger, rows = books
    ledger.mo_segments.append(ledger.mo_segments[0])
    assert reconcile(ledger, rows)[0] == "MO from 12025550103 to northwind: of 3 parts came 1 2 3 1"


def test_an_mo_that_came_twice_is_named(books):
    ledger, rows = books
    ledger.mo_segments += mo_segments(MO, reference=10)
    assert reconcile(ledger, rows) == ["MO from 12025550103 to northwind: came twice"]


def test_a_changed_mo_is_named(books):
    ledger, rows = books
    ledger.mo_segments = mo_segments(MO._replace(text="Ναί"))
    (named,) = reconcile(ledger, rows)
    assert named.startswith("MO from 12025550103 to northwind: text is ")
    assert named.endswith(" at character 3")


def test_an_mo_that_went_to_another_account_is_named(books):
    ledger, rows = books
    ledger.mo_segments = mo_segments(MO._replace(account="harbour"))
    assert reconcile(ledger, rows) == ["MO from 12025550103 to northwind: went to harbour"]


def test_an_mo_that_nobody_sent_is_named(books):
    ledger, rows = books
    ledger.mo_segments += mo_segments(MO._replace(source="12025550104"))
    assert reconcile(ledger, rows) == ["MO from 12025550104 to 12065550142: 1 that nobody sent"]


def test_what_went_wrong_on_a_link_is_a_difference(books):
    ledger, rows = books
    ledger.failures.append("northwind/TRX: ConnectionError: the link was lost")
    assert reconcile(ledger, rows) == ["northwind/TRX: ConnectionError: the link was lost"]


def test_parts_are_joined_in_any_order():
    letters, incomplete = mo_received(reversed(mo_segments(MO)))
    assert (letters, incomplete) == ([MO._replace(language="")], [])


# --- The figures ---


def test_figures_count_by_account_and_for_all(books):
    ledger, _ = books
    rows = {row["account"]: row for row in figures(ledger)}
    assert list(rows) == [*(account.name for account in ACCOUNTS), "all"]
    for name in ("northwind", "all"):
        counted = [rows[name][figure] for figure in ("messages", "submitted", "answered", "receipted", "mo_received")]
        assert counted == [2, 3, 3, 3, 1]
    assert rows["northwind"]["response_ms"]["max"] == pytest.approx(500, rel=0.001)
    assert rows["northwind"]["receipt_ms"]["max"] == pytest.approx(1000, rel=0.001)
    assert rows["harbour"]["response_ms"] == {}
    assert rows["harbour"]["submitted"] == 0


def test_percentiles_are_those_of_the_values():
    found = percentiles(number / 1000 for number in range(1, 101))
    assert found == pytest.approx({"p50": 50, "p90": 90, "p99": 99, "max": 100}, rel=0.002)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0017, " 1.7"), (0.00996, "  10"), (0.31, " 310"), (0.5, " 500"), (12.4, " 12s")]
)
def test_a_latency_takes_at_most_four_characters(books, seconds, shown):
    ledger, _ = books
    ledger.receipted.clear()
    ledger.answered[:] = [Answered("northwind/TRX", 2, 0, "102", 1.0 + seconds)]
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(table(figures(ledger), 100))
    assert f" {shown} {shown} {shown} {shown} " in console.export_text()


def test_shares_name_accounts_with_several_receivers_only(books):
    ledger, _ = books
    one = ledger.receipted[0]
    ledger.receipted += [one._replace(account="lantern", link=f"lantern/RX{n}") for n in (1, 2, 2)]
    assert shares(figures(ledger)) == ["lantern 1 + 2"]


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_its_terminal(books, width):
    ledger, _ = books
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(table(figures(ledger), width))
    shown = console.export_text()
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    assert Counter(line.partition(" ")[0] for line in shown.splitlines())["northwind"] == 1
