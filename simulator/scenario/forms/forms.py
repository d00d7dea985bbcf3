"""The form of what we send: ids, texts, dates, states, addresses, charsets, parts.

A form changes how a thing looks and never what happened. What a form does not say is left to the next rule, to the
carrier's section, and to the code's own way. Nothing here writes a PDU.
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.scenario.forms.wire_forms import StreamForm, TlvEdits, WireForm
from simulator.scenario.shape import SEVERAL, Found, Names, Shape, Word, at_most_one, choice, text_of
from simulator.scenario.words.id_words import FORMS, SOURCES, IdForm, IdSource
from simulator.scenario.words.kinds import (
    CommandWord,
    FieldsMapping,
    OctetsWord,
    PeriodWord,
    SequenceWord,
    SpanWord,
    StateWord,
    StatusWord,
    TextWord,
    ValueWord,
    foreign_fields,
)
from simulator.scenario.words.wire_words import STATES, UnknownName, nearest
from simulator.scenario.words.words import WordError, quoted
from simulator.smpp.constants import CommandId

STRING: Final[JsonSchemaValue] = {"type": ["string", "number"]}
RECEIPT_FIELDS: Final = ("id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err", "text")
"""The fields of a receipt's text, in the order of SMPP 3.4, appendix B."""
PLACEHOLDERS: Final = (*RECEIPT_FIELDS, "source", "destination", "account", "part", "total")
CHARSETS: Final = (
    *("gsm7", "gsm7-packed", "ascii", "latin1", "latin9", "hp-roman8", "utf-8", "ucs2", "ucs2-le", "ucs2-bom"),
    *("ucs2-le-bom", "iso-8859-5", "iso-8859-8", "jis", "iso-2022-jp", "jis-extended", "ks-c-5601", "binary"),
)
"""How octets are made of a text, whatever data_coding says; ucs2 is big-endian."""
SESSIONS: Final = ("same", "other", "any", "random", "all", "oldest", "newest", "next_bound", "TX", "RX", "TRX")
"""To which of the account's sessions something goes; `same`: the one that the message came in by."""
_DIRECTIVES: Final = frozenset("yYmdHMSjfbBaAz%")


def _template(text: str) -> str:
    """A text with placeholders in braces. Raises WordError for one that nobody fills."""
    try:
        parsed = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    except ValueError:
        raise WordError(f"{quoted(text)}: a brace without its other", "{id}, and {{ }} for braces themselves") from None
    for name, spec, conversion in parsed:
        if spec or conversion:
            raise WordError(f"{quoted(text)}: {name} with a format of its own", f"{{{name}}} alone")
        if name not in PLACEHOLDERS:
            allowed = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise UnknownName(f"{{{name}}} is no placeholder", allowed, nearest(name, PLACEHOLDERS))
    return text


def _date_format(text: str) -> str:
    """blank, zeros, or a format as strftime's. Raises WordError."""
    wrong = [found for found in re.findall(r"%(.?)", text, re.DOTALL) if found not in _DIRECTIVES or not found]
    if wrong:
        allowed = "blank, zeros, or as in %y%m%d%H%M: year y or Y, month m, day d, hour H, minute M, second S"
        raise WordError(f"%{wrong[0]} in {quoted(text)}", allowed)
    return text


def _zone(text: str) -> str:
    if text != "UTC" and not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", text, re.ASCII):
        raise WordError(f"{quoted(text)} is no time zone", "UTC, or a difference as in +02:00")
    return text


def _shift(text: str) -> str:
    if not re.fullmatch(r"[+-](\d{1,6})(s|m|h|d)", text, re.ASCII):
        raise WordError(f"{quoted(text)} is no shift in time", "as in +1h or -30m")
    return text


CharsetWord = Annotated[str, choice("charset", *CHARSETS)]
SessionWord = Annotated[str, choice("session", *SESSIONS)]
DateFormatWord = Annotated[str, Word(_date_format, (), "blank, zeros, or a format", ("%y%m%d%H%M", "blank", "zeros"))]
TemplateWord = Annotated[str, Word(_template, (), "a template", ("id:{id} stat:{stat}",), has_numbers=True)]
ZoneWord = Annotated[str, Word(_zone, (), "UTC, or a difference as in +02:00", ("+02:00",))]
ShiftWord = Annotated[str, Word(_shift, (), "a shift in time as in +1h or -30m", ("-30m",))]
ReceiptFieldWord = Annotated[str, choice("field of a receipt's text", *RECEIPT_FIELDS)]
IdFormWord = Annotated[IdForm, Word(IdForm.parse, IdForm, FORMS, ("hex upper", "decimal pad 10", "absent"))]
IdSourceWord = Annotated[IdSource, Word(IdSource.parse, IdSource, SOURCES, ("hex 8", "decimal 10", "uuid"))]


