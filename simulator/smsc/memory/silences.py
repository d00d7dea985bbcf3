"""What is shown of a message that was never answered: no status, and where it was not taken either a word of its own.

Inside it is REFUSED with no status, like all that never had a fate. It knows messages, and nothing of who is shown.
"""

from typing import Final

from simulator.carrier.messages import REFUSED
from simulator.smsc.memory.history import Group, Row
from simulator.smsc.translate import Incoming, Submission

UNANSWERED: Final = "UNANSWERED"
"""Shown as the state of what was neither taken nor refused: its sender has heard nothing."""


def is_unanswered(message: Submission) -> bool:
    """Whether a rule, or the window, has kept the answer to it back for ever."""
    if message.status:
        return False
    decision = None if message.fate is None else message.fate.decision
    return message.state == REFUSED or (decision is not None and decision.silence is not None)


def shown_state(row: Row) -> str:
    """The state of a row or of a part as its readers are told it."""
    if row.state != REFUSED:
        return row.state
    parts = row.parts.values() if isinstance(row, Group) else (row,)
    refused = [one for one in parts if isinstance(one, Submission) and one.state == REFUSED]
    return UNANSWERED if refused and all(map(is_unanswered, refused)) else REFUSED


def shown_status(message: Submission | Incoming) -> int | None:
    """The command_status that it was answered with; None where nobody answers."""
    return None if isinstance(message, Incoming) or is_unanswered(message) else message.status


__all__ = ["UNANSWERED", "is_unanswered", "shown_state", "shown_status"]
