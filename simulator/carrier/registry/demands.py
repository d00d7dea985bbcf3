"""What a network demands that senders write beside a text: the campaign's tag, the numbers of company and template.

It knows values by name, what each must be, and why one is wrong. How a value is written beside a message it does not
know: whoever makes a demand says how it is read. Where no network publishes what it compares, what stands here is
inferred [I]: that a tag must be that of the sender's own campaign, that company, template and sender belong together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from simulator.carrier.causes import SUBMIT
from simulator.carrier.network.letters import Letter
from simulator.carrier.numbers import LONG_CODE
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import Registry

CAMPAIGN: Final = "campaign"
BRAND: Final = "brand"
MESSAGE_CLASS: Final = "message_class"
ENTITY: Final = "entity"
TEMPLATE: Final = "template"
KIND: Final = "kind"
MEANINGS: Final = (CAMPAIGN, BRAND, MESSAGE_CLASS, ENTITY, TEMPLATE, KIND)
"""What a value can be compared with: the sender's campaign, its brand, its class at AT&T, the company that a name
belongs to, a registered text, the kind of the sender."""
_OF_CAMPAIGNS: Final = frozenset({CAMPAIGN, BRAND, MESSAGE_CLASS})
BAD_TAG: Final = "bad_tag"


def _anything(_letter: Any) -> bool:
    return True


@dataclass(slots=True, frozen=True, kw_only=True)
class Demand:
    """A value that messages must carry. ``read`` takes it from a message (a ``Letter``), None where it is not there.

    ``means`` is what it is compared with (one of ``MEANINGS``, or nothing), ``accepts`` a further test of the message,
    which is asked whether the value is there or not. ``missing`` and ``wrong`` are the numbers that an answer carries;
    None: the cause's own. ``cause`` and ``where`` tell why a message is refused and where that shows.
    """

    name: str
    read: Callable[[Any], str | None]
    means: str = ""
    accepts: Callable[[Any], bool] = _anything
    is_required: bool = True
    missing: int | None = None
    wrong: int | None = None
    cause: str = BAD_TAG
    where: str = SUBMIT


class Objection(NamedTuple):
    """A demand is not met: which, why in words, and the number that an answer carries."""

    demand: Demand
    why: str
    answer: int | None


class Tagged(NamedTuple):
    """A message with what is known of its sender: its number or name, what it is, and the registry of that moment."""

    letter: Letter
    sender: str
    registration: Registration
    registry: Registry


def objection(demands: Sequence[Demand], tagged: Tagged) -> Objection | None:
    """The first of these demands that a message does not meet.

    What is missing is told before what is wrong. The campaign, brand and class of a sender that is none of theirs (a
    short code, a name) are not asked for.
    """
    letter, is_in_campaigns = tagged.letter, tagged.registration.kind == LONG_CODE
    found: list[tuple[Demand, str | None]] = []
    for demand in demands:
        if demand.means in _OF_CAMPAIGNS and not is_in_campaigns:
            continue
        value = demand.read(letter)
        if value is None and demand.is_required:
            return Objection(demand, f"{demand.name} is missing", demand.missing)
        if value is not None or demand.accepts is not _anything:
            found.append((demand, value))
    # where a tag is welcome and not needed, nearly every message ends here
    return _first_wrong(found, tagged) if found else None


def _first_wrong(found: Sequence[tuple[Demand, str | None]], tagged: Tagged) -> Objection | None:
    company = next((value for one, value in found if one.means == ENTITY), None)
    for demand, value in found:
        why = "" if value is None else _wrong(demand.means, value, tagged, company)
        if not why and not demand.accepts(tagged.letter):
            why = "not what is wanted"
        if why:
            shown = "" if value is None else f" {value!r}"
            return Objection(demand, f"{demand.name}{shown}: {why}", demand.wrong)
    return None


def _wrong(means: str, value: str, tagged: Tagged, company: str | None) -> str:
    """Why a value is not what it must be; empty where it is."""
    registration = tagged.registration
    if means in _OF_CAMPAIGNS:
        return _of_campaign(means, value, registration)
    if means == KIND:
        return "" if value == registration.kind else f"the sender is of kind {registration.kind}"
    if means == ENTITY:
        if registration.entity:
            return "" if value == registration.entity else f"{tagged.sender} belongs to {registration.entity}"
        return "" if value in tagged.registry.entities else "no such company is registered"
    return _of_template(value, tagged, company) if means == TEMPLATE else ""


def _of_campaign(means: str, value: str, registration: Registration) -> str:
    campaign, brand = registration.campaign, registration.brand
    if campaign is None or brand is None:
        return "the sender is in no campaign"
    own = {CAMPAIGN: campaign.id, BRAND: brand.id, MESSAGE_CLASS: registration.att_class}[means]
    return "" if value == own else f"the sender's is {own or 'none'}"


def _of_template(value: str, tagged: Tagged, company: str | None) -> str:
    template, letter = tagged.registry.templates.get(value), tagged.letter
    if template is None:
        return "no such template is registered"
    for owner in (company, tagged.registration.entity):
        if template.entity and owner and owner != template.entity:
            return f"the template belongs to {template.entity}, not to {owner}"
    if template.senders and tagged.sender not in template.senders:
        return f"{tagged.sender} may not send it, only {', '.join(sorted(template.senders))}"
    if template.likeness is not None and not template.likeness.fits(letter.text, letter.part):
        return "the text is not like the template"
    return ""


__all__ = ["BAD_TAG", "ENTITY", "MEANINGS", "TEMPLATE", "Demand", "Objection", "Tagged", "objection"]
