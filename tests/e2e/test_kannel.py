"""Kannel, a real gateway, between an HTTP application and the server: nothing is lost, doubled or garbled."""

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

import pytest

from tests.e2e.corpus import AREAS, Author, Fields, Letter, numbers, segments_of
from tests.e2e.kannel import BINDS, Kannel, gateway
from tests.e2e.processes import eventually
from tests.e2e.served import Served, serving
from tests.e2e.sink import Callback, Sink, sinking

MESSAGES = 2000
INCOMING = 100
THREADS = 4
CALLED_WITHIN = 40.0

DELIVERED, FAILED, BUFFERED, TAKEN, REFUSED = 1, 2, 4, 8, 16
"""Kannel's kinds of delivery report; 31 asks for all of them."""

pytestmark = [pytest.mark.real_peer("kannel"), pytest.mark.slow, pytest.mark.timeout(120)]


def send(kannel: Kannel, sink: Sink, letters: list[Letter]) -> list[int]:
    """Hand all letters over, from several threads; the HTTP statuses."""

    def send_some(some: list[Letter]) -> list[int]:
        door = kannel.door()
        try:
            return [kannel.sendsms(door, fields_of(letter, sink)) for letter in some]
        finally:
            door.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(chain.from_iterable(pool.map(send_some, [letters[first::THREADS] for first in range(THREADS)])))


def fields_of(letter: Letter, sink: Sink) -> Fields:
    report = f"{sink.url}/report?letter={letter.number}&type=%d&message_id=%F&to=%p"
    return {"from": letter.sender, "to": f"+{letter.to}", "dlr-mask": 31, "dlr-url": report, **letter.fields}


def reports_of(sink: Sink) -> dict[int, list[Callback]]:
    reports: dict[int, list[Callback]] = defaultdict(list)
    for callback in sink.at("/report"):
        reports[int(callback["letter"])].append(callback)
    return reports


def types_of(reports: list[Callback]) -> Counter[int]:
    return Counter(int(report["type"]) for report in reports)


@pytest.mark.parametrize("form", BINDS)
def test_kannel_sends_and_receives_every_message_once_and_as_written(form: str, tmp_path: Path) -> None:
    letters = list(Author(seed=17).letters(MESSAGES))
    assert len({letter.to for letter in letters}) == MESSAGES
    with serving(tmp_path) as served, sinking() as sink, gateway(tmp_path, served, sink, form) as kannel:
        assert sorted(session["bind"] for session in served.sessions()) == sorted(form.split(" + "))
        assert Counter(send(kannel, sink, letters)) == {202: MESSAGES}
        eventually(
            lambda: (
                len(reports_of(sink)) == MESSAGES
                and all(types_of(reports).keys() >= {TAKEN, DELIVERED} for reports in reports_of(sink).values())
            ),
            CALLED_WITHIN,
            "a report of every message",
            lambda: str(Counter(callback["type"] for callback in sink.at("/report"))),
        )
        written = write_as_subscribers(served)
        eventually(lambda: len(sink.at("/mo")) >= INCOMING, CALLED_WITHIN, "every message of a subscriber")
        eventually(lambda: is_quiet(served, sink), CALLED_WITHIN, "an end of all deliveries", kannel.log)
        reconcile_sent(served, sink, letters)
        reconcile_received(served, sink, written)
        reconcile_totals(served, sink)
        # Kannel's own opinion of what it was sent
        assert [line for line in kannel.log().splitlines() if "WARNING" in line or "ERROR" in line] == []


def write_as_subscribers(served: Served) -> dict[str, str]:
    """Let subscribers write; their texts by their numbers."""
    author = Author(seed=23)
    texts = author.texts()
    written = {}
    for count, number in enumerate(islice(numbers(AREAS[::-1]), INCOMING)):
        _, write, least, greatest = texts[count % len(texts)]
        written[number] = write(author.luck.randint(least, greatest))
        served.mo("12025550123", f"+{number}", written[number])
    return written


