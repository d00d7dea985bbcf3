"""Does what was sent, answered, receipted and kept agree? Facts of both sides in, differences in words out.

It believes nobody: the ESMEs wrote down what they sent and got, the SMSC's API tells what it kept, and everything is
matched by message_id and by text. It holds no socket and no clock, and it does NOT know how the facts were gathered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from scripts.letters import Letter
from simulator.smpp.constants import status_name
from simulator.sms.segments import Part, join

DELIVERED: Final = "DELIVRD"
Row = Mapping[str, Any]
"""A row of GET /api/messages."""


class Submitted(NamedTuple):
    """One submit_sm that an ESME sent; ``letter`` is the number of what it carries, ``part`` 1 of ``total``."""

    link: str
    sequence: int
    letter: int
    part: int
    total: int
    at: float


class Answered(NamedTuple):
    """One submit_sm_resp that an ESME got."""

    link: str
    sequence: int
    status: int
    message_id: str
    at: float


class Receipted(NamedTuple):
    """One delivery receipt that an ESME got; ``tlv_id`` is its receipted_message_id."""

    account: str
    link: str
    message_id: str
    tlv_id: str
    stat: str
    at: float


class MoSegment(NamedTuple):
    """One deliver_sm with (a part of) a subscriber's message; ``octets`` without the header."""

    account: str
    link: str
    source: str
    destination: str
    part: Part | None
    data_coding: int
    octets: bytes


@dataclass(slots=True)
class Ledger:
    """Everything that was written down during a run, in the order it happened on each link.

    The ESMEs' threads only append, so they need no lock.
    """

    letters: Sequence[Letter]
    mo_sent: list[Letter] = field(default_factory=list)
    submitted: list[Submitted] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    receipted: list[Receipted] = field(default_factory=list)
    mo_segments: list[MoSegment] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What went wrong in words: a bind refused, a link lost, a PDU that could not be read."""


def mo_received(segments: Iterable[MoSegment]) -> tuple[list[Letter], list[str]]:
    """The subscribers' messages that are whole (language unknown), and in words those that are not."""
    letters: list[Letter] = []
    groups: dict[tuple[str, str, str, int, int], list[MoSegment]] = defaultdict(list)
    for one in segments:
        if one.part is None:
            text = join({1: one.octets}, one.data_coding)
            letters.append(Letter(one.account, one.source, one.destination, "", text))
        else:
            groups[one.account, one.source, one.destination, one.part.reference, one.part.total].append(one)
    incomplete = []
    for (account, source, destination, _, total), group in groups.items():
        by_number = {one.part.number: one for one in group if one.part is not None}
        if len(by_number) < total or len(group) > total:
            numbers = " ".join(str(one.part.number) for one in group if one.part is not None)
            incomplete.append(f"MO from {source} to {account}: of {total} parts came {numbers}")
            continue
        text = join(
            {number: one.octets for number, one in by_number.items()},
            {number: one.data_coding for number, one in by_number.items()},
        )
        letters.append(Letter(account, source, destination, "", text))
    return letters, incomplete


def reconcile(ledger: Ledger, rows: Sequence[Row]) -> list[str]:
    """All differences, in words; none when everything that was sent came out where it should, once and unchanged."""
    return [
        *ledger.failures,
        *_answers(ledger),
        *_receipts(ledger),
        *_rows(ledger, rows),
        *_mo(ledger),
    ]


def _named(ledger: Ledger, one: Submitted) -> str:
    letter = ledger.letters[one.letter]
    part = f" part {one.part} of {one.total}" if one.total > 1 else ""
    return f"{letter.account} to {letter.destination} (submit {one.sequence} on {one.link}){part}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _answers(ledger: Ledger) -> Iterator[str]:
    """Every letter is submitted; every submit_sm is answered once, by ESME_ROK, with an id of its own."""
    unsent = set(range(len(ledger.letters))) - {one.letter for one in ledger.submitted}
    for number in sorted(unsent):
        yield f"{ledger.letters[number].account} to {ledger.letters[number].destination}: never submitted"
    answers: dict[tuple[str, int], list[Answered]] = defaultdict(list)
    for answer in ledger.answered:
        answers[answer.link, answer.sequence].append(answer)
    for one in ledger.submitted:
        found = answers.pop((one.link, one.sequence), [])
        if len(found) != 1:
            yield f"{_named(ledger, one)}: " + (f"answered {_times(len(found))}" if found else "never answered")
        for answer in found:
            if answer.status:
                yield f"{_named(ledger, one)}: answered by {status_name(answer.status)}"
            elif not answer.message_id:
                yield f"{_named(ledger, one)}: answered without a message_id"
    for (link, sequence), found in answers.items():
        yield f"{link}: {len(found)} answers to sequence_number {sequence}, which was never sent"
    for message_id, count in Counter(one.message_id for one in _accepted(ledger)).items():
        if count > 1:
            yield f"message_id {message_id}: given {_times(count)}"


