"""An SMSC made of scenarios: their carrier sections become accounts, terms and a carrier, their rules a script.

It knows what the sections say and what the SMSC wants; whether a file says more than is acted on was asked before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import AT_ONCE, DELIVERY, Carrier
from simulator.scenario.declared import vendors_of
from simulator.scenario.script import Script
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario

_OF_ACCOUNTS: Final = ("password", "throughput", "burst", "numbers", "networks")


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

    ``accounts`` go before those of the same name; what a file says of such a name's terms holds for them.
    """
    said: dict[str, Any] = {}
    forms: dict[str, dict[str, Any]] = {}
    for scenario in scenarios:
        carrier = scenario.carrier
        for key in () if carrier is None else carrier.said:
            said[key] = getattr(carrier, key)
        for name, form in (said.pop("accounts", None) or {}).items():
            forms.setdefault(name, {}).update({key: getattr(form, key) for key in form.said})
    delay, respond = _delays(said)
    script = Script(scenarios, seed, delay=delay)
    terms = _changed(Terms(), said)
    known = {name: _account(name, form) for name, form in forms.items()} | {one.name: one for one in accounts}
    smsc = Smsc(
        now,
        unix_time,
        accounts=known.values(),
        carrier=Carrier(seed=seed, delay=delay, respond=respond),
        script=None if script.is_empty else script,
        terms=terms,
        terms_by_account={name: _changed(terms, form) for name, form in forms.items()},
        seed=seed,
        speed=speed,
        **({"system_id": said["system_id"]} if "system_id" in said else {}),
    )
    if "others" in said:
        smsc.accounts.is_open = said["others"] == "admit"
    return smsc


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


def _changed(terms: Terms, said: Mapping[str, Any]) -> Terms:
    """The terms with what a carrier or an account says of them."""
    changes: dict[str, Any] = {}
    if "bind_types" in said:
        changes["bind_types"] = frozenset(said["bind_types"])
    if "over_window" in said:
        over = said["over_window"]
        # `pause` reads nothing more
        changes["window_status"] = None if over == "pause" else int(over)
    if "vendor_tlvs" in said:
        changes["vendor_tlvs"] = vendors_of(said["vendor_tlvs"])
    for key, name in (("binds", "binds_max"), ("window", "window"), ("deliver_window", "deliver_window")):
        if key in said:
            changes[name] = said[key]
    return replace(terms, **changes)


__all__ = ["staged"]
