"""Pydantic's errors in our words. What pydantic itself says never reaches anybody.

Shapes and words tell their errors as Found already; what is left are the few kinds that pydantic finds by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from simulator.scenario.shape import Found, Path, described

# Kind of error -> what is allowed. A kind that is not here says no more than that the value is wrong.
_ALLOWED: Final[dict[str, str]] = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
}
_MEANT: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_LIMITS: Final[dict[str, tuple[str, str]]] = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}


def found_in(errors: Sequence[Mapping[str, Any]], above: Path = ()) -> Iterator[Found]:
    """Everything that a list of pydantic's errors tells, with paths from where ``above`` leads to."""
    for error in errors:
        path: Path = (*above, *error["loc"])
        context = error.get("ctx", {})
        kind = error["type"]
        is_key = path[-1:] == ("[key]",)
        if is_key:
            path = path[:-1]
        if kind == "refused":
            for one in context["found"]:
                yield Found((*path, *one.path), one.found, one.allowed, one.hint, is_key or one.is_key)
            yield from found_in(context["inner"], path)
        elif kind == "missing":
            yield Found(path, f"no {path[-1]}", f"a mapping with {path[-1]}")
        elif kind in _LIMITS:
            limit, words = _LIMITS[kind]
            yield Found(path, described(error["input"]), f"{words} {context[limit]}", "", is_key)
        else:
            meant = _MEANT.get(error["input"], "") if kind == "bool_type" and isinstance(error["input"], str) else ""
            yield Found(path, described(error["input"]), _ALLOWED.get(kind, "another value"), meant, is_key)
