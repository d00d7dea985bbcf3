"""Names that send, and texts, as a registry knows them."""

import pytest

from simulator.carrier.numbers import ALPHANUMERIC
from simulator.carrier.registry.registrations import NOT_ASKED, SenderName
from simulator.carrier.registry.registry import Registry
from simulator.carrier.registry.templates import Template


def look(registry: Registry, name: str) -> tuple[str, bool, bool, str]:
    found = registry.look(name, ALPHANUMERIC, 0.0)
    return found.status, found.is_registered, found.is_barred, found.entity


def test_names_are_not_asked_for_where_nobody_registers_any() -> None:
    assert look(Registry(), "ACME") == (NOT_ASKED, True, False, "")


def test_where_names_are_registered_every_other_one_is_not() -> None:
    names = [SenderName("ACME", entity="1101"), SenderName("WAITS", "pending"), SenderName("BAD", "rejected")]
    registry = Registry(names=names)
    assert look(registry, "ACME") == ("registered", True, False, "1101")
    assert look(registry, "WAITS") == ("pending", False, False, "")
    assert look(registry, "BAD") == ("rejected", False, True, "")
    assert look(registry, "acme") == ("unregistered", False, False, "")
    told = registry.look("acme", ALPHANUMERIC, 0.0)
    assert (told.cause, told.why) == ("sender_blocked", "the sender's name is unregistered")


def test_names_are_asked_for_where_a_network_wants_it_though_none_is_registered() -> None:
    registry = Registry(asks_names=True)
    assert look(registry, "ACME")[:2] == ("unregistered", False)
    assert look(registry.changed(names=[SenderName("ACME")]), "ACME")[:2] == ("registered", True)
    assert look(registry.changed(), "ACME")[:2] == ("unregistered", False)


def test_names_and_templates_are_added_and_taken_away_at_once_or_not_at_all() -> None:
    registry = Registry(names=[SenderName("ACME", entity="1")], templates=[Template("1107", "2")])
    assert registry.entities == {"1", "2"}
    later = registry.changed(
        names=[SenderName("OTHER", entity="3")], without={"names": ["ACME"], "templates": ["1107"]}
    )
    assert (list(later.names), list(later.templates), sorted(later.entities)) == (["OTHER"], [], ["3"])
    assert list(registry.names) == ["ACME"]
    with pytest.raises(ValueError, match=r"without.templates 'nobody', one of 1107"):
        registry.changed(names=[SenderName("OTHER")], without={"templates": ["nobody"]})


def test_a_number_is_no_name_and_a_state_is_one_of_three() -> None:
    with pytest.raises(ValueError, match=r"names.12025550100: it is of kind long_code, only alphanumeric belongs here"):
        Registry(names=[SenderName("12025550100")])
    with pytest.raises(ValueError, match=r"names.ACME: state 'fine', one of registered, pending, rejected"):
        SenderName("ACME", "fine")
