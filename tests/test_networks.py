"""The networks that come with the package hold what was published: every figure here is typed from its source.

Classes, tiers, states and dates are those of providers' and carriers' documents, fees those of a list of May 2026.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.fictitious import SAFE_COUNTRIES, SafeNumbers, range_of, safe_numbers
from simulator.carrier.limits.quotas import Attempt, Limit, Refusal
from simulator.carrier.numbers import COUNTRIES
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign, Registration
from simulator.carrier.registry.registry import Registry
from simulator.scenario.file import load, shipped
from simulator.scenario.networks.carriers import Sections, open_prefixes, sections_of
from simulator.scenario.networks.networks import NetworkForm

NAMES = [name.removeprefix("networks/") for name in shipped() if name.startswith("networks/")]
AMERICAN = ("att", "tmobile", "verizon", "us-cellular", "us-toll-free")
ALONE = [name for name in NAMES if name != "us"]


def sections(*names: str) -> Sections:
    return sections_of([load(f"networks/{name}") for name in names])


def network(name: str) -> NetworkForm:
    return sections(name).networks[name]


def limits(name: str) -> dict[str, Limit]:
    return {limit.name: limit for limit in network(name).quotas.limits}


def test_all_that_are_promised_are_there() -> None:
    assert sorted(NAMES) == sorted([*AMERICAN, "uk", "germany", "india-dlt", "generic", "us"])


@pytest.mark.parametrize("name", NAMES)
def test_a_network_makes_every_object_of_the_model(name: str) -> None:
    made = sections(name)
    assert made.plan.networks == tuple(made.networks)
    assert len(made.profiles) == len(made.networks)
    registry = made.registry.made(0.0)
    assert set(registry.campaigns) == set(made.registry.campaigns or {})
    for form in made.networks.values():
        assert form.part_limit is not None
        assert form.unregistered.mode in {"blocked", "passed"}
        assert form.quotas.limits or name == "india-dlt"
        assert len(form.screening) > 0
        assert form.habits.answers == ()
        assert form.dialect is not None
        assert form.dialect.cause("carrier_spam").err != "000"


@pytest.mark.parametrize("name", NAMES)
def test_a_network_says_who_it_is_like_and_that_not_all_of_it_is_published(name: str) -> None:
    for form in sections(name).networks.values():
        assert "[I]" in (form.about or "") or form.hub_of
    about = load(f"networks/{name}").about
    assert about is not None
    assert about.source


@pytest.mark.parametrize("name", ALONE)
def test_a_network_stands_under_its_own_name_and_in_the_test_country(name: str) -> None:
    ((key, form),) = sections(name).networks.items()
    assert key == name
    assert form.mcc == "001"


def test_no_two_networks_have_one_code() -> None:
    codes = [network(name).mnc for name in ALONE]
    assert len(set(codes)) == len(codes) == 9


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"generic", "india-dlt"}])
def test_every_prefix_lies_within_what_is_kept_free_for_fiction(name: str) -> None:
    assert open_prefixes(sections(name).networks) == []


def test_a_country_without_a_range_and_a_network_without_a_country_have_open_prefixes() -> None:
    assert open_prefixes(sections("india-dlt").networks) == [("india-dlt", "91")]
    assert "IN" not in SAFE_COUNTRIES
    with pytest.raises(ValueError, match="none under 91"):
        SafeNumbers(network("india-dlt").prefixes or ())
    assert len(open_prefixes(sections("generic").networks)) == 9


@pytest.mark.parametrize("name", [name for name in NAMES if name != "india-dlt"])
def test_every_number_in_a_file_is_fictitious(name: str) -> None:
    made = sections(name)
    registry = made.registry
    numbers = [*(made.numbers.ported or {}), *(registry.numbers or {}), *(registry.toll_free or {}), *made.subscribers]
    numbers += [number for one in (registry.campaigns or {}).values() for number in one.numbers or ()]
    assert [number for number in numbers if range_of(number) is None] == []


def test_no_short_code_is_one_that_can_be_leased() -> None:
    # codes are leased from 20000 on
    codes = [int(code) for name in NAMES for code in sections(name).registry.short_codes or {}]
    assert codes
    assert max(codes) < 20_000


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"us-toll-free", "india-dlt"}])
def test_fictitious_numbers_of_a_network_are_its_own(name: str) -> None:
    plan = sections(name).plan
    for one in plan.networks:
        some = safe_numbers(plan, one).take(50)
        assert {plan.network_of(number) for number in some} <= set(plan.networks)
        assert len(set(some)) == 50


# ---------------------------------------------------------------------- published figures

ATT = {
    "A": (4500, 2400),
    "B": (4500, 2400),
    "C": (2400, 1200),
    "D": (2400, 1200),
    "E": (240, 150),
    "F": (240, 150),
    "T": (75, 50),
    "W": (15, 50),
    "K": (4500, 2400),
    "P": (2400, 1200),
    "S": (9000, 2400),
    "X": (4500, 2400),
    "G": (60, 50),
    "N": (60, 50),
}
"""SMS and MMS a minute for each class of campaigns."""


@pytest.mark.parametrize(("name", "limit"), [("att", "att"), ("us-cellular", "by_class")])
def test_the_classes_have_their_published_figures(name: str, limit: str) -> None:
    sms, mms = limits(name)[f"{limit}_sms"], limits(name)[f"{limit}_mms"]
    assert {one: (sms.amounts[one], mms.amounts[one]) for one in sms.amounts} == ATT
    assert set(mms.amounts) == set(ATT)
    for one in (sms, mms):
        assert (one.scope, one.per, one.by, one.counts) == ("campaign", "minute", "class", "segments")
        # proxies, and agents and franchises
        assert set(one.per_number) == {"G", "N"}


def test_att_says_so_by_its_own_cause() -> None:
    assert {limits("att")[f"att_{one}"].cause for one in ("sms", "mms")} == {"att_tpm"}


@pytest.mark.parametrize(("letter", "most"), [(one, sms) for one, (sms, _) in ATT.items()])
def test_a_class_is_full_at_its_figure_and_free_the_next_minute(letter: str, most: int) -> None:
    quotas = network("att").quotas
    registry = registry_with(letter)
    sender = registry.look("15105550100", "long_code", 0.0, "att")
    attempt = Attempt("gateway", "15105550100", "long_code", "12025550100", sender)
    assert [quotas.admit(attempt, 60.0, 0.0) for _ in range(most)] == [None] * most
    refusal = quotas.admit(attempt, 119.999, 0.0)
    assert isinstance(refusal, Refusal)
    assert (refusal.cause, refusal.where, refusal.until) == ("att_tpm", "submit", 120.0)
    assert quotas.admit(attempt, 120.0, 0.0) is None


def registry_with(letter: str) -> Registry:
    """The registry of a campaign of this class."""
    brand = Brand("b", 100)
    campaign = Campaign("c", "b", "mixed", letter, is_forced=True)
    return Registry([brand], [campaign], [Assignment("15105550100", "c")])


TIERS = {"top": 200_000, "high_mid": 40_000, "low_mid": 10_000, "low": 2_000, "sole_proprietor": 1_000}
"""Segments and MMS a day for each tier of brands."""


def test_the_tiers_have_their_published_figures() -> None:
    limit = limits("tmobile")["t_mobile"]
    assert dict(limit.amounts) == TIERS
    assert (limit.scope, limit.per, limit.by, limit.counts, limit.media) == ("brand", "day", "tier", "segments", "all")
    assert (limit.cause, limit.over.where) == ("tmo_daily", "receipt")


def test_a_government_has_no_cap() -> None:
    sender = Registration(
        "long_code", "active", is_registered=True, brand=Brand("g", is_government=True), tier="government"
    )
    attempt = Attempt("gateway", "15105550100", "long_code", "12065550100", sender, segments=500_000)
    assert network("tmobile").quotas.admit(attempt, 0.0, 0.0) is None


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 8), 23), ((2026, 11, 1), 25), ((2026, 6, 1), 24)])
def test_the_day_begins_at_midnight_in_los_angeles(day: tuple[int, int, int], hours: int) -> None:
    quotas = network("tmobile").quotas
    midnight = datetime(*day, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    next_midnight = midnight + hours * 3_600
    sender = Registration("long_code", "active", is_registered=True, brand=Brand("b", 10), tier="low")
    attempt = Attempt("gateway", "15105550100", "long_code", "12065550100", sender, segments=1_000)
    assert quotas.admit(attempt, midnight, 0.0) is quotas.admit(attempt, midnight + 1, 0.0) is None
    refusal = quotas.admit(attempt, next_midnight - 1, 0.0)
    assert isinstance(refusal, Refusal)
    assert (refusal.cause, refusal.where, refusal.until) == ("tmo_daily", "receipt", next_midnight)
    assert quotas.admit(attempt, next_midnight, 0.0) is None


def test_verizon_has_no_limit_of_campaigns_and_brands_and_one_old_figure_of_numbers() -> None:
    registered = [limit for limit in limits("verizon").values() if limit.senders != "unregistered"]
    assert [(limit.scope, limit.per, dict(limit.amounts)) for limit in registered] == [
        ("number", "minute", {"long_code": 6_000})
    ]


@pytest.mark.parametrize("name", AMERICAN[:4])
def test_who_is_not_registered_writes_like_a_person(name: str) -> None:
    norms = {
        (limit.per, limit.counts): limit.amounts[""]
        for limit in limits(name).values()
        if limit.senders == "unregistered"
    }
    assert norms == {("minute", "segments"): 15, ("day", "segments"): 1_000, ("day", "recipients"): 200}


def test_toll_free_numbers_send_three_a_second_and_wait_four_hours() -> None:
    limit = limits("us-toll-free")["number"]
    assert (dict(limit.amounts), limit.per, limit.over.mode) == ({"toll_free": 3}, "second", "queue")
    assert limit.over.queue_seconds == 4 * 3_600
    # at this rate so many are sent in that time
    assert limit.over.queue_count == 3 * 14_400


def test_the_generic_network_has_the_usual_rates_of_each_kind_of_number() -> None:
    limit = limits("generic")["number"]
    assert dict(limit.amounts) == {"toll_free": 3, "short_code": 100, "long_code": 4, "alphanumeric": 0.1}
    assert (limit.scope, limit.per, limit.over.queue_seconds) == ("number", "second", 14_400.0)


@pytest.mark.parametrize(
    ("rules", "state", "is_taken", "caps"),
    [
        ("2022-12-01", "unverified", True, (2_000, None, None)),
        ("2023-05-01", "unverified", True, (500, 1_000, 2_000)),
        ("2023-05-01", "pending", True, (2_000, 6_000, 10_000)),
        ("2023-11-07", "unverified", True, (500, 1_000, 2_000)),
        ("2023-11-08", "unverified", False, None),
        ("2023-11-08", "pending", True, (2_000, 6_000, 10_000)),
        ("2024-01-31", "pending", False, None),
        ("newest", "verified", True, None),
        ("newest", "pending", False, None),
        ("newest", "unverified", False, None),
    ],
)
def test_toll_free_numbers_that_are_not_verified_fare_by_the_day(
    rules: str, state: str, is_taken: bool, caps: tuple[int | None, ...] | None
) -> None:
    form = sections("us-toll-free").registry
    made = form.model_copy(update={"toll_free_rules": rules, "toll_free": {"18005550100": state}}).made(0.0)
    found = made.look("18005550100", "toll_free", 0.0)
    assert (found.is_registered, found.caps) == (is_taken, caps)
    # the hub holds the caps, whichever they are
    assert {limit.per for limit in limits("us-toll-free").values() if limit.by == "caps"} == {"day", "week", "month"}


def test_the_toll_free_hub_has_its_own_codes() -> None:
    dialect = network("us-toll-free").dialect
    assert dialect is not None
    errs = {key: dialect.cause(key).err for key in ("opted_out_network", "carrier_spam", "tollfree_unverified")}
    assert errs == {"opted_out_network": "257", "carrier_spam": "255", "tollfree_unverified": "064"}
    made = sections("us-toll-free")
    assert (made.hubs, made.is_blocking) == ({"toll_free": "us-toll-free"}, True)


def test_fees_are_those_of_may_2026() -> None:
    made = {(fee.network, fee.kind, fee.direction, fee.is_registered): fee.micros for fee in sections("us").fees}
    assert made == {
        ("att", "sms", "mt", True): 3_500,
        ("verizon", "sms", "mt", True): 4_500,
        ("tmobile", "sms", "mt", True): 4_500,
        ("us-cellular", "sms", "mt", True): 4_500,
        ("tmobile", "sms", "mo", True): 2_500,
        # these are older, and of AT&T the highest of what providers say
        ("att", "mms", "mt", True): 5_000,
        ("tmobile", "mms", "mt", True): 10_000,
        ("tmobile", "mms", "mt", False): 13_000,
        ("us-cellular", "mms", "mt", True): 10_000,
    }
    assert all(fee.source for fee in sections("us").fees)


@pytest.mark.parametrize("name", ["tmobile", "us-toll-free", "us"])
def test_opt_outs_are_watched_at_the_published_rates(name: str) -> None:
    thresholds = sections(name).opt_outs.thresholds
    assert thresholds is not None
    made = thresholds.made
    assert (made.alarm, made.suspend, made.high) == (0.005, 0.04, 0.05)


@pytest.mark.parametrize("name", AMERICAN)
def test_who_is_not_registered_is_blocked_in_the_united_states(name: str) -> None:
    form = network(name)
    fates = {kind: form.unregistered.kinds.get(kind, form.unregistered.mode) for kind in ("long_code", "toll_free")}
    assert fates["toll_free"] == "blocked"
    assert fates["long_code"] == ("passed" if name == "us-toll-free" else "blocked")


def test_receipts_tell_what_each_network_is_known_for() -> None:
    told = {name: receipts for name in AMERICAN if (receipts := network(name).receipts) is not None}
    # one receipt for a text in parts is Verizon's, the others have one for each
    assert {name: one.parts for name, one in told.items()} == dict.fromkeys(AMERICAN, "each") | {"verizon": "once"}
    assert [name for name, one in told.items() if one.tells == "hub_first"] == ["verizon"]
    assert [name for name, one in told.items() if one.tells == "accepted_only"] == ["us-cellular"]


def test_indian_messages_name_company_and_template() -> None:
    form = network("india-dlt")
    assert form.tlvs is not None
    demands = form.tlvs.submits or {}
    assert {tlv: demand.means for tlv, demand in demands.items()} == {"entity": "entity", "template": "template"}
    carrier = load("networks/india-dlt").carrier
    assert carrier is not None
    assert carrier.vendor_tlvs == ("0x1400=entity:octets", "0x1401=template:octets")
    templates = sections("india-dlt").registry.templates or {}
    assert {one.entity for one in templates.values()} == {
        one.entity for one in (sections("india-dlt").registry.names or {}).values()
    }


# ---------------------------------------------------------------------- together


def test_the_aggregator_has_the_networks_of_the_five_files_word_for_word() -> None:
    assert sections("us").networks == sections(*AMERICAN).networks


def test_a_number_of_the_aggregator_has_one_network_and_can_be_ported() -> None:
    plan = sections("us").plan
    assert [plan.network_of(number) for number in ("12025550100", "12065550100", "12015550100", "12075550100")] == [
        *("att", "tmobile", "verizon", "us-cellular"),
    ]
    assert plan.network_of("12025550199") == "tmobile"
    assert plan.line_of("18025550100").is_landline
    assert plan.network_of("15105550100") == ""


def test_laid_over_the_generic_network_every_number_arrives() -> None:
    plan = sections("generic", "us").plan
    assert [plan.network_of(number) for number in ("15105550100", "12025550100", "447700900000")] == [
        *("generic", "att", "generic"),
    ]


def test_each_country_is_one_whose_numbers_are_known() -> None:
    countries = {network(name).country for name in ALONE}
    assert countries == {"US", "GB", "DE", "IN", None}
    assert countries - {None} <= set(COUNTRIES)
