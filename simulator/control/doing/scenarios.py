"""Scenarios over HTTP: which there are, one more, one less, whether a text is right, and what is played as a file.

What is played instead of everything is rules.py's. It knows names and texts; what a scenario says its shapes know.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import trio
from fastapi import Body, Query, Response
from pydantic import ConfigDict, Field, model_validator

from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.given import invalid, wrong_scenario
from simulator.control.routes import Route
from simulator.control.row_shapes import Shape
from simulator.control.rules import HIDDEN, known_names, loaded
from simulator.scenario.file import parse, shipped, text_of, written
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario
from simulator.scenario.script import Script
from simulator.scenario.shape import Found
from simulator.scenario.words.wire_words import nearest
from simulator.smsc.play.playing import Misfit, Playing

_ALL: Final = "/api/scenarios"
ONE_MORE: Final = 100
"""Scenarios that may be played at once."""


class LoadRequest(Shape):
    """What is to be played as well: exactly one of names and yaml."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"names": ["quirks/throttle-storm"]}]}
    )

    names: list[str] | None = Field(None, max_length=ONE_MORE, description="scenarios by name, later ones go first")
    yaml: str | None = Field(None, description="the text of a scenario file")
    name: str = Field("yaml", min_length=1, max_length=100, description="what that text is called")

    @model_validator(mode="after")
    def one_thing(self) -> "LoadRequest":
        """Itself. Raises ValueError where nothing is said, or both."""
        if (self.names is None) == (self.yaml is None):
            raise ValueError("exactly one of names and yaml")
        return self


class KnownShape(Shape):
    """A scenario that can be played by its name."""

    name: str
    is_played: bool


class ScenariosShape(Shape):
    """What is played, in the order in which it was loaded: later ones go first; and all names that are known."""

    played: list[str]
    known: list[KnownShape]


class WrongPlaceShape(Shape):
    """What is wrong with a text, and where; line and column count from 1, 0 where it is the text as a whole."""

    file: str
    line: int
    column: int
    path: str
    found: str
    allowed: str
    hint: str


class ValidShape(Shape):
    """Whether a text is a scenario, and what is in the way of playing it beside what is played."""

    is_valid: bool
    problems: list[WrongPlaceShape]
    misfits: list[str]


class ExportQuery(Shape):
    """Which of those that are played."""

    name: str | None = Field(None, max_length=1000, description="needed where more than one is played")


SCENARIO_ROUTES: Final = (
    Route(*("GET", _ALL, "scenarios", ScenariosShape, 200, "What is played, and what could be")),
    Route(
        *("POST", _ALL, "load_scenario", ScenariosShape, 200, "Play something as well"),
        ("misfit", "too_large"),
    ),
    Route(
        *("POST", f"{_ALL}/validate", "validate_scenario", ValidShape, 200, "Whether a text is a scenario"),
        ("too_large",),
        "nobody",
    ),
    Route(
        *("GET", f"{_ALL}/export", "export_scenario", None, 200, "What is played, as a scenario file"),
        ("not_asked", "not_found"),
    ),
    Route(
        *("DELETE", _ALL + "/{name:path}", "unload_scenario", ScenariosShape, 200, "Play this one no longer"),
        ("not_found", "misfit"),
    ),
)

TextBody = Annotated[Any, Body(media_type="application/yaml", examples=["scenario: 1\nrules: [{then: silence}]\n"])]


