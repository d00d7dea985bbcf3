"""What was found out once about senders and addressees holds as long as it is so, and no longer."""

from dataclasses import dataclass
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.dice import Dice
from simulator.carrier.fees import Fee, Fees, Total
from simulator.carrier.filters.filters import Facts, Filter, Filters
from simulator.carrier.filters.fingerprints import masked
from simulator.carrier.filters.screens import Content, Phishing, Shorteners
from simulator.carrier.limits.quotas import Limit, Quotas
from simulator.carrier.messages import Address, Message
from simulator.carrier.network import standings
from simulator.carrier.network.network import Network, Networks, Truth
from simulator.carrier.network.profiles import PROFILES
from simulator.carrier.network.truths import TRUTHS_MAX, Truths
from simulator.carrier.numbers import NumberPlan
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign, TollFree
from simulator.carrier.registry.registry import Registrar, Registry, Unregistered

START = 1_800_000_000.0
SENDER, PHONE = "15105550100", "12025550100"
LUCK = Dice(0).throw


@dataclass(slots=True, eq=False)
class Letter(Message):
    number: int = 1
    text: str = "hello"
    segments_needed: int = 1


def a_letter(sender: str = SENDER, to: str = PHONE, at: float = START, account: str = "gateway") -> Letter:
    plain: dict[str, Any] = {"scheduled_at": None, "expires_at": None, "wants_progress": False, "part": None}
    plain |= {"state": "ENROUTE", "cause": None, "done_at": None, "submitted_at": at, "arrived_at": at}
    return Letter(account, "", Address(sender, 1, 1), Address(to, 1, 1), **plain)


def networks_of(registry: Registry | None = None, **fields: Any) -> Networks:
    """Two networks that have all numbers of the code 1, and let nobody through who is not registered."""
    registry = registry or Registry([Brand("big", 90)], [Campaign("CBIG", "big")], [Assignment(SENDER, "CBIG")])
    made = {
        name: Network(name=name, profile=PROFILES["instant"], unregistered=Unregistered("blocked"), **fields)
        for name in ("one", "two")
    }
    plan = NumberPlan({"one": ["1"], "two": ["1303"]})
    return Networks(plan, made, registrar=Registrar(registry), fees=Fees([Fee("one", "sms", "mt", 3_000)]))


def answer(networks: Networks, at: float = START, **words: Any) -> str:
    """The cause of a refusal; empty where it is taken."""
    verdict = networks.submit(a_letter(at=at, **words), Account("gateway"), at)
    return "" if verdict.cause is None else verdict.cause.name


def test_a_campaign_that_is_suspended_is_so_from_its_next_message_on() -> None:
    networks = networks_of()
    assert answer(networks) == ""
    networks.registrar.set_campaign("CBIG", "suspended")
    assert answer(networks) == "campaign_suspended"
    networks.registrar.set_campaign("CBIG", "active")
    assert answer(networks) == ""


def test_an_assignment_counts_from_its_moment_on() -> None:
    networks = networks_of()
    networks.registrar.assign("15105550177", "CBIG", START, 3_600.0)
    moments = (START, START + 3_599.9, START + 3_600.0)
    assert [answer(networks, at, sender="15105550177") for at in moments] == ["unregistered_10dlc"] * 2 + [""]


def test_the_rules_for_toll_free_numbers_change_on_their_day() -> None:
    registry = Registry(toll_free=[TollFree("18005550100", "pending")], rules_at=None)
    networks, before = networks_of(registry), 1_706_687_999.0  # a second before 2024-01-31 in Los Angeles
    assert answer(networks, before, sender="18005550100") == ""
    assert answer(networks, before + 1, sender="18005550100") == "tollfree_unverified"


def test_a_number_that_is_ported_is_the_other_network_s_at_once() -> None:
    networks, found = networks_of(), []
    for deed in (
        lambda: None,
        lambda: networks.numbers.port(PHONE, "two"),
        lambda: networks.numbers.port_back(PHONE),
        lambda: networks.numbers.assign("1202", "two"),
        lambda: networks.numbers.reset(),
    ):
        deed()
        answer(networks)
        found.append(networks.truth(1))
    assert found == [Truth(name, "DELIVRD") for name in ("one", "two", "one", "two", "one")]


def test_what_is_kept_of_senders_and_addressees_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "SENDERS_MAX", 2)
    monkeypatch.setattr(standings, "ADDRESSEES_MAX", 2)
    networks = networks_of()
    found = [answer(networks, sender=f"1510555010{number}", to=f"1202555010{number}") for number in (0, 1, 2, 3, 0)]
    assert found == ["", *["unregistered_10dlc"] * 3, ""]
    assert sum(map(len, networks._standings.values())) <= 2
    assert len(networks._addressees) <= 2


def test_the_limits_of_two_accounts_are_kept_apart() -> None:
    limit = Limit(name="account", scope="account", per="day", amounts={"": 1})
    networks = networks_of(quotas=Quotas([limit]))
    accounts = ("a", "b", "a", "b")
    assert [answer(networks, account=one) for one in accounts] == ["", "", "other_volume", "other_volume"]


def test_messages_are_charged_to_the_day_on_which_they_come_and_at_its_prices() -> None:
    networks = networks_of()
    for at in (START, START + 1, START + 86_400):
        answer(networks, at)
    networks.fees.replace([Fee("one", "sms", "mt", 4_000)])
    answer(networks, START + 86_401)
    totals = list(networks.fees.totals("day", "brand").items())
    assert [(key[1], total) for key, total in totals] == [("big", Total(2, 2, 6_000)), ("big", Total(2, 2, 7_000))]
    answer(networks, START + 86_402, to="13035550100")
    assert networks.fees.totals("network")[("two",)] == Total(1, 1, 0, 1)


def test_a_truth_that_was_forgotten_does_not_take_the_place_of_a_newer_one() -> None:
    truths, newer = Truths(), Truth("one", "DELIVRD")
    truths.keep(TRUTHS_MAX + 5, newer, 1.0)
    truths.keep(5, Truth("one", "UNDELIV"), 2.0)
    kept = truths.get(TRUTHS_MAX + 5)
    assert kept is not None
    assert kept.truth == newer
    assert truths.get(5) is None


def seen(filters: Filters, text: str) -> str:
    hit = filters.judge(Facts(SENDER, PHONE, text), START, LUCK(a_letter()))
    return "" if hit is None else hit.why


def test_texts_that_differ_in_digits_alone_are_told_apart_where_digits_matter() -> None:
    filters = Filters([Filter("content", Content(more={"sex": ["line 69"]})), Filter("links", Shorteners(["go2.io"]))])
    assert [bool(seen(filters, f"line {number} is open")) for number in (68, 69, 70, 69)] == [False, True, False, True]
    assert [bool(seen(filters, f"see go{number}.io/x")) for number in (1, 2, 3, 2)] == [False, True, False, True]
    assert [bool(seen(filters, f"Delta {number}")) for number in (7, 8, 9)] == [False, True, False]


def test_what_no_filter_minds_in_one_text_none_minds_in_those_masked_alike() -> None:
    content, phishing = Content(), Phishing()
    filters = Filters([Filter("content", content), Filter("phishing", phishing)])
    assert [seen(filters, f"Your Code is {number}") for number in range(3)] == ["", "", ""]
    assert masked("Your Code is 2") == masked("your code is 7") == "your code is 0"
    assert masked("Größe 42") == "Größe 00"
    assert [bool(seen(filters, f"VERIFY your bank {n} at http://a{n}.com")) for n in (1, 2)] == [True, True]
