"""The section `networks:` of a scenario: each network's numbers, senders, filters, receipts, delays, codes and prices.

One mobile operator, or a hub that messages of some senders pass first. Every key may be left out: a later file may say
one thing of a network and leave the rest as it is. It decides nothing; `carriers.py` makes the model's objects of it.

A prefix may be any: it says whose a number is, and nothing is ever sent by it. Which prefixes reach beyond the numbers
that are kept free for fiction tells `open_prefixes` in carriers.py; those of the shipped files do not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import time
from typing import Annotated, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue

from simulator.carrier.causes import SUBMIT, cause
from simulator.carrier.fees import MMS, MO, MT, SMS, Fee
from simulator.carrier.filters.filters import Filter, Filters
from simulator.carrier.filters.screens import SenderKinds
from simulator.carrier.limits.quotas import PACIFIC, Quotas
from simulator.carrier.messages import Cause
from simulator.carrier.network.profiles import PROFILES, Peak, Profile, profile
from simulator.carrier.numbers import ALPHANUMERIC, COUNTRIES, LONG_CODE, SHORT_CODE, TOLL_FREE
from simulator.carrier.phones.subscribers import STEADY, Habits
from simulator.carrier.registry.demands import MEANINGS
from simulator.carrier.registry.registry import MODES, PASSED, Unregistered
from simulator.scenario.match import Condition
from simulator.scenario.networks.idle import idle_of_delays, idle_of_receipts, idle_of_requires
from simulator.scenario.networks.network_limits import FilterForm, NetworkLimit
from simulator.scenario.networks.phone_forms import HabitsForm
from simulator.scenario.policy import Listener
from simulator.scenario.shape import LISTED, SEVERAL, Found, Names, Shape, choice, given_list, mapping, refuse, text_of
from simulator.scenario.words.carrier_words import (
    CauseWord,
    CircumstanceWord,
    CountryWord,
    DialectWord,
    FactorWord,
    KindWord,
    ModeWord,
    PlaceWord,
    PrefixWord,
    PriceWord,
    ProfileWord,
    ZoneWord,
    parse_prefix,
)
from simulator.scenario.words.kinds import (
    DelayWord,
    HoursWord,
    ShareWord,
    SpanWord,
    StatusWord,
    TextWord,
    TlvWord,
    ValueWord,
    wrong_tlv_value,
)
from simulator.scenario.words.wire_words import parse_tlv_name
from simulator.scenario.words.words import Hours, Share, WordError, quoted
from simulator.smpp.tlvs import tlv_tag

TELLS: Final = ("truth", "hub_first", "accepted_only", "none")
"""What receipts tell: what became of the message; that it was delivered, by a hub and before the filters were asked;
that it was accepted, and never more; nothing, because there are none."""
FILLED_IN: Final = ("network", "mcc", "mnc")
"""Words in braces that stand in the TLVs of receipts for what the network says of itself."""
PLAIN: Final = "instant"
"""The profile of a network that says nothing of its delays."""


class Requires(Shape):
    """What is done with senders that are not registered. A word alone holds for every kind that is registered."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(MODES)},)
    allowed: ClassVar[str] = f"{', '.join(MODES)}, or a mapping"

    mode: ModeWord | None = None
    """blocked, filtered (a share of them is lost), throttled (by the limits that are for them), or passed."""
    long_code: ModeWord | None = None
    """Ordinary numbers: a brand, a campaign, and the number assigned to it."""
    toll_free: ModeWord | None = None
    """Toll-free numbers: verified."""
    short_code: ModeWord | None = None
    """Short codes: provisioned at this network."""
    alphanumeric: ModeWord | None = None
    """Names: registered as somebody's."""
    share: ShareWord | None = None
    """How many are lost where they are filtered."""
    where: PlaceWord | None = None
    """Where a no shows: submit, UNDELIV, REJECTD, lost, DELIVRD."""
    after: DelayWord | None = None
    """How late it shows in a receipt."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """One treatment for all kinds."""
        return {"mode": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What changes nothing."""
        yield from idle_of_requires(given)

    @property
    def unregistered(self) -> Unregistered:
        """The model's; a kind of which nothing is said passes."""
        kinds = (LONG_CODE, TOLL_FREE, SHORT_CODE, ALPHANUMERIC)
        own = {kind: mode for kind in kinds if (mode := getattr(self, kind)) is not None}
        share = {} if self.share is None else {"share": float(self.share)}
        return Unregistered(self.mode or PASSED, own, **share)


