"""Our own ESME on trio: binds, submits within its window, answers what is delivered, leaves politely.

It stands on the same Connection as the SMSC, seen from the other side. What a text means it does not know: it sends
and hands out PDUs::

    async with open_esme("127.0.0.1", 2775, system_id="gateway", password="secret") as esme:
        response = await esme.submit(SubmitSm(source_addr="12025550199", destination_addr="12025550100",
                                              registered_delivery=1, short_message=b"hello"))
        receipt = await esme.deliveries.receive()
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import Any, Final, Literal, Protocol

import trio

from simulator.net.link import Link, LinkClosed
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.constants import CommandStatus, Version, status_name
from simulator.smpp.errors import RemoteError, SmppError
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    response_to,
)
from simulator.smpp.states import Side
from simulator.smsc.memory.evidence import Secured
from simulator.smsc.play.flow import Flow

BindType = Literal["TX", "RX", "TRX"]
Delivered = DeliverSm | DataSm | AlertNotification

_BINDS: Final[dict[str, type[BindTransmitter | BindReceiver | BindTransceiver]]] = {
    "TX": BindTransmitter,
    "RX": BindReceiver,
    "TRX": BindTransceiver,
}

DELIVERIES_MAX: Final = 100_000
"""Deliveries kept for the caller; beyond that each is answered ESME_RX_T_APPN ("try again later")."""

FAREWELL: Final = 5.0
"""Seconds that the unbind at the end may take."""

_TRY_LATER: Final = 0x64


class BindRefused(RemoteError):
    """The SMSC answered the bind with an error; ``status`` is its command_status."""

    def __init__(self, sequence_number: int, status: int) -> None:
        super().__init__(sequence_number, status, f"bind refused: {status_name(status)}")


class NoAnswer(SmppError):
    """The SMSC did not answer a request within the response timer."""


class Waiting(Protocol):
    """Whom a response is for."""

    def keep(self, response: Response | Exception) -> None:
        """What came: a response of whatever status, NoAnswer, or LinkClosed. Called once, and must not raise."""


class _Promise:
    """Where one request's response will appear."""

    __slots__ = ("event", "response")

    def __init__(self) -> None:
        self.event = trio.Event()
        self.response: Response | Exception | None = None

    def keep(self, response: Response | Exception) -> None:
        self.response = response
        self.event.set()


