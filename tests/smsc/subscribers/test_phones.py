"""Phones that are off: what waits for them, what expires meanwhile, and who is alerted when they return."""

from typing import Any

import pytest

from simulator.carrier.messages import Address
from simulator.carrier.phones.subscribers import PATIENCE
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import AlertNotification, CancelSm, DataSm, DeliverSm, ReplaceSm, response_to
from simulator.smpp.tlvs import Tlv, first, tlv_int, value_of
from simulator.smsc.outbox import Delivery
from simulator.smsc.subscribers import phones
from simulator.smsc.subscribers.alerts import Alert
from simulator.smsc.subscribers.phones import Phone
from simulator.smsc.terms import Terms
from tests.smsc.world import Gateway, World, say_nothing

PHONE = "12025550100"
SET_DPF = tlv_int(TlvTag.SET_DPF, 1)
PAYLOAD = Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello")
SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}


def switch(world: World, *, is_on: bool, number: str = PHONE) -> Phone:
    phone = world.smsc.phones.switch(number, world.now, is_on=is_on)
    world.settle()
    return phone


def a_data_sm(**fields: Any) -> DataSm:
    defaults: dict[str, Any] = {"source_addr": "12025550199", "destination_addr": PHONE, "tlvs": (PAYLOAD, SET_DPF)}
    return DataSm(**(defaults | fields))


def flag(response: Any) -> int | str | bytes | None:
    tlv = first(response.tlvs, TlvTag.DPF_RESULT)
    return None if tlv is None else value_of(tlv)


def alerts(gateway: Gateway) -> list[tuple[str, str]]:
    """(phone, address of the ESME) of each alert that has come."""
    return [(one.source_addr, one.esme_addr) for one in gateway.of(AlertNotification)]


# --- What waits ---


def test_what_is_sent_to_a_phone_that_is_off_waits_for_its_return() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False, number="+" + PHONE)
    ids = [gateway.submit().message_id for _ in range(3)]
    world.run(3600.0)
    assert gateway.stats == []
    assert world.smsc.phones[PHONE] == Phone(PHONE, is_on=False, waiting=3)
    assert switch(world, is_on=True) == Phone(PHONE, is_on=True, waiting=3)
    world.run(0.0)
    assert gateway.stats == [(one, "DELIVRD") for one in ids]
    assert world.smsc.phones[PHONE] == Phone(PHONE, is_on=True)
    assert gateway.texts[0].endswith("err:000 Text:hello")


def test_other_phones_are_not_concerned() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    gateway.submit(destination_addr="12025550101")
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


def test_a_phone_that_goes_off_before_the_delivery_gets_it_later_and_one_that_is_back_by_then_at_once() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit()
    switch(world, is_on=False)
    world.run(0.2)
    switch(world, is_on=True)
    world.run(0.11)
    assert len(gateway.stats) == 1
    gateway.submit()
    world.run(0.2)
    switch(world, is_on=False)
    world.run(10.0)
    assert len(gateway.stats) == 1


@pytest.mark.parametrize(("validity", "after"), [("000001000000000R", 86_400.0), ("", PATIENCE + 0.3)])
def test_what_waits_too_long_expires_and_its_receipt_tells_why(validity: str, after: float) -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    gateway.submit(validity_period=validity)
    world.run(after - 1.0)
    assert gateway.stats == []
    world.run(1.1)
    assert [stat for _, stat in gateway.stats] == ["EXPIRED"]
    assert " err:027 " in gateway.texts[0]
    assert world.smsc.phones[PHONE].waiting == 0
    switch(world, is_on=True)
    world.run(10.0)
    assert len(gateway.stats) == 1


def test_what_waits_can_be_cancelled_and_replaced() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    gone, changed = gateway.submit().message_id, gateway.submit().message_id
    world.run(10.0)
    destination: dict[str, Any] = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": PHONE}
    assert gateway.send(CancelSm(message_id=gone, **SOURCE, **destination)).command_status == 0
    replacement = ReplaceSm(message_id=changed, **SOURCE, short_message=b"new", registered_delivery=1)
    assert gateway.send(replacement).command_status == 0
    # it is tried anew, and does not wait before that
    assert world.smsc.phones[PHONE].waiting == 0
    world.run(10.0)
    assert world.smsc.phones[PHONE].waiting == 1
    switch(world, is_on=True)
    world.run(0.0)
    assert gateway.stats == [(gone, "DELETED"), (changed, "DELIVRD")]
    assert gateway.texts[1].endswith("Text:new")


