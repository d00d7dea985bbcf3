"""The carrier of an SMSC that plays networks: what their sections say becomes one chain of decisions.

It knows the sections, the chain that wants their objects, and what has no model yet: that is refused at its place, for
nothing that a file says may be without effect unsaid. What the networks decide it does not know.

Of receipts' vendor TLVs, and of TLVs that submissions may have and need not, nothing is acted on: they are taken, since
the networks that are shipped say them, and who plays those gets receipts without.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.causes import SUBMIT
from simulator.carrier.fees import Fees
from simulator.carrier.network import Network, Networks, Receipts
from simulator.carrier.optouts import OptOutRates
from simulator.carrier.registry import Registrar
from simulator.journal import MO_CREATED
from simulator.scenario.carriers import SECTIONS, Sections, sections_of
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.shape import Shape

if TYPE_CHECKING:
    from simulator.scenario.networks import NetworkForm
    from simulator.scenario.schema import Scenario
    from simulator.smsc.smsc import Smsc

_NOT_YET: Final = "not acted on yet"
_UNPLAYED: Final = "only in files that are checked and not played"


def networks_of(scenarios: "Sequence[Scenario]", unix_time: float, *, seed: int = 0) -> Networks | None:
    """The networks that scenarios describe, whose spans count from ``unix_time``; None where they name none.

    Raises ScenarioError for what is without a model, and for what contradicts itself between two files.
    """
    refuse_unmodelled(scenarios)
    sections = sections_of(scenarios)
    if not sections.networks:
        return None
    try:
        return _made(sections, unix_time, seed)
    except ValueError as error:
        place, _, found = str(error).partition(": ")
        raise ScenarioError([Problem("scenario", 0, 0, place, found, "what all files together allow")]) from error


def listen(smsc: "Smsc", networks: Networks) -> None:
    """From now on networks hear what their phones write back: STOP to a toll-free number, for one."""

    def hear(at: float, _session: int, subject: Any, _detail: Any) -> None:
        networks.heard(subject.source.number, subject.destination.number, subject.whole, at)

    smsc.journal.feed(MO_CREATED, hear)


def _made(sections: Sections, unix_time: float, seed: int) -> Networks:
    opt_outs, registry, numbers = sections.opt_outs, sections.registry, sections.numbers
    thresholds = None if opt_outs.thresholds is None else opt_outs.thresholds.made
    return Networks(
        sections.plan,
        {name: _network(name, form) for name, form in sections.networks.items()},
        hubs=sections.hubs,
        home=numbers.home or "US",
        registrar=Registrar(registry.made(unix_time)),
        opt_outs=opt_outs.made(is_on=sections.is_blocking),
        rates=OptOutRates(thresholds),
        fees=Fees(sections.fees),
        given={number: phone.condition(unix_time) for number, phone in sections.subscribers.items()},
        gated=frozenset(key for key, one in (registry.campaigns or {}).items() if one.age_gate),
        suspends=opt_outs.suspends is not False,
        is_magic=numbers.magic is True,
        seed=seed,
    )


def _network(name: str, form: "NetworkForm") -> Network:
    requires, dialect = form.requires, form.dialect
    changes: dict[str, Any] = {} if dialect is None else {"spelled": dialect.cause}
    if requires is not None:
        changes["unregistered_at"] = requires.where or SUBMIT
        changes["unregistered_after"] = requires.after
    made = [(one.made.name, one.after) for one in form.filters or ()]
    return Network(
        name=name,
        profile=form.profile_as(name),
        habits=form.habits,
        unregistered=form.unregistered,
        filters=form.screening,
        filters_after={filter_name: after for filter_name, after in made if after is not None},
        quotas=form.quotas,
        receipts=_receipts(form),
        parts_max=form.part_limit or 255,
        **changes,
    )


def _receipts(form: "NetworkForm") -> Receipts:
    told, receipts = form.receipts, Receipts()
    if told is None:
        return receipts
    return Receipts(
        tells=told.tells or receipts.tells,
        once=told.parts == "once",
        late=receipts.late if told.late is None else told.late,
        buffered=inf if told.buffered is None else float(told.buffered),
        expires=inf if told.expires is None else float(told.expires),
    )


# ---------------------------------------------------------------------- what is without a model


def refuse_unmodelled(scenarios: "Iterable[Scenario]") -> None:
    """Raises ScenarioError for all that scenarios say about networks and that nothing acts on."""
    files = list(scenarios)
    if any(one.networks for one in files):
        places = [place for one in files for place in _unmodelled(one)]
        allowed = _UNPLAYED
    else:
        # where there are no networks there is nobody to look at the rest
        places = [section for one in files for section in SECTIONS if getattr(one, section) is not None]
        allowed = "beside a network that has numbers"
    if places:
        raise ScenarioError(Problem("scenario", 0, 0, place, _NOT_YET, allowed) for place in places)


def _unmodelled(scenario: "Scenario") -> Iterator[str]:
    for name, form in (scenario.networks or {}).items():
        yield from (f"networks.{name}.{place}" for place in _unmodelled_of(form))
    for key in ("names", "templates"):
        if scenario.registry is not None and getattr(scenario.registry, key) is not None:
            yield f"registry.{key}"
    for number, phone in (scenario.subscribers or {}).items():
        if phone.answers is not None:
            yield f"subscribers.{number}.answers"


def _unmodelled_of(form: "NetworkForm") -> Iterator[str]:
    """Keys of one network that have no model, as paths from there."""
    if form.listener is not None:
        yield "listener"
    yield from _said("delays", form.delays, ("duplicate", "gap", "out_of_order"))
    yield from _said("requires", form.requires, ("alphanumeric",))
    yield from _said("subscribers", form.subscribers, ("answers",))
    if form.receipts is not None and form.receipts.parts == "contradicting":
        yield "receipts.parts"
    submits: Mapping[Any, Any] = {} if form.tlvs is None else form.tlvs.submits or {}
    for tag, demand in submits.items():
        # what need not be there, and is compared with nothing that a file says, does no harm unread
        if demand.required is not False or demand.value is not None:
            yield f"tlvs.submits.{tag}"


def _said(place: str, shape: Shape | None, keys: Sequence[str]) -> Iterator[str]:
    return (f"{place}.{key}" for key in keys if shape is not None and getattr(shape, key) is not None)


__all__ = ["listen", "networks_of", "refuse_unmodelled"]
