"""Python scenarios: a module of plain functions over the same objects that rules are asked about.

The whole contract. A file NAME.py, given by its path, may hold, each of them or none:

``about seed carrier variables rules phases timeline expect``
    What a YAML file says under these keys, as plain Python values; ``rules`` may hold schema.Rule objects, too.
``on_submit(message)``
    Asked of every message that an ESME submits, behind the file's own rules. A message has ``account``, ``source``
    and ``destination`` (each with ``number``, ``ton``, ``npi``), ``text``, ``part``, ``pdu`` and more:
    happening.Submitted.
``on_request(happening)``
    Asked of every other request of an ESME: binds, unbind, enquire_link, query_sm ... A happening has ``pdu``,
    ``seat`` (its session), ``story`` (phase and variables), ``at`` and ``now``: happening.Happening.
``on_event(happening)``
    Asked of everything that is no request; ``happening.key`` is the event's word: bound, disconnect, receipt ...

What a function returns is what ``then:`` may be: ``None`` (it says nothing), ``"silence"``,
``{"reject": "ESME_RTHROTTLED"}``. It fills slots as a rule does. One that raises, or returns what is no `then`, is
journalled (script_failed, with the traceback), and what was asked about falls through to the next rule, at last to the
carrier. It is called between two PDUs: whoever waits in it stops the whole server.

This knows shapes and functions; where the text of a module comes from it does not know.
"""

import sys
from collections.abc import Callable, Mapping
from hashlib import blake2b
from traceback import TracebackException, extract_tb
from types import ModuleType
from typing import Any, Final, get_args

from pydantic import PrivateAttr, ValidationError

from simulator.scenario.declared import names_in
from simulator.scenario.happening import Happening
from simulator.scenario.match import Event, Match
from simulator.scenario.phrases import found_in
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.rules import CompiledRule
from simulator.scenario.schema import VERSION, Rule, Scenario
from simulator.scenario.shape import Names, Word
from simulator.scenario.words.wire_words import SUBMISSIONS, nearest
from simulator.smpp.constants import RESPONSE
from simulator.smpp.pdus import PDU_CLASSES
from simulator.smpp.tlvs import Book

REASON_MAX: Final = 4000
"""Characters of a traceback that the journal keeps: its end, which tells most."""
ANSWERS_MAX: Final = 1000
"""Different answers of one function that are kept made ready."""

Function = Callable[[Any], Any]
Failure = Callable[[Happening, str, str], None]
"""Called with what was asked about, the function's name, and why it failed."""

_EVENTS: Final = next(one.choices for one in get_args(Event) if isinstance(one, Word))
_REQUESTS: Final = tuple(one for one in PDU_CLASSES if not one & RESPONSE and one not in SUBMISSIONS)
ASKED: Final[Mapping[str, tuple[int | str, ...]]] = {
    "on_submit": SUBMISSIONS,
    "on_request": _REQUESTS,
    "on_event": _EVENTS,
}
"""The functions by name, and what each is asked about."""


class PythonScenario(Scenario):
    """A scenario with functions beside its rules."""

    _functions: dict[str, Function] = PrivateAttr(default_factory=dict)

    @property
    def functions(self) -> dict[str, Function]:
        """They by name."""
        return self._functions


def functions_of(scenario: Scenario) -> Mapping[str, Function]:
    """The functions that a scenario has beside its rules, by name."""
    return scenario.functions if isinstance(scenario, PythonScenario) else {}


def scenario_from(text: str, file: str) -> PythonScenario:
    """The scenario of a module's text; ``file`` is its name in errors and tracebacks. The module is run.

    Raises ScenarioError for what is no Python, for a module that raises, and for all that its sections say wrong.
    """
    module = _run(text, file)
    held = vars(module)
    written: dict[str, Any] = {key: held[key] for key in Scenario.model_fields if held.get(key) is not None}
    try:
        made = PythonScenario.model_validate({"scenario": VERSION, **written}, context=names_in(written))
    except ValidationError as error:
        wrong = found_in(error.errors(include_url=False))
        raise ScenarioError(
            Problem(file, 0, 0, one.spelled_path, one.found, one.allowed, one.hint) for one in wrong
        ) from None
    for name in held:
        if name.startswith("on_") and name not in ASKED:
            # it would never be asked, and nobody would notice
            hint = nearest(name, ASKED)
            raise ScenarioError([Problem(file, 0, 0, name, f"{name!r} is asked of nothing", ", ".join(ASKED), hint)])
    functions = {name: held[name] for name in ASKED if name in held}
    for name, function in functions.items():
        if not callable(function):
            raise ScenarioError([Problem(file, 0, 0, name, f"{function!r} cannot be called", "a function")])
    made.functions.update(functions)
    return made


