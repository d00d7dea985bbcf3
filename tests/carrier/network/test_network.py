"""Networks without a wire: who says no, where that shows, what is told, and what is so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.causes import cause
from simulator.carrier.delays import Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.fees import Fee, Fees, Total
from simulator.carrier.filters.filters import Filter, Filters
from simulator.carrier.filters.screens import Shorteners, Snowshoe
from simulator.carrier.limits.published import att_limits, t_mobile_limits
from simulator.carrier.limits.quotas import Limit, Over, Quotas
from simulator.carrier.messages import Address, Message
from simulator.carrier.network.chain import Inquiry, chain_of
from simulator.carrier.network.network import Network, Networks, Receipts, Truth
from simulator.carrier.network.profiles import Profile, peak
from simulator.carrier.numbers import NumberPlan
from simulator.carrier.phones.optouts import OptOutRates, Thresholds
from simulator.carrier.phones.subscribers import Habits
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign
from simulator.carrier.registry.registry import Registrar, Registry, Unregistered

ACCOUNT = Account("gateway")
PHONE, SENDER = "12025550100", "15105550100"
NOON = datetime(2026, 5, 26, 12, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
ROUTE = Profile(name="route", respond=Fixed(1.0), delivery=Fixed(3.0), told=Fixed(2.0))
REGISTRY = Registry(
    [Brand("big", 90), Brand("vetted", 60)],
    [
        Campaign("CBIG", "big", "account_notification"),
        Campaign("CMID", "vetted", "account_notification"),
    ],
    [Assignment(SENDER, "CBIG"), Assignment("15105550101", "CMID")],
)


class APart(NamedTuple):
    reference: int
    number: int
    total: int
    kind: str = "udh8"


@dataclass(slots=True, eq=False)
class Letter(Message):
    number: int = 1
    text: str = "hello"
    segments_needed: int = 1


def a_letter(to: str = PHONE, sender: str = SENDER, at: float = NOON, **fields: Any) -> Letter:
    plain: dict[str, Any] = {"scheduled_at": None, "expires_at": None, "wants_progress": False, "part": None}
    plain |= {"state": "ENROUTE", "cause": None, "done_at": None, "submitted_at": at, "arrived_at": at}
    return Letter("gateway", "", Address(sender, 1, 1), Address(to, 1, 1), **(plain | fields))


def networks_of(registry: Registry = REGISTRY, profile: Profile = ROUTE, rest: Any = None, **fields: Any) -> Networks:
    """One network that has all numbers of the code 1."""
    network = Network(name="one", profile=profile, **fields)
    return Networks(NumberPlan({"one": ["1"]}), {"one": network}, registrar=Registrar(registry), **(rest or {}))


def told(networks: Networks, letter: Letter | None = None, now: float = NOON) -> Any:
    """The cause of a refusal, or the seconds to the answer with (seconds from there, state, cause) of each outcome."""
    verdict = networks.submit(letter or a_letter(), ACCOUNT, now)
    if not verdict.accepted:
        return verdict.cause and verdict.cause.name
    outcomes = [(one.after, one.state, one.cause and one.cause.name) for one in verdict.outcomes]
    return verdict.respond_after, outcomes


def shortener(where: str, **fields: Any) -> Any:
    """A network's filters that show there."""
    key = {"DELIVRD": "silent_filter", "submit": "carrier_spam"}.get(where, "shortened_url")
    return Filters([Filter("shortener", Shorteners(), where=where, cause=key, **fields)])


LINK = "see https://bit.ly/x"


@pytest.mark.parametrize(("is_pool", "expected"), [(True, "delivered"), (False, "carrier_spam")])
def test_numbers_that_are_registered_as_a_pool_are_one_sender_to_filters(is_pool: bool, expected: str) -> None:
    senders = [f"151055501{number:02}" for number in range(4)]
    registry = Registry(
        [Brand("big", 90)],
        [Campaign("CBIG", "big", "account_notification", has_number_pool=is_pool)],
        [Assignment(one, "CBIG") for one in senders],
    )
    spread = Filters([Filter("snowshoe", Snowshoe(senders=3), cause="carrier_spam", where="submit")])
    networks = networks_of(registry=registry, filters=spread)
    text = "your order is on its way to you"
    found = [told(networks, a_letter(sender=one, text=text)) for one in senders]
    assert ("delivered" if found[-1] == (1.0, [(5.0, "DELIVRD", None)]) else found[-1]) == expected
    inquiry = Inquiry("gateway", Address(senders[0], 1, 1), Address(PHONE, 1, 1), text)
    assert (chain_of(networks, inquiry, NOON).stop is None) == is_pool


