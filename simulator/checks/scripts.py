"""script_runs: whether the scenario itself did what it was written for.

Not the gateway's doing, but whoever reads a verdict has to know that it is about another story than the file's. A text
that was no command is a warning; a function that raised, or returned what no `then:` may be, an error.
"""

from typing import Any

from simulator.checks.levels import ERROR
from simulator.checks.watched import Family
from simulator.journal import SCRIPT_FAILED


class Scripts(Family):
    """What failed of the scenarios themselves."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SCRIPT_FAILED: self._failed}

    def clear(self) -> None:
        """There is nothing to forget."""

    def _failed(self, at: float, session: int, message: Any, why: Any) -> None:
        told = str(why)
        check = self.checks["script_runs"]
        check.failed(told, at, session)
        if told.startswith("on_"):
            # a function: what it was to decide the carrier has decided
            check.raise_to(ERROR)
