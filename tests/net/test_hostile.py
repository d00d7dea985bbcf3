"""Clients that are broken or hostile, over real sockets: the others are served, all is journalled, nothing is left."""

import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf

import pytest
import trio
import trio.lowlevel

from scripts.attacks import ATTACKS, ENQUIRE_LINK, UNBIND, bind, dialled, pdu, reset, submit
from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.net.client import Esme
from simulator.net.link import BACKLOG_MAX
from simulator.net.poller import READ_SIZE
from simulator.net.server import links_for
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import BindTransceiverResp, EnquireLinkResp, SubmitSmResp, UnbindResp
from simulator.smsc.terms import Terms
from tests.net.memory import a_message, next_pdu, pdus_in, rest_of
from tests.net.tcp import ServedTcp, serving_tcp

SLOWEST_MAX = {"multis": 0.5}
"""Seconds, 1.5 where nothing is said: attackers, server and the one who measures share a task loop here, scripts/bench
--hostile has figures. A server that answers all of a read before the next has its turn takes 1.1 for multis."""
IMPATIENT = Terms(timers=Timers(session_init=0.2, enquire_link=0.2, response=0.2))


@asynccontextmanager
async def under_attack(name: str, served: ServedTcp) -> AsyncIterator[Counter[str]]:
    """While the block lasts somebody attacks; what he did."""
    did: Counter[str] = Counter()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ATTACKS[name], served.place, did)
        await served.until(lambda: did)
        yield did
        nursery.cancel_scope.cancel()


async def latencies(esme: Esme, count: int) -> list[float]:
    """How long each of some submit_sm took to be answered."""
    found = []
    for _ in range(count):
        begun = trio.current_time()
        response = await esme.submit(a_message(registered_delivery=0))
        assert response.command_status == 0
        found.append(trio.current_time() - begun)
    return found


@pytest.mark.parametrize("name", ATTACKS)
async def test_whoever_attacks_the_others_are_served_and_nothing_is_left(name: str) -> None:
    async with serving_tcp() as served:
        async with served.bound() as esme, under_attack(name, served) as did:
            found = await latencies(esme, 10)
        assert max(found) < SLOWEST_MAX.get(name, 1.5)
        assert did.total() > 0
        await served.empty()
        assert served.kinds("connected") == served.kinds("disconnected") > 1


async def test_half_pdus_and_silence_end_by_the_timers_and_are_told() -> None:
    async with serving_tcp(terms=IMPATIENT) as served:
        halves = [bind("half") + submit(2)[:40], bind("half")[:20], b""]
        streams = [await dialled(served.place) for _ in range(30)]
        for number, stream in enumerate(streams):
            await stream.send_all(halves[number % 3])
        await served.empty()
        told = Counter(served.reasons("timeout"))
        # who has not bound runs out of time to bind; who has is asked whether he is there
        assert told["session_init"] == 20
        assert told["enquire_link"] == told["no answer to enquire_link"] == 10
        for stream in streams:
            await stream.aclose()


async def test_receipts_for_a_client_that_never_reads_are_bounded_and_counted() -> None:
    terms = Terms(waiting_max=100)
    async with serving_tcp(terms=terms, carrier=Carrier(delay=Fixed(0.0))) as served:
        deaf = await dialled(served.place, receive_buffer=4096)
        await deaf.send_all(bind("gateway"))
        async with served.bound(system_id="gateway", bind="TX", window=100) as esme:
            async with trio.open_nursery() as nursery:
                for _ in range(1000):
                    nursery.start_soon(esme.submit, a_message())
            await served.until(lambda: served.kinds("receipt_failed") == 1000 - 100 - terms.deliver_window)
            assert served.smsc.waiting() == 100
            assert set(served.reasons("receipt_failed")) == {"too many wait for a receiver"}
            # a client of the same account that reads gets what is left when the deaf one has gone
            reset(deaf)
            async with served.bound(system_id="gateway", bind="RX") as receiver:
                await served.until(lambda: served.kinds("receipt_acknowledged") == 100 + terms.deliver_window)
                assert receiver.deliveries.statistics().current_buffer_used == 100 + terms.deliver_window


async def test_a_client_that_submits_and_never_reads_piles_up_no_more_than_a_backlog_is_worth() -> None:
    async with serving_tcp(terms=Terms(waiting_max=100), carrier=Carrier(delay=Fixed(0.0))) as served:
        deaf = await dialled(served.place, receive_buffer=4096)
        await deaf.send_all(bind("deaf"))
        with trio.move_on_after(2.0):
            while True:
                await deaf.send_all(b"".join(submit(number) for number in range(2, 202)))
        (session,) = served.smsc.sessions.values()
        unsent = BACKLOG_MAX + READ_SIZE
        assert session.bytes_waiting <= unsent
        # those whose answer has not left wait behind it, and each answer has 27 octets
        assert served.smsc.waiting() <= 100 + 2 * unsent // 27
        assert served.kinds("receipt_failed") > 0
        reset(deaf)
        await served.empty()


async def test_a_client_that_never_reads_is_read_no_further_than_its_backlog() -> None:
    async with serving_tcp() as served:
        stream = await dialled(served.place, receive_buffer=4096)
        await stream.send_all(bind("deaf"))
        with trio.move_on_after(1.0):
            while True:
                await stream.send_all(pdu(ENQUIRE_LINK) * 4096)
        (session,) = served.smsc.sessions.values()
        # what is unsent, beside what one read was answered with
        assert session.bytes_waiting <= BACKLOG_MAX + READ_SIZE
        enquired = served.kinds("enquired")
        await trio.sleep(0.05)
        assert served.kinds("enquired") == enquired
        reset(stream)
        await served.empty()