def is_quiet(served: Served, sink: Sink) -> bool:
    """Whether nothing more can come: all that the server delivered was acknowledged and has reached the application."""
    counters = served.get("/api/counters")
    events = counters["events"]
    called = Counter(int(callback["type"]) for callback in sink.at("/report"))
    return (
        counters["waiting"] == 0
        and events["receipt_sent"] == events["receipt_acknowledged"] <= called[DELIVERED] + called[BUFFERED]
        and events["mo_sent"] == events["mo_acknowledged"]
    )


def reconcile_sent(served: Served, sink: Sink, letters: list[Letter]) -> None:
    """Hold what was sent against what the server tells and what the application was told."""
    rows = {row["to"]: row for row in served.messages()}
    reports = reports_of(sink)
    wrong = []
    for letter in letters:
        row = rows.get(letter.to)
        if row is None:
            wrong.append(f"{letter}: no row")
            continue
        told = (row["from"], row["text"], row["segments"], row["state"])
        if told != (letter.sender.lstrip("+"), letter.text, letter.segments, "DELIVRD"):
            wrong.append(f"{letter}: {told}")
        types = types_of(reports[letter.number])
        if (types[TAKEN], types[DELIVERED], types[FAILED], types[REFUSED]) != (1, 1, 0, 0) or types[BUFFERED] > 1:
            wrong.append(f"{letter}: reports {dict(types)}")
        # only the first part of a long text asks for a receipt, and the application learns that part's id
        final = {report["message_id"].decode() for report in reports[letter.number] if int(report["type"]) == DELIVERED}
        if final != {row["parts"][0]["message_id"]}:
            wrong.append(f"{letter}: reported id {final}, sent {row['parts'][0]['message_id']}")
    assert not wrong, f"{len(wrong)} of {len(letters)}:\n" + "\n".join(wrong[:10])
    assert len(served.messages()) == len(letters) == len(reports)
    identifiers = [part["message_id"] for row in rows.values() for part in row["parts"]]
    assert len(set(identifiers)) == len(identifiers) == sum(letter.segments for letter in letters)


def reconcile_received(served: Served, sink: Sink, written: dict[str, str]) -> None:
    """Hold what Kannel handed to the application against what subscribers wrote."""
    arrived = {callback["from"].decode().lstrip("+"): callback for callback in sink.at("/mo")}
    assert len(arrived) == len(sink.at("/mo")) == INCOMING
    # DCS 8 comes as UTF-16, everything else as UTF-8
    read = {
        number: callback["text"].decode("utf-16-be" if callback["coding"] == b"2" else "utf-8")
        for number, callback in arrived.items()
    }
    assert read == written
    rows = served.messages(direction="mo")
    assert {row["from"]: (row["text"], row["segments"], row["state"]) for row in rows} == {
        number: (text, segments_of(text), "DELIVRD") for number, text in written.items()
    }
    assert len(rows) == INCOMING


def reconcile_totals(served: Served, sink: Sink) -> None:
    """Hold the server's counters against each other: every message accepted, nothing repeated, nothing astray."""
    counters = served.get("/api/counters")
    events = counters["events"]
    parts = sum(row["segments"] for row in served.messages())
    assert counters["answered"] == {"ESME_ROK": parts}
    assert counters["concluded"] == {"DELIVRD": parts}
    astray = (
        "receipt_failed",
        "mo_failed",
        "retry",
        "malformed",
        "refused_pdu",
        "timeout",
        "unexpected",
        "disconnected",
    )
    assert {name: events[name] for name in astray} == dict.fromkeys(astray, 0)
    assert events["mo_sent"] == sum(row["segments"] for row in served.messages(direction="mo"))
    assert Counter(int(callback["type"]) for callback in sink.at("/report"))[DELIVERED] == MESSAGES