class Told(Shape):
    """What the gateway is told of a message's fate, beside what is so. A word alone is `tells`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(TELLS)},)
    allowed: ClassVar[str] = f"{', '.join(TELLS)}, or a mapping of tells, parts, buffered, late, expires"

    tells: Annotated[str, choice("kind of receipt", *TELLS)] | None = None
    """truth; hub_first: delivered, said before the filters are asked; accepted_only: ACCEPTD and no more; none."""
    parts: Annotated[str, choice("way of telling parts", "each", "once", "contradicting")] | None = None
    """Of a text in parts: a receipt for each; one for all, which is that of the first; contradicting: one for each, of
    which every second says the opposite of what is so."""
    buffered: SpanWord | None = None
    """After so long without an end an intermediate receipt tells that it is buffered."""
    late: DelayWord | None = None
    """How much later than the end each receipt comes."""
    expires: SpanWord | None = None
    """After so long without an end it is told as expired."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """What is told."""
        return {"tells": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """The form of receipts that there are none of."""
        for key in ("parts", "buffered", "late", "expires"):
            if key in given and given.get("tells") == "none":
                yield Found((key,), f"{key} of no receipts", "only where receipts are sent", is_key=True)
        if given.get("parts") == "contradicting" and given.get("tells") == "accepted_only":
            allowed = "only where receipts tell an end: truth, hub_first"
            yield Found(("parts",), "receipts that contradict each other and tell of acceptance only", allowed)
        yield from idle_of_receipts(given)


class PeakForm(Shape):
    """Hours in which everything takes longer and some submissions find the queue full."""

    hours: HoursWord
    """From .. to, by the clocks of the zone: 18:00..20:00."""
    zone: ZoneWord = "UTC"
    """Whose clocks: America/New_York."""
    factor: FactorWord = 3.0
    """How many times as long everything takes."""
    queue_full: ShareWord = Share(0.02)
    """The share of submissions that is turned away."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Hours that are none or all."""
        try:
            hours = Hours.parse(str(given.get("hours")))
        except WordError:
            return
        if hours.start % 86_400 == hours.end % 86_400:
            yield Found(("hours",), f"{str(hours)!r} is no time or always", "another end than its start")

    @property
    def peak(self) -> Peak:
        """The model's."""
        start, end = (time(at // 3600 % 24, at // 60 % 60) for at in (self.hours.start, self.hours.end))
        return Peak(start, end, ZoneInfo(self.zone), self.factor, float(self.queue_full))


class Delays(Shape):
    """How long things take, and the shares of messages that fare otherwise than well. A word alone is the profile."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(PROFILES)},)
    allowed: ClassVar[str] = f"a profile ({', '.join(PROFILES)}), or a mapping"

    profile: ProfileWord | None = None
    """Which named profile; what else is said here goes before it."""
    respond: DelayWord | None = None
    """From the submission to its answer."""
    delivery: DelayWord | None = None
    """From the answer to the phone."""
    told: DelayWord | None = None
    """From the phone to the receipt."""
    first_failure: ShareWord | None = None
    """How many fail at the first attempt and are tried again."""
    delivered: ShareWord | None = None
    """How many have arrived in the end; the rest of those that are tried again expires."""
    retries: Annotated[tuple[SpanWord, ...], SEVERAL] | None = None
    """When it is tried again, counted from the first attempt: [1m, 5m, 30m, 2h, 8h, 24h]."""
    missing: ShareWord | None = None
    """How many have no receipt."""
    failed: ShareWord | None = None
    """How many fail for good at once."""
    false_delivered: ShareWord | None = None
    """How many are lost and yet told as delivered."""
    duplicate: ShareWord | None = None
    """How many receipts come twice."""
    gap: DelayWord | None = None
    """How long after the first the second one comes."""
    out_of_order: ShareWord | None = None
    """How many of the receipts that tell of a first attempt come before the answer to their submission."""
    peak: PeakForm | None = None
    """Slow hours."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A profile."""
        return {"profile": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _possible(self) -> "Delays":
        """Shares that cannot be together are told as the model tells them: `profile: what, what is allowed`."""
        try:
            made = self.made("")
        except ValueError as error:
            found, _, allowed = str(error).partition(": ")[2].rpartition(", ")
            refuse(Found((), found, allowed))
        else:
            idle = idle_of_delays(dict.fromkeys(self.said), made)
            if idle is not None:
                refuse(idle)
        return self

    def made(self, name: str) -> Profile:
        """The model's profile, under the name of its network. Raises ValueError for shares that cannot be."""
        changes = {key: getattr(self, key) for key in self.said if key not in {"profile", "peak"}}
        for key, value in changes.items():
            # the model has plain numbers
            if isinstance(value, Share):
                changes[key] = float(value)
            elif key == "retries":
                changes[key] = tuple(float(one) for one in value)
        hours = None if self.peak is None else self.peak.peak
        return replace(profile(self.profile or PLAIN), name=name, peak=hours, **changes)


class Dialect(Shape):
    """How this network spells its causes. A word alone is the table."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": ["sinch", "twilio", "gsm"]},)
    allowed: ClassVar[str] = (
        "a table of errors (sinch, twilio, gsm), or a mapping of table, circumstances, err, statuses"
    )

    table: DialectWord | None = None
    """Which table of `err`; sinch if nothing is said."""
    circumstances: Annotated[tuple[CircumstanceWord, ...], SEVERAL] | None = None
    """Which of several codes of a cause hold: toll_free, att."""
    err: dict[CauseWord, TextWord] | None = None
    """The err of a cause that this network spells otherwise: {carrier_spam: "4770"}."""
    statuses: dict[CauseWord, StatusWord] | None = None
    """What a cause is in a response: {tmo_daily: 0x00000450, unregistered_10dlc: ESME_RSUBMITFAIL}."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A table."""
        return {"table": value} if isinstance(value, str) else value

    def cause(self, key: str) -> Cause:
        """The cause as this network's verdicts carry it. Raises ValueError for a key that the catalogue lacks."""
        plain = cause(key, self.table or "sinch", *(self.circumstances or ()))
        err, status = (self.err or {}).get(key), (self.statuses or {}).get(key)
        return replace(plain, err=plain.err if err is None else err, answer=None if status is None else int(status))


class Demand(Shape):
    """A TLV that submissions must have. Without more words: any value will do."""

    required: bool | None = None
    """Whether its absence is a mistake; true if nothing is said."""
    means: Annotated[str, choice("meaning", *MEANINGS)] | None = None
    """What its value is compared with in the registry: the campaign, brand or message_class (AT&T's) of the sender,
    the entity (company) that its name belongs to, a template that the text is like, or the kind of the sender."""
    value: Condition | None = None
    """What its value must be."""
    missing: StatusWord | None = None
    """What is answered where it is missing; what the dialect says of the cause, else ESME_RMISSINGOPTPARAM."""
    wrong: StatusWord | None = None
    """What is answered where it is wrong; what the dialect says of the cause, else ESME_RINVOPTPARAMVAL."""
    cause: CauseWord | None = None
    """Why; bad_tag if nothing is said."""
    where: PlaceWord | None = None
    """Where the no shows; in the response if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What is absent and required, and answers to what shows elsewhere."""
        value = given.get("value")
        if given.get("required") is True and (value == "absent" or mapping(value).get("present") is False):
            yield Found(("required",), "a TLV that is absent and required", "one of both", is_key=True)
        if given.get("where", SUBMIT) != SUBMIT:
            for key in ("missing", "wrong"):
                if key in given:
                    yield Found((key,), f"{key} of what shows in no response", "only with where: submit", is_key=True)


class Tagging(Shape):
    """The vendor TLVs of a network: in its receipts, and those that it demands."""

    receipts: dict[TlvWord, ValueWord] | None = None
    """What its receipts carry: {0x1503: "001", 0x1504: "01"}; {network}, {mcc}, {mnc} in a text are filled in."""
    submits: dict[TlvWord, Demand] | None = None
    """What submissions must carry: {0x1400: {means: entity}}."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Values that a TLV cannot hold as it is declared, words that nobody fills in, one TLV by two names."""
        tags: dict[int, str] = {}
        for name in map(str, mapping(given.get("submits"))):
            with suppress(WordError):
                other = tags.setdefault(tlv_tag(parse_tlv_name(name, names.book), names.book), name)
                if other != name:
                    yield Found(("submits", name), f"{name} is {other}", "each TLV once", is_key=True)
        for name, value in mapping(given.get("receipts")).items():
            for word in re.findall(r"\{(\w+)\}", value) if isinstance(value, str) else ():
                if word not in FILLED_IN:
                    allowed = ", ".join(f"{{{one}}}" for one in FILLED_IN)
                    yield Found(("receipts", name), f"{{{word}}} in {quoted(value)}", allowed)
        for name, value in mapping(given.get("receipts")).items():
            try:
                wrong = wrong_tlv_value(parse_tlv_name(str(name), names.book), value, names.book)
            except WordError:
                # told by the word itself
                continue
            if wrong is not None:
                yield Found(("receipts", name), f"{name}: {wrong.found}", wrong.allowed)


class FeeForm(Shape):
    """What this network charges for a message: for a segment of an SMS, for an MMS."""

    sms: PriceWord | None = None
    """Dollars for a segment: 0.0045."""
    mms: PriceWord | None = None
    """Dollars for an MMS."""
    direction: Annotated[str, choice("direction", MT, MO)] = MT
    """mt: to a phone; mo: from one."""
    registered: bool = True
    """Whose traffic it is for; where there is one price only, all pay it."""
    source: TextWord | None = None
    """Who says so, and when."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """No price at all."""
        if "sms" not in given and "mms" not in given:
            yield Found((), "a fee without a price", "sms, mms or both")

    def made(self, network: str) -> Iterator[Fee]:
        """The model's."""
        for kind, price in ((SMS, self.sms), (MMS, self.mms)):
            if price is not None:
                yield Fee(network, kind, self.direction, int(price), self.registered, self.source or "")


class NetworkForm(Shape):
    """One network."""

    about: TextWord | None = None
    """Who it is like, and which of its facts are published, inferred [I] or not known [?]."""
    country: CountryWord | None = None
    """Whose numbers it has; how they are written at home says `home` of `numbers:`, for all networks."""
    mcc: TextWord | None = None
    """Its country code among mobile networks; 001 is for tests."""
    mnc: TextWord | None = None
    """Its own code there."""
    prefixes: Annotated[tuple[PrefixWord, ...], SEVERAL] | None = None
    """The beginnings of its numbers, in full: [120255501]; the longest prefix of all networks decides."""
    hub_of: Annotated[tuple[KindWord, ...], SEVERAL] | None = None
    """A hub: messages from such senders pass it before the network that they go to."""
    senders: Annotated[tuple[KindWord, ...], SEVERAL] | None = None
    """From which kinds of number it takes messages; from all if nothing is said."""
    sender_cause: CauseWord | None = None
    """Why it takes none from others; invalid_source if nothing is said."""
    requires: Requires | None = None
    """What is done with who is not registered; they pass if nothing is said."""
    zone: ZoneWord | None = None
    """By whose clocks its days begin at midnight: America/Los_Angeles, which also holds if nothing is said."""
    limits: Annotated[tuple[NetworkLimit, ...], LISTED] | None = None
    """How much it takes; each limit is counted for itself."""
    filters: Annotated[tuple[FilterForm, ...], LISTED] | None = None
    """What it does not let pass, asked in this order."""
    opt_outs: Annotated[str, choice("treatment of STOP", "network", "forwarded")] | None = None
    """network: it blocks the pair of numbers and replies by itself; forwarded: it is a message like any other."""
    receipts: Told | None = None
    """What is told of a message."""
    part_limit: int | None = Field(default=None, ge=1, le=255)
    """How many parts a text may have."""
    delays: Delays | None = None
    """How long things take."""
    dialect: Dialect | None = None
    """How causes are spelled."""
    tlvs: Tagging | None = None
    """Vendor TLVs in its receipts, and those that it demands."""
    fees: Annotated[tuple[FeeForm, ...], LISTED] | None = None
    """What it charges."""
    listener: Listener | None = None
    """A door of its own; without one it is reached by those of all."""
    subscribers: HabitsForm | None = None
    """How its phones are where nothing is said of one; all are on if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Prefixes of another country, one that stands twice, two prices for one thing."""
        country = COUNTRIES.get(str(given.get("country")))
        seen: set[str] = set()
        for index, one in enumerate(given_list(given.get("prefixes"))):
            try:
                prefix = parse_prefix(text_of(one) or "")
            except WordError:
                continue
            if country is not None and not prefix.startswith(country.code):
                allowed = f"{given['country']} has {country.code}"
                yield Found(("prefixes", index), f"{prefix} lies in another country", allowed)
            if prefix in seen:
                yield Found(("prefixes", index), f"{prefix} a second time", "each prefix once")
            seen.add(prefix)
        yield from _two_prices(given_list(given.get("fees")))

    @model_validator(mode="after")
    def _named_apart(self) -> "NetworkForm":
        """Each limit and each filter is known by its name."""
        limits = [[one.name for one in form.made] for form in self.limits or ()]
        filters = [[form.made.name] for form in self.filters or ()]
        found = [*_twice_named("limits", limits), *_twice_named("filters", filters)]
        if found:
            refuse(*found)
        return self

    def profile_as(self, name: str) -> Profile:
        """How its route behaves, under the network's name; `instant` where nothing is said of delays."""
        return (self.delays or Delays()).made(name)

    @property
    def screening(self) -> Filters:
        """Its filters in order: first the kinds of sender that it takes, then those that are listed."""
        first = () if self.senders is None else (Filter("senders", SenderKinds(self.senders), cause=self.sender_cause),)
        return Filters((*first, *(one.made for one in self.filters or ())))

    @property
    def habits(self) -> Habits:
        """How its phones are."""
        return STEADY if self.subscribers is None else self.subscribers.made

    @property
    def quotas(self) -> Quotas:
        """Its limits, of which nothing is counted yet."""
        return Quotas((one for form in self.limits or () for one in form.made), zone=self.zone or PACIFIC)

    @property
    def unregistered(self) -> Unregistered:
        """What it does with senders who are not registered."""
        return (self.requires or Requires()).unregistered


def _two_prices(fees: list[Any]) -> Iterator[Found]:
    seen: set[tuple[object, ...]] = set()
    for index, fee in enumerate(map(mapping, fees)):
        for kind in (SMS, MMS):
            what = (kind, str(fee.get("direction", MT)), str(fee.get("registered", True)))
            if kind in fee and what in seen:
                yield Found(("fees", index, kind), f"a second price for {kind} {what[1]}", "one price", is_key=True)
            if kind in fee:
                seen.add(what)


def _twice_named(key: str, names: Iterable[Iterable[str]]) -> Iterator[Found]:
    seen = {"senders"} if key == "filters" else set[str]()
    for index, ones in enumerate(names):
        for name in ones:
            if name in seen:
                yield Found((key, index), f"{name!r} a second time", "a `name:` of its own")
            seen.add(name)
