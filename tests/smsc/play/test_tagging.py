"""TLVs between networks and gateways on the wire: those of receipts, and those that submissions must carry."""

from typing import Any

import pytest

from simulator.carrier.network import truths
from simulator.carrier.network.network import Networks
from simulator.scenario.file import load, parse
from simulator.scenario.problems import ScenarioError
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import DataSm, Pdu, Response, SubmitMulti
from simulator.smpp.tlvs import Tlv
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, Gateway, World, a_submission

INDIAN: dict[str, Any] = {
    "destination_addr": "919999900001",
    "source_addr": "EXAMPL",
    "source_addr_ton": 5,
    "source_addr_npi": 0,
}
COMPANY, TEMPLATE = Tlv(0x1400, b"1101000000000000001"), Tlv(0x1401, b"1107000000000000001")
CODE = b"Your code is 123456"


def played(*files: str) -> World:
    """A world under these files: names of shipped ones, or texts without their first line."""
    world = World()
    made = [load(one) if "\n" not in one else parse(f"scenario: 1\n{one}") for one in files]
    world.smsc = staged(made, world.now, START, seed=7)
    return world


def of_network(said: str, more: str = "") -> Gateway:
    """A gateway in front of one network for all numbers, which delivers at once."""
    return played(f"networks: {{one: {{prefixes: [1, 91], delays: instant, {said}}}}}\n{more}").bound()


def receipts(gateway: Gateway, seconds: float = 60.0) -> list[list[tuple[int, bytes]]]:
    """The TLVs of each receipt that comes."""
    gateway.world.run(seconds)
    return [[(one.tag, one.value) for one in pdu.tlvs] for pdu in gateway.deliveries]


def why(world: World) -> tuple[str, str]:
    """Cause and words of the newest message's truth."""
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    told = carrier.truth(world.events("submitted")[-1][0].number)
    assert told is not None
    return told.cause, told.why


def answered(gateway: Gateway, pdu: Pdu) -> int:
    """The status of the answer, when it comes."""
    gateway.received.clear()
    gateway.send(pdu)
    gateway.world.run(1.0)
    (answer,) = [one for one in gateway.received if isinstance(one, Response)]
    return answer.command_status


# ---------------------------------------------------------------------- receipts


def test_a_receipt_carries_the_codes_of_the_network_in_front_of_the_id() -> None:
    gateway = played("networks/us").bound()
    for to in ("12025550100", "12065550100"):
        gateway.submit(source_addr="15105550100", destination_addr=to)
    told = receipts(gateway)
    assert [[tag for tag, _ in one] for one in told] == [[0x0427, 0x1503, 0x1504, 0x001E]] * 2
    codes = {pdu.source_addr: dict(one) for pdu, one in zip(gateway.deliveries, told, strict=True)}
    assert (codes["12025550100"][0x1503], codes["12025550100"][0x1504]) == (b"001\0", b"01\0")
    assert (codes["12065550100"][0x1503], codes["12065550100"][0x1504]) == (b"001\0", b"02\0")


def test_a_receipt_of_a_failure_has_them_too_behind_the_networks_error() -> None:
    gateway = of_network('mcc: "001", tlvs: {receipts: {0x1503: "{mcc}"}}', "subscribers: {12025550100: barred}")
    gateway.submit()
    ((*_, error, code, _),) = receipts(gateway)
    assert (error[0], code) == (0x0423, (0x1503, b"001\0"))


def test_values_are_written_as_their_tags_are_declared() -> None:
    tlvs = 'tlvs: {receipts: {zone: 7, operator: "{network}", 0x1503: "hex:00ff"}}'
    gateway = of_network(tlvs, 'carrier: {vendor_tlvs: ["0x1404=zone:int:2", "0x1405=operator:octets"]}')
    gateway.submit()
    (told,) = receipts(gateway)
    assert told[1:4] == [(0x1404, b"\0\7"), (0x1405, b"one"), (0x1503, b"\0\xff")]


def test_a_form_of_receipts_is_laid_over_those_of_the_network() -> None:
    form = "carrier: {receipts: {tlvs: [{remove: 0x1503}, {add: 0x1504, value: mine}]}}"
    gateway = of_network('tlvs: {receipts: {0x1503: "1", 0x1404: "2"}}', form)
    gateway.submit()
    (told,) = receipts(gateway)
    assert [tag for tag, _ in told] == [0x0427, 0x1404, 0x001E, 0x1504]


