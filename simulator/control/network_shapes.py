"""The shapes of what the control API takes and gives about networks: what they are, who is registered, what is left.

They describe and they check; nothing of what is done about a request.
"""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from simulator.carrier.fictitious import KINDS_OF_LINE
from simulator.control.asked import LIMIT_MAX, TEXT_MAX, Number
from simulator.control.row_shapes import Shape

NUMBERS_MAX = 1_000
"""Fictitious numbers in one answer."""
_EXAMPLE = "15105550100"


def _example(**words: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", populate_by_name=False, json_schema_extra={"examples": [words]})


class EntriesQuery(Shape):
    """Which entries of a section."""

    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many entries at most")
    cursor: int = Field(0, ge=0, description="what the previous page gave as next")


class RegistryShape(Shape):
    """All that is registered, in the words of a file, by section and key."""

    brands: dict[str, Any]
    campaigns: dict[str, Any]
    numbers: dict[str, Any]
    toll_free: dict[str, str]
    short_codes: dict[str, Any]
    names: dict[str, Any]
    templates: dict[str, Any]


class RegistryChangedShape(Shape):
    """The keys of the entries that were given and that were taken away, by section."""

    changed: dict[str, list[str]] = Field(default_factory=dict)
    removed: dict[str, list[str]]


class EntryShape(Shape):
    """One entry in the words of a file; ``facts`` is what follows from it, by section."""

    model_config = _example(
        section="campaigns",
        key="C1",
        entry={"brand": "acme", "use_case": "marketing", "state": "active"},
        facts={"is_registered": True, "att_class": "B", "tier": "top", "numbers": 2},
    )

    section: str
    key: str
    entry: Any
    facts: dict[str, Any]


class EntriesShape(Shape):
    """A page of entries."""

    entries: list[EntryShape]
    next: str | None
    total: int


class NetworkLimitShape(Shape):
    """One limit of a network: how much of what in which span, by the word that chooses among the amounts."""

    name: str
    scope: str
    per: str
    counts: str
    media: str = Field(description="sms, mms or all: which messages it holds for")
    senders: str
    by: str | None
    amounts: dict[str, float]
    cause: str
    over: str
    where: str


class NetworkShape(Shape):
    """One network. ``unregistered`` is what it does with who is not registered, by kind of number."""

    name: str
    prefixes: list[str]
    hub_of: list[str]
    unregistered: dict[str, str]
    parts_max: int
    tells: str
    limits: list[NetworkLimitShape]
    filters: list[str]


class NetworksShape(Shape):
    """All networks behind this SMSC."""

    networks: list[NetworkShape]


class LimitsQuery(Shape):
    """Whose limits: exactly one of number, campaign, brand."""

    number: str | None = Field(None, description="the sender", examples=[_EXAMPLE])
    campaign: str | None = Field(None, description="a campaign of the registry")
    brand: str | None = Field(None, description="a brand of the registry")
    network: str | None = Field(None, description="only of this network; of all if nothing is said")
    account: str = Field("", description="the account that sends, where limits are by account")


class LeftShape(Shape):
    """What is left of one limit. ``wait``: seconds until a segment has room, null where it never will."""

    model_config = _example(
        network="tmobile",
        limit="t_mobile",
        scope="brand",
        key="sole",
        counts="segments",
        per="day",
        amount=1000,
        left=12,
        is_over=False,
        wait=0,
        clock="carrier",
    )

    network: str
    limit: str
    scope: str
    key: str
    counts: str
    per: str
    amount: float
    left: float
    is_over: bool
    wait: float | None
    clock: str


class LimitsShape(Shape):
    """What is left now, network by network."""

    limits: list[LeftShape]


class FeesQuery(Shape):
    """By what sums are kept apart."""

    by: str = Field("", description="day, brand, network, or several of them with commas between")


class FeeShape(Shape):
    """One sum. ``unpriced`` counts messages whose network has no price."""

    model_config = _example(
        day="2026-05-26", brand="acme", network="att", messages=2, segments=3, dollars="0.0105", unpriced=0
    )

    day: str | None = None
    brand: str | None = None
    network: str | None = None
    messages: int
    segments: int
    dollars: str
    unpriced: int


class FeesShape(Shape):
    """What networks charge since the last reset: by what was asked for, and in all."""

    by: list[str]
    fees: list[FeeShape]
    total: FeeShape


class NumbersQuery(Shape):
    """Which fictitious numbers."""

    network: str = Field(description="whose they are")
    count: int = Field(10, ge=1, le=NUMBERS_MAX)
    first: int = Field(0, ge=0, description="how many are passed over")
    seed: int | None = Field(None, description="chooses which ones; the run's seed if nothing is said")
    kind: Literal["mobile", "landline", "toll_free", "premium"] | None = Field(
        None, description=f"one of {', '.join(filter(None, KINDS_OF_LINE))}; all but landlines if nothing is said"
    )


class NumbersShape(Shape):
    """Numbers that nobody has."""

    model_config = _example(network="att", numbers=["12145550128", "12145550181"])

    network: str
    numbers: list[str]


class ExplainRequest(Shape):
    """The message that is asked about."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"from": _EXAMPLE, "to": "12065550100", "text": "hello"}]},
    )

    from_: Number = Field(alias="from")
    to: Number
    text: Annotated[str, Field(max_length=TEXT_MAX)] = "hello"
    account: str = ""


class EndShape(Shape):
    """A number as networks read it; of a destination also whose it is."""

    number: str
    kind: str
    country: str | None
    is_usual: bool
    why: str | None
    network: str | None = None
    is_ported: bool | None = None
    is_landline: bool | None = None


class RegistrationShape(Shape):
    """How the sender is registered."""

    status: str
    is_registered: bool
    why: str | None
    campaign: str | None
    use_case: str | None
    brand: str | None
    score: int | None
    att_class: str | None
    tier: str | None


class StepLeftShape(LeftShape):
    """What is left of the limit that a question is about."""

    network: str = ""


class StepShape(Shape):
    """One question of a network and its answer; ``end`` is whether the message passes it."""

    question: str
    name: str | None
    answer: str
    end: Literal["passes", "stops", "may stop", "waits"]
    cause: str | None
    where: str | None
    left: StepLeftShape | None


class PassageShape(Shape):
    """What one network asks, in order."""

    name: str
    is_hub: bool
    tells: str
    steps: list[StepShape]


class StopShape(Shape):
    """Who is the first to stop it: why, where that shows, in which states, and what platforms show of it."""

    network: str
    question: str
    name: str | None
    cause: str
    where: str
    states: list[str]
    codes: dict[str, str]
    retry: str


class ChainShape(Shape):
    """What would be said to a message if it came now. Nothing of it is counted."""

    at: str
    from_: EndShape = Field(alias="from")
    to: EndShape
    why: str | None
    registration: RegistrationShape | None
    networks: list[PassageShape]
    phone: str | None
    stopped: StopShape | None
