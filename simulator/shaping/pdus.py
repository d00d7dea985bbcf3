"""What a scenario says of the fields and TLVs of any PDU, done to one.

Whatever a form says is written, sensible or not: a wrong value is what it is for. It knows the kinds of fields and
TLVs, and not what they mean, who sends the PDU or when. Damage to octets is the codec's; ``wire_of`` only finds out
where the codec has to be told not to check.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from simulator.scenario.forms.forms import PduForm
from simulator.scenario.forms.wire_forms import TlvEdit
from simulator.scenario.words.kinds import FIELD_KINDS
from simulator.scenario.words.wire_words import Octets
from simulator.smpp.errors import LocalError
from simulator.smpp.fields import CString, Integer
from simulator.smpp.fields import Octets as CountedOctets
from simulator.smpp.pdu import Response
from simulator.smpp.pdus import PDU_CLASSES, Pdu, UnknownPdu, layout
from simulator.smpp.tlvs import TLVS, Book, Tlv, tlv_int, tlv_tag
from simulator.smpp.wire import Wire

Value = int | str | Octets
"""What a file can say that a field or TLV holds."""

UNCHECKED: Final = Wire(unchecked=True)
"""No damage, but no check of sizes either."""


def octets_of(value: Value) -> bytes:
    """The octets that a value stands for where no number is wanted: those said, or those of a text or its digits.

    A text has one octet a character (latin-1); one with characters beyond is written in UTF-8 as a whole.
    """
    if isinstance(value, Octets):
        return value.value
    text = str(value)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def characters_of(value: Value) -> str:
    """The same as a C-octet string is held: one character an octet."""
    return octets_of(value).decode("latin-1")


def tlv_of(tag: int, value: Value | None, book: Book = TLVS, *, nul: bool | None = None) -> Tlv:
    """A TLV that holds a value by its tag's kind; by what the value is, where the book does not know the tag.

    A number takes the tag's width, in octets of a fixed size, too; its digits are written where no number belongs or
    none fits. A text ends with a NUL unless the tag holds octets or a number, or ``nul`` says otherwise.
    """
    if value is None or isinstance(value, Octets):
        return Tlv(tag, value.value if value else b"")
    definition = book.get(tag)
    kind = definition.kind if definition else "int" if isinstance(value, int) else "cstr"
    is_fixed = definition is not None and definition.size_min == definition.size_max
    if isinstance(value, int) and (kind == "int" or (kind == "octets" and is_fixed)):
        try:
            return tlv_int(tag, value, book)
        except LocalError:
            # No width holds it: what a person would read is nearer to what was said than a number cut to fit.
            pass
    has_nul = kind == "cstr" if nul is None else nul
    return Tlv(tag, octets_of(value) + (b"\0" if has_nul else b""))


class _Edit(NamedTuple):
    """A TlvEdit made ready: ``tags`` are those it is about, ``made`` what comes into the PDU."""

    deed: str
    tags: tuple[int, ...]
    made: tuple[Tlv, ...] = ()
    first: bool = False

    @classmethod
    def of(cls, edit: TlvEdit, book: Book) -> "_Edit":
        if edit.clear:
            return cls("clear", ())
        if edit.order is not None:
            return cls("order", tuple(tlv_tag(name, book) for name in edit.order))
        if edit.remove is not None:
            return cls("remove", (tlv_tag(edit.remove, book),))
        tag = tlv_tag(edit.set or edit.add or "", book)
        made = (tlv_of(tag, edit.value, book, nul=edit.nul),) * (edit.times or 1)
        return cls("add" if edit.set is None else "set", (tag,), made, bool(edit.first))

    def applied(self, tlvs: tuple[Tlv, ...]) -> tuple[Tlv, ...]:
        if self.deed == "add":
            return (*self.made, *tlvs) if self.first else (*tlvs, *self.made)
        others = tuple(tlv for tlv in tlvs if tlv.tag not in self.tags)
        if self.deed == "set":
            # Of a tag that is there several times the first place is taken, and no old value stays behind it.
            at = 0 if self.first else next((n for n, tlv in enumerate(tlvs) if tlv.tag in self.tags), len(others))
            return (*others[:at], *self.made, *others[at:])
        if self.deed == "order":
            return (*(tlv for tag in self.tags for tlv in tlvs if tlv.tag == tag), *others)
        return others if self.deed == "remove" else ()


class PduShape:
    """The fields and TLVs of a form, made ready once for all PDUs that they are done to."""

    __slots__ = ("_edits", "_fields")

    def __init__(self, form: PduForm | None, book: Book = TLVS) -> None:
        fields = form.fields if form and form.fields else {}
        self._fields = tuple((name, _field_value(name, value)) for name, value in fields.items())
        self._edits = tuple(_Edit.of(edit, book) for edit in (form.tlvs if form else None) or ())

    def shaped(self, pdu: Pdu) -> Pdu:
        """The same PDU, changed in place.

        Fields that it does not have are left out; one that nobody declared has them all as its body, in the order in
        which they were said. A response gets the body that it was to leave out, if something was said of it.
        """
        has_body = False
        if isinstance(pdu, UnknownPdu):
            for name, value in self._fields:
                pdu.body += b"".join(part.octets for part in FIELD_KINDS[name].parts(name, value, unchecked=True))
        else:
            for name, value in self._fields:
                if hasattr(pdu, name):
                    setattr(pdu, name, value)
                    has_body = True
        for edit in self._edits:
            pdu.tlvs = edit.applied(pdu.tlvs)
        if isinstance(pdu, Response) and (has_body or pdu.tlvs):
            pdu.header_only = False
        return pdu


def shaped(pdu: Pdu, form: PduForm | None, book: Book = TLVS) -> Pdu:
    """The fields and TLVs of a form done to one PDU, in place; for many, make a PduShape once."""
    return PduShape(form, book).shaped(pdu)


def _field_value(name: str, value: Value) -> Value | bytes:
    kind = FIELD_KINDS[name]
    if isinstance(kind, Integer):
        return value
    return octets_of(value) if isinstance(kind, CountedOctets) else characters_of(value)


# ---------------------------------------------------------------- whether the codec would refuse it


def wire_of(form: PduForm | None, pdu: Pdu | None = None) -> Wire | None:
    """The damage that a form asks for, as the codec wants it, or None.

    Sizes go unchecked where a value needs it: of the PDU as it stands, or, without one, of the form's own fields, which
    cannot know how long an address or a text has become.
    """
    wire = form.wire.wire if form is not None and form.wire is not None else None
    if wire is not None and wire.unchecked:
        return wire
    if pdu is None:
        is_legal = form is None or _is_legal(form.fields or {})
    else:
        is_legal = fits(pdu)
    if is_legal:
        return wire
    return UNCHECKED if wire is None else replace(wire, unchecked=True)


def fits(pdu: Pdu) -> bool:
    """Whether the codec writes the PDU without being told not to check: no string too long or with a NUL inside."""
    for name, limit in _LIMITS[type(pdu)]:
        value = getattr(pdu, name)
        if len(value) > limit or (isinstance(value, str) and "\0" in value):
            return False
    return all(len(tlv.value) <= 0xFFFF for tlv in pdu.tlvs)


def _is_legal(fields: Mapping[str, Value]) -> bool:
    for name, value in fields.items():
        held = _field_value(name, value)
        if isinstance(held, str | bytes) and (len(held) > _LEAST[name] or (isinstance(held, str) and "\0" in held)):
            return False
    return True


# A time of any length is written, so that its limit is that of a PDU.
_NO_LIMIT: Final = 0xFFFFFFFF


def _limits(pdu_class: type[Pdu]) -> tuple[tuple[str, int], ...]:
    """The fields that may be too long, and the most that each may hold in octets, the NUL not counted."""
    found = []
    for name, kind in layout(pdu_class):
        if isinstance(kind, CString):
            found.append((name, _NO_LIMIT if kind.limit is None else kind.limit - 1))
        elif isinstance(kind, CountedOctets):
            found.append((name, 255))
    return tuple(found)


_LIMITS: Final = {pdu_class: _limits(pdu_class) for pdu_class in (*PDU_CLASSES.values(), UnknownPdu)}
# The shortest of those that some PDU has under this name: source_addr is 20 octets in one and 64 in another.
_LEAST: Final = dict(sorted((one for limits in _LIMITS.values() for one in limits), key=lambda one: -one[1]))