def test_a_network_without_tlvs_adds_none() -> None:
    gateway = played(
        "networks:\n  one: {prefixes: [1202], delays: instant}\n"
        "  two: {prefixes: [1206], delays: instant, tlvs: {receipts: {0x1503: '1'}}}"
    ).bound()
    gateway.submit(destination_addr="12025550100")
    gateway.submit(destination_addr="12065550100")
    assert [[tag for tag, _ in one] for one in receipts(gateway)] == [[0x0427, 0x001E], [0x0427, 0x1503, 0x001E]]


def test_a_forgotten_message_has_the_codes_of_its_recipients_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truths, "TRUTHS_MAX", 1)
    gateway = of_network("tlvs: {receipts: {0x1503: '1'}}")
    gateway.submit(destination_addr="12025550100", schedule_delivery_time="000000000100000R")
    gateway.submit(destination_addr="4400000", registered_delivery=0)
    ((_, code, _),) = receipts(gateway, 120.0)
    assert code == (0x1503, b"1\0")


def test_a_placeholder_of_which_a_network_says_nothing_is_refused() -> None:
    with pytest.raises(
        ScenarioError, match=r"networks.one.tlvs.receipts.0x1503: \{mnc\}, of which the network says nothing"
    ):
        of_network('mcc: "001", tlvs: {receipts: {0x1503: "{mnc}"}}')


# ---------------------------------------------------------------------- India


@pytest.mark.parametrize(
    ("tlvs", "text", "status", "told"),
    [
        ((COMPANY, TEMPLATE), CODE, 0, ""),
        ((TEMPLATE, COMPANY), CODE, 0, ""),
        ((), CODE, 0xC3, "entity is missing"),
        ((COMPANY,), CODE, 0xC3, "template is missing"),
        ((COMPANY, TEMPLATE), b"Your code: 123456", 0xC4, "template '1107000000000000001': the text is not like"),
        ((COMPANY, Tlv(0x1401, b"1")), CODE, 0xC4, "template '1': no such template is registered"),
        ((Tlv(0x1400, b"2202"), TEMPLATE), CODE, 0xC4, "entity '2202': EXAMPL belongs to 1101000000000000001"),
        # declared as octets, so that a NUL behind it makes it another value
        ((Tlv(0x1400, COMPANY.value + b"\0"), TEMPLATE), CODE, 0xC4, "entity '1101000000000000001\\x00': EXAMPL"),
    ],
)
def test_a_message_to_india_needs_company_and_template(
    tlvs: tuple[Tlv, ...], text: bytes, status: int, told: str
) -> None:
    gateway = played("networks/india-dlt").bound()
    assert answered(gateway, a_submission(**INDIAN, tlvs=tlvs, short_message=text)) == status
    if status:
        cause, words = why(gateway.world)
        assert cause == "bad_tag"
        assert words.startswith(told)


def test_a_name_that_is_not_registered_is_refused_before_its_tlvs_are_looked_at() -> None:
    gateway = played("networks/india-dlt").bound()
    assert answered(gateway, a_submission(**INDIAN | {"source_addr": "NOBODY"}, short_message=CODE)) == 0x45
    assert why(gateway.world) == ("sender_blocked", "the sender's name is unregistered")


def test_a_text_in_parts_is_compared_part_by_part() -> None:
    gateway = played("networks/india-dlt").bound()
    halves = (b"Your code is 12", b"3456"), (b"Your code: 12", b"3456")
    told = [
        [
            answered(
                gateway,
                a_submission(
                    **INDIAN,
                    tlvs=(COMPANY, TEMPLATE),
                    esm_class=0x40,
                    short_message=b"\5\0\3" + bytes((reference, 2, number)) + half,
                ),
            )
            for number, half in enumerate(both, 1)
        ]
        for reference, both in enumerate(halves, 1)
    ]
    # the gap takes whatever the second part has
    assert told == [[0, 0], [0xC4, 0]]


