"""When garbage is collected, and that traffic makes none that needs it."""

import gc
import ssl
from functools import partial

import pytest
import trio
import trio.testing
import trustme
from trio.testing import MockClock

from scripts.attacks import UNBIND, bind, dialled, pdu, reset
from simulator.net.server import Door, Server
from simulator.serving.collector import Collector
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.smsc import Smsc
from tests.net.tcp import ServedTcp
from tests.smsc.world import World


def test_traffic_makes_no_cycles():
    world = World()
    gateway = world.bound("g")
    gc.collect()
    gc.disable()
    try:
        for number in range(200):
            gateway.send(SubmitSm(source_addr="12025550100", destination_addr=f"120255501{number % 100:02}"))
        for number in range(200):
            pdu = SubmitSm(source_addr="12025550100", destination_addr="12025550111", registered_delivery=1)
            pdu.short_message = b"number %d" % number
            gateway.send(pdu)
        world.run(10.0)
        assert len(gateway.received) == 600
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("is_secure", [False, True])
@pytest.mark.parametrize("farewell", ["unbind", "reset", "end"])
async def test_a_link_that_has_ended_leaves_no_cycles(is_secure, farewell):
    authority, door = trustme.CA(), None
    if is_secure:
        door = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(door)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    served = ServedTcp(Smsc(trio.current_time(), 1_800_000_000.0), listener)
    calling = ssl.create_default_context()
    authority.configure_trust(calling)

    async def come_and_go(count):
        tcp = await dialled(served.place)
        stream = trio.SSLStream(tcp, calling, server_hostname="127.0.0.1") if is_secure else tcp
        await stream.send_all(bind("guest"))
        assert await stream.receive_some(100)
        if farewell == "unbind":
            await stream.send_all(pdu(UNBIND, sequence_number=3))
            while await stream.receive_some(100):
                pass
        elif farewell == "end" and isinstance(stream, trio.SSLStream):
            await stream.unwrap()
        if farewell == "reset":
            reset(tcp)
        await trio.aclose_forcefully(tcp)
        # ours, which is not what is counted here
        vars(stream).clear()
        await served.until(lambda: served.server.links_ended == count)

    async with trio.open_nursery() as nursery:
        await nursery.start(partial(served.server.serve, [Door(listener, "guests", door)]))
        # what is made once only is made by the first
        await come_and_go(1)
        gc.collect()
        gc.disable()
        try:
            await come_and_go(2)
            await trio.testing.wait_all_tasks_blocked()
            assert gc.collect() == 0
        finally:
            gc.enable()
        served.server.stop()


def collector() -> Collector:
    return Collector(Server(Smsc(0.0, 1_800_000_000.0)))


def test_nothing_is_looked_at_while_only_messages_come():
    one = collector()
    assert not one.is_due()
    one._server.links_ended += 1
    assert one.is_due()
    assert not one.is_due()


async def test_every_request_is_followed_by_a_look_also_a_long_one():
    one = collector()
    ended = trio.Event()

    async def app(scope, receive, send):
        await ended.wait()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.counted(app), {}, None, None)
        await trio.testing.wait_all_tasks_blocked()
        assert one.is_due()
        assert not one.is_due()
        ended.set()
    assert one.is_due()


async def test_it_freezes_what_lives(autojump_clock: MockClock):
    one = collector()
    thresholds = gc.get_threshold()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(one.run)
            await trio.sleep(Collector.PERIOD * 1.5)
            before = gc.get_freeze_count()
            kept = [[number] for number in range(5000)]
            await trio.sleep(Collector.PERIOD)
            assert gc.get_freeze_count() >= before + len(kept)
            # nobody is busy, and a link has ended: now all is looked at
            one._server.links_ended += 1
            await trio.sleep(Collector.PERIOD)
            nursery.cancel_scope.cancel()
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
