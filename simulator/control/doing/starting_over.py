"""Starting over: everything, or one account alone. It knows what goes back to the start, and how it is asked for."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Response
from pydantic import ConfigDict, Field

from simulator.carrier.dice import Dice
from simulator.control.answers import Refusal, answer, json_octets
from simulator.control.asked import RATE_MAX
from simulator.control.asking.pending import TakeIn
from simulator.control.moments import moment_text
from simulator.control.routes import Route, Scoped
from simulator.control.row_shapes import Shape
from simulator.control.rules import belongs_to
from simulator.control.scope import Scopes
from simulator.scenario.shape import Names
from simulator.scenario.then import Fault
from simulator.smsc.play.faults import strike
from simulator.smsc.play.playing import Playing


class ResetRequest(Shape):
    """What goes back to the start beside messages, counters, clock and luck; without a body all of it."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{}, {"sessions": "unbind"}, {"rules": "keep"}]}
    )

    sessions: Literal["keep", "unbind", "disconnect"] = Field("keep", description="what becomes of bound sessions")
    rules: Literal["remove", "keep"] = Field("remove", description="what becomes of rules that were added")
    scenarios: Literal["first", "keep"] = Field("first", description="play what was played at the start, or go on")
    seed: int | None = Field(None, ge=0, le=1 << 63, description="that of all luck from now on")
    speed: float | None = Field(None, gt=0, le=RATE_MAX, allow_inf_nan=False, description="the clock's, from now on")


class ResetShape(Shape):
    """Everything is at its start again; the sessions that stay. ``account`` is whose, null where it is everybody's."""

    reset: Literal[True]
    account: str | None
    sessions: int
    time: str


RESET_ROUTES: Final = (
    Route(
        *("POST", "/api/reset", "reset", ResetShape, 200, "Back to the start: everything, or one account"),
        ("shared", "misfit", "too_large"),
        "account",
    ),
)


class StartingOver:
    """The deed of the table, for one SMSC."""

    def __init__(self, playing: Playing, clock: Callable[[], float], scopes: Scopes, take_in: TakeIn) -> None:
        self._playing = playing
        self._take_in = take_in
        self._smsc = playing.smsc
        self._clock = clock
        self._scopes = scopes
        self._first_seed = self._smsc.seed

    async def reset(self, query: Annotated[Scoped, Query()], request: ResetRequest | None = None) -> Response:
        """Nothing from before is delivered or counted afterwards.

        With `account` only what is this account's: its messages, what waits for it, its rules, its verdict. What
        belongs to all stays as it is: the clock, luck, phones, networks' limits, scenarios and what they keep in piles.
        """
        asked = request or ResetRequest()
        # what was sent before belongs to what is forgotten
        await self._take_in()
        if query.account is None:
            self._reset_all(asked)
        else:
            self._reset_one(query.account, asked)
        smsc, now = self._smsc, self._clock()
        stay = len(smsc.sessions) if query.account is None else len(smsc.sessions_of(query.account))
        told = {"reset": True, "account": query.account, "sessions": stay, "time": moment_text(smsc.clock.at(now))}
        return answer(json_octets(told))

    def _reset_all(self, asked: ResetRequest) -> None:
        smsc, playing, now = self._smsc, self._playing, self._clock()
        if asked.rules == "remove" and smsc.stage is not None:
            # the next one that is added is the first again
            smsc.stage.script.inherit([], 0)
        seed = self._first_seed if asked.seed is None else asked.seed
        is_changed = asked.scenarios == "first" and playing.scenarios != playing.first_scenarios
        if seed != smsc.seed:
            smsc.seed, smsc.carrier.dice = seed, Dice(seed)
        if is_changed or (smsc.stage is not None and smsc.stage.script.seed != seed):
            scenarios = playing.first_scenarios if asked.scenarios == "first" else playing.scenarios
            names = playing.first_names if asked.scenarios == "first" else playing.names
            playing.replace(scenarios, names, now)
        self._end_sessions(asked.sessions, None)
        smsc.reset(now)
        self._scopes.judge_anew()
        if asked.speed is not None:
            smsc.clock.set_rate(now, asked.speed)
            smsc.agenda.look_again()

    def _reset_one(self, account: str, asked: ResetRequest) -> None:
        for name in ("seed", "speed", "scenarios"):
            if name in asked.model_fields_set:
                raise Refusal("shared", f"{name}: it belongs to all accounts; leave it or the account out")
        smsc = self._smsc
        if smsc.stage is not None:
            for rule in smsc.stage.script.live:
                if belongs_to(rule, account):
                    if asked.rules == "remove":
                        smsc.stage.script.remove(rule)
                    else:
                        rule.reset()
        self._end_sessions(asked.sessions, account)
        self._scopes.start_over(account)

    def _end_sessions(self, how: str, account: str | None) -> None:
        if how == "keep":
            return
        said: Any = {"fault": "unbind" if how == "unbind" else "rst"}
        fault = Fault.model_validate(said, context=Names())
        for session in tuple(self._smsc.sessions.values()):
            if account is None or (session.account is not None and session.account.name == account):
                strike(self._smsc, session, fault, self._clock())


__all__ = ["RESET_ROUTES", "StartingOver"]
