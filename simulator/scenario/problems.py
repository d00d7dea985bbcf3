"""What is wrong with a scenario file, as values and as a person reads it: place, what was found, what is allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 160
"""Characters of a line that are shown."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``line`` and ``column`` count from 1, and are 0 where the file has no such place.

    ``path`` leads there by keys: `rules[3].then.reject`. ``hint`` is what was probably meant. ``source`` is the line.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    allowed: str
    hint: str = ""
    source: str = ""

    @property
    def headline(self) -> str:
        """The first line of its text: `storm.yaml:7:20: rules[3].then.reject: ..., allowed: ...`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}{': ' if self.path else ''}{self.found}, allowed: {self.allowed}"

    def __str__(self) -> str:
        hint = f"did you mean {self.hint}?" if self.hint else ""
        if not self.source.strip() or not self.line:
            return f"{self.headline}\n    {hint}" if hint else self.headline
        # a far column is shown with what stands around it
        start = max(0, self.column - 1 - WIDTH // 2) if len(self.source) > WIDTH else 0
        shown = "".join(one if one.isprintable() or one == "\t" else "\ufffd" for one in self.source)
        before = "".join("\t" if one == "\t" else " " for one in shown[start : self.column - 1])
        caret = f"    {before}^ {hint}".rstrip()
        return f"{self.headline}\n    {shown[start : start + WIDTH]}\n{caret}"


class ScenarioError(ValueError):
    """A file is no scenario. ``problems`` is everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_by_place))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _by_place(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column
