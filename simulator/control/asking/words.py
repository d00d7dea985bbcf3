"""The words of rules in the query of an address: `?to=12025550100&text.contains=STOP&fields.esm_class=0x40`.

A name is a key of `when:`, deeper ones behind a dot; a name that comes twice is a list. `where={...}` says the same in
JSON. It knows names and values; what they mean the scenario's shapes know.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.datastructures import QueryParams

from simulator.control.answers import SHOWN_MAX
from simulator.control.given import invalid, wrong_scenario
from simulator.scenario.match import SYNONYMS, Match
from simulator.scenario.problems import ScenarioError
from simulator.scenario.shape import Found
from simulator.smsc.memory.recall import OF_NOW

_FLAGS: Final = frozenset({"tls", "last", "present"})
"""Keys whose values are yes or no."""
_WIRE: Final = frozenset({"fields", "tlvs"})
"""Keys under which a number is a number."""
WHERE: Final = ("where", "the same as a JSON object in the words of `when:`")


def _told(name: str) -> str:
    return (Match.model_fields[name].description or name).strip()


def words(*without: str) -> tuple[tuple[str, str], ...]:
    """The names that a query may have, each with what it means."""
    known = [name for name in Match.model_fields if name not in {*without, *OF_NOW}]
    same = [(name, f"the same as {word}") for name, word in SYNONYMS.items() if name not in without]
    return (*((name, _told(name)) for name in known), *same, WHERE)


def keys_of(query: QueryParams, own: Iterable[str]) -> dict[str, Any]:
    """The keys that a query asks for, without those that are the route's ``own``.

    Raises Refusal for a `where` that is no JSON object, and a name that is said twice in different depths.
    """
    keys = _where(query.get("where"))
    taken = {*own, "where"}
    for name, text in query.multi_items():
        if name not in taken:
            _put(keys, name.split("."), name, text)
    return keys


def _where(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        made = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid([Found(("where",), f"{text[:SHOWN_MAX]!r}", f"a JSON object: {error}")]) from error
    if not isinstance(made, dict):
        raise invalid([Found(("where",), f"{text[:SHOWN_MAX]!r}", "a JSON object in the words of `when:`")])
    return made


def _put(keys: dict[str, Any], path: list[str], name: str, text: str) -> None:
    *outer, last = path
    at = keys
    for step in outer:
        at = at.setdefault(step, {})
        if not isinstance(at, dict):
            raise invalid([Found((name[:SHOWN_MAX],), "a value and something beneath it", "one of both")])
    value = _value(path, text)
    before = at.get(last)
    if isinstance(before, Mapping):
        raise invalid([Found((name[:SHOWN_MAX],), "a value and something beneath it", "one of both")])
    at[last] = value if last not in at else [*(before if isinstance(before, list) else [before]), value]


def _value(path: list[str], text: str) -> Any:
    if path[-1] in _FLAGS and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    # a + that was not escaped in an address has become a space
    text = f"+{text[1:]}" if text[:1] == " " and path[0] in {"source", "destination", "from", "to"} else text
    if path[0] in _WIRE and path[-1] not in {"pattern", "contains", "starts", "ends", "between", "bits", "length"}:
        try:
            return int(text, 0)
        except ValueError:
            return text
    return text


def asked(make: Any, *args: Any) -> Any:
    """What ``make`` gives; what is wrong with a question is refused with all that is wrong."""
    try:
        return make(*args)
    except ScenarioError as error:
        raise wrong_scenario(error) from error


__all__ = ["WHERE", "asked", "keys_of", "words"]
