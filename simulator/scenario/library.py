"""The scenarios that come with the package, as one looks them up: by a word in their names or in what they tell.

It knows their `about` and nothing of what they do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.scenario.file import load, shipped


@dataclass(frozen=True, slots=True)
class Shipped:
    """One of them: its name (`quirks/throttle-storm`) and what it says of itself, None where it says nothing."""

    name: str
    text: str | None
    carrier: str | None = None
    breaks: str | None = None
    correct: str | None = None
    source: tuple[str, ...] = ()

    @property
    def bare(self) -> str:
        """The name without its folder."""
        return self.name.rpartition("/")[2]

    def tells(self, word: str) -> bool:
        """Whether a word stands in the name or in any text, in any case."""
        told = (self.name, self.text, self.carrier, self.breaks, self.correct, *self.source)
        return any(word.casefold() in one.casefold() for one in told if one)

    def as_json(self) -> dict[str, Any]:
        """Everything of it, as plain values."""
        return {key: getattr(self, key) for key in ("name", "text", "carrier", "breaks", "correct")} | {
            "source": list(self.source)
        }


def listed(folder: str, words: Sequence[str] = ()) -> Iterator[Shipped]:
    """Those of a folder (`quirks`) that tell each of the words; one whose name is the only word goes alone."""
    some = [_shipped(name) for name in shipped() if name.startswith(f"{folder}/")]
    exact = [one for one in some if len(words) == 1 and words[0] in {one.name, one.bare}]
    yield from exact or (one for one in some if all(one.tells(word) for word in words))


def _shipped(name: str) -> Shipped:
    about = load(name).about
    if about is None:
        return Shipped(name, None)
    return Shipped(name, about.text, about.carrier, about.breaks, about.correct, about.source or ())


__all__ = ["Shipped", "listed"]