def test_what_is_scheduled_anew_while_it_waits_comes_at_its_new_time() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    message_id = gateway.submit().message_id
    world.run(10.0)
    gateway.send(
        ReplaceSm(message_id=message_id, **SOURCE, schedule_delivery_time="000000010000000R", registered_delivery=1)
    )
    switch(world, is_on=True)
    world.run(3590.0)
    assert gateway.stats == []
    world.run(20.0)
    assert gateway.stats == [(message_id, "DELIVRD")]


@pytest.mark.parametrize("mode", [1, 2])
def test_what_is_not_stored_has_failed(mode: int) -> None:
    world = World()
    gateway = world.bound(interface_version=0x50)
    switch(world, is_on=False)
    gateway.submit(esm_class=mode)
    world.run(1.0)
    (answer,) = gateway.received
    assert answer.command_status == (CommandStatus.ESME_RDELIVERYFAILURE if mode == 2 else 0)
    assert world.smsc.tally.concluded == {"UNDELIV": 1}
    assert world.smsc.phones[PHONE].waiting == 0


def test_switching_is_journalled_once_and_the_phones_that_are_off_are_listed() -> None:
    world = World()
    for is_on in (True, False, False):
        switch(world, is_on=is_on)
    switch(world, is_on=False, number="12025550101")
    assert [phone.number for phone in world.smsc.phones.are_off()] == [PHONE, "12025550101"]
    switch(world, is_on=True)
    switch(world, is_on=True)
    told = [detail for _, detail in world.events("phone_switched")]
    assert told == [f"{PHONE} is off", "12025550101 is off", f"{PHONE} is on"]


def test_a_reset_switches_all_phones_on_and_forgets_what_waits() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    gateway.send(a_data_sm())
    world.run(1.0)
    world.smsc.reset(world.now)
    assert world.smsc.phones.are_off() == []
    switch(world, is_on=False)
    switch(world, is_on=True)
    world.run(1.0)
    assert (alerts(gateway), gateway.deliveries) == ([], [])
    gateway.submit()
    world.run(1.0)
    assert len(gateway.stats) == 1


# --- Alerts ---


def test_the_response_tells_whether_an_alert_will_come_and_it_does() -> None:
    world = World()
    gateway = world.bound()
    assert flag(gateway.send(a_data_sm())) == 0
    world.run(1.0)
    switch(world, is_on=False)
    assert flag(gateway.send(a_data_sm())) == 1
    assert flag(gateway.send(a_data_sm(tlvs=(PAYLOAD,)))) is None
    assert flag(gateway.send(a_data_sm(tlvs=(PAYLOAD, tlv_int(TlvTag.SET_DPF, 0))))) is None
    assert world.smsc.phones[PHONE].alerts == 1
    world.run(60.0)
    assert alerts(gateway) == []
    switch(world, is_on=True)
    (alert,) = gateway.of(AlertNotification)
    assert (alert.source_addr, alert.esme_addr) == (PHONE, "12025550199")
    assert alert.tlvs == (tlv_int(TlvTag.MS_AVAILABILITY_STATUS, 0),)
    # nobody answers it, so nothing is waited for
    assert (gateway.session.deliveries, gateway.session.connection.outstanding) == ({}, {})
    world.run(60.0)
    switch(world, is_on=False)
    switch(world, is_on=True)
    assert len(alerts(gateway)) == 1
    assert world.kinds("alerted") == 1


@pytest.mark.parametrize(("version", "expected"), [(0x34, None), (0x50, 1)])
def test_the_response_to_a_submit_sm_has_a_place_for_it_in_5_0_only(version: int, expected: int | None) -> None:
    world = World()
    gateway = world.bound(interface_version=version)
    switch(world, is_on=False)
    assert flag(gateway.submit(tlvs=(SET_DPF,))) == expected
    switch(world, is_on=True)
    assert alerts(gateway) == [(PHONE, "12025550199")]


def test_a_phone_that_goes_off_after_the_response_is_alerted_of_too() -> None:
    world = World()
    gateway = world.bound()
    assert flag(gateway.send(a_data_sm())) == 0
    switch(world, is_on=False)
    world.run(1.0)
    switch(world, is_on=True)
    assert len(alerts(gateway)) == 1


