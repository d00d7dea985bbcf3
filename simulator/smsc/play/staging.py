"""An SMSC made of scenarios: their carrier sections become accounts, terms and a carrier, their rules a script.

It knows what the sections say and what the SMSC wants, at its start and when other scenarios take its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import AT_ONCE, DELIVERY, Carrier
from simulator.journal import BOUND, RESET
from simulator.scenario.declared import vendors_of
from simulator.scenario.script import Script
from simulator.scenario.shape import Shape
from simulator.smsc.play.carriers_staged import add_tlvs, listen, networks_of, open_doors, refuse_unmodelled
from simulator.smsc.play.limits import Limits
from simulator.smsc.play.policies import Doorkeeper
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import WINDOW_DEEDS, Keeping, Terms

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario

_OF_ACCOUNTS: Final = ("password", "throughput", "burst", "numbers", "networks")
_BY_NAME: Final = ("accounts", "listeners")
_BY_KEY: Final = ("bind_policy", "link_policy")
_TIMERS: Final = {"session_init": "session_init", "enquire_every": "enquire_link", "response": "response"}
_KEPT: Final = frozenset({"enquire_link", "enquire_most", "misses", "idle"})


def said_of_carrier(scenarios: "Sequence[Scenario]") -> dict[str, Any]:
    """What the carrier sections say together, key by key: a later file goes before an earlier one.

    Accounts and listeners become dictionaries by name, networks' doors among these, the policies one dictionary each;
    a bind policy's statuses and required fields are taken together, each cause and each field for itself. Raises
    ScenarioError for scenarios that say what nobody acts on yet.
    """
    refuse_unmodelled(scenarios)
    said: dict[str, Any] = {}
    for scenario in scenarios:
        for key, value in _items(scenario.carrier):
            if key in _BY_NAME:
                for name, form in value.items():
                    said.setdefault(key, {}).setdefault(name, {}).update(_items(form))
            elif key in _BY_KEY:
                together = said.setdefault(key, {})
                for inner, one in _items(value):
                    together[inner] = {**together.get(inner, {}), **one} if isinstance(one, dict) else one
            else:
                said[key] = value
        for name, network in (scenario.networks or {}).items():
            if network.listener is not None:
                # a network's door is a door like any other, under the network's name
                said.setdefault("listeners", {}).setdefault(name, {}).update(_items(network.listener))
    return said


def _items(shape: Shape | None) -> Iterator[tuple[str, Any]]:
    """The keys that a shape was given, with their values."""
    for key in () if shape is None else shape.said:
        yield key, getattr(shape, key)


def staged(
    scenarios: "Sequence[Scenario]",
    now: float,
    unix_time: float,
    *,
    accounts: Iterable[Account] = (),
    seed: int = 0,
    speed: float = 1.0,
) -> Smsc:
    """The SMSC that ``scenarios`` describe, as ``Smsc(now, unix_time)`` would be; what a later one says goes before.

    ``accounts`` go before those of the same name; what a file says of such a name's terms, and of what they leave
    open, holds for them.
    """
    said = said_of_carrier(scenarios)
    delay, respond = _delays(said)
    script = Script(scenarios, seed, delay=delay)
    terms, by_account = _terms(said)
    networks = networks_of(scenarios, unix_time, seed=seed)
    smsc = Smsc(
        now,
        unix_time,
        accounts=_accounts(said, accounts),
        carrier=networks or Carrier(seed=seed, delay=delay, respond=respond),
        script=None if script.is_empty else script,
        terms=terms,
        terms_by_account=by_account,
        seed=seed,
        speed=speed,
        **({"system_id": said["system_id"]} if "system_id" in said else {}),
    )
    if networks is not None:
        listen(smsc, networks)
        open_doors(smsc, networks)
        add_tlvs(smsc, networks, scenarios)
    _guard(smsc, said)
    return smsc


def script_of(scenarios: "Sequence[Scenario]", seed: int) -> Script:
    """The script of scenarios alone. It changes nothing, and of thousands of rules it takes a while."""
    return Script(scenarios, seed, delay=_delays(said_of_carrier(scenarios))[0])


def restage(smsc: Smsc, script: Script, now: float, *, accounts: Iterable[Account] = ()) -> None:
    """Play this script's scenarios instead of those that ``smsc`` has played; their story begins.

    What has been decided of a message stays, and so do live rules and what piles hold. Sessions keep the terms that
    they were bound under: windows, timers. Throughput, limits and delays hold at once. Listeners are not opened here,
    and networks stay those of the start.
    """
    said = said_of_carrier(script.scenarios)
    delay, respond = _delays(said)
    smsc.terms, smsc.terms_by_account = _terms(said)
    smsc.accounts.replace(_accounts(said, accounts))
    smsc.carrier.retime(delay, respond)
    smsc.system_id = said.get("system_id", "carrier-sim")
    for guard in (smsc.carrier.gate, smsc.doorkeeper):
        if isinstance(guard, Limits | Doorkeeper):
            smsc.journal.leave(RESET, guard.reset)
        if isinstance(guard, Limits):
            smsc.journal.leave(BOUND, guard.bound)
            # whom it holds back it lets go, for nobody else would after a reset
            guard.reset()
    smsc.carrier.gate = smsc.doorkeeper = None
    _guard(smsc, said)
    for session in smsc.sessions.values():
        if session.account is not None:
            session.account = smsc.accounts.get(session.account.name) or session.account
    if smsc.stage is not None or not script.is_empty:
        smsc.play(script, now)


def _terms(said: Mapping[str, Any]) -> tuple[Terms, dict[str, Terms]]:
    """The terms of all accounts, and of those that a file names."""
    terms = _changed(_linked(Terms(), said.get("link_policy", {})), said)
    return terms, {name: _changed(terms, form) for name, form in said.get("accounts", {}).items()}


def _accounts(said: Mapping[str, Any], accounts: Iterable[Account]) -> list[Account]:
    """The accounts of the files; ``accounts`` go before those of the same name."""
    every: dict[str, Any] = {key: said[key] for key in ("throughput", "burst") if key in said}
    known = {name: _account(name, every | form) for name, form in said.get("accounts", {}).items()}
    for one in accounts:
        known[one.name] = _completed(one, known.get(one.name) or _account(one.name, every))
    return list(known.values())


def _guard(smsc: Smsc, said: Mapping[str, Any]) -> None:
    """Who may come in, where, and how much: asked at binds and of messages only where somebody has said it."""
    accounts, forms, policy = smsc.accounts, said.get("accounts", {}), said.get("bind_policy", {})
    words = said.get("listeners", {}).items()
    smsc.charsets = {name: form["charset"] for name, form in words if form.get("charset", "gsm7") != "gsm7"}
    accounts.is_open = said["others"] == "admit" if "others" in said else accounts.is_open
    made = _account("", {key: said[key] for key in ("throughput", "burst") if key in said})
    accounts.throughput, accounts.burst = made.throughput, made.burst
    accounts.password_length = policy.get("password_length")
    over = {name: form["over_throughput"] for name, form in forms.items() if "over_throughput" in form}
    if over or said.get("limits") or "over_throughput" in said:
        gate = Limits(smsc, said.get("limits", ()), over=said.get("over_throughput"), over_by_account=over)
        smsc.carrier.gate = gate
        smsc.journal.feed(RESET, gate.reset)
        smsc.journal.feed(BOUND, gate.bound)
    kept = {key: policy[key] for key in ("ghosts", "statuses", "required", "rebind_after") if key in policy}
    if kept:
        smsc.doorkeeper = keeper = Doorkeeper(smsc, **kept)
        smsc.journal.feed(RESET, keeper.reset)


def _delays(said: Mapping[str, Any]) -> tuple[Any, Any]:
    """How long deliveries and responses take."""
    deliver, respond = said.get("deliver"), said.get("respond")
    delay = DELIVERY if not deliver or deliver[0].after is None else deliver[0].after
    return delay, AT_ONCE if respond is None or respond.after is None else respond.after


def _account(name: str, form: Mapping[str, Any]) -> Account:
    said = {key: form[key] for key in _OF_ACCOUNTS if key in form}
    if "throughput" in said:
        said["throughput"] = said["throughput"].per_second
    if "numbers" in said:
        said["numbers"] = frozenset(said["numbers"])
    return Account(name, **said)


def _completed(account: Account, form: Account) -> Account:
    """An account of the command line with what a file says of it and the line leaves open."""
    changes: dict[str, Any] = {}
    if account.throughput is None and form.throughput is not None:
        changes |= {"throughput": form.throughput, "burst": form.burst}
    for key in ("numbers", "networks"):
        if not getattr(account, key) and getattr(form, key):
            changes[key] = getattr(form, key)
    return replace(account, **changes) if changes else account


def _linked(terms: Terms, said: Mapping[str, Any]) -> Terms:
    """The terms with a link policy."""
    timers = {name: float(said[key]) for key, name in _TIMERS.items() if key in said}
    if timers:
        terms = replace(terms, timers=replace(terms.timers, **timers))
    if "unbind_grace" in said:
        terms = replace(terms, unbind_grace=float(said["unbind_grace"]))
    if not _KEPT & said.keys():
        return terms
    most, idle = said.get("enquire_most"), said.get("idle")
    keeping = Keeping(
        enquiry=said.get("enquire_link", "answer"),
        enquiries=None if most is None else (most.per_second, max(1.0, most.amount)),
        misses=said.get("misses", 1),
    )
    if idle is not None:
        counts, by = idle.counts or keeping.counts, idle.by or keeping.idle_by
        keeping = replace(keeping, idle=float(idle.after), counts=counts, idle_by=by)
    return replace(terms, keeping=keeping)


def _changed(terms: Terms, said: Mapping[str, Any]) -> Terms:
    """The terms with what a carrier or an account says of them."""
    changes: dict[str, Any] = {}
    if "bind_types" in said:
        changes["bind_types"] = frozenset(said["bind_types"])
    if "over_window" in said:
        over = said["over_window"]
        # `pause` reads nothing more; what else is a word has a number that no status has
        deeds = {deed: number for number, deed in WINDOW_DEEDS.items()}
        changes["window_status"] = deeds.get(over) if isinstance(over, str) else int(over)
    if "vendor_tlvs" in said:
        changes["vendor_tlvs"] = vendors_of(said["vendor_tlvs"])
    for key, name in (("binds", "binds_max"), ("window", "window"), ("deliver_window", "deliver_window")):
        if key in said:
            changes[name] = said[key]
    return replace(terms, **changes)


__all__ = ["restage", "said_of_carrier", "script_of", "staged"]
