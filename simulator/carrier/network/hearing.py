"""What a network makes of a message from one of its phones: a word that it knows, an opt-out of a campaign, a fee.

Knows whom an answer concerns, and puts each part of it where it is kept. Does not know how a message left its phone,
nor what becomes of the reply.
"""

from typing import TYPE_CHECKING

from simulator.carrier.fees import MO
from simulator.carrier.messages import Address
from simulator.carrier.numbers import read_number
from simulator.carrier.phones.optouts import OPT_IN, OPT_OUT, SUSPEND, Heard
from simulator.carrier.registry.registrations import SUSPENDED

if TYPE_CHECKING:
    from simulator.carrier.network.network import Networks


def hear(networks: "Networks", phone: str, number: str, text: str, at: float, *, segments: int = 1) -> Heard:
    """A phone has written to a number at carrier time ``at``: what that means, and what the network replies.

    Its network charges what so many segments from a phone cost. Where a campaign's opt-outs exceed the threshold, it is
    suspended, unless the networks leave that to others.
    """
    sender = read_number(Address(number), networks.home)
    digits = read_number(Address(phone), networks.home).digits
    heard = networks.opt_outs.hear(digits, sender.digits, sender.kind, text)
    registration = networks.registrar.look(sender.digits, sender.kind, at)
    campaign, network = registration.campaign, networks.numbers.line_of(digits).network
    if network:
        brand = "" if registration.brand is None else registration.brand.id
        is_registered = registration.is_registered
        networks.fees.charge(at, network, brand, direction=MO, segments=segments, is_registered=is_registered)
    if campaign is not None and heard.act == OPT_OUT:
        if SUSPEND in networks.rates.opted_out(campaign.id, digits, at) and networks.suspends:
            networks.registrar.set_campaign(campaign.id, SUSPENDED)
    elif campaign is not None and heard.act == OPT_IN:
        networks.rates.opted_in(campaign.id, digits, at)
    return heard