class Ids(Shape):
    """The message id: where it comes from, and its spelling in each of three places."""

    generate: IdSourceWord | None = None
    """Where it comes from."""
    response: IdFormWord | None = None
    """Its spelling in the response to the submission."""
    text: IdFormWord | None = None
    """Its spelling in the text of a receipt."""
    tlv: IdFormWord | None = None
    """Its spelling in receipted_message_id, or absent."""
    parts: Annotated[str, choice("way of numbering parts", "each", "same", "first", "last")] | None = None
    """Whether every part of a text has an id of its own, all have one, or a receipt names that of one of them."""


class TextForm(Shape):
    """The text of a receipt. A text alone is the template."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = "a template as in `id:{id} stat:{stat}`, or a mapping"

    template: TemplateWord | None = None
    """The whole text, with placeholders: {id} {sub} {dlvrd} {submit_date} {done_date} {stat} {err} {text} ..."""
    omit: Annotated[tuple[ReceiptFieldWord, ...], SEVERAL] | None = None
    """Fields that are left out, label and value."""
    order: Annotated[tuple[ReceiptFieldWord, ...], SEVERAL] | None = None
    """The fields in this order; those not named follow."""
    labels: dict[ReceiptFieldWord, TextWord] | None = None
    """Other labels: {submit_date: submitdate, text: Text}."""
    values: dict[ReceiptFieldWord, TemplateWord] | None = None
    """Other values: {sub: "null", text: ""}."""
    colon: TextWord | None = None
    """What stands between label and value."""
    separator: TextWord | None = None
    """What stands between fields."""
    prefix: TemplateWord | None = None
    """What stands before all."""
    suffix: TemplateWord | None = None
    """What stands after all."""
    echo: int | None = Field(default=None, ge=0, le=255)
    """How many characters of the message are repeated."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A template."""
        return {"template": text_of(value)} if text_of(value) is not None else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A template says all about fields."""
        for key in ("omit", "order", "labels", "colon", "separator"):
            if key in given and "template" in given:
                yield Found((key,), f"{key} beside template", "one of both: the template says it", is_key=True)


class DateForm(Shape):
    """The dates of a receipt's text. A text alone is the format of both."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = "a format as in %y%m%d%H%M, blank, zeros, or a mapping of submit, done, zone, shift"

    submit: DateFormatWord | None = None
    """Format of the submit date; any text without % stands as it is."""
    done: DateFormatWord | None = None
    """Format of the done date."""
    zone: ZoneWord | None = None
    """In which time zone they are told."""
    shift: ShiftWord | None = None
    """How far the clock that tells them is wrong."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """One format for both."""
        text = text_of(value)
        return value if text is None else {"submit": text, "done": text}


class StatForm(Shape):
    """What stands for a state in a receipt's text. A mapping of states is the words; a text alone stands for all."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (
        STRING,
        {"type": "object", "propertyNames": {"enum": sorted(STATES)}},
    )
    allowed: ClassVar[str] = "a text, a mapping of states to texts, or one of words, constant, letters, width"

    words: dict[StateWord, TextWord] | None = None
    """The word for each state: {DELIVRD: DELIVERED}."""
    constant: TextWord | None = None
    """The same for every state."""
    letters: Annotated[str, choice("way of letters", "upper", "lower", "title")] | None = None
    """Upper or lower case, or the first letter upper."""
    width: int | None = Field(default=None, ge=1, le=64)
    """Characters up to which spaces are added."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A constant, or the words alone."""
        if text_of(value) is not None:
            return {"constant": text_of(value)}
        is_words = isinstance(value, dict) and value and not value.keys() & cls.model_fields.keys()
        return {"words": value} if is_words else value


class ErrForm(Shape):
    """The err of a receipt's text. A text alone stands for every cause."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = "a text, or a mapping of constant, states, width, base, letters"

    constant: TextWord | None = None
    """The same for every cause; may be empty."""
    states: dict[StateWord, TextWord] | None = None
    """The err of each final state: {DELIVRD: "000", UNDELIV: "4750"}."""
    width: int | None = Field(default=None, ge=1, le=16)
    """How many digits, zeros in front."""
    base: Annotated[str, choice("base", "decimal", "hex")] | None = None
    """How the number is written."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A constant."""
        return {"constant": text_of(value)} if text_of(value) is not None else value


