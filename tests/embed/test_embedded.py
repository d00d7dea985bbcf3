"""An SMSC in a thread, as a test sees it: smpplib on real sockets at one end, verbs at the other."""

import asyncio
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.embed.embedded import EmbeddedSmsc, open_smsc
from simulator.embed.hosting import SmscClosed
from simulator.embed.settings import QUIET, setup_from
from simulator.embed.waiting import NotSeen
from simulator.scenario.file import parse
from simulator.scenario.ledger import UnknownMessage
from simulator.scenario.problems import ScenarioError
from simulator.smsc.memory.watch import NothingExpected
from simulator.smsc.play import playing
from simulator.smsc.play.playing import Misfit
from simulator.smsc.play.staging import script_of
from simulator.smsc.routing import NoRoute
from tests.embed.gateway import Gateway, bound

THROTTLED = 0x58
TO = "12025550100"
LOSING = "scenario: 1\nrules: [{name: losing, when: {to: '1'}, then: lose}]"


@pytest.fixture
def smsc() -> Iterator[EmbeddedSmsc]:
    with open_smsc() as running:
        yield running


@pytest.fixture
def gateway(smsc: EmbeddedSmsc) -> Iterator[Gateway]:
    with bound(smsc) as one:
        yield one


# ------------------------------------------------------------------ rules


