"""The gateway's file: carriers, numbers, pace, retries, callbacks. YAML or TOML, checked as a whole.

It knows shapes and defaults (the published limits, wherever there are any) and nothing of what is done with them.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from simulator.gateway.dialects.flowroute.settings import KEY, FlowrouteSettings
from simulator.gateway.dialects.flowroute.settings import demo as flowroute_demo
from simulator.gateway.dialects.signalsms.settings import SPACE, SignalsmsSettings
from simulator.gateway.dialects.signalsms.settings import demo as signalsms_demo
from simulator.gateway.dialects.signalwire.settings import PROJECT, SignalwireSettings
from simulator.gateway.dialects.signalwire.settings import demo as signalwire_demo
from simulator.gateway.messages import Number, NumberKind

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

_SECRETS = ("password", "secret", "token", "key")
"""Words in the places of what is never repeated."""


class ConfigError(ValueError):
    """A file that cannot be used: names the file, the place in it, what was found and what is allowed."""


def seconds_from(value: object) -> object:
    """``250ms``, ``30s``, ``5min``, ``4h``, ``3d`` as seconds; plain numbers are seconds. Raises ValueError."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :]
    try:
        return float(number) * _UNITS[unit]
    except (KeyError, ValueError) as error:
        raise ValueError(f"{value!r}, must be a duration such as 250ms, 30s, 5min, 4h or 3d") from error


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Seconds = Annotated[float, BeforeValidator(seconds_from), Field(ge=0)]
Digits = Annotated[str, BeforeValidator(_digits), Field(min_length=1)]
"""A number, which YAML may have read as an integer."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SmscSettings(_Part):
    """One carrier: where it listens and who we are there. Carriers are tried in the order of the file."""

    name: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=2775, ge=1, le=65_535)
    system_id: str = Field(default="gateway", max_length=15)
    password: str = Field(default="", max_length=8, repr=False)
    system_type: str = Field(default="", max_length=12)
    window: int = Field(default=10, ge=1)
    links: int = Field(default=1, ge=1, le=100)
    is_premium: bool = False
    """Whether messages that are to go fast go here first."""
    prefixes: list[Digits] = []
    """Destinations that it takes; empty: all. Of several carriers those with the longest fitting prefix come first."""
    response: Seconds = 30.0
    """How long an answer is waited for."""
    enquire_link: Seconds = 30.0


class RetrySettings(_Part):
    """How a submit is tried again that was refused for the moment."""

    tries: int = Field(default=8, ge=1)
    first: Seconds = 1.0
    """Pause after the first refusal; each further one doubles it."""
    longest: Seconds = 60.0
    temporary: list[int] = [0x08, 0x14, 0x45, 0x58, 0x64, 0xFE]
    """command_status values worth another try: system error, queue full, submit failed, throttled, try later,
    delivery failed."""
    lost_answer: Literal["resubmit", "fail"] = "resubmit"
    """What follows a submit whose answer never came: the carrier may have it, or not."""


class ReceiptSettings(_Part):
    """How receipts become a status."""

    parts: Literal["all", "any", "last"] = "all"
    """Of a long message: delivered when all its parts are, when any is, or as its last one is."""
    early: Seconds = 30.0
    """How long a receipt is kept that came before its response."""
    awaited_max: int = Field(default=50_000, ge=1)
    """Messages kept in memory until their receipt; more are looked up in the database."""


class LetterSettings(_Part):
    """How texts are written and read."""

    long: Literal["udh8", "udh16", "sar", "payload"] = "udh8"
    """How the parts of a long message tell that they are parts."""
    parts_wait: Seconds = 60.0
    """How long the missing parts of an inbound message are waited for."""


class CallbackSettings(_Part):
    """How callbacks of a dialect are sent."""

    pauses: list[Seconds] = []
    """Before each further try: two pauses are three tries in all."""
    connect: Seconds = 2.0
    read: Seconds = 5.0
    redirects: int = Field(default=3, ge=0, le=20)
    accepted: Literal["2xx", "200"] = "2xx"
    """What counts as taken."""


class NumberSettings(_Part):
    """A sender, and the number that subscribers write to."""

    number: Digits
    space: str
    dialect: Literal["signalwire", "flowroute", "signalsms"]
    kind: NumberKind = NumberKind.LONG_CODE
    can_send: bool = True
    can_receive: bool = True
    pace: float | None = Field(default=None, gt=0)
    opt_out: Literal["customer", "platform"] = "customer"
    settings: dict[str, Any] = {}

    def number_of(self) -> Number:
        """The same as the core's value, digits without plus."""
        return Number(
            self.number.removeprefix("+"),
            self.space,
            self.dialect,
            self.kind,
            self.can_send,
            self.can_receive,
            self.pace,
            self.opt_out,
            self.settings,
        )


PACES: dict[str, dict[NumberKind, float]] = {
    "signalwire": {
        NumberKind.LONG_CODE: 4.0,
        NumberKind.CANADIAN: 1.0,
        NumberKind.TOLL_FREE: 3.0,
        NumberKind.SHORT_CODE: 10.0,
    }
}
"""Segments a second of one sender, as SignalWire publishes them. Flowroute has no queue, SignalSMS tells of no pace."""

