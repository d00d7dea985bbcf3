"""What is registered, written again as a scenario's `registry:` section says it.

It knows the model's objects and the words of a file. How and when anything of it changes, it does not know.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from simulator.carrier.delays import seconds_text
from simulator.carrier.registry.registrations import Brand, Campaign, SenderName, ShortCode
from simulator.carrier.registry.registry import Registry
from simulator.carrier.registry.templates import Template, Wording
from simulator.scenario.networks.registrations import (
    AssignmentForm,
    BrandForm,
    CampaignForm,
    NameForm,
    Patterned,
    ShortCodeForm,
    TemplateForm,
)
from simulator.scenario.shape import Shape

SECTIONS: Final[Mapping[str, type[Shape] | None]] = MappingProxyType(
    {
        "brands": BrandForm,
        "campaigns": CampaignForm,
        "numbers": AssignmentForm,
        "toll_free": None,
        "short_codes": ShortCodeForm,
        "names": NameForm,
        "templates": TemplateForm,
    }
)
"""The sections of a registry, each with the form of one entry; a toll-free number's is a word."""


def entry_of(registry: Registry, section: str, key: str, at: float) -> Any:
    """One entry in the words of a file, which counts from carrier time ``at``; None where there is no such one.

    A campaign's numbers stand among the numbers.
    """
    found = getattr(registry, section).get(key)
    return None if found is None else _WRITTEN[section](found, at)


def _said(**words: Any) -> dict[str, Any]:
    return {key: word for key, word in words.items() if word not in (None, "", False, [], {})}


def _brand(brand: Brand, _at: float) -> dict[str, Any]:
    kinds = {
        "sole_proprietor": brand.is_sole_proprietor,
        "government": brand.is_government,
        "russell_3000": brand.is_russell_3000,
    }
    said = _said(name=brand.name, kind=next((kind for kind, is_so in kinds.items() if is_so), None))
    return said if brand.score is None else said | {"score": brand.score}


def _campaign(campaign: Campaign, _at: float) -> dict[str, Any]:
    return _said(
        brand=campaign.brand,
        use_case=campaign.use_case,
        att_class=campaign.att_class,
        state=campaign.state,
        forced=campaign.is_forced,
        age_gate=campaign.is_age_gated,
        number_pool=campaign.has_number_pool,
    )


def _assignment(assigned: tuple[str, float], at: float) -> dict[str, Any]:
    campaign, counts_from = assigned
    after = round(counts_from - at, 3)
    return _said(campaign=campaign, after=seconds_text(after) if after > 0 else None)


def _state(state: str, _at: float) -> str:
    return state


def _short_code(code: ShortCode, _at: float) -> dict[str, Any]:
    return _said(state=code.state, networks=dict(code.networks))


def _name(name: SenderName, _at: float) -> dict[str, Any]:
    return _said(state=name.state, entity=name.entity)


def _template(template: Template, _at: float) -> dict[str, Any]:
    likeness = template.likeness
    return _said(
        entity=template.entity,
        senders=sorted(template.senders),
        text=likeness.text if isinstance(likeness, Wording) else None,
        pattern=likeness.pattern.text if isinstance(likeness, Patterned) else None,
    )


_WRITTEN: Final[Mapping[str, Callable[[Any, float], Any]]] = MappingProxyType(
    {
        "brands": _brand,
        "campaigns": _campaign,
        "numbers": _assignment,
        "toll_free": _state,
        "short_codes": _short_code,
        "names": _name,
        "templates": _template,
    }
)

__all__ = ["SECTIONS", "entry_of"]
