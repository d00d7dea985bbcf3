"""What filters read in a text, and how they remember what they have seen, in bounded memory.

Knows words, hosts and what remains of a text when everything is masked that spreaders of spam vary. Does not know which
words or hosts are bad, nor who sent the text: it is given decoded, and as a whole.

Every expression here takes time in proportion to the text: a match begins only where a run of its characters does.
"""

import re
from collections.abc import Hashable, Iterable
from functools import cached_property
from hashlib import blake2b
from typing import Final, Generic, TypeVar
from unicodedata import normalize

_WORD: Final = re.compile(r"[^\W_]+")
# what stands before an @ in a URL is no host, though it may look like a bank's; a mail address is no link at all
_HOST: Final = re.compile(r"(?:://[^\s/@]*@|(?<![a-z0-9@.-]))([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_TOP: Final = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")
_DIGITS: Final = re.compile(r"\d+")
_LINK_MASK: Final = "\x01"
_DIGITS_MASK: Final = "\x02"
_DIGEST_SIZE: Final = 16

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Reading:
    """One text, read once for all filters; what no filter asks for is never worked out.

    Letters that differ in case, width or style alone are one letter, as to the people who read them.
    """

    # no slots: what was worked out is kept in the instance's dictionary
    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded(self) -> str:
        """The text in small plain letters."""
        return self.text.lower() if self.text.isascii() else normalize("NFKC", self.text).casefold()

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words in order: runs of letters and digits, of any script."""
        return tuple(_WORD.findall(self.folded))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Its words, each once."""
        return frozenset(self.words)

    @cached_property
    def line(self) -> str:
        """Its words with one space before, between and after them, so that phrases are found as substrings."""
        return f" {' '.join(self.words)} "

    @cached_property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of all links in it, in order, whether a scheme stands before them or not."""
        return tuple(_hosts(self.folded))

    @cached_property
    def masked(self) -> str:
        """What remains when links and runs of digits are masked, and case and spacing are taken away."""
        words = (_LINK_MASK if _is_link(word) else word for word in self.folded.split())
        return _DIGITS.sub(_DIGITS_MASK, "".join(words))

    @cached_property
    def fingerprint(self) -> bytes:
        """16 octets by which texts are known again that differ in links, digits, case and spacing alone."""
        return digest(self.masked)


def _hosts(folded: str) -> list[str]:
    if "." not in folded:
        return []
    return [host for host in _HOST.findall(folded) if _TOP.fullmatch(host.rpartition(".")[2])]


def _is_link(word: str) -> bool:
    return "://" in word or bool(_hosts(word))


def digest(text: str) -> bytes:
    """16 octets that stand for a text of any length."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_SIZE).digest()


class Phrases:
    """Words and phrases to look for. They match whole words, whatever stands between the words of a phrase."""

    __slots__ = ("_phrases", "_words")

    def __init__(self, phrases: Iterable[str]) -> None:
        read = [Reading(phrase).words for phrase in phrases]
        self._words = frozenset(words[0] for words in read if len(words) == 1)
        longer: dict[str, list[str]] = {}
        for words in read:
            if len(words) > 1:
                longer.setdefault(words[0], []).append(" ".join(words))
        self._phrases = {first: tuple(many) for first, many in longer.items()}

    def found_in(self, reading: Reading) -> str:
        """The first of them that stands in the text; empty where none does."""
        vocabulary = reading.vocabulary
        if vocabulary.isdisjoint(self._words) and vocabulary.isdisjoint(self._phrases):
            return ""
        for word in reading.words:
            if word in self._words:
                return word
            for phrase in self._phrases.get(word, ()):
                if f" {phrase} " in reading.line:
                    return phrase
        return ""


class Recent(Generic[K, V]):
    """Remembers what was put last for each key, for at most ``size_max`` keys.

    There are two halves: when the young one is full it becomes the old one, and what was in that and not put again
    since is forgotten. So nothing is forgotten before ``size_max // 2`` other keys came after it, and a key costs one
    entry of a dictionary. Raises ValueError for a size below 2.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, size_max: int) -> None:
        if size_max < 2:
            raise ValueError(f"size_max: {size_max}, at least 2")
        self._half = size_max // 2
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """What was put last for this key, or None; asking does not keep it any longer."""
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def put(self, key: K, value: V) -> None:
        """Remember this for the key, in place of what was."""
        if key not in self._young:
            self._old.pop(key, None)
            if len(self._young) >= self._half:
                self._old, self._young = self._young, {}
        self._young[key] = value

    def forget(self, key: K) -> None:
        """Remember nothing for this key."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Remember nothing at all."""
        self._young, self._old = {}, {}
