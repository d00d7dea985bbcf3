"""How many of one ESME's requests are unanswered, and whether one more may be. It knows counts and terms, no PDU."""

from simulator.smsc.terms import Terms


class Window:
    """The ESME's window as its SMSC sees it.

    All requests of one batch were sent before any answer of this batch could arrive, so they count as unanswered
    together; beside them count those of earlier batches that will be answered late.
    """

    __slots__ = ("_in_batch", "_late", "holds", "is_counted")

    def __init__(self) -> None:
        self._in_batch = 0
        self._late = 0
        self.holds = 0
        """How many limits have had enough for now: meanwhile nothing is read, whatever room there is."""
        self.is_counted = False
        """Whether the request that is being dealt with was counted when it came."""

    @property
    def unanswered(self) -> int:
        """How many of the ESME's requests are unanswered, as far as they were counted."""
        return self._in_batch + self._late

    @property
    def late(self) -> int:
        """How many requests wait for an answer that was put off."""
        return self._late

    def begin_batch(self) -> None:
        """What was answered at once is answered by now."""
        self._in_batch = 0

    def count(self) -> None:
        """Count one more request that nothing limits."""
        self._in_batch += 1

    def excess(self, terms: Terms) -> int:
        """Count one more request: what is done where it is one too many (a status, or of WINDOW_DEEDS), else 0."""
        self._in_batch += 1
        if terms.window is None or terms.window_status is None:
            return 0
        return terms.window_status if self._late + self._in_batch > terms.window else 0

    def defer(self, terms: Terms) -> bool:
        """The request counted last will be answered late; whether nothing more may be read until one of those was."""
        self._in_batch -= 1
        self._late += 1
        return self.is_full(terms)

    def is_full(self, terms: Terms) -> bool:
        """Whether nothing more may be read until one of the late answers was given, or a hold is over."""
        if self.holds:
            return True
        return terms.window is not None and terms.window_status is None and self._late >= terms.window

    def answered_late(self) -> None:
        """One of the late answers was given."""
        self._late -= 1

    def fullness(self, terms: Terms) -> float:
        """How much of the window is used, from 0.0 to 1.0; a window without bounds is never used."""
        return 0.0 if terms.window is None else min(1.0, (self._late + self._in_batch) / terms.window)
