"""What gateways see of networks: the shipped ones, played without a socket, and files that say what has no model."""

from typing import Any

import pytest

from simulator.carrier.network.network import Networks, Truth
from simulator.scenario.file import load, parse
from simulator.scenario.problems import ScenarioError
from simulator.smpp.pdus import DeliverSm, ReplaceSm, SubmitSmResp
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.play.carriers_staged import networks_of
from simulator.smsc.play.playing import Misfit, Playing
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, Gateway, World

REGISTERED, UNKNOWN, SOLE = "15105550100", "12125550100", "15105550103"
TOLL_FREE = "18005550100"
ATT, TMOBILE, VERIZON, US_CELLULAR = "12025550100", "12065550100", "12015550100", "12075550100"
SIMPLE = """
networks:
  one: {prefixes: [1], delays: lan-smsc}
"""


def of_files(*names: str) -> World:
    """A world under shipped files; its clocks show midnight in Los Angeles, the beginning of a minute."""
    return played([load(name) for name in names])


def of_text(text: str) -> World:
    """A world under one file."""
    return played([parse(f"scenario: 1\n{text}")])


def played(scenarios: list[Any]) -> World:
    world = World()
    world.smsc = staged(scenarios, world.now, START, seed=7)
    return world


def networks(world: World) -> Networks:
    assert isinstance(world.smsc.carrier, Networks)
    return world.smsc.carrier


def truth(world: World) -> Truth | None:
    """What was decided about the newest message."""
    return networks(world).truth(world.events("submitted")[-1][0].number)


def sent(gateway: Gateway, to: str, sender: str = REGISTERED, text: bytes = b"hello", wait: float = 60.0) -> Any:
    """Submit, wait, and return what the gateway was told: the status of a refusal, else state and err of each receipt.

    A message that was accepted and never heard of again is [].
    """
    gateway.received.clear()
    gateway.submit(destination_addr=to, source_addr=sender, short_message=text)
    gateway.world.run(wait)
    (answer,) = gateway.of(SubmitSmResp)
    if answer.command_status:
        return answer.command_status
    receipts = [parse_receipt(text) for text in gateway.texts]
    return [(one.stat, one.err) for one in receipts if one is not None]


def statuses(gateway: Gateway, count: int, **fields: Any) -> list[int]:
    """The statuses of so many messages that come at one moment."""
    gateway.received.clear()
    for _ in range(count):
        gateway.submit(**fields)
    gateway.world.run(5.0)
    return [one.command_status for one in gateway.of(SubmitSmResp)]


def test_a_registered_sender_reaches_the_phone() -> None:
    world = of_files("networks/us")
    assert sent(world.bound(), ATT) == [("DELIVRD", "000")]
    assert truth(world) == Truth("att", "DELIVRD")


def test_a_class_of_att_takes_its_burst_and_not_one_more_until_the_next_minute() -> None:
    world = of_files("networks/us")
    gateway = world.bound()
    # class W: fifteen in a minute
    fields = {"source_addr": SOLE, "destination_addr": ATT}
    assert sorted(statuses(gateway, 16, **fields)) == [0] * 15 + [0x45]
    world.run(54.9)
    assert sent(gateway, ATT, SOLE, wait=0.1) == 0x45
    assert statuses(gateway, 1, **fields) == [0]
    # another network has a count of its own
    assert statuses(gateway, 1, source_addr=SOLE, destination_addr=TMOBILE) == [0]


def test_the_daily_cap_of_tmobile_shows_in_receipts_until_midnight_in_los_angeles() -> None:
    world = of_files("networks/us")
    gateway = world.bound()
    assert statuses(gateway, 1_000, source_addr=SOLE, destination_addr=TMOBILE) == [0] * 1_000
    # the last receipts of those
    world.run(595.0)
    assert sent(gateway, TMOBILE, SOLE) == [("REJECTD", "064")]
    assert truth(world) == Truth("tmobile", "REJECTD", "tmo_daily", "limit t_mobile is reached")
    world.run(86_400 - 660.0 - 61.0)
    assert sent(gateway, TMOBILE, SOLE) == [("REJECTD", "064")]
    world.run(1.0)
    assert sent(gateway, TMOBILE, SOLE) == [("DELIVRD", "000")]


def test_a_number_of_no_campaign_is_blocked() -> None:
    world = of_files("networks/us")
    assert sent(world.bound(), ATT, UNKNOWN) == [("REJECTD", "060")]
    assert truth(world) == Truth("att", "REJECTD", "unregistered_10dlc", "the number is in no campaign")


