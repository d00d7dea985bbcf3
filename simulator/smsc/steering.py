"""To which of an account's sessions something goes: the words of a scenario, and sessions.

It knows sessions and their binds; what is sent to them, or done to them, it does not know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

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
    found = meant(word, bound, session, draw)
    return found[:1] if word in ONE_OF_THEM else found


ONE_OF_THEM: Final = frozenset({"other", "any", "oldest", "newest", "random", "TX", "RX", "TRX"})
"""Words that mean one session, and not all that it may be."""


def meant(
    word: str, bound: "list[Session]", session: "Session | None", draw: Callable[[str], float]
) -> "list[Session]":
    """Those of ``bound`` that the word means; where it means one, in the order in which they are to be tried."""
    match word:
        case "same":
            return [one for one in bound if one is session]
        case "other":
            return [one for one in bound if one is not session]
        case "newest":
            return bound[::-1]
        case "random":
            first = int(draw("session") * len(bound))
            return bound[first:] + bound[:first]
        case "TX" | "RX" | "TRX":
            return [one for one in bound if one.bind_type == word]
        case "next_bound":
            # whoever asks waits for the event
            return []
        case _:
            return bound


__all__ = ["ONE_OF_THEM", "meant", "sessions_for"]
