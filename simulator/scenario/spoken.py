"""Texts that say themselves what happens to them: the rule that the text of one message is.

For black-box tests, where nothing but the text is in the tester's hands. Two spellings: a mapping in braces, as in a
file; and lines that begin with `sim:`, all of whose characters are in the GSM alphabet without an escape. Both have
the words of a rule's `then:`, and two more: `submit` for what is answered, `receipt` for what becomes of the message.

It reads texts and keeps the rules made of them. Whether anybody asks it, and what comes of a rule, is the script's.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

from pydantic import ValidationError

from simulator.scenario.forms.forms import PLACEHOLDERS, SESSIONS
from simulator.scenario.phrases import found_in
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Rule
from simulator.scenario.shape import Found, Names, text_of
from simulator.scenario.then import BARE, DECISIONS, FAULTS, Then
from simulator.scenario.tree import resolved, tree_of
from simulator.scenario.words.kinds import FIELD_KINDS
from simulator.scenario.words.wire_words import Status, UnknownName, nearest
from simulator.smpp.constants import COMMAND_NAMES
from simulator.smpp.tlvs import TLVS

MARK: Final = "sim:"
"""What a line begins with that is a command."""
CHARACTERS_MAX: Final = 4096
"""Of a command; a longer one is not understood."""
STEPS_MAX: Final = 20
"""Keys that one clause may name; `then:` has no way to a value that is half as long."""
TEXTS_MAX: Final = 10_000
"""Texts whose rules are kept; of the one that was unused longest the times begin anew."""
OCTETS_MAX: Final = 64 * 1024 * 1024
"""Octets that the rules of texts may cost; a long text is many small things once it is understood."""
TEXT_OCTETS: Final = 3_500
"""What a rule costs beside its text: measured, and so is the next."""
CHARACTER_OCTETS: Final = 140
"""What each character of a text may cost: as much where it is a list of the shortest steps that there are."""
REASON_MAX: Final = 300
"""Characters of a reason."""

_MARKED: Final = re.compile(r"^[ \t]*sim:(.*)$", re.IGNORECASE | re.MULTILINE)
# ASCII octets that are read by the GSM alphabet, as a gateway sends them that never converts: `{` is 0x7B, which is ä
_UNCONVERTED: Final = str.maketrans("äñ§ÄÑ", "{}_[]")
_CLAUSE: Final = re.compile(r'(?:[^;"]|"[^"]*"|")+')
_ITEM: Final = re.compile(r'(?:[^,"]|"[^"]*"|")+')
_PLACEHOLDER: Final = re.compile(r"<([a-z-]+)>")
_OF_RULES: Final = ("times", "probability", "stop")
WORDS: Final = dict.fromkeys(("submit", "receipt", *Then.model_fields, *_OF_RULES))
"""What a command may say."""
_UNDERSCORED: Final = {
    name.replace("_", "-"): name
    for name in (
        *(*FAULTS, *SESSIONS, *PLACEHOLDERS, *COMMAND_NAMES.values(), *FIELD_KINDS, "first_in", "last_in"),
        *(tlv.name for tlv in TLVS.values()),
    )
    if "_" in name
}
"""Words that nobody can say without an underscore, by how they are said with a hyphen."""


class NotUnderstood(ValueError):
    """A text looks like a command and is none; its message is the reason."""


class Spoken:
    """The rules of texts. ``make`` turns one into whatever its owner keeps, and is given a number that is its text's.

    ``names`` are those that a command may use.
    """

    def __init__(self, make: Callable[[Rule, int], Any], names: Names) -> None:
        self._make = make
        self._names = names
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._octets = 0
        """What they are taken to cost."""

    def heard(self, text: str) -> Any:
        """What was made of the rule that a text is, NotUnderstood as a value, or None for a text like any other."""
        command = command_in(text)
        if command is None:
            return None
        if len(command) > CHARACTERS_MAX:
            # and not kept
            return _too_long(command)
        found = self._known.pop(command, None)
        if found is None:
            try:
                found = self._make(rule_of(command, self._names), _number_of(command))
            except NotUnderstood as error:
                found = error
            self._octets += _octets_of(command)
            while self._known and (len(self._known) >= TEXTS_MAX or self._octets > OCTETS_MAX):
                self._octets -= _octets_of(self._known.popitem(last=False)[0])
        self._known[command] = found
        return found

    def clear(self) -> None:
        """Forget all texts, and how often they were obeyed."""
        self._known.clear()
        self._octets = 0


def _octets_of(command: str) -> int:
    return TEXT_OCTETS + CHARACTER_OCTETS * len(command)


def _number_of(command: str) -> int:
    """The same for the same text in every run, and below the numbers of all other rules."""
    return -(1 << 64) - int.from_bytes(blake2b(command.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def command_in(text: str) -> str | None:
    """The command that a text holds: all of it from a brace on, or its lines that begin with `sim:`; None: nothing."""
    stripped = text.strip()
    if stripped.startswith("ä") and stripped.endswith("ñ"):
        stripped = stripped.translate(_UNCONVERTED)
    if stripped.startswith("{"):
        return stripped
    if MARK not in text.lower():
        return None
    lines = [line.strip() for line in _MARKED.findall(text)]
    return "; ".join(lines) if lines else None


def rule_of(command: str, names: Names) -> Rule:
    """The rule that a command is. Raises NotUnderstood with the first thing that is wrong."""
    if len(command) > CHARACTERS_MAX:
        raise _too_long(command)
    said = _braces(command) if command.startswith("{") else _clauses(command)
    for key in [one for one in said if one not in WORDS]:
        raise NotUnderstood(_reason(Found((key,), "unknown key", ", ".join(WORDS), nearest(key, WORDS))))
    rule = {key: said.pop(key) for key in _OF_RULES if key in said}
    try:
        return Rule.model_validate({"then": _in_a_files_words(said), **rule}, context=names)
    except ValidationError as error:
        wrong = next(found_in(error.errors(include_url=False)))
        raise NotUnderstood(_reason(wrong)) from None


def _too_long(command: str) -> NotUnderstood:
    return NotUnderstood(f"{len(command)} characters, allowed: at most {CHARACTERS_MAX}")


def _reason(wrong: Found) -> str:
    path = ".".join(map(str, wrong.path)).removeprefix("then").removeprefix(".")
    hint = f"; did you mean {wrong.hint}?" if wrong.hint else ""
    return f"{path}{': ' if path else ''}{wrong.found}, allowed: {wrong.allowed}"[:REASON_MAX] + hint


# ---------------------------------------------------------------------- braces


def _braces(command: str) -> dict[str, Any]:
    """A mapping as in a file."""
    try:
        root = tree_of(command, "text")
    except ScenarioError as error:
        raise NotUnderstood(_first(error)) from None
    if root.problems:
        raise NotUnderstood(_first(ScenarioError(root.problems)))
    return dict(root.value)


def _first(error: ScenarioError) -> str:
    problem = error.problems[0]
    where = f"{problem.path}: " if problem.path else ""
    return f"{where}{problem.found}, allowed: {problem.allowed}"[:REASON_MAX]


# ---------------------------------------------------------------------- lines


def _clauses(command: str) -> dict[str, Any]:
    """`key.key value; key value, value`: each clause one value, with the way to it in front."""
    said: dict[str, Any] = {}
    for clause in _CLAUSE.findall(command):
        way, _, value = clause.strip().partition(" ")
        if not way:
            continue
        path = [step.replace("-", "_") for step in way.split(".")]
        if len(path) > STEPS_MAX:
            raise NotUnderstood(f"{len(path)} keys in a row, allowed: at most {STEPS_MAX}")
        if not value and len(path) == 1 and path[0] in BARE:
            path, wanted = _spelled_out(path[0])
        elif items := [_value(item.strip()) for item in _ITEM.findall(value)]:
            wanted = items if len(items) > 1 else items[0]
        else:
            raise NotUnderstood(f"{way} without a value, allowed: a word as in {', '.join(BARE[:4])}; or a value")
        _put(said, path, wanted)
    if not said:
        raise NotUnderstood("nothing to do, allowed: as in `sim: submit RTHROTTLED; receipt UNDELIV after 2s`")
    return {key: _listed(value) for key, value in said.items()}


def _spelled_out(word: str) -> tuple[list[str], Any]:
    """A word that stands alone, as a key and its value."""
    if word in {"accept", "lose"}:
        return [word], True
    if word == "silence":
        return [word], "unrecorded"
    return ["connection"], word


def _value(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _filled(text[1:-1])
    value = resolved(text)
    if value is None:
        raise NotUnderstood('nothing for a value, allowed: a word, a number, or a text in "quotation marks"')
    return _UNDERSCORED.get(text, _filled(value)) if isinstance(value, str) else value


def _filled(text: str) -> str:
    """A text in which `<id>` stands for the placeholder {id}."""

    def braced(found: re.Match[str]) -> str:
        name = found[1].replace("-", "_")
        return f"{{{name}}}" if name in PLACEHOLDERS else found[0]

    return _PLACEHOLDER.sub(braced, text)


def _put(said: dict[str, Any], path: list[str], value: Any) -> None:
    """Put a value where its way leads; what is there already is in the way."""
    inside = said
    for step in path[:-1]:
        inside = inside.setdefault(step, {})
        if not isinstance(inside, dict):
            raise NotUnderstood(f"{'.'.join(path)} beside a value of {step}, allowed: one of both")
    if path[-1] in inside:
        raise NotUnderstood(f"{'.'.join(path)} a second time, allowed: each key once")
    inside[path[-1]] = value


def _listed(value: Any) -> Any:
    """A mapping of the places #1, #2 ... as the list that it is."""
    if not isinstance(value, dict):
        return value
    made = {key: _listed(one) for key, one in value.items()}
    if list(made) == [f"#{number}" for number in range(1, len(made) + 1)]:
        return list(made.values())
    return made


