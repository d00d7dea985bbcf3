"""Requests that no task waits for, and deliveries that are answered later."""

import pytest
import trio

from simulator.net.client import Delivered, LinkClosed, open_esme
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import DeliverSm, DeliverSmResp, Response, SubmitSm, SubmitSmResp, response_to
from tests.net.memory import QUIET, a_message
from tests.net.test_client import HandMade


class Told:
    """What came for one request."""

    def __init__(self) -> None:
        self.came: list[Response | Exception] = []

    def keep(self, response: Response | Exception) -> None:
        self.came.append(response)


async def test_a_posted_request_is_answered_without_a_task_and_the_window_is_kept_to() -> None:
    smsc, told = HandMade(), Told()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.answer)
        async with open_esme(system_id="a", stream=smsc.ours, timers=QUIET, window=1) as esme:
            assert esme.room == 1
            esme.post(a_message(), told)
            assert esme.room == 0
            with pytest.raises(LocalError):
                esme.post(a_message(), told)
            request = await smsc.hear()
            assert isinstance(request, SubmitSm)
            await smsc.say(response_to(request, 0x58))
            with trio.fail_after(5):
                while not told.came:
                    await trio.lowlevel.checkpoint()
            (answer,) = told.came
            assert isinstance(answer, SubmitSmResp)
            assert (answer.command_status, esme.room) == (0x58, 1)
            nursery.start_soon(smsc.answer)


async def test_whoever_posted_is_told_of_the_end_and_nothing_is_posted_after_it() -> None:
    smsc, told = HandMade(), Told()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.answer)
        async with open_esme(system_id="a", stream=smsc.ours, timers=QUIET) as esme:
            esme.post(a_message(), told)
            await smsc.hear()
            await smsc.stream.aclose()
            async for _ in esme.deliveries:
                pass
            (end,) = told.came
            assert isinstance(end, LinkClosed)
            assert esme.room == 0
            with pytest.raises(LinkClosed):
                esme.post(a_message(), told)
            esme.answer(DeliverSm())


async def test_a_delivery_may_be_answered_later() -> None:
    smsc = HandMade()
    heard: list[Delivered] = []

    def later(pdu: Delivered) -> None:
        heard.append(pdu)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(smsc.answer)
        async with open_esme(system_id="a", stream=smsc.ours, timers=QUIET, decide=later) as esme:
            await smsc.say(DeliverSm(sequence_number=9, short_message=b"hi"))
            with trio.fail_after(5):
                while not heard:
                    await trio.lowlevel.checkpoint()
            esme.answer(heard[0], 0x64)
            answer = await smsc.hear()
            assert isinstance(answer, DeliverSmResp)
            assert (answer.sequence_number, answer.command_status) == (9, 0x64)
            nursery.start_soon(smsc.answer)
