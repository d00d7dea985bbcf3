"""The sections about networks: every key is read where it belongs, refused where it contradicts, makes the model."""

import json
from datetime import datetime, time
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from pydantic import ValidationError

from simulator.carrier.delays import Between, Exponential, Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.fees import Fee
from simulator.carrier.filters.filters import Facts
from simulator.carrier.limits import quotas
from simulator.carrier.messages import Address, Cause, Message
from simulator.carrier.network.profiles import PROFILES, Peak
from simulator.carrier.phones.answers import TEXTS, Answer
from simulator.carrier.phones.optouts import REPLY_OPT_OUT_NEWER, Thresholds
from simulator.carrier.phones.subscribers import Habits
from simulator.scenario.declared import names_in
from simulator.scenario.file import dump, parse, written
from simulator.scenario.networks.carriers import Sections, open_prefixes, sections_of
from simulator.scenario.networks.network_limits import NetworkLimit
from simulator.scenario.networks.networks import NetworkForm
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.networks.registrations import BrandForm, Numbers, OptOutForm, RegistryForm, ThresholdsForm
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario, json_schema
from simulator.scenario.shape import Shape
from simulator.scenario.tree import tree_of
from simulator.scenario.words.carrier_words import Price
from simulator.scenario.words.words import Rate
from simulator.smsc.play.staging import staged
from tests.scenario.wrong_carriers import WRONG_CARRIERS

# every key of every section, in one file
EVERYTHING = (Path(__file__).parent / "carriers.yaml").read_text(encoding="utf-8")
SHORT = """scenario: 1
networks:
  att: {prefixes: 120255501, requires: blocked, receipts: none, delays: us-direct, dialect: gsm, listener: {},
        limits: [{rate: 3/s, over: throttle}, {classes: {A: 4500/min}}], filters: [shortener, landline]}
registry:
  brands: {acme: 80}
  numbers: {12025550198: C1}
  short_codes: {12345: provisioned}
  names: {ACME: registered}
subscribers: {12025550142: off}
"""
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def sections(*texts: str) -> Sections:
    return sections_of([parse(f"scenario: 1\n{text}", "s.yaml") for text in texts])


def network(text: str) -> NetworkForm:
    return sections(f"networks: {{n: {text}}}").networks["n"]


@pytest.mark.parametrize("text", [EVERYTHING, SHORT], ids=["everything", "short"])
def test_sections_are_read_and_written_and_read_again(text: str) -> None:
    scenario = parse(text, "s.yaml")
    assert parse(dump(scenario), "again.yaml") == scenario
    values = json.loads(json.dumps(written(scenario)))
    assert Scenario.model_validate(values, context=names_in(values)) == scenario


@pytest.mark.parametrize("text", [EVERYTHING, SHORT], ids=["everything", "short"])
def test_editors_agree_short_and_spelled_out(text: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tree_of(text, "s.yaml").value)] == []
    assert [error.message for error in VALIDATOR.iter_errors(written(parse(text)))] == []


def keys_in(value: object) -> set[str]:
    """Every key of every mapping in it."""
    if isinstance(value, dict):
        return {key for one in value.values() for key in keys_in(one)} | value.keys()
    return {key for one in value for key in keys_in(one)} if isinstance(value, list) else set()


def test_the_file_that_has_everything_has_every_key_of_every_shape() -> None:
    said = keys_in(tree_of(EVERYTHING, "s.yaml").value)
    definitions = json_schema()["$defs"]
    for name in SHAPES:
        forms = definitions[name].get("anyOf", [definitions[name]])
        keys = {key for form in forms for key in form.get("properties", {})}
        assert keys, name
        # people write these two as `from` and `to`
        assert sorted(keys - said - {"source", "destination"}) == [], name


SHAPES = (
    *("NetworkForm", "Requires", "Told", "PeakForm", "Delays", "Dialect", "Demand", "Tagging", "FeeForm", "Answering"),
    *(
        "HabitsForm",
        "Allowance",
        "OverLimit",
        "NetworkLimit",
        "FilterForm",
        "BrandForm",
        "CampaignForm",
        "AssignmentForm",
    ),
    *("ShortCodeForm", "NameForm", "TemplateForm", "RegistryForm", "Numbers", "Phone", "Pair", "ThresholdsForm"),
    "OptOutForm",
)
"""The shapes of these sections."""


