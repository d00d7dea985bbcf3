"""Who wants to hear of events as they happen, and is told; where nobody does, nothing is fed.

It knows the journal and its listeners, and does nothing that takes time: whoever is told only remembers.
"""

from functools import partial
from typing import Any, Protocol

from simulator.journal import KINDS, Fold, Journal


class Listener(Protocol):
    """Somebody who is told of every event."""

    def hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
        """An event has happened just now."""


class Ear:
    """The listeners of one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._listeners: list[Listener] = []
        self._folds: list[tuple[str, Fold]] = [(kind, partial(self._hear, kind)) for kind in KINDS]
        self.resets = 0
        """How often everything has started over."""
        journal.feed("reset", self._reset)

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.resets += 1

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Tell it of every event from now on."""
        if not self._listeners:
            for kind, fold in self._folds:
                self._journal.feed(kind, fold)
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell it of no more. Idempotent."""
        if listener not in self._listeners:
            return
        self._listeners.remove(listener)
        if not self._listeners:
            for kind, fold in self._folds:
                self._journal.leave(kind, fold)

    def _hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
        for listener in tuple(self._listeners):
            listener.hear(kind, at, session, subject, detail)


__all__ = ["Ear", "Listener"]
