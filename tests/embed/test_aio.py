"""The verbs that wait, awaited: in asyncio, in trio, and in the SMSC's own run, where time is virtual."""

import asyncio
import json
import threading
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
import trio

from simulator.embed.embedded import EmbeddedSmsc, NotSeen, open_smsc
from simulator.embed.hosting import SmscClosed
from simulator.net.client import open_esme
from simulator.smpp.pdus import SubmitSm
from tests.embed.gateway import Gateway, bound

TO = "12025550100"


@pytest.fixture
def smsc() -> Iterator[EmbeddedSmsc]:
    with open_smsc() as running:
        yield running


@pytest.fixture
def gateway(smsc: EmbeddedSmsc) -> Iterator[Gateway]:
    with bound(smsc) as one:
        yield one


# ------------------------------------------------------------------ asyncio


def test_asyncio_goes_on_while_it_is_waited(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    async def inside() -> str:
        waiting = asyncio.create_task(smsc.aio.wait_for(destination=TO, state="DELIVRD", timeout=30))
        await asyncio.sleep(0)
        smsc.when(destination=TO).deliver("DELIVRD", after=0)
        await asyncio.to_thread(gateway.send)
        await smsc.aio.wait_for_bind(account="gateway")
        return (await waiting).text

    assert asyncio.run(inside()) == "hi"


def test_a_wait_that_asyncio_cancels_waits_no_more_there(smsc: EmbeddedSmsc) -> None:
    async def inside() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(smsc.aio.wait_for(timeout=60), 0.05)
        while smsc._do(lambda one: one.waiting.count):  # noqa: ASYNC110 -- there is no event of it
            await asyncio.sleep(0)

    asyncio.run(inside())


def test_what_has_not_come_is_told_in_asyncio_as_well(smsc: EmbeddedSmsc) -> None:
    async def inside() -> None:
        with pytest.raises(NotSeen, match=r"wait_for\(destination='1'\): wanted 1, came 0, in 0 s"):
            await smsc.aio.wait_for(destination="1", timeout=0)
        assert (await smsc.aio.clock.advance("1 day")).tzinfo is not None
        await smsc.aio.wait_until_idle()

    asyncio.run(inside())


# ------------------------------------------------------------------ trio, the SMSC in its thread


async def test_trio_goes_on_while_it_is_waited(smsc: EmbeddedSmsc) -> None:
    async with open_esme(smsc.host, smsc.port, system_id="gateway") as esme, trio.open_nursery() as nursery:
        nursery.start_soon(esme.submit, SubmitSm(destination_addr=TO, source_addr="1", short_message=b"hi"))
        assert (await smsc.aio.wait_for(destination=TO)).account == "gateway"
        assert (await smsc.aio.wait_for_bind()).system_id == "gateway"
        await smsc.aio.wait_until_idle()


async def test_a_wait_that_trio_cancels_waits_no_more_there(smsc: EmbeddedSmsc) -> None:
    with trio.move_on_after(0.05) as scope:
        await smsc.aio.wait_for(timeout=60)
    assert scope.cancelled_caught
    while smsc._do(lambda one: one.waiting.count):
        await trio.lowlevel.checkpoint()


async def test_a_reset_and_a_load_wait_for_no_gateway_and_are_no_matter_of_loops(smsc: EmbeddedSmsc) -> None:
    smsc.load("quirks/throttle-storm")
    smsc.reset()
    assert smsc.verdict().scenarios == ()


def test_without_a_loop_nothing_is_awaited(smsc: EmbeddedSmsc) -> None:
    waiting = smsc.aio.wait_for(timeout=0)
    with pytest.raises(RuntimeError, match=r"neither asyncio nor trio runs in this thread: smsc.wait_for"):
        waiting.send(None)


async def test_who_waits_when_it_is_closed_is_told() -> None:
    smsc = EmbeddedSmsc().start()
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            with pytest.raises(SmscClosed, match="while somebody waited"):
                await smsc.aio.wait_for(timeout=60)

        nursery.start_soon(wait)
        while not smsc._do(lambda one: one.waiting.count):
            await trio.lowlevel.checkpoint()
        await trio.to_thread.run_sync(smsc.close)


# ------------------------------------------------------------------ trio, the SMSC in the same run


async def test_three_days_pass_at_once(autojump_clock: trio.testing.MockClock) -> None:
    threads, began = threading.active_count(), trio.current_time()
    async with open_smsc() as smsc, open_esme(stream=smsc.connect(), system_id="gateway") as esme:
        smsc.when(destination=TO).deliver("DELIVRD", after="3 days")
        message = SubmitSm(destination_addr=TO, source_addr="1", short_message=b"hi", registered_delivery=1)
        await esme.submit(message)
        assert (await smsc.wait_for_bind()).account == "gateway"
        seen = await smsc.wait_for(destination=TO, state="DELIVRD", timeout="4 days")
        await smsc.wait_until_idle()
        assert (seen.text, smsc.journal.count("submitted")) == ("hi", 1)
        assert (await esme.deliveries.receive()).command_id == 5
        assert smsc.clock.time.isoformat()[:10] == "2027-01-18"
        assert threading.active_count() <= threads
    assert trio.current_time() - began >= 3 * 86_400


async def test_the_carriers_clock_is_led_and_the_links_is_not(autojump_clock: trio.testing.MockClock) -> None:
    async with open_smsc() as smsc, open_esme(stream=smsc.connect(), system_id="gateway") as esme:
        smsc.when().deliver("DELIVRD", after="3 days")
        await esme.submit(SubmitSm(destination_addr=TO, source_addr="1", short_message=b"hi"))
        began = trio.current_time()
        await smsc.clock.advance("3 days")
        await smsc.aio.wait_for(state="DELIVRD", timeout=1)
        assert trio.current_time() - began < 60
        await smsc.reset(keeps_sessions=False)
        assert (smsc.messages(), smsc.sessions) == ([], [])


async def test_a_miss_takes_no_time_of_ours(autojump_clock: trio.testing.MockClock) -> None:
    async with open_smsc("quirks/throttle-storm") as smsc:
        with pytest.raises(NotSeen, match="wanted 1, came 0, in 3600 s"):
            await smsc.wait_for(timeout="1 hour")
        smsc.load("quirks/id-only-in-text")
        assert smsc.verdict().scenarios == ("quirks/throttle-storm", "quirks/id-only-in-text")


async def test_two_runs_of_virtual_time_tell_the_same_story(autojump_clock: trio.testing.MockClock) -> None:
    stories = list[str]()
    for _ in range(2):
        async with open_smsc(seed=5) as smsc, open_esme(stream=smsc.connect(), system_id="gateway") as esme:
            smsc.when().reject(probability=0.5, until={"text": "7"})
            for number in range(10):
                message = SubmitSm(destination_addr=TO, source_addr="1", short_message=b"%d" % number)
                await esme.request(message)
            stories.append(smsc.conversation())
    assert stories[0] == stories[1]


def test_in_asyncio_it_is_opened_by_a_plain_with() -> None:
    async def inside() -> None:
        with pytest.raises(RuntimeError, match=r"is for trio; in asyncio: `with open_smsc\(\) as smsc`"):
            async with open_smsc():
                pass

    asyncio.run(inside())


async def test_what_fails_in_it_comes_as_it_is(autojump_clock: trio.testing.MockClock) -> None:
    with pytest.raises(NotSeen):
        async with open_smsc() as smsc:
            await smsc.wait_for()


async def test_it_lives_in_its_run_and_nowhere_else() -> None:
    async with open_smsc() as smsc:
        with pytest.raises(RuntimeError, match="lives in a trio run"):
            await trio.to_thread.run_sync(smsc.messages)


# ------------------------------------------------------------------ HTTP


def test_the_api_is_served_when_it_is_asked_for(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    threads = threading.active_count()
    gateway.send()
    with urlopen(f"{smsc.http_url}/api/messages") as answer:
        assert [one["to"] for one in json.load(answer)["messages"]] == [TO]
    assert smsc.http_url == smsc.http_url
    assert threading.active_count() == threads