def test_a_toll_free_number_that_is_not_verified_is_refused_in_the_answer() -> None:
    assert sent(of_files("networks/us").bound(), ATT, "18005550101") == 0x45


def test_stop_to_a_toll_free_number_blocks_the_pair_until_unstop() -> None:
    world = of_files("networks/us")
    gateway, text = world.bound(), b"Your parcel is here. Reply STOP to opt out."
    assert sent(gateway, ATT, TOLL_FREE, text) == [("DELIVRD", "000")]
    world.smsc.mo(TOLL_FREE, ATT, "Stop", world.now)
    assert sent(gateway, ATT, TOLL_FREE, text) == [("REJECTD", "257")]
    told = truth(world)
    assert told is not None
    assert (told.network, told.cause) == ("us-toll-free", "opted_out_network")
    assert sent(gateway, TMOBILE, TOLL_FREE, text) == [("DELIVRD", "000")]
    world.smsc.mo(TOLL_FREE, ATT, "unstop", world.now)
    assert sent(gateway, ATT, TOLL_FREE, text) == [("DELIVRD", "000")]


def test_stop_to_an_ordinary_number_blocks_nobody() -> None:
    world = of_files("networks/us")
    gateway = world.bound()
    sent(gateway, ATT)
    world.smsc.mo(REGISTERED, ATT, "STOP", world.now)
    assert sent(gateway, ATT) == [("DELIVRD", "000")]


def test_a_public_shortener_is_filtered_where_each_network_shows_it() -> None:
    world = of_files("networks/us")
    gateway, text = world.bound(), b"see https://bit.ly/x"
    found = {to: sent(gateway, to, text=text) for to in (ATT, VERIZON, US_CELLULAR)}
    assert found[ATT] == [("REJECTD", "062")]
    # the hub has told before Verizon was asked
    assert found[VERIZON] == [("DELIVRD", "000")]
    assert found[US_CELLULAR] == []
    assert truth(world) == Truth(
        "us-cellular", "", "shortened_url", "filter shortener: link by the public shortener 'bit.ly'"
    )


def test_a_network_that_tells_of_acceptance_only_tells_no_end() -> None:
    world = of_files("networks/us")
    gateway = world.bound()
    assert sent(gateway, US_CELLULAR) == [("ACCEPTD", "000")]
    assert truth(world) == Truth("us-cellular", "DELIVRD")


def test_a_landline_takes_no_messages() -> None:
    world = of_files("networks/us")
    assert sent(world.bound(), "18025550100") == [("UNDELIV", "152")]


def test_a_ported_number_meets_the_rules_of_its_new_network() -> None:
    world = of_files("networks/us")
    # an AT&T number by its prefix
    sent(world.bound(), "12025550199")
    assert truth(world) == Truth("tmobile", "DELIVRD")


def test_a_number_of_no_network_is_refused_and_the_generic_network_takes_it() -> None:
    gateway = of_files("networks/us").bound()
    assert sent(gateway, "19175550100") == 0x45
    behind = of_files("networks/generic", "networks/us")
    assert sent(behind.bound(), "19175550100") == [("DELIVRD", "000")]
    assert truth(behind) == Truth("generic", "DELIVRD")


def test_the_generic_network_takes_everything_and_delivers() -> None:
    world = of_files("networks/generic")
    gateway = world.bound()
    found = [sent(gateway, f"49301234{number}", "ACME") for number in range(1000, 1010)]
    # one in ten phones is away at any moment, and may be tried again for longer than this waits
    assert found.count([("DELIVRD", "000")]) >= 7
    assert [one for one in found if one != [("DELIVRD", "000")]] == [[]] * (10 - found.count([("DELIVRD", "000")]))


