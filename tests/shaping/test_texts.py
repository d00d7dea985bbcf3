"""The text of a receipt: appendix B without a form, and every variant of fields, dates, states and errs seen."""

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.scenario.forms.forms import DateForm, ErrForm, StatForm, TextForm
from simulator.shaping.addresses import Address
from simulator.shaping.facts import Facts
from simulator.shaping.texts import TextShape, dated
from simulator.sms.receipts import build, date10, parse

# 2027-01-15 08:00:03.25 and 08:01:10 UTC, a Friday
SUBMITTED, DONE = 1_800_000_003.25, 1_800_000_070.0
FACTS = Facts(
    message_id="0123456789",
    state="DELIVRD",
    state_number=2,
    submitted_at=SUBMITTED,
    done_at=DONE,
    source=Address("5555", 3, 0),
    destination=Address("12025550100", 1, 1),
    text="a text of more than twenty characters",
    dlvrd=1,
    account="gateway",
)
FAILED = FACTS._replace(state="UNDELIV", state_number=5, dlvrd=0, err="034")
PLAIN = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2701150800 done date:2701150801 stat:DELIVRD err:000 "
    "Text:a text of more than "
)


def written(facts: Facts = FACTS, id_text: str | None = "0123456789", *, is_raw: bool = False, **said: Any) -> str:
    kinds: Mapping[str, Any] = {"text": TextForm, "dates": DateForm, "stat": StatForm, "err": ErrForm}
    forms = {key: kinds[key].model_validate(value) for key, value in said.items()}
    return TextShape(**forms, is_raw=is_raw).text(facts, id_text)


def value_of(field: str, facts: Facts = FACTS, **said: Any) -> str:
    """What stands for one field of a text."""
    text = said.pop("text", {})
    return written(facts, text=text | {"template": f"<{{{field}}}>"}, **said)[1:-1]


# --- Fields ---


def test_without_a_form_it_is_the_text_of_appendix_b() -> None:
    assert written() == PLAIN
    assert written() == build(
        "0123456789", stat="DELIVRD", submitted=date10(SUBMITTED), done=date10(DONE), text=FACTS.text
    )
    assert written(FAILED) == build(
        "0123456789",
        stat="UNDELIV",
        submitted=date10(SUBMITTED),
        done=date10(DONE),
        err="034",
        dlvrd="000",
        text=FACTS.text,
    )


@pytest.mark.parametrize(
    ("said", "text"),
    [
        # fields missing
        (
            {"omit": ["sub", "dlvrd"]},
            "id:0123456789 submit date:2701150800 done date:2701150801 stat:DELIVRD err:000 Text:a text of more than ",
        ),
        (
            {"omit": "text"},
            "id:0123456789 sub:001 dlvrd:001 submit date:2701150800 done date:2701150801 stat:DELIVRD err:000",
        ),
        # the state without its label
        (
            {"labels": {"stat": ""}, "omit": ["sub", "dlvrd", "submit_date", "text"]},
            "id:0123456789 done date:2701150801 DELIVRD err:000",
        ),
        # labels of other people
        (
            {
                "labels": {"id": "ID", "submit_date": "submitdate", "done_date": "donedate", "stat": "Stat"},
                "omit": ["sub", "dlvrd", "text"],
            },
            "ID:0123456789 submitdate:2701150800 donedate:2701150801 Stat:DELIVRD err:000",
        ),
        # another order, the state last
        (
            {"order": ["id", "err"], "omit": ["sub", "dlvrd", "submit_date", "done_date", "text"]},
            "id:0123456789 err:000 stat:DELIVRD",
        ),
        # a space after the colon, several between, a line for each
        (
            {
                "colon": ": ",
                "order": ["id", "err"],
                "omit": ["sub", "dlvrd", "submit_date", "done_date", "stat", "text"],
            },
            "id: 0123456789 err: 000",
        ),
        (
            {"separator": "\n", "omit": ["sub", "dlvrd", "submit_date", "done_date", "text"]},
            "id:0123456789\nstat:DELIVRD\nerr:000",
        ),
        (
            {"separator": "   ", "omit": ["sub", "dlvrd", "submit_date", "done_date", "text", "err"]},
            "id:0123456789   stat:DELIVRD",
        ),
        # in the midst of something else
        ({"prefix": "4790000000SMSAlert^"}, f"4790000000SMSAlert^{PLAIN}"),
        ({"prefix": "{destination}{source}?", "suffix": "'!10ea34"}, f"120255501005555?{PLAIN}'!10ea34"),
        ({"prefix": "\x01"}, f"\x01{PLAIN}"),
        # counts that nobody can compute with
        ({"values": {"sub": "null", "dlvrd": "null"}}, PLAIN.replace(":001", ":null")),
        ({"values": {"dlvrd": "000"}}, PLAIN.replace("dlvrd:001", "dlvrd:000")),
        ({"values": {"sub": "1", "dlvrd": "1234"}}, PLAIN.replace("sub:001 dlvrd:001", "sub:1 dlvrd:1234")),
        # the reason in the text
        ({"values": {"text": "DB52 SMS ERROR"}}, PLAIN.replace("a text of more than ", "DB52 SMS ERROR")),
        ({"values": {"text": "<{text}>"}}, PLAIN.replace("a text of more than ", "<a text of more than >")),
        ({"echo": 0}, PLAIN.replace("a text of more than ", "")),
        ({"echo": 255}, PLAIN.replace("a text of more than ", FACTS.text)),
        # a text of one's own
        (
            "Message {id} to {destination} of {account}: {stat} 100%",
            "Message 0123456789 to 12025550100 of gateway: DELIVRD 100%",
        ),
        ("id:{id} part {part} of {total} {{sic}} %s", "id:0123456789 part 1 of 1 {sic} %s"),
        (
            {"template": "{sub}|{text}", "values": {"sub": "{sub}{dlvrd}"}, "prefix": "<", "suffix": ">", "echo": 1},
            "<001001|a>",
        ),
        ("Message delivered", "Message delivered"),
        ("", ""),
    ],
)
def test_fields_are_where_and_what_the_form_says(said: object, text: str) -> None:
    assert written(text=said) == text