def test_a_message_takes_the_time_of_its_route() -> None:
    networks = networks_of()
    assert told(networks) == (1.0, [(5.0, "DELIVRD", None)])
    assert networks.truth(1) == Truth("one", "DELIVRD")


@pytest.mark.parametrize(("campaign", "amount"), [(SENDER, 4_500), ("15105550101", 2_400)], ids=["class A", "class C"])
def test_the_minute_of_an_att_class_holds_exactly_so_much(campaign: str, amount: int) -> None:
    networks = networks_of(quotas=Quotas(att_limits()))
    found = [networks.submit(a_letter(sender=campaign), ACCOUNT, NOON).accepted for _ in range(amount)]
    assert all(found)
    assert told(networks, a_letter(sender=campaign), NOON + 59.999) == "att_tpm"
    assert told(networks, a_letter(sender=campaign), NOON + 60.0) == (1.0, [(5.0, "DELIVRD", None)])


@pytest.mark.parametrize(("month", "day", "hours"), [(5, 26, 24), (3, 8, 23), (11, 1, 25)])
def test_the_day_of_tmobile_ends_at_midnight_pacific_whatever_the_clocks_do(month: int, day: int, hours: int) -> None:
    midnight = datetime(2026, month, day, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    networks = networks_of(quotas=Quotas(t_mobile_limits()), parts_max=200_000)
    assert told(networks, a_letter(segments_needed=200_000), midnight) == (1.0, [(5.0, "DELIVRD", None)])
    over = (1.0, [(5.0, "REJECTD", "tmo_daily")])
    assert told(networks, None, midnight) == over
    assert told(networks, None, midnight + hours * 3_600 - 0.001) == over
    assert told(networks, None, midnight + hours * 3_600) == (1.0, [(5.0, "DELIVRD", None)])


def test_what_is_scheduled_counts_in_the_day_in_which_it_is_sent() -> None:
    networks = networks_of(quotas=Quotas(t_mobile_limits()), parts_max=200_000)
    midnight = datetime(2026, 5, 27, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    fine, over = (1.0, [(5.0, "DELIVRD", None)]), (1.0, [(5.0, "REJECTD", "tmo_daily")])
    assert told(networks, a_letter(segments_needed=199_999, scheduled_at=midnight + 60)) == fine
    # the day of today is as it was before, and that of tomorrow is nearly full
    assert told(networks, a_letter(segments_needed=200_000)) == fine
    assert told(networks, a_letter(scheduled_at=midnight - 1)) == over
    assert told(networks, a_letter(segments_needed=2, scheduled_at=midnight)) == over
    assert told(networks, a_letter(segments_needed=2, at=midnight), midnight) == over
    assert told(networks, a_letter(at=midnight), midnight) == fine
    assert told(networks, a_letter(at=midnight), midnight) == over


def test_who_is_not_registered_is_told_where_and_when_the_network_says() -> None:
    no: Any = {"unregistered": Unregistered(), "registry": Registry()}
    assert told(networks_of(**no)) == "unregistered_10dlc"
    later = networks_of(unregistered_at="REJECTD", unregistered_after=Fixed(7.0), **no)
    assert told(later) == (1.0, [(7.0, "REJECTD", "unregistered_10dlc")])


@pytest.mark.parametrize(
    ("where", "expected", "state"),
    [
        ("submit", "carrier_spam", "REFUSED"),
        ("UNDELIV", (1.0, [(5.0, "UNDELIV", "shortened_url")]), "UNDELIV"),
        ("REJECTD", (1.0, [(5.0, "REJECTD", "shortened_url")]), "REJECTD"),
        ("lost", (1.0, []), ""),
        ("DELIVRD", (1.0, [(5.0, "DELIVRD", "silent_filter")]), ""),
    ],
)
def test_a_filter_shows_where_it_says_and_the_truth_is_kept(where: str, expected: Any, state: str) -> None:
    networks = networks_of(filters=shortener(where))
    assert told(networks, a_letter(text=LINK)) == expected
    truth = networks.truth(1)
    assert truth is not None
    assert (truth.state, truth.why) == (state, "filter shortener: link by the public shortener 'bit.ly'")


def test_a_network_that_tells_before_it_asks_is_wrong_about_filters_and_phones_only() -> None:
    quick: Any = {"receipts": Receipts(tells="hub_first")}
    assert told(networks_of(filters=shortener("REJECTD"), **quick), a_letter(text=LINK)) == (
        1.0,
        [(3.0, "DELIVRD", None)],
    )
    dead = networks_of(habits=Habits(deactivated=1.0), **quick)
    assert told(dead) == (1.0, [(3.0, "DELIVRD", None)])
    assert dead.truth(1) == Truth("one", "UNDELIV", "deactivated", "its phone is deactivated")
    strict = networks_of(Registry(), unregistered=Unregistered(), unregistered_at="REJECTD", **quick)
    assert told(strict) == (1.0, [(5.0, "REJECTD", "unregistered_10dlc")])


def test_receipts_may_be_none_or_say_that_it_was_accepted() -> None:
    assert told(networks_of(receipts=Receipts(tells="none"))) == (1.0, [])
    assert told(networks_of(receipts=Receipts(tells="accepted_only"))) == (1.0, [(0.0, "ACCEPTD", "accepted_only")])


def test_of_a_text_in_parts_only_the_first_has_a_receipt_where_there_is_one_for_all() -> None:
    networks = networks_of(receipts=Receipts(once=True))
    first, second = (told(networks, a_letter(part=APart(9, number, 2))) for number in (1, 2))
    assert (first, second) == ((1.0, [(5.0, "DELIVRD", None)]), (1.0, []))


def test_a_text_in_too_many_parts_is_refused() -> None:
    networks = networks_of(parts_max=2)
    assert told(networks, a_letter(part=APart(9, 1, 3))) == "too_long"
    assert told(networks, a_letter(part=APart(9, 1, 2))) == (1.0, [(5.0, "DELIVRD", None)])


def test_a_receipt_comes_late_after_a_first_word_or_gives_up_before_the_end() -> None:
    assert told(networks_of(receipts=Receipts(late=Fixed(10.0)))) == (1.0, [(15.0, "DELIVRD", None)])
    buffered = networks_of(receipts=Receipts(buffered=2.0))
    assert told(buffered) == (1.0, [(2.0, "ENROUTE", "buffered"), (5.0, "DELIVRD", None)])
    expired = networks_of(receipts=Receipts(expires=4.0))
    assert told(expired) == (1.0, [(4.0, "EXPIRED", "validity_expired_carrier")])
    # what is told is not what is so
    assert expired.truth(1) == Truth("one", "DELIVRD")


def test_who_asks_for_progress_hears_of_it_halfway() -> None:
    found = told(networks_of(), a_letter(wants_progress=True))
    assert found == (1.0, [(2.5, "ENROUTE", None), (5.0, "DELIVRD", None)])


def test_what_waits_in_a_queue_is_told_as_much_later() -> None:
    over = Over(mode="queue", queue_seconds=2.0)
    networks = networks_of(quotas=Quotas([Limit(name="n", scope="number", per="second", amounts={"": 1}, over=over)]))
    found = [told(networks) for _ in range(4)]
    assert [one[1][0][0] for one in found[:3]] == [5.0, 6.0, 7.0]
    assert found[3] == "queue_full"


def test_a_message_that_is_valid_too_short_expires() -> None:
    found = told(networks_of(), a_letter(expires_at=NOON + 3.0))
    assert found == (1.0, [(4.0, "EXPIRED", "validity_expired_carrier")])


def test_a_full_queue_at_peak_time_refuses_but_for_whom_a_rule_lets_in() -> None:
    hours = peak("11:00", "13:00", "America/Los_Angeles", factor=1.0, queue_full=1.0)
    networks = networks_of(profile=ROUTE.at_peak(hours))
    assert told(networks) == "queue_full"
    assert [one.state for one in networks.plan(a_letter(), NOON).outcomes] == ["DELIVRD"]


def test_what_a_route_loses_and_tells_as_delivered_is_lost() -> None:
    networks = networks_of(profile=Profile(name="r", respond=Fixed(0), delivery=Fixed(1), false_delivered=1.0))
    assert told(networks) == (0.0, [(1.0, "DELIVRD", None)])
    assert networks.truth(1) == Truth("one", "", "silent_filter", "the route has lost it")


def test_whom_a_rule_lets_in_is_not_asked_for_anything_and_nothing_is_counted() -> None:
    limit = Limit(name="n", scope="number", per="day", amounts={"": 1})
    networks = networks_of(Registry(), unregistered=Unregistered(), quotas=Quotas([limit]))
    assert [one.state for one in networks.plan(a_letter(), NOON).outcomes] == ["DELIVRD"]
    assert [one.state for one in networks.plan(a_letter(to="4930123456"), NOON).outcomes] == ["DELIVRD"]


@pytest.mark.parametrize(("to", "key"), [("4930123456", "no_route"), ("12", "invalid_destination")])
def test_what_has_no_network_is_refused(to: str, key: str) -> None:
    networks = networks_of()
    assert told(networks, a_letter(to=to)) == key
    truth = networks.truth(1)
    assert truth is not None
    assert (truth.network, truth.state, truth.cause) == ("", "REFUSED", key)


def test_a_number_written_as_at_home_goes_to_its_network() -> None:
    networks = networks_of()
    letter = a_letter()
    letter.destination = Address("2025550100", 2, 1)
    assert told(networks, letter) == (1.0, [(5.0, "DELIVRD", None)])


def test_a_hub_decides_first_and_in_its_own_words() -> None:
    hub = Network(
        name="hub", profile=ROUTE, filters=shortener("REJECTD"), spelled=lambda key: cause(key, "sinch", "toll_free")
    )
    one = Network(name="one", profile=ROUTE, receipts=Receipts(tells="accepted_only"))
    networks = Networks(NumberPlan({"one": ["1"]}), {"one": one, "hub": hub}, hubs={"toll_free": "hub"})
    assert told(networks, a_letter(sender="18005550100", text=LINK)) == (1.0, [(5.0, "REJECTD", "shortened_url")])
    assert told(networks, a_letter(sender="18005550100")) == (1.0, [(0.0, "ACCEPTD", "accepted_only")])
    assert told(networks, a_letter(text=LINK)) == (1.0, [(0.0, "ACCEPTD", "accepted_only")])


def test_a_campaign_whose_recipients_opt_out_too_often_is_suspended() -> None:
    rates = OptOutRates(Thresholds(recipients_min=2))
    networks = networks_of(unregistered=Unregistered(), unregistered_at="REJECTD", rest={"rates": rates})
    phones = ["12025550101", "12025550102"]
    for phone in phones:
        told(networks, a_letter(to=phone))
    networks.heard(phones[0], SENDER, "stop", NOON + 1)
    assert told(networks) == (1.0, [(5.0, "REJECTD", "campaign_suspended")])
    networks.reset()
    assert told(networks) == (1.0, [(5.0, "DELIVRD", None)])


def test_who_opts_in_again_counts_no_more() -> None:
    networks = networks_of(rest={"suspends": False, "rates": OptOutRates(Thresholds(recipients_min=1))})
    told(networks)
    networks.heard(PHONE, SENDER, "stop", NOON)
    assert networks.rates.rate("CBIG", NOON).opted_out == 1
    networks.heard(PHONE, SENDER, "start", NOON)
    assert networks.rates.rate("CBIG", NOON).opted_out == 0
    assert networks.registrar.registry.campaigns["CBIG"].state == "active"


def test_what_a_network_takes_is_charged_and_what_it_refuses_is_not() -> None:
    networks = networks_of(filters=shortener("REJECTD"), rest={"fees": Fees([Fee("one", "sms", "mt", 4_500)])})
    told(networks, a_letter(segments_needed=3))
    told(networks, a_letter(text=LINK))
    assert networks.fees.totals("brand", "network") == {("big", "one"): Total(1, 3, 13_500, 0)}


def test_the_same_messages_have_the_same_fates_after_a_reset() -> None:
    chances = Profile(name="r", respond=Fixed(0), delivery=Fixed(1), missing=0.3, failed=0.3, false_delivered=0.2)
    networks = networks_of(profile=chances)
    before = [told(networks) for _ in range(50)]
    networks.reset()
    assert [told(networks) for _ in range(50)] == before
    assert len({str(one) for one in before}) > 2


def test_other_dice_decide_about_phones_too_from_the_reset_on() -> None:
    networks, same = (networks_of(habits=Habits(deactivated=0.5), rest={"seed": seed}) for seed in (1, 2))
    phones = [f"120255501{number}" for number in range(10, 60)]
    before = [told(networks, a_letter(to=phone)) for phone in phones]
    networks.dice = Dice(2)
    networks.reset()
    after = [told(networks, a_letter(to=phone)) for phone in phones]
    assert after == [told(same, a_letter(to=phone)) for phone in phones]
    assert after != before


def test_an_accounts_throughput_is_asked_before_any_network() -> None:
    slow = Account("gateway", throughput=1.0)
    networks = networks_of()
    found = [networks.submit(a_letter(number=number), slow, NOON) for number in (1, 2)]
    assert [one.accepted for one in found] == [True, False]
    assert networks.truth(2) is None


def test_a_home_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="home: 'XX'"):
        networks_of(rest={"home": "XX"})
