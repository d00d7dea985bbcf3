"""The carrier of an SMSC that plays networks: what their sections say becomes one chain of decisions.

It knows the sections, the chain that wants their objects, and what has no model yet: that is refused at its place, for
nothing that a file says may be without effect unsaid. What the networks decide it does not know.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.causes import SUBMIT
from simulator.carrier.fees import Fees
from simulator.carrier.network.network import Network, Networks, Receipts
from simulator.carrier.phones.optouts import OptOutRates
from simulator.carrier.registry.demands import BAD_TAG, ENTITY, TEMPLATE, Demand
from simulator.carrier.registry.registry import Registrar, Registry
from simulator.scenario.networks.carriers import SECTIONS, Sections, sections_of
from simulator.scenario.networks.idle import idle_of_network
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.script import book_of_all
from simulator.smsc.memory.truths import listen_to_lies
from simulator.smsc.play.tagging import MISSING, WRONG, Book, reader, tester, written
from simulator.smsc.subscribers.people import People

if TYPE_CHECKING:
    from simulator.scenario.networks.networks import NetworkForm
    from simulator.scenario.networks.registrations import RegistryForm
    from simulator.scenario.schema import Scenario
    from simulator.smsc.smsc import Smsc
    from simulator.smsc.translate import Tlv

_NOT_YET: Final = "not acted on yet"
_UNPLAYED: Final = "beside a network that has numbers"


def networks_of(scenarios: "Sequence[Scenario]", unix_time: float, *, seed: int = 0) -> Networks | None:
    """The networks that scenarios describe, whose spans count from ``unix_time``; None where they name none.

    Raises ScenarioError for what is without a model, and for what contradicts itself between two files.
    """
    refuse_unmodelled(scenarios)
    sections = sections_of(scenarios)
    if not sections.networks:
        return None
    try:
        return _made(scenarios, sections, unix_time, seed)
    except ValueError as error:
        raise ScenarioError([_problem(str(error))]) from error


def misfits(scenarios: "Sequence[Scenario]") -> tuple[Problem, ...]:
    """What keeps these scenarios from being played together: why `networks_of` and `add_tlvs` would raise.

    Their files and lines are not known here, only the keys that lead there.
    """
    try:
        if networks_of(scenarios, 0.0) is not None:
            _receipt_tlvs(scenarios)
    except ScenarioError as error:
        return error.problems
    return ()


def _problem(told: str) -> Problem:
    """What the model told, as it tells everything: `place: what was found, what is allowed`."""
    place, _, rest = told.partition(": ")
    found, _, allowed = rest.rpartition(", ")
    allowed = allowed.removesuffix(" is allowed")
    return Problem("scenario", 0, 0, place, found or rest, allowed if found else "what all files together allow")


def listen(smsc: "Smsc", networks: Networks) -> None:
    """From now on people who have the networks' phones answer, and are heard by their networks; the journal tells of
    which messages something else is so than is told; and queues wait in the time of links.
    """
    People(smsc, networks)
    listen_to_lies(smsc, networks)
    networks.rate = lambda: smsc.clock.rate


def open_doors(smsc: "Smsc", networks: Networks) -> None:
    """From now on what comes in by a network's own door is that network's, where any has one."""
    if not networks.doors:
        return

    def door_of(letter: Any) -> str:
        session = smsc.sessions.get(letter.session)
        return "" if session is None or session.listener not in networks.doors else session.listener

    networks.door_of = door_of


def add_tlvs(smsc: "Smsc", networks: Networks, scenarios: "Sequence[Scenario]") -> None:
    """From now on receipts carry what their networks add to them, where any adds something.

    Raises ScenarioError for a placeholder of which the network says nothing.
    """
    made = _receipt_tlvs(scenarios)
    if any(made.values()):
        smsc.receipt_tlvs = lambda message: made.get(networks.network_of(message).name, ())


def _receipt_tlvs(scenarios: "Sequence[Scenario]") -> "dict[str, tuple[Tlv, ...]]":
    """What receipts carry by the names of their networks; raises as `add_tlvs`."""
    book, made = book_of_all(scenarios), {}
    for name, form in sections_of(scenarios).networks.items():
        said = {} if form.tlvs is None else form.tlvs.receipts or {}
        words = {"network": name, "mcc": form.mcc, "mnc": form.mnc}
        try:
            made[name] = written(said, {key: word for key, word in words.items() if word is not None}, book)
        except ValueError as error:
            place, _, found = f"networks.{name}.tlvs.receipts.{error}".partition(": ")
            raise ScenarioError([Problem("scenario", 0, 0, place, found, "what the network says of itself")]) from None
    return made


def _made(scenarios: "Sequence[Scenario]", sections: Sections, unix_time: float, seed: int) -> Networks:
    opt_outs, registry, numbers = sections.opt_outs, sections.registry, sections.numbers
    thresholds = None if opt_outs.thresholds is None else opt_outs.thresholds.made
    book = book_of_all(scenarios)
    asks_names = any(
        one.requires is not None and one.requires.alphanumeric is not None for one in sections.networks.values()
    )
    return Networks(
        sections.plan,
        {name: _network(name, form, book) for name, form in sections.networks.items()},
        doors=frozenset(name for name, form in sections.networks.items() if form.listener is not None),
        hubs=sections.hubs,
        home=numbers.home or "US",
        registrar=Registrar(_registered(registry, unix_time, asks_names=asks_names)),
        opt_outs=opt_outs.made(is_on=sections.is_blocking),
        rates=OptOutRates(thresholds),
        fees=Fees(sections.fees),
        given={number: phone.condition(unix_time) for number, phone in sections.subscribers.items()},
        taught={number: one.taught for number, one in sections.subscribers.items() if one.taught is not None},
        suspends=opt_outs.suspends is not False,
        is_magic=numbers.magic is True,
        seed=seed,
    )


def _registered(form: "RegistryForm", unix_time: float, *, asks_names: bool) -> Registry:
    """The registry of all files. Raises ValueError, which names the place from the file's beginning on."""
    try:
        return form.made(unix_time, asks_names=asks_names)
    except ValueError as error:
        raise ValueError(f"registry.{error}") from error


