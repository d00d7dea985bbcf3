"""To which of an account's sessions something goes: the words of a scenario, and sessions.

It knows sessions and their binds; what is sent to them, or done to them, it does not know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc


def sessions_for(
    smsc: "Smsc",
    word: str,
    accounts: Callable[[str], bool],
    session: "Session | None",
    draw: Callable[[str], float],
) -> "list[Session]":
    """The sessions that ``word`` means (scenario/forms.py SESSIONS), in the order in which they came.

    ``accounts`` tells whose sessions may be meant, ``session`` is the one that all this is about, if there is one.
    Only bound sessions are meant, but for `same`, which may be on its way. None at all where there is none now.
    """
    if word == "same":
        return [session] if session is not None and session.is_open else []
    bound = [
        one
        for one in smsc.sessions.values()
        if one.is_open and one.account is not None and one.connection.is_bound and accounts(one.account.name)
    ]
    match word:
        case "other":
            bound = [one for one in bound if one is not session][:1]
        case "any" | "oldest":
            bound = bound[:1]
        case "newest":
            bound = bound[-1:]
        case "random":
            bound = [bound[int(draw("session") * len(bound))]] if bound else []
        case "TX" | "RX" | "TRX":
            bound = [one for one in bound if one.bind_type == word][:1]
        case "next_bound":
            # whoever asks waits for the event
            bound = []
        case _:
            pass
    return bound


__all__ = ["sessions_for"]
