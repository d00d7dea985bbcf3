"""Random worlds under random scenarios: whatever rules do, nothing is lost or doubled but what a rule loses or doubles.

The traffic, the gateways' moods and most of what must hold are those of random worlds without a scenario.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest

from simulator.harness.soak.sections import BESIDE, DEEDS, a_rule, a_script
from simulator.scenario.file import parse
from simulator.scenario.script import Script
from simulator.smpp.pdus import DeliverSm, Pdu, SubmitMulti, response_to
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.translate import Incoming, Submission
from tests.smsc.played import of_rules
from tests.smsc.test_worlds import NAMES, STEPS, RandomWorld, Watch
from tests.smsc.world import Decision, a_submission, acknowledge, answering, say_nothing


def laid(seed: int) -> str:
    """A scenario to be laid over a world; its timeline ends before the world is healed."""
    luck = Random(f"laid {seed}")
    rules = [a_rule(f"r{number}", deed, luck) for number, deed in enumerate(luck.sample(DEEDS, luck.randint(3, 12)))]
    return a_script([*rules, *luck.sample(BESIDE, 3)])


class LaidWatch(Watch):
    """What must hold where rules may say otherwise, and say it."""

    def __init__(self, world: RandomWorld) -> None:
        super().__init__(world)
        world.smsc.journal.feed("fault", self._struck)

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self.with_holes: set[int] = set()
        self.requests: dict[Submission, Pdu | None] = {}

    def _struck(self, at: float, session: int, caller: Any, what: str) -> None:
        if "black_hole" in what:
            self.with_holes.add(session)

    def _submitted(self, at: float, session: int, message: Submission, detail: Any) -> None:
        super()._submitted(at, session, message, detail)
        self.requests[message] = message.pdu

    def _needs_no_response(self, message: Submission) -> bool:
        """Whether a rule wants the receipt in front, lets nobody answer its request, or the answer will never come."""
        session = self.world.smsc.sessions.get(message.session)
        if session is None or session.hang_up or session.number in self.with_holes:
            return True
        request = self.requests[message]
        # one answer for all of them and one id, or no answer
        together = [one for one, pdu in self.requests.items() if pdu is request]
        return any(is_silent(one) or goes_first(one) for one in together)

    def _told(self, message: Submission, outcome: Any) -> None:
        """Count a receipt where a rule or, without one, the ESME wants it."""
        form = None if message.fate is None else message.fate.forms.receipts
        asked = None if form is None else form.asked
        looks_final = getattr(outcome, "tells_final", outcome.is_final)
        by_esme = message.registered_delivery & 3 in {1, 3 if outcome.state == "DELIVRD" else 2}
        if not looks_final:
            by_esme = bool(message.registered_delivery & 0x10)
        if asked == "always" or (asked is None and by_esme):
            self.wanted[message] += 1

    def _concluded(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        self.concluded[message] += 1
        self._told(message, outcome)

    def _progressed(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        assert message not in self.concluded
        self._told(message, outcome)

    def arrived(self, pdu: Pdu) -> None:
        """No receipt comes before the response of its message, where no rule wants that or keeps the response back."""
        if isinstance(pdu, DeliverSm) and pdu.esm_class & 0x24:
            receipt = parse_receipt(pdu.short_message.decode("ascii"))
            assert receipt is not None
            message = self.by_id.get(receipt.message_id)
            if message is None or self._needs_no_response(message):
                return
        super().arrived(pdu)

    def check_windows(self) -> None:
        """No session has more in flight than was agreed, but what is to ignore that or to come again unanswered."""
        # whoever is hung up on gives back what he has when his link is closed
        for session in [one for one in self.world.smsc.sessions.values() if not one.hang_up]:
            ours = [one for one in session.deliveries.values() if one is not None]
            if not any(one.form is not None and (one.form.ignore_window or one.form.repeat) for one in ours):
                assert len(ours) <= session.terms.deliver_window

    def check_the_end(self) -> None:
        """What no rule has kept silent about was answered, what none has lost has one fate, and was told."""
        smsc = self.world.smsc
        assert smsc.waiting() == 0
        assert list(smsc.stage.piles) == []  # type: ignore[union-attr]
        assert set(self.submitted.values()) <= {1}
        # one answer is for all destinations of a request: none of them has one where one is to have none
        silent = {id(self.requests[one]) for one in self.submitted if is_silent(one)}
        unanswered = {
            one for one in self.submitted.keys() - self.answered.keys() if id(self.requests[one]) not in silent
        }
        # nor has any of a request whose session was ended by what a rule has done about one of them
        assert {one for one in unanswered if not isinstance(self.requests[one], SubmitMulti)} <= self.one_try
        assert not {message.session for message in unanswered} & smsc.sessions.keys()
        assert not [one for one in self.answered if is_silent(one)]
        accepted = {message for message in self.submitted if message.message_id}
        lost = {message for message in accepted if is_lost(message)}
        assert set(self.concluded.values()) <= {1}
        assert self.concluded.keys() | lost == accepted
        # a rule or the ESME ended it otherwise, or it was to have its fate with its answer
        ended = {one for one in lost if one.state in {"EXPIRED", "DELETED"}} | self.one_try
        assert self.concluded.keys() & lost <= ended
        settled = {one: count for one, count in self.settled.items() if one in self.wanted or count}
        assert {one: count for one, count in self.wanted.items() if count} == settled
        for message in self.wanted:
            if isinstance(message, Incoming):
                assert message.state in {"DELIVRD", "UNDELIV"}


def goes_first(message: Submission) -> bool:
    """Whether a rule wants its receipt in front of its response."""
    return any(getattr(one, "before_response", False) for one in message.plan)


def is_silent(message: Submission) -> bool:
    """Whether a rule lets nobody answer it."""
    decision = None if message.fate is None else message.fate.decision
    return decision is not None and decision.silence is not None


def is_lost(message: Submission) -> bool:
    """Whether nothing is planned that would end its story."""
    return not message.plan or not message.plan[-1].is_final


class LaidWorld(RandomWorld):
    """A random world that plays a random scenario."""

    watching = LaidWatch

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.smsc.play(Script([parse(laid(seed))], seed), self.now)


def a_finished_world(seed: int) -> LaidWorld:
    world = LaidWorld(seed)
    for name in NAMES:
        world.bound(name)
    for _ in range(STEPS):
        world.step()
    world.heal()
    return world


# ------------------------------------------------------------------ what the worlds have found


@pytest.mark.parametrize(
    "repeat", ["{times: 2, every: 3s}", "{times: 2, every: 90s}", "{until: acknowledged, every: 30s, at_most: 5m}"]
)
@pytest.mark.parametrize("decide", [say_nothing, answering(0x65)], ids=["not answered", "refused"])
def test_a_receipt_that_is_sent_again_and_never_taken_has_failed_once(repeat: str, decide: Decision) -> None:
    world = of_rules(f"{{then: {{receipts: {{repeat: {repeat}}}}}}}")
    gateway = world.bound()
    gateway.decide = decide
    gateway.submit()
    world.run(1000.0)
    assert world.kinds("receipt_sent") > 2
    assert world.kinds("receipt_failed") == 1
    assert world.smsc.waiting() == 0


def test_a_receipt_that_is_taken_at_the_second_time_has_not_failed() -> None:
    world = of_rules("{then: {receipts: {repeat: {times: 2, every: 90s}}}}")
    gateway = world.bound()
    statuses = iter([0x65, 0, 0])
    gateway.decide = lambda _: next(statuses)
    gateway.submit()
    world.run(1000.0)
    assert (world.kinds("receipt_acknowledged"), world.kinds("receipt_failed")) == (1, 0)


def test_what_waits_behind_a_receipt_that_is_never_taken_goes_when_that_is_given_up() -> None:
    words = "repeat: {until: acknowledged, every: 10s, at_most: 1m, blocks: true}"
    world = of_rules(f"{{then: {{receipts: {{{words}}}}}, times: 1}}")
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.send_together(a_submission(), a_submission())
    world.run(59.0)
    assert len(set(gateway.stats)) == 1
    world.run(59.0)
    assert len(set(gateway.stats)) == 2


def test_an_answer_that_vanishes_with_the_request_before_it_in_its_segment_is_waited_for() -> None:
    world = of_rules("{when: {text: vanish}, then: {connection: {fault: black_hole, lasts: 3s}}}")
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(1.0)
    (receipt,) = gateway.deliveries
    gateway.decide = acknowledge
    gateway.batch(a_submission(short_message=b"vanish", registered_delivery=0), response_to(receipt))
    world.run(200.0)
    assert (world.kinds("retry"), world.kinds("receipt_acknowledged")) == (1, 1)


# ------------------------------------------------------------------ the worlds


@pytest.mark.parametrize("seed", range(20))
def test_under_any_scenario_nothing_is_lost_or_doubled_that_no_rule_loses_or_doubles(seed: int) -> None:
    a_finished_world(seed).watch.check_the_end()


def test_the_worlds_together_have_seen_what_rules_do() -> None:
    counts: Counter[str] = Counter()
    for seed in range(4):
        counts.update(a_finished_world(seed).smsc.journal.counts)
    assert all(counts[kind] for kind in ("rule_fired", "fault", "pdu_sent", "phase_begun", "retry", "progressed"))