def test_what_comes_by_data_sm_and_submit_multi_is_asked_as_well() -> None:
    gateway = played("networks/india-dlt").bound()
    addresses = {key: INDIAN[key] for key in ("source_addr", "destination_addr")}
    for more, status in (((), 0xC3), ((COMPANY, TEMPLATE), 0)):
        payload = Tlv(0x0424, CODE)
        assert answered(gateway, DataSm(**addresses, tlvs=(payload, *more))) == status
    places = (SmeAddress(1, 1, INDIAN["destination_addr"]),)
    assert answered(gateway, SubmitMulti(source_addr="EXAMPL", dest_address=places, short_message=CODE)) == 0xC3


# ---------------------------------------------------------------------- what files may demand


def statuses(gateway: Gateway, *values: bytes | None, tag: int = 0x1410, **fields: Any) -> list[int]:
    """What is answered to a TLV of each of these values; None is a submission without it."""
    found = []
    for value in values:
        tlvs = () if value is None else (Tlv(tag, value),)
        found.append(gateway.submit(tlvs=tlvs, **fields).command_status)
    return found


def test_any_value_will_do_where_nothing_is_said_of_it() -> None:
    gateway = of_network("tlvs: {submits: {0x1410: {}}}")
    assert statuses(gateway, None, b"", b"x") == [0xC3, 0, 0]


def test_a_value_is_what_its_condition_says() -> None:
    gateway = of_network("tlvs: {submits: {0x1410: {value: [promo, alert], missing: 0x451, wrong: 0x452}}}")
    assert statuses(gateway, None, b"promo\0", b"alert", b"other") == [0x451, 0, 0, 0x452]
    gateway = of_network("tlvs: {submits: {0x1410: {required: false, value: {length: 4}}}}")
    assert statuses(gateway, None, b"four", b"five5") == [0xC4, 0, 0xC4]


def test_a_tlv_may_have_to_be_absent() -> None:
    gateway = of_network("tlvs: {submits: {0x1410: {value: absent}}}")
    assert statuses(gateway, None, b"x") == [0, 0xC4]


def test_the_dialects_status_of_the_cause_goes_before_the_usual_and_behind_the_demands_own() -> None:
    dialect = "dialect: {statuses: {bad_tag: ESME_RSUBMITFAIL}}"
    gateway = of_network(f"{dialect}, tlvs: {{submits: {{0x1410: {{value: x, wrong: 0x452}}}}}}")
    assert statuses(gateway, None, b"y") == [0x45, 0x452]


def test_a_no_may_come_in_a_receipt_with_its_cause() -> None:
    gateway = of_network("dialect: gsm, tlvs: {submits: {0x1410: {where: REJECTD}}}")
    assert statuses(gateway, None) == [0]
    gateway.world.run(60.0)
    assert "stat:REJECTD err:301" in gateway.texts[0]
    assert why(gateway.world) == ("bad_tag", "0x1410 is missing")


def test_a_campaigns_tag_is_that_of_the_sender() -> None:
    registry = "registry: {brands: {acme: 80}, campaigns: {C1: {brand: acme, numbers: 12025550199}}}"
    gateway = of_network("tlvs: {submits: {0x1410: {means: campaign}}}", registry)
    assert statuses(gateway, None, b"C1", b"C1\0", b"C2") == [0xC3, 0, 0, 0xC4]
    assert why(gateway.world) == ("bad_tag", "0x1410 'C2': the sender's is C1")