def test_an_absent_id_takes_its_label_with_it_and_leaves_a_template_empty() -> None:
    assert written(id_text=None) == PLAIN.removeprefix("id:0123456789 ")
    assert written(id_text=None, text={"order": "text", "omit": ["sub", "dlvrd"]}).startswith("Text:a text")
    assert written(id_text=None, text="<{id}>") == "<>"


def test_an_empty_id_keeps_its_label() -> None:
    assert written(id_text="") == PLAIN.replace("0123456789", "")


def test_the_text_of_a_message_may_come_first_and_say_what_a_receipt_says() -> None:
    injected = FACTS._replace(text="id:666 stat:UNDELIV err:001")
    found = written(injected, text={"order": "text", "echo": 40})
    assert found.startswith("Text:id:666 stat:UNDELIV err:001 id:0123456789 ")
    receipt = parse(found)
    assert receipt is not None
    assert receipt.message_id != "0123456789"


def test_the_message_is_repeated_so_that_ascii_and_gsm_read_it_alike_unless_it_is_asked_for_raw() -> None:
    facts = FACTS._replace(text="50 € @\r\nb")
    assert value_of("text", facts) == "50 ? ?  b"
    assert TextShape(TextForm(template="{text}"), is_raw=True).text(facts, "") == "50 € @\r\nb"
    assert TextShape(TextForm(template="{text}", echo=4), is_raw=True).text(facts, "") == "50 €"


def test_parts_are_counted() -> None:
    facts = FACTS._replace(part=1, total=2, sub=2)
    assert written(facts, "7", text="SAR-{destination}-{id}-{total}-{part} {sub}") == "SAR-12025550100-7-2-1 002"


# --- Dates ---


@pytest.mark.parametrize(
    ("said", "submitted", "done"),
    [
        ({}, "2701150800", "2701150801"),
        ("%y%m%d%H%M%S", "270115080003", "270115080110"),
        ("%Y%m%d%H%M", "202701150800", "202701150801"),
        ("%Y%m%d%H%M%S", "20270115080003", "20270115080110"),
        ({"submit": "%y%m%d%H%M%S"}, "270115080003", "2701150801"),
        ({"done": "%y%m%d%H%M%S"}, "2701150800", "270115080110"),
        ("zeros", "0000000000", "0000000000"),
        ("000000000000", "000000000000", "000000000000"),
        ("blank", "", ""),
        ({"done": "blank"}, "2701150800", ""),
        # the 29th of the second month, at 2 o'clock and 38
        ("2010290238", "2010290238", "2010290238"),
        ("not yet", "not yet", "not yet"),
        ({"zone": "+02:00"}, "2701151000", "2701151001"),
        ({"zone": "-09:30"}, "2701142230", "2701142231"),
        ({"zone": "UTC", "shift": "-30m"}, "2701150730", "2701150731"),
        ({"shift": "+1d"}, "2701160800", "2701160801"),
        ({"zone": "+01:00", "shift": "+1h", "done": "%H:%M:%S %z"}, "2701151000", "10:01:10 +0100"),
        ({"submit": "%z", "done": "%d/%m/%y %H.%M", "zone": "-09:30"}, "-0930", "14/01/27 22.31"),
        ({"submit": "%A %a %B %b %j %f %%", "done": "%S"}, "Friday Fri January Jan 015 250000 %", "10"),
        ({"submit": "%Y", "shift": "-999999d"}, "0001", "0101010000"),
        ({"submit": "%Y", "shift": "+999999d"}, "4764", "6412110801"),
    ],
)
def test_dates_are_told_as_the_form_says(said: object, submitted: str, done: str) -> None:
    assert value_of("submit_date", dates=said) == submitted
    assert value_of("done_date", dates=said) == done


