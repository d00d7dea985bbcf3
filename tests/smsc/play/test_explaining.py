"""The chain that is explained is the one that decides: every stop it foretells happens, and nothing of it counts."""

from random import Random
from typing import Any

import pytest

from simulator.carrier.messages import Address
from simulator.carrier.network.chain import (
    MAY_STOP,
    PASSES,
    STOPS,
    WAITS,
    Chain,
    Inquiry,
    chain_of,
    phone_text,
    retry_text,
)
from simulator.carrier.network.network import Networks
from simulator.carrier.phones.subscribers import Condition
from simulator.scenario.file import load, parse
from simulator.smpp.pdus import SubmitSmResp
from simulator.smpp.tlvs import Tlv
from simulator.smsc.play.explaining import Onlooker, chain_json, inquiry_of, truth_json
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World

COMPANY, MARKETING, SOLE, STRANGER = "15105550100", "15105550101", "15105550103", "12125550100"
TOLL_FREE, UNVERIFIED = "18005550100", "18005550101"
ATT, TMOBILE, VERIZON, US_CELLULAR, LANDLINE = "12025550100", "12065550100", "12015550100", "12075550100", "18025550100"
FORETOLD = frozenset(
    "unregistered_10dlc tollfree_unverified shortcode_not_allowed opted_out_network tmo_daily att_tpm other_volume "
    "carrier_spam shortened_url sender_blocked campaign_inactive age_restricted invalid_source".split()
)
"""Causes that never come from a phone or a route."""
CHANCES = """
scenario: 1
networks:
  one:
    prefixes: [1202]
    requires: {mode: filtered, share: 40%, where: REJECTD}
    limits:
      - {name: slow, rate: 1/s, over: {mode: queue, span: 3s}}
    filters:
      - {filter: content, where: lost, probability: 25%}
  open: {prefixes: [1203], requires: throttled}
  trusting:
    prefixes: [1204]
    filters: [{filter: content, where: passed}, {filter: shortener, where: REJECTD}]
"""


def world_of(*scenarios: Any) -> tuple[World, Networks]:
    world = World()
    world.smsc = staged(scenarios, world.now, START, seed=7)
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    return world, carrier


def asked(carrier: Networks, source: str, to: str, text: str = "hello", at: float = START, segments: int = 1) -> Chain:
    kind = 1 if source.isdigit() else 5
    return chain_of(carrier, Inquiry("gateway", Address(source, kind, 1), Address(to, 1, 1), text, segments), at)


def stop(chain: Chain) -> tuple[str, str, str] | None:
    return None if chain.stop is None else (chain.stop[0].name, chain.stop[1].question, chain.stop[1].cause)


@pytest.mark.parametrize(
    ("source", "to", "text", "expected"),
    [
        (COMPANY, ATT, "hello", None),
        (STRANGER, ATT, "hello", ("att", "registration", "unregistered_10dlc")),
        (UNVERIFIED, ATT, "hello", ("us-toll-free", "registration", "tollfree_unverified")),
        (TOLL_FREE, TMOBILE, "vodka for you, STOP to end", ("us-toll-free", "filter", "carrier_spam")),
        (COMPANY, VERIZON, "vodka for you", ("verizon", "filter", "silent_filter")),
        ("ACME", ATT, "hello", ("att", "filter", "invalid_source")),
    ],
)
def test_who_stops_a_message_and_why(source: str, to: str, text: str, expected: tuple[str, str, str] | None) -> None:
    _, carrier = world_of(load("networks/us"))
    assert stop(asked(carrier, source, to, text)) == expected


def test_a_message_that_has_no_way_says_why() -> None:
    _, carrier = world_of(load("networks/us"))
    nowhere = asked(carrier, COMPANY, "447700900000")
    assert (nowhere.why, nowhere.passages, nowhere.phone) == ("no network has 447700900000", (), None)
    wrong = asked(carrier, COMPANY, "12")
    assert (wrong.why, wrong.registration) == ("12: no number that type of number 1 can mean", None)
    landline = asked(carrier, TOLL_FREE, LANDLINE)
    assert (landline.why, [one.network.name for one in landline.passages]) == (
        f"{LANDLINE} is a landline",
        ["us-toll-free"],
    )


