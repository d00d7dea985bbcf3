"""What Prometheus gets: every number, at the moment it is asked for, and no label that grows with traffic."""

import re

from prometheus_client.parser import text_string_to_metric_families

from simulator.control.metrics import CONTENT_TYPE, Metrics
from simulator.journal import KINDS
from tests.control.caller import Caller
from tests.smsc.world import World


def samples(text: str) -> dict[str, float]:
    """Sample name and labels as they stand, and the value."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def read(world: World) -> dict[str, float]:
    return samples(Metrics(world.smsc).text().decode())


async def test_the_numbers_are_served_as_text(world: World, caller: Caller) -> None:
    response = await caller.call("GET", "/metrics")
    assert response.headers["content-type"] == CONTENT_TYPE
    assert samples(response.text)["carrier_sim_sessions{bind=none}"] == 0


def test_every_kind_of_event_is_counted_from_the_start(world: World) -> None:
    numbers = read(world)
    assert {name for name in numbers if "events" in name} == {
        f"carrier_sim_events_total{{kind={one}}}" for one in KINDS
    }


def test_traffic_is_counted_by_status_and_state(world: World) -> None:
    gateway = world.bound()
    gateway.submit()
    gateway.submit(destination_addr="")
    world.run(1.0)
    numbers = read(world)
    assert numbers["carrier_sim_submissions_answered_total{status=ESME_ROK}"] == 1
    assert numbers["carrier_sim_submissions_answered_total{status=ESME_RINVDSTADR}"] == 1
    assert numbers["carrier_sim_messages_concluded_total{state=DELIVRD}"] == 1
    assert numbers["carrier_sim_events_total{kind=submitted}"] == 2
    assert numbers["carrier_sim_rows_kept"] == 2


def test_sessions_are_counted_by_bind(world: World) -> None:
    world.bound(bind="TX")
    world.bound(bind="TRX")
    world.bound(bind="TRX")
    world.gateway()
    numbers = read(world)
    assert {bind: numbers[f"carrier_sim_sessions{{bind={bind}}}"] for bind in ("TX", "RX", "TRX", "none")} == {
        "TX": 1,
        "RX": 0,
        "TRX": 2,
        "none": 1,
    }


def test_what_waits_is_counted(world: World) -> None:
    silent = world.bound()
    silent.decide = lambda _pdu: None
    for number in range(12):
        world.smsc.mo("12025550100", "12025550199", str(number), world.now)
    world.settle()
    numbers = read(world)
    assert numbers["carrier_sim_deliveries_unanswered"] == 10
    assert numbers["carrier_sim_deliveries_waiting"] == 2
    assert numbers["carrier_sim_agenda_pending"] >= 1


def test_octets_that_wait_are_counted(world: World) -> None:
    gateway = world.bound()
    gateway.reads = False
    gateway.submit()
    assert read(world)["carrier_sim_link_waiting_bytes"] == gateway.session.bytes_waiting > 0


def test_malformed_pdus_and_evicted_rows_are_counted() -> None:
    world = World(rows_max=2)
    gateway = world.bound()
    for _ in range(5):
        gateway.submit()
    gateway.send_bytes(bytes.fromhex("00000011 00000004 00000000 00000009 ff"))
    numbers = read(world)
    assert numbers["carrier_sim_malformed_total"] == 1
    assert numbers["carrier_sim_rows_evicted_total"] == 3


def test_two_servers_do_not_share_their_numbers() -> None:
    one, other = World(), World()
    one.bound().submit()
    assert read(one)["carrier_sim_rows_kept"] == 1
    assert read(other)["carrier_sim_rows_kept"] == 0


def test_no_label_is_a_number_or_an_account(world: World) -> None:
    gateway = world.bound("alice")
    gateway.submit()
    world.run(1.0)
    text = Metrics(world.smsc).text().decode()
    assert "alice" not in text
    assert "1202555" not in text
    assert set(re.findall(r"(\w+)=\"", text)) == {"kind", "status", "state", "bind", "version"}
