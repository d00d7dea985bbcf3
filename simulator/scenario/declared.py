"""What a scenario gives names to, gathered from what was written, before and whether or not the rest of it is right.

So that a name which nobody declared is refused where it stands, together with everything else that is wrong. A kind of
name of which nothing is declared is not checked: composed files share accounts, phases, piles and variables.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.scenario.shape import Found, Names, given_list, mapping, text_of
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import TLVS, Book
from simulator.smpp.vendor_tlvs import VendorTlv, book_of, vendor_tlv


def vendor_book(written: object) -> tuple[Book, list[Found]]:
    """The TLVs that are known with a vendor's declarations, and those of them that clash; ill-written ones are not."""
    declared: list[VendorTlv] = []
    found: list[Found] = []
    book: Book = TLVS
    for index, one in enumerate(given_list(written)):
        try:
            tlv = vendor_tlv(one) if isinstance(one, str) else None
        except LocalError:
            # told by the word itself
            continue
        if tlv is None:
            continue
        try:
            book = book_of([*declared, tlv])
            declared.append(tlv)
        except LocalError as error:
            found.append(Found(("carrier", "vendor_tlvs", index), str(error), "each tag and each name once"))
    return book, found


def vendors_of(written: Iterable[str]) -> tuple[VendorTlv, ...]:
    """What declarations that were checked already declare."""
    return tuple(vendor_tlv(one) for one in written)


def names_in(written: object) -> Names:
    """The names that a scenario declares."""
    scenario = mapping(written)
    carrier = mapping(scenario.get("carrier"))
    registry = mapping(scenario.get("registry"))
    piles, variables = _held_and_set(scenario)
    variables |= dict.fromkeys(mapping(scenario.get("variables")))
    return Names(
        book=vendor_book(carrier.get("vendor_tlvs"))[0],
        accounts=_texts(mapping(carrier.get("accounts"))),
        phases=_texts(mapping(one).get("name") for one in given_list(scenario.get("phases"))),
        piles=_texts(piles),
        variables=_texts(variables),
        networks=_texts(mapping(scenario.get("networks"))),
        brands=_texts(mapping(registry.get("brands"))),
        campaigns=_texts(mapping(registry.get("campaigns"))),
    )


def _texts(names: Iterable[object]) -> tuple[str, ...] | None:
    texts = tuple(text for name in names if (text := text_of(name)) is not None)
    return texts or None


def _held_and_set(scenario: Mapping[str, Any]) -> tuple[dict[Any, None], dict[Any, None]]:
    """The piles that anything is held in, and the variables that are set, wherever in the file."""
    piles: dict[Any, None] = {}
    variables: dict[Any, None] = {}
    ahead: list[object] = [scenario]
    while ahead:
        one = ahead.pop()
        if isinstance(one, list):
            ahead += one
        elif isinstance(one, dict):
            hold = one.get("hold")
            pile = hold.get("pile") if isinstance(hold, dict) else hold
            if isinstance(pile, str):
                piles[pile] = None
            variables |= dict.fromkeys(mapping(mapping(one.get("set")).get("variables")))
            ahead += one.values()
    return piles, variables