def test_a_number_is_compared_by_its_digits() -> None:
    more = 'carrier: {vendor_tlvs: ["0x1410=company:int:2"]}\nregistry: {names: {ACME: {entity: "258"}}}'
    gateway = of_network("tlvs: {submits: {company: {means: entity}}}", more)
    acme: dict[str, Any] = {"source_addr": "ACME", "source_addr_ton": 5, "source_addr_npi": 0}
    assert statuses(gateway, b"\1\2", b"\1\3", **acme) == [0, 0xC4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "networks: {one: {prefixes: [1]}}\nregistry: {templates: {1107: hello}}",
            r"registry.templates: nobody asks for it, allowed: beside a network with tlvs: .*means: template",
        ),
        (
            "networks: {one: {prefixes: [1]}}\nregistry: {names: {ACME: {entity: 1101}}}",
            r"registry.names.ACME.entity: nobody asks for it, allowed: beside a network with tlvs: .*means: entity",
        ),
    ],
)
def test_what_is_registered_in_vain_is_refused(text: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        played(f"{text}\n")


# ---------------------------------------------------------------------- names that send


@pytest.mark.parametrize(
    ("requires", "found"),
    [("blocked", [0, 0x45, 0x45]), ("passed", [0, 0, 0x45]), ("{alphanumeric: blocked}", [0, 0x45, 0x45])],
)
def test_a_network_may_want_names_to_be_registered(requires: str, found: list[int]) -> None:
    names = "registry: {names: {ACME: registered, WAITS: pending, BAD: rejected}}"
    gateway = of_network(f"requires: {requires}", names)
    asked = ("ACME", "WAITS", "BAD")
    assert [gateway.submit(source_addr=one, source_addr_ton=5).command_status for one in asked] == found


def test_where_names_are_to_be_registered_and_none_is_nobody_may_use_one() -> None:
    gateway = of_network("requires: {alphanumeric: blocked, where: REJECTD}")
    assert gateway.submit(source_addr="ACME", source_addr_ton=5).command_status == 0
    gateway.world.run(60.0)
    assert "stat:REJECTD" in gateway.texts[0]
    assert gateway.submit(source_addr="12025550199").command_status == 0


def test_where_nobody_registers_names_every_one_may_send() -> None:
    gateway = of_network("requires: passed")
    assert gateway.submit(source_addr="ACME", source_addr_ton=5).command_status == 0


# ---------------------------------------------------------------------- doors

DOORS = """
networks:
  att: {prefixes: [1202], delays: instant, listener: {}}
  tmobile: {prefixes: [1206], delays: instant, tlvs: {receipts: {0x1503: "2"}}, listener: {address: "127.0.0.1:0"}}
  hub: {hub_of: toll_free, delays: instant, limits: [{rate: 1/day, over: reject}], listener: {}}
  landing: {prefixes: [1303], delays: instant}
"""


def at_door(world: World, door: str) -> Gateway:
    """A bound gateway that came in by that listener."""
    gateway = world.gateway()
    gateway.session.listener = door
    assert gateway.bind().command_status == 0
    return gateway


def decided_by(world: World) -> str:
    """The network that decided about the newest message."""
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    told = carrier.truth(world.events("submitted")[-1][0].number)
    assert told is not None
    return told.network


def test_what_comes_in_by_a_networks_door_is_that_networks() -> None:
    world = played(DOORS)
    for door, to, network in (
        ("att", "12025550100", "att"),
        ("att", "12065550100", "att"),
        ("tmobile", "12025550100", "tmobile"),
        ("tmobile", "19175550100", "tmobile"),
        ("smpp", "12025550100", "att"),
        ("smpp", "12065550100", "tmobile"),
    ):
        assert at_door(world, door).submit(destination_addr=to).command_status == 0
        assert decided_by(world) == network


def test_a_number_of_no_network_has_no_route_at_the_door_of_all() -> None:
    world = played(DOORS)
    assert at_door(world, "smpp").submit(destination_addr="19175550100").command_status == 0x45
    assert decided_by(world) == ""


def test_the_receipts_are_those_of_the_door() -> None:
    world = played(DOORS)
    gateway = at_door(world, "tmobile")
    gateway.submit(destination_addr="12025550100")
    world.run(10.0)
    assert [one.tag for one in gateway.deliveries[0].tlvs] == [0x0427, 0x1503, 0x001E]


def test_what_comes_in_by_the_door_of_a_hub_passes_it_and_goes_where_its_number_is() -> None:
    world = played(DOORS)
    gateway = at_door(world, "hub")
    assert gateway.submit(destination_addr="13035550100").command_status == 0
    assert decided_by(world) == "landing"
    # the hub's limit is spent, whatever kind of sender it is
    assert gateway.submit(destination_addr="12025550100").command_status == 0x45
    assert decided_by(world) == "hub"
    assert at_door(world, "smpp").submit(destination_addr="12025550100").command_status == 0


def test_a_message_whose_session_is_gone_goes_by_its_number() -> None:
    world = played(DOORS)
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    at_door(world, "tmobile").submit(destination_addr="12025550100")
    (letter, _) = world.events("submitted")[-1]
    assert carrier.door_of is not None
    assert carrier.door_of(letter) == "tmobile"
    world.gateways[0].close()
    assert carrier.door_of(letter) == ""
