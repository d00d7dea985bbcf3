"""How the submissions were answered and what became of the messages: two counts, fed as it happens.

It knows numbers and words only: statuses as they went out, states as they were reached. It keeps no message.
"""

from typing import Any

from simulator.journal import ANSWERED, CONCLUDED, Journal


class Tally:
    """Counts that grow with the kinds of answer and fate there are, never with the traffic."""

    __slots__ = ("answered", "concluded")

    def __init__(self, journal: Journal) -> None:
        self.clear()
        journal.feed(ANSWERED, self._answered)
        journal.feed(CONCLUDED, self._concluded)

    def clear(self) -> None:
        """Start over; the journal goes on feeding."""
        self.answered: dict[int, int] = {}
        """Submissions by the command_status they were answered with; 0 is ESME_ROK."""
        self.concluded: dict[str, int] = {}
        """Messages by the final state they reached; those refused at the door never had one."""

    def _answered(self, at: float, session: int, message: Any, status: Any) -> None:
        self.answered[status] = self.answered.get(status, 0) + 1

    def _concluded(self, at: float, session: int, message: Any, outcome: Any) -> None:
        state = outcome.state
        self.concluded[state] = self.concluded.get(state, 0) + 1
