"""Networks over HTTP: what they are, what is left of their limits, what they charge, their numbers, why they say no.

It asks the model and changes nothing of it; who is registered is told and changed by registry.py.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Query, Response

from simulator.carrier.fees import ASPECTS, Total, dollars
from simulator.carrier.fictitious import numbers_of
from simulator.carrier.limits.quotas import Attempt, Left, Limit, traits_of
from simulator.carrier.network.chain import Inquiry, chain_of
from simulator.carrier.network.network import Network, Networks
from simulator.carrier.numbers import LONG_CODE, read_number
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import Registry
from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.moments import moment_text
from simulator.control.network_shapes import (
    ChainShape,
    ExplainRequest,
    FeesQuery,
    FeesShape,
    LimitsQuery,
    LimitsShape,
    NetworksShape,
    NumbersQuery,
    NumbersShape,
)
from simulator.control.registry import networks_in
from simulator.control.routes import Route
from simulator.scenario.words.wire_words import nearest
from simulator.sms.alphabets import choose, encode_text
from simulator.sms.segments import count_segments
from simulator.smsc.play.explaining import chain_json, left_json
from simulator.smsc.smsc import Smsc
from simulator.smsc.translate import address_from

NETWORK_ROUTES: Final = (
    Route("GET", "/api/networks", "networks", NetworksShape, 200, "What is behind this SMSC", ("not_asked",)),
    Route("GET", "/api/limits", "limits", LimitsShape, 200, "What is left now", ("not_asked", "not_found", "invalid")),
    Route("GET", "/api/fees", "fees", FeesShape, 200, "What networks charge", ("not_asked", "invalid")),
    Route("GET", "/api/numbers", "numbers", NumbersShape, 200, "Numbers that nobody has", ("not_asked", "invalid")),
    Route(
        *("POST", "/api/explain", "explain", ChainShape, 200, "What would become of a message, and why"),
        ("not_asked", "invalid", "too_large"),
    ),
)

_SENDERS_MAX: Final = 100
"""Numbers of a campaign whose own limits are told with its."""


class _Sender(NamedTuple):
    """Who would send; ``number`` is empty where only the campaign's or the brand's limits are asked for."""

    number: str
    kind: str
    registration: Callable[[str], Registration]
    """By the name of a network."""


class Asking:
    """The deeds of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float]) -> None:
        self._smsc = smsc
        self._clock = clock

    async def networks(self) -> Response:
        """As the scenario has them; what is registered, and what is left of the limits, is told elsewhere."""
        known = networks_in(self._smsc)
        return _json({"networks": [_network_json(known, one) for one in known.networks.values()]})

    async def limits(self, query: Annotated[LimitsQuery, Query()]) -> Response:
        """Of a number: all limits that a segment from it would meet. Of a campaign or brand: those that are its own."""
        known, now = networks_in(self._smsc), self._clock()
        at = self._smsc.clock.at(now)
        only = None if query.network is None else _one_of("network", query.network, known.networks)
        told = []
        for name, network in known.networks.items():
            if only in (None, name):
                rows = {(one.limit, one.key): one for one in _left(known, network, query, at, now)}
                told += [{"network": name, **left_json(one)} for one in rows.values()]
        return _json({"limits": told})

    async def fees(self, query: Annotated[FeesQuery, Query()]) -> Response:
        """In dollars, exactly; days are those of Los Angeles."""
        fees = networks_in(self._smsc).fees
        by = [one.strip() for one in query.by.split(",") if one.strip()]
        for one in by:
            if one not in ASPECTS:
                raise Refusal("invalid", f"by: {one[:SHOWN_MAX]!r}, any of {', '.join(ASPECTS)}")
        rows = [dict(zip(by, key, strict=True)) | _total_json(total) for key, total in fees.totals(*by).items() if by]
        return _json({"by": by, "fees": rows, "total": _total_json(fees.totals().get((), Total()))})

    async def numbers(self, query: Annotated[NumbersQuery, Query()]) -> Response:
        """From ranges that authorities keep free for films and tests; the same seed gives the same ones."""
        known, seed = networks_in(self._smsc), self._smsc.seed if query.seed is None else query.seed
        try:
            found = numbers_of(
                known.numbers, query.network, count=query.count, kind=query.kind or "", seed=seed, first=query.first
            )
        except ValueError as error:
            raise Refusal("invalid", str(error)) from error
        return _json({"network": query.network, "numbers": found})

    async def explain(self, request: ExplainRequest) -> Response:
        """The questions of each network in order, with what is left of its limits. Nothing is counted, and where chance
        decides that is told; what rules say of it is not asked. `carrier-sim explain` plays a message through.
        """
        known, now = networks_in(self._smsc), self._clock()
        at = self._smsc.clock.at(now)
        coding = choose(request.text)[0]
        segments = count_segments(encode_text(request.text, coding), coding)
        ends = address_from(request.from_), address_from(request.to)
        inquiry = Inquiry(request.account, *ends, request.text, segments, None, now)
        return _json({"at": moment_text(at), **chain_json(chain_of(known, inquiry, at), at)})


