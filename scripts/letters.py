"""Who writes to whom, and what: the accounts of the demonstration and as many realistic messages as are asked for.

The same seed gives the same messages. All numbers are fictitious: from ranges that regulators keep for films and
manuals. It does NOT know how a message travels: no segment, no PDU, no socket.
"""

import random
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from faker import Faker

from scripts.phrases import EMOJI, LANGUAGES, Language
from simulator.sms.segments import SplitKind


class Account(NamedTuple):
    """One customer of the carrier: how it binds, who it is to its readers, how it sends what is too long."""

    name: str
    binds: tuple[str, ...]
    number: str
    title: str
    long_by: SplitKind


ACCOUNTS: Final = (
    Account("northwind", ("TRX",), "12065550142", "Northwind", "udh8"),
    Account("harbour", ("TX", "RX"), "447700900461", "Harbour", "udh16"),
    Account("lantern", ("TX", "RX", "RX"), "33639980117", "Lantern", "sar"),
    Account("meridian", ("TRX", "TRX"), "493023125070", "Meridian", "payload"),
)
"""Each kind of bind, one receiver and several, and each way a long message can be sent."""

PASSWORD: Final = "secret"  # noqa: S105  # every credential binds in the demonstration


LONG_MAX: Final = 320
"""Characters of a long message: with an emoji behind it still five segments where one carries 67 of them."""


class Letter(NamedTuple):
    """A message to one person."""

    account: str
    source: str
    destination: str
    language: str
    text: str


AREAS: Final = (
    "202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 251 252 253 "
    "254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 "
    "323 325 330 334 336 337 339 347 351 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419"
).split()


def number_in(locale: str, luck: random.Random) -> str:
    """A fictitious number where the locale's language is spoken, or of the North American plan."""
    match locale:
        case "en_US" if luck.random() < 0.4:
            return f"447700900{luck.randrange(1000):03}"
        case "de_DE":
            return f"493023125{luck.randrange(1000):03}"
        case "fr_FR":
            return f"3363998{luck.randrange(10_000):04}"
        case "sv_SE":
            return f"46701740{luck.randrange(605, 700)}"
        case _:
            return f"1{luck.choice(AREAS)}55501{luck.randrange(100):02}"


class Writer:
    """Writes letters in all languages from one seed."""

    def __init__(self, seed: int) -> None:
        self._luck = random.Random(seed)
        self._fakers: dict[str, Faker] = {}
        self._taken = {account.number for account in ACCOUNTS}
        self._seed = seed

    def letters(self, count: int) -> Iterator[Letter]:
        """So many letters, of each account in turn; the first of each comes from its number, not from its name."""
        for index in range(count):
            account = ACCOUNTS[index % len(ACCOUNTS)]
            # The first of each are to America, where a sender is always a number.
            language = LANGUAGES[0 if index < len(ACCOUNTS) else self._luck.randrange(len(LANGUAGES))]
            destination = self._free_number("en_CA" if index < len(ACCOUNTS) else language.locale)
            source = account.number if destination.startswith("1") else account.title
            yield Letter(account.name, source, destination, language.name, self._text(language))

    def replies(self, count: int) -> Iterator[Letter]:
        """So many letters of subscribers to the accounts' numbers; every third is a long one."""
        for index in range(count):
            account = ACCOUNTS[index % len(ACCOUNTS)]
            language = LANGUAGES[index % len(LANGUAGES)]
            text = self._long(language) if index % 3 == 2 else language.reply
            if index % 5 == 4:
                text = f"{text} {self._luck.choice(EMOJI)}"
            yield Letter(account.name, self._free_number(language.locale), account.number, language.name, text)

    def _free_number(self, locale: str) -> str:
        """A number that nobody had before, as long as there are any."""
        number = number_in(locale, self._luck)
        for _ in range(100):
            if number not in self._taken:
                break
            number = number_in("en_CA", self._luck)
        self._taken.add(number)
        return number

    def _text(self, language: Language) -> str:
        match self._luck.randrange(10):
            case 0 | 1 | 2:
                text = language.reminder
            case 3 | 4 | 5:
                text = language.code
            case 6 | 7:
                text = language.parcel
            case _:
                return self._long(language)
        text = self._filled(text, language)
        return f"{text} {self._luck.choice(EMOJI)}" if self._luck.random() < 0.15 else text

    def _long(self, language: Language) -> str:
        """Several sentences, at most LONG_MAX characters."""
        sentences = [language.reminder, language.advice, language.parcel, language.code]
        filled = [self._filled(sentence, language) for sentence in sentences]
        for count in range(self._luck.randint(2, 4), 1, -1):
            text = " ".join(filled[:count])
            if len(text) <= LONG_MAX:
                return text
        return filled[0]

    def _filled(self, text: str, language: Language) -> str:
        luck, fake = self._luck, self._faker(language.locale)
        fields: dict[str, Any] = {
            "name": fake.first_name(),
            "company": fake.company(),
            "city": fake.city(),
            "day": f"{luck.randint(1, 28)}.{luck.randint(1, 12)}.",
            "hour": f"{luck.randint(8, 18)}:{luck.choice(('00', '15', '30', '45'))}",
            "code": f"{luck.randrange(1_000_000):06}",
            "parcel": f"{luck.choice('ABCDEFGH')}{luck.randrange(10**9):09}",
            "price": f"{luck.randint(3, 120)}.{luck.randrange(100):02}",
        }
        return text.format(**fields)

    def _faker(self, locale: str) -> Faker:
        faker = self._fakers.get(locale)
        if faker is None:
            faker = self._fakers[locale] = Faker(locale)
            faker.seed_instance(self._seed)
        return faker