def test_a_throttled_message_is_tried_again(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when(destination=TO).reject("ESME_RTHROTTLED", times=2)
    assert [gateway.send("+" + TO) for _ in range(3)] == [THROTTLED, THROTTLED, 0]
    assert smsc.wait_for(destination=TO, state="DELIVRD").text == "hi"
    assert smsc.journal.count(kind="submitted") == 3
    assert smsc.journal.count("answered", status="ESME_RTHROTTLED") == 2


def test_the_newest_rule_goes_first_and_can_be_removed(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().reject("ESME_RSYSERR")
    newest = smsc.when().reject("ESME_RTHROTTLED")
    assert gateway.send() == THROTTLED
    newest.remove()
    assert gateway.send() == 0x08


def test_a_further_verb_changes_the_rule_that_stands(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when(destination=TO).deliver("UNDELIV").receipt(err="042")
    gateway.send()
    assert b"stat:UNDELIV err:042" in gateway.read().short_message
    assert smsc.wait_for(state="UNDELIV").receipts_sent == 1
    assert smsc.journal.count("rule_fired") == 1


def test_a_rule_that_is_none_is_refused_at_once(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(ScenarioError, match="did you mean destination"):
        smsc.when(destinaton=TO)
    with pytest.raises(ScenarioError, match="did you mean ESME_RTHROTTLED"):
        smsc.when().reject("ESME_RTHROTLED")
    assert "rules" not in smsc.conversation()


# ------------------------------------------------------------------ waiting and asking


def test_a_wait_ends_as_soon_as_it_happens(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(smsc.wait_for, destination=TO, state="DELIVRD", count=2, timeout=30)
        gateway.send()
        gateway.send(text="again")
        assert waiting.result().text == "again"


def test_a_receipt_is_waited_for_as_the_esme_was_told(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send()
    assert smsc.wait_for(receipt="sent").receipts_acknowledged == 0
    assert smsc.messages(receipt="acknowledged") == []
    gateway.read()
    assert smsc.wait_for(receipt="acknowledged").receipts_acknowledged == 1


def test_what_does_not_come_is_told_with_the_nearest_misses(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send(TO, "first")
    gateway.send("12025550101", "second")
    with pytest.raises(NotSeen) as caught:
        smsc.wait_for(destination=TO, text="second", timeout="50ms")
    assert isinstance(caught.value, AssertionError)
    first, *near = str(caught.value).splitlines()
    assert first == "wait_for(destination='12025550100', text='second'): wanted 1, came 0, in 0.05 s"
    assert near == [
        "  near: message 2, 12025550199 -> 12025550101, 'second': destination: wanted 12025550100, got 12025550101",
        "  near: message 1, 12025550199 -> 12025550100, 'first': text: wanted second, got first",
    ]


def test_a_receipt_that_nobody_asked_for_is_the_miss(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send(registered_delivery=0)
    smsc.wait_for(state="DELIVRD")
    with pytest.raises(NotSeen, match="receipt: wanted sent, got 0 sent, 0 acknowledged, none was asked for"):
        smsc.wait_for(receipt="sent", timeout=0)


def test_a_wait_where_nothing_came_says_so(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(NotSeen, match=r"came 0, in 0 s\n  and nothing else came"):
        smsc.wait_for(destination=TO, timeout=0)
    with pytest.raises(NotSeen, match=r"wait_for_bind\(account='gateway'\): wanted 1, came 0"):
        smsc.wait_for_bind(account="gateway", timeout=0)


def test_a_bind_is_waited_for(smsc: EmbeddedSmsc) -> None:
    with bound(smsc, "first", "receiver"), bound(smsc, "second", "transmitter"):
        found = smsc.wait_for_bind(account="second")
        assert (found.bind_type, found.version, found.is_bound) == ("TX", "3.4", True)
        assert [one.account for one in smsc.sessions] == ["first", "second"]
        assert smsc.wait_for_bind(count=2).account == "second"
        with pytest.raises(NotSeen, match="session 1 of first: bind_type: wanted TRX, got RX"):
            smsc.wait_for_bind(bind_type="TRX", timeout=0)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda smsc: smsc.messages(destinaton=TO), "messages: destinaton: unknown key"),
        (lambda smsc: smsc.messages(receipt="came"), "receipt: 'came', must be one of sent, acknowledged"),
        (lambda smsc: smsc.messages(event="bound"), "'bound' is no message"),
        (lambda smsc: smsc.wait_for(receipt="came"), "receipt: 'came'"),
        (lambda smsc: smsc.wait_for(state="DELIVERD"), "did you mean DELIVERED"),
        (lambda smsc: smsc.wait_for(timeout="soon"), "wait_for: 'soon' is no span"),
        (lambda smsc: smsc.wait_for(count=0), "wait_for: count 0, at least 1"),
        (lambda smsc: smsc.wait_for(in_flight=2), "in_flight of what is past"),
        (lambda smsc: smsc.wait_for_bind(text="hi"), "text of a bound"),
        (lambda smsc: smsc.journal.count("submited"), "did you mean submitted"),
        (lambda smsc: smsc.journal.events(event="mo"), "event of an event"),
        (lambda smsc: smsc.clock.advance("2"), "clock.advance: '2' is no span"),
        (lambda smsc: smsc.clock.advance(-1), "seconds: -1, at least 0"),
        (lambda smsc: smsc.load("quirks/none-such"), "no such file or scenario"),
    ],
)
def test_a_question_that_is_none_is_refused_where_it_is_asked(
    smsc: EmbeddedSmsc, ask: Callable[[Any], object], told: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        ask(smsc)


def test_events_are_told_in_words(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send()
    smsc.wait_for(state="DELIVRD")
    (answered,) = smsc.journal.events("answered")
    (concluded,) = smsc.journal.events("concluded", destination=TO)
    assert (answered.detail, concluded.detail) == ("ESME_ROK", "DELIVRD")
    assert concluded.message is not None
    assert concluded.message.destination == TO
    assert smsc.journal.count("concluded", destination="1") == 0


def test_a_subscriber_writes(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    sent = smsc.mo(to="5555", sender=TO, text="hello")
    assert sent is not None
    assert (sent.direction, sent.destination) == ("mo", "5555")
    assert gateway.read().short_message == b"hello"
    assert smsc.wait_for(event="mo", destination="5555", state="DELIVRD").number == sent.number
    assert smsc.messages() == []


def test_a_subscriber_writes_to_nobody(smsc: EmbeddedSmsc) -> None:
    with pytest.raises(NoRoute):
        smsc.mo(to="5555", sender=TO, text="hello")


# ------------------------------------------------------------------ time


def test_days_pass_at_once(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().deliver("EXPIRED", after="2 days")
    gateway.send(registered_delivery=0)
    before = smsc.clock.time
    assert smsc.messages(state="EXPIRED") == []
    assert (smsc.clock.advance("3 days") - before).total_seconds() == pytest.approx(3 * 86_400, abs=30)
    assert len(smsc.messages(state="EXPIRED")) == 1


# ------------------------------------------------------------------ scenarios and verdicts


def test_a_loaded_scenario_lies_over_what_is_played(gateway: Gateway, smsc: EmbeddedSmsc) -> None:
    smsc.load("quirks/id-hex-resp-decimal-receipt")
    smsc.load(parse(LOSING))
    gateway.send("1")
    gateway.send("2")
    assert smsc.wait_for(state="DELIVRD").destination == "2"
    assert smsc.verdict().scenarios == ("quirks/id-hex-resp-decimal-receipt", "scenario 1")
    assert {one.detail for one in smsc.journal.events("rule_fired")} > {"losing"}
    smsc.reset()
    assert smsc.verdict().scenarios == ()
    gateway.send("1")
    assert smsc.wait_for(state="DELIVRD").destination == "1"


def test_what_is_loaded_is_made_ready_where_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, smsc: EmbeddedSmsc
) -> None:
    made_in: list[int] = []

    def noted(scenarios: Any, seed: int) -> Any:
        made_in.append(threading.get_ident())
        if len(made_in) == 1:
            # somebody else loads something meanwhile: neither is lost
            smsc.load(parse(LOSING))
        return script_of(scenarios, seed)

    monkeypatch.setattr(playing, "script_of", noted)
    smsc.load("quirks/throttle-storm")
    assert made_in == [threading.get_ident()] * 3
    assert smsc.verdict().scenarios == ("scenario 1", "quirks/throttle-storm")


def test_a_scenario_may_change_who_may_bind() -> None:
    with open_smsc(parse("scenario: 1\ncarrier: {deliver: 5ms}")) as smsc:
        smsc.load(parse("scenario: 1\ncarrier: {others: refuse, accounts: {other: {password: secret}}}"))
        with bound(smsc, "other") as gateway:
            gateway.send()
            gateway.read()
        with pytest.raises(Exception, match="Invalid System ID"):
            Gateway(smsc.host, smsc.port, "gateway")


def test_scenarios_that_contradict_each_other_change_nothing(smsc: EmbeddedSmsc) -> None:
    one, other = (parse(f"scenario: 1\nrules: [{{then: {{reject: {status}}}}}]") for status in (1, 2))
    with pytest.raises(Misfit):
        smsc.load(one, other)
    assert smsc.verdict().scenarios == ()


def test_the_gateway_s_word_is_part_of_the_verdict(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    with pytest.raises(NothingExpected):
        smsc.observe(TO, "delivered")
    smsc.load(parse("scenario: 1\nexpect: {gateway: delivered}"))
    gateway.send()
    with pytest.raises(UnknownMessage):
        smsc.observe("4711", "delivered")
    assert smsc.observe(TO, "failed").number == 1
    assert smsc.verdict().is_bad
    smsc.observe(TO, "delivered")
    assert [one.outcome for one in smsc.verdict().expectations] == ["coped"]


def test_the_listeners_of_a_scenario_are_opened_too() -> None:
    scenario = parse("scenario: 1\ncarrier: {listeners: {old: {address: '127.0.0.1:0'}}}")
    with open_smsc(scenario) as smsc:
        assert smsc.port_of("old") != smsc.port
        gateway = Gateway(smsc.host, smsc.port_of("old"))
        assert smsc.wait_for_bind(listener="old").system_id == "gateway"
        gateway.close()


def test_accounts_and_seed_are_settings() -> None:
    with open_smsc(accounts=[Account("gateway", "secret")], seed=7, speed=3600, has_link_timers=True) as smsc:
        with bound(smsc) as gateway:
            gateway.send()
        with pytest.raises(Exception, match="Invalid System ID"):
            Gateway(smsc.host, smsc.port, "other")


# ------------------------------------------------------------------ reset


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"accounts": {"gateway": 7}}, "accounts: 'gateway': int, must be a password by its id"),
        ({"accounts": ["gateway"]}, "accounts: 'gateway', must be Account objects, or a mapping"),
        ({"accounts": "gateway"}, "accounts: 'gateway', must be Account objects, or a mapping"),
        ({"accounts": 7}, "accounts: 7, must be Account objects, or a mapping"),
        ({"speed": True}, "speed: True, must be a number above 0"),
        ({"seed": 1.5}, "seed: 1.5, must be a whole number"),
    ],
)
def test_a_setting_that_is_none_is_told(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        EmbeddedSmsc(**settings)


def test_accounts_by_id_may_have_any_password() -> None:
    setup = setup_from(accounts={"a": "secret", "b": None})
    assert [(one.name, one.password) for one in setup.accounts] == [("a", "secret"), ("b", None)]


def test_a_listener_that_is_open_stays_what_it_is(smsc: EmbeddedSmsc) -> None:
    smsc.load(parse("scenario: 1\ncarrier: {listeners: {mine: {tls: plain}}}"))
    port = smsc.port_of("mine")
    smsc.load("quirks/throttle-storm")
    with pytest.raises(Misfit, match="listeners: those that are open stay what they are"):
        smsc.load(parse("scenario: 1\ncarrier: {listeners: {mine: {tls: tls}}}"))
    with socket.create_connection((smsc.host, port)):
        pass
    smsc.reset()
    with pytest.raises(KeyError):
        smsc.port_of("mine")


def test_a_listener_whose_port_is_taken_changes_nothing(smsc: EmbeddedSmsc) -> None:
    mine = f"scenario: 1\ncarrier: {{listeners: {{a: {{}}, b: {{address: '127.0.0.1:{smsc.port}'}}}}}}"
    with pytest.raises(OSError, match="in use"):
        smsc.load(parse(mine))
    with pytest.raises(KeyError):
        smsc.port_of("a")
    assert smsc.unsaid == []


def test_a_reset_takes_everything_back_and_leaves_the_session(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when().reject()
    smsc.load(parse(LOSING))
    gateway.send()
    smsc.clock.advance("1 day")
    started = smsc.clock.time
    smsc.reset()
    assert (smsc.messages(), smsc.journal.count("submitted")) == ([], 0)
    assert (started - smsc.clock.time).total_seconds() > 86_000
    assert [one.account for one in smsc.sessions] == ["gateway"]
    assert gateway.send() == 0
    assert smsc.wait_for().number == 1


def test_a_reset_gives_another_speed_and_seed_until_the_next_one(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    def lucky() -> list[int]:
        smsc.when().reject("ESME_RTHROTTLED", probability=0.5)
        return [gateway.send() for _ in range(12)]

    smsc.reset(seed=1, speed=100_000)
    began = smsc.clock.time
    first = lucky()
    gateway.send()
    assert (smsc.clock.time - began).total_seconds() > 10
    smsc.reset(seed=2)
    second = lucky()
    smsc.reset(seed=1)
    assert lucky() == first != second
    assert {*first} == {0, THROTTLED}


def test_ids_that_a_scenario_makes_are_those_of_the_seed_whatever_seed_was_before(smsc: EmbeddedSmsc) -> None:
    def first_id(*seeds: int) -> str:
        for seed in seeds:
            smsc.reset(seed=seed)
            smsc.load(parse("scenario: 1\ncarrier: {ids: {generate: hex 8}}"))
            with bound(smsc) as gateway:
                gateway.send()
        return smsc.wait_for().message_id

    assert first_id(5) == first_id(0, 5) != first_id(0)


# ------------------------------------------------------------------ threads


def test_verbs_may_come_from_many_threads(smsc: EmbeddedSmsc) -> None:
    def one(number: int) -> int:
        with bound(smsc, f"gateway{number}") as gateway:
            smsc.when(destination=str(number), account=f"gateway{number}").reject("ESME_RTHROTTLED")
            statuses = [gateway.send(str(number)) for _ in range(10)]
            assert set(statuses) == {THROTTLED}
            return len(smsc.messages(account=f"gateway{number}"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(1, 9))) == [10] * 8


def test_waiting_inside_a_loop_is_refused_and_the_rest_is_not(smsc: EmbeddedSmsc) -> None:
    async def inside() -> None:
        smsc.when().lose()
        with pytest.raises(RuntimeError, match=r"wait_for waits, .* a loop of asyncio, .*: await smsc.aio.wait_for"):
            smsc.wait_for(timeout=0)
        with pytest.raises(NotSeen):
            await asyncio.to_thread(lambda: smsc.wait_for(timeout=0))

    asyncio.run(inside())


async def test_waiting_inside_trio_is_refused_as_well() -> None:
    with (
        open_smsc() as smsc,
        pytest.raises(RuntimeError, match=r"clock.advance waits, .* a loop of trio, .*: await smsc.aio.clock.advance"),
    ):
        smsc.clock.advance(1)


# ------------------------------------------------------------------ beginning and end


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_closing_leaves_no_thread_and_no_descriptor() -> None:
    before, threads = descriptors(), threading.active_count()
    for _ in range(3):
        with open_smsc() as smsc, bound(smsc) as gateway:
            gateway.send()
            assert threading.active_count() == threads + 1
    assert (descriptors(), threading.active_count()) == (before, threads)


def test_closing_unbinds_who_is_bound() -> None:
    smsc = EmbeddedSmsc().start()
    gateway = Gateway(smsc.host, smsc.port)
    smsc.close(farewell=0.01)
    assert gateway.client.read_pdu().command == "unbind"
    gateway.close()
    assert "unbind_sent" in smsc.conversation()


def test_what_is_closed_says_so(smsc: EmbeddedSmsc) -> None:
    smsc.close()
    smsc.close()
    for verb in (smsc.verdict, smsc.messages, smsc.wait_for, smsc.reset, smsc.start):
        with pytest.raises(SmscClosed):
            verb()
    assert smsc.conversation().startswith("sessions: none")


def test_what_was_never_started_says_so_and_can_be_closed() -> None:
    smsc = EmbeddedSmsc()
    with pytest.raises(SmscClosed, match="it is not running"):
        smsc.verdict()
    smsc.close()
    assert smsc.conversation() == "it has not run"


def test_who_waits_when_it_is_closed_waits_no_longer() -> None:
    smsc = EmbeddedSmsc().start()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(smsc.wait_for, timeout=60)
        while not smsc._inside().waiting.count:
            smsc.messages()
        smsc.close()
        with pytest.raises(SmscClosed, match="while somebody waited"):
            waiting.result()


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing() -> None:
    before = descriptors()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listeners = parse(f"scenario: 1\ncarrier: {{listeners: {{old: {{address: '127.0.0.1:{port}'}}}}}}")
        with pytest.raises(OSError, match="ddress"):
            EmbeddedSmsc(listeners).start()
        with pytest.raises(OSError, match="ddress"), open_smsc(port=port):
            pass
    assert descriptors() == before


def test_a_scenario_that_is_none_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("scenario: 1\nruls: []\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="did you mean rules"):
        EmbeddedSmsc(wrong)


def test_a_forgotten_one_does_not_keep_the_program_alive() -> None:
    program = "from simulator import EmbeddedSmsc; print(EmbeddedSmsc().start().port)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert int(ran.stdout) > 0
    assert ran.stderr == ""


def test_the_link_timers_are_off_unless_they_are_wanted() -> None:
    smsc = EmbeddedSmsc()
    assert smsc._setup.names == (QUIET,)
    assert setup_from(has_link_timers=True).names == ()
    with smsc:
        assert {float(one) for one in vars_of(smsc._inside().smsc.terms.timers)} == {float("inf")}


def vars_of(timers: Any) -> list[float]:
    return [getattr(timers, name) for name in timers.__slots__]