class Esme:
    """One bound link to an SMSC. Made by ``open_esme``; requests are made from any number of tasks at once."""

    def __init__(
        self,
        wake: Callable[[], None],
        *,
        timers: Timers,
        window: int,
        decide: Callable[[Delivered], int | None],
        deliveries_max: int,
    ) -> None:
        self.connection = Connection(Side.ESME, trio.current_time(), timers=timers, window=window)
        send, receive = trio.open_memory_channel[Delivered](deliveries_max)
        self.deliveries: trio.MemoryReceiveChannel[Delivered] = receive
        """What the SMSC delivered, in order; ends when the link does."""
        self.outbind: Outbind | None = None
        """What the SMSC said of itself when it was it that called (SMPP 3.4, 4.1.7)."""
        self.tls: Secured | None = None
        self.flow: Flow | None = None
        """What TLS agreed on, where there is any."""
        self.hang_up = False
        self.rests = False
        self.closed_because = ""
        self._closed_by: BaseException | None = None
        self._delivered = send
        self._decide = decide
        self._promises: dict[int, Waiting] = {}
        self._room = trio.lowlevel.ParkingLot()
        self._wake = wake
        self._timed = trio.Event()
        self._called = trio.Event()

    # ------------------------------------------------------------------ what a caller does

    async def request(self, pdu: Request) -> Response:
        """Send a request as soon as the window has room; returns its response, whatever status that has.

        Raises LinkClosed when the link ends first, NoAnswer when the response timer runs out, LocalError when SMPP
        forbids the request in this state.
        """
        while self.connection.room <= 0 and not self.closed_because and not isinstance(pdu, _VITAL):
            await self._room.park()
        promise = self._post(pdu)
        await promise.event.wait()
        answer = promise.response
        if isinstance(answer, LinkClosed | NoAnswer):
            raise answer
        assert isinstance(answer, Response)
        return answer

    async def submit(self, pdu: SubmitSm) -> SubmitSmResp:
        """Submit a message, as ``request`` does; a generic_nack comes as a submit_sm_resp with its status and no id."""
        answer = await self.request(pdu)
        if isinstance(answer, SubmitSmResp):
            return answer
        status = answer.command_status or int(CommandStatus.ESME_RUNKNOWNERR)
        return SubmitSmResp(sequence_number=answer.sequence_number, command_status=status, header_only=True)

    def _post(self, pdu: Request) -> _Promise:
        promise = _Promise()
        self.post(pdu, promise)
        return promise

    @property
    def room(self) -> int:
        """How many requests the window has room for; none on a link that has ended or is about to."""
        return 0 if self.hang_up else self.connection.room

    def post(self, pdu: Request, waiting: Waiting) -> None:
        """Send a request at once, for a caller that keeps to ``room`` and will be told: no task waits for the answer.

        Raises LinkClosed on a link that has ended, LocalError when SMPP or the window forbids the request.
        """
        if self.closed_because:
            raise self._why_closed()
        self.connection.send(pdu, trio.current_time())
        self._promises[pdu.sequence_number] = waiting
        self._timed.set()
        self._wake()

    def answer(self, pdu: Delivered, status: int = 0) -> None:
        """Answer a delivery for which ``decide`` returned None; on a link that has ended that is lost."""
        if pdu.response_class is not None and not self.closed_because:
            self.connection.send(response_to(pdu, status), trio.current_time())
            self._wake()

    async def bind(self, pdu: BindTransmitter | BindReceiver | BindTransceiver) -> Response:
        """Bind; raises BindRefused with the status when the SMSC says no. One more bind may follow on the same link."""
        response = await self.request(pdu)
        if response.command_status:
            raise BindRefused(response.sequence_number, response.command_status)
        # other timers run from now on
        self._timed.set()
        return response

    async def called(self) -> Outbind:
        """Wait for the SMSC's outbind. Raises LinkClosed when none has come before the link's end."""
        await self._called.wait()
        if self.outbind is None:
            raise self._why_closed()
        return self.outbind

    async def unbind(self) -> None:
        """Leave: unbind, wait for the answer, close. Returns when the link is about to end; safe to call again."""
        if self.closed_because or self.hang_up:
            return
        if self.connection.is_bound:
            with suppress(LinkClosed, NoAnswer):
                await self.request(Unbind())
        self.hang_up = True
        self._wake()

    # ------------------------------------------------------------------ the link's machine

    @property
    def bytes_waiting(self) -> int:
        """Octets that data_to_send() would return."""
        return self.connection.bytes_waiting

    @property
    def is_paused(self) -> bool:
        """An ESME always reads."""
        return False

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets from the SMSC: responses find their requests, deliveries are answered and handed out."""
        self.connection.receive_data(octets)
        for event in self.connection.events(now):
            self._take(event, now)
        self._room.unpark_all()

    def _take(self, event: Event, now: float) -> None:
        match event:
            case Response():
                if event.request is not None:
                    self._keep(event.request, event)
            case DeliverSm() | DataSm() | AlertNotification():
                self._deliver(event, now)
            case Outbind():
                self.outbind = event
                self._called.set()
            case Obliged(pdu, answer):
                if answer is not None:
                    self.connection.send(answer, now)
                    # the SMSC asked us to leave, and we have agreed
                    self.hang_up = self.hang_up or isinstance(pdu, Unbind)
            case Malformed():
                self._malformed(event, now)
            case Expired(request):
                self._keep(request, NoAnswer(f"no answer to {request.name} within the response timer"))
                # nobody is there (SMPP 3.4, 7.2)
                self.hang_up = self.hang_up or isinstance(request, _VITAL)
            case Timeout(answer=answer):
                if answer is not None:
                    self.connection.send(answer, now)
                else:
                    self.hang_up = True

    def _malformed(self, event: Malformed, now: float) -> None:
        if event.answer is not None:
            self.connection.send(event.answer, now)
        if event.request is not None:
            self._keep(event.request, NoAnswer(f"unreadable response: {event.reason}"))
        self.hang_up = self.hang_up or event.is_fatal

    def _keep(self, request: Request, answer: Response | Exception) -> None:
        promise = self._promises.pop(request.sequence_number, None)
        if promise is not None:
            promise.keep(answer)

    def _deliver(self, pdu: Delivered, now: float) -> None:
        status = self._decide(pdu)
        if status is None:
            return
        if status == 0:
            try:
                self._delivered.send_nowait(pdu)
            except trio.WouldBlock:
                status = _TRY_LATER
            except trio.BrokenResourceError:
                # nobody reads deliveries any more: they are still answered
                pass
        if pdu.response_class is not None:
            self.connection.send(response_to(pdu, status), now)

    def data_to_send(self) -> bytes:
        """The octets to write now."""
        return self.connection.data_to_send()

    def written(self, now: float) -> None:
        """Nothing of ours waits for the writing."""

    def _why_closed(self) -> LinkClosed:
        """A new exception for each who waits, chained to what ended the link."""
        closed = LinkClosed(self.closed_because)
        closed.__cause__ = self._closed_by
        return closed

    def close(self, now: float, reason: str = "", cause: BaseException | None = None) -> None:
        """The link is gone: everybody who waits is told why; idempotent."""
        if self.closed_because:
            return
        self.closed_because = reason or "closed"
        self._closed_by = cause
        self.hang_up = True
        self.connection.close()
        for promise in self._promises.values():
            promise.keep(self._why_closed())
        self._promises.clear()
        self._delivered.close()
        self._room.unpark_all()
        self._timed.set()
        self._called.set()

    async def keep_time(self) -> None:
        """Run the connection's timers until the link ends."""
        while not self.closed_because:
            self._timed = trio.Event()
            with trio.move_on_at(self.connection.next_deadline()):
                await self._timed.wait()
            now = trio.current_time()
            for event in self.connection.tick(now):
                self._take(event, now)
            # what expired leaves room
            self._room.unpark_all()
            self._wake()