def _network(name: str, form: "NetworkForm", book: Book) -> Network:
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
        demands=_demands(form, book),
        filters=form.screening,
        filters_after={filter_name: after for filter_name, after in made if after is not None},
        quotas=form.quotas,
        receipts=_receipts(form),
        parts_max=form.part_limit or 255,
        **changes,
    )


def _demands(form: "NetworkForm", book: Book) -> tuple[Demand, ...]:
    """What messages must carry; of the numbers of answers the demand's own goes before the dialect's."""
    statuses = {} if form.dialect is None else form.dialect.statuses or {}
    made = []
    for name, one in ({} if form.tlvs is None else form.tlvs.submits or {}).items():
        cause = one.cause or BAD_TAG
        usual = statuses.get(cause)
        missing, wrong = (
            int(usual if said is None and usual is not None else default if said is None else said)
            for said, default in ((one.missing, MISSING), (one.wrong, WRONG))
        )
        is_absent = one.value is not None and one.value.present is False
        demand = Demand(
            name=name,
            read=reader(name, book),
            means=one.means or "",
            is_required=not is_absent if one.required is None else one.required,
            missing=missing,
            wrong=wrong,
            cause=cause,
            where=one.where or SUBMIT,
        )
        made.append(demand if one.value is None else replace(demand, accepts=tester(name, one.value, book)))
    return tuple(made)


def _receipts(form: "NetworkForm") -> Receipts:
    told, receipts = form.receipts, Receipts()
    if told is None:
        return receipts
    return Receipts(
        tells=told.tells or receipts.tells,
        once=told.parts == "once",
        contradicting=told.parts == "contradicting",
        late=receipts.late if told.late is None else told.late,
        buffered=inf if told.buffered is None else float(told.buffered),
        expires=inf if told.expires is None else float(told.expires),
    )


# ---------------------------------------------------------------------- what is without a model


def refuse_unmodelled(scenarios: "Iterable[Scenario]") -> None:
    """Raises ScenarioError for all that scenarios say about networks and that nothing acts on."""
    files = list(scenarios)
    if any(one.networks for one in files):
        idle = list(_idle(sections_of(files)))
        if idle:
            raise ScenarioError(Problem("scenario", 0, 0, place, "nobody asks for it", who) for place, who in idle)
        return
    # where there are no networks there is nobody to look at the rest
    places = [section for one in files for section in SECTIONS if getattr(one, section) is not None]
    places += [place for one in files for place in _about_phones(one)]
    if places:
        raise ScenarioError(Problem("scenario", 0, 0, place, _NOT_YET, _UNPLAYED) for place in places)


def _about_phones(scenario: "Scenario") -> Iterator[str]:
    """Where it changes phones."""
    rules, moments = [one.then for one in scenario.rules], [one.then for one in scenario.timeline]
    for section, deeds in (("rules", rules), ("timeline", moments)):
        for index, then in enumerate(deeds):
            if then.subscribers is not None:
                yield f"{section}[{index}].then.subscribers"


def _idle(sections: Sections) -> Iterator[tuple[str, str]]:
    """What is said or registered in vain, and beside what it would not be."""
    moved = {*(sections.numbers.ported or {}).values(), *(one.ported_to for one in sections.subscribers.values())}
    for name, form in sections.networks.items():
        if not (form.prefixes or form.hub_of or form.listener is not None or name in moved):
            # nothing comes to it: another file, which is to be laid beneath, has the rest of it
            continue
        idle = idle_of_network(form, has_phones=bool(form.prefixes) or name in moved)
        yield from ((f"networks.{name}.{key}", beside) for key, beside in idle)
    submits = [one for form in sections.networks.values() if form.tlvs for one in (form.tlvs.submits or {}).values()]
    meant = {one.means for one in submits}
    asks = "beside a network with tlvs: {{submits: {{{}}}}}"
    if sections.registry.templates and TEMPLATE not in meant:
        yield "registry.templates", asks.format("0x1401: {means: template}")
    if not meant & {ENTITY, TEMPLATE}:
        for name, one in (sections.registry.names or {}).items():
            if one.entity is not None:
                yield f"registry.names.{name}.entity", asks.format("0x1400: {means: entity}")


__all__ = ["add_tlvs", "listen", "misfits", "networks_of", "open_doors", "refuse_unmodelled"]
