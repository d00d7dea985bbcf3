"""What is registered, written again: a registry that is made of it is the same."""

from typing import Any

import pytest

from simulator.carrier.registry.registry import Registry
from simulator.scenario.networks.registered import SECTIONS, entry_of
from simulator.scenario.networks.registrations import RegistryForm
from simulator.scenario.shape import Names

SAID: dict[str, Any] = {
    "brands": {
        "acme": {"name": "Acme Inc.", "score": 0},
        "sole": {"kind": "sole_proprietor"},
        "town": {"kind": "government", "score": 70},
        "large": {"kind": "russell_3000"},
        "bare": {},
    },
    "campaigns": {
        "C1": {"brand": "acme", "use_case": "marketing", "state": "suspended", "age_gate": True, "number_pool": True},
        "C2": {"brand": "acme", "use_case": "2fa", "state": "active", "att_class": "A", "forced": True},
    },
    "numbers": {"15105550100": {"campaign": "C1"}, "15105550101": {"campaign": "C2", "after": "1h30m"}},
    "toll_free": {"18005550100": "pending"},
    "short_codes": {"12345": {"state": "provisioned", "networks": {"att": "pending"}}, "54321": {"state": "expired"}},
    "names": {"ACME": {"state": "registered"}, "OTHER": {"state": "rejected", "entity": "1101"}},
    "templates": {
        "1": {"entity": "1101", "senders": ["ACME"], "text": "Code {#var#}"},
        "2": {"pattern": "^[0-9]+$"},
        "3": {},
    },
}


def made(said: dict[str, Any], at: float) -> Registry:
    form: RegistryForm = RegistryForm.model_validate(said, context=Names())
    return form.made(at)


def written(registry: Registry, at: float) -> dict[str, Any]:
    return {
        section: {key: entry_of(registry, section, key, at) for key in getattr(registry, section)}
        for section in SECTIONS
    }


def test_every_section_is_written_as_it_was_said() -> None:
    assert written(made(SAID, 1_000.0), 1_000.0) == SAID


def test_what_was_written_later_makes_the_same_registry() -> None:
    later = 1_000.0 + 600.0
    again = written(made(SAID, 1_000.0), later)
    assert again["numbers"]["15105550101"] == {"campaign": "C2", "after": "1h20m"}
    assert made(again, later).numbers == made(SAID, 1_000.0).numbers
    assert written(made(SAID, 1_000.0), 9_000.0)["numbers"]["15105550101"] == {"campaign": "C2"}


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_not_there_is_nothing(section: str) -> None:
    assert entry_of(Registry(), section, "x", 0.0) is None


def test_every_section_of_the_file_is_known() -> None:
    assert set(SECTIONS) == set(RegistryForm.model_fields) - {"toll_free_rules"}
