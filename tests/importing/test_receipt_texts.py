"""Receipts' texts taken apart: by the book, in other orders, with other labels, and texts that are none."""

import pytest

from simulator.importing.receipt_texts import date_form, seen_in


@pytest.mark.parametrize(
    ("text", "template"),
    [
        (
            "id:12 sub:001 dlvrd:1 submit date:2601311200 done date:2601311201 stat:DELIVRD err:000 text:hi",
            "id:{id} sub:001 dlvrd:1 submit date:{submit_date} done date:{done_date} stat:{stat} err:{err} text:{text}",
        ),
        ("stat=DELIVRD;id=12;ERR=7", "stat={stat};id={id};ERR={err}"),
        ("ID: 12, STAT: delivered", "ID: {id}, STAT: {stat}"),
        ("id:12 stat:DELIVRD err: text:", "id:{id} stat:{stat} err:{err} text:"),
        ("text:hello id:12 stat:DELIVRD", "text:{text} id:{id} stat:{stat}"),
        ("id:12 stat:DELIVRD text:a stat:OF mind", "id:{id} stat:{stat} text:{text}"),
        ("{12} id:12 stat:DELIVRD", "{{12}} id:{id} stat:{stat}"),
        (
            "id:12 submit date:0000000000 done date:never stat:DELIVRD",
            "id:{id} submit date:0000000000 done date:never stat:{stat}",
        ),
        ("id:12 stat:DELIVRD submitdate:2026-01-31 12:00:00 x", "id:{id} stat:{stat} submitdate:{submit_date} x"),
    ],
)
def test_values_of_the_next_message_have_a_placeholder(text: str, template: str) -> None:
    seen = seen_in(text)
    assert seen is not None
    assert seen.template == template


@pytest.mark.parametrize("text", ["", "hello", "id:12", "stat:DELIVRD", "id: stat:DELIVRD", "valid:12 static:1"])
def test_what_has_no_id_or_no_stat_is_no_receipt(text: str) -> None:
    assert seen_in(text) is None


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2601311200", "%y%m%d%H%M"),
        ("260131120059", "%y%m%d%H%M%S"),
        ("202601311200", "%Y%m%d%H%M"),
        ("20260131120059", "%Y%m%d%H%M%S"),
        ("2026-01-31 12:00:59", "%Y-%m-%d %H:%M:%S"),
        ("2026-01-31T12:00:59", "%Y-%m-%dT%H:%M:%S"),
        ("0000000000", ""),
        ("9913311200", ""),
        ("yesterday", ""),
    ],
)
def test_a_date_tells_its_form(value: str, form: str) -> None:
    assert date_form(value) == form
