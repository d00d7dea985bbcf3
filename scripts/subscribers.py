"""The control API as the demonstration uses it: subscribers write by POST /api/mo, and what was kept is read back.

It knows HTTP only. What is sent and what should have come is other people's business.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import httpx2

from scripts.letters import Letter
from scripts.reconciliation import Ledger

PAGE: Final = 1000
PATIENCE: Final = 20.0


def client_of(http: str) -> httpx2.Client:
    """A client of the control API at HOST:PORT; the environment's proxies are not asked."""
    return httpx2.Client(base_url=f"http://{http}", timeout=PATIENCE, trust_env=False)


def rows_kept(http: str) -> list[dict[str, Any]]:
    """Every message that ESMEs submitted, page by page. Raises httpx2.HTTPError."""
    rows: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": PAGE}
    with client_of(http) as client:
        while True:
            answer = client.get("/api/messages", params=query).raise_for_status().json()
            rows += answer["messages"]
            if answer["next"] is None:
                return rows
            query["cursor"] = answer["next"]


class Subscribers(threading.Thread):
    """People who write to the accounts, one message after the other, as soon as the accounts are known by number."""

    def __init__(
        self, http: str, letters: list[Letter], ledger: Ledger, is_time: Callable[[], bool], stop: threading.Event
    ) -> None:
        super().__init__(name="subscribers", daemon=True)
        self._http = http
        self._letters = letters
        self._ledger = ledger
        self._is_time = is_time
        self._stop_asked = stop

    def run(self) -> None:
        """Send them all, or until asked to stop."""
        try:
            with client_of(self._http) as client:
                while not self._is_time():
                    if self._stop_asked.wait(0.02):
                        return
                for letter in self._letters:
                    if self._stop_asked.is_set():
                        return
                    self._send(client, letter)
        except httpx2.HTTPError as error:
            self._ledger.failures.append(f"POST /api/mo: {type(error).__name__}: {error}")

    def _send(self, client: httpx2.Client, letter: Letter) -> None:
        # First into the ledger: it may arrive before the API has answered.
        self._ledger.mo_sent.append(letter)
        body = {"to": letter.destination, "from": letter.source, "text": letter.text}
        answer = client.post("/api/mo", json=body)
        if answer.status_code != 202:
            self._ledger.failures.append(f"POST /api/mo: {answer.status_code} {answer.text}")