async def test_what_was_accepted_before_a_reset_is_told_to_the_next_bind() -> None:
    async with serving_tcp(carrier=Carrier(delay=Fixed(0.05))) as served:
        stream = await dialled(served.place)
        await stream.send_all(bind("gateway") + b"".join(submit(number) for number in range(2, 52)))
        await served.until(lambda: served.kinds("submitted") == 50)
        reset(stream)
        await served.until(lambda: served.smsc.waiting() == 50)
        (reason,) = served.reasons("disconnected")
        assert "connection lost" in reason or reason == "closed by the peer"
        async with served.bound(system_id="gateway") as esme:
            await served.until(lambda: served.kinds("receipt_acknowledged") == 50)
            assert esme.deliveries.statistics().current_buffer_used == 50


async def test_pdus_that_are_split_at_every_offset_are_answered_alike() -> None:
    octets = bind("split") + submit(2, registered=0) + pdu(ENQUIRE_LINK, sequence_number=3)
    octets += pdu(UNBIND, sequence_number=4)
    async with serving_tcp() as served:
        for cut in range(1, len(octets)):
            async with await dialled(served.place) as stream:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await stream.send_all(octets[:cut])
                await trio.lowlevel.checkpoint()
                await stream.send_all(octets[cut:])
                answers = [type(await next_pdu(stream)) for _ in range(4)]
                assert answers == [BindTransceiverResp, SubmitSmResp, EnquireLinkResp, UnbindResp]
        assert served.kinds("malformed") == served.kinds("unexpected") == 0


async def test_500_pdus_in_one_segment_are_answered_in_order() -> None:
    async with serving_tcp() as served:
        async with await dialled(served.place) as stream:
            await stream.send_all(bind("burst"))
            await next_pdu(stream)
            # two octets of text each, so that all of them are in the kernel's hands at once
            await stream.send_all(b"".join(submit(number, registered=0, text=b"hi") for number in range(2, 502)))
            answers = [await next_pdu(stream) for _ in range(500)]
        assert [answer.sequence_number for answer in answers] == list(range(2, 502))
        assert served.kinds("submitted") == 500


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), "begins like a TLS greeting"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "begins like HTTP"),
        (b"POST /api/mo HTTP/1.1\r\nHost: localhost\r\n\r\n", "begins like HTTP"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "begins like an SSH greeting"),
        (bytes(64), "command_length: 0 octets"),
    ],
)
async def test_who_has_come_to_the_wrong_port_is_told_from_a_broken_client(greeting: bytes, told: str) -> None:
    async with serving_tcp() as served:
        async with await dialled(served.place) as stream:
            await stream.send_all(greeting)
            (nack,) = pdus_in(await rest_of(stream))
            assert nack.name == "generic_nack"
        await served.empty()
        (reason,) = served.reasons("malformed")
        assert told in reason


async def test_a_storm_of_connections_leaves_nothing() -> None:
    async with serving_tcp() as served:
        for _ in range(10):
            streams = [await dialled(served.place) for _ in range(50)]
            for number, stream in enumerate(streams):
                if number % 2:
                    reset(stream)
                else:
                    await stream.aclose()
        await served.until(lambda: served.server.links_ended == 500)
        assert served.kinds("connected") == served.kinds("disconnected") == 500


async def test_a_thousand_sessions_at_once_are_all_served() -> None:
    async with serving_tcp() as served:
        streams = [await dialled(served.place) for _ in range(1000)]
        for stream in streams:
            await stream.send_all(bind("crowd") + submit(2, registered=0))
        for stream in streams:
            assert [type(await next_pdu(stream)) for _ in range(2)] == [BindTransceiverResp, SubmitSmResp]
        assert len(served.smsc.sessions) == served.kinds("submitted") == 1000
        for stream in streams:
            await stream.aclose()
        await served.empty()


async def test_where_links_are_few_who_does_not_bind_gives_way_and_who_is_bound_stays() -> None:
    async with serving_tcp() as served:
        served.server._links_max = 3
        bound = [await dialled(served.place), await dialled(served.place)]
        for stream in bound:
            await stream.send_all(bind("crowd"))
            await next_pdu(stream)
        idle = [await dialled(served.place) for _ in range(5)]
        await served.until(lambda: served.server.links_ended == 4)
        assert set(served.reasons("disconnected")) == {"not bound, and no more than 3 connections are let in"}
        for stream in idle[:4]:
            assert await rest_of(stream) == b""
        await idle[4].send_all(bind("last"))
        await next_pdu(idle[4])
        # now all are bound, and it is whoever comes that has to leave
        late = await dialled(served.place)
        assert await rest_of(late) == b""
        assert served.reasons("disconnected")[-1] == "refused: 3 connections, all of them bound"
        for stream in (*bound, idle[4]):
            await stream.send_all(submit(2, registered=0))
            assert type(await next_pdu(stream)) is SubmitSmResp
        for stream in (*bound, *idle, late):
            await stream.aclose()
        await served.empty()


@pytest.mark.parametrize(("files", "links"), [(120, 90), (1024, 768), (20_000, 19_400), (-1, inf)])
def test_some_files_are_spared_for_what_is_no_link(files: int, links: float) -> None:
    assert links_for(files) == links
