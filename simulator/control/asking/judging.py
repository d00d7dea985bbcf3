"""What can be said of the gateway by now, of all accounts or of one, and what it says itself.

It knows who judges; how a verdict looks is verdict.py's.
"""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Query, Response

from simulator.control.answers import answer, json_octets
from simulator.control.asked import ObservationRequest
from simulator.control.routes import Route, Scoped
from simulator.control.scope import Scopes
from simulator.control.shapes import ObservedShape, VerdictShape
from simulator.control.verdict import asked_of, observed_json, verdict_json, verdict_xml
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.playing import Playing

JUDGED_ROUTES: Final = (
    Route(*("GET", "/api/verdict", "verdict", VerdictShape, 200, "What can be said so far"), ("not_asked",), "account"),
    Route(*("GET", "/api/verdict/junit", "junit", None, 200, "The same as JUnit's XML"), ("not_asked",), "account"),
    Route(
        *("POST", "/api/observations", "observe", ObservedShape, 200, "The gateway says what became of a message"),
        ("not_found", "not_asked", "too_large"),
        "account",
    ),
)


class Judging:
    """The deeds of the table, for one SMSC."""

    def __init__(self, playing: Playing, scopes: Scopes, clock: Callable[[], float]) -> None:
        self._playing = playing
        self._scopes = scopes
        self._clock = clock

    def _watch(self, account: str | None) -> Watch:
        return asked_of(self._playing.watch) if account is None else self._scopes.watch(account)

    async def verdict(self, query: Annotated[Scoped, Query()]) -> Response:
        """Checks of any gateway, what the scenarios expect, and the quirks among them; unknown is never good.

        With `account` of this one alone, since it was reset; counts of events are then its own as well.
        """
        verdict = self._watch(query.account).verdict()
        return answer(json_octets(verdict_json(verdict, self._playing.smsc)))

    async def junit(self, query: Annotated[Scoped, Query()]) -> Response:
        """A test case for each expectation, quirk and check."""
        return Response(verdict_xml(self._watch(query.account).verdict()), media_type="application/xml")

    async def observe(self, request: ObservationRequest, query: Annotated[Scoped, Query()]) -> Response:
        """For what only the gateway knows: `expect.gateway` in a scenario names what it is to say."""
        return answer(json_octets(observed_json(self._watch(query.account), request.message, request.status)))


__all__ = ["JUDGED_ROUTES", "Judging"]
