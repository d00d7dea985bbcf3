"""A scenario that was made of something else, as a file that a person reads and goes on with.

Knows how YAML is laid out. Does NOT know what a scenario may say: what was made is read back by the one reader there
is, so that nothing is printed that `carrier-sim check` would refuse.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from simulator.scenario.file import parse

WIDTH: Final = 118
"""Columns of a line that is written as one."""

_PLAIN: Final = re.compile(r"[A-Za-z][\w.+-]*(?: [\w.+-]+)*", re.ASCII)
_HIDDEN: Final = re.compile("[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML does not take as they are, or that nobody would see."""
_OWN_MEANING: Final = frozenset("true false null yes no on off y n".split())


def file_of(scenario: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """The scenario as the text of a file, with the comments at its head.

    Raises ScenarioError, which would be a mistake of whoever made it.
    """
    # what came from elsewhere does not end a comment
    shown = ("".join(one if one.isprintable() else "?" for one in comment) for comment in comments)
    lines = [f"# {comment}".rstrip() for comment in shown]
    text = "\n".join([*lines, *_block(scenario, 0)]) + "\n"
    parse(text, "made")
    return text


def _block(mapping: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Keys a line each; what does not fit into its line is spread over more."""
    indent = "  " * depth
    for key, value in mapping.items():
        head = f"{indent}{_flow(key)}:"
        line = f"{head} {_flow(value)}"
        is_whole = len(line) <= WIDTH and (depth or not isinstance(value, Mapping | list))
        if is_whole or not isinstance(value, Mapping | list) or not value:
            yield line
        elif isinstance(value, Mapping):
            yield head
            yield from _block(value, depth + 1)
        else:
            yield head
            for item in value:
                yield from _item(item, depth)


def _item(item: object, depth: int) -> Iterator[str]:
    indent = "  " * (depth + 1)
    line = f"{indent}- {_flow(item)}"
    if len(line) <= WIDTH or not isinstance(item, Mapping):
        yield line
        return
    for number, spread in enumerate(_block(item, depth + 2)):
        yield spread if number else f"{indent}- {spread.lstrip()}"


def _flow(value: object) -> str:
    """A value in one line: {when: {to: "1"}, then: silence}."""
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value.lower() not in _OWN_MEANING
        return value if is_plain else _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """As JSON, which is YAML, too, but for pairs of surrogates: whatever is beyond U+FFFF stands for itself."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


__all__ = ["file_of"]
