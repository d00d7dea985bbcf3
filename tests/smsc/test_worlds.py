"""Random worlds from a seed, and what must hold of every one of them: nothing is lost, nothing comes twice or early."""

from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.delays import Between
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.events import Event
from simulator.smpp.pdus import (
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DistributionList,
    Pdu,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.sms.receipts import parse
from simulator.smsc.routing import NoRoute
from simulator.smsc.terms import Retry, Terms
from simulator.smsc.translate import Incoming, Submission
from tests.smsc.world import Decision, Gateway, LateCarrier, World, a_submission, acknowledge, say_nothing

NAMES = ["wide", "narrow", "patient"]
RETRY = Retry(first=1.0, longest=8.0, attempts_max=4)
TIMERS = Timers(response=5.0, enquire_link=20.0, inactivity=90.0)
TERMS = {
    "wide": Terms(timers=TIMERS, retry=RETRY, deliver_window=20),
    "narrow": Terms(timers=TIMERS, retry=RETRY, window=3, deliver_window=1, binds_max=3),
    "patient": Terms(timers=TIMERS, retry=RETRY, window=2, window_status=None, deliver_window=2),
}
NUMBERS = [f"1202555010{digit}" for digit in range(5)]
STEPS = 150


class Watch:
    """What the journal told, kept message by message, and the rules it must keep."""

    def __init__(self, world: "RandomWorld") -> None:
        self.world = world
        self.clear()
        journal = world.smsc.journal
        journal.feed("submitted", self._submitted)
        journal.feed("answered", self._answered)
        journal.feed("concluded", self._concluded)
        journal.feed("progressed", self._progressed)
        journal.feed("mo_created", self._created)
        for kind in ("receipt_acknowledged", "receipt_failed", "mo_acknowledged", "mo_failed"):
            journal.feed(kind, self._settled)

    def clear(self) -> None:
        """Forget everything, as a reset does."""
        self.submitted: Counter[Submission] = Counter()
        self.one_try: set[Submission] = set()
        self.answered: dict[Submission, int] = {}
        self.concluded: Counter[Submission] = Counter()
        self.wanted: Counter[Any] = Counter()
        self.settled: Counter[Any] = Counter()
        self.by_id: dict[str, Submission] = {}
        self.responded: set[str] = set()

    def _submitted(self, at: float, session: int, message: Submission, detail: Any) -> None:
        self.submitted[message] += 1
        if not message.is_stored:
            self.one_try.add(message)

    def _settled(self, at: float, session: int, message: Any, detail: Any) -> None:
        self.settled[message] += 1

    def _answered(self, at: float, session: int, message: Submission, status: int) -> None:
        assert message in self.submitted
        assert message not in self.answered
        self.answered[message] = status
        if not status:
            self.by_id[message.message_id] = message

    def _concluded(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        self.concluded[message] += 1
        asked = message.registered_delivery & 3
        failed = outcome.state != "DELIVRD"
        if asked == 1 or (asked == 2 and failed) or (asked == 3 and not failed):
            self.wanted[message] += 1

    def _progressed(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        assert message not in self.concluded
        if message.registered_delivery & 0x10:
            self.wanted[message] += 1

    def _created(self, at: float, session: int, message: Incoming, detail: Any) -> None:
        self.wanted[message] += len(message.segments)

    def arrived(self, pdu: Pdu) -> None:
        """A gateway received something: no receipt may come before the response of its message, while that can come."""
        if isinstance(pdu, SubmitSmResp | SubmitMultiResp | DataSmResp):
            self.responded.add(pdu.message_id)
        elif isinstance(pdu, DeliverSm) and pdu.esm_class & 0x24:
            receipt = parse(pdu.short_message.decode("ascii"))
            assert receipt is not None
            message = self.by_id[receipt.message_id]
            if message.session in self.world.smsc.sessions:
                assert receipt.message_id in self.responded

    def check_windows(self) -> None:
        """No session has more in flight than was agreed."""
        for session in self.world.smsc.sessions.values():
            deliveries = [
                request for request, _ in session.connection.outstanding.values() if isinstance(request, DeliverSm)
            ]
            assert len(deliveries) <= session.terms.deliver_window
            assert len(session.deliveries) <= session.terms.deliver_window
            if session.terms.window is not None:
                assert session.window._late <= session.terms.window

    def check_the_end(self) -> None:
        """Everything was answered, has one fate, and was told to who asked."""
        smsc = self.world.smsc
        assert smsc.waiting() == 0
        assert set(self.submitted.values()) == {1}
        # a transaction that failed was accepted, too: its answer tells its fate, where somebody is left to be told
        unanswered = self.submitted.keys() - self.answered.keys()
        assert unanswered <= self.one_try
        assert not {message.session for message in unanswered} & smsc.sessions.keys()
        accepted = {message for message in self.submitted if message.message_id}
        assert self.concluded == Counter(accepted)
        assert all(message.is_final for message in self.submitted)
        assert {one: count for one, count in self.wanted.items() if count} == dict(self.settled)
        assert sum(smsc.tally.answered.values()) == len(self.answered)
        assert sum(smsc.tally.concluded.values()) == len(accepted)
        for message in self.wanted:
            if isinstance(message, Incoming):
                assert message.state in {"DELIVRD", "UNDELIV"}


class WatchedGateway(Gateway):
    """A gateway whose arrivals are watched."""

    def take(self, event: Event) -> None:
        """As ever, seen by the watch first."""
        assert isinstance(self.world, RandomWorld)
        if isinstance(event, Pdu):
            self.world.watch.arrived(event)
        super().take(event)


class RandomWorld(World):
    """A world in which a seed decides who does what; ``heal`` ends all trouble."""

    watching = Watch

    def __init__(self, seed: int) -> None:
        self.luck = Random(seed)
        carrier = LateCarrier(self.luck.choice([0.0, 0.5, 2.0]), seed=seed, delay=Between(0.0, 10.0))
        super().__init__(
            accounts=[Account(name, throughput=self.luck.choice([None, 20.0])) for name in NAMES],
            carrier=carrier,
            terms_by_account=TERMS,
            speed=self.luck.choice([1.0, 10.0, 600.0]),
            seed=seed,
            rows_max=self.luck.choice([20, 100_000]),
        )
        self.watch = self.watching(self)

    def gateway(self, decide: Decision = acknowledge) -> Gateway:
        """A new link that is watched."""
        gateway = WatchedGateway(self, decide)
        self.gateways.append(gateway)
        return gateway

    def step(self) -> None:
        """Somebody does something, then some time passes."""
        luck = self.luck
        often = [self.bind, self.submit, self.submit, self.submit, self.operate, self.write, self.change, self.leave]
        luck.choice([*often, self.switch])()
        self.settle()
        self.watch.check_windows()
        if luck.random() < 0.6:
            self.run(luck.choice([0.01, 0.3, 1.0, 6.0]))
            self.watch.check_windows()

    def bind(self) -> None:
        version = self.luck.choice([0x33, 0x34, 0x50])
        self.gateway().bind(
            self.luck.choice([*NAMES, "stranger"]), self.luck.choice(["TX", "RX", "TRX"]), interface_version=version
        )

    def submit(self) -> None:
        if self.gateways:
            self.luck.choice(self.gateways).send_together(*(self.request() for _ in range(self.luck.randint(1, 8))))

    def request(self) -> Pdu:
        luck = self.luck
        destination = luck.choice([*NUMBERS, ""])
        fields: dict[str, Any] = {
            "registered_delivery": luck.choice([0, 1, 1, 2, 3, 0x10, 0x11, 0x12]),
            "validity_period": luck.choice(["", "", "000000000005000R", "000000000000000R", "not a time at all"]),
            "schedule_delivery_time": luck.choice(["", "", "000000000020000R"]),
            "short_message": b"hello",
        }
        kind = luck.random()
        if kind < 0.1:
            places: list[Any] = [
                SmeAddress(1, 1, destination),
                SmeAddress(1, 1, luck.choice(NUMBERS)),
                DistributionList("all"),
            ]
            chosen = tuple(luck.sample(places, luck.randint(1, 3)))
            return SubmitMulti(source_addr=luck.choice(NUMBERS), dest_address=chosen, **fields)
        if kind < 0.2:
            pending = (tlv_int(TlvTag.SET_DPF, 1),) if luck.random() < 0.5 else ()
            return DataSm(
                source_addr=luck.choice(NUMBERS),
                destination_addr=destination,
                esm_class=luck.choice([0, 0, 1, 2]),
                registered_delivery=fields["registered_delivery"],
                tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"), *pending),
            )
        if kind < 0.4:
            header = bytes((5, 0, 3, luck.randint(0, 2), 2, luck.randint(1, 2)))
            fields |= {"esm_class": 0x40, "short_message": header + b"part"}
        fields["replace_if_present_flag"] = int(luck.random() < 0.1)
        return a_submission(source_addr=luck.choice(NUMBERS), destination_addr=destination, **fields)

    def operate(self) -> None:
        """Cancel or replace a message whose id the gateway may know."""
        luck = self.luck
        known = [message for message in self.watch.by_id.values() if message.message_id in self.watch.responded]
        if known and self.gateways:
            message = luck.choice(known)
            source, ton, npi = message.source
            where: dict[str, Any] = {"source_addr": source, "source_addr_ton": ton, "source_addr_npi": npi}
            pdu: Pdu = CancelSm(message_id=message.message_id, **where)
            if luck.random() < 0.5:
                pdu = ReplaceSm(message_id=message.message_id, registered_delivery=luck.choice([0, 1, 0x11]), **where)
            luck.choice(self.gateways).send(pdu)

    def write(self) -> None:
        """A subscriber does."""
        account = self.luck.choice([None, *NAMES])
        text = "x" * self.luck.choice([1, 200, 500])
        with suppress(NoRoute):
            self.smsc.mo(self.luck.choice(NUMBERS), "12025550177", text, self.now, account=account)

    def switch(self) -> None:
        """A phone goes off, or returns."""
        self.smsc.phones.switch(self.luck.choice(NUMBERS), self.now, is_on=self.luck.random() < 0.6)

    def change(self) -> None:
        """A gateway answers otherwise, or stops reading, or reads again."""
        if self.gateways:
            gateway, luck = self.luck.choice(self.gateways), self.luck
            gateway.reads = luck.random() < 0.7
            statuses = [0, 0, CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RX_P_APPN, None]
            gateway.decide = luck.choice([acknowledge, say_nothing, lambda _: luck.choice(statuses)])

    def leave(self) -> None:
        """A link ends: cut, or by an unbind of either side."""
        if self.gateways:
            gateway = self.luck.choice(self.gateways)
            how = self.luck.randint(0, 2)
            if how == 0:
                gateway.close()
            elif how == 1:
                gateway.send(Unbind())
            else:
                gateway.session.unbind(self.now)

    def heal(self) -> None:
        """All gateways read and answer, each account has a receiver, all phones are on, and everything due happens."""
        for gateway in list(self.gateways):
            gateway.close()
        for number in NUMBERS:
            self.smsc.phones.switch(number, self.now, is_on=True)
        for _ in range(12):
            for name in NAMES:
                if not any(session.can_receive for session in self.smsc.sessions_of(name)):
                    self.gateway().bind(name, "TRX")
            self.run(20.0)


def a_finished_world(seed: int) -> RandomWorld:
    world = RandomWorld(seed)
    for name in NAMES:
        world.bound(name)
    for _ in range(STEPS):
        world.step()
    world.heal()
    return world


@pytest.mark.parametrize("seed", range(20))
def test_in_any_world_all_is_answered_once_has_one_fate_and_is_told(seed: int) -> None:
    world = a_finished_world(seed)
    world.watch.check_the_end()


@pytest.mark.parametrize("seed", range(100, 110))
def test_in_any_world_a_reset_leaves_nothing_behind_and_life_goes_on(seed: int) -> None:
    world = RandomWorld(seed)
    for name in NAMES:
        world.bound(name)
    for _ in range(STEPS):
        world.step()
    world.smsc.reset(world.now)
    world.watch.clear()
    world.heal()
    told = {kind for kind, count in world.smsc.journal.counts.items() if count}
    assert told <= {"reset", "connected", "bound", "unbind_sent", "unbound", "disconnected", "unexpected", "timeout"}
    assert {subject for subject, _ in world.events("timeout") if isinstance(subject, DeliverSm)} == set()
    assert all(gateway.deliveries == [] for gateway in world.gateways)
    for _ in range(STEPS):
        world.step()
    world.heal()
    world.watch.check_the_end()


def test_the_worlds_together_have_seen_everything() -> None:
    counts: Counter[str] = Counter()
    for seed in range(6):
        counts.update(a_finished_world(seed).smsc.journal.counts)
    rare = {"malformed", "unexpected", "reset", "enquired", "cancelled", "alert_failed"}
    elsewhere = {
        "outbind_sent",
        "rule_fired",
        "phase_begun",
        "pdu_sent",
        "script_failed",
        "fault",
        "outbind_failed",
        "acknowledgement_passed",
        "broadcast_submitted",
        "broadcast_concluded",
        "truth",
        "network_replied",
    }
    assert [kind for kind, count in counts.items() if not count and kind not in rare | elsewhere] == []


def test_a_seed_makes_the_same_world_again() -> None:
    assert a_finished_world(3).story() == a_finished_world(3).story()


def test_submit_sm_is_what_the_worlds_mostly_send() -> None:
    requests = Counter(type(RandomWorld(seed).request()) for seed in range(200))
    assert requests[SubmitSm] > requests[SubmitMulti] > 0
    assert requests[DataSm] > 0