# ---------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("text", "errors"), WRONG_CARRIERS.values(), ids=WRONG_CARRIERS)
def test_what_is_wrong_is_told_in_its_place(text: str, errors: list[str]) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(f"scenario: 1\n{text}\n", "s.yaml")
    told = []
    for one in caught.value.problems:
        line = one.headline.removeprefix("s.yaml:") + (f" ({one.hint}?)" if one.hint else "")
        told.append(line.replace(one.allowed, "...") if len(one.allowed) > 75 else line)
    assert told == errors


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (NetworkForm, {"prefixes": [True]}),
        (NetworkForm, {"delays": {"peak": {"hours": 5}}}),
        (NetworkForm, {"limits": [{"rate": [1]}]}),
        (NetworkForm, {"filters": [5]}),
        (NetworkForm, {"fees": ["cheap"]}),
        (NetworkForm, {"tlvs": {"receipts": [1]}}),
        (BrandForm, {"score": True}),
        (BrandForm, "good"),
        (RegistryForm, {"campaigns": {"C": 5}, "brands": {"b": "x"}}),
        (RegistryForm, {"campaigns": {"C": {"brand": "b", "use_case": ["mixed"]}}}),
        (RegistryForm, {"campaigns": {"C": {"brand": ["b"], "att_class": ["A"]}}, "numbers": {1: "C"}}),
        (Numbers, {"ported": {1: "a", "+1": "b"}}),
        (NetworkForm, {"fees": [{"sms": "1", "direction": ["mt"]}], "country": ["US"], "prefixes": "1"}),
        (NetworkForm, {"limits": [{"rate": "1/s", "over": {"mode": ["x"], "where": ["y"]}}]}),
        (NetworkForm, {"receipts": {"tells": ["none"], "parts": "each"}, "filters": [{"filter": ["x"]}]}),
        (Phone, {"state": ["off"], "lasts": "2h"}),
        (OptOutForm, {"blocked": [{"from": "1"}, 5]}),
        (Scenario, {"scenario": 1, "networks": {"a": 5, "b": {"prefixes": [5], "hub_of": [["x"]]}}}),
        (ThresholdsForm, {"alarm": [1]}),
        (Phone, {"answers": [{"share": [1], "text": "x"}]}),
    ],
)
def test_values_that_no_file_wrote_are_refused_as_well(shape: type[Shape], values: object) -> None:
    with pytest.raises(ValidationError):
        shape.model_validate(values)


def test_names_are_checked_only_where_some_are_declared() -> None:
    text = "numbers: {ported: {12025550100: anybody}}\nregistry: {campaigns: {C: {brand: b}}, toll_free: {}}"
    assert sections(text).registry.campaigns is not None
    assert sections("registry: {numbers: {12025550100: C9}}").registry.numbers is not None


# ---------------------------------------------------------------------- what is made of it


def test_the_plan_has_prefixes_ported_numbers_and_landlines() -> None:
    plan = sections(
        "networks: {att: {prefixes: [1202, 1701]}, tmobile: {prefixes: 12025}}\n"
        "numbers: {ported: {'+12025550100': att}, landlines: 1701}"
    ).plan
    assert plan.network_of("12025550101") == "tmobile"
    assert plan.network_of("12025550100") == plan.network_of("12021550100") == "att"
    assert plan.line_of("17015550100").is_landline
    assert plan.network_of("4915") == ""


def test_two_files_with_one_prefix_contradict_each_other() -> None:
    both = sections("networks: {att: {prefixes: 1202}}", "networks: {tmobile: {prefixes: 1202}}")
    with pytest.raises(ValueError, match=r"networks\.tmobile\.prefixes: '1202' is att's already"):
        _ = both.plan


def test_a_later_file_goes_before_an_earlier_one_key_by_key() -> None:
    made = sections(
        "networks: {att: {prefixes: 1202, part_limit: 5}}\nregistry: {brands: {a: 10, b: 20}}\n"
        "subscribers: {12025550100: off}",
        "networks: {att: {part_limit: 3}, generic: {}}\nregistry: {brands: {b: 30}}\nsubscribers: {12025550100: on}",
        "numbers: {magic: true}\nopt_outs: {newer: true}",
    )
    assert list(made.networks) == ["att", "generic"]
    assert (made.networks["att"].prefixes, made.networks["att"].part_limit) == (("1202",), 3)
    assert [one.score for one in (made.registry.brands or {}).values()] == [10, 30]
    assert made.subscribers["12025550100"].state == "on"
    assert (made.numbers.magic, made.opt_outs.newer) == (True, True)
    assert sections().networks == {}


