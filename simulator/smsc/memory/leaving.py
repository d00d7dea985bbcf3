"""One account starts over, and no other one notices: what waits for it is forgotten, what it has sent has no future.

It knows messages and where they wait. What was counted of them, and who asks, it does not know. What belongs to all
accounts goes on: the clock, luck, phones, networks' limits, and what a scenario keeps in piles.
"""

from typing import TYPE_CHECKING, Any

from simulator.smsc.memory.history import parts_of
from simulator.smsc.translate import Incoming, Submission

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc


def forget_account(smsc: "Smsc", account: str, now: float) -> None:
    """Nothing from before is delivered to this account's sessions afterwards; they stay bound."""
    smsc.agenda.forget(lambda subject: _account_of(subject) == account)
    smsc.deliveries.forget(account)
    for session in smsc.sessions.values():
        if session.account is not None and session.account.name == account:
            session.deliveries = dict.fromkeys(session.deliveries)
            session.submitted = 0
    waiting = [part for row in smsc.history.newest_first() for part in parts_of(row) if part.account == account]
    waiting += [message for message in smsc.history.outliving if message.account == account]
    for message in waiting:
        if not message.is_final and not message.status:
            message.plan, message.step = (), 0
            smsc.carrier.subscribers.let_go(message)
            smsc.store.abandon(message)
            if message in smsc.history.outliving:
                smsc.history.outliving.remove(message)
                smsc.store.forget(message)
    known = smsc.accounts.get(account)
    if known is not None and known.throttle is not None:
        known.throttle.reset()
    # last, for a session that reads on once it is answered does so after the reset
    smsc.transactions.reset(now, account)


def _account_of(subject: Any) -> str | None:
    """Whose message an item of the agenda is about, where it is about one."""
    if isinstance(subject, tuple) and subject:
        subject = subject[0]
    message = subject if isinstance(subject, Submission | Incoming) else getattr(subject, "message", None)
    return message.account if isinstance(message, Submission | Incoming) else None


__all__ = ["forget_account"]