_VITAL: Final = (EnquireLink, Unbind)
"""Requests that the window never holds back, and that every living SMSC answers."""


@asynccontextmanager
async def open_esme(
    host: str = "127.0.0.1",
    port: int = 2775,
    *,
    system_id: str,
    password: str = "",
    bind: BindType = "TRX",
    system_type: str = "",
    interface_version: int = Version.V34,
    address_range: str = "",
    window: int = 10,
    timers: Timers = Timers(session_init=inf),
    decide: Callable[[Delivered], int | None] = lambda _: 0,
    deliveries_max: int = DELIVERIES_MAX,
    stream: trio.abc.Stream | None = None,
) -> AsyncIterator[Esme]:
    """Connect, bind, and leave by unbind at the end of the block.

    ``decide`` is given each delivery and returns the status to answer it with, or None for silence. ``stream`` is a
    transport that stands already (TLS, a memory stream); without it host and port are connected to.

    Raises OSError when nobody listens, BindRefused when the SMSC says no, LinkClosed when it hangs up.
    """
    transport = stream if stream is not None else await trio.open_tcp_stream(host, port)
    link = Link(transport)
    esme = Esme(link.wake, timers=timers, window=window, decide=decide, deliveries_max=deliveries_max)
    request = bind_request(
        bind,
        system_id=system_id,
        password=password,
        system_type=system_type,
        interface_version=interface_version,
        address_range=address_range,
    )
    async with carried(esme, link):
        await esme.bind(request)
        yield esme


def bind_request(bind: BindType, **fields: Any) -> BindTransmitter | BindReceiver | BindTransceiver:
    """The bind of that type with its fields by their names in the specification."""
    return _BINDS[bind](**fields)


@asynccontextmanager
async def carried(esme: Esme, link: Link) -> AsyncIterator[None]:
    """Carry an ESME's octets and keep its time for the length of a block, and leave politely at its end."""
    failure: Exception | None = None
    # a cancelled block leaves politely, too: the link outlives it until the unbind is answered
    carrying = trio.CancelScope(shield=True)

    async def carry() -> None:
        with carrying:
            await link.run(esme)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(carry)
        nursery.start_soon(esme.keep_time)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again below, not wrapped into a group by the nursery
            failure = error
        finally:
            with trio.move_on_after(FAREWELL) as scope:
                scope.shield = True
                await esme.unbind()
            carrying.cancel()
            nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


__all__ = [
    "BindRefused",
    "Delivered",
    "Esme",
    "LinkClosed",
    "NoAnswer",
    "Waiting",
    "bind_request",
    "carried",
    "open_esme",
]
