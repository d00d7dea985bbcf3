"""What `carrier-sim explain` prints: a rehearsal of one message, as a person reads it and as JSON. Knows no command."""

from typing import TYPE_CHECKING, Any, Final

from simulator.cli.chain import show_chain
from simulator.cli.pdus import shown_pdu
from simulator.smpp.constants import TlvTag, status_name
from simulator.smpp.dissect import as_json
from simulator.smpp.errors import LocalError
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import DataSm, SubmitMulti, SubmitSm
from simulator.smpp.tlvs import Tlv, make, tlv_tag
from simulator.sms.alphabets import choose, encode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from simulator.scenario.explain import Asked
    from simulator.smpp.pdus import Pdu
    from simulator.smpp.tlvs import Book
    from simulator.smsc.play.rehearsal import Rehearsal, Sent

COMMANDS: Final = ("submit_sm", "data_sm", "submit_multi")
SHORT_MAX: Final = 254
"""Octets of a short_message (SMPP 3.4, 5.2.22)."""
MISSES_MAX: Final = 20
"""Rules that were not meant, of which it is told why; the nearest ones."""


def request_from(
    command: str,
    ends: tuple[str, str],
    text: str,
    data_coding: int | None,
    *,
    book: "Book",
    tlvs: "Sequence[str]" = (),
) -> "Callable[[], Pdu]":
    """What makes the request, anew each time; ``ends`` are its source and destination.

    Raises ValueError naming the option.
    """
    if command not in COMMANDS:
        raise ValueError(f"--command: {command!r}, must be {', '.join(COMMANDS)}")
    coding = choose(text)[0] if data_coding is None else data_coding
    if not 0 <= coding <= 0xFF:
        raise ValueError(f"--data-coding: {coding}, must be 0 to 255")
    try:
        octets = encode_text(text, coding)
    except UnicodeEncodeError as error:
        raise ValueError(f"--text: {text[error.start]!r} has no place in data_coding {coding}") from error
    made = [_tlv(one, book) for one in tlvs]
    if command == "data_sm" or len(octets) > SHORT_MAX:
        made.append(Tlv(TlvTag.MESSAGE_PAYLOAD, octets))
        octets = b""
    (source, source_ton), (to, ton) = map(_address, ends)
    common: dict[str, Any] = {"source_addr_ton": source_ton, "source_addr_npi": 1, "source_addr": source}
    common |= {"data_coding": coding, "registered_delivery": 1, "tlvs": tuple(made)}
    if command == "submit_multi":
        common |= {"dest_address": (SmeAddress(ton, 1, to),), "short_message": octets}
        return lambda: SubmitMulti(**common)
    common |= {"dest_addr_ton": ton, "dest_addr_npi": 1, "destination_addr": to}
    if command == "data_sm":
        return lambda: DataSm(**common)
    return lambda: SubmitSm(**common, short_message=octets)


def _address(number: str) -> tuple[str, int]:
    """The digits and the type of number: alphanumeric where there are none."""
    bare = number.removeprefix("+")
    return (bare, 1) if bare.isdigit() else (bare, 5)


def _tlv(text: str, book: "Book") -> Tlv:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--tlv: {text!r}, must be NAME=VALUE")
    try:
        tag = tlv_tag(name, book)
        definition = book.get(tag)
        if definition is None or definition.kind == "octets":
            return Tlv(tag, bytes.fromhex(value))
        return make(tag, int(value, 0) if definition.kind == "int" else value, book)
    except (LocalError, ValueError) as error:
        raise ValueError(f"--tlv: {text!r}: {error}") from error


def verdict_of(told: "Rehearsal") -> str:
    """In one line, what becomes of the message."""
    message = told.message
    if not told.is_bound:
        return f"{told.account} is not bound by these scenarios, so that no message comes to be submitted"
    if message is None:
        return "never recorded: the connection ended before"
    if told.answer is None:
        fate = f"is {message.state}" if message.message_id else "is not taken"
        return f"never answered, and {fate}"
    status = told.answer.pdu.command_status or 0
    taken = f"taken, and ends as {message.state}" if message.message_id else "refused"
    return f"{taken}; answered {status_name(status)} after {told.answer.after:g} s"


def explained(told: "Rehearsal", names: "Sequence[str]") -> dict[str, Any]:
    """All of it as plain values."""
    explanation = told.explanation
    return {
        "account": told.account,
        "verdict": verdict_of(told),
        "rules": [] if explanation is None else [_asked_json(one, names) for one in explanation.asked],
        "others": 0 if explanation is None else explanation.others,
        "answer": None if told.answer is None else _sent_json(told.answer),
        "sent": [_sent_json(one) for one in told.sent if one is not told.answer],
        "later": [{"event": key, "rule": name} for key, name in told.later],
        "closed_after": told.closed_after,
        "chain": told.chain,
    }


def _asked_json(asked: "Asked", names: "Sequence[str]") -> dict[str, Any]:
    rule = asked.rule
    return {
        "name": rule.name,
        "file": None if rule.scenario is None else names[rule.scenario],
        "place": rule.place,
        "outcome": asked.outcome,
        "slots": list(asked.slots),
        "differences": [one._asdict() for one in asked.differences],
    }


def _sent_json(sent: "Sent") -> dict[str, Any]:
    return {"after": round(sent.after, 6), "pdu": as_json(sent.pdu)}


def show(told: "Rehearsal", names: "Sequence[str]", console: "Console", *, is_brief: bool = False) -> None:
    """Print it: the verdict, what networks say, the rules, and unless ``is_brief`` the PDUs."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text(verdict_of(told), style="bold"))
    show_chain(told, console)
    explanation = told.explanation
    if explanation is not None:
        table = Table("rule", "", "", box=None, pad_edge=False)
        for asked in (*explanation.fired, *explanation.taken, *explanation.missed[:MISSES_MAX]):
            table.add_row(*map(Text, _row(asked, names)))
        if table.row_count:
            console.print(table)
        far = len(explanation.missed) - MISSES_MAX
        if far > 0:
            console.print(f"and {far:,} others, which are farther from being meant")
        if explanation.others:
            console.print(f"about other commands and events: {explanation.others} more")
    for key, name in told.later:
        console.print(Text(f"later, {key}: {name} fires"))
    for line in () if is_brief else _pdus(told):
        console.print(Text(line), soft_wrap=True)


def _row(asked: "Asked", names: "Sequence[str]") -> tuple[str, str, str]:
    rule = asked.rule
    where = rule.place if rule.scenario is None else f"{names[rule.scenario]}: {rule.place}"
    name = where if rule.name == rule.place else f"{rule.name} ({where})"
    if asked.outcome == "fired":
        return name, "fills", ", ".join(asked.slots) or "what it does beside"
    if asked.outcome == "taken":
        return name, "is silent", "rules before it have filled all its slots"
    missed = "; ".join(f"{one.field}: wanted {one.wanted}, got {one.got}" for one in asked.differences)
    return name, "is not meant", missed


def _pdus(told: "Rehearsal") -> "Iterator[str]":
    for one in told.sent:
        what = "the answer" if one is told.answer else "sent"
        yield f"\n{what}, {one.after:g} s after the message"
        yield shown_pdu(one.pdu).rstrip("\n")
    if told.closed_after is not None:
        yield f"\nthe connection ends after {told.closed_after:g} s"


__all__ = ["explained", "request_from", "show", "verdict_of"]
