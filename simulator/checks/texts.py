"""coding_fits_octets and udh_sets_whole: whether a text's octets are what its PDU says they are.

It knows alphabets and headers. A part counts as having come even where it was refused: it came.
"""

from typing import Any, Final

from simulator.checks.watched import Family, raw_of
from simulator.journal import SUBMITTED
from simulator.sms.alphabets import Alphabet, alphabet_of

SET_SPAN: Final = 60.0
"""Seconds of link time within which all parts of a text must have come."""
SETS_MAX: Final = 10_000
"""Unfinished texts that are watched, and finished ones that are remembered; beyond it the oldest is forgotten."""
UDHI: Final = 0x40
TEXT_LEAST: Final = 8
"""Octets from which on it can be told that UCS2 is plain ASCII."""

_LETTERS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz ")
_CONCATENATIONS: Final = {0x00: 3, 0x08: 4}
"""Information elements of a text in parts and their sizes (3GPP 23.040, 9.2.3.24.1 and 9.2.3.24.8)."""

_Key = tuple[str, str, str, str, int]


class _Set:
    """The parts of one text that have come."""

    __slots__ = ("began_at", "octets", "raw", "session", "total")

    def __init__(self, message: Any) -> None:
        self.total: int = message.part.total
        self.began_at: float = message.arrived_at
        self.octets: dict[int, int] = {}
        """The hash of each part's octets, by its number."""
        self.session: int = message.session
        self.raw = raw_of(message)


class Texts(Family):
    """The texts of all submissions, and the unfinished ones among them."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SUBMITTED: self._submitted}

    def clear(self) -> None:
        """Forget everything."""
        self._sets: dict[_Key, _Set] = {}
        self._whole: dict[_Key, _Set] = {}
        """Those of which all parts have come: one that was refused may come again."""
        self._at = 0.0
        """Carrier time of the last submission."""

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._at = at
        self._judge_old(message.arrived_at)
        octets = message.user_data
        if octets:
            wrong = contradiction(message.data_coding, octets)
            if wrong:
                told = f"data_coding {message.data_coding}: {wrong}"
                self.checks["coding_fits_octets"].failed(told, at, session, raw_of(message))
            else:
                self.checks["coding_fits_octets"].passed()
        if message.pdu.esm_class & UDHI:
            wrong = _wrong_header(message)
            if wrong:
                self.checks["udh_sets_whole"].failed(wrong, at, session, raw_of(message))
        if message.part is not None and message.part.total > 1:
            self._part(message, at, session)

    def _part(self, message: Any, at: float, session: int) -> None:
        part, check = message.part, self.checks["udh_sets_whole"]
        key = (message.account, message.source.number, message.destination.number, part.kind, part.reference)
        one, whole, octets = self._sets.get(key), self._whole.get(key), hash(message.octets)
        if one is None and whole is not None and whole.octets.get(part.number) == octets:
            return
        if one is None:
            one = self._sets[key] = _Set(message)
            if len(self._sets) > SETS_MAX:
                del self._sets[next(iter(self._sets))]
                check.is_truncated = True
        elif one.total != part.total:
            told = f"reference {part.reference}: a part of {part.total}, and before it one of {one.total}"
            check.failed(told, at, session, raw_of(message))
            self._sets[key] = one = _Set(message)
        one.octets[part.number] = octets
        if len(one.octets) == one.total:
            check.passed()
            del self._sets[key]
            # it is the last of them now, so that the first is the first to be forgotten
            self._whole.pop(key, None)
            self._whole[key] = one
            if len(self._whole) > SETS_MAX:
                del self._whole[next(iter(self._whole))]

    def _judge_old(self, now: float) -> None:
        # they stand in the order in which they began, but for those that began anew
        while self._sets:
            key, one = next(iter(self._sets.items()))
            if now - one.began_at <= SET_SPAN:
                return
            missing = ", ".join(str(n) for n in range(1, one.total + 1) if n not in one.octets)
            told = f"reference {key[4]}: of {one.total} parts {missing} did not come within {SET_SPAN:.0f} s"
            self.checks["udh_sets_whole"].failed(told, self._at, one.session, one.raw)
            del self._sets[key]

    def settle(self) -> None:
        """Judge what time alone decides, now."""
        self._judge_old(self.clock())


def contradiction(data_coding: int, octets: bytes) -> str:
    """What is wrong with these octets as a text of that data_coding; empty where nothing can be told."""
    alphabet = alphabet_of(data_coding)
    if alphabet is Alphabet.UCS2:
        if len(octets) % 2:
            return f"{len(octets)} octets, UCS2 needs an even number"
        if len(octets) >= TEXT_LEAST and sum(octet in _LETTERS for octet in octets) * 5 >= len(octets) * 4:
            return "the octets read as ASCII, not as UCS2"
        return ""
    if alphabet not in {Alphabet.GSM7, Alphabet.ASCII, Alphabet.LATIN1}:
        return ""
    if len(octets) >= 4 and not len(octets) % 2 and not any(octets[::2]) and all(octets[1::2]):
        return "the octets read as UCS2"
    if max(octets) < 0x80:
        return ""
    if _is_utf8(octets):
        return "the octets read as UTF-8"
    if alphabet is Alphabet.LATIN1:
        return ""
    wrong = next(octet for octet in octets if octet >= 0x80)
    return f"octet 0x{wrong:02X} is no character of {'ASCII' if alphabet is Alphabet.ASCII else 'the GSM alphabet'}"


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong_header(message: Any) -> str:
    header = message.header
    if header is None:
        return "esm_class has UDHI set, but the user data begins with no header"
    told = [octets for identifier, octets in header.elements if identifier in _CONCATENATIONS]
    if told and header.part is None:
        return f"the header tells of a part that cannot be: {told[-1].hex()}"
    return ""
