"""The wire's own part of a form: TLVs in their order, lengths that lie, octets put in, segments and pauses.

WireForm becomes a Wire of the codec. What is damaged here was written well before; nothing here writes a PDU.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from simulator.scenario.shape import (
    LISTED,
    SEVERAL,
    Found,
    Names,
    Shape,
    Word,
    at_most_one,
    exactly_one,
    text_of,
)
from simulator.scenario.words.kinds import (
    OctetsWord,
    RateWord,
    SpanWord,
    TextWord,
    TlvWord,
    ValueWord,
    wrong_tlv_value,
)
from simulator.scenario.words.wire_words import parse_tlv_name
from simulator.scenario.words.words import WordError, refuse_word
from simulator.smpp.wire import Splice, Wire

LENGTHS: Final = "a number as in 17 or 0x11, or a difference as in +4"
PLACES: Final = "an offset, end, or the name of a field as in sm_length, tlv[0] or tlv[0].value"
TLV_DEEDS: Final = ("set", "add", "remove", "order", "clear")


def _length(text: str) -> str:
    """A length as the codec's Wire reads it. Raises WordError."""
    stripped = text.strip()
    if not re.fullmatch(r"[+-]?(\d{1,10}|0x[0-9a-fA-F]{1,8})", stripped, re.ASCII) or re.match(r"0\d", stripped):
        refuse_word(text, "length", LENGTHS)
    return stripped


def _place(text: str) -> str:
    """A place in a PDU. Raises WordError."""
    stripped = text.strip()
    if not re.fullmatch(r"\d{1,6}|[a-z_]+(\[\d{1,3}\])?(\.[a-z_]+)?", stripped, re.ASCII):
        refuse_word(text, "place in a PDU", PLACES)
    return stripped


LengthWord = Annotated[str, Word(_length, (), LENGTHS, (17, "+4"), has_numbers=True)]
PlaceWord = Annotated[str, Word(_place, (), PLACES, ("sm_length", 16, "end"), has_numbers=True)]


class TlvEdit(Shape):
    """One change to the TLVs of a PDU: set, add, remove, order or clear."""

    set: TlvWord | None = None
    """Give this TLV the value, in its place, or at the end where it is not there."""
    add: TlvWord | None = None
    """Append one more, whether it is there or not."""
    remove: TlvWord | None = None
    """Take all of this tag away."""
    order: Annotated[tuple[TlvWord, ...], LISTED] | None = None
    """Put these first, in this order."""
    clear: bool | None = None
    """Take all away."""
    value: ValueWord | None = None
    """By the tag's kind, or octets as in hex:00ff; without one the TLV is empty."""
    nul: bool | None = None
    """Whether a text ends with a NUL; by default as the tag's kind says."""
    times: int | None = Field(default=None, ge=1, le=1000)
    """How many of it."""
    first: bool | None = None
    """In front of all others."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """More than one deed, a value where none belongs, a value that the tag cannot hold."""
        yield from exactly_one(given, TLV_DEEDS, "a change of TLVs")
        made = given.get("set", given.get("add"))
        if made is None:
            for key in ("value", "nul", "times", "first"):
                if key in given:
                    yield Found((key,), f"{key} without a TLV", "set or add beside it", is_key=True)
        elif "value" in given and (name := text_of(made)) is not None:
            try:
                wrong = wrong_tlv_value(parse_tlv_name(name, names.book), given["value"], names.book)
            except WordError:
                # the name itself is wrong, and told by its own field
                return
            if wrong is not None:
                yield Found(("value",), f"{name}: {wrong.found}", wrong.allowed)


class _Tlvs:
    """Marks changes of TLVs: a mapping of names to values or `absent`, or a list of single changes."""

    def _given(self, value: object) -> object:
        if isinstance(value, list):
            return tuple(value)
        if not isinstance(value, dict):
            return value
        return (value,) if value.keys() & set(TLV_DEEDS) else tuple(_edit(name, one) for name, one in value.items())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._given, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        listed = handler(schema)
        description = "names or tags, and values: a number, a text, hex:00ff, absent"
        return {"anyOf": [{"type": "object", "description": description}, listed["items"], listed]}


def _edit(name: str, value: object) -> dict[str, Any]:
    if value == "absent":
        return {"remove": name}
    return {**value, "set": name} if isinstance(value, dict) else {"set": name, "value": value}


TlvEdits = Annotated[tuple[TlvEdit, ...], _Tlvs()]
"""`{message_state: 2, receipted_message_id: absent}`, or `[{add: 0x1403, value: "hex:00"}, {order: [...]}]`."""


class SpliceForm(Shape):
    """Octets taken out at a place, and others put there."""

    at: PlaceWord
    """An offset, the name of a field in front of which it happens, or end."""
    delete: int = Field(default=0, ge=0)
    """How many octets are taken out."""
    insert: OctetsWord | None = None
    """What is put there."""
    refit: bool = False
    """Whether command_length follows."""

    @property
    def splice(self) -> Splice:
        """The splice for the codec."""
        at = int(self.at) if self.at.isdigit() else self.at
        return Splice(at, self.delete, self.insert.value if self.insert else b"", self.refit)


class WireForm(Shape):
    """What is to be wrong with the octets of a PDU."""

    unchecked: bool | None = None
    """Strings and octets may be longer than SMPP allows, and strings may hold a NUL."""
    unterminated: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Strings without their NUL, by the name of the field."""
    lengths: dict[TextWord, LengthWord] | None = None
    """Counts that lie: {sm_length: 16}, {"tlv[0]": "+4"}."""
    command_length: LengthWord | None = None
    """The length of the PDU."""
    splices: Annotated[tuple[SpliceForm, ...], SEVERAL] | None = None
    """Octets put in or taken out."""
    cut: int | None = Field(default=None, ge=0)
    """Octets left off at the end."""
    append: OctetsWord | None = None
    """Octets added after the end; command_length does not follow."""

    @property
    def wire(self) -> Wire:
        """The plan for the codec."""
        return Wire(
            unchecked=bool(self.unchecked),
            unterminated=self.unterminated or (),
            lengths=self.lengths or {},
            command_length=self.command_length,
            splices=tuple(splice.splice for splice in self.splices or ()),
            cut=self.cut or 0,
            append=self.append.value if self.append else b"",
        )


class StreamForm(Shape):
    """How the octets of a PDU are spread over segments and time; the octets themselves stay as they are."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"const": "join"},)
    allowed: ClassVar[str] = "join, or a mapping of split, pause, drip, join, stop"

    split: Annotated[tuple[PlaceWord, ...], SEVERAL] | None = None
    """A segment ends in front of each of these places."""
    pause: SpanWord | None = None
    """How long to wait between two segments."""
    drip: RateWord | None = None
    """Octets in time: 1/100ms."""
    join: bool | None = None
    """Keep it, and write it together with the next PDU in one segment."""
    stop: PlaceWord | None = None
    """Write up to this place, and never the rest."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """`join`."""
        return {"join": True} if value == "join" else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Two ways at once."""
        yield from at_most_one(given, ("split", "drip", "join", "stop"))
