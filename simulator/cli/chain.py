"""How `carrier-sim explain` prints what networks say of a message, and reads `--at`. It decides nothing of either."""

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from simulator.sms.receipts import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from simulator.smsc.play.rehearsal import Rehearsal, Sent

MOMENTS: Final = "a time of day as in 23:00, behind it a zone as in America/Los_Angeles, or ISO 8601"


def moment_of(text: str, start: float) -> float:
    """Carrier time (unix seconds) of `23:00`, `23:00 America/Los_Angeles` (of the day of ``start``) or ISO 8601.

    What names no zone is UTC. Raises ValueError for what is none.
    """
    words = text.split()
    zone = UTC if len(words) < 2 else _zone(words[-1], text)
    spelled = words[0] if len(words) in (1, 2) else ""
    try:
        clock = time.fromisoformat(spelled)
    except ValueError:
        return _whole(spelled, zone, text)
    day = datetime.fromtimestamp(start, zone).date()
    return datetime.combine(day, clock, clock.tzinfo or zone).timestamp()


def _whole(spelled: str, zone: Any, text: str) -> float:
    try:
        moment = datetime.fromisoformat(spelled)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"--at: {text!r}, must be {MOMENTS}") from None


def _zone(name: str, text: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"--at: {text!r}, must be {MOMENTS}") from None


def show_chain(told: "Rehearsal", console: "Console") -> None:
    """Print who and what the message meets, in the order in which it does."""
    from rich.text import Text

    asked = told.chain
    if asked is None:
        return
    sections = [("", [(*one, "") for one in _facts(asked)])]
    is_over = False
    for one in asked["networks"]:
        rows = []
        for step in one["steps"]:
            # what stands behind the first no is never asked: the answer is what would be said
            end = "not asked" if is_over else step["end"]
            named = " ".join(filter(None, (step["question"], step["name"])))
            rows.append((f"  {end}", named, step["answer"]))
            is_over = is_over or step["end"] == "stops"
        sections.append((f"{one['name']}{', a hub' if one['is_hub'] else ''}", rows))
    sections.append(("", [(*one, "") for one in _ends(asked, told)]))
    for title, rows in sections:
        console.print()
        if title:
            console.print(Text(title, style="bold"))
        for line in _columns(rows):
            style = "bold red" if line.startswith("  stops") else "dim" if line.startswith("  not asked") else ""
            console.print(Text(line, style=style), soft_wrap=True)


def _columns(rows: "Sequence[tuple[str, str, str]]") -> "Iterator[str]":
    """Lines of equal columns, without spaces at their ends."""
    widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
    for first, second, third in rows:
        yield f"{first:<{widths[0]}}  {second:<{widths[1]}}  {third}".rstrip()


def _facts(asked: dict[str, Any]) -> "Iterator[tuple[str, str]]":
    yield "at", _moment(asked["at"], asked["to"]["country"])
    yield "from", _number(asked["from"])
    to = asked["to"]
    network = f"; network {to['network']}" if to["network"] else ""
    ported = ", ported to it" if to["is_ported"] else ""
    yield "to", f"{_number(to)}{network}{ported}{'; a landline' if to['is_landline'] else ''}"
    if asked["why"]:
        yield "no way", asked["why"]
    registration = asked["registration"]
    if registration is not None:
        yield "registration", _registered(registration)


def _moment(at: float, country: str | None) -> str:
    shown = datetime.fromtimestamp(at, UTC)
    # the days of the carriers' limits there
    there = f", {shown.astimezone(ZoneInfo('America/Los_Angeles')):%Y-%m-%d %H:%M} in Los Angeles"
    return f"{shown:%Y-%m-%d %H:%M:%S} UTC{there if country in ('US', 'CA') else ''}"


def _number(number: dict[str, Any]) -> str:
    if number["why"]:
        return str(number["why"])
    country = f" of {number['country']}" if number["country"] else ""
    return f"{number['number']}, {number['kind'].replace('_', ' ')}{country}"


def _registered(one: dict[str, Any]) -> str:
    words = [one["status"].replace("_", " ")]
    if one["campaign"]:
        words.append(f"campaign {one['campaign']} ({one['use_case']})")
    if one["brand"]:
        score = "no score" if one["score"] is None else f"score {one['score']}"
        words.append(f"brand {one['brand']} ({score})")
    if one["att_class"]:
        words.append(f"class {one['att_class']}")
    if one["tier"]:
        words.append(f"tier {one['tier']}")
    return ", ".join(words)


def _ends(asked: dict[str, Any], told: "Rehearsal") -> "Iterator[tuple[str, str]]":
    if asked["phone"]:
        yield "phone", asked["phone"]
    truth = asked["truth"]
    if truth is not None:
        cause = ": ".join(filter(None, (truth["cause"], truth["why"] if truth["why"] != truth["cause"] else None)))
        where = f" at {truth['network']}" if truth["network"] else ""
        yield "in truth", f"{truth['state'] or 'lost'}{where}{f', {cause}' if cause else ''}"
        if truth["codes"]:
            yield "platforms", ", ".join(f"{platform} {code}" for platform, code in truth["codes"].items() if code)
        if truth["retry"]:
            yield "then", truth["retry"]
    receipts = [line for one in told.sent if one is not told.answer and (line := _receipt(one))]
    for line in receipts:
        yield "receipt", line
    if not receipts:
        yield "receipt", "none"


def _receipt(sent: "Sent") -> str:
    """A receipt in one line; empty for what is none."""
    octets = next((one.value for one in sent.pdu.fields if one.name == "short_message"), b"")
    read = parse(octets.decode("latin-1")) if isinstance(octets, bytes) else None
    return "" if read is None else f"{read.stat} err:{read.err} after {sent.after:.3g} s"


__all__ = ["moment_of", "show_chain"]