class AddressForm(Shape):
    """How an address is written. A text alone takes its place."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = "a number or name, or a mapping of number, ton, npi, strip, prefix, suffix, digits, cut"

    number: ValueWord | None = None
    """What stands there instead; empty, or octets as in hex:00."""
    ton: int | None = Field(default=None, ge=0, le=255)
    """Type of number."""
    npi: int | None = Field(default=None, ge=0, le=255)
    """Numbering plan."""
    strip: TextWord | None = None
    """What is taken off its front, if it begins so."""
    prefix: TextWord | None = None
    """What is put in front of it."""
    suffix: TextWord | None = None
    """What is put behind it."""
    digits: int | None = Field(default=None, ge=1, le=65)
    """How many of its last characters are kept."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """Another number."""
        return {"number": text_of(value)} if text_of(value) is not None else value


class Concatenation(Shape):
    """How a long text is split into parts. A word alone is by what they are marked."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (
        {"enum": ["udh8", "udh16", "sar", "both", "payload", "none"]},
    )
    allowed: ClassVar[str] = "udh8, udh16, sar, both, payload, none, or a mapping"

    by: Annotated[str, choice("mark of parts", "udh8", "udh16", "sar", "both", "payload", "none")] | None = None
    """Header with an 8 or 16 bit reference, sar TLVs, both, all in message_payload, or no mark at all."""
    size: int | None = Field(default=None, ge=1, le=65535)
    """Characters of a part."""
    reference: int | None = Field(default=None, ge=0, le=65535)
    """The reference of all parts."""
    total: int | None = Field(default=None, ge=0, le=255)
    """The number of parts that is told."""
    first: int | None = Field(default=None, ge=0, le=255)
    """The number of the first part; 1 by the book."""
    order: Annotated[tuple[int, ...], SEVERAL] | None = None
    """In which order the parts are sent: [3, 1, 2]; one that is named twice is sent twice."""
    lose: Annotated[tuple[int, ...], SEVERAL] | None = None
    """Parts that are never sent."""
    every: SpanWord | None = None
    """Time between two parts."""
    udhi: bool | None = None
    """The bit of esm_class that says there is a header, whether there is one or not."""
    header: OctetsWord | None = None
    """The header itself, length and all; zeros as reference, total and number in it are filled in."""
    tlvs: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Which of the sar TLVs are there."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """By what parts are marked."""
        return {"by": value} if isinstance(value, str) else value


def _order(text: str) -> str:
    if text not in {"first_in", "last_in", "shuffle"} and not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise WordError(f"{quoted(text)} is no order", "first_in, last_in, shuffle, or places as in [3, 1, 2]")
    return text


OrderWord = Annotated[str, Word(_order, (), "first_in, last_in, shuffle, or a place", ("shuffle", 3), has_numbers=True)]


class Hold(Shape):
    """Keep a thing back in a pile. A name alone waits for a `release`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "the name of a pile, or a mapping of pile, until, order, at_most"

    pile: TextWord
    """Its name."""
    until: int | None = Field(default=None, ge=1, le=100_000)
    """Release the pile once it holds so many."""
    order: Annotated[tuple[OrderWord, ...], SEVERAL] | None = None
    """first_in, last_in, shuffle, or places as in [3, 1, 2]."""
    at_most: SpanWord | None = None
    """Release each after that long in any case."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A pile."""
        return {"pile": value} if isinstance(value, str) else value


class Repeat(Shape):
    """Send again: so many times more, at an interval or at growing ones, until something happens. A number: times."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "integer"},)
    allowed: ClassVar[str] = (
        "a number, or a mapping of times, every, backoff, until, statuses, at_most, sequence, blocks"
    )

    times: int | None = Field(default=None, ge=1, le=1_000_000)
    """How many times more."""
    every: PeriodWord | None = None
    """The interval."""
    backoff: Annotated[tuple[PeriodWord, ...], SEVERAL] | None = None
    """The intervals one by one; the last one stays."""
    until: Annotated[str, choice("end of repeating", "answered", "acknowledged", "bound", "disconnect")] | None = None
    """Stop at any answer, at one with status 0, at the next bind, or at the end of the session."""
    statuses: Annotated[tuple[StatusWord, ...], SEVERAL] | None = None
    """Repeat only after an answer with one of these."""
    at_most: SpanWord | None = None
    """Stop after that long."""
    sequence: Annotated[str, choice("sequence_number of a repetition", "same", "new")] | None = None
    """The sequence_number of the first, or a new one each time."""
    blocks: bool | None = None
    """Nothing behind it is sent before it is through."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """So many times more."""
        return {"times": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Two kinds of interval, and none where nothing else keeps it from being sent for ever at once."""
        yield from at_most_one(given, ("every", "backoff"))
        if not {"times", "statuses", "every", "backoff"} & given.keys():
            yield Found((), "repeated for ever, at once", "times; every or backoff, the interval; or statuses")


