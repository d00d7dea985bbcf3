"""Our own ESME against our own server and against SMSCs that misbehave, both ends in one run and in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair, wait_all_tasks_blocked

from simulator.carrier.accounts import Account
from simulator.net.client import FAREWELL, BindRefused, Delivered, Esme, LinkClosed, NoAnswer, open_esme
from simulator.smpp.codec import encode
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    Request,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    response_to,
)
from tests.net.memory import QUIET, a_message, next_pdu, rest_of, serving


class HandMade:
    """An SMSC whose every PDU a test says; ``stream`` is its end of the link."""

    def __init__(self) -> None:
        self.ours, self.stream = memory_stream_pair()

    async def hear(self) -> Pdu:
        return await next_pdu(self.stream)

    async def say(self, *pdus: Pdu) -> None:
        await self.stream.send_all(b"".join(encode(pdu) for pdu in pdus))

    async def answer(self, status: int = 0) -> Request:
        """Answer the next request."""
        request = await self.hear()
        assert isinstance(request, Request)
        await self.say(response_to(request, status))
        return request

    async def mute(self) -> None:
        """Read to the end and never answer; nothing to do where the test has closed this end."""
        with suppress(trio.ClosedResourceError):
            await rest_of(self.stream)


@asynccontextmanager
async def hand_made(**settings: object) -> AsyncIterator[tuple[HandMade, Esme]]:
    """A bound ESME, and the SMSC that bound it; whatever still comes is read and not answered."""
    smsc = HandMade()
    chosen = {"system_id": "gateway", "timers": QUIET} | settings
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.answer)
        async with open_esme("", 0, stream=smsc.ours, **chosen) as esme:  # type: ignore[arg-type]
            yield smsc, esme
            nursery.start_soon(smsc.mute)


# ------------------------------------------------------------------ bind


@pytest.mark.parametrize(("bind", "kind"), [("TX", BindTransmitter), ("RX", BindReceiver), ("TRX", BindTransceiver)])
async def test_a_bind_tells_what_it_was_given(autojump_clock: MockClock, bind: str, kind: type[Pdu]) -> None:
    smsc = HandMade()
    heard: list[Pdu] = []

    async def answer_all() -> None:
        heard.append(await smsc.answer())
        heard.append(await smsc.answer())
        await smsc.mute()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer_all)
        async with open_esme(
            "",
            0,
            system_id="gateway",
            password="secret",
            bind=bind,  # type: ignore[arg-type]
            system_type="VMA",
            interface_version=0x33,
            address_range="1202*",
            stream=smsc.ours,
        ) as esme:
            assert esme.connection.is_bound
    assert [type(pdu) for pdu in heard] == [kind, Unbind]
    request = heard[0]
    assert isinstance(request, BindTransmitter | BindReceiver | BindTransceiver)
    assert (request.system_id, request.password, request.system_type) == ("gateway", "secret", "VMA")
    assert (request.interface_version, request.address_range) == (0x33, "1202*")


async def test_a_refused_bind_is_raised_with_its_status(autojump_clock: MockClock) -> None:
    async with serving(accounts=[Account("gateway", "right")]) as served:
        with pytest.raises(BindRefused, match="bind refused: ESME_RINVPASWD") as caught:
            async with served.bound(password="wrong"):
                raise AssertionError
        assert caught.value.status == CommandStatus.ESME_RINVPASWD
        async with served.bound(password="right") as esme:
            assert esme.connection.is_bound


async def test_nobody_listening_is_an_oserror() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    with pytest.raises(OSError, match="all attempts to connect"):
        async with open_esme("127.0.0.1", port, system_id="gateway"):
            raise AssertionError


async def test_a_link_cut_instead_of_an_answer_to_the_bind_is_linkclosed(autojump_clock: MockClock) -> None:
    smsc = HandMade()
    async with trio.open_nursery() as nursery:

        async def cut() -> None:
            await smsc.hear()
            await smsc.stream.aclose()

        nursery.start_soon(cut)
        with pytest.raises(LinkClosed, match="closed by the peer"):
            async with open_esme("", 0, system_id="gateway", stream=smsc.ours):
                raise AssertionError


async def test_an_unanswered_bind_is_noanswer(autojump_clock: MockClock) -> None:
    smsc = HandMade()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.mute)
        with pytest.raises(NoAnswer, match="no answer to bind_transceiver within the response timer"):
            async with open_esme("", 0, system_id="gateway", stream=smsc.ours):
                raise AssertionError
        assert trio.current_time() >= Timers().response


async def test_a_bind_that_has_no_wire_form_is_our_own_error(autojump_clock: MockClock) -> None:
    smsc = HandMade()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.mute)
        with pytest.raises(LocalError, match="system_id"):
            async with open_esme("", 0, system_id="x" * 16, stream=smsc.ours):
                raise AssertionError


# ------------------------------------------------------------------ requests


async def test_requests_of_many_tasks_share_the_window_and_get_their_own_answers(autojump_clock: MockClock) -> None:
    async with hand_made(window=3) as (smsc, esme):
        answers: dict[str, str] = {}
        most = 0

        async def ask(number: int) -> None:
            response = await esme.request(QuerySm(message_id=f"id-{number}"))
            answers[f"id-{number}"] = getattr(response, "message_id", "")

        async with trio.open_nursery() as nursery:
            for number in range(20):
                nursery.start_soon(ask, number)
            while len(answers) < 20:
                await wait_all_tasks_blocked()
                batch = [await smsc.hear() for _ in range(len(esme.connection.outstanding))]
                most = max(most, len(batch))
                # the last one first: an answer finds its request by its number
                for request in reversed(batch):
                    assert isinstance(request, QuerySm)
                    response = response_to(request)
                    response.message_id = request.message_id  # type: ignore[attr-defined]
                    await smsc.say(response)
                await wait_all_tasks_blocked()
        assert most == 3
        assert answers == {f"id-{number}": f"id-{number}" for number in range(20)}


async def test_an_answer_with_an_error_is_an_answer(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        response = await esme.request(a_message(destination_addr=""))
        assert isinstance(response, SubmitSmResp)
        assert response.command_status == CommandStatus.ESME_RINVDSTADR


async def test_a_nack_is_an_answer(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme), trio.open_nursery() as nursery:

        async def nack() -> None:
            await smsc.say(GenericNack((await smsc.hear()).sequence_number, CommandStatus.ESME_RINVCMDID))

        nursery.start_soon(nack)
        response = await esme.request(a_message())
        assert isinstance(response, GenericNack)
        assert response.command_status == CommandStatus.ESME_RINVCMDID


async def test_submit_gives_a_submit_sm_resp_whatever_was_answered(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        assert (await esme.submit(a_message())).message_id
    for given, told in (
        (CommandStatus.ESME_RINVCMDID, CommandStatus.ESME_RINVCMDID),
        (0, CommandStatus.ESME_RUNKNOWNERR),
    ):
        async with hand_made() as (smsc, esme), trio.open_nursery() as nursery:

            async def nack(smsc: HandMade = smsc, given: int = given) -> None:
                await smsc.say(GenericNack((await smsc.hear()).sequence_number, given))

            nursery.start_soon(nack)
            response = await esme.submit(a_message())
            assert (response.command_status, response.message_id) == (told, "")


async def test_an_unreadable_answer_is_told_and_the_link_lives(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme), trio.open_nursery() as nursery:

        async def stammer() -> None:
            request = await smsc.hear()
            # a message_id without its end
            broken = encode(SubmitSmResp(request.sequence_number, message_id="1"))[:-1]
            await smsc.stream.send_all(len(broken).to_bytes(4, "big") + broken[4:])
            await smsc.answer()

        nursery.start_soon(stammer)
        with pytest.raises(NoAnswer, match="unreadable response: message_id"):
            await esme.request(a_message())
        assert (await esme.request(EnquireLink())).command_status == 0


async def test_a_request_that_the_state_forbids_is_our_own_error(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound(bind="RX") as esme:
        with pytest.raises(LocalError, match="submit_sm: the ESME may not send it in state"):
            await esme.request(a_message())
        assert esme.connection.is_bound


async def test_no_answer_within_the_response_timer_is_told_and_the_link_lives(autojump_clock: MockClock) -> None:
    async with hand_made(timers=replace(QUIET, response=7.0)) as (smsc, esme):
        began = trio.current_time()
        with pytest.raises(NoAnswer, match="no answer to submit_sm within the response timer"):
            await esme.request(a_message())
        assert trio.current_time() - began == pytest.approx(7.0)
        async with trio.open_nursery() as nursery:
            assert isinstance(await smsc.hear(), SubmitSm)
            nursery.start_soon(smsc.answer)
            assert (await esme.request(a_message())).command_status == 0


async def test_a_request_that_expired_leaves_its_room_to_the_next(autojump_clock: MockClock) -> None:
    async with hand_made(timers=replace(QUIET, response=7.0), window=1) as (_, esme):
        times = []

        async def ask() -> None:
            with pytest.raises(NoAnswer):
                await esme.request(a_message())
            times.append(trio.current_time())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            nursery.start_soon(ask)
        assert times == [pytest.approx(7.0), pytest.approx(14.0)]


async def test_a_full_window_does_not_hold_back_the_unbind(autojump_clock: MockClock) -> None:
    async with hand_made(window=1) as (smsc, esme), trio.open_nursery() as nursery:

        async def ask() -> None:
            with pytest.raises(LinkClosed):
                await esme.request(a_message())

        nursery.start_soon(ask)
        assert isinstance(await smsc.hear(), SubmitSm)
        nursery.start_soon(smsc.answer)
        await esme.unbind()
        assert trio.current_time() == 0


async def test_a_cut_by_the_smsc_tells_all_who_wait_and_all_who_come(autojump_clock: MockClock) -> None:
    async with hand_made(window=2) as (smsc, esme):
        told = 0

        async def ask() -> None:
            nonlocal told
            with pytest.raises(LinkClosed, match="closed by the peer"):
                await esme.request(a_message())
            told += 1

        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(ask)
            await smsc.hear()
            await smsc.stream.aclose()
        await ask()
        assert told == 6
        assert [one async for one in esme.deliveries] == []


# ------------------------------------------------------------------ deliveries


async def test_deliveries_come_in_order_and_are_acknowledged(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        for text in ("one", "two", "three"):
            served.smsc.mo("12025550199", "12025550100", text, trio.current_time(), account="gateway")
        heard = [await esme.deliveries.receive() for _ in range(3)]
        assert [one.short_message for one in heard if isinstance(one, DeliverSm)] == [b"one", b"two", b"three"]
        await wait_all_tasks_blocked()
        assert served.kinds("mo_acknowledged") == 3


async def test_what_is_decided_is_answered_and_only_what_was_taken_is_handed_out(autojump_clock: MockClock) -> None:
    def decide(pdu: Delivered) -> int | None:
        return {b"good": 0, b"bad": 0x65, b"quiet": None}[getattr(pdu, "short_message", b"")]

    async with hand_made(decide=decide) as (smsc, esme):
        await smsc.say(
            *(DeliverSm(number, short_message=text) for number, text in enumerate((b"quiet", b"bad", b"good"), 1))
        )
        answers = [await smsc.hear(), await smsc.hear()]
        assert [(type(one), one.sequence_number, one.command_status) for one in answers] == [
            (DeliverSmResp, 2, 0x65),
            (DeliverSmResp, 3, 0),
        ]
        taken = await esme.deliveries.receive()
        assert isinstance(taken, DeliverSm)
        assert taken.short_message == b"good"
        assert esme.deliveries.statistics().current_buffer_used == 0


async def test_an_alert_is_handed_out_and_needs_no_answer(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme):
        await smsc.say(AlertNotification(1, source_addr="12025550100", esme_addr="12025550199"), EnquireLink(2))
        assert isinstance(await smsc.hear(), EnquireLinkResp)
        assert isinstance(await esme.deliveries.receive(), AlertNotification)


async def test_deliveries_beyond_the_bound_are_to_be_repeated_later(autojump_clock: MockClock) -> None:
    async with hand_made(deliveries_max=2) as (smsc, esme):
        await smsc.say(*(DeliverSm(number) for number in (1, 2, 3)))
        statuses = [(await smsc.hear()).command_status for _ in range(3)]
        assert statuses == [0, 0, CommandStatus.ESME_RX_T_APPN]
        assert esme.deliveries.statistics().current_buffer_used == 2


async def test_deliveries_that_nobody_wants_are_still_answered(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme):
        await esme.deliveries.aclose()
        await smsc.say(DeliverSm(1))
        assert (await smsc.hear()).command_status == 0


# ------------------------------------------------------------------ the end, and the life before it


async def test_the_end_of_the_block_unbinds(autojump_clock: MockClock) -> None:
    async with serving() as served:
        async with served.bound() as esme:
            pass
        assert esme.closed_because == "closed by us"
        await wait_all_tasks_blocked()
        assert (served.kinds("unbound"), served.kinds("disconnected")) == (1, 1)
        assert trio.current_time() < 0.1


async def test_unbinding_twice_is_once(autojump_clock: MockClock) -> None:
    async with serving() as served, served.bound() as esme:
        await esme.unbind()
        await esme.unbind()
        assert served.kinds("unbound") == 1
        with pytest.raises((LocalError, LinkClosed)):
            await esme.request(a_message())


async def test_an_unbind_that_is_not_answered_ends_all_the_same(autojump_clock: MockClock) -> None:
    async with hand_made():
        pass
    assert trio.current_time() <= FAREWELL + 2


async def test_an_unbind_of_the_smsc_is_answered_and_ends_the_link(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme):
        await smsc.say(DeliverSm(1, short_message=b"last"), Unbind(2))
        assert [type(one) for one in (await smsc.hear(), await smsc.hear())] == [DeliverSmResp, UnbindResp]
        assert await rest_of(smsc.stream) == b""
        await smsc.stream.aclose()
        assert len([one async for one in esme.deliveries]) == 1
        with pytest.raises(LinkClosed):
            await esme.request(a_message())


async def test_octets_out_of_step_are_nacked_and_end_the_link(autojump_clock: MockClock) -> None:
    async with hand_made() as (smsc, esme):
        await smsc.stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        nack = await smsc.hear()
        assert isinstance(nack, GenericNack)
        assert nack.command_status == CommandStatus.ESME_RINVCMDLEN
        assert await rest_of(smsc.stream) == b""
        await smsc.stream.aclose()
        assert [one async for one in esme.deliveries] == []


async def test_it_enquires_after_silence_and_stays(autojump_clock: MockClock) -> None:
    async with hand_made(timers=replace(QUIET, enquire_link=20.0, response=5.0)) as (smsc, esme):
        for number in (1, 2, 3):
            assert isinstance(await smsc.answer(), EnquireLink)
            assert trio.current_time() == pytest.approx(20.0 * number)
        assert esme.connection.is_bound


async def test_an_smsc_that_does_not_answer_an_enquiry_is_left(autojump_clock: MockClock) -> None:
    async with hand_made(timers=replace(QUIET, enquire_link=20.0, response=5.0)) as (smsc, _):
        assert isinstance(await smsc.hear(), EnquireLink)
        assert await rest_of(smsc.stream) == b""
        assert trio.current_time() == pytest.approx(25.0)
        await smsc.stream.aclose()


async def test_inactivity_ends_the_link(autojump_clock: MockClock) -> None:
    async with hand_made(timers=replace(QUIET, inactivity=60.0)) as (smsc, _):
        assert await rest_of(smsc.stream) == b""
        assert trio.current_time() == pytest.approx(60.0)
        await smsc.stream.aclose()


async def test_an_error_in_the_block_comes_out_as_it_is(autojump_clock: MockClock) -> None:
    async with serving() as served:
        with pytest.raises(ZeroDivisionError):
            async with served.bound():
                _ = 1 / 0
        await wait_all_tasks_blocked()
        assert served.kinds("unbound") == 1


async def test_a_cancelled_block_unbinds_and_leaves_nothing_running(autojump_clock: MockClock) -> None:
    async with serving() as served:
        await wait_all_tasks_blocked()
        before = trio.lowlevel.current_statistics().tasks_living
        with trio.move_on_after(5.0) as scope:
            async with served.bound():
                await trio.sleep_forever()
        assert scope.cancelled_caught
        await wait_all_tasks_blocked()
        assert trio.lowlevel.current_statistics().tasks_living == before
        assert served.kinds("unbound") == 1


async def test_a_cancelled_request_frees_its_room_when_its_answer_comes(autojump_clock: MockClock) -> None:
    async with hand_made(window=1) as (smsc, esme):
        with trio.move_on_after(1.0):
            await esme.request(a_message())
        await smsc.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(smsc.answer)
            assert (await esme.request(a_message())).command_status == 0