def test_a_phone_that_is_switched_off_gets_its_message_when_it_returns() -> None:
    world = of_text(SIMPLE)
    gateway = world.bound()
    world.smsc.phones.switch(ATT, world.now, is_on=False)
    assert sent(gateway, ATT, wait=3_600.0) == []
    world.smsc.phones.switch(ATT, world.now, is_on=True)
    world.run(5.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


def test_a_phone_is_as_the_file_says() -> None:
    world = of_text(f"{SIMPLE}\nsubscribers: {{{ATT}: deactivated, {TMOBILE}: {{state: 'off', lasts: 30s}}}}\n")
    gateway = world.bound()
    assert sent(gateway, ATT) == [("UNDELIV", "150")]
    # it is tried again after a minute
    assert sent(gateway, TMOBILE, wait=70.0) == [("DELIVRD", "000")]


def test_a_magic_number_has_the_fate_of_its_last_digits() -> None:
    gateway = of_text(f"{SIMPLE}\nnumbers: {{magic: true}}").bound()
    assert sent(gateway, "12025550106") == [("UNDELIV", "150")]
    assert sent(gateway, "12025550100") == [("DELIVRD", "000")]


def test_a_throttling_limit_asks_to_come_again_later() -> None:
    said = "limits: [{rate: 2/s, over: throttle}]"
    gateway = of_text(f"networks: {{one: {{prefixes: [1], {said}}}}}").bound()
    assert statuses(gateway, 3) == [0, 0, 0x58]


def test_a_dialect_chooses_status_and_err() -> None:
    said = 'dialect: {err: {carrier_spam: "777"}, statuses: {tmo_daily: 0x00000450}}'
    limit = "{rate: 1/day, cause: tmo_daily, over: {mode: reject}}"
    filters = "filters: [{filter: shortener, cause: carrier_spam}]"
    gateway = of_text(f"networks: {{one: {{prefixes: [1], {said}, limits: [{limit}], {filters}}}}}").bound()
    assert sent(gateway, ATT, text=b"http://bit.ly/x") == [("REJECTD", "777")]
    assert sent(gateway, ATT) == 0x450


def test_a_reset_takes_back_what_networks_have_counted_and_blocked() -> None:
    world = of_text("networks: {one: {prefixes: [1], delays: instant, limits: [{rate: 1/day, over: reject}]}}")
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, 0x45]
    world.smsc.reset(world.now)
    assert statuses(gateway, 2) == [0, 0x45]


@pytest.mark.parametrize("name", ["networks/us", "networks/generic", "networks/germany", "networks/uk"])
def test_the_shipped_networks_are_played(name: str) -> None:
    assert networks_of([load(name)], START) is not None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("networks: {}", "networks"),
        ("numbers: {magic: true}", "numbers"),
        ("rules: [{then: silence}, {then: {subscribers: {12025550100: 'off'}}}]", r"rules\[1\].then.subscribers"),
        ("timeline: [{at: 1s, then: {subscribers: {12025550100: 'off'}}}]", r"timeline\[0\].then.subscribers"),
    ],
)
def test_what_has_no_model_is_refused_at_its_place(text: str, place: str) -> None:
    with pytest.raises(ScenarioError, match=f"scenario: {place}[^:]*: not acted on yet"):
        of_text(text)


def test_scenarios_without_networks_have_the_plain_carrier() -> None:
    assert networks_of([parse("scenario: 1")], START) is None


def test_what_an_account_may_send_is_asked_before_its_networks() -> None:
    world = of_text(f"{SIMPLE}\ncarrier: {{limits: [{{per: account, rate: 1/day}}]}}")
    gateway = world.bound()
    assert statuses(gateway, 2)[0] == 0x58
    assert [networks(world).truth(number) for number in (1, 2)] == [Truth("one", "DELIVRD"), None]


def test_two_networks_of_two_files_with_one_prefix_are_refused() -> None:
    files = [parse(f"scenario: 1\nnetworks: {{{name}: {{prefixes: [1]}}}}") for name in ("one", "two")]
    with pytest.raises(ScenarioError, match=r"networks\.two\.prefixes: '1' is one's already, allowed: one network"):
        networks_of(files, START)


def test_networks_are_not_changed_while_the_server_runs() -> None:
    world = of_text(SIMPLE)
    scenarios = [parse(f"scenario: 1\n{SIMPLE}")]
    playing = Playing(world.smsc, scenarios)
    playing.replace([parse(f"scenario: 1\n{SIMPLE}\nrules: [{{then: silence}}]")], ["other"], world.now)
    with pytest.raises(Misfit, match="networks: they are what they were"):
        playing.prepared([parse("scenario: 1")], ["none"])


