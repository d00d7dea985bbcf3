"""What is still to come of all that has happened: whether anything is, and in words what.

It counts what the SMSC knows, and waits for nothing. What a timeline does by itself, and links, it does not mind.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc


def pending(smsc: "Smsc", account: str | None = None) -> list[str]:
    """All that is still to come, a line for each kind of it; nothing where the SMSC is idle.

    Messages without an end, answers that are put off, deliveries that wait or were not answered yet; with ``account``
    those of this one alone. A message that was lost, and one that nobody ever answers, has nothing to come.
    """
    known = smsc.store.without_end().items()
    lines = [f"{count} messages of {name} without an end" for name, count in known if count and account in {None, name}]
    for session in smsc.sessions.values() if account is None else smsc.sessions_of(account):
        who = f"session {session.number} of {session.system_id or session.peer}"
        if session.window.late:
            lines.append(f"{session.window.late} answers to {who} are put off")
        unanswered = sum(delivery is not None for delivery in session.deliveries.values())
        if unanswered:
            lines.append(f"{unanswered} deliveries not answered by {who}")
    if waiting := smsc.waiting() if account is None else smsc.outbox(account).kept:
        lines.append(f"{waiting} deliveries wait for a receiver, their next attempt, a response or a scenario")
    return lines


__all__ = ["pending"]