def _accepted(ledger: Ledger) -> list[Answered]:
    return [one for one in ledger.answered if not one.status and one.message_id]


def by_message_id(ledger: Ledger) -> dict[str, tuple[Submitted, Answered]]:
    """Each accepted submit_sm with its answer, by message_id."""
    submits = {(one.link, one.sequence): one for one in ledger.submitted}
    return {
        answer.message_id: (submits[answer.link, answer.sequence], answer)
        for answer in _accepted(ledger)
        if (answer.link, answer.sequence) in submits
    }


def _receipts(ledger: Ledger) -> Iterator[str]:
    """Every id has one receipt: DELIVRD, to the account that sent the message, the same id in text and TLV."""
    known = by_message_id(ledger)
    receipts: dict[str, list[Receipted]] = defaultdict(list)
    for receipt in ledger.receipted:
        receipts[receipt.message_id].append(receipt)
        if receipt.tlv_id != receipt.message_id:
            yield f"receipt of {receipt.message_id}: receipted_message_id is {receipt.tlv_id!r}"
    for message_id, (one, _) in known.items():
        found = receipts.pop(message_id, [])
        if len(found) != 1:
            yield f"{_named(ledger, one)}, id {message_id}: " + (f"{len(found)} receipts" if found else "no receipt")
        for receipt in found:
            if receipt.stat != DELIVERED:
                yield f"{_named(ledger, one)}, id {message_id}: receipt says {receipt.stat}"
            if receipt.account != ledger.letters[one.letter].account:
                yield f"{_named(ledger, one)}, id {message_id}: receipt went to {receipt.account}"
    for message_id, found in receipts.items():
        yield f"{found[0].link}: {len(found)} receipts for id {message_id}, which nobody was given"


def _rows(ledger: Ledger, rows: Sequence[Row]) -> Iterator[str]:
    """Every letter is one row of the SMSC's, with its text, its numbers, all its ids, DELIVRD; and no other row is."""
    sent_ids: dict[int, list[str]] = defaultdict(list)
    letters_of: dict[str, int] = {}
    for message_id, (one, _) in by_message_id(ledger).items():
        sent_ids[one.letter].append(message_id)
        letters_of[message_id] = one.letter
    rows_of: Counter[int] = Counter()
    for row in rows:
        ids = [part["message_id"] for part in row["parts"]]
        numbers = {letters_of.get(message_id) for message_id in ids}
        number = numbers.pop() if len(numbers) == 1 else None
        if number is None:
            yield f"row {row['id']} to {row['to']}: its ids belong to no single message that was sent"
            continue
        rows_of[number] += 1
        if sorted(ids) != sorted(sent_ids[number]):
            yield f"{_where(ledger.letters[number], row)}: {len(ids)} parts, not those that were sent"
        yield from _row(ledger.letters[number], row)
    for number in sent_ids:
        if rows_of[number] != 1:
            letter = ledger.letters[number]
            yield f"{letter.account} to {letter.destination}: {rows_of[number]} rows in /api/messages"


def _where(letter: Letter, row: Row) -> str:
    return f"{letter.account} to {letter.destination}, row {row['id']}"


def _row(letter: Letter, row: Row) -> Iterator[str]:
    where = _where(letter, row)
    if row["text"] != letter.text:
        yield f"{where}: text is {_first_difference(letter.text, row['text'])}"
    if row["state"] != DELIVERED:
        yield f"{where}: state is {row['state']}"
    if row["account"] != letter.account:
        yield f"{where}: account is {row['account']}"
    if (row["from"], row["to"]) != (letter.source, letter.destination):
        yield f"{where}: is of {row['from']}, {row['to']}; was of {letter.source}, {letter.destination}"


def _first_difference(sent: str, found: str) -> str:
    """Both texts from a little before where they part, in ASCII: a terminal may not show what differs."""
    same = next((at for at, (a, b) in enumerate(zip(sent, found, strict=False)) if a != b), min(len(sent), len(found)))
    start = max(0, same - 5)
    return f"{found[start : same + 15]!a} instead of {sent[start : same + 15]!a} at character {same + 1}"


def _mo(ledger: Ledger) -> Iterator[str]:
    """Every subscriber's message arrives once, whole and unchanged; nobody else's does."""
    letters, incomplete = mo_received(ledger.mo_segments)
    yield from incomplete
    received: dict[tuple[str, str], list[Letter]] = defaultdict(list)
    for letter in letters:
        received[letter.source, letter.destination].append(letter)
    for sent in ledger.mo_sent:
        found = received.pop((sent.source, sent.destination), [])
        where = f"MO from {sent.source} to {sent.account}"
        if len(found) != 1:
            yield f"{where}: " + (f"came {_times(len(found))}" if found else "never came whole")
        for letter in found:
            if letter.text != sent.text:
                yield f"{where}: text is {_first_difference(sent.text, letter.text)}"
            if letter.account != sent.account:
                yield f"{where}: went to {letter.account}"
    for (source, destination), found in received.items():
        yield f"MO from {source} to {destination}: {len(found)} that nobody sent"