def test_a_transaction_tells_with_its_failure_that_an_alert_will_come() -> None:
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    gateway.send(a_data_sm(esm_class=2))
    world.run(1.0)
    (response,) = gateway.received
    assert (response.command_status, flag(response)) == (CommandStatus.ESME_RDELIVERYFAILURE, 1)
    assert value_of(response.tlvs[0]) == 0
    switch(world, is_on=True)
    assert len(alerts(gateway)) == 1


def test_each_address_of_each_account_is_alerted_once() -> None:
    world = World()
    one, other = world.bound("one"), world.bound("other")
    switch(world, is_on=False)
    for gateway, source in ((one, "1"), (one, "1"), (one, "2"), (other, "1")):
        gateway.send(a_data_sm(source_addr=source))
    switch(world, is_on=True)
    assert (alerts(one), alerts(other)) == ([(PHONE, "1"), (PHONE, "2")], [(PHONE, "1")])


def test_an_alert_waits_until_a_receiver_is_bound() -> None:
    world = World()
    sender = world.bound(bind="TX")
    switch(world, is_on=False)
    sender.send(a_data_sm())
    switch(world, is_on=True)
    assert (alerts(sender), world.smsc.waiting()) == ([], 1)
    receiver = world.gateway()
    receiver.bind(bind="RX")
    assert len(alerts(receiver)) == 1


def test_an_alert_that_finds_no_room_or_has_no_wire_form_has_failed() -> None:
    world = World(terms=Terms(waiting_max=1))
    sender = world.bound(bind="TX")
    switch(world, is_on=False)
    for source in ("1", "2"):
        sender.send(a_data_sm(source_addr=source))
    switch(world, is_on=True)
    ((alert, why),) = world.events("alert_failed")
    assert (alert.esme.number, why) == ("1", "too many wait for a receiver")
    receiver = world.bound(bind="RX")
    unwritable = Alert("gateway", Address("1" * 65), Address("2"))
    world.smsc.outbox("gateway").offer(Delivery(unwritable, 0.0), world.now)
    assert [alert for alert, _ in world.events("alert_failed")][1:] == [unwritable]
    assert receiver.session.deliveries == {}


def test_an_alert_goes_to_a_receiver_that_knows_alerts_or_has_failed() -> None:
    world = World()
    old = world.bound(bind="RX", interface_version=0x33)
    alert = Delivery(Alert("gateway", Address(PHONE), Address("1")), 0.0)
    world.smsc.outbox("gateway").offer(alert, world.now)
    world.settle()
    assert [(one, why) for one, why in world.events("alert_failed")] == [
        (alert.message, "alert_notification: all receivers are bound with less than SMPP 3.4")
    ]
    new = world.bound(bind="RX")
    for _ in range(3):
        world.smsc.outbox("gateway").offer(alert, world.now)
    world.settle()
    assert (len(alerts(new)), old.received, world.kinds("alerted")) == (3, [], 3)


def test_an_old_receiver_with_room_leaves_a_waiting_alert_to_another() -> None:
    world = World(terms=Terms(deliver_window=1))
    old = world.bound(bind="RX", interface_version=0x33)
    new = world.bound(bind="RX")
    old.decide = new.decide = say_nothing
    for _ in range(2):
        old.session.smsc.mo("1", "2", "x", world.now, account="gateway")
    world.run(0.1)
    world.settle()
    world.smsc.outbox("gateway").offer(Delivery(Alert("gateway", Address(PHONE), Address("1")), 0.0), world.now)
    assert world.smsc.waiting() == 1
    old.connection.send(response_to(old.of(DeliverSm)[0]), world.now)
    world.settle()
    assert (world.smsc.waiting(), world.kinds("alert_failed")) == (1, 0)
    new.connection.send(response_to(new.of(DeliverSm)[0]), world.now)
    world.settle()
    assert (len(alerts(new)), world.kinds("alerted")) == (1, 1)


def test_no_more_alerts_are_promised_than_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "ALERTS_MAX", 1)
    world = World()
    gateway = world.bound()
    switch(world, is_on=False)
    assert [flag(gateway.send(a_data_sm(source_addr=source))) for source in ("1", "2", "1")] == [1, 0, 1]
    switch(world, is_on=True)
    assert alerts(gateway) == [(PHONE, "1")]
    switch(world, is_on=False)
    assert flag(gateway.send(a_data_sm(source_addr="2"))) == 1
