"""An address as a form wants it: another number, a prefix, its last digits, another type of number.

Knows addresses and their form. Does NOT know in which PDU they stand, nor whether one may be that long: wrong ones
are the point.
"""

from simulator.carrier.messages import Address
from simulator.scenario.forms.forms import AddressForm
from simulator.shaping.pdus import characters_of

# the model's word comes through here for those who make PDUs of it
__all__ = ["Address", "addressed"]


def addressed(form: AddressForm | None, address: Address) -> Address:
    """The address as the form writes it; without a form, the address itself.

    In this order: another number, ``strip`` off the front, the last ``digits``, ``prefix``, ``suffix``.
    """
    if form is None:
        return address
    number = address.number if form.number is None else characters_of(form.number)
    if form.strip is not None:
        number = number.removeprefix(form.strip)
    if form.digits is not None:
        # before the prefix: a national number is the last digits behind a trunk zero
        number = number[-form.digits :]
    return Address(
        f"{characters_of(form.prefix or '')}{number}{characters_of(form.suffix or '')}",
        address.ton if form.ton is None else form.ton,
        address.npi if form.npi is None else form.npi,
    )