def _run(text: str, file: str) -> ModuleType:
    module = ModuleType(f"scenario {file}")
    module.__file__ = file
    # whoever looks a class up by its module, as dataclasses do, finds it
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, file, "exec"), vars(module))  # noqa: S102 -- that is what was asked for
    except SyntaxError as error:
        place = error.lineno or 0, error.offset or 1, (error.text or "").rstrip("\n")
        raise ScenarioError([Problem(file, place[0], place[1], "", error.msg, "Python", "", place[2])]) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # sys.exit() and what test frameworks raise are no Exception, and end no server that loads a file again
        lines = [one for one in extract_tb(error.__traceback__) if one.filename == file]
        line, source = (lines[-1].lineno or 0, lines[-1].line or "") if lines else (0, "")
        told = f"{type(error).__name__}: {error}"
        raise ScenarioError([Problem(file, line, 1, "", told, "a module that can be run", "", source)]) from error
    return module


class FunctionRule(CompiledRule):
    """A function in the place of a rule: what it does is known only when it is asked."""

    __slots__ = ("_answers", "_deed_of", "_failed", "_function", "_names", "_takes_message")

    def __init__(
        self,
        name: str,
        function: Function,
        order: int,
        book: Book,
        *,
        place: int,
        deed_of: Callable[[Rule, str, int], Any],
        failed: Failure,
    ) -> None:
        super().__init__(Match(), name, order, book)
        self.keys = ASKED[name]
        self.scenario = place
        self._function = function
        self._takes_message = name == "on_submit"
        self._deed_of = deed_of
        self._failed = failed
        self._names = Names(book=book)
        self._answers: dict[tuple[int | str, str], Any] = {}

    def deed_for(self, happening: Happening) -> Any:
        """What the function says; None where it says nothing, or fails."""
        try:
            answer = self._function(happening.message if self._takes_message else happening)
            if answer is None:
                return None
            # equal answers are one deed, so that what is made ready of its forms is made once
            key = happening.key, repr(answer)
        except KeyboardInterrupt:
            # somebody wants the server to end: Python raises it nowhere but in the main thread
            raise
        except BaseException as error:  # noqa: BLE001 -- whatever it raises, sys.exit() or pytest.fail(), the carrier goes on
            seen = error.__traceback__
            told = TracebackException(type(error), error, None if seen is None else seen.tb_next)
            self._failed(happening, self.name, "".join(told.format())[-REASON_MAX:].rstrip())
            return None
        if key not in self._answers:
            if len(self._answers) >= ANSWERS_MAX:
                self._answers.clear()
            self._answers[key] = self._deed(happening, key[1], answer)
        made = self._answers[key]
        if isinstance(made, str):
            self._failed(happening, self.name, made)
            return None
        return made

    def _deed(self, happening: Happening, written: str, answer: Any) -> Any:
        """The deed of an answer; a text that tells what is wrong where it is none."""
        key = happening.key
        when = {"event": key} if isinstance(key, str) else {"command": [key]}
        try:
            rule = Rule.model_validate({"when": when, "then": answer}, context=self._names)
        except ValidationError as error:
            found = list(found_in(error.errors(include_url=False)))
            told = "; ".join(f"{one.spelled_path}: {one.found}, allowed: {one.allowed}" for one in found)
            return f"{self.name} returned {written}: {told}"[:REASON_MAX]
        # luck and forms go by the number of a deed: the same answer has the same one in every run
        number = int.from_bytes(blake2b(f"{self.order} {key} {written}".encode(), digest_size=7).digest(), "big")
        return self._deed_of(rule, self.name, number + 1_000_000)


__all__ = ["ASKED", "Failure", "FunctionRule", "PythonScenario", "functions_of", "scenario_from"]
