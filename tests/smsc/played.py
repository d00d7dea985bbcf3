"""Worlds that play scenarios, and gateways that bear whatever these send."""

from typing import Any

from simulator.journal import FAULT, PDU_SENT, RULE_FIRED
from simulator.scenario.file import parse
from simulator.smpp.events import Event, Expired, Malformed, Timeout
from simulator.smpp.pdus import Pdu, SubmitSmResp
from simulator.smsc.play.stage import Stage
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, Decision, Gateway, World, acknowledge


class Bearing(Gateway):
    """A gateway that keeps what nobody can read, and goes on."""

    broken: list[Malformed]

    def take(self, event: Event) -> None:
        """Keep what is malformed in ``broken``."""
        if isinstance(event, Malformed):
            self.broken.append(event)
        elif not isinstance(event, Expired | Timeout):
            super().take(event)

    @property
    def statuses(self) -> list[int]:
        """command_status of each submit_sm_resp."""
        return [pdu.command_status for pdu in self.of(SubmitSmResp)]

    @property
    def names(self) -> list[str]:
        """What was received, PDU by PDU."""
        return [pdu.name for pdu in self.received]

    @property
    def octets(self) -> bytes:
        """All that the SMSC wrote."""
        return b"".join(self.segments)

    def clear(self) -> None:
        """Forget what was received."""
        self.received.clear()
        self.segments.clear()

    def batch(self, *pdus: Pdu) -> None:
        """Send several PDUs in one segment."""
        for pdu in pdus:
            self.connection.send_anyway(pdu, self.world.now)
        self.world.settle()


class Played(World):
    """A world under these files, the later before the earlier; each is written without its first line."""

    def __init__(self, *files: str, seed: int = 7) -> None:
        self.now = 100.0
        self.smsc = staged([parse(f"scenario: 1\n{one}") for one in files], self.now, START, seed=seed)
        self.gateways: list[Gateway] = []

    def gateway(self, decide: Decision = acknowledge) -> Bearing:
        """A new link."""
        gateway = Bearing(self, decide)
        gateway.broken = []
        self.gateways.append(gateway)
        return gateway

    def bound(self, system_id: str = "gateway", bind: str = "TRX", **fields: Any) -> Bearing:
        """A new link that is bound, and has received nothing yet."""
        gateway = self.gateway()
        response = gateway.bind(system_id, bind, **fields)
        assert response.command_status == 0, response
        gateway.clear()
        return gateway

    @property
    def stage(self) -> Stage:
        """Where the scenario is played."""
        assert self.smsc.stage is not None
        return self.smsc.stage

    @property
    def fired(self) -> list[str]:
        """The rules that have fired, by name, in their order."""
        return [name for _, name in self.events(RULE_FIRED)]

    @property
    def faults(self) -> list[str]:
        """What was done to connections."""
        return [what for _, what in self.events(FAULT)]

    @property
    def sent(self) -> list[str]:
        """What the journal tells of PDUs of ours that answer nothing."""
        return [str(detail or subject) for subject, detail in self.events(PDU_SENT)]


def rules(*said: str) -> str:
    """The section `rules` of a file."""
    return "rules:\n" + "".join(f"- {one}\n" for one in said)


def of_rules(*said: str, seed: int = 7) -> Played:
    """A world under these rules."""
    return Played(rules(*said), seed=seed)