def test_prefixes_beyond_the_fictitious_ranges_are_known() -> None:
    made = sections(
        "networks: {a: {prefixes: [120255501, 1202555, 447700900, 4477009, 49176040690, 180055501]}, "
        "b: {prefixes: 91}, c: {}}"
    )
    assert open_prefixes(made.networks) == [("a", "1202555"), ("a", "4477009"), ("b", "91")]


def test_delays_are_a_profile_with_changes() -> None:
    made = sections(EVERYTHING[12:]).profiles
    att = made["att"]
    assert (att.name, att.respond, att.delivery, att.told) == ("att", Fixed(0.02), Between(1.0, 3.0), Exponential(2.0))
    assert (att.first_failure, att.delivered, att.retries) == (0.38, 0.98, (60.0, 300.0))
    assert (att.missing, att.failed, att.false_delivered, att.duplicate) == (0.01, 0.02, 0.03, 0.04)
    assert (att.gap, att.out_of_order) == (Fixed(5.0), 0.05)
    assert att.peak == Peak(time(18), time(0), ZoneInfo("America/New_York"), 1.5, 0.1)
    assert network("{}").profile_as("instant") == PROFILES["instant"]
    assert network("{delays: us-direct}").profile_as("us-direct") == PROFILES["us-direct"]


def test_a_dialect_spells_causes() -> None:
    dialect = network(
        "{dialect: {table: sinch, circumstances: toll_free, err: {unknown: 4750}, statuses: {tmo_daily: 0x450}}}"
    ).dialect
    assert dialect is not None
    assert dialect.cause("carrier_spam") == Cause("carrier_spam", "255")
    assert dialect.cause("unknown").err == "4750"
    assert dialect.cause("tmo_daily") == Cause("tmo_daily", "064", is_temporary=True, answer=0x450)
    short = network("{dialect: gsm}").dialect
    assert short is not None
    assert short.cause("barred") == Cause("barred", "013")


def test_fees_are_prices_in_micro_dollars() -> None:
    made = sections(
        "networks: {a: {fees: [{sms: 0.0035, mms: $0.01, source: list}, {mms: 0.013, registered: false}]}, b: {}}"
    )
    assert made.fees == (
        Fee("a", "sms", "mt", 3_500, source="list"),
        Fee("a", "mms", "mt", 10_000, source="list"),
        Fee("a", "mms", "mt", 13_000, is_registered=False),
    )
    assert (str(Price(3_500)), repr(Price(10_000))) == ("0.0035", "0.0100")


def test_limits_are_the_models() -> None:
    made = {limit.name: limit for limit in sections(EVERYTHING[12:]).networks["att"].quotas.limits}
    assert list(made) == ["classes_sms", "classes_mms", "brand_day", "by_kind", "account_second", "number_day", "caps"]
    sms, mms = made["classes_sms"], made["classes_mms"]
    assert (sms.scope, sms.per, sms.by, sms.media) == ("campaign", "minute", "class", "sms")
    assert (dict(sms.amounts), dict(mms.amounts)) == ({"A": 4500, "T": 75, "G": 60}, {"A": 2400, "G": 50})
    assert sms.per_number == mms.per_number == {"G"}
    assert (sms.cause, sms.over) == ("att_tpm", quotas.Over(where="receipt"))
    brand = made["brand_day"]
    assert (brand.scope, brand.by, dict(brand.amounts)) == ("brand", "tier", {"top": 200_000, "sole_proprietor": 1_000})
    kinds = made["by_kind"]
    assert dict(kinds.amounts) == {"toll_free": 3, "toll_free:pending": 1, "alphanumeric": 0.1}
    assert kinds.over == quotas.Over(mode="queue", cause="throttled", queue_seconds=14_400.0, queue_count=10_000)
    assert (made["account_second"].scope, made["account_second"].over.mode) == ("account", "throttle")
    people = made["number_day"]
    assert (people.counts, people.senders, people.media) == ("recipients", "unregistered", "sms")
    assert (made["caps"].by, made["caps"].per, made["caps"].counts) == ("caps", "week", "messages")


