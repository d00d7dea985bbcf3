"""The shape of a scenario: what a file may say, and what `smsc.when(...)` and POST /api/rules build as well.

Plain frozen objects without a trace of YAML; every key tells what it means, and the JSON Schema for editors is made of
that. Nothing here acts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, PrivateAttr
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from simulator.checks.levels import ERROR, LEVELS, OFF, WARNING
from simulator.journal import KINDS
from simulator.scenario.declared import vendor_book
from simulator.scenario.match import Match, commands_of
from simulator.scenario.networks import carriers
from simulator.scenario.networks.networks import NetworkForm
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.networks.registrations import Numbers, OptOutForm, RegistryForm, twice
from simulator.scenario.policy import Carrier
from simulator.scenario.shape import (
    LISTED,
    SEVERAL,
    Found,
    Names,
    Shape,
    at_most_one,
    choice,
    exactly_one,
    given_list,
    mapping,
    text_of,
)
from simulator.scenario.then import DECISIONS, Deeds, Then
from simulator.scenario.words.carrier_words import NumberWord
from simulator.scenario.words.kinds import (
    PeriodWord,
    PhaseWord,
    RangeWord,
    ShareWord,
    SpanWord,
    TextWord,
    TimesWord,
    ValueWord,
    foreign_fields,
)
from simulator.scenario.words.wire_words import SUBMISSIONS, Command
from simulator.smpp.constants import RESPONSE

VERSION: Final = 1
"""The version of the format."""
OF_MESSAGES: Final = ("deliver", "lose", "ids", "receipts")
OF_REQUESTS: Final = (*DECISIONS, "respond", "answer")


class About(Shape):
    """What this is. A text alone; a quirk tells four things."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "a text, or a mapping of text, carrier, breaks, correct, source"

    text: TextWord | None = None
    """In a sentence or two."""
    carrier: TextWord | None = None
    """What the carrier does."""
    breaks: TextWord | None = None
    """What breaks in gateways."""
    correct: TextWord | None = None
    """What a correct gateway does."""
    source: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Where this was seen in public."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A text."""
        return {"text": text_of(value)} if text_of(value) is not None else value


class Rule(Shape):
    """When this comes, then this happens."""

    name: TextWord | None = None
    """How it is called in the journal and in explanations."""
    when: Match = Match()
    """What must hold; nothing: any submission."""
    then: Then
    """What is done."""
    times: TimesWord | None = None
    """How often at most, spent only where it did something: 2, 1 per destination."""
    probability: ShareWord | None = None
    """In how many of the cases, by the message's own luck: 1%."""
    stop: bool | None = None
    """No later rule is asked."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What cannot be done to what the rule is about."""
        then = mapping(given.get("then"))
        when = mapping(given.get("when", {}))
        event = when.get("event")
        if isinstance(event, str):
            yield from _beside_requests(event, then)
            return
        commands = commands_of(when)
        if commands is None or (commands == list(SUBMISSIONS) and "command" not in when and "answer" not in then):
            return
        said = ", ".join(str(Command(number)) for number in commands)
        if not set(SUBMISSIONS).intersection(commands):
            for key in OF_MESSAGES:
                if key in then:
                    yield Found(("then", key), f"{key} of {said}", "only of submissions and receipts", is_key=True)
        answer = mapping(then.get("answer"))
        answers = [number | RESPONSE for number in commands]
        if "command" in answer:
            answers = commands_of(answer) or []
        for found in foreign_fields(answer.get("fields"), answers) if answers else ():
            path = ("then", "answer", "fields", *found.path)
            yield Found(path, found.found, found.allowed, found.hint, found.is_key)

    @classmethod
    def misplaced(cls, key: str) -> str:
        """What belongs into one of the two halves."""
        if key in Then.model_fields:
            return f"then: {{{key}: ...}}"
        return f"when: {{{key}: ...}}" if key in {*Match.model_fields, "from", "to"} else ""


def _beside_requests(event: str, then: Mapping[str, Any]) -> Iterator[Found]:
    """What a rule about an event cannot do: there is no request to answer, and often no message."""
    for key in OF_REQUESTS:
        if key in then:
            allowed = (
                "send, connection, set, release, subscribers"
                if event != "receipt"
                else "lose, deliver, receipts and deeds"
            )
            yield Found(("then", key), f"{key} of a {event}", allowed, is_key=True)
    for key in OF_MESSAGES if event not in {"receipt", "conclude"} else ():
        if key in then:
            yield Found(("then", key), f"{key} of a {event}", "only of submissions and receipts", is_key=True)
    if "mo" in then and event != "mo":
        yield Found(("then", "mo"), f"mo of a {event}", "only of `when: {event: mo}`", is_key=True)


class Phase(Shape):
    """A stretch of the story. Without an end it lasts until something sets another one."""

    name: TextWord
    """What rules call it."""
    lasts: PeriodWord | None = None
    """Carrier time after which the next one begins."""
    messages: int | None = Field(default=None, ge=1)
    """Submissions after which the next one begins."""
    next: PhaseWord | None = None
    """Which one follows; the next of the list if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Two ends."""
        yield from at_most_one(given, ("lasts", "messages"))


