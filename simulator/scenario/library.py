"""The scenarios that come with the package, as one looks them up: by a word in their names or in what they tell.

It knows their `about` and nothing of what they do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.scenario.file import load, shipped
from simulator.scenario.words.wire_words import nearest


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
    """Those of a folder (`quirks`; empty: of all) that tell each of the words.

    One whose name is the only word goes alone, and a folder's name means all that is in it.
    """
    some = [_shipped(name) for name in _names(folder)]
    inside = [one for one in some if len(words) == 1 and one.name.startswith(words[0].rstrip("/") + "/")]
    if inside:
        yield from inside
        return
    exact = [one for one in some if len(words) == 1 and words[0] in {one.name, one.bare}]
    yield from exact or (one for one in some if all(one.tells(word) for word in words))


def meant(folder: str, words: Sequence[str]) -> str:
    """The name, of a folder or of all, that was probably meant by a word; empty if none is near."""
    if len(words) != 1:
        return ""
    return nearest(words[0], [known for name in _names(folder) for known in (name, name.rpartition("/")[2])])


def _names(folder: str) -> Iterator[str]:
    return (name for name in shipped() if not folder or name.startswith(f"{folder}/"))


def _shipped(name: str) -> Shipped:
    about = load(name).about
    if about is None:
        return Shipped(name, None)
    return Shipped(name, about.text, about.carrier, about.breaks, about.correct, about.source or ())


__all__ = ["Shipped", "listed", "meant"]