def test_a_limit_has_one_cause() -> None:
    with pytest.raises(ScenarioError) as told:
        sections("networks: {att: {limits: [{rate: 5/s, cause: att_tpm, over: {mode: reject, cause: tmo_daily}}]}}")
    (problem,) = told.value.problems
    assert (problem.path, problem.line, problem.allowed) == ("networks.att.limits[0].cause", 2, "one of both")


def test_classes_may_have_no_mms() -> None:
    (limit,) = NetworkLimit.model_validate({"classes": {"A": "5/min"}}).made
    assert limit.name == "campaign_minute_sms"
    (limit,) = NetworkLimit.model_validate({"classes": {"A": {"mms": "5/day"}}, "name": "x"}).made
    assert (limit.name, limit.per) == ("x_mms", "day")


def test_a_limit_of_python_is_the_limit_of_a_file() -> None:
    assert NetworkLimit(rate=Rate(3.0, 1.0)).made == NetworkLimit.model_validate({"rate": "3/s"}).made


def test_filters_are_the_models_in_their_order() -> None:
    form = sections(EVERYTHING[12:]).networks["att"]
    filters = [one.made for one in form.filters or ()]
    assert [(one.name, one.cause, one.where) for one in filters] == [
        ("adult", "age_restricted", "REJECTD"),
        ("shortener", "shortened_url", "REJECTD"),
        ("phishing", "carrier_spam", "lost"),
        ("pattern", "carrier_spam", "REJECTD"),
        ("missing_opt_out", "carrier_spam", "REJECTD"),
        ("snowshoe", "silent_filter", "DELIVRD"),
        ("volume_spike", "other_volume", "REJECTD"),
        ("duplicate", "carrier_spam", "UNDELIV"),
        ("sender_kind", "invalid_source", "submit"),
        ("blocked_sender", "sender_blocked", "submit"),
        ("landline", "landline_or_no_sms", "UNDELIV"),
    ]
    assert (filters[0].probability, filters[0].blocks_for, filters[2].blocks_for) == (0.5, 3_600.0, inf)
    # those that come first are the kinds of sender that it takes
    assert len(form.screening) == 12
    assert len(network("{filters: [landline]}").screening) == 1


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("{filter: content, categories: alcohol, more: {alcohol: moonshine}}", "moonshine!", "alcohol"),
        ("{filter: shortener, hosts: sho.rt}", "see https://sho.rt/1", "sho.rt"),
        ("{filter: pattern, patterns: '^win'}", "win a car", "^win"),
        ("{filter: blocked_sender, numbers: '+12025550177'}", "hello", "12025550177"),
        ("{filter: sender_kind, kinds: [short_code]}", "hello", "long_code"),
    ],
)
def test_a_filter_finds_what_the_file_says(form: str, text: str, why: str) -> None:
    screening = network(f"{{filters: [{form}]}}").screening
    facts = Facts("12025550177", "12025550142", text, kind="long_code")
    hit = screening.judge(facts, 0.0, Dice(1).throw(a_message()))
    assert hit is not None
    assert why in hit.why


def a_message() -> Message:
    address = Address("12025550177", 1, 1)
    return Message("a", "1", address, address, 0.0, 0.0, None, None, False, None, "ENROUTE", None, None)


def test_shorteners_can_be_allowed() -> None:
    screening = network("{filters: [{filter: shortener, allowed_hosts: bit.ly}]}").screening
    facts = Facts("12025550177", "12025550142", "see https://bit.ly/1")
    assert screening.judge(facts, 0.0, Dice(1).throw(a_message())) is None


def test_who_is_not_registered_passes_unless_a_network_says_otherwise() -> None:
    assert network("{}").unregistered.mode == "passed"
    made = network("{requires: {mode: blocked, toll_free: filtered, share: 25%}}").unregistered
    assert (made.mode, dict(made.kinds), made.share) == ("blocked", {"toll_free": "filtered"}, 0.25)