CALLBACKS: dict[str, CallbackSettings] = {
    # three attempts in all, as the guide of the older API says; the pauses are not published
    "signalwire": CallbackSettings(pauses=[1.0, 2.0]),
    # four tries, 30 seconds apart, until 200 comes
    "flowroute": CallbackSettings(pauses=[30.0, 30.0, 30.0], redirects=0, accepted="200"),
    # not published
    "signalsms": CallbackSettings(pauses=[1.0, 5.0, 30.0], redirects=0),
}


class Config(_Part):
    """All of it. Without a file: one carrier on this machine, and a demo account in each dialect."""

    smscs: list[SmscSettings] = []
    numbers: list[NumberSettings] = []
    backlog: int = Field(default=10_000, ge=1)
    """Messages that may wait in each space."""
    queue_lifetime: Seconds = 14_400.0
    """How long one may wait before it fails."""
    pace: dict[str, dict[NumberKind, Annotated[float, Field(gt=0)]]] = PACES
    """By dialect and kind of number; what is not named is not paced."""
    ahead: int = Field(default=100, ge=1)
    """Segments that may stand ready beyond the windows. A killed process cannot tell them from submitted ones."""
    retry: RetrySettings = RetrySettings()
    receipts: ReceiptSettings = ReceiptSettings()
    letters: LetterSettings = LetterSettings()
    callbacks: dict[str, CallbackSettings] = CALLBACKS
    callbacks_at_once: int = Field(default=20, ge=1, le=500)
    """Connections on which callbacks are sent."""
    callbacks_ca: str | None = None
    """File of the authorities that certificates of https callbacks are judged by; the system's where there is none."""
    allow_targets: list[str] = []
    """Hosts beside this machine that callbacks may go to."""
    networks: dict[Digits, str] = {}
    """Carriers' names by prefix of the destination."""
    signalwire: SignalwireSettings = SignalwireSettings()
    flowroute: FlowrouteSettings = FlowrouteSettings()
    signalsms: SignalsmsSettings = SignalsmsSettings()
    _is_demo: bool = PrivateAttr(default=False)

    @property
    def is_demo(self) -> bool:
        """Whether it has no accounts but those that GET /demo-accounts tells of."""
        return self._is_demo

    def for_everybody(self) -> Self:
        """Note that its accounts are those of the demonstration."""
        self._is_demo = True
        return self

    def carriers(self) -> list[SmscSettings]:
        """The carriers, each with a name of its own."""
        named = []
        for at, smsc in enumerate(self.smscs or [SmscSettings()], 1):
            named.append(smsc if smsc.name else smsc.model_copy(update={"name": f"smsc{at}"}))
        names = [smsc.name for smsc in named]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigError(f"smscs: two are named {twice!r}, must be different names")
        return named


def demo() -> Config:
    """What is served without a file: numbers that nobody has (555-0100 and following), in a space per dialect."""
    rows = [
        ("12065550100", PROJECT, "signalwire", NumberKind.LONG_CODE, "customer"),
        ("18005550100", PROJECT, "signalwire", NumberKind.TOLL_FREE, "customer"),
        ("12065550101", KEY, "flowroute", NumberKind.LONG_CODE, "platform"),
        ("ACME", SPACE, "signalsms", NumberKind.ALPHANUMERIC, "platform"),
    ]
    numbers = [
        NumberSettings.model_validate(
            {"number": number, "space": space, "dialect": dialect, "kind": kind, "opt_out": opt_out}
        )
        for number, space, dialect, kind, opt_out in rows
    ]
    config = Config(
        numbers=numbers, signalwire=signalwire_demo(), flowroute=flowroute_demo(), signalsms=signalsms_demo()
    )
    return config.for_everybody()


LOAD = "load"
"""The name of the configuration for load runs, in the place of a file."""
_MANY = 1_000_000


def for_load() -> Config:
    """The demo accounts with every published limit lifted, for runs that measure something else than limits."""
    config = demo()
    wallets = tuple(account.model_copy(update={"topups": 1e9}) for account in config.signalsms.accounts)
    config.pace, config.backlog = {}, 100_000
    config.signalwire = config.signalwire.model_copy(update={"writes_max": _MANY})
    config.flowroute = config.flowroute.model_copy(update={"sms_per_second": _MANY, "mms_per_second": _MANY})
    config.signalsms = config.signalsms.model_copy(update={"requests_per_minute": _MANY, "accounts": wallets})
    config.smscs = [LOADED]
    return config


LOADED = SmscSettings(window=100, links=8)
"""A carrier in a load run: its window for receipts is short, and each link has one of its own."""


def read_config(path: Path) -> Config:
    """A file as it stands: TOML where its name ends so, else YAML. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--config: {str(path)!r}: {getattr(error, 'strerror', None) or error}") from error
    try:
        found = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from error
    if found is None:
        found = {}
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: {type(found).__name__}, must be a mapping of {', '.join(Config.model_fields)}")
    try:
        config = Config.model_validate(found)
        config.carriers()
    except ValidationError as error:
        raise ConfigError("\n".join(_lines(path, error))) from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return config


def _lines(path: Path, error: ValidationError) -> list[str]:
    """One line for each fault. What was found is told for plain values only, and never of passwords."""
    lines = []
    for fault in error.errors(include_url=False):
        place = ".".join(str(step) for step in fault["loc"]) or "file"
        found = fault["input"]
        is_secret = any(word in place for word in _SECRETS)
        shown = f", found {found!r}" if isinstance(found, str | int | float) and not is_secret else ""
        message = fault["msg"].removeprefix("Value error, ")
        lines.append(f"{path}: {place}: {message[:1].lower()}{message[1:]}{shown}")
    return lines