def test_an_opt_out_is_told_and_that_it_was_asked_does_not_count_as_use() -> None:
    _, carrier = world_of(load("networks/us"))
    carrier.opt_outs.block(TOLL_FREE, ATT)
    carrier.opt_outs.block(TOLL_FREE, TMOBILE)
    before = list(carrier.opt_outs.blocked)
    assert stop(asked(carrier, TOLL_FREE, ATT)) == ("us-toll-free", "opt-out", "opted_out_network")
    assert list(carrier.opt_outs.blocked) == before


def test_where_chance_decides_the_share_is_told_and_a_queue_says_how_long_it_takes() -> None:
    world, carrier = world_of(parse(CHANCES))
    steps = {(one.question, one.name): one for one in asked(carrier, STRANGER, ATT, "vodka").passages[0].steps}
    assert (steps["registration", ""].end, "40% of it are lost" in steps["registration", ""].answer) == (MAY_STOP, True)
    assert (steps["filter", "content"].end, "25% of it are caught" in steps["filter", "content"].answer) == (
        *(MAY_STOP, True),
    )
    assert steps["limit", "slow"].end == PASSES
    gateway = world.bound()
    for _ in range(3):
        gateway.submit(source_addr=STRANGER, destination_addr=ATT)
    inquiry = Inquiry("gateway", Address(STRANGER, 1, 1), Address(ATT, 1, 1), "hello", arrived_at=world.now)
    waits = {one.name: one for one in chain_of(carrier, inquiry, START).passages[0].steps}["slow"]
    assert (waits.end, waits.left is not None and waits.left.left) == (WAITS, 0)
    people = asked(carrier, STRANGER, "12035550100").passages[0].steps[0]
    assert (people.end, people.answer) == (PASSES, "the number is in no campaign: at the pace of people")


def test_behind_a_filter_that_trusts_nothing_is_asked() -> None:
    _, carrier = world_of(parse(CHANCES))
    told = asked(carrier, STRANGER, "12045550100", "vodka bit.ly/3xYz")
    assert [one.name for one in told.passages[0].steps if one.question == "filter"] == ["content"]
    assert stop(told) is None
    assert stop(asked(carrier, STRANGER, "12045550100", "water bit.ly/3xYz")) == ("trusting", "filter", "shortened_url")


def test_every_stop_that_is_foretold_happens_and_nothing_else_stops_a_message() -> None:
    """Five hundred messages of a seed, some of which reach limits: what is foretold is the truth about each."""
    world, carrier = world_of(load("networks/us"))
    carrier.gate = onlooker = Onlooker(carrier, None)
    gateway, luck = world.bound(), Random(20_260_704)
    senders = [COMPANY, MARKETING, SOLE, SOLE, SOLE, STRANGER, TOLL_FREE, UNVERIFIED, "ACME", "12345"]
    places = [ATT, TMOBILE, VERIZON, US_CELLULAR, LANDLINE, "447700900000"]
    texts = [b"hello", b"hello", b"vodka for you", b"look at bit.ly/3xYz", b"STOP to end"]
    for _ in range(500):
        source = luck.choice(senders)
        ton = {"ACME": 5, "12345": 3}.get(source, 1)
        text = luck.choice(texts) + b" %d" % luck.randrange(3)
        gateway.submit(
            source_addr=source, source_addr_ton=ton, destination_addr=luck.choice(places), short_message=text
        )
        world.run(luck.choice([0.0, 0.1, 2.0]))
    stops = 0
    for number, (_, chain) in onlooker.chains.items():
        truth = carrier.truth(number)
        assert truth is not None
        if chain.stop is None:
            # its phone, or the route, may still have failed it
            assert truth.cause not in FORETOLD, truth
        else:
            stops += 1
            assert (truth.network, truth.cause) == (chain.stop[0].name, chain.stop[1].cause)
    assert (len(onlooker.chains), stops > 150) == (500, True)


