"""The kinds of value in a scenario: each word as a type that pydantic reads, and the two mappings of the wire's names.

A type here is what a key of the shape is declared with. It knows the words and the PDUs' fields, and no key.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simulator.carrier.delays import Between, Delay, Exponential, Fixed, Lognormal, Normal
from simulator.scenario.shape import TEXT, Found, Names, Word, choice, described, refuse, text_of
from simulator.scenario.words.patterns import PatternError, compile_pattern
from simulator.scenario.words.wire_words import (
    COMMANDS,
    MASKS,
    OCTETS,
    SEQUENCES,
    STATE_WORDS,
    STATES_ALLOWED,
    STATUSES,
    TLV_NAMES,
    Command,
    Mask,
    Octets,
    Sequence,
    Status,
    UnknownName,
    fields_of,
    nearest,
    one_of,
    parse_octets,
    parse_state,
    parse_tlv_name,
    parse_value,
    value_text,
    wrong_value,
)
from simulator.scenario.words.words import (
    COUNTS,
    DELAYS,
    PER,
    RANGES,
    RATES,
    SHARES,
    SIZES,
    SPAN_RANGES,
    SPANS,
    TIMES,
    Count,
    Hours,
    Over,
    Range,
    Rate,
    Share,
    Size,
    Span,
    SpanRange,
    Times,
    WordError,
    parse_delay,
    quoted,
)
from simulator.smpp.fields import Integer, Kind
from simulator.smpp.pdus import PDU_CLASSES
from simulator.smpp.tlvs import TLVS_BY_NAME, Book
from simulator.sms.alphabets import Alphabet


def _pattern(text: str) -> str:
    try:
        compile_pattern(text)
    except PatternError as error:
        raise WordError(str(error), "an expression of RE2, which has no look-around and no back-reference") from None
    return text


def _account(text: str, names: Names) -> str:
    return text if names.accounts is None else one_of(text, names.accounts, "account")


def _phase(text: str, names: Names) -> str:
    return text if names.phases is None else one_of(text, names.phases, "phase")


def _pile(text: str, names: Names) -> str:
    return text if names.piles is None else one_of(text, names.piles, "pile")


def _variable(text: str, names: Names) -> str:
    return text if names.variables is None else one_of(text, names.variables, "variable")


def _tlv(text: str, names: Names) -> str:
    return parse_tlv_name(text, names.book)


def _field(text: str) -> str:
    if text not in FIELD_KINDS:
        hint = nearest(text, FIELD_KINDS)
        if text in TLVS_BY_NAME:
            hint = f"tlvs: {{{text}: ...}}"
        raise UnknownName(f"{quoted(text)} is no field of a PDU", "the specification's names as in data_coding", hint)
    return text


FIELD_KINDS: Final[Mapping[str, Kind]] = fields_of(PDU_CLASSES) or {}
"""Every mandatory field of every PDU; a name means the same kind in all of them."""
HEADER_FIELDS: Final = {"command_id": "command", "command_status": "status", "sequence_number": "sequence"}
"""Fields of the header, and the keys that hold them."""

DELAY_KINDS: Final = (Fixed, Between, Lognormal, Normal, Exponential)

TextWord = Annotated[str, TEXT]
SpanWord = Annotated[Span, Word(Span.parse, Span, SPANS, ("250ms", "1h30m"), meant="{}s")]
PeriodWord = Annotated[Span, Word(Span.parse_period, Span, SPANS, ("250ms", "1h30m"), meant="{}s")]
TimerWord = Annotated[Span, Word(Span.parse_or_never, Span, f"{SPANS}; or never", ("30s", "never"), meant="{}s")]
RateWord = Annotated[Rate, Word(Rate.parse, Rate, RATES, ("50/s",), meant="{}/s")]
DelayWord = Annotated[
    Delay, Word(parse_delay, DELAY_KINDS, DELAYS, ("250ms", "1s..3s", "lognormal p50 2s p99 40s"), meant="{}s")
]
CountWord = Annotated[
    Count, Word(Count.parse, Count, COUNTS, ("first 3", "every 10th per destination"), meant="first {}")
]
TimesWord = Annotated[Times, Word(Times.parse, Times, TIMES, (2, "1 per destination"), has_numbers=True)]
ShareWord = Annotated[Share, Word(Share.parse, Share, SHARES, ("1%", 0.01), has_numbers=True)]
RangeWord = Annotated[Range, Word(Range.parse, Range, RANGES, (5, "1..5", "5.."), has_numbers=True)]
SpanRangeWord = Annotated[SpanRange, Word(SpanRange.parse, SpanRange, SPAN_RANGES, ("30s..", "1s..3s"), meant="{}s")]
SizeWord = Annotated[Size, Word(Size.parse, Size, SIZES, (160, "64kB"), has_numbers=True)]
OverWord = Annotated[Over, Word(Over.parse, Over, "over 50/s, over 10/min per destination", ("over 50/s",))]
HoursWord = Annotated[Hours, Word(Hours.parse, Hours, "hours as in 21:00..08:00", ("21:00..08:00",))]
PerWord = Annotated[str, choice("unit of counting", *PER)]
StatusWord = Annotated[Status, Word(Status.parse, Status, STATUSES, ("ESME_RTHROTTLED", 88), has_numbers=True)]
StateWord = Annotated[str, Word(parse_state, (), STATES_ALLOWED, STATE_WORDS)]
CommandWord = Annotated[Command, Word(Command.parse, Command, COMMANDS, ("submit_sm",), has_numbers=True)]
MaskWord = Annotated[Mask, Word(Mask.parse, Mask, MASKS, ("0x40", "0x3c=0x04"), has_numbers=True)]
SequenceWord = Annotated[Sequence, Word(Sequence.parse, Sequence, SEQUENCES, ("same", 0, "+1"), has_numbers=True)]
OctetsWord = Annotated[Octets, Word(parse_octets, Octets, OCTETS, ("hex:00ff",), has_numbers=True)]
PatternWord = Annotated[str, Word(_pattern, (), "an expression of RE2", ("^1202",), has_numbers=True)]
AccountWord = Annotated[str, Word(_account, (), "the name of an account", has_numbers=True, is_named=True)]
PhaseWord = Annotated[str, Word(_phase, (), "the name of a phase", has_numbers=True, is_named=True)]
PileWord = Annotated[str, Word(_pile, (), "the name of a pile", has_numbers=True, is_named=True)]
VariableWord = Annotated[str, Word(_variable, (), "the name of a variable", has_numbers=True, is_named=True)]
TlvWord = Annotated[str, Word(_tlv, (), TLV_NAMES, ("message_state", "0x1403"), has_numbers=True, is_named=True)]
FieldWord = Annotated[str, Word(_field, (), "the specification's name of a field", ("data_coding",))]
VersionWord = Annotated[str, choice("version of SMPP", "3.3", "3.4", "5.0")]
BindTypeWord = Annotated[str, choice("bind type", "TX", "RX", "TRX")]
AlphabetWord = Annotated[str, choice("alphabet", *Alphabet)]


class _Value:
    """Marks a value for the wire: a number, a text, or octets by `hex:`."""

    def _read(self, value: object) -> int | str | Octets:
        if isinstance(value, Octets) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        text = text_of(value)
        if text is None:
            refuse(Found((), described(value), f"a number, {OCTETS}"))
        try:
            return parse_value(text)
        except WordError as error:
            refuse(Found((), error.found, error.allowed))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(value_text)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": ["integer", "string", "number"], "description": f"a number, {OCTETS}"}


ValueWord = Annotated[int | str | Octets, _Value()]


class _Fields:
    """Marks the mapping of fields to values: names of the specification, values of each field's kind."""

    def _read(self, value: object) -> dict[str, int | str | Octets]:
        if not isinstance(value, dict):
            refuse(Found((), described(value), "a mapping of fields to values, as in {data_coding: 8}"))
        made: dict[str, int | str | Octets] = {}
        found: list[Found] = []
        for name, one in value.items():
            try:
                made[name] = _field_value(_field_name(str(name)), one)
            except WordError as error:
                is_key = isinstance(error, UnknownName)
                found.append(Found((name,), error.found, error.allowed, getattr(error, "hint", ""), is_key))
        if found:
            refuse(*found)
        return made

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(_fields_text)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        kinds = {
            name: "integer" if isinstance(kind, Integer) else ["string", "number"] for name, kind in _VALUES.items()
        }
        return {
            "type": "object",
            "properties": {name: {"type": kind} for name, kind in kinds.items()},
            "additionalProperties": False,
        }


