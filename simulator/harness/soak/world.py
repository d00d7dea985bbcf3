"""One world: an Smsc, its gateways, the time, and what goes wrong between them. Runs a plan to its end, and heals it.

Octets pass from end to end at once, unless somebody does not read. All that happens follows from the plan, so that the
same plan is the same world again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any, Final

from simulator.harness.soak.gateway import Gateway, GatewayLink
from simulator.harness.soak.plan import Plan
from simulator.harness.soak.traffic import Traffic
from simulator.harness.soak.watch import Watch
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.events import Malformed
from simulator.smpp.pdus import Pdu, Response
from simulator.smsc.play.staging import staged
from simulator.smsc.routing import NoRoute

START: Final = 1_800_000_000.0
"""What the carrier's calendar shows when a world begins: 15 January 2027, 08:00 UTC."""
CALM: Final = Timers(session_init=inf, enquire_link=inf, inactivity=inf, response=30.0)
LINGER: Final = 1.0
"""Seconds of link time after which a session that is to end does so although its peer does not read."""
BACKLOG_MAX: Final = 128 * 1024
"""Octets that may wait to be written before nothing more is read."""
HEALING: Final = 10 * 86_400.0
"""Seconds of carrier time in which all that was taken comes to an end; the latest receipts of all come after a week."""
EPISODES: Final = 40
"""How many times a trouble comes in a day."""

Deed = Callable[[Any, float], Any]


