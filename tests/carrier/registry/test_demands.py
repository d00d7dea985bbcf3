"""What networks demand beside a text, and why a message is refused that does not have it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from simulator.carrier.messages import Address, Part
from simulator.carrier.numbers import ALPHANUMERIC, LONG_CODE, SHORT_CODE
from simulator.carrier.registry.demands import BAD_TAG, MEANINGS, Demand, Tagged, objection
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign, SenderName, ShortCode
from simulator.carrier.registry.registry import Registry
from simulator.carrier.registry.templates import Template, Wording

REGISTRY = Registry(
    [Brand("acme", 80)],
    [Campaign("C1", "acme", "marketing")],
    [Assignment("12025550100", "C1", 0.0)],
    [],
    [ShortCode("12345")],
    names=[
        SenderName("EXAMPL", entity="1101"),
        SenderName("OTHER", entity="2202"),
        SenderName("FREE"),
    ],
    templates=[
        Template("1107", "1101", frozenset({"EXAMPL"}), Wording("Your code is {#var#}")),
        Template("1108", "1101"),
        Template("1109"),
    ],
)


@dataclass
class ALetter:
    """A message with named values."""

    values: dict[str, str] = field(default_factory=dict)
    text: str = "Your code is 1234"
    number: int = 1
    account: str = "gateway"
    source: Address = field(default_factory=lambda: Address("EXAMPL"))
    destination: Address = field(default_factory=lambda: Address("919999900001"))
    segments_needed: int = 1
    part: Part | None = None
    arrived_at: float = 0.0
    scheduled_at: float | None = None
    expires_at: float | None = None
    wants_progress: bool = False
    is_stored: bool = True


def demand(name: str, **said: Any) -> Demand:
    return Demand(name=name, read=lambda letter: letter.values.get(name), **said)


def why(demands: list[Demand], sender: str = "EXAMPL", kind: str = ALPHANUMERIC, text: str = "", **values: str) -> str:
    """Why such a message is refused; empty where it is not."""
    letter = ALetter(values, text or "Your code is 1234")
    found = objection(demands, Tagged(letter, sender, REGISTRY.look(sender, kind, 10.0), REGISTRY))
    return "" if found is None else found.why


DLT = [demand("company", means="entity"), demand("template", means="template")]


def test_a_message_that_has_what_is_demanded_passes() -> None:
    assert why(DLT, company="1101", template="1107") == ""
    assert why(DLT, company="1101", template="1108", text="anything") == ""


def test_what_is_missing_is_told_before_what_is_wrong() -> None:
    assert why(DLT, template="1107") == "company is missing"
    assert why(DLT, company="nonsense") == "template is missing"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"company": "2202", "template": "1107"}, "company '2202': EXAMPL belongs to 1101"),
        ({"company": "1101\0", "template": "1107"}, "company '1101\\x00': EXAMPL belongs to 1101"),
        ({"company": "1101", "template": "9"}, "template '9': no such template is registered"),
        (
            {"company": "1101", "template": "1107", "text": "Your code: 1234"},
            "template '1107': the text is not like the template",
        ),
        (
            {"sender": "FREE", "company": "1101", "template": "1107"},
            "template '1107': FREE may not send it, only EXAMPL",
        ),
        (
            {"sender": "OTHER", "company": "2202", "template": "1108"},
            "template '1108': the template belongs to 1101, not to 2202",
        ),
        ({"sender": "FREE", "company": "3", "template": "1109"}, "company '3': no such company is registered"),
    ],
)
def test_company_name_and_template_belong_together(values: dict[str, str], told: str) -> None:
    assert why(DLT, **values) == told


def test_a_name_of_no_known_company_may_name_any_that_is_registered() -> None:
    assert why(DLT, sender="FREE", company="2202", template="1109") == ""


def test_a_template_belongs_to_the_company_of_its_sender_where_no_company_is_asked_for() -> None:
    assert why(DLT[1:], sender="OTHER", template="1108") == "template '1108': the template belongs to 1101, not to 2202"


CAMPAIGN = [demand("tag", means="campaign"), demand("brand", means="brand"), demand("class", means="message_class")]


def test_the_tags_of_a_campaign_are_those_of_the_sender() -> None:
    values = {"tag": "C1", "brand": "acme", "class": "B"}
    assert why(CAMPAIGN, "12025550100", LONG_CODE, **values) == ""
    for key, told in (("tag", "C1"), ("brand", "acme"), ("class", "B")):
        wrong = why(CAMPAIGN, "12025550100", LONG_CODE, **values | {key: "X"})
        assert wrong == f"{key} 'X': the sender's is {told}"
    assert why(CAMPAIGN, "12025550101", LONG_CODE, **values) == "tag 'C1': the sender is in no campaign"


def test_who_can_be_in_no_campaign_is_not_asked_for_its_tags() -> None:
    assert why(CAMPAIGN, "12345", SHORT_CODE) == ""
    assert why([demand("kind", means="kind")], "12345", SHORT_CODE) == "kind is missing"


def test_the_kind_of_the_sender_is_compared() -> None:
    kind = [demand("kind", means="kind")]
    for said, told in (("short_code", ""), ("long_code", "kind 'long_code': the sender is of kind short_code")):
        registration = REGISTRY.look("12345", SHORT_CODE, 0.0)
        found = objection(kind, Tagged(ALetter({"kind": said}), "12345", registration, REGISTRY))
        assert ("" if found is None else found.why) == told


def test_what_is_not_required_may_be_missing_and_not_be_wrong() -> None:
    free = [replace(one, is_required=False) for one in DLT]
    assert why(free) == ""
    assert why(free, template="9") == "template '9': no such template is registered"


def test_a_further_test_is_asked_of_the_message() -> None:
    said = demand("zone", is_required=False, accepts=lambda letter: letter.values.get("zone") in {None, "7"})
    assert why([said]) == ""
    assert why([said], zone="7") == ""
    assert why([said], zone="8") == "zone '8': not what is wanted"
    absent = demand("zone", is_required=False, accepts=lambda letter: "zone" in letter.values)
    assert why([absent]) == "zone: not what is wanted"


def test_an_objection_carries_the_number_of_its_answer() -> None:
    said = demand("company", means="entity", missing=0xC3, wrong=0xC4)
    registration = REGISTRY.look("EXAMPL", ALPHANUMERIC, 0.0)
    missing = objection([said], Tagged(ALetter(), "EXAMPL", registration, REGISTRY))
    wrong = objection([said], Tagged(ALetter({"company": "9"}), "EXAMPL", registration, REGISTRY))
    assert missing is not None
    assert wrong is not None
    assert (missing.answer, wrong.answer, wrong.demand.cause) == (0xC3, 0xC4, BAD_TAG)


def test_every_meaning_is_acted_on() -> None:
    for meaning in MEANINGS:
        assert why([demand("one", means=meaning)], "12025550100", LONG_CODE, one="nonsense") != ""
    assert why([demand("one")], "12025550100", LONG_CODE, one="nonsense") == ""