def _fields_text(made: Mapping[str, int | str | Octets]) -> dict[str, int | str]:
    return {name: value_text(value) for name, value in made.items()}


def _field_name(name: str) -> str:
    if name in HEADER_FIELDS:
        raise UnknownName(f"{name} stands in the header", f"`{HEADER_FIELDS[name]}:` beside `fields:`")
    return _field(name)


def _field_value(name: str, value: object) -> int | str | Octets:
    kind = FIELD_KINDS[name]
    wrong = wrong_value(name, value, kind)
    if wrong is not None:
        raise WordError(wrong.found, wrong.allowed)
    if isinstance(value, Octets) or (isinstance(kind, Integer) and isinstance(value, int)):
        return value
    text = text_of(value)
    if text is None:
        raise WordError(described(value), OCTETS)
    return parse_value(text)


_VALUES: Final = {name: kind for name, kind in FIELD_KINDS.items() if wrong_value(name, 0, kind) is None}

FieldsMapping = Annotated[dict[str, Any], _Fields()]


def foreign_fields(given: object, commands: Iterable[int]) -> Iterator[Found]:
    """The keys of a mapping of fields that none of these PDUs has."""
    numbers = list(commands)
    known = fields_of(numbers)
    if known is None or not isinstance(given, dict):
        return
    said = ", ".join(str(Command(number)) for number in numbers)
    for name in given:
        if name in FIELD_KINDS and name not in known:
            yield Found((name,), f"{said} has no {name}", ", ".join(known) or "it has no fields", is_key=True)


def wrong_tlv_value(name: str, value: object, book: Book) -> WordError | None:
    """Why a TLV of this name cannot hold this value as it is declared; octets always fit, and nobody knows a tag."""
    definition = next((one for one in book.values() if one.name == name), TLVS_BY_NAME.get(name))
    if definition is None or isinstance(value, Octets) or (isinstance(value, str) and value.startswith("hex:")):
        return None
    if definition.kind == "int":
        most = 256**definition.size_max - 1
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, int) and is_number and 0 <= value <= most:
            return None
        found = described(value) if is_number else f"{described(value)} is no number"
        return WordError(found, f"0 to {most}, or octets as in hex:00ff")
    if isinstance(value, str) and any(ord(character) > 0xFF for character in value):
        return WordError(f"{quoted(value)} has characters beyond one octet", OCTETS)
    return None
