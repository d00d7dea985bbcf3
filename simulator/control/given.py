"""What came in a body and is in the words of a scenario file: made into its form, or refused with all that is wrong.

It knows forms and how errors are told over HTTP; nothing of what is done with what came.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from simulator.control.answers import SHOWN_MAX, Refusal, with_hint
from simulator.scenario.phrases import found_in
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.shape import Found, Names, Path, mapping


def formed(shape: Any, given: Any, names: Names) -> Any:
    """The object of what came. Raises Refusal with all that is wrong."""
    if isinstance(given, bytes):
        # octets that nobody has said are JSON, as those of `curl -d` alone
        shown = given[:SHOWN_MAX].decode("utf-8", "replace")
        raise invalid([Found((), repr(shown), "a JSON object, sent with Content-Type: application/json")])
    try:
        return shape.model_validate(given, context=names)
    except ValidationError as error:
        raise invalid(found_in(error.errors(include_url=False)), given) from error


def invalid(found: Iterable[Found], given: Any = None) -> Refusal:
    """The refusal of what is wrong; ``given`` is what came, by which places are spelled."""
    where = []
    for one in islice(found, SHOWN_MAX):
        field = replace(one, path=_as_given(one.path, given)).spelled_path or "body"
        where.append({"field": field, "given": one.found, "allowed": with_hint(one.allowed, one.hint)})
    reason = "; ".join(f"{one['field']}: {one['given']}, allowed: {one['allowed']}" for one in where)
    return Refusal("invalid", reason, where=where)


def wrong_scenario(error: ScenarioError) -> Refusal:
    """The refusal of a scenario, or of a question in its words: each place with its file, line and column."""
    where = [
        {"field": _place(one), "given": one.found, "allowed": with_hint(one.allowed, one.hint)}
        for one in error.problems[:SHOWN_MAX]
    ]
    return Refusal("invalid", str(error), where=where)


def _place(problem: Problem) -> str:
    place = ":".join(map(str, (problem.file, problem.line, problem.column) if problem.line else (problem.file,)))
    return f"{place}: {problem.path}" if problem.path else place


def _as_given(path: Path, given: Any) -> Path:
    """The path without the places in lists that were not written as lists."""
    taken = []
    for step in path:
        if isinstance(step, int) and not isinstance(given, list):
            continue
        taken.append(step)
        if isinstance(given, list):
            given = given[step] if isinstance(step, int) and step < len(given) else None
        else:
            given = mapping(given).get(str(step))
    return tuple(taken)


__all__ = ["formed", "invalid", "wrong_scenario"]
