"""A YAML text as plain values, each with its place: texts, numbers, lists, mappings, by the core schema of YAML 1.2.

Built from the parser's events and not by its composer: so depth and the growth of aliases are bounded before anything
is built, no nesting can overflow the loop, and it is faster. Stricter than YAML where a reader would be surprised: only
what can be nothing else is a number (`0123`, `1_000`, `12:30`, `+12025550100` are texts, as are `no` and `on`), a key
stands once, `<<` and tags are refused, and an empty value is told and not guessed.

It knows nothing of scenarios.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, Final, NoReturn

import yaml

from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.shape import Path, SpelledFloat, SpelledInt
from simulator.scenario.words.words import quoted

SIZE_MAX: Final = 8 * 1024 * 1024
"""Octets of a file: 5,000 rules have about half of one."""
DEPTH_MAX: Final = 50
VALUES_MAX: Final = 1_000_000
"""Values of a file after every alias stands for what it means."""

# The C parser where PyYAML has it: ten times as fast.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+", re.ASCII)
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DIGITS_MAX: Final = 300
# YAML 1.2, 5.1: what no stream may contain as it stands; a mark of the byte order only in front.
_FORBIDDEN: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# What libyaml takes for the end of a line.
_LINE_ENDS: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Node:
    """One value of a file, as a plain object, and where it stands (from 0).

    ``weight``: values in it, itself included; ``depth``: levels below it. ``inside`` holds the values by key or place,
    ``keys`` where each key stands; ``problems``, of the root, is what is wrong beyond its shape.
    """

    __slots__ = ("column", "depth", "inside", "keys", "line", "problems", "value", "weight")

    def __init__(self, value: Any, line: int, column: int, *, is_leaf: bool) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.weight = 1
        self.depth = 0
        # Leaves share one empty dict, which nobody writes to: most nodes are leaves.
        self.inside: dict[str | int, Node] = _EMPTY if is_leaf else {}
        self.keys: dict[str, tuple[int, int]] = _EMPTY if is_leaf else {}
        self.problems: Sequence[Problem] = ()

    def at(self, path: Path, spellings: Mapping[str, str]) -> tuple["Node", tuple[str, ...], tuple[int, int] | None]:
        """The node that a path leads to, the steps that the file has of it, and where the last step's key stands.

        Steps that the file does not have are passed over: short forms stand for more than is written. ``spellings``
        holds the other name of a key, where it has one.
        """
        node, steps, key = self, list[str](), None
        for index, step in enumerate(path):
            one = step
            if isinstance(node.value, dict) and isinstance(step, int):
                # a single one without its list, or a mapping that stands for a list of its pairs
                if any(later in node.inside for later in path[index + 1 :]) or step >= len(node.inside):
                    continue
                one = list(node.inside)[step]
            if one not in node.inside and isinstance(one, str):
                one = spellings.get(one, one)
            if one not in node.inside:
                continue
            key = node.keys.get(one) if isinstance(one, str) else None
            steps.append(f".{one}" if isinstance(one, str) else f"[{one}]")
            node = node.inside[one]
        return node, tuple(steps), key


_EMPTY: Final[dict[Any, Any]] = {}


def lines_of(text: str) -> list[str]:
    """The lines of a text, as the parser counts them."""
    return _LINE_ENDS.split(text)


def decoded(octets: bytes, file: str) -> str:
    """The text of a file in UTF-8, with or without a mark in front. Raises ScenarioError."""
    if len(octets) > SIZE_MAX:
        raise ScenarioError([Problem(file, 0, 0, "", f"{len(octets)} octets", f"at most {SIZE_MAX}")])
    try:
        return octets.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode("utf-8")
        lines = lines_of(before)
        allowed = "UTF-8: this is UTF-16" if octets[:2] in {b"\xff\xfe", b"\xfe\xff"} else "UTF-8"
        found = f"octet 0x{octets[error.start]:02x}, which is no UTF-8"
        raise ScenarioError([Problem(file, len(lines), len(lines[-1]) + 1, "", found, allowed)]) from None


def tree_of(text: str, file: str) -> Node:
    """The one document of a YAML text. Raises ScenarioError with everything that is wrong with it as YAML."""
    builder = _Builder(file, lines_of(text))
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        lines = lines_of(text[: forbidden.start()])
        found = f"the character U+{ord(forbidden[0]):04X}"
        builder.fail(found, "what can be printed; \\x07 within double quotes", (len(lines) - 1, len(lines[-1])))
    try:
        return builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.fail(_phrase(error), _remedy(error), (mark.line, mark.column) if mark else (0, 0))


def _phrase(error: yaml.MarkedYAMLError) -> str:
    context = f" {error.context}" if error.context else ""
    return f"not YAML{context}: {error.problem}" if error.problem else f"not YAML{context}"


def _remedy(error: yaml.MarkedYAMLError) -> str:
    """What helps against the mistakes that everybody makes."""
    problem = error.problem or ""
    if "cannot start any token" in problem:
        return "spaces and no tabs in front of a line; quotes around a text that begins with @, ` or %"
    if "mapping values are not allowed" in problem:
        return "quotes around a text that holds a colon and a space"
    return "YAML"


class _Open:
    """A list or mapping whose end has not come; ``key`` waits for its value, which ``is_ignored`` where it is wrong."""

    __slots__ = ("is_ignored", "is_mapping", "key", "node", "place")

    def __init__(self, node: Node, *, is_mapping: bool) -> None:
        self.node = node
        self.is_mapping = is_mapping
        self.key: str | None = None
        self.place = (0, 0)
        self.is_ignored = False


class _Builder:
    """Takes the parser's events one by one. What is fatal is raised, everything else gathered."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self._file = file
        self._lines = lines
        self._problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None
        # looked up by type: a chain of questions would cost more than the answers
        self._takers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def build(self, events: Iterable[Any]) -> Node:
        """The document, with what is wrong with it; raises where there is none."""
        takers = self._takers
        for event in events:
            taker = takers.get(type(event))
            if taker is not None:
                taker(event)
        if self._root is None:
            self.fail("nothing in it", "a scenario as in `scenario: 1`", (0, 0))
        self._root.problems = self._problems
        return self._root

    def fail(self, found: str, allowed: str, at: tuple[int, int]) -> NoReturn:
        """Give the file up."""
        self._tell(found, allowed, at, "")
        raise ScenarioError(self._problems)

    def _tell(self, found: str, allowed: str, at: tuple[int, int], path: str | None = None) -> None:
        line, column = at
        source = self._lines[line] if line < len(self._lines) else ""
        where = self._path() if path is None else path
        self._problems.append(Problem(self._file, line + 1, column + 1, where, found, allowed, "", source))

    def _path(self) -> str:
        return "".join(map(_step, self._open)).removeprefix(".")

    def _document(self, event: Any) -> None:
        if self._root is not None:
            self.fail("a second document", "one scenario in a file", _place(event))

    def _scalar(self, event: Any) -> None:
        mark = event.start_mark
        if event.tag is not None:
            self._refuse_tag(event)
        text = event.value
        top = self._open[-1] if self._open else None
        if top is not None and top.key is None and top.is_mapping:
            if event.anchor is not None:
                self.fail(f"the anchor &{event.anchor} on a key", "a text", (mark.line, mark.column))
            self._key(text, (mark.line, mark.column), is_plain=event.implicit[0])
            return
        # of quoted texts only the second is set
        value = resolved(text) if event.implicit[0] else text
        if value is None:
            self._tell("nothing", "a value, or leave the key out", (mark.line, mark.column))
        node = Node(value, mark.line, mark.column, is_leaf=True)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._add(node)

    def _refuse_tag(self, event: Any) -> None:
        self._tell(f"the tag {quoted(event.tag)}", "values without a tag; quotes make a text", _place(event))

    def _start(self, event: Any) -> None:
        mark = event.start_mark
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self._open) >= DEPTH_MAX:
            self.fail(f"more than {DEPTH_MAX} levels", "fewer", (mark.line, mark.column))
        is_mapping = type(event) is yaml.MappingStartEvent
        node = Node({} if is_mapping else [], mark.line, mark.column, is_leaf=False)
        top = self._open[-1] if self._open else None
        if top is not None and top.key is None and top.is_mapping:
            self.fail("a list or mapping for a key", "a text", (mark.line, mark.column))
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._open.append(_Open(node, is_mapping=is_mapping))

    def _end(self, event: Any) -> None:
        self._add(self._open.pop().node)

    def _alias(self, event: Any) -> None:
        anchor, at = event.anchor, _place(event)
        node = self._anchors.get(anchor)
        if node is None:
            allowed = f"an alias of what stands before it as &{anchor}; quotes around a text that begins with *"
            self.fail(f"*{anchor} of nothing", allowed, at)
        if any(one.node is node for one in self._open):
            self.fail(f"*{anchor} inside of &{anchor}", "an alias of what has ended", at)
        top = self._open[-1]
        if top.key is None and top.is_mapping:
            self.fail(f"the alias *{anchor} for a key", "a text", at)
        self._add(node)

    def _key(self, text: str, at: tuple[int, int], *, is_plain: bool) -> None:
        """A key has come; one that cannot be is told, and its value read and forgotten."""
        top = self._open[-1]
        top.is_ignored = True
        if not text:
            self._tell("an empty key", "a text", at)
        elif text == "<<" and is_plain:
            self._tell("the merge key <<", "the keys themselves, or an alias for the whole value", at)
        elif text in top.node.inside:
            first = top.node.keys[text][0] + 1
            self._tell(f"the key {quoted(text)} a second time", f"each key once; line {first} has it, too", at)
        else:
            top.is_ignored = False
        top.key, top.place = text, at

    def _add(self, node: Node) -> None:
        """A value is complete: it goes where the innermost open list or mapping wants it."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        parent = top.node
        parent.weight += node.weight
        if node.depth >= parent.depth:
            parent.depth = node.depth + 1
        if parent.weight > VALUES_MAX or parent.depth > DEPTH_MAX:
            allowed = f"at most {VALUES_MAX} values and {DEPTH_MAX} levels"
            self.fail("more than that, with each alias standing for what it means", allowed, (node.line, node.column))
        if not top.is_mapping:
            parent.inside[len(parent.value)] = node
            parent.value.append(node.value)
            return
        key = top.key
        top.key = None
        if key is not None and not top.is_ignored:
            parent.value[key] = node.value
            parent.inside[key] = node
            parent.keys[key] = top.place


def _step(one: _Open) -> str:
    if not one.is_mapping:
        return f"[{len(one.node.value)}]"
    return f".{one.key}" if one.key else ""


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line, event.start_mark.column


def resolved(text: str) -> Any:
    """The value of a plain scalar; None for nothing."""
    if text in _NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _DIGITS_MAX and (text[0] in "-0123456789"):
        number: SpelledInt | SpelledFloat | None = None
        if _INT.fullmatch(text):
            number = SpelledInt(int(text, 0))
        elif _FLOAT.fullmatch(text) and isfinite(float(text)):
            number = SpelledFloat(float(text))
        if number is not None:
            number.text = text
            return number
    return text
