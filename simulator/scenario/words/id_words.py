"""How message ids come about and how they are written: `hex 8`, `decimal pad 10`, `upper strip-zeros`.

The one id of a message has three spellings: in the response, in a receipt's text and in its TLV. A source makes the
id, a form turns it into a spelling, step by step. It knows no message; that a step makes sense is the author's care.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from simulator.scenario.words.wire_words import UnknownName, nearest
from simulator.scenario.words.words import WordError, quoted

# Step -> whether a number or a text follows it.
STEPS: Final[dict[str, str]] = {
    "same": "",
    "decimal": "",
    "hex": "",
    "upper": "",
    "lower": "",
    "strip-zeros": "",
    "strip-hyphens": "",
    "hyphens": "",
    "ascii-hex": "",
    "nul": "",
    "unterminated": "",
    "previous": "",
    "absent": "",
    "empty": "",
    "pad": "number",
    "pad-spaces": "number",
    "cut": "number",
    "prefix": "text",
    "suffix": "text",
    "constant": "text",
}
"""What can be done to an id. `decimal` and `hex` read it as the number it is; `ascii-hex` writes the hex of its
characters; `hyphens` makes a UUID's groups; `previous` is the id of the message before; `pad 10` puts zeros in front,
`pad-spaces 10` spaces behind; `unterminated` leaves out the NUL that ends a TLV."""
FORMS: Final = f"steps as in `hex upper pad 10`, of: {', '.join(STEPS)}"
SOURCES: Final = "hex 8, decimal 10, uuid, counter 1, digits 20, letters 12, constant TEXT or reuse 10"


@dataclass(frozen=True, slots=True)
class IdForm:
    """Steps, each a name and its argument or None, done one after the other."""

    steps: tuple[tuple[str, int | str | None], ...]

    def __str__(self) -> str:
        words = []
        for name, argument in self.steps:
            words.append(name)
            if argument is not None:
                words.append(str(argument))
        return " ".join(words)

    @property
    def is_absent(self) -> bool:
        """Whether there is no id at all in that place."""
        return any(name == "absent" for name, _ in self.steps)

    @property
    def is_unterminated(self) -> bool:
        """Whether the id ends without its NUL, in a TLV."""
        return any(name == "unterminated" for name, _ in self.steps)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        words = iter(text.split())
        steps: list[tuple[str, int | str | None]] = []
        for name in words:
            kind = STEPS.get(name)
            if kind is None:
                raise UnknownName(f"{quoted(name)} is no form of an id", FORMS, nearest(name, STEPS))
            argument = next(words, None) if kind else None
            if kind and (argument is None or (kind == "number" and not re.fullmatch(r"-?\d{1,3}", argument, re.ASCII))):
                raise WordError(f"{name} without its {kind} in {quoted(text)}", f"{name} and a {kind}")
            steps.append((name, int(argument) if kind == "number" and argument is not None else argument))
        if not steps:
            raise WordError("an id's form that says nothing", FORMS)
        return cls(tuple(steps))


@dataclass(frozen=True, slots=True)
class IdSource:
    """Where ids come from: ``kind`` and its number, or the text of a constant.

    `hex 8`, `decimal 10`, `digits 20`, `letters 12` are random of that many characters; `counter 1` starts there;
    `reuse 10` counts from 0 to 9 and begins again; `constant TEXT` is always the same.
    """

    kind: str
    number: int = 0
    text: str = ""

    def __str__(self) -> str:
        if self.kind == "uuid":
            return "uuid"
        return f"{self.kind} {self.text if self.kind == 'constant' else self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        match text.split():
            case ["uuid"]:
                return cls("uuid")
            case ["constant", constant]:
                return cls("constant", 0, constant)
            case ["counter", start] if re.fullmatch(r"\d{1,18}", start, re.ASCII):
                return cls("counter", int(start))
            case [("hex" | "decimal" | "digits" | "letters" | "reuse") as kind, size] if _is_size(size):
                return cls(kind, int(size))
        raise WordError(f"{quoted(text)} is no source of ids", SOURCES)


def _is_size(text: str) -> bool:
    return re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII) is not None
