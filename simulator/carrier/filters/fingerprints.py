"""What filters read in a text, and how they remember what they have seen, in bounded memory.

Knows words, hosts and what remains of a text when everything is masked that spreaders of spam vary. Does not know which
words or hosts are bad, nor who sent the text: it is given decoded, and as a whole.

Every text that is filtered is read, so this is written for speed: tables translate, and expressions, which cost more,
see single words alone. They take time in proportion to these: a match begins only where a run of its characters does.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, Generic, TypeVar
from unicodedata import normalize

_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = bytes(code if chr(code).isalnum() and code < 128 else ord(" ") for code in range(256))
# what stands before an @ in a URL is no host, though it may look like a bank's; a mail address is no link at all
_HOST: Final = re.compile(r"(?:://[^\s/@]*@|(?<![a-z0-9@.-]))([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_TOP: Final = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")
_DIGIT: Final = re.compile(r"\d+")
_ASCII_DIGIT: Final = re.compile("[0-9]")
_LINK_MASK: Final = "\x01"
_SMALL: Final = bytes(code + 32 if 65 <= code <= 90 else code for code in range(256))
MASKED: Final = bytes(48 if 48 <= code <= 57 else small for code, small in enumerate(_SMALL))
"""Octets as `masked` has them, for `bytes.translate`."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Once(Generic[V]):
    """An attribute that is worked out when it is first asked for. functools has one that takes a lock each time."""

    def __init__(self, work_out: Callable[[Any], V]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> V:
        value = instance.__dict__[self._name] = self._work_out(instance)
        return value


def masked(text: str) -> str:
    """A text with every digit as `0` and, where all of it is ASCII, in small letters.

    Texts of which that is the same have the same words, links and fingerprint but for the digits in them.
    """
    return text.encode().translate(MASKED).decode() if text.isascii() else _ASCII_DIGIT.sub("0", text)


class Reading:
    """One text, read once for all filters; what no filter asks for is never worked out.

    Letters that differ in case, width or style alone are one letter, as to the people who read them.
    """

    # no slots: what was worked out is kept in the instance's dictionary
    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = folded = text.lower() if text.isascii() else normalize("NFKC", text).casefold()
        """The text in small plain letters. It is worked out at once, as nearly every filter asks for it."""
        self.has_dot = "." in folded
        """Whether there can be a host in it."""

    def slim(self) -> None:
        """Keep no more than is asked of it most often: its fingerprint; the rest is worked out again."""
        kept = {"text": self.folded, "folded": self.folded, "has_dot": self.has_dot, "fingerprint": self.fingerprint}
        self.__dict__.clear()
        self.__dict__.update(kept)

    @_Once
    def words(self) -> list[str]:
        """Its words in order: runs of letters and digits, of any script."""
        folded = self.folded
        # octets are translated many times faster than characters
        return folded.encode().translate(_LETTERS).decode().split() if folded.isascii() else _WORD.findall(folded)

    @_Once
    def line(self) -> str:
        """Its words with one space before, between and after them, so that phrases are found as substrings."""
        return f" {' '.join(self.words)} "

    @_Once
    def tokens(self) -> list[str]:
        """What stands between white space, in small plain letters."""
        return self.folded.split()

    @_Once
    def links(self) -> dict[str, list[str]]:
        """Which tokens are links, whether a scheme stands before them or not, each with the hosts that are in it."""
        if "://" in self.folded:
            candidates = [token for token in self.tokens if "." in token or "://" in token]
        elif "." in self.folded:
            candidates = [token for token in self.tokens if "." in token]
        else:
            return {}
        found = {}
        for token in candidates:
            # most dots end a sentence
            hosts = _hosts(token) if "." in token[1:-1] else []
            if hosts or "://" in token:
                found[token] = hosts
        return found

    @_Once
    def hosts(self) -> list[str]:
        """The hosts of all links in it, in order."""
        return [host for hosts in self.links.values() for host in hosts] if self.links else []

    @_Once
    def fingerprint(self) -> str:
        """What remains when links are masked, and digits, case and spacing are taken away.

        Texts are known again by it that differ in these alone.
        """
        tokens, links = self.tokens, self.links
        rest = "".join([_LINK_MASK if token in links else token for token in tokens] if links else tokens)
        return rest.encode().translate(None, b"0123456789").decode() if rest.isascii() else _DIGIT.sub("", rest)


def _hosts(token: str) -> list[str]:
    return [host for host in _HOST.findall(token) if _TOP.fullmatch(host.rpartition(".")[2])]


class Phrases:
    """Words and phrases to look for. They match whole words, whatever stands between the words of a phrase."""

    __slots__ = ("_masked_starts", "_phrases", "_starts", "_words")

    def __init__(self, phrases: Iterable[str]) -> None:
        read = [Reading(phrase).words for phrase in phrases]
        self._words = frozenset(words[0] for words in read if len(words) == 1)
        longer: dict[str, list[str]] = {}
        for words in read:
            if len(words) > 1:
                longer.setdefault(words[0], []).append(" ".join(words))
        self._phrases = {first: tuple(many) for first, many in longer.items()}
        self._starts = self._words.union(self._phrases)
        self._masked_starts = frozenset(map(masked, self._starts))

    def may_be_in(self, reading: Reading) -> bool:
        """Whether any of them begins in the text; where not, there is none."""
        return not self._starts.isdisjoint(reading.words)

    def may_be_alike(self, reading: Reading) -> bool:
        """Whether any of them begins in this `masked` text, or in any that is masked to it."""
        return not self._masked_starts.isdisjoint(reading.words)

    def found_in(self, reading: Reading) -> str:
        """The first of them that stands in the text; empty where none does."""
        begun = self._starts.intersection(reading.words)
        for word in sorted(begun, key=reading.words.index) if begun else ():
            if word in self._words:
                return word
            for phrase in self._phrases[word]:
                if f" {phrase} " in reading.line:
                    return phrase
        return ""


class Recent(Generic[K, V]):
    """Remembers what was put last for each key, for at most ``size_max`` keys.

    There are two halves: when the young one is full it becomes the old one, and what was in that and not put again
    since is forgotten. So nothing is forgotten before ``size_max // 2`` other keys came after it, and a key costs one
    entry of a dictionary. Raises ValueError for a size below 2.
    """

    __slots__ = ("_half", "_old", "young")

    def __init__(self, size_max: int) -> None:
        if size_max < 2:
            raise ValueError(f"size_max: {size_max}, at least 2")
        self._half = size_max // 2
        self.young: dict[K, V] = {}
        """The younger half; what is in it may be replaced there without further ado."""
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self.young) + len(self._old)

    def get(self, key: K) -> V | None:
        """What was put last for this key, or None; asking does not keep it any longer."""
        value = self.young.get(key)
        return self._old.get(key) if value is None else value

    def put(self, key: K, value: V) -> None:
        """Remember this for the key, in place of what was."""
        if key not in self.young:
            self._old.pop(key, None)
            if len(self.young) >= self._half:
                self._old, self.young = self.young, {}
        self.young[key] = value

    def forget(self, key: K) -> None:
        """Remember nothing for this key."""
        self.young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Remember nothing at all."""
        self.young, self._old = {}, {}