def _left(known: Networks, network: Network, query: LimitsQuery, at: float, now: float) -> Iterator[Left]:
    """What is left of one network's limits for whom was asked for."""
    scope = "campaign" if query.campaign is not None else "brand" if query.brand is not None else None
    for sender in _senders(known, query, at):
        attempt = Attempt(
            query.account,
            sender.number,
            sender.kind,
            "",
            sender.registration(network.name),
            traits=traits_of(sender.number, sender.number),
        )
        for left in network.quotas.left(attempt, at, now):
            # a limit for each number of a campaign is nobody's where no number is named
            if scope is None or (left.scope == scope and not left.key.endswith(" ")):
                yield left


def _senders(known: Networks, query: LimitsQuery, at: float) -> Iterator[_Sender]:
    given = [one for one in (query.number, query.campaign, query.brand) if one is not None]
    if len(given) != 1:
        raise Refusal("invalid", f"{len(given)} of number, campaign, brand: exactly one of them")
    registry = known.registrar.registry
    if query.number is not None:
        number = read_number(address_from(query.number), known.home)
        if number.why:
            raise Refusal("invalid", f"number: {number.why}")
        yield _Sender(number.digits, number.kind, lambda name: registry.look(number.digits, number.kind, at, name))
        return
    campaign = query.campaign if query.campaign is not None else _campaign_of(registry, query.brand or "")
    if not campaign:
        return
    registration = registry.of_campaign(_one_of("campaign", campaign, registry.campaigns))
    numbers = registry.numbers_of(campaign)[:_SENDERS_MAX] if query.campaign is not None else ()
    for digits in ("", *numbers):
        yield _Sender(digits, LONG_CODE, lambda _: registration)


def _campaign_of(registry: Registry, brand: str) -> str:
    """Any campaign of the brand; empty where it has none, and so nothing counts for it."""
    _one_of("brand", brand, registry.brands)
    return next((one.id for one in registry.campaigns.values() if one.brand == brand), "")


def _one_of(place: str, word: str, known: Any) -> str:
    if word not in known:
        near = nearest(word, known)
        hint = f"; did you mean {near}?" if near else ""
        raise Refusal("not_found", f"{place}: {word[:SHOWN_MAX]!r} is not there{hint}")
    return word


def _network_json(known: Networks, network: Network) -> dict[str, Any]:
    rules = network.unregistered
    return {
        "name": network.name,
        "prefixes": list(known.numbers.prefixes_of(network.name)),
        "hub_of": [kind for kind, hub in known.hubs.items() if hub is network],
        "unregistered": {"": rules.mode, **rules.kinds},
        "parts_max": network.parts_max,
        "tells": network.receipts.tells,
        "limits": [_limit_json(limit) for limit in network.quotas.limits],
        "filters": list(network.filters.names),
    }


def _limit_json(limit: Limit) -> dict[str, Any]:
    return {
        "name": limit.name,
        "scope": limit.scope,
        "per": limit.per,
        "counts": limit.counts,
        "media": limit.media,
        "senders": limit.senders,
        "by": limit.by or None,
        "amounts": dict(limit.amounts),
        "cause": limit.over.cause_for(limit.cause),
        "over": limit.over.mode,
        "where": limit.over.where,
    }


def _total_json(total: Total) -> dict[str, Any]:
    return {
        "messages": total.messages,
        "segments": total.segments,
        "dollars": dollars(total.micros),
        "unpriced": total.unpriced,
    }


def _json(value: dict[str, Any]) -> Response:
    return answer(json_octets(value))


__all__ = ["NETWORK_ROUTES", "Asking"]
