"""What each network on a message's way would say to it now, question by question; asked without counting anything.

Knows the questions in the order in which `Networks` asks them, and puts the answers into words for people. Does not
decide: what really became of a message is a `Truth`. Luck is not asked: where chance decides, its share is told.
"""

from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

from simulator.carrier.causes import RECEIPT, SUBMIT, listed
from simulator.carrier.delays import span_text
from simulator.carrier.filters.filters import PASSED as TRUSTED
from simulator.carrier.filters.filters import Facts
from simulator.carrier.limits.quotas import Attempt, Left, Queued, traits_of
from simulator.carrier.messages import Address, Part
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.network import Network, Networks
from simulator.carrier.numbers import Line, Number, read_number
from simulator.carrier.phones.optouts import OPTED_OUT
from simulator.carrier.phones.subscribers import ON, Condition
from simulator.carrier.registry.demands import Tagged, objection
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import BLOCKED, FILTERED, THROTTLED

PASSES: Final = "passes"
STOPS: Final = "stops"
MAY_STOP: Final = "may stop"
"""Chance decides."""
WAITS: Final = "waits"
"""It goes on later."""
ENDS: Final = (PASSES, STOPS, MAY_STOP, WAITS)

REGISTRATION: Final = "registration"
DEMANDS: Final = "demands"
OPT_OUT: Final = "opt-out"
PARTS: Final = "parts"
LIMIT: Final = "limit"
FILTER: Final = "filter"

_RETRIES: Final = {
    "-": "nothing to be done: nobody is told that it failed",
    "no": "sending again does not help",
    "maybe": "sending again may help",
    "yes": "sending again helps",
    "wait": "waiting helps, and not to send again",
}
"""The catalogue's words for whether sending again helps; the others say when it does."""


class Inquiry(NamedTuple):
    """The message that is asked about. ``arrived_at`` is link time, in which rates per second are kept.

    ``letter`` is the message itself where one has come: it has what networks may demand beside the text.
    """

    account: str
    source: Address
    destination: Address
    text: str
    segments: int = 1
    part: Part | None = None
    arrived_at: float = 0.0
    letter: Letter | None = None


class Step(NamedTuple):
    """One question of a network, by its kind and by the name of the limit or filter, and the answer in words.

    ``end`` is one of ``ENDS``; where it is not that it passes, ``cause`` is the key of the cause and ``where`` tells
    where that shows. ``left`` is what is left of a limit.
    """

    question: str
    name: str
    answer: str
    end: str = PASSES
    cause: str = ""
    where: str = ""
    left: Left | None = None


class Passage(NamedTuple):
    """What one network says, in order; ``is_hub`` where it is passed on the way to the recipient's own."""

    network: Network
    is_hub: bool
    steps: tuple[Step, ...]


class Chain(NamedTuple):
    """The whole way of a message. ``line`` tells whose its destination is, ``phone`` how that phone is now.

    ``why`` says why there is no way to it; then there is no phone, and of the passages at most that of a hub.
    """

    sender: Number
    receiver: Number
    line: Line
    registration: Registration | None
    passages: tuple[Passage, ...] = ()
    phone: Condition | None = None
    why: str = ""

    @property
    def stop(self) -> tuple[Network, Step] | None:
        """Who is the first to stop it for sure, and by what; None where nobody does."""
        every = ((one.network, step) for one in self.passages for step in one.steps)
        return next((one for one in every if one[1].end == STOPS), None)


def chain_of(networks: Networks, inquiry: Inquiry, at: float) -> Chain:
    """What would be said to such a message at carrier time ``at``; nothing is counted, and nothing remembered."""
    sender = read_number(inquiry.source, networks.home)
    receiver = read_number(inquiry.destination, networks.home)
    if receiver.why:
        return Chain(sender, receiver, Line(""), None, why=receiver.why)
    line = networks.numbers.line_of(receiver.digits)
    name, hub = _way(networks, inquiry, line, sender)
    own = networks.networks.get(name)
    registration = networks.registrar.look(sender.digits, sender.kind, at, name)
    if own is None and not line.is_landline:
        return Chain(sender, receiver, line, registration, why=f"no network has {receiver.digits}")
    asked = _Asked(networks, inquiry, at, sender, receiver, line, registration)
    passages: tuple[Passage, ...] = ()
    if hub is not None and hub is not own:
        passages = (Passage(hub, is_hub=True, steps=tuple(_steps(asked, hub))),)
    if own is None:
        return Chain(sender, receiver, line, registration, passages, why=f"{receiver.digits} is a landline")
    passages += (Passage(own, is_hub=False, steps=tuple(_steps(asked, own))),)
    phone = networks.subscribers.condition(receiver.digits, at, own.habits)
    return Chain(sender, receiver, line, registration, passages, phone)


def _way(networks: Networks, inquiry: Inquiry, line: Line, sender: Number) -> tuple[str, Network | None]:
    """The name of the network that it goes to, and the hub that it passes first; a network's own door leads there."""
    letter, hubs = inquiry.letter, networks.hubs
    door = "" if letter is None or networks.door_of is None else networks.door_of(letter)
    if any(one.name == door for one in hubs.values()):
        return line.network, networks.networks[door]
    return door if door in networks.networks else line.network, hubs.get(sender.kind)


class _Asked(NamedTuple):
    networks: Networks
    inquiry: Inquiry
    at: float
    sender: Number
    receiver: Number
    line: Line
    registration: Registration


