"""To which of an account's sessions something goes: the words of a scenario, and sessions.

It knows sessions and their binds; what is sent to them, or done to them, it does not know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc


def chosen(
    smsc: "Smsc", session: "Session | None", word: str | None, account: str | None, draw: float
) -> list["Session"]:
    """The open sessions that a scenario means by a word of SESSIONS, those longest here first.

    ``same``, ``any``, ``random``, ``oldest`` and ``newest`` are one; ``other``, ``all`` and a bind type as many as
    there are. ``session`` is the one that a rule was about: its account's are meant where no other is named, and it
    alone where it is bound to none. Without a session they are all accounts', and those of nobody yet.
    """
    if word is None:
        word = "same" if session is not None and account is None else "all"
    if session is not None and account is None and session.account is None:
        there = [session]
    elif word == "same" and session is not None and account is None:
        # what nearly every rule means, however many sessions there are
        return [session] if session.number in smsc.sessions else []
    else:
        there = list(smsc.sessions.values())
        name = account or (session.account.name if session is not None and session.account is not None else None)
        there = [one for one in there if name is None or (one.account is not None and one.account.name == name)]
    if word in {"same", "other"}:
        return [one for one in there if (one is session) == (word == "same")]
    if word in {"TX", "RX", "TRX"}:
        return [one for one in there if one.bind_type == word]
    # not the very draw that a delay is made of
    first = int(draw * 1024 % 1 * len(there)) if word == "random" else len(there) - 1 if word == "newest" else 0
    return there if word == "all" else there[first : first + 1]


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


__all__ = ["chosen", "meant"]
