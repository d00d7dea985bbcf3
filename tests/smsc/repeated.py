"""Scenarios played over and over under the same traffic: what is compared when nothing but the inputs may decide.

The traffic comes from a seed of its own and never depends on what the SMSC says, so that two plays get the same octets
at the same moments. Rules are made up from a seed, too: more of them than anybody would write by hand.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from random import Random
from typing import Any, Final, Protocol

from simulator.carrier.messages import Outcome
from simulator.journal import CONCLUDED, PROGRESSED, RESET
from simulator.scenario.file import load, parse, shipped
from simulator.scenario.schema import Scenario
from simulator.smpp.events import Obliged
from simulator.smpp.pdus import (
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Pdu,
    QuerySm,
    SmeAddress,
    SubmitMulti,
    Unbind,
    response_to,
)
from simulator.smpp.tlvs import Tlv
from simulator.smsc.play.staging import staged
from simulator.smsc.routing import NoRoute
from simulator.smsc.smsc import Smsc
from simulator.smsc.translate import Submission
from tests.smsc.played import Bearing
from tests.smsc.world import START, World, a_submission, told

ACCOUNTS: Final = ("gateway", "other")
NUMBERS: Final = tuple(f"1202555{number:04}" for number in range(100, 130))
SOURCES: Final = ("5555", "12025550199", "Brand")
FIRST_ID: Final = 1_000_000_000
ROUNDS: Final = 7
TAIL: Final = 300.0
"""Seconds after the last round, in which what was planned happens."""
WAITS: Final = (0.0, 9 / 128, 65 / 128, 257 / 128, 2051 / 128)
"""Seconds that pass between two rounds: sums of them lose nothing, and no delay of a file adds up to one."""


class Recorded(Bearing):
    """A gateway that keeps all octets, with their times, and answers deliveries as their number says."""

    def __init__(self, world: "Repeated") -> None:
        super().__init__(world, self._decided)
        self.broken = []
        self.asked = 0
        self.bind_as = ""

    def _decided(self, pdu: Pdu) -> int | None:
        self.asked += 1
        return {0: None, 1: 0x64, 2: 0x65}.get(self.asked % 17, 0)

    def acknowledge(self, pdu: Pdu) -> None:
        """Answer a delivery at last, while the link stands."""
        if self.stands():
            self.connection.send_anyway(response_to(pdu, 0), self.world.now)

    def take(self, event: Any) -> None:
        """Whatever a scenario sends, this one goes on; only what is obliged of it is answered."""
        if isinstance(event, Obliged) and isinstance(event.pdu, DeliverSm):
            return
        super().take(event)


class Repeated(World):
    """A world under scenarios whose traffic comes from a seed; ``octets`` and ``story`` tell all that it did."""

    def __init__(self, scenarios: Sequence[Scenario], seed: int = 7, *, speed: float = 1.0) -> None:
        self.now = 128.0
        self.smsc = staged(scenarios, self.now, START, seed=seed, speed=speed)
        self.gateways = []
        self.all: list[Recorded] = []
        self.stories: list[str] = []

    def gateway(self, decide: Any = None) -> Recorded:
        """A new link."""
        gateway = Recorded(self)
        self.gateways.append(gateway)
        self.all.append(gateway)
        return gateway

    def run(self, seconds: float) -> None:
        """Let that much link time pass; whoever is to be hung up on at once does not wait for the next deadline."""
        self.settle()
        self.hang_up()
        super().run(seconds)

    def bound(self, system_id: str = "gateway", bind: str = "TRX", **fields: Any) -> Recorded:
        """A new link that is bound and acknowledges everything."""
        link = self.gateway()
        link.decide = lambda _: 0
        link.bind_as = bind
        assert link.bind(system_id, bind, **fields).command_status == 0
        return link

    @property
    def octets(self) -> list[list[bytes]]:
        """What each gateway was sent, segment by segment."""
        return [gateway.segments for gateway in self.all]

    @property
    def joined(self) -> list[bytes]:
        """The same without the bounds of the segments."""
        return [b"".join(segments) for segments in self.octets]

    def start_over(self) -> None:
        """All links are cut, and then comes a reset."""
        for gateway in list(self.gateways):
            gateway.close()
        self.smsc.reset(self.now)
        self.all.clear()

    def traffic(self, seed: int, rounds: int = ROUNDS) -> None:
        """Some rounds of everything that gateways and subscribers do, then enough time for all that was planned."""
        self.bustle(seed, rounds)
        self.run(TAIL)

    def bustle(self, seed: int, rounds: int) -> None:
        """Some rounds of everything that gateways and subscribers do; much of it has not ended."""
        luck = Random(seed)
        for _ in range(rounds):
            self._attend(luck)
            self._round(luck)
            self.run(luck.choice(WAITS))

    def _attend(self, luck: Random) -> None:
        """Let every account have its links; one of them may leave and come again."""
        if luck.random() < 0.1 and self.gateways:
            gone = self.gateways[luck.randrange(len(self.gateways))]
            gone.send(Unbind()) if luck.random() < 0.5 else gone.close()
            self.run(33 / 128)
        for account, bind in (("gateway", "TRX"), ("gateway", "TX"), ("gateway", "RX"), ("other", "TRX")):
            if not any(one.session.system_id == account and one.bind_as == bind for one in self._ours()):
                link = self.gateway()
                link.bind_as = bind
                link.bind(account, bind)

    def _ours(self) -> list[Recorded]:
        return [one for one in self.gateways if isinstance(one, Recorded) and one.stands()]

    def _round(self, luck: Random) -> None:
        requests = [a_request(luck) for _ in range(luck.randint(1, 12))]
        what, text = luck.random(), luck.choice(["hi", "x" * 200, "\u0444" * 90])
        where = luck.randrange(64)
        senders = [one for one in self._ours() if one.bind_as != "RX"]
        if senders:
            senders[where % len(senders)].send_together(*requests)
        if what < 0.25:
            with suppress(NoRoute):
                self.smsc.mo("5555", NUMBERS[where % 30], text, self.now, account=ACCOUNTS[where % 2])
            self.settle()


def a_request(luck: Random) -> Pdu:
    """One request, mostly a submit_sm."""
    to, source = luck.choice(NUMBERS), luck.choice(SOURCES)
    kind, registered = luck.random(), luck.choice([1, 1, 1, 0, 2, 0x11])
    text: bytes = luck.choice([b"hello", b"STOP", b"code 1234", b"", b"@\x1b\x65"])
    if kind < 0.08:
        ends = (SmeAddress(1, 1, to), SmeAddress(1, 1, luck.choice(NUMBERS)))
        return SubmitMulti(source_addr=source, dest_address=ends, registered_delivery=registered, short_message=text)
    if kind < 0.16:
        return DataSm(
            source_addr=source, destination_addr=to, registered_delivery=registered, tlvs=(Tlv(0x0424, b"hello"),)
        )
    if kind < 0.2:
        return EnquireLink()
    if kind < 0.28:
        asked = str(FIRST_ID + luck.randint(0, 40))
        return luck.choice([QuerySm, CancelSm])(message_id=asked, source_addr=source)
    if kind < 0.4:
        header = bytes((5, 0, 3, luck.randint(0, 2), 3, luck.randint(1, 3)))
        return a_submission(
            source_addr=source, destination_addr=to, esm_class=0x40, short_message=header + text or b"part"
        )
    if kind < 0.5:
        return a_submission(source_addr=source, destination_addr=to, data_coding=8, short_message=b"\x04\x44\x04\x30")
    return a_submission(
        source_addr=source, destination_addr=to, registered_delivery=registered, short_message=text or b"empty"
    )


def played(scenarios: Sequence[Scenario], seed: int = 7, traffic: int = 1) -> Repeated:
    """A world in which all has happened."""
    world = Repeated(scenarios, seed)
    world.traffic(traffic)
    return world


def digest(world: Repeated) -> str:
    """One word for all of a world: its journal and what it wrote."""
    told = sha256("\n".join(world.story()).encode("utf-8", "backslashreplace"))
    for segments in world.octets:
        told.update(repr(segments).encode())
    return told.hexdigest()


# ---------------------------------------------------------------------- rules


def made_up(seed: int) -> str:
    """A scenario file that nobody has written: rules, phases and a timeline from a seed."""
    luck = Random(seed)
    lines = ["scenario: 1", "variables: {strikes: 0}"]
    lines += ["carrier:", f"  respond: {luck.choice(['0s', '20ms', '50ms..2s', 'exponential 1s'])}"]
    lines += [f"  deliver: {luck.choice(DELIVERED)}", f"  ids: {luck.choice(IDS)}"]
    if luck.random() < 0.3:
        lines.append(f"  window: {luck.randint(2, 9)}")
        lines.append(f"  over_window: {luck.choice(['pause', 'ESME_RTHROTTLED'])}")
    lines.append("rules:")
    for number in range(luck.randint(3, 12)):
        said = [f"name: r{number}", f"then: {luck.choice(DEEDS)}"]
        asked = {one.partition(":")[0]: one for one in luck.sample(ASKED, luck.randint(0, 2))}
        when = ", ".join(asked.values())
        if when:
            said.append(f"when: {{{when}}}")
        if luck.random() < 0.5:
            said.append(f"probability: {luck.choice(['10%', '50%', '90%'])}")
        if luck.random() < 0.2:
            said.append(f"times: {luck.choice(['3', '1 per destination', '2 per session', '2 per account'])}")
        if luck.random() < 0.1:
            said.append("stop: true")
        lines.append(f"- {{{', '.join(said)}}}")
    # every pile is somebody's, so that anybody may ask for it
    lines += [f"- {{then: {{receipts: {{hold: {pile}}}}}, when: {{to: '{NUMBERS[0]}'}}}}" for pile in "pq"]
    lines.append(f"- {{then: {{receipts: {{hold: held}}}}, when: {{to: '{NUMBERS[0]}'}}}}")
    lines += luck.sample(EVENTS, 3)
    if luck.random() < 0.6:
        lines.append("phases: [{name: calm, lasts: 4s}, {name: storm, messages: 20, next: calm}]")
        lines.append("timeline:")
        lines += luck.sample(OCCASIONS, 3)
    return "\n".join(lines) + "\n"


DELIVERED: Final = (
    "DELIVRD",
    "1s..3s",
    "lognormal p50 2s p99 40s",
    "normal 2s +- 500ms",
    "UNDELIV after 2s",
    "[{state: ACCEPTD, after: 1s}, {state: DELIVRD, after: 1s..30s}]",
    "exponential 5s",
)
IDS: Final = (
    "{generate: hex 8}",
    "{generate: uuid}",
    "{generate: reuse 10}",
    "{generate: letters 12, parts: same}",
    "{}",
)
DEEDS: Final = (
    "{reject: ESME_RTHROTTLED}",
    "{deliver: UNDELIV after 1s..9s}",
    "lose",
    "silence",
    "{silence: recorded}",
    "{respond: 100ms..3s}",
    "{respond: {after: 1s, hold: {pile: p, until: 3, order: shuffle, at_most: 10s}}}",
    "{respond: {hold: {pile: q, until: 4, order: last_in, at_most: 20s}}}",
    "{deliver: [{state: ACCEPTD, after: 100ms}, {state: REJECTD, after: 1s..3s, session: random}]}",
    "{deliver: {state: DELIVRD, before_response: true}, respond: 1s}",
    "{deliver: {state: DELIVRD, at_bind: true}}",
    "{receipts: {repeat: {times: 2, every: 3s}, session: other}}",
    "{receipts: {hold: {pile: held, until: 5, order: shuffle}, ignore_window: true}}",
    "{receipts: {command: data_sm, session: random, tlvs: [{add: message_state, value: 2}]}}",
    "{receipts: {asked: always, text: '{id} {stat}', repeat: {until: acknowledged, backoff: [1s, 5s], at_most: 1m}}}",
    "{answer: {repeat: 2, fields: {message_id: x}}}",
    "{answer: {stream: {split: [3, 9], pause: 1s}}}",
    "{send: {command: enquire_link, after: 1s..3s, session: random}}",
    "{send: [{mo: {text: 're: hi'}, after: exponential 2s, session: any}, {command: data_sm, with_answer: true}]}",
    "{send: {octets: 'hex:00000010000000150000000000000007'}}",
    "{set: {variables: {strikes: '+1'}}, release: held}",
    "{set: {phase: storm}}",
    "{set: {state: EXPIRED}}",
    "{connection: {fault: pause_reading, lasts: 1s, session: random}}",
    "{connection: {fault: rst, after: 1s..9s, session: random}}",
    "{connection: {fault: slow_reading, lasts: 2s}}",
)
ASKED: Final = (
    "to: {pattern: '1202555010.*'}",
    "source: '5555'",
    "text: {contains: stop}",
    "count: every 3rd",
    "count: first 2 per destination",
    "count: every 5th per session",
    "alphabet: ucs2",
    "part: last",
    "bind_type: TRX",
    "account: gateway",
    "rate: over 3/s per account",
    "in_flight: '3..'",
    "variables: {strikes: {between: '3..'}}",
    "held: {p: '2..'}",
    "since_start: '5s..'",
    "idle: '1s..'",
    "command: [submit_sm, data_sm]",
    "fields: {registered_delivery: 1}",
)
EVENTS: Final = (
    "- {name: bound, when: {event: bound}, then: {send: {command: enquire_link, after: 1s..2s}}, probability: 50%}",
    "- {name: slow bind, when: {command: bind}, then: {respond: 100ms..1s}}",
    "- {name: shy, when: {command: bind, count: every 5th}, then: {reject: ESME_RBINDFAIL}}",
    "- {name: acked, when: {command: deliver_sm_resp}, then: {release: {pile: held, order: shuffle, most: 2}}}",
    "- {name: told, when: {event: receipt}, then: {deliver: [{state: UNDELIV, after: 1s..5s}]}, probability: 20%}",
    "- {name: ended, when: {event: conclude, state: UNDELIV}, then: {set: {variables: {strikes: '+1'}}}}",
    "- {name: written, when: {event: mo}, then: {mo: {concatenation: udh16, session: random}}}",
    "- {name: mute, when: {event: unanswered}, then: {send: unbind}, times: 1}",
    "- {name: asked, when: {command: query_sm}, then: {respond: exponential 1s}, probability: 50%}",
)
OCCASIONS: Final = (
    "- {at: 3s, then: {send: {command: unbind, session: random}}}",
    "- {every: 5s, times: 6, then: {send: {command: enquire_link, session: random, after: 1s..2s}}}",
    "- {after_messages: 30, then: {release: {pile: held, order: shuffle}}}",
    "- {every_messages: 25, then: {set: {variables: {strikes: 0}}}}",
    "- {every: 2s, phase: storm, then: {send: {mo: {source: '12025550107', destination: '5555'}, account: gateway}}}",
)


def everything(made_up_seeds: range = range(20)) -> dict[str, list[Scenario]]:
    """All that comes with the package, by name, and so many that were made up."""
    # networks tell no story of their own, and not all of them can be played
    found = {name: [load(name)] for name in shipped() if not name.startswith("networks/")}
    return found | {f"made up {seed}": [parse(made_up(seed))] for seed in made_up_seeds}


# ---------------------------------------------------------------------- messages apart from all others

PLAIN_DEEDS: Final = tuple(
    deed
    for deed in DEEDS
    if not any(word in deed for word in ("hold", "set:", "connection", "send", "at_bind", "repeat", "stream"))
)
"""What no other message feels: what pauses within an answer, for one, holds up whatever stands behind it."""
PLAIN_ASKED: Final = (
    "to: {ends: '7'}",
    "to: {pattern: '1202555010.*'}",
    "source: '5555'",
    "text: {contains: stop}",
    "alphabet: ucs2",
    "fields: {registered_delivery: 1}",
    "count: 1st per destination",
)


def plain(seed: int) -> str:
    """A scenario file whose rules are about messages alone: neither rate nor count nor time is asked for."""
    luck = Random(seed)
    lines = ["scenario: 1", f"carrier: {{deliver: {luck.choice(DELIVERED)}, ids: {luck.choice(IDS)}}}", "rules:"]
    for number in range(luck.randint(4, 10)):
        asked = ", ".join(luck.sample(PLAIN_ASKED, luck.randint(0, 1)))
        share = luck.choice(["10%", "30%", "60%"])
        lines.append(
            f"- {{name: r{number}, when: {{{asked}}}, then: {luck.choice(PLAIN_DEEDS)}, probability: {share}}}"
        )
    return "\n".join(lines).replace("when: {}, ", "") + "\n"


def messages(like: Sequence[Pdu] = ()) -> list[Pdu]:
    """A hundred and twenty messages, each to a number of its own, which decides the rest; or copies of others."""
    if like:
        return [replace(pdu, sequence_number=0) for pdu in like]
    made: list[Pdu] = []
    for number in range(120):
        luck = Random(number)
        made.append(
            a_submission(
                source_addr=luck.choice(SOURCES),
                destination_addr=f"1202555{number:04}",
                registered_delivery=luck.choice([0, 1, 1, 2, 0x11]),
                data_coding=luck.choice([0, 0, 8]),
                short_message=luck.choice([b"STOP", b"hi", b"\x04\x44\x04\x30"]),
            )
        )
    return made


Fates = dict[str, list[tuple[Any, ...]]]


class HasSmsc(Protocol):
    """A world, or a server that stands for one."""

    smsc: Smsc


def fates_of(world: HasSmsc) -> Fates:
    """By destination: what its message has gone through, and how long after it was submitted as far as that is planned.

    Ids and sessions are left out: they are given out in the order in which messages come. When a receipt leaves is the
    links' business, and only that it does is the message's.
    """
    found: dict[str, list[tuple[Any, ...]]] = {}
    receipts: dict[str, list[tuple[Any, ...]]] = {}
    for row in world.smsc.journal.rows():
        message, detail = row.subject, row.detail
        if not isinstance(message, Submission):
            continue
        to = message.destination.number
        if isinstance(detail, Outcome):
            cause = None if detail.cause is None else detail.cause.name
            told = (row.kind, detail.state, cause, detail.is_final, round(detail.after, 6))
            if row.kind in {CONCLUDED, PROGRESSED}:
                found[to].append((*told, round(row.at - message.submitted_at, 3)))
            else:
                receipts.setdefault(to, []).append(told)
        else:
            found.setdefault(to, []).append((row.kind, detail))
    return {to: told + sorted(receipts.get(to, [])) for to, told in found.items()}


def since_reset(world: World) -> list[str]:
    """The journal since it began, or began anew, with sessions numbered from one."""
    numbers: dict[int, int] = {0: 0}
    lines = []
    for row in world.smsc.journal.rows():
        if row.kind != RESET:
            number = numbers.setdefault(row.session, len(numbers))
            line = f"{row.at - START:.3f} {row.kind} {number} {told(row.subject)} {told(row.detail)}"
            lines.append(line.replace(f"session={row.session}, ", ""))
    return lines
