"""Why networks take a message or do not, as plain values: the chain of their questions, and what became of the message.

It asks the model (carrier/chain.py) and puts its answers into dictionaries, which the command prints and the control
API sends. Whom it tells it to it does not know.
"""

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import THROTTLED, Carrier, Gate
from simulator.carrier.causes import codes_of, listed
from simulator.carrier.messages import Verdict
from simulator.carrier.network.chain import (
    Chain,
    Inquiry,
    Passage,
    Step,
    chain_of,
    circumstances_of,
    phone_text,
    retry_text,
)
from simulator.carrier.network.network import Networks, Truth

if TYPE_CHECKING:
    from simulator.carrier.limits.quotas import Left
    from simulator.carrier.numbers import Number
    from simulator.carrier.registry.registrations import Registration
    from simulator.smsc.translate import Submission

_THROTTLED: Final = Verdict(accepted=False, cause=THROTTLED)


def inquiry_of(message: "Submission") -> Inquiry:
    """What networks are asked about a message that has come."""
    return Inquiry(
        message.account,
        message.source,
        message.destination,
        message.text,
        message.segments_needed,
        message.part,
        message.arrived_at,
        message,
    )


class Onlooker:
    """Stands at the gate of networks, and keeps what they would say of each message just before they are asked.

    Whom ``gate`` (the one that stood there before) or his account's throughput holds back, it holds back as well. It
    costs what a carrier must not cost.
    """

    def __init__(self, networks: Networks, gate: Gate | None) -> None:
        self._networks = networks
        self._gate = gate
        self.chains: dict[int, tuple[float, Chain]] = {}
        """By the message's serial number, with the carrier time at which it was asked."""

    def refusal(self, message: "Submission", account: Account, now: float) -> Verdict | None:
        """See `Gate`."""
        self.chains[message.number] = now, chain_of(self._networks, inquiry_of(message), now)
        if self._gate is not None:
            return self._gate.refusal(message, account, now)
        throttle = account.throttle
        return None if throttle is None or throttle.admit(message.arrived_at) else _THROTTLED

    def seen(self, number: int) -> dict[str, Any] | None:
        """What was seen of the way of the message with this serial number, and what became of it in truth, as plain
        values; None where networks were never asked about it.
        """
        if number not in self.chains:
            return None
        at, chain = self.chains[number]
        truth = self._networks.truth(number)
        return {"at": at, **chain_json(chain, at), "truth": None if truth is None else truth_json(chain, truth)}


def look_on(carrier: Carrier) -> Onlooker | None:
    """From now on somebody sees what networks say of each message; None where the carrier has no networks."""
    if not isinstance(carrier, Networks):
        return None
    carrier.gate = onlooker = Onlooker(carrier, carrier.gate)
    return onlooker


def chain_json(chain: Chain, at: float) -> dict[str, Any]:
    """The chain as it was at carrier time ``at``."""
    stop = chain.stop
    return {
        "from": _number_json(chain.sender),
        "to": _number_json(chain.receiver)
        | {
            "network": chain.line.network or None,
            "is_ported": chain.line.is_ported,
            "is_landline": chain.line.is_landline,
        },
        "why": chain.why or None,
        "registration": None if chain.registration is None else _registration_json(chain.registration),
        "networks": [_passage_json(one) for one in chain.passages],
        "phone": None if chain.phone is None else phone_text(chain.phone, at),
        "stopped": None if stop is None else _stop_json(chain, stop[0].name, stop[1]),
    }


def truth_json(chain: Chain, truth: Truth) -> dict[str, Any]:
    """What became of the message in truth, and what the platforms would show of the cause."""
    return {
        "network": truth.network or None,
        "state": truth.state or None,
        "cause": truth.cause or None,
        "why": truth.why or None,
        "codes": _codes(chain, truth.network, truth.cause),
        "retry": retry_text(truth.cause) if truth.cause else None,
    }


def _codes(chain: Chain, network: str, key: str) -> dict[str, str]:
    return dict(codes_of(key, *circumstances_of(chain, network))) if key else {}


def _number_json(number: "Number") -> dict[str, Any]:
    return {
        "number": number.digits,
        "kind": number.kind,
        "country": number.country or None,
        "is_usual": number.is_usual,
        "why": number.why or None,
    }


def _registration_json(registration: "Registration") -> dict[str, Any]:
    campaign, brand = registration.campaign, registration.brand
    return {
        "status": registration.status,
        "is_registered": registration.is_registered,
        "why": registration.why or None,
        "campaign": None if campaign is None else campaign.id,
        "use_case": None if campaign is None else campaign.use_case,
        "brand": None if brand is None else brand.id,
        "score": None if brand is None else brand.score,
        "att_class": registration.att_class or None,
        "tier": registration.tier or None,
    }


def _passage_json(passage: Passage) -> dict[str, Any]:
    network = passage.network
    return {
        "name": network.name,
        "is_hub": passage.is_hub,
        "tells": network.receipts.tells,
        "steps": [_step_json(step) for step in passage.steps],
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "question": step.question,
        "name": step.name or None,
        "answer": step.answer,
        "end": step.end,
        "cause": step.cause or None,
        "where": step.where or None,
        "left": None if step.left is None else left_json(step.left),
    }


def left_json(left: "Left") -> dict[str, Any]:
    """What is left of a limit; ``wait`` is how many seconds until there is room, null where there never will be."""
    return {
        "limit": left.limit,
        "scope": left.scope,
        "key": left.key,
        "counts": left.counts,
        "per": left.per,
        "amount": left.amount,
        "left": left.left,
        "is_over": left.over is not None,
        "wait": round(left.wait, 3) if isfinite(left.wait) else None,
        "clock": left.clock,
    }


def _stop_json(chain: Chain, network: str, step: Step) -> dict[str, Any]:
    return {
        "network": network,
        "question": step.question,
        "name": step.name or None,
        "cause": step.cause,
        "where": step.where,
        "states": [one for one in listed(step.cause).states if one],
        "codes": _codes(chain, network, step.cause),
        "retry": retry_text(step.cause),
    }


__all__ = ["Onlooker", "chain_json", "inquiry_of", "left_json", "look_on", "truth_json"]
