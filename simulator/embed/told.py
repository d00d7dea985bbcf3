"""What a carrier-sim elsewhere tells, as the values that one of our own gives: messages, sessions, events, verdicts.

It knows the shapes of the control API's JSON, and asks nobody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.checks.findings import Exhibit, Finding
from simulator.smsc.memory.recall import SeenEvent, SeenMessage, SeenSession
from simulator.smsc.memory.truths import Fact
from simulator.smsc.memory.watch import Verdict

Json = Mapping[str, Any]


def moment(text: str) -> float:
    """A time of the API's in unix seconds."""
    return datetime.fromisoformat(text).timestamp()


def message_from(row: Json) -> SeenMessage:
    """A row. Its PDU is not told over HTTP."""
    parts = [_part_from(row, part) for part in row["parts"]]
    return _seen(row, int(row["id"]), row["data_coding"], parts[0].session if parts else 0, tuple(parts))


def _part_from(row: Json, part: Json) -> SeenMessage:
    whole = {**row, **{key: part[key] for key in part.keys() & row.keys()}, "done_at": None}
    return _seen(whole, int(row["id"]), row["data_coding"], part["session"], ())


def _seen(row: Json, number: int, data_coding: int, session: int, parts: tuple[SeenMessage, ...]) -> SeenMessage:
    truth, done_at = row["truth"], row["done_at"]
    return SeenMessage(
        number=number,
        direction=row["direction"],
        account=row["account"],
        message_id=row["message_id"] or "",
        source=row["from"],
        destination=row["to"],
        text=row["text"],
        state=row["state"],
        status=row["status"] or "",
        data_coding=data_coding,
        submitted_at=moment(row["submitted_at"]),
        done_at=None if done_at is None else moment(done_at),
        receipts_sent=row["receipts"]["sent"],
        receipts_acknowledged=row["receipts"]["acknowledged"],
        session=session,
        parts=parts,
        truth=None if truth is None else _fact_from(truth),
    )


def _fact_from(truth: Json) -> Fact:
    at = truth["at"]
    told = (truth["cause"] or "", truth["why"] or "", truth["network"] or "")
    return Fact(truth["state"], *told, None if at is None else moment(at))


def session_from(told: Json) -> SeenSession:
    """A session."""
    return SeenSession(
        number=told["id"],
        account=told["account"] or "",
        system_id=told["system_id"],
        bind_type=told["bind"] or "",
        state=told["state"],
        version=told["version"],
        peer=told["peer"],
        listener=told["listener"],
        is_bound=told["bind"] is not None and told["state"].startswith("BOUND"),
    )


def event_from(told: Json) -> SeenEvent:
    """An event. Of its message only the event's own words are told, not how it is at present."""
    return SeenEvent(told["number"], moment(told["at"]), told["kind"], told["session"], told["detail"], None)


def verdict_from(told: Json) -> Verdict:
    """A verdict with all its findings."""
    checks, expectations, quirks = (
        tuple(map(_finding_from, told[group])) for group in ("checks", "expectations", "quirks")
    )
    return Verdict(tuple(told["scenarios"]), checks, expectations, quirks)


def _finding_from(told: Json) -> Finding:
    evidence = tuple(
        Exhibit(one["event"], moment(one["at"]), one["session"], one["told"], bytes.fromhex(one.get("pdu", "")))
        for one in told["evidence"]
    )
    own = {key: told[key] for key in ("name", "level", "outcome", "reason", "seen", "failures")}
    return Finding(**own, evidence=evidence, is_truncated=told["truncated"])


__all__ = ["event_from", "message_from", "moment", "session_from", "verdict_from"]