class Scenarios:
    """The deeds of the table, for one SMSC. ``replayed`` is called when something else is played."""

    def __init__(self, playing: Playing, clock: Callable[[], float], replayed: Callable[[], None]) -> None:
        self._playing = playing
        self._clock = clock
        self._replayed = replayed

    async def scenarios(self) -> Response:
        """Shipped ones, and the files that the server was started with."""
        return self._told()

    def _told(self) -> Response:
        played = list(self._playing.names)
        known = dict.fromkeys((*self._playing.first_names, *played, *shipped()))
        return answer(
            json_octets({"played": played, "known": [{"name": one, "is_played": one in played} for one in known]})
        )

    async def load_scenario(self, request: LoadRequest) -> Response:
        """It goes before what is played already. Its story begins, and so does theirs; added rules stay, and every
        message's fate. Whatever is wrong is told, and changes nothing.
        """
        names = (request.name,) if request.names is None else tuple(request.names)
        if request.names is not None:
            known = known_names(self._playing)
            for name in names:
                if name not in known:
                    allowed = "the name of a shipped scenario, or a file that the server was started with; or `yaml`"
                    hint = nearest(name[:SHOWN_MAX], known)
                    raise invalid([Found(("names",), repr(name[:SHOWN_MAX]), allowed, hint)])
        taken = [name for name in names if name in self._playing.names]
        if taken or len(self._playing.names) + len(names) > ONE_MORE:
            told = f"{taken[0][:SHOWN_MAX]!r} is played already" if taken else f"at most {ONE_MORE} can be played"
            raise Refusal("misfit", told)

        def more(before: Sequence[Scenario]) -> list[Scenario]:
            text = request.yaml
            return [*before, *(loaded(names) if text is None else [parse(text, request.name)])]

        await self._play(more, lambda played: [*played, *names])
        return self._told()

    async def unload_scenario(self, name: str) -> Response:
        """Loaded before or played from the start on; what it has decided stays decided."""
        if name not in self._playing.names:
            played = list(self._playing.names)
            shown = name[:SHOWN_MAX]
            raise Refusal("not_found", f"{shown!r} is not played", candidates=played[:SHOWN_MAX])
        at = self._playing.names.index(name)

        def fewer(before: Sequence[Scenario]) -> list[Scenario]:
            return [*before[:at], *before[at + 1 :]]

        await self._play(fewer, lambda played: [*played[:at], *played[at + 1 :]])
        return self._told()

    async def _play(
        self,
        change: Callable[[Sequence[Scenario]], list[Scenario]],
        rename: Callable[[Sequence[str]], list[str]],
    ) -> None:
        playing = self._playing
        before, names = playing.scenarios, rename(playing.names)

        def prepared() -> tuple[list[Scenario], Script]:
            scenarios = change(before)
            return scenarios, playing.prepared(scenarios, names)

        try:
            # in a thread: the links go on meanwhile
            scenarios, script = await trio.to_thread.run_sync(prepared)
            if playing.scenarios is not before:
                raise Refusal("misfit", "something else was loaded meanwhile: ask again")
            playing.replace(scenarios, names, self._clock(), script)
        except ScenarioError as error:
            raise wrong_scenario(error) from error
        except Misfit as error:
            raise Refusal("misfit", str(error)) from error
        self._replayed()

    async def validate_scenario(self, text: TextBody) -> Response:
        """The text itself, or `{"yaml": TEXT}` as JSON. Nothing is changed, and nothing is wrong with asking: what is
        wrong with the text is told by line and column.
        """
        if isinstance(text, dict) and list(text) == ["yaml"]:
            text = text["yaml"]
        if not isinstance(text, str | bytes):
            raise invalid([Found((), "no text", 'YAML, sent as application/yaml, or {"yaml": TEXT} as JSON')])
        return answer(json_octets(await trio.to_thread.run_sync(self._validated, text)))

    def _validated(self, text: str | bytes) -> dict[str, Any]:
        problems: list[dict[str, Any]] = []
        misfits: list[str] = []
        playing = self._playing
        try:
            playing.prepared([*playing.scenarios, parse(text, "yaml")], [*playing.names, "yaml"])
        except ScenarioError as error:
            problems = [
                {
                    "file": one.file,
                    "line": one.line,
                    "column": one.column,
                    "path": one.path,
                    "found": one.found,
                    "allowed": one.allowed,
                    "hint": one.hint,
                }
                for one in error.problems[:SHOWN_MAX]
            ]
        except Misfit as error:
            misfits = list(error.reasons)
        return {"is_valid": not problems, "problems": problems, "misfits": misfits}

    async def export_scenario(self, query: Annotated[ExportQuery, Query()]) -> Response:
        """YAML that `carrier-sim check` and `serve` take; passwords are not told. Rules that were added are in
        `/api/rules/export`.
        """
        playing = self._playing
        played = list(playing.names)
        if not played:
            raise Refusal("not_asked", "nothing is played here")
        if query.name is None and len(played) > 1:
            raise Refusal("not_asked", "name: more than one is played, say which", candidates=played[:SHOWN_MAX])
        if query.name is not None and query.name not in played:
            raise Refusal("not_found", f"{query.name[:SHOWN_MAX]!r} is not played", candidates=played[:SHOWN_MAX])
        scenario = playing.scenarios[0 if query.name is None else played.index(query.name)]
        content = await trio.to_thread.run_sync(lambda: text_of(_without_passwords(written(scenario))))
        return Response(content, media_type="application/yaml")


def _without_passwords(said: Any, key: str = "") -> Any:
    if key == "password" and isinstance(said, str):
        return HIDDEN
    if isinstance(said, dict):
        return {one: _without_passwords(value, one) for one, value in said.items()}
    if isinstance(said, list):
        return [_without_passwords(one) for one in said]
    return said


__all__ = ["SCENARIO_ROUTES", "Scenarios"]
