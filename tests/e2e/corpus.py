"""Messages of many kinds as people and applications write them, each to a number of its own; a seed repeats them.

What a letter should come to (how many segments, which text) is worked out here from the standards' numbers alone and
with a codec of another project, never with the server's own code.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import gsm0338
from faker import Faker

WESTERN = ["en_US", "de_DE", "fr_FR", "it_IT", "es_ES"]
OTHERS = ["pl_PL", "el_GR", "ru_RU", "uk_UA", "ar_AA", "he_IL", "ja_JP", "zh_CN", "zh_TW", "ko_KR"]
EXTENSION = "^{}\\[~]|€"
EMOJI = "😀🎉🚚📦❤️👩‍👩‍👧🇺🇸👍🏽"

AREAS = "202 212 213 305 312 404 415 469 503 512 602 617 646 702 713 718 801 813 917 919".split()
"""Area codes in use; each has the exchange 555 with the lines 0100 to 0199 set aside for fiction."""

_gsm = gsm0338.Codec()

SENDERS = ["Acme", "12345", "+12025550199"]

PORTS = bytes.fromhex("0605040b8423f0")  # a WAP push to port 2948


Fields = dict[str, str | bytes | int]
Content = tuple[str, str, int, Fields]
"""Kind, text as the server tells it, segments, and what Kannel's sendsms is told."""


@dataclass(slots=True, frozen=True)
class Letter:
    """One message: what it is called, to whom, and how it should be told afterwards."""

    kind: str
    number: int
    to: str
    sender: str
    text: str
    """As the server tells it: binary content as hexadecimal digits."""
    segments: int
    fields: Fields
    """What Kannel's sendsms is told beyond from and to."""


def numbers(areas: list[str]) -> Iterator[str]:
    """Fictitious North American numbers, each once, without their +."""
    return (f"1{area}55501{line:02d}" for line in range(100) for area in areas)


def gsm_octets(text: str) -> bytes | None:
    """A text in the GSM default alphabet, one septet per octet; None where it has no place in it."""
    try:
        octets, _ = _gsm.encode(text)
    except UnicodeError:
        return None
    return bytes(octets)


def segments_of(text: str) -> int:
    """How many segments a text takes, with an 8-bit concatenation header where it takes several."""
    octets = gsm_octets(text)
    if octets is None:
        units = len(text.encode("utf-16-be")) // 2
        return 1 if units <= 70 else -(-units // 67)
    if len(octets) <= 160:
        return 1
    count, at = 0, 0
    while at < len(octets):
        # an escape and its character stay together
        at += 152 if octets[at + 152 : at + 153] == b"\x1b" else 153
        count += 1
    return count


class Author:
    """Writes letters; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self.luck = Random(seed)
        self.fakers = {locale: Faker(locale) for locale in WESTERN + OTHERS}
        for faker in self.fakers.values():
            faker.seed_instance(seed)

    def words(self, locale: str, length: int) -> str:
        """About that many characters of that language."""
        text = ""
        while len(text) < length:
            text += self.fakers[locale].sentence() + " "
        return text[:length].strip()

    def gsm(self, length: int) -> str:
        """A text of the GSM default alphabet in a language of western Europe."""
        text = self.words(self.luck.choice(WESTERN), length)
        return "".join(letter for letter in text if gsm_octets(letter)) or "ja"

    def gsm_extended(self, length: int) -> str:
        """The same with characters that take an escape, anywhere."""
        letters = list(self.gsm(length))
        for _ in range(self.luck.randint(1, 8)):
            letters.insert(self.luck.randrange(1, len(letters) + 1), self.luck.choice(EXTENSION))
        return "".join(letters)

    def unicode(self, length: int) -> str:
        """A text that GSM has no letters for."""
        # the last letter makes it so, whatever words were picked
        return self.words(self.luck.choice(OTHERS), length)[: length - 1] + "ж"

    def emoji(self, length: int) -> str:
        """A text with characters beyond the basic plane, some of them joined to sequences."""
        text = self.words(self.luck.choice(WESTERN + OTHERS), max(1, length - 30))
        at = self.luck.randrange(len(text) + 1)
        return f"{text[:at]}{EMOJI}{text[at:]}👋"

    def texts(self) -> list[tuple[str, Callable[[int], str], int, int]]:
        """Kinds of text: name, writer, least and greatest length. The four short ones fit one segment."""
        return [
            ("gsm", self.gsm, 1, 150),
            ("gsm with extension", self.gsm_extended, 5, 140),
            ("ucs2", self.unicode, 2, 70),
            ("emoji", self.emoji, 1, 40),
            ("long gsm", self.gsm_extended, 170, 700),
            ("long ucs2", self.unicode, 75, 300),
            ("long emoji", self.emoji, 100, 300),
        ]

    def letters(self, count: int) -> Iterator[Letter]:
        """That many letters to as many numbers: all kinds in turn, two short ones for every long one."""
        kinds = [self.worded(*text) for text in self.texts()]
        turns = [*kinds[:4], *kinds, self.binary, self.binary, self.flash]
        for number, to in enumerate(islice(numbers(AREAS), count)):
            kind, text, segments, fields = turns[number % len(turns)]()
            yield Letter(kind, number, to, self.luck.choice(SENDERS), text, segments, fields)

    def worded(self, kind: str, write: Callable[[int], str], least: int, greatest: int) -> Callable[[], Content]:
        """A writer of contents from a writer of texts."""

        def content() -> Content:
            text = write(self.luck.randint(least, greatest))
            return kind, text, segments_of(text), {"text": text, "coding": 2 if gsm_octets(text) is None else 0}

        return content

    def flash(self) -> Content:
        """A text that is shown at once: message class 0, data_coding 0xF0 or 0x18."""
        text = self.luck.choice([self.gsm, self.unicode])(60)
        coding = 2 if gsm_octets(text) is None else 0
        # for GSM alt-dcs 1 is the form that Kannel encodes
        return "flash", text, 1, {"text": text, "coding": coding, "mclass": 0, "alt-dcs": 0 if coding else 1}

    def binary(self) -> Content:
        """Octets to an application port, in one segment or several."""
        octets = self.luck.randbytes(self.luck.choice([1, 40, 133, 134, 300, 500]))
        room = 140 - len(PORTS)
        # in parts the header gains a concatenation element: its name, its length, reference, total and number
        segments = 1 if len(octets) <= room else -(-len(octets) // (room - 5))
        return "binary", octets.hex(), segments, {"text": octets, "coding": 1, "udh": PORTS}
