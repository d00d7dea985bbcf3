"""The shipped networks without a wire: who is told what, in words that can be held against what was published.

Phones are all on and routes are instant here, so that nothing but registrations, limits, filters and opt-outs decides.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from simulator.carrier.accounts import Account
from simulator.carrier.limits.quotas import Attempt
from simulator.carrier.messages import Address, Message, Verdict
from simulator.carrier.network.network import Networks, Truth
from simulator.scenario.file import load, parse
from simulator.scenario.schema import Scenario
from simulator.smsc.play.carriers_staged import networks_of

NOON: Final = 1_800_000_000.0
"""The beginning of a minute: 15 January 2027, 08:00 UTC, which is midnight in Los Angeles."""
DAY: Final = 86_400.0
AMERICAN: Final = ("att", "tmobile", "verizon", "us-cellular", "us-toll-free")
PHONES: Final = {
    "att": "12025550100",
    "tmobile": "12065550100",
    "verizon": "12015550100",
    "us-cellular": "12075550100",
}
"""A phone of each network."""
_STEADY: Final = ", ".join(f"{name}: {{delays: instant, subscribers: {{absent: 0%}}}}" for name in AMERICAN)
STEADY: Final = f"networks: {{{_STEADY}}}"
ACCOUNT: Final = Account("gateway")


class Told(NamedTuple):
    """What a sender is told: ``state`` is REFUSED for a refusal at once, else that of the last receipt, or empty."""

    state: str
    cause: str = ""
    err: str = ""


DELIVERED: Final = Told("DELIVRD")


@dataclass(slots=True, eq=False)
class Letter(Message):
    """A message on its way into the networks."""

    number: int
    text: str
    segments_needed: int
    is_stored: bool = True
    pdu: None = None
    """Nothing came by wire: it has no TLVs."""


def parsed(extra: str = "", *names: str) -> list[Scenario]:
    """The shipped files of those names, or the aggregator's with steady phones and routes, and what is said beside."""
    scenarios = [load(f"networks/{name}") for name in names] or [load("networks/us"), parse(f"scenario: 1\n{STEADY}")]
    return [*scenarios, parse(f"scenario: 1\n{extra}")] if extra else scenarios


class Shipped:
    """The networks of shipped files, with what ``extra`` says beside, in the words of a file.

    ``names`` are those of ``scenarios/networks``; steady ones are the aggregator's of the United States.
    """

    def __init__(self, extra: str = "", *names: str, at: float = NOON) -> None:
        networks = networks_of(parsed(extra, *names), at)
        assert networks is not None
        self.networks: Networks = networks
        self._number = 0

    def send(self, to: str, sender: str, at: float = NOON, *, segments: int = 1, **fields: Any) -> Told:
        """Submit a message, and return what is told of it."""
        verdict = self.verdict(to, sender, at, segments=segments, **fields)
        if not verdict.accepted:
            assert verdict.cause is not None
            return Told("REFUSED", verdict.cause.name, verdict.cause.err)
        final = [one for one in verdict.outcomes if one.is_final]
        if not final:
            return Told("")
        cause = final[-1].cause
        return Told(final[-1].state) if cause is None else Told(final[-1].state, cause.name, cause.err)

    def verdict(self, to: str, sender: str, at: float = NOON, *, segments: int = 1, **fields: Any) -> Verdict:
        """Submit a message, and return what the networks say."""
        return self.networks.submit(self.letter(to, sender, at, segments, **fields), ACCOUNT, at)

    def fill(self, amount: int, to: str, sender: str, at: float = NOON) -> None:
        """Send so many segments, five to a text and the rest one by one; every one of them is taken."""
        for segments in [5] * (amount // 5) + [1] * (amount % 5):
            assert self.reaches(to, sender, at, segments=segments)

    def reaches(self, to: str, sender: str, at: float = NOON, **fields: Any) -> bool:
        """Whether a message reaches its phone, whatever is told of it."""
        self.send(to, sender, at, **fields)
        return self.truth.state == "DELIVRD"

    @property
    def truth(self) -> Truth:
        """What became of the newest message."""
        found = self.networks.truth(self._number)
        assert found is not None
        return found

    def admits_mms(self, network: str, sender: str, at: float = NOON, count: int = 1) -> bool:
        """Whether the limits of a network have room for so many MMS of this sender; they count if they have.

        MMS have no wire of their own yet: the limits are asked themselves.
        """
        registration = self.networks.registrar.look(sender, "long_code", at, network)
        attempt = Attempt("gateway", sender, "long_code", PHONES[network], registration, segments=9, is_mms=True)
        quotas = self.networks.networks[network].quotas
        return all(quotas.admit(attempt, at, at) is None for _ in range(count))

    def letter(self, to: str, sender: str, at: float = NOON, segments: int = 1, **fields: Any) -> Letter:
        """A message that was never sent before."""
        self._number += 1
        plain: dict[str, Any] = {
            "account": "gateway",
            "message_id": "",
            "scheduled_at": None,
            "expires_at": None,
            "wants_progress": False,
            "part": None,
        }
        plain |= {"state": "ENROUTE", "cause": None, "done_at": None, "submitted_at": at, "arrived_at": at}
        plain |= {"number": self._number, "text": "hello", "segments_needed": segments}
        # names and short codes are no numbers in full
        ton, npi = (5, 0) if sender.isalpha() else (0, 0) if len(sender) < 7 else (1, 1)
        return Letter(source=Address(sender, ton, npi), destination=Address(to, 1, 1), **(plain | fields))