class SoakWorld:
    """A world of ``plan``. ``run`` it; what must hold of it and did not is in ``watch.breaches``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.now = 1000.0
        scenarios = list(plan.files.values())
        self.smsc = staged(scenarios, self.now, START, seed=plan.seed, speed=plan.speed)
        self.traffic = Traffic(plan)
        self._heap: list[tuple[float, int, Deed, Any]] = []
        self._serial = count()
        self._stirred: dict[GatewayLink, None] = {}
        self._luck = plan.luck("troubles")
        self.watch = Watch(self)
        self.gateways = [Gateway(self, customer) for customer in plan.customers]
        self._left = plan.messages
        self._gap = plan.days * 86_400.0 / plan.speed / max(1, plan.messages)
        self._ends = self.now + plan.days * 86_400.0 / plan.speed

    # ------------------------------------------------------------------ time

    def put(self, at: float, deed: Deed, subject: Any) -> None:
        """Do ``deed(subject, now)`` at that link time."""
        heappush(self._heap, (at, next(self._serial), deed, subject))

    def stir(self, link: GatewayLink) -> None:
        """This link may have octets to carry."""
        self._stirred[link] = None

    def run(self, told: Callable[[float], None] = lambda _: None) -> None:
        """Live through the days, then heal and end. ``told`` is the share of it that is over, now and then."""
        for gateway in self.gateways:
            gateway.open(self.now)
        self._plan_troubles()
        self.put(self.now, self._burst, None)
        span, steps = self._ends - self.now, 200
        begin = self.now
        for step in range(1, steps + 1):
            self._live_until(begin + span * step / steps)
            told(step / steps)
        self._heal()
        self.watch.end()

    def _live_until(self, end: float) -> None:
        """Let time pass, stopping at everything that is due."""
        smsc, heap = self.smsc, self._heap
        while True:
            deadline = smsc.next_deadline()
            due = min(deadline, heap[0][0] if heap else inf)
            if due > end:
                break
            self.now = max(self.now, due)
            while smsc.tick(self.now):
                pass
            while heap and heap[0][0] <= self.now:
                _, _, deed, subject = heappop(heap)
                deed(subject, self.now)
            self._carry()
            if smsc.next_deadline() == deadline <= self.now:
                # rounding puts a deadline a hair too early
                self.now += 1e-6
        self.now = max(self.now, end)

    # ------------------------------------------------------------------ octets

    def _carry(self) -> None:
        """Carry octets until it is quiet."""
        stirred = self._stirred
        while stirred:
            link = next(iter(stirred))
            del stirred[link]
            self._exchange(link)

    def _exchange(self, link: GatewayLink) -> None:
        """Carry what both ends of one link have written, and end it where either has."""
        session, now = link.session, self.now
        if not session.is_open:
            link.gateway.lose(link, now)
            return
        if session.flow is not None and session.flow.is_reset:
            self._part(link, "reset by us")
            return
        up = link.connection.data_to_send()
        if up or link.upward:
            up = self._going_up(link, up)
        if (up or session.rests) and not session.hang_up:
            session.receive_data(up, now)
            if session.rests:
                self.stir(link)
        if link.reads or not link.is_up:
            self._carry_down(link)
        if link.cuts_after is not None and link.cuts_after <= 0:
            link.gateway.lose(link, now)
        self._look_at_ends(link)

    def _look_at_ends(self, link: GatewayLink) -> None:
        session, flow = link.session, link.session.flow
        if not link.is_up:
            # a peer's end that vanishes in a black hole is not noticed yet
            if flow is None or not flow.hides_end():
                self._part(link, "closed by the peer")
        elif flow is not None and flow.is_half_closed:
            link.gateway.lose(link, self.now)
        elif session.hang_up:
            if session.bytes_waiting:
                self.put(self.now + LINGER, lambda one, _: self._part(one, "closed by us"), link)
            else:
                self._part(link, "closed by us")

    def _going_up(self, link: GatewayLink, octets: bytes) -> bytes:
        """The octets that the SMSC reads now."""
        session = link.session
        if link.cuts_after is not None:
            octets = octets[: max(0, link.cuts_after)]
            link.cuts_after -= max(1, len(octets))
        link.upward += octets
        if (session.is_paused and not session.rests) or session.bytes_waiting > BACKLOG_MAX:
            return b""
        octets = bytes(link.upward)
        link.upward.clear()
        return octets

    def _carry_down(self, link: GatewayLink) -> None:
        session, now = link.session, self.now
        while octets := session.data_to_send():
            session.written(now)
            if not link.is_up:
                continue
            link.connection.receive_data(octets)
            for event in link.connection.events(now):
                link.gateway.take(link, event, now)
            if link.connection.bytes_waiting:
                self.stir(link)

    def _part(self, link: GatewayLink, reason: str) -> None:
        """The transport between both is gone."""
        if link.session.is_open:
            cause = ConnectionResetError(reason) if reason.startswith("reset") else None
            link.session.close(self.now, reason, cause)
        link.gateway.lose(link, self.now)
        self._stirred.pop(link, None)

    # ------------------------------------------------------------------ what is done

    def _burst(self, _: Any, now: float) -> None:
        gaps, size = self.traffic.next_burst()
        gateway = self._luck.choice(self.gateways)
        for _ in range(min(size, self._left)):
            self._left -= 1
            for make in self.traffic.requests():
                gateway.offer(make, now)
        kinds = self.plan.traffic
        if "mo" in kinds and self._luck.random() < 0.05:
            self._write(now)
        if "phones" in kinds and self._luck.random() < 0.02:
            number = self._luck.choice(self.traffic.destinations)
            self.smsc.phones.switch(number, now, is_on=self._luck.random() < 0.6)
        if self._left > 0:
            self.put(now + gaps * self._gap, self._burst, None)

    def _write(self, now: float) -> None:
        to, sender, text = self.traffic.an_mo()
        account = self._luck.choice([None, self._luck.choice(self.gateways).customer.name])
        with suppress(NoRoute):
            self.smsc.mo(to, sender, text, now, account=account)

    def _plan_troubles(self) -> None:
        """Troubles come at any time of the days."""
        for name in self.plan.troubles:
            luck = self.plan.luck(f"times of {name}")
            times = 2 if name == "reset" else max(2, round(EPISODES * self.plan.days))
            for _ in range(times):
                at = luck.uniform(self.now, self._ends)
                self.put(at, partial(self._trouble, name), luck.random())

    def _trouble(self, name: str, draw: float, now: float) -> None:
        gateway = self.gateways[int(draw * len(self.gateways))]
        lasts = 10 ** (draw * 97 % 1 * 3)
        link = gateway.links[int(draw * 89) % len(gateway.links)] if gateway.links else None
        if name == "reset":
            self._reset(now)
        elif name in {"mute", "busy", "refuse", "late"}:
            gateway.decide, gateway.delay = {
                "mute": (lambda _: None, 0.0),
                "busy": (lambda _: CommandStatus.ESME_RMSGQFUL, 0.0),
                "refuse": (lambda _: CommandStatus.ESME_RX_P_APPN, 0.0),
                "late": (lambda _: 0, min(lasts, 20.0)),
            }[name]
            self.put(now + lasts, self._relent, gateway)
        elif link is None:
            return
        elif name == "cut":
            gateway.lose(link, now)
        elif name == "cut_in_a_pdu":
            link.cuts_after = int(draw * 1000) % 200 + 1
        elif name == "stall":
            link.reads = False
            self.put(now + lasts, self._read_again, link)
        elif name == "unbind":
            gateway.leave(link, now)
        else:
            link.session.unbind(now)

    def _relent(self, gateway: Gateway, _: float) -> None:
        gateway.decide, gateway.delay = lambda _: 0, 0.0

    def _read_again(self, link: GatewayLink, _: float) -> None:
        link.reads = True
        self.stir(link)

    def _reset(self, now: float) -> None:
        # what was held back until now is dealt with all at once, and belongs to what is forgotten
        self.watch.measures.is_counting = False
        self.smsc.reset(now)
        self.watch.clear()
        self.traffic.known.clear()

    # ------------------------------------------------------------------ what is seen

    def arrived(self, link: GatewayLink, pdu: Pdu) -> None:
        """A delivery has come to a gateway."""
        self.watch.arrived(link, pdu)

    def responded(self, link: GatewayLink, response: Response) -> None:
        """A gateway was told that a message is taken."""
        self.watch.responded(link, response)
        source = getattr(response.request, "source_addr", "")
        known = self.traffic.known
        if len(known) < 200:
            known.append((getattr(response, "message_id", ""), source))
        else:
            known[self._luck.randrange(200)] = (getattr(response, "message_id", ""), source)

    def unasked(self, link: GatewayLink, response: Response) -> None:
        """A response came for which nobody waits."""
        self.watch.unasked(link, response)

    def puzzled(self, link: GatewayLink, event: Malformed) -> None:
        """Octets came that are no PDU."""
        self.watch.puzzled(link, event)

    # ------------------------------------------------------------------ the end

    def _heal(self) -> None:
        """Everybody reads and answers, each account has a receiver, all phones are on, and all that is due happens."""
        smsc = self.smsc
        self._heap.clear()
        smsc.terms = replace(smsc.terms, timers=CALM, keeping=None, binds_max=None)
        by_account = smsc.terms_by_account
        smsc.terms_by_account = {
            name: replace(one, timers=CALM, keeping=None, binds_max=None) for name, one in by_account.items()
        }
        smsc.doorkeeper = None
        for gateway in self.gateways:
            gateway.is_open = False
            gateway.queue.clear()
            gateway.decide, gateway.delay = lambda _: 0, 0.0
            for link in list(gateway.links):
                self._part(link, "cut by the world")
        for session in list(smsc.sessions.values()):
            session.close(self.now, "cut by the world")
        for gateway in self.gateways:
            gateway.customer = replace(gateway.customer, binds=("TRX", "TX"), enquiry=inf, response=30.0)
            gateway.is_open = True
            gateway.open(self.now)
        for number in self.traffic.destinations:
            smsc.phones.switch(number, self.now, is_on=True)
        self._carry()
        # deliveries that ESMEs refuse are tried again on the links' clock, whatever the carrier's shows
        for span in (3600.0, HEALING / self.plan.speed, 3600.0):
            self._live_until(self.now + span)
            for gateway in self.gateways:
                # whatever waits for a bind has one
                for link in list(gateway.links):
                    self._part(link, "cut by the world")
        self._live_until(self.now + 3600.0)


__all__ = ["HEALING", "START", "SoakWorld"]