# ---------------------------------------------------------------------- two more words


def _in_a_files_words(said: Mapping[str, Any]) -> dict[str, Any]:
    """`submit` and `receipt` as decision, respond and deliver; everything else is a file's word already."""
    then: dict[str, Any] = {}
    for key, value in said.items():
        more = dict(_submit(value)) if key == "submit" else dict(_receipt(value)) if key == "receipt" else {key: value}
        for one, meant in more.items():
            if one in then:
                raise NotUnderstood(f"{key} beside what says {one} already, allowed: one of both")
            then[one] = meant
    return then


def _submit(value: Any) -> Iterator[tuple[str, Any]]:
    """What the submission is answered, and when: `RTHROTTLED after 2s`, or a mapping of status, after."""
    text = text_of(value)
    if text is not None:
        status, _, after = text.removeprefix("status ").strip().partition(" after ")
        value = {"after": status[6:]} if status.startswith("after ") else {"status": status}
        value |= {"after": after} if after else {}
    if not isinstance(value, dict) or not value or value.keys() - {"status", "after"}:
        raise NotUnderstood("submit, allowed: a status, `after` and a delay or never, or a mapping of status, after")
    if "status" in value:
        yield from _decision(text_of(value["status"]) or "")
    if value.get("after") == "never":
        yield "silence", "recorded"
    elif "after" in value:
        yield "respond", value["after"]


def _decision(word: str) -> Iterator[tuple[str, Any]]:
    try:
        status = Status.parse(word)
    except UnknownName as error:
        raise NotUnderstood(_reason(Found(("submit", "status"), error.found, error.allowed, error.hint))) from None
    yield (DECISIONS[1], word) if status else (DECISIONS[0], True)


def _receipt(value: Any) -> Iterator[tuple[str, Any]]:
    """What becomes of the message, as `deliver` says it; `stat` means state, and `never` that no receipt is sent."""
    if value == "never":
        yield "receipts", {"asked": "never"}
    elif value == "lose":
        yield "lose", True
    else:
        yield "deliver", [_step(one) for one in value] if isinstance(value, list) else _step(value)


def _step(value: Any) -> Any:
    if isinstance(value, str):
        return value.removeprefix("stat ").strip()
    if isinstance(value, dict) and "stat" in value and "state" not in value:
        return {"state" if key == "stat" else key: one for key, one in value.items()}
    return value


__all__ = ["CHARACTERS_MAX", "MARK", "TEXTS_MAX", "NotUnderstood", "Spoken", "command_in", "rule_of"]
