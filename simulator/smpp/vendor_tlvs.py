"""Optional parameters of a vendor's own, declared by name: what no specification can know (SMPP 3.4, 5.3.1).

A declaration lends a tag a name and a kind in everything that names TLVs: dissections, JSON, building by name. On the
wire it changes nothing: undeclared tags are read, kept and written as well. This file does not know where the
declarations come from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import TLVS, TLVS_BY_NAME, Book, TlvDefinition

# Kind -> the kind of a TlvDefinition, and the octets that it has at least and at most where no size is given.
_KINDS: Final[dict[str, tuple[str, int, int]]] = {
    "int": ("int", 1, 8),
    "cstring": ("cstr", 1, 65535),
    "octets": ("octets", 0, 65535),
}
_FORM: Final = "TAG=NAME:KIND or TAG=NAME:KIND:SIZE, such as 0x1401=billing_id:cstring"


@dataclass(frozen=True, slots=True)
class VendorTlv:
    """One tag of a vendor's.

    ``kind`` is `int`, `cstring` (ends with NUL) or `octets`. ``size``, in octets, is that of an `int`, and the most of
    the others, a NUL included; None for any, and then an `int` is written as narrow as it can be.

    Raises LocalError that says what is allowed: for a tag or a name that SMPP has given away, for an unknown kind, and
    for a size that the kind cannot have.
    """

    tag: int
    name: str
    kind: str
    size: int | None = None

    def __post_init__(self) -> None:
        # SMPP 3.4, 5.3.1 leaves 0x1400 to 0x3FFF to vendors. Carriers have tags outside of it, too, so that only those
        # that the specifications have given away are refused.
        if not 0 <= self.tag <= 0xFFFF:
            raise LocalError(f"vendor tlv: tag {self.tag}, 0 to 0xFFFF; vendors have 0x1400 to 0x3FFF")
        if self.tag in TLVS:
            raise LocalError(
                f"vendor tlv 0x{self.tag:04X}: that is SMPP's {TLVS[self.tag].name}; vendors have 0x1400 to 0x3FFF"
            )
        # A name that reads as a number would hide the tag of that number.
        if not (self.name.isascii() and self.name.isidentifier()):
            raise LocalError(
                f"vendor tlv 0x{self.tag:04X}: name {self.name!r}, letters, digits and _, not beginning with a digit"
            )
        if self.name in TLVS_BY_NAME:
            raise LocalError(
                f"vendor tlv 0x{self.tag:04X}: {self.name} is SMPP's name of 0x{TLVS_BY_NAME[self.name].tag:04X}; "
                "any other will do"
            )
        # `cstring` where the specifications' own tables say C-Octet String; inside of smpp/ that kind is called `cstr`.
        if self.kind not in _KINDS:
            raise LocalError(f"vendor tlv {self.name}: kind {self.kind!r}, one of {', '.join(_KINDS)}")
        _, least, most = _KINDS[self.kind]
        if self.size is not None and not max(least, 1) <= self.size <= most:
            raise LocalError(f"vendor tlv {self.name}: size {self.size}, {max(least, 1)} to {most} for {self.kind}")

    @property
    def definition(self) -> TlvDefinition:
        """The same as the specifications' own are declared, of no version and in no PDU's table."""
        # No versions and no PDUs: the tables of the specifications stay what they are, and PICS.md with them.
        kind, least, most = _KINDS[self.kind]
        most = self.size or most
        return TlvDefinition(self.tag, self.name, kind, most if self.size and kind == "int" else least, most, (), {})


def vendor_tlv(text: str) -> VendorTlv:
    """The declaration that a text means: `0x1401=billing_id:cstring`, `0x1402=route:int:2`. Raises LocalError."""
    tag, equals, rest = text.partition("=")
    name, *kind_and_size = rest.split(":")
    if not equals or len(kind_and_size) not in {1, 2}:
        raise LocalError(f"vendor tlv {text!r}: not {_FORM}")
    try:
        # Base 0, so that a tag may be copied from a carrier's document as it stands: 0x1401, or 5121.
        number, *size = int(tag, 0), *map(int, kind_and_size[1:])
    except ValueError:
        raise LocalError(f"vendor tlv {text!r}: tag and size are numbers, as in {_FORM}") from None
    return VendorTlv(number, name, kind_and_size[0], *size)


def book_of(vendor_tlvs: Iterable[VendorTlv]) -> Book:
    """What the specifications know of every tag, and these beside it.

    Raises LocalError for two different declarations of one tag or of one name.
    """
    book = dict(TLVS)
    named: dict[str, VendorTlv] = {}
    for one in vendor_tlvs:
        known = named.get(one.name)
        if known is not None and known != one:
            raise LocalError(f"vendor tlv 0x{one.tag:04X}: {one.name} is declared already, for 0x{known.tag:04X}")
        # Said twice in the same words is no clash: a file and an account may both bring the same list.
        if known is None and one.tag in book:
            raise LocalError(f"vendor tlv {one.name}: 0x{one.tag:04X} is declared already, as {book[one.tag].name}")
        named[one.name] = one
        book[one.tag] = one.definition
    return book