def test_a_queue_of_a_rate_per_second_lets_as_many_through_in_link_time_at_any_speed() -> None:
    limit = "{rate: 1/s, over: {mode: queue, count: 100}}"
    spans = []
    for speed in (1.0, 60.0):
        world = World()
        scenario = parse(f"scenario: 1\nnetworks: {{one: {{prefixes: [1], delays: instant, limits: [{limit}]}}}}")
        world.smsc = staged([scenario], world.now, START, seed=7, speed=speed)
        gateway = world.bound()
        for _ in range(6):
            gateway.submit()
        world.run(0.5)
        came = [len(gateway.of(DeliverSm))]
        for _ in range(6):
            world.run(1.0)
            came.append(len(gateway.of(DeliverSm)))
        spans.append(came)
    assert spans == [[1, 2, 3, 4, 5, 6, 6]] * 2


def test_a_landline_of_no_network_owes_nobody_anything() -> None:
    world = of_files("networks/us")
    assert sent(world.bound(), "18025550100") == [("UNDELIV", "152")]
    assert networks(world).fees.totals("network") == {}


@pytest.mark.parametrize(
    ("change", "cause", "why"),
    [
        ({"state": "barred"}, "barred", "its phone is barred"),
        ({"state": "no_funds"}, "prepaid_no_funds", "the owner of its phone has no funds"),
        ({"state": "deactivated"}, "deactivated", "its phone is deactivated"),
        ({"state": "landline"}, "landline_or_no_sms", "its number is one without SMS"),
        ({"state": "roaming"}, "roaming_no_route", "its phone is abroad, and no way leads there"),
        (
            {"ported_to": "verizon"},
            "portability",
            "its number has moved to another network, and the number plan does not know it",
        ),
    ],
)
def test_a_truth_says_why_a_phone_has_not_taken_a_message(change: dict[str, Any], cause: str, why: str) -> None:
    world = of_files("networks/us")
    assert world.smsc.phones.people is not None
    world.smsc.phones.people.change(TMOBILE, world.now, **change)
    sent(world.bound(), TMOBILE)
    assert truth(world) == Truth("tmobile", "UNDELIV", cause, why)


def test_a_receipt_is_late_whatever_it_tells() -> None:
    for tells, state in (("accepted_only", "ACCEPTD"), ("hub_first", "DELIVRD"), ("truth", "DELIVRD")):
        said = f"delays: instant, receipts: {{tells: {tells}, late: 2h}}"
        world = of_text(f"networks: {{one: {{prefixes: [1], {said}}}}}")
        gateway = world.bound()
        assert sent(gateway, ATT, wait=7_199.0) == [], tells
        world.run(2.0)
        (receipt,) = gateway.of(DeliverSm)
        assert f"stat:{state} ".encode() in receipt.short_message, tells


def test_a_message_that_is_replaced_where_nothing_is_told_waits_for_nothing() -> None:
    world = of_text("networks: {one: {prefixes: [1], delays: lan-smsc, receipts: none}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    (answer,) = gateway.of(SubmitSmResp)
    source: dict[str, Any] = {"source_addr": "12025550199", "source_addr_ton": 1, "source_addr_npi": 1}
    replaced = gateway.send(ReplaceSm(message_id=answer.message_id, short_message=b"new", **source))
    assert replaced.command_status == 0
    world.run(100.0)
    (message,) = [subject for subject, _ in world.events("submitted")]
    assert world.smsc.store.is_lost(message)
    assert world.smsc.store.room["gateway"] == world.smsc.terms.open_max


@pytest.mark.parametrize(
    ("form", "place", "beside"),
    [
        ("{prefixes: [1], sender_cause: sender_blocked}", "sender_cause", "beside senders"),
        ("{prefixes: [1], zone: Europe/London, limits: [{rate: 5/min}]}", "zone", "beside a limit of a day, week or"),
        ("{prefixes: [1], hub_of: short_code, opt_outs: network}", "opt_outs", "beside hub_of: toll_free"),
        ("{hub_of: toll_free, fees: [{sms: 0.01}]}", "fees", "beside prefixes"),
        ("{hub_of: toll_free, subscribers: {absent: 5%}}", "subscribers", "beside prefixes"),
    ],
)
def test_what_changes_nothing_of_a_network_is_refused(form: str, place: str, beside: str) -> None:
    with pytest.raises(ScenarioError, match=rf"networks\.hub\.{place}: nobody asks for it, allowed: {beside}"):
        of_text(f"networks: {{hub: {form}}}")


def test_a_hub_that_a_number_was_ported_to_has_phones() -> None:
    moved = "numbers: {ported: {12025550100: hub}}"
    made = networks(of_text(f"networks: {{hub: {{hub_of: toll_free, fees: [{{sms: 0.01}}]}}}}\n{moved}"))
    assert list(made.networks) == ["hub"]