def _steps(asked: _Asked, network: Network) -> Iterator[Step]:
    yield _registered(asked, network)
    if network.demands:
        yield _demanded(asked, network)
    if asked.networks.opt_outs.is_blocked(asked.sender.digits, asked.receiver.digits):
        answer = f"{asked.receiver.digits} has opted out from {asked.sender.digits}"
        yield Step(OPT_OUT, "", answer, STOPS, OPTED_OUT, RECEIPT)
    else:
        yield Step(OPT_OUT, "", f"{asked.receiver.digits} has not opted out")
    part = asked.inquiry.part
    count = asked.inquiry.segments if part is None else part.total
    if count > 1:
        words, is_too_much = f"{count} parts, at most {network.parts_max} are taken", count > network.parts_max
        yield Step(PARTS, "", words, STOPS, "too_long", SUBMIT) if is_too_much else Step(PARTS, "", words)
    yield from _limits(asked, network)
    yield from _filters(asked, network)


def _registered(asked: _Asked, network: Network) -> Step:
    registration, rules, where = asked.registration, network.unregistered, network.unregistered_at
    if registration.is_registered:
        return Step(REGISTRATION, "", registration.why or f"{registration.status.replace('_', ' ')}")
    why, cause = registration.why or f"the sender is {registration.status}", registration.cause or "sender_blocked"
    mode = BLOCKED if registration.is_barred else rules.kinds.get(registration.kind, rules.mode)
    if mode == BLOCKED:
        return Step(REGISTRATION, "", f"{why}: blocked", STOPS, cause, where)
    if mode == FILTERED:
        return Step(REGISTRATION, "", f"{why}: {rules.share:.0%} of it are lost", MAY_STOP, cause, where)
    return Step(REGISTRATION, "", f"{why}: {'at the pace of people' if mode == THROTTLED else 'let through'}")


def _demanded(asked: _Asked, network: Network) -> Step:
    letter, names = asked.inquiry.letter, ", ".join(one.name for one in network.demands)
    if letter is None:
        end = MAY_STOP if any(one.is_required for one in network.demands) else PASSES
        first = network.demands[0]
        return Step(DEMANDS, "", f"{names}: it is not said what the message has", end, first.cause, first.where)
    tagged = Tagged(letter, asked.sender.digits, asked.registration, asked.networks.registrar.registry)
    found = objection(network.demands, tagged)
    if found is None:
        return Step(DEMANDS, "", f"{names}: as they must be")
    return Step(DEMANDS, found.demand.name, found.why, STOPS, found.demand.cause, found.demand.where)


def _limits(asked: _Asked, network: Network) -> Iterator[Step]:
    inquiry, part = asked.inquiry, asked.inquiry.part
    attempt = Attempt(
        inquiry.account,
        asked.sender.digits,
        asked.sender.kind,
        asked.receiver.digits,
        asked.registration,
        segments=inquiry.segments,
        messages=int(part is None or part.number == 1),
        traits=traits_of(asked.sender.digits, asked.receiver.digits),
    )
    for left in network.quotas.left(attempt, asked.at, inquiry.arrived_at):
        over, answer = left.over, limit_text(left)
        if over is None:
            yield Step(LIMIT, left.limit, answer, left=left)
        elif isinstance(over, Queued):
            yield Step(LIMIT, left.limit, f"{answer}; it waits {span_text(over.wait)}", WAITS, left=left)
        else:
            again = "there will never be room for it" if over.until == inf else f"room again in {span_text(left.wait)}"
            yield Step(LIMIT, left.limit, f"{answer}; {again}", STOPS, over.cause, over.where, left)


def limit_text(left: Left) -> str:
    """What is left of a limit, in words: `14 of 15 segments in a minute left for campaign CSOLE`."""
    return f"{left.left:g} of {left.amount:g} {left.counts} in a {left.per} left for {left.scope} {left.key}"


def _filters(asked: _Asked, network: Network) -> Iterator[Step]:
    campaign = asked.registration.campaign
    facts = Facts(
        asked.sender.digits,
        asked.receiver.digits,
        asked.inquiry.text,
        asked.sender.kind,
        is_age_gated=campaign is not None and campaign.is_age_gated,
        is_landline=asked.line.is_landline,
        pool="" if campaign is None else campaign.pool,
    )
    for view in network.filters.explain(facts, asked.at):
        if not view.why or not view.probability:
            yield Step(FILTER, view.filter, "finds nothing" if not view.why else f"{view.why}: catches nothing")
        elif view.where == TRUSTED:
            yield Step(FILTER, view.filter, f"{view.why}: trusted, the filters behind are not asked")
            if view.probability == 1:
                return
        elif view.probability < 1:
            share = f"{view.why}: {view.probability:.0%} of it are caught"
            yield Step(FILTER, view.filter, share, MAY_STOP, view.cause, view.where)
        else:
            yield Step(FILTER, view.filter, view.why, STOPS, view.cause, view.where)


def circumstances_of(chain: Chain, network: str) -> tuple[str, ...]:
    """What chooses among the codes of a cause: those of the registration, the sender's kind, the network's name."""
    given = () if chain.registration is None else chain.registration.circumstances
    return (*given, chain.sender.kind, network)


def phone_text(phone: Condition, at: float) -> str:
    """How a phone is, in words."""
    state = phone.state.replace("_", " ")
    until = "" if phone.until == inf or phone.state == ON else f" for {span_text(phone.until - at)} more"
    ported = f", ported to {phone.ported_to}" if phone.ported_to else ""
    return f"{state}{until}{ported}"


def retry_text(key: str) -> str:
    """Whether sending again helps against a cause, in the catalogue's words."""
    word = listed(key).retry
    return _RETRIES.get(word, f"sending again helps: {word}")