class PduForm(Shape):
    """What may be said of the form of any PDU that we send."""

    fields: FieldsMapping | None = None
    """Fields under the specification's names: {esm_class: 0}."""
    tlvs: TlvEdits | None = None
    """Changes of the TLVs: {message_state: 2, 0x1403: "23430", receipted_message_id: absent}, or a list."""
    sequence: SequenceWord | None = None
    """sequence_number: same, own, previous, a number, +1."""
    repeat: Repeat | None = None
    """Send it again."""
    wire: WireForm | None = None
    """Deliberate damage to its octets."""
    stream: StreamForm | None = None
    """How its octets are spread over segments and time."""

    @classmethod
    def commands_meant(cls, given: Mapping[str, Any]) -> tuple[int, ...]:
        """The PDUs that may bear the fields; none where any may."""
        return ()

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Fields that the PDU does not have."""
        commands = cls.commands_meant(given)
        for found in foreign_fields(given.get("fields"), commands) if commands else ():
            yield Found(("fields", *found.path), found.found, found.allowed, found.hint, found.is_key)


class AnswerForm(PduForm):
    """The form of a response. What was decided is told by accept, reject and silence; this is what the wire shows."""

    status: StatusWord | None = None
    """command_status, whatever was decided."""
    command: CommandWord | None = None
    """Another PDU than the matching response: generic_nack, or any."""
    body: Annotated[str, choice("body of a response", "full", "omit")] | None = None
    """Whether the body is there, under an error or without one."""
    unsuccess: dict[TextWord, StatusWord] | None = None
    """submit_multi_resp: destinations that failed, and why."""


class Form(PduForm):
    """The form of a deliver_sm or data_sm."""

    command: Annotated[str, choice("PDU of a delivery", "deliver_sm", "data_sm")] | None = None
    """Which PDU carries it."""
    session: SessionWord | None = None
    """To which session it goes, one bound as transmitter too."""
    source: AddressForm | None = None
    """The source address."""
    destination: AddressForm | None = None
    """The destination address."""
    charset: CharsetWord | None = None
    """How octets are made of the text, whatever data_coding says."""
    place: Annotated[str, choice("place of the text", "short_message", "message_payload", "both", "none")] | None = None
    """Where the text stands."""
    cut: int | None = None
    """Octets of the text that are kept, or left off where negative; in the middle of a character, too."""
    pad: int | None = Field(default=None, ge=0, le=65535)
    """Octets up to which spaces are added to the text."""
    hold: Hold | None = None
    """Keep it back."""
    ignore_window: bool | None = None
    """Send it however many wait for their answer."""

    @classmethod
    def commands_meant(cls, given: Mapping[str, Any]) -> tuple[int, ...]:
        """deliver_sm, or what `command` says."""
        command = given.get("command", "deliver_sm")
        numbers = {"deliver_sm": int(CommandId.DELIVER_SM), "data_sm": int(CommandId.DATA_SM)}
        return (numbers[command],) if isinstance(command, str) and command in numbers else ()


class ReceiptForm(Form):
    """The form of receipts."""

    asked: Annotated[str, choice("wish for receipts", "respected", "always", "never")] | None = None
    """Whether registered_delivery decides if one is sent."""
    parts: Annotated[str, choice("number of receipts", "each", "first", "last")] | None = None
    """A receipt for each part of a text, or for one of them."""
    swapped: bool | None = None
    """Whether its source is the message's destination, as it should be."""
    text: TextForm | None = None
    """The text."""
    dates: DateForm | None = None
    """The dates in the text."""
    stat: StatForm | None = None
    """The state in the text."""
    err: ErrForm | None = None
    """The err in the text."""
    message_state: dict[StateWord, ValueWord] | None = None
    """The TLV of this name, for each state: {DELIVRD: 2}; `tlvs: {message_state: absent}` leaves it out."""


class MoForm(Form):
    """The form of messages from subscribers."""

    concatenation: Concatenation | None = None
    """How a long text is split."""