def test_a_clock_that_is_wrong_by_more_than_there_are_years_stands_at_the_last_day() -> None:
    assert dated("%Y-%m-%d", None, "+999999d")(2e11) == "9999-12-31"


def test_parts_of_a_second_are_told_anew_for_each_moment() -> None:
    told = dated("%S.%f", None, None)
    assert [told(at) for at in (0.5, 0.25, 0.5)] == ["00.500000", "00.250000", "00.500000"]


# --- The state ---


@pytest.mark.parametrize(
    ("said", "delivered", "failed"),
    [
        ({}, "DELIVRD", "UNDELIV"),
        ({"DELIVRD": "DELIVERED", "UNDELIV": "FAILED"}, "DELIVERED", "FAILED"),
        ({"UNDELIV": "INVALID-SUB"}, "DELIVRD", "INVALID-SUB"),
        ("0", "0", "0"),
        ({"words": {"DELIVRD": "0", "UNDELIV": "5"}}, "0", "5"),
        ({"constant": "ACKED", "words": {"UNDELIV": "NOCRED"}}, "ACKED", "NOCRED"),
        ({"letters": "lower"}, "delivrd", "undeliv"),
        ({"letters": "title"}, "Delivrd", "Undeliv"),
        ({"letters": "upper", "words": {"DELIVRD": "sent"}, "width": 7}, "SENT   ", "UNDELIV"),
        ({"constant": ""}, "", ""),
    ],
)
def test_the_word_for_a_state_is_the_forms(said: object, delivered: str, failed: str) -> None:
    assert (value_of("stat", stat=said), value_of("stat", FAILED, stat=said)) == (delivered, failed)


def test_a_word_is_found_by_the_state_itself_and_else_by_what_its_receiver_is_told() -> None:
    skipped = FACTS._replace(state="SKIPPED", state_number=5)
    assert value_of("stat", skipped) == "UNDELIV"
    assert value_of("stat", skipped, stat={"UNDELIV": "FAILED"}) == "FAILED"
    assert value_of("stat", skipped, stat={"UNDELIV": "FAILED", "SKIPPED": "SKIPPED"}) == "SKIPPED"


# --- The err ---


@pytest.mark.parametrize(
    ("said", "err", "expected"),
    [
        ({}, "034", "034"),
        ({"width": 1}, "000", "0"),
        ({"width": 2}, "001", "01"),
        ({"width": 4}, "034", "0034"),
        ({"width": 5}, "000", "00000"),
        ({"width": 1}, "4750", "4750"),
        ({"base": "hex"}, "034", "022"),
        ({"base": "hex", "width": 1}, "539", "21b"),
        ({"base": "decimal", "width": 1}, "034", "34"),
        ({"base": "hex", "width": 4}, "21b", "021b"),
        ("", "034", ""),
        ("null", "000", "null"),
        ("4750", "000", "4750"),
        # what is said stands as it is said
        ({"constant": "1", "width": 4}, "034", "1"),
        ({"states": {"DELIVRD": "1004"}}, "000", "1004"),
        ({"states": {"UNDELIV": "21b"}, "width": 4}, "000", "0000"),
        ({"states": {"UNDELIV": "21b"}, "constant": "nul"}, "000", "nul"),
    ],
)
def test_the_err_has_the_forms_width_and_alphabet(said: object, err: str, expected: str) -> None:
    assert value_of("err", FACTS._replace(err=err), err=said) == expected


def test_the_err_of_a_state_goes_before_the_constant() -> None:
    said = {"states": {"UNDELIV": "21b"}, "constant": "nul"}
    assert value_of("err", FAILED, err=said) == "21b"


def test_a_failure_may_say_that_there_was_no_error() -> None:
    assert " stat:UNDELIV err:000 " in written(FAILED, err={"constant": "000"})