def test_the_registry_is_the_models() -> None:
    start = 1_000.0
    registry = sections(EVERYTHING[12:]).registry.made(start)
    assert {key: brand.tier for key, brand in registry.brands.items()} == {
        "acme": "top",
        "solo": "sole_proprietor",
        "small": "low",
        "state": "government",
    }
    assert registry.look("12025550199", "long_code", 0.0).att_class == "B"
    assert registry.look("12025550198", "long_code", 0.0).is_registered
    assert not registry.look("12025550197", "long_code", start + 7_199.0).is_registered
    assert registry.look("12025550197", "long_code", start + 7_200.0).is_registered
    assert (registry.campaigns["C2"].is_forced, registry.campaigns["C3"].state) == (True, "suspended")
    assert registry.look("12345", "short_code", 0.0, "att").is_registered
    assert [registry.look("12345", "short_code", 0.0, one).status for one in ("tmobile", "x")] == ["expired", "pending"]
    # in May 2023 pending toll-free numbers had caps and were not blocked
    pending = registry.look("18335550100", "toll_free", 0.0)
    assert (pending.is_registered, pending.caps) == (True, (2_000, 6_000, 10_000))


def test_the_rules_for_toll_free_numbers_are_those_of_a_day() -> None:
    def status(rules: str, at: float) -> bool:
        text = f"registry: {{toll_free: {{18335550100: pending}}{rules}}}"
        return sections(text).registry.made(0.0).look("18335550100", "toll_free", at).is_registered

    blocked_from = datetime(2024, 1, 31, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    assert status(", toll_free_rules: newest", 0.0) is status("", 0.0) is False
    assert status(", toll_free_rules: message", blocked_from - 1) is True
    assert status(", toll_free_rules: message", blocked_from) is False
    assert status(", toll_free_rules: 2024-01-30", blocked_from) is True
    assert status(", toll_free_rules: 2024-01-31", 0.0) is False


def test_opt_outs_are_the_models() -> None:
    form = sections(EVERYTHING[12:]).opt_outs
    made = form.made()
    assert made.is_blocked("18005550100", "12025550142")
    assert made.reply_opt_out == REPLY_OPT_OUT_NEWER
    assert (set(made.stop_words), set(made.start_words)) == ({"STOP"}, {"START"})
    assert made.hear("12025550143", "18005550100", "toll_free", "revoke").act == ""
    assert made.hear("12025550143", "18005550100", "toll_free", "yes").act == "opt_in"
    assert form.thresholds is not None
    assert form.thresholds.made == Thresholds(recipients_min=50, pause=7_200.0)
    plain = OptOutForm().made(is_on=False)
    assert (plain.is_on, plain.hear("1", "2", "toll_free", "revoke").act) == (False, "opt_out")


def test_the_toll_free_network_blocks_unless_its_hub_says_otherwise() -> None:
    assert sections().is_blocking
    assert sections("networks: {hub: {hub_of: toll_free, opt_outs: network}}").is_blocking
    assert sections("networks: {att: {opt_outs: forwarded}}").is_blocking
    assert not sections("networks: {hub: {hub_of: toll_free, opt_outs: forwarded}}").is_blocking


def test_a_hub_is_known_by_the_kinds_of_sender_that_pass_it() -> None:
    assert sections("networks: {hub: {hub_of: [toll_free, short_code]}, att: {}}").hubs == {
        "toll_free": "hub",
        "short_code": "hub",
    }


def test_phones_are_the_models() -> None:
    made = sections(EVERYTHING[12:])
    habits = made.networks["att"].habits
    assert (habits.absent, habits.roaming, habits.memory_full, habits.busy) == (0.38, 0.01, 0.01, 0.01)
    assert (habits.absent_for, habits.roaming_for, habits.memory_full_for) == (3_600.0, 172_800.0, 10_800.0)
    assert (habits.roaming_lost, habits.retries, habits.validity) == (0.5, (60.0, 600.0), 86_400.0)
    assert habits.answers == (Answer(0.01, ("STOP",), Fixed(2.0)), Answer(0.02, TEXTS["story"]))
    assert network("{}").habits == Habits()
    phone = made.subscribers["12025550142"]
    assert phone.condition(100.0) == ("off", 7_300.0, "tmobile")
    assert phone.taught == (Answer(1.0, ("yes",)),)
    other = made.subscribers["12025550143"]
    assert (other.condition(100.0), other.taught) == (("on", inf, ""), None)
    assert Phone().condition(0.0) == ("on", inf, "")


def test_what_nobody_acts_on_is_not_played() -> None:
    for text in ("networks: {}", "numbers: {magic: true}", "registry: {}", "subscribers: {}", "opt_outs: {}"):
        with pytest.raises(ScenarioError, match=rf"{text.partition(':')[0]}: not acted on yet"):
            staged([parse(f"scenario: 1\n{text}")], 0.0, 0.0)
