"""The ring of rows: its bounds, what it forgets, what outlives it, and how parts stand beneath a row."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import DeliverSm, QuerySm, ReplaceSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.smsc.memory.history import GROUP_SPAN, REFUSED_MAX, ROW_OCTETS, Group, head_of, parts_of
from simulator.smsc.terms import Terms
from tests.smsc.world import NEVER, Gateway, World, say_nothing

SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}


def part(number: int, total: int = 2, reference: int = 7, text: bytes = b"x") -> dict[str, Any]:
    return {"esm_class": 0x40, "short_message": bytes((5, 0, 3, reference, total, number)) + text}


def state_of(gateway: Gateway, message_id: str) -> tuple[int, int]:
    response = gateway.send(QuerySm(message_id=message_id, **SOURCE))
    return response.command_status, response.message_state


def texts(world: World) -> list[str]:
    return [row.text for row in world.smsc.history.newest_first()]


def test_the_ring_keeps_so_many_rows_newest_first_and_counts_what_left() -> None:
    world = World(rows_max=3)
    gateway = world.bound()
    for number in range(5):
        gateway.submit(short_message=b"%d" % number)
    history = world.smsc.history
    assert (texts(world), len(history), history.evicted) == (["4", "3", "2"], 3, 2)
    assert history.get(2) is None
    row = history.get(3)
    assert row is not None
    assert row.text == "2"
    assert [one.number for one in history.newest_first(before=5)] == [4, 3]


def test_the_ring_keeps_so_many_octets_but_always_the_newest_row() -> None:
    world = World(octets_max=3 * ROW_OCTETS)
    gateway = world.bound()
    for _ in range(5):
        gateway.submit(short_message=b"x" * 10)
    assert len(world.smsc.history) == 2
    gateway.submit(tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"y" * 60_000),))
    assert texts(world) == ["y" * 60_000]
    gateway.submit()
    assert texts(world) == ["hello"]


def test_a_text_that_grows_by_a_replacement_counts_with_its_new_size() -> None:
    world = World(octets_max=10 * ROW_OCTETS, carrier=Carrier(delay=Fixed(100.0)))
    gateway = world.bound()
    ids = [gateway.submit().message_id for _ in range(8)]
    payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, b"y" * 4 * ROW_OCTETS),)
    assert gateway.send(ReplaceSm(message_id=ids[-1], tlvs=payload, **SOURCE)).command_status == 0
    assert len(world.smsc.history) == 1
    # one whose row is gone takes no room in the ring, however it grows
    assert gateway.send(ReplaceSm(message_id=ids[0], tlvs=payload, **SOURCE)).command_status == 0
    assert len(world.smsc.history) == 1
    gateway.submit()
    assert gateway.send(ReplaceSm(message_id=ids[-1], short_message=b"", **SOURCE)).command_status == 0
    for _ in range(7):
        gateway.submit()
    assert len(world.smsc.history) == 8


def test_subscribers_messages_take_their_place_in_the_ring() -> None:
    world = World(rows_max=2)
    gateway = world.bound()
    for number in range(4):
        world.smsc.mo("24273", "+12025550100", f"mo {number}", world.now)
    assert texts(world) == ["mo 3", "mo 2"]
    assert [parts_of(row) for row in world.smsc.history.newest_first()] == [[], []]
    gateway.submit()
    assert [head_of(row).text for row in world.smsc.history.newest_first()] == ["hello", "mo 3"]


def test_who_leaves_the_ring_is_forgotten_by_id() -> None:
    world = World(rows_max=2)
    gateway = world.bound()
    old = gateway.submit().message_id
    world.run(1.0)
    assert state_of(gateway, old) == (0, 2)
    kept = [gateway.submit().message_id for _ in range(2)]
    assert state_of(gateway, old) == (CommandStatus.ESME_RQUERYFAIL, 7)
    assert [state_of(gateway, message_id) for message_id in kept] == [(0, 1), (0, 1)]


def test_an_open_message_outlives_its_row_can_be_asked_for_and_gets_its_receipt() -> None:
    world = World(rows_max=2, carrier=Carrier(delay=Fixed(10.0)))
    gateway = world.bound()
    reference = (tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 5),)
    old = gateway.submit(short_message=b"outliving", tlvs=reference).message_id
    for _ in range(5):
        gateway.submit(registered_delivery=0)
    assert world.smsc.history.get(1) is None
    assert state_of(gateway, old) == (0, 1)
    world.run(11.0)
    (receipt,) = gateway.of(DeliverSm)
    assert receipt.short_message.endswith(b"Text:outliving")
    assert first(receipt.tlvs, TlvTag.USER_MESSAGE_REFERENCE) == reference[0]


def test_nothing_is_kept_of_a_message_that_outlived_its_row_once_it_is_final() -> None:
    world = World(rows_max=2, carrier=Carrier(delay=Fixed(10.0)))
    gateway = world.bound()
    ids = [gateway.submit().message_id for _ in range(50)]
    assert (len(world.smsc.store), len(world.smsc.history.outliving)) == (50, 48)
    world.run(11.0)
    assert len(gateway.deliveries) == 50
    assert (len(world.smsc.store), len(world.smsc.history.outliving)) == (2, 0)
    assert state_of(gateway, ids[0]) == (CommandStatus.ESME_RQUERYFAIL, 7)


def test_a_receipt_that_still_waits_when_its_row_leaves_tells_all_it_should() -> None:
    world = World(rows_max=2)
    sender = world.bound(bind="TX")
    reference = (tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 5),)
    message_id = sender.submit(short_message=b"waiting", tlvs=reference).message_id
    world.run(1.0)
    for _ in range(5):
        sender.submit(registered_delivery=0)
    receiver = world.gateway()
    receiver.decide = say_nothing
    receiver.bind(bind="RX")
    world.run(31.0)
    assert receiver.stats == [(message_id, "DELIVRD")]
    (receipt,) = receiver.of(DeliverSm)
    assert receipt.short_message.endswith(b"Text:waiting")
    assert first(receipt.tlvs, TlvTag.USER_MESSAGE_REFERENCE) == reference[0]


def test_what_nobody_will_ask_for_keeps_no_octets() -> None:
    world = World(rows_max=1)
    gateway = world.bound()
    gateway.submit()
    ((message, _),) = world.events("submitted")
    world.run(1.0)
    gateway.submit()
    assert (message.pdu, message.octets, message.data_coding, message.registered_delivery) == (None, b"", 0, 0)


# --- Parts ---


def test_a_row_of_parts_stands_where_its_first_part_came() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**part(2, text=b"b"))
    gateway.submit(short_message=b"between")
    gateway.submit(**part(1, text=b"a"))
    rows = list(world.smsc.history.newest_first())
    assert [row.text for row in rows] == ["between", "ab"]
    group = rows[1]
    assert isinstance(group, Group)
    assert (group.number, group.is_whole, [one.number for one in parts_of(group)]) == (1, True, [3, 1])
    assert head_of(group).number == 3
    assert world.smsc.history.get(1) is group


def test_a_missing_part_shows_and_keeps_the_row_enroute() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**part(1, 3, text=b"a"))
    gateway.submit(**part(3, 3, text=b"c"))
    world.run(1.0)
    (row,) = world.smsc.history.newest_first()
    assert (row.text, row.state) == ("a…c", "ENROUTE")
    gateway.submit(**part(2, 3, text=b"b"))
    assert (row.text, row.state) == ("abc", "ENROUTE")
    world.run(1.0)
    assert row.state == "DELIVRD"


@pytest.mark.parametrize(
    ("fields", "state"),
    [({"validity_period": "000000000000000R"}, "EXPIRED"), ({"esm_class": 0x4C}, "REFUSED"), ({}, "DELIVRD")],
)
def test_the_part_that_fared_worst_speaks_for_the_row(fields: dict[str, Any], state: str) -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**part(1))
    gateway.submit(**(part(2) | fields))
    world.run(1.0)
    (row,) = world.smsc.history.newest_first()
    assert row.state == state


def test_a_part_that_comes_twice_begins_a_new_row() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**part(1, text=b"a"))
    gateway.submit(**part(1, text=b"A"))
    gateway.submit(**part(2, text=b"B"))
    assert texts(world) == ["AB", "a…"]


def test_a_reference_may_be_used_again_once_its_text_is_whole_or_too_old() -> None:
    world = World(terms=Terms(timers=NEVER))
    gateway = world.bound()
    for text in (b"a", b"b"):
        gateway.submit(**part(1, text=text))
        gateway.submit(**part(2, text=text))
    gateway.submit(**part(1, text=b"c"))
    world.run(GROUP_SPAN + 1)
    gateway.submit(**part(2, text=b"d"))
    assert texts(world) == ["…d", "c…", "bb", "aa"]


def test_a_fast_carrier_clock_does_not_part_what_came_together() -> None:
    world = World(speed=1_000_000.0)
    gateway = world.bound()
    gateway.submit(**part(1, text=b"a"))
    world.run(0.3)
    gateway.submit(**part(2, text=b"b"))
    assert texts(world) == ["ab"]


def test_long_pdus_count_in_full_towards_the_ring() -> None:
    world = World(octets_max=500_000)
    gateway = world.bound()
    for _ in range(10):
        gateway.submit(tlvs=(Tlv(0x1400, b"x" * 60_000),))
    assert len(world.smsc.history) < 6


def test_parts_within_the_span_are_joined_however_long_the_link_was_quiet() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**part(1, text=b"a"))
    world.run(GROUP_SPAN - 1)
    gateway.submit(**part(2, text=b"b"))
    assert texts(world) == ["ab"]


def test_a_row_that_leaves_takes_only_its_own_parts_with_it() -> None:
    world = World(rows_max=2)
    gateway = world.bound()
    gateway.submit(**part(1, 3, text=b"old"))
    gateway.submit(**part(1, 3, text=b"a"))
    gateway.submit(short_message=b"pushes the first row out")
    gateway.submit(**part(2, 3, text=b"b"))
    gateway.submit(**part(3, 3, text=b"c"))
    assert texts(world) == ["pushes the first row out", "abc"]


def test_a_part_that_comes_after_its_row_has_left_begins_a_new_one() -> None:
    world = World(rows_max=1)
    gateway = world.bound()
    gateway.submit(**part(1, text=b"a"))
    gateway.submit()
    gateway.submit(**part(2, text=b"b"))
    assert texts(world) == ["…b"]


def test_a_refused_part_that_comes_again_heals_its_row_and_stays_told() -> None:
    account = Account("gateway", throughput=1.0)
    world = World(accounts=[account])
    gateway = world.bound()
    for number in (1, 2):
        gateway.submit(**part(number, text=b"part %d," % number))
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Group)
    assert row.state == "REFUSED"
    world.run(2.0)
    gateway.submit(**part(2, text=b"part 2,"))
    world.run(2.0)
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Group)
    assert (row.state, row.text) == ("DELIVRD", "part 1,part 2,")
    assert [part.state for part in parts_of(row)] == ["DELIVRD", "DELIVRD", "REFUSED"]


def test_a_part_that_is_refused_again_and_again_does_not_grow_its_row_without_end() -> None:
    world = World(accounts=[Account("gateway", throughput=1.0)], octets_max=1_000_000)
    gateway = world.bound()
    for _ in range(100):
        gateway.submit(**part(1))
    world.settle()
    (row,) = [row for row in world.smsc.history.newest_first() if isinstance(row, Group) and row.refused]
    assert len(row.refused) == REFUSED_MAX
