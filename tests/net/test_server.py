"""The server in virtual time: who is let in, who is shown out when, and what is due leaves when it is due."""

import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock, lockstep_stream_pair, memory_stream_pair, wait_all_tasks_blocked

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.net.client import open_esme
from simulator.net.link import LINGER
from simulator.net.server import FAREWELL, GRAIN, Server, peer_of
from simulator.smpp.codec import encode
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import (
    BindTransceiverResp,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms
from tests.ipv6 import needs_ipv6
from tests.net.memory import START, Served, a_bind, a_message, next_pdu, pdus_in, rest_of, serving

SLACK = 2 * GRAIN


def near(seconds: float) -> Any:
    """A moment, or up to two looks at the agenda later."""
    return pytest.approx(seconds + SLACK / 2, abs=SLACK / 2 + 1e-6)


# ------------------------------------------------------------------ timers


async def test_who_does_not_bind_is_shown_out_after_ten_seconds(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect()
        assert await rest_of(stream) == b""
        assert trio.current_time() == near(10.0)
        await stream.aclose()


async def test_who_has_bound_stays(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        await trio.sleep(600)
        assert esme.connection.is_bound
        # one every thirty seconds, and each was answered
        assert 15 <= served.kinds("timeout") <= 20


async def test_a_silent_link_is_enquired_after_thirty_seconds(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect()
        await stream.send_all(a_bind())
        assert isinstance(await next_pdu(stream), BindTransceiverResp)
        for count in (1, 2, 3):
            enquiry = await next_pdu(stream)
            assert isinstance(enquiry, EnquireLink)
            assert trio.current_time() == pytest.approx(30.0 * count, abs=0.1)
            await stream.send_all(encode(EnquireLinkResp(enquiry.sequence_number)))
        await stream.aclose()


async def test_a_peer_that_answers_no_enquiry_is_shown_out(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect()
        await stream.send_all(a_bind())
        bound, *enquiries = pdus_in(await rest_of(stream))
        assert isinstance(bound, BindTransceiverResp)
        assert {type(one) for one in enquiries} == {EnquireLink}
        assert trio.current_time() == near(60.0)
        await stream.aclose()
        await wait_all_tasks_blocked()
        assert not served.smsc.sessions


async def test_a_dead_peer_that_does_not_even_read_is_shown_out(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect(lockstep_stream_pair)
        await stream.send_all(a_bind())
        assert isinstance(await next_pdu(stream), BindTransceiverResp)
        # the enquiry hangs in the stream
        await trio.sleep(60 + 2 * LINGER + SLACK)
        assert not served.smsc.sessions
        await stream.aclose()


async def test_an_inactive_session_is_asked_to_leave(autojump_clock: MockClock) -> None:
    async with serving(terms=Terms(timers=Timers(inactivity=12.0))) as served:
        stream = served.connect()
        await stream.send_all(a_bind())
        assert isinstance(await next_pdu(stream), BindTransceiverResp)
        unbind = await next_pdu(stream)
        assert isinstance(unbind, Unbind)
        assert trio.current_time() == near(12.0)
        await stream.send_all(encode(UnbindResp(unbind.sequence_number)))
        assert await rest_of(stream) == b""
        await stream.aclose()


# ------------------------------------------------------------------ what is due


async def test_a_receipt_leaves_when_it_is_due(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        await esme.request(a_message())
        assert trio.current_time() < GRAIN
        assert isinstance(await esme.deliveries.receive(), DeliverSm)
        assert trio.current_time() == near(0.3)


async def test_the_carrier_s_clock_may_run_faster(autojump_clock: MockClock) -> None:
    async with serving(speed=60.0, carrier=Carrier(delay=Fixed(60.0))) as served, served.bound() as esme:
        await esme.request(a_message())
        await esme.deliveries.receive()
        assert trio.current_time() == near(1.0)


async def test_what_is_due_earlier_wakes_the_sleeper(autojump_clock: MockClock) -> None:
    async with serving() as served:
        await trio.sleep(5)
        done: list[tuple[str, float]] = []
        for name, after in (("late", 20.0), ("early", 1.0), ("middle", 7.0), ("now", 0.0)):
            served.smsc.agenda.put_link(
                trio.current_time() + after, lambda subject, now: done.append((subject, now)), name
            )
        await trio.sleep(30)
        assert done == [("now", near(5.0)), ("early", near(6.0)), ("middle", near(12.0)), ("late", near(25.0))]


async def test_what_is_due_at_one_moment_leaves_in_one_write(autojump_clock: MockClock) -> None:
    writes = 0

    def counted() -> tuple[Any, Any]:
        ours, theirs = memory_stream_pair()
        carry = theirs.send_stream.send_all_hook
        assert carry is not None

        async def count() -> None:
            nonlocal writes
            writes += 1
            await carry()

        theirs.send_stream.send_all_hook = count
        return ours, theirs

    async with serving(terms=Terms(deliver_window=100)) as served, served.bound(pair=counted, window=50) as esme:
        async with trio.open_nursery() as nursery:
            for _ in range(50):
                nursery.start_soon(esme.request, a_message())
        before = writes
        for _ in range(50):
            await esme.deliveries.receive()
        assert writes - before == 1


async def test_a_great_many_things_due_at_once_do_not_starve_the_links(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        done = 0
        seen: list[int] = []

        def deed(subject: Any, now: float) -> None:
            nonlocal done
            done += 1

        for _ in range(60_000):
            served.smsc.agenda.put_link(trio.current_time() + 1.0, deed, None)
        await trio.sleep(1.0)
        while done < 60_000:
            await esme.request(EnquireLink())
            seen.append(done)
        between = [count for count in seen if 0 < count < 60_000]
        assert between, seen
        assert trio.current_time() == near(1.0)


async def test_a_deed_that_puts_itself_off_is_not_done_in_a_busy_loop(autojump_clock: MockClock) -> None:
    async with serving() as served:
        count = 0

        def again(subject: Any, now: float) -> None:
            nonlocal count
            count += 1
            served.smsc.agenda.put_link(now + GRAIN / 100, again, None)

        served.smsc.agenda.put_link(0.0, again, None)
        await trio.sleep(1.0)
        assert count <= 1.0 / GRAIN + 2


# ------------------------------------------------------------------ faults


async def test_octets_that_are_no_smpp_are_nacked_before_the_end(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect()
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n")
        (nack,) = pdus_in(await rest_of(stream))
        assert isinstance(nack, GenericNack)
        assert nack.command_status == CommandStatus.ESME_RINVCMDLEN
        await stream.aclose()


async def test_an_error_of_ours_ends_one_link_and_is_logged(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Carrier):
        def submit(self, message: Any, account: Any, now: float) -> Any:
            raise RuntimeError("a fault of ours")

    async with serving(carrier=Broken()) as served, served.bound(system_id="other") as other:
        stream = served.connect()
        await stream.send_all(a_bind() + encode(a_message(sequence_number=2)))
        assert await rest_of(stream) == b""
        await stream.aclose()
        assert (await other.request(EnquireLink())).command_status == 0
        await wait_all_tasks_blocked()
        assert [session.system_id for session in served.smsc.sessions.values()] == ["other"]
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.getMessage() == "session 2 of memory ended by an error of ours"
    assert "a fault of ours" in caplog.text


async def test_a_peer_that_cuts_mid_pdu_is_forgotten_and_its_receipts_wait(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = served.connect()
        await stream.send_all(a_bind() + encode(a_message(sequence_number=2)) + encode(Unbind(3))[:7])
        said = [await next_pdu(stream), await next_pdu(stream)]
        assert [type(one) for one in said] == [BindTransceiverResp, SubmitSmResp]
        await stream.aclose()
        await trio.sleep(1)
        assert (len(served.smsc.sessions), served.smsc.waiting()) == (0, 1)
        async with served.bound() as esme:
            assert isinstance(await esme.deliveries.receive(), DeliverSm)


# ------------------------------------------------------------------ stop


async def stopped(served: Served) -> float:
    """Stop and return after how many seconds the server had ended."""
    began = trio.current_time()
    served.server.stop()
    await served.has_ended.wait()
    assert served.ended_at is not None
    return served.ended_at - began


async def test_stop_closes_the_doors_and_unbinds_everybody(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound(system_id="one") as one, served.bound(system_id="two") as two:
        seconds = await stopped(served)
        assert seconds < 0.1
        assert served.kinds("unbound") == 2
        for esme in (one, two):
            assert not esme.connection.is_bound
        with pytest.raises(trio.BrokenResourceError):
            served.connect()


async def test_stop_without_anybody_ends_at_once(autojump_clock: MockClock) -> None:
    async with serving() as served:
        assert await stopped(served) < 0.1


async def test_a_second_stop_changes_nothing(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound():
        served.server.stop()
        assert await stopped(served) < 0.1
        served.server.stop()


async def silent(served: Served) -> trio.abc.HalfCloseableStream:
    """Binds and reads, but answers nothing."""
    stream = served.connect()
    await stream.send_all(a_bind())
    await next_pdu(stream)
    return stream


async def deaf(served: Served) -> trio.abc.HalfCloseableStream:
    """Binds and never reads again."""
    stream = served.connect(lockstep_stream_pair)
    await stream.send_all(a_bind())
    await next_pdu(stream)
    return stream


async def unbound(served: Served) -> trio.abc.HalfCloseableStream:
    """Connects and says nothing."""
    stream = served.connect()
    await wait_all_tasks_blocked()
    return stream


@pytest.mark.parametrize("guest", [silent, deaf, unbound])
async def test_nobody_can_hold_up_the_end(
    autojump_clock: MockClock, guest: Callable[[Served], Awaitable[trio.abc.HalfCloseableStream]]
) -> None:
    async with serving() as served:
        stream = await guest(served)
        assert await stopped(served) <= FAREWELL + LINGER + SLACK
        assert not served.smsc.sessions
        await stream.aclose()


async def test_an_unanswered_unbind_ends_with_our_end(autojump_clock: MockClock) -> None:
    async with serving() as served:
        stream = await silent(served)
        served.server.stop()
        assert [type(one) for one in pdus_in(await rest_of(stream))] == [Unbind]
        await stream.aclose()


async def test_a_cancelled_server_closes_every_stream(autojump_clock: MockClock) -> None:
    served = Served(Smsc(trio.current_time(), START))
    async with trio.open_nursery() as nursery:
        await nursery.start(served.run)
        stream = await silent(served)
        nursery.cancel_scope.cancel()
    assert await rest_of(stream) == b""
    await stream.aclose()
    assert trio.current_time() <= LINGER


# ------------------------------------------------------------------ names of peers


async def test_the_journal_names_the_peer_of_a_socket() -> None:
    smsc = Smsc(trio.current_time(), START)
    server = Server(smsc)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, listeners)
        stream = await trio.open_tcp_stream("127.0.0.1", listeners[0].socket.getsockname()[1])
        host, port = stream.socket.getsockname()
        async with open_esme("", 0, system_id="gateway", stream=stream):
            assert [session.peer for session in smsc.sessions.values()] == [f"{host}:{port}"]
        server.stop()


@needs_ipv6
async def test_peers_are_named_by_address_through_tls_and_in_brackets_over_ipv6() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="::1")
    port = listener.socket.getsockname()[1]
    stream = await trio.open_tcp_stream("::1", port)
    assert peer_of(stream) == f"[::1]:{port}"
    assert peer_of(trio.SSLStream(stream, ssl.create_default_context())) == f"[::1]:{port}"
    await stream.aclose()
    assert peer_of(stream) == "gone"
    await listener.aclose()
    assert peer_of(memory_stream_pair()[0]) == "memory"


async def test_what_is_due_does_not_fall_behind_links_that_never_rest() -> None:
    smsc = Smsc(trio.current_time(), 1_800_000_000.0)
    server = Server(smsc)
    done: list[int] = []

    def deed(subject: int, now: float) -> None:
        done.append(subject)

    for number in range(20_000):
        smsc.agenda.put(0.0, deed, number)
    turns = 0
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        while len(done) < 20_000:
            # every turn of the loop somebody else takes his time, as full links do
            ends = time.perf_counter() + 0.001
            while time.perf_counter() < ends:
                pass
            turns += 1
            await trio.lowlevel.checkpoint()
        server.stop()
    assert done == list(range(20_000))
    # a hundred a turn would take two hundred
    assert turns < 100