@pytest.mark.parametrize("over", ["", ", over_throughput: ESME_RTHROTTLED"])
def test_whom_his_account_or_the_gate_before_holds_back_is_held_back_still(over: str) -> None:
    text = CHANCES.replace("scenario: 1", f"scenario: 1\ncarrier: {{throughput: 1/s{over}}}")
    world, carrier = world_of(parse(text))
    assert (carrier.gate is None) == (not over)
    carrier.gate = onlooker = Onlooker(carrier, carrier.gate)
    gateway = world.bound()
    for _ in range(2):
        gateway.submit(source_addr=COMPANY, destination_addr="12045550100")
    world.run(1.0)
    assert [one.command_status for one in gateway.of(SubmitSmResp)] == [0, 0x58]
    assert len(onlooker.chains) == 2


def test_what_is_told_as_json_has_the_codes_of_the_sender_s_kind() -> None:
    _, carrier = world_of(load("networks/us"))
    told = chain_json(asked(carrier, UNVERIFIED, ATT), START)
    assert told["stopped"]["codes"]["bandwidth"] == "4795"
    assert [one["is_hub"] for one in told["networks"]] == [True, False]
    assert told["networks"][0]["steps"][0]["end"] == STOPS
    assert chain_json(asked(carrier, COMPANY, ATT), START)["stopped"] is None
    world, carrier = world_of(load("networks/us"))
    world.bound().submit(source_addr=STRANGER, destination_addr=ATT)
    truth = carrier.truth(world.events("submitted")[-1][0].number)
    assert truth is not None
    said = truth_json(asked(carrier, STRANGER, ATT), truth)
    assert (said["state"], said["cause"], said["codes"]["telnyx"]) == ("REJECTD", "unregistered_10dlc", "40010")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(), "on"),
        (Condition("off", START + 90.0), "off for 1m30s more"),
        (Condition("memory_full"), "memory full"),
        (Condition(ported_to="tmobile"), "on, ported to tmobile"),
    ],
)
def test_how_a_phone_is_told(condition: Condition, expected: str) -> None:
    assert phone_text(condition, START) == expected


def test_whether_sending_again_helps_is_told() -> None:
    assert retry_text("carrier_spam") == "sending again does not help"
    assert retry_text("tmo_daily") == "sending again helps: after midnight PT"
    assert retry_text("silent_filter") == "nothing to be done: nobody is told that it failed"
    assert retry_text("congestion") == "sending again helps"
    assert retry_text("unknown") == "sending again may help"


DEMANDING = """
scenario: 1
carrier: {vendor_tlvs: ["0x1400=tag:cstring"]}
networks:
  one: {prefixes: [1202], tlvs: {submits: {tag: {means: campaign}}}}
registry: {brands: {acme: 80}, campaigns: {C1: {brand: acme, numbers: 15105550100}}}
"""


@pytest.mark.parametrize(
    ("tlvs", "end", "answer"),
    [
        ((), STOPS, "tag is missing"),
        ((Tlv(0x1400, b"C2\0"),), STOPS, "tag 'C2': the sender's is C1"),
        ((Tlv(0x1400, b"C1\0"),), PASSES, "tag: as they must be"),
    ],
)
def test_what_is_demanded_beside_the_text_is_told_of_a_message_that_has_come(
    tlvs: tuple[Tlv, ...], end: str, answer: str
) -> None:
    world, carrier = world_of(parse(DEMANDING))
    carrier.gate = onlooker = Onlooker(carrier, None)
    world.bound().submit(source_addr=COMPANY, destination_addr=ATT, tlvs=tlvs)
    ((_, chain),) = onlooker.chains.values()
    assert [(one.end, one.answer) for one in chain.passages[0].steps if one.question == "demands"] == [(end, answer)]
    # of a message that nobody has sent it is not known
    (asked_of,) = [one for one in asked(carrier, COMPANY, ATT).passages[0].steps if one.question == "demands"]
    assert (asked_of.end, asked_of.answer) == (MAY_STOP, "tag: it is not said what the message has")


def test_by_the_door_of_a_network_a_message_comes_to_that_one() -> None:
    world, carrier = world_of(load("networks/us"))
    world.bound().submit(source_addr=COMPANY, destination_addr=ATT)
    message = world.events("submitted")[-1][0]
    doors = {"tmobile": ["tmobile"], "us-toll-free": ["us-toll-free", "att"], "smpp": ["att"]}
    for door, passed in doors.items():
        carrier.door_of = lambda _, door=door: door
        assert [one.network.name for one in chain_of(carrier, inquiry_of(message), START).passages] == passed
