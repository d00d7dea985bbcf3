"""The same verbs against a server that runs elsewhere: what an SMSC of our own says, one over HTTP says, too."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.embed.asking import NotReached, NotRemote, SmscRefused
from simulator.embed.embedded import EmbeddedSmsc, NotSeen, open_smsc
from simulator.embed.remote import RemoteSmsc
from simulator.scenario.file import parse
from simulator.scenario.problems import ScenarioError
from simulator.smsc.play.playing import Misfit
from tests.embed.gateway import Gateway, bound

THROTTLED, SYSERR = 0x58, 0x08
TO = "12025550100"


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedSmsc]:
    """The server that runs already."""
    with open_smsc() as running:
        yield running


@pytest.fixture
def remote(elsewhere: EmbeddedSmsc) -> Iterator[RemoteSmsc]:
    with RemoteSmsc(elsewhere.http_url, smpp=("", elsewhere.port)) as smsc:
        yield smsc


@pytest.fixture(params=["own", "remote"])
def smsc(request: pytest.FixtureRequest, elsewhere: EmbeddedSmsc) -> Any:
    return elsewhere if request.param == "own" else request.getfixturevalue("remote")


@pytest.fixture
def gateway(smsc: Any) -> Iterator[Gateway]:
    with bound(smsc) as one:
        yield one


# ------------------------------------------------------------------ the same by either


def test_a_throttled_message_is_tried_again(smsc: Any, gateway: Gateway) -> None:
    smsc.when(destination=TO).reject("ESME_RTHROTTLED", times=2)
    assert [gateway.send("+" + TO) for _ in range(3)] == [THROTTLED, THROTTLED, 0]
    seen = smsc.wait_for(destination=TO, state="DELIVRD")
    assert (seen.text, seen.account, seen.status, seen.direction) == ("hi", "gateway", "ESME_ROK", "mt")
    assert smsc.journal.count(kind="submitted") == 3
    assert smsc.journal.count("answered", status="ESME_RTHROTTLED") == 2
    assert [one.detail for one in smsc.journal.events("answered")] == ["ESME_RTHROTTLED"] * 2 + ["ESME_ROK"]
    assert [one.state for one in smsc.messages(destination=TO)] == ["REFUSED", "REFUSED", "DELIVRD"]


def test_rules_change_end_and_go(smsc: Any, gateway: Gateway) -> None:
    turn = smsc.in_order()
    turn.when(text="a").reject("ESME_RTHROTTLED")
    turn.when(text="a").reject("ESME_RSYSERR")
    smsc.once(text="b").reject("ESME_RSYSERR").deliver("UNDELIV")
    rule = smsc.when(text="c").reject(until={"text": "d"})
    assert [gateway.send(text=one) for one in "aaabbcdc"] == [THROTTLED, SYSERR, 0, SYSERR, 0, SYSERR, 0, 0]
    rule.remove()
    assert gateway.send(text="c") == 0
    smsc.when(text="half")
    assert smsc.unsaid == ["when(text='half')"]


def test_what_has_not_come_is_told_with_what_is_near(smsc: Any, gateway: Gateway) -> None:
    gateway.send()
    with pytest.raises(NotSeen) as told:
        smsc.wait_for(destination=TO, text="ho", timeout=0)
    first, near = str(told.value).splitlines()
    assert first.startswith(f"wait_for(destination='{TO}', text='ho'): wanted 1, came 0, in 0 s")
    assert near == f"  near: message 1, 12025550199 -> {TO}, 'hi': text: wanted ho, got hi"
    with pytest.raises(NotSeen, match=r"wait_for_bind\(account='other'\): wanted 1, came 0"):
        smsc.wait_for_bind(account="other", timeout="10ms")


def test_sessions_are_seen_and_struck(smsc: Any, gateway: Gateway) -> None:
    with bound(smsc, "other", "receiver"):
        seen = smsc.wait_for_bind(bind_type="RX")
        assert (seen.account, seen.version, seen.listener, seen.is_bound) == ("other", "3.4", "smpp", True)
        assert [one.account for one in smsc.disconnect(account="other")] == ["other"]
        assert smsc.disconnect(account="nobody") == []
        assert [one.account for one in smsc.sessions][:1] == ["gateway"]
    assert [one.account for one in smsc.stall("10ms")] == ["gateway"]
    assert gateway.send() == 0
    smsc.unbind()
    assert smsc.journal.count("unbind_sent") == 1


def test_subscribers_write_and_time_passes(smsc: Any, gateway: Gateway) -> None:
    seen = smsc.mo(to="5555", sender=TO, text="STOP")
    assert seen is not None
    assert (seen.direction, seen.text, seen.account) == ("mo", "STOP", "gateway")
    assert gateway.read().short_message == b"STOP"
    assert [one.destination for one in smsc.messages(event="mo")] == ["5555"]
    assert smsc.wait_for(event="mo", text="STOP", timeout=1).source == TO
    smsc.when().deliver("UNDELIV", after="2 days")
    gateway.send()
    began = smsc.clock.time
    assert (smsc.clock.advance("3 days") - began).total_seconds() == pytest.approx(3 * 86_400, abs=60)
    assert smsc.messages()[0].state == "UNDELIV"
    smsc.clock.set_rate(2)


def test_scenarios_are_loaded_judged_and_gone_after_a_reset(smsc: Any, gateway: Gateway, tmp_path: Any) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("scenario: 1\nexpect: {gateway: delivered}\n", encoding="utf-8")
    smsc.load("quirks/throttle-storm", mine)
    smsc.load(parse("scenario: 1\nrules: [{when: {text: lost}, then: lose}]"))
    gateway.send(text="lost")
    assert smsc.messages(state="ENROUTE")
    smsc.observe(TO, "failed")
    verdict = smsc.verdict()
    assert (bool(verdict), verdict.outcome) == (False, "failed")
    assert "failed" in {one.outcome for one in verdict.expectations}
    assert verdict.scenarios[:2] == ("quirks/throttle-storm", str(mine))
    smsc.reset(seed=5, keeps_sessions=False)
    assert (smsc.messages(), smsc.journal.count("submitted"), smsc.sessions) == ([], 0, [])
    assert smsc.verdict().scenarios == ()


@pytest.mark.parametrize("verb", ["when", "messages", "wait_for"])
def test_a_word_that_is_none_is_refused(smsc: Any, verb: str) -> None:
    with pytest.raises(ScenarioError, match="did you mean destination"):
        getattr(smsc, verb)(destinaton=TO)
    with pytest.raises(ScenarioError, match="throttle-storm"):
        smsc.load("quirks/throttle-strom")


def test_scenarios_that_do_not_fit_change_nothing(smsc: Any) -> None:
    smsc.load(parse("scenario: 1\nrules: [{then: {reject: 1}}]"))
    with pytest.raises(Misfit):
        smsc.load(parse("scenario: 1\nrules: [{then: {reject: 2}}]"))
    assert len(smsc.verdict().scenarios) == 1


def test_it_is_awaited_in_a_loop(smsc: Any) -> None:
    async def inside() -> None:
        with pytest.raises(RuntimeError, match=r"await smsc\.aio\.wait_for"):
            smsc.wait_for()
        with pytest.raises(NotSeen):
            await smsc.aio.wait_for(timeout=0)
        with pytest.raises(NotSeen):
            await smsc.aio.wait_for_bind(timeout=0)
        assert (await smsc.aio.clock.advance("1 day")).tzinfo is not None

    asyncio.run(inside())


def test_idle_is_when_nothing_is_to_come(smsc: Any, gateway: Gateway) -> None:
    smsc.when().deliver("DELIVRD", after="100ms")
    gateway.send()
    with pytest.raises(NotSeen, match=r"still busy after 0.01 s\n  1 messages of gateway without an end$"):
        smsc.wait_until_idle(timeout=0.01)
    gateway.read()
    smsc.wait_until_idle()
    asyncio.run(smsc.aio.wait_until_idle())


def test_the_conversation_is_told(smsc: Any, gateway: Gateway) -> None:
    smsc.when().reject("ESME_RTHROTTLED", name="storm")
    gateway.send()
    told = smsc.conversation()
    assert f"submitted #1 12025550199 -> {TO} 'hi'" in told
    assert "rules that fired: storm 1 times" in told


# ------------------------------------------------------------------ what only one of them has


def test_suites_that_keep_to_their_accounts_do_not_see_each_other(elsewhere: EmbeddedSmsc) -> None:
    ours, theirs = (RemoteSmsc(elsewhere.http_url, account=name) for name in ("ours", "theirs"))
    ours.when().reject("ESME_RTHROTTLED")
    with bound(elsewhere, "ours") as one, bound(elsewhere, "theirs") as other:
        assert (one.send(), other.send()) == (THROTTLED, 0)
        assert [one.account for one in theirs.messages()] == ["theirs"]
        ours.reset()
        assert (len(ours.messages()), len(theirs.messages())) == (0, 1)
        assert (one.send(), other.send()) == (0, 0)
    with pytest.raises(SmscRefused, match="belongs to all"):
        ours.reset(seed=7)


def test_what_is_not_to_be_had_over_http_says_so_by_name(remote: RemoteSmsc) -> None:
    with pytest.raises(NotRemote, match=r"smsc.port_of: not over HTTP, at http://127.0.0.1:"):
        remote.port_of("smpp")
    with pytest.raises(NotRemote, match=r"smsc.subscribers: "):
        remote.subscribers  # noqa: B018  (reading it is the deed)
    with pytest.raises(ScenarioError, match="until: '10s', allowed: a match of what ends it"):
        remote.when().reject(until="10s")


def test_rules_are_taken_away_in_the_end(elsewhere: EmbeddedSmsc) -> None:
    with RemoteSmsc(elsewhere.http_url) as smsc:
        smsc.when().reject()
    with bound(elsewhere) as gateway:
        assert gateway.send() == 0


def test_nobody_there_is_told_with_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with pytest.raises(NotReached, match=f"{url}: .*refused"), RemoteSmsc(url):
        pass
    assert url in RemoteSmsc(url).conversation()


@pytest.mark.parametrize("url", ["127.0.0.1:8775", "smpp://127.0.0.1:2775", "http://", "http://x/?a=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be http://HOST:PORT"):
        RemoteSmsc(url)