class Occasion(Shape):
    """Something that is done at a time, after so many messages, or again and again."""

    name: TextWord | None = None
    """How it is called in the journal."""
    at: SpanWord | None = None
    """Carrier time since the scenario began."""
    every: PeriodWord | None = None
    """Again and again."""
    after_messages: int | None = Field(default=None, ge=1)
    """Once so many messages were submitted."""
    every_messages: int | None = Field(default=None, ge=1)
    """Each time that so many more were submitted."""
    phase: PhaseWord | None = None
    """Only in this phase; `at` counts from its beginning then."""
    times: int | None = Field(default=None, ge=1)
    """How often at most."""
    then: Deeds
    """What is done."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Exactly one occasion."""
        yield from exactly_one(given, ("at", "every", "after_messages", "every_messages"), "an occasion")


class ExpectedEvent(Shape):
    """An event that the journal must hold, as often as `count` says."""

    kind: Annotated[str, choice("kind of event", *KINDS)]
    """Which kind."""
    where: Match | None = None
    """Which of them."""
    count: RangeWord | None = None
    """How often: 3, 1.., ..5; at least once if nothing is said."""
    within: SpanWord | None = None
    """In how much carrier time since the scenario began."""
    name: TextWord | None = None
    """What it means to a reader of the report."""


class GatewayFact(Shape):
    """What only the gateway knows and has to tell: the status of messages in its own eyes. A text alone is `status`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "a status as in delivered, or a mapping of status, where, count, within, name"

    status: Annotated[tuple[TextWord, ...], SEVERAL]
    """What it is to say in the end, one of these: delivered, failed, expired ..."""
    where: Match | None = None
    """Of which messages; of all if nothing is said."""
    count: RangeWord | None = None
    """How often it may say so; exactly once if nothing is said."""
    within: SpanWord | None = None
    """In how much time after the last receipt."""
    name: TextWord | None = None
    """What it means to a reader of the report."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A status."""
        return {"status": value} if isinstance(value, str) else value


CheckWord = Annotated[str, choice("check", *LEVELS)]


class Expect(Shape):
    """What must have happened in the end."""

    events: Annotated[tuple[ExpectedEvent, ...], SEVERAL] | None = None
    """What the journal must hold."""
    gateway: Annotated[tuple[GatewayFact, ...], SEVERAL] | None = None
    """What the gateway must have told."""
    checks: dict[CheckWord, Annotated[str, choice("level", ERROR, WARNING, OFF)]] | None = None
    """How much each check of any gateway counts in this scenario."""


@dataclass(slots=True)
class Places:
    """Where in its file each rule stands: line and column from 1. It says nothing of what the file says."""

    rules: list[tuple[int, int]] = field(default_factory=list, compare=False)


class Scenario(Shape):
    """One scenario file."""

    _places: Places = PrivateAttr(default_factory=Places)

    scenario: int = Field(ge=VERSION, le=VERSION)
    """The version of the format: 1."""
    about: About | None = None
    """What this is."""
    seed: int | None = None
    """The seed of all luck."""
    carrier: Carrier | None = None
    """What is so where no rule says otherwise."""
    networks: dict[TextWord, NetworkForm] | None = None
    """The networks behind the carrier, by name: what each of them takes, refuses, tells and charges."""
    numbers: Numbers | None = None
    """Whose numbers are, beside their prefixes."""
    registry: RegistryForm | None = None
    """Who is registered as what."""
    subscribers: dict[NumberWord, Phone] | None = None
    """How single phones are: {12025550142: off}."""
    opt_outs: OptOutForm | None = None
    """Who wants no more messages."""
    variables: dict[TextWord, ValueWord] | None = None
    """Values that rules ask and change."""
    rules: Annotated[tuple[Rule, ...], LISTED] = ()
    """When this comes, then this happens; the first that fills a slot decides it."""
    phases: Annotated[tuple[Phase, ...], LISTED] = ()
    """Stretches of the story, one after the other."""
    timeline: Annotated[tuple[Occasion, ...], LISTED] = ()
    """What happens at its time."""
    expect: Expect | None = None
    """What must have happened."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Names that are given twice, and vendors' TLVs that clash."""
        for section in ("phases", "rules"):
            seen: set[str] = set()
            for index, one in enumerate(given_list(given.get(section))):
                name = text_of(mapping(one).get("name"))
                if name is not None and name in seen:
                    yield Found((section, index, "name"), f"{name!r} a second time", "a name of its own")
                seen.add(name or "")
        yield from vendor_book(mapping(given.get("carrier")).get("vendor_tlvs"))[1]
        yield from carriers.contradictions(given)
        yield from twice(mapping(given.get("subscribers")), ("subscribers",))

    @classmethod
    def misplaced(cls, key: str) -> str:
        """Much is the carrier's."""
        return f"carrier: {{{key}: ...}}" if key in Carrier.model_fields else ""

    @property
    def places(self) -> Places:
        """Where its rules stand; empty of one that was made in Python."""
        return self._places


class _Schema(GenerateJsonSchema):
    """Without titles and nulls: a file leaves out what it does not say."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """The schema itself."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The schema itself; what is left out is told by its description."""
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:
        """A key's name is title enough."""
        return False


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors."""
    made = Scenario.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
