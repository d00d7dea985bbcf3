"""The registry over HTTP: brands, campaigns, numbers, verifications, short codes and the rest, told and changed live.

What comes is in the words of a scenario file, and is checked as a file is. A change is one new registry in place of the
old one, between two messages: whoever looks sees all of it or nothing. It knows entries, and no network's decisions.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Annotated, Any, Final

from fastapi import Body, Query, Response

from simulator.carrier.messages import bare
from simulator.carrier.network.network import Networks
from simulator.carrier.registry.registry import Registry
from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.given import formed, invalid
from simulator.control.moments import moment_text
from simulator.control.network_shapes import (
    EntriesQuery,
    EntriesShape,
    EntryShape,
    RegistryChangedShape,
    RegistryShape,
)
from simulator.control.routes import Route
from simulator.control.search import SLICE, Pause, Slices
from simulator.scenario.networks.registered import SECTIONS, entry_of
from simulator.scenario.networks.registrations import RegistryForm
from simulator.scenario.shape import Found, Names, given_list, mapping, text_of
from simulator.scenario.words.carrier_words import rules_at
from simulator.scenario.words.wire_words import nearest
from simulator.smsc.smsc import Smsc

_ALL: Final = "/api/registry"
_ONE: Final = "/api/registry/{section}/{key}"
_ASKED: Final = ("not_asked", "not_found", "invalid")
_CHANGED: Final = ("not_asked", "contradicts", "invalid", "too_large")

REGISTRY_ROUTES: Final = (
    Route("GET", _ALL, "registry", RegistryShape, 200, "All that is registered, as a file says it", ("not_asked",)),
    Route("PUT", _ALL, "replace_registry", RegistryChangedShape, 200, "Nothing but this is registered", _CHANGED),
    Route("PATCH", _ALL, "change_registry", RegistryChangedShape, 200, "Several entries, or none of them", _CHANGED),
    Route("GET", "/api/registry/{section}", "entries", EntriesShape, 200, "One section, in pages", _ASKED),
    Route("GET", _ONE, "entry", EntryShape, 200, "One entry", _ASKED),
    Route("PUT", _ONE, "put_entry", EntryShape, 200, "It is so, whatever it was", (*_CHANGED, "not_found")),
    Route("PATCH", _ONE, "change_entry", EntryShape, 200, "Some of its words change", (*_CHANGED, "not_found")),
    Route(*("DELETE", _ONE, "remove_entry", RegistryChangedShape, 200, "It is gone"), (*_ASKED, "contradicts")),
)

RENDERED: Final = SLICE // 400
"""What it costs to render an entry."""

ChangesBody = Annotated[
    Any,
    Body(
        examples=[
            {
                "brands": {"acme": {"score": 80}},
                "campaigns": {"C1": {"brand": "acme", "use_case": "marketing"}, "C0": None},
                "numbers": {"15105550142": {"campaign": "C1", "after": "24h"}},
                "toll_free": {"18005550100": "verified"},
            }
        ]
    ),
]
EntryBody = Annotated[
    Any, Body(examples=[{"brand": "acme", "use_case": "marketing", "state": "suspended"}, {"score": 80}, "verified"])
]


class Registrations:
    """The deeds of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float], pause: Pause) -> None:
        self._smsc = smsc
        self._clock = clock
        self._pause = pause

    async def registry(self) -> Response:
        """In the words of the file's `registry:`. A number's `after` is how long it is until it counts."""
        registry, at, slices = self._networks().registrar.registry, self._at(), Slices(self._pause)
        pieces = []
        for section in SECTIONS:
            entries = []
            # a registry never changes: another one takes its place
            for key in getattr(registry, section):
                await slices.take(RENDERED)
                entries.append(json_octets(key) + b":" + json_octets(entry_of(registry, section, key, at)))
            pieces.append(json_octets(section) + b":{" + b",".join(entries) + b"}")
        return answer(b"{" + b",".join(pieces) + b"}")

    async def replace_registry(self, changes: ChangesBody) -> Response:
        """From the next message on. A reset brings the files' registry back, as it does after every change."""
        networks, at = self._networks(), self._at()
        form = formed(RegistryForm, changes, self._names(Registry(), changes))
        try:
            made = form.made(at, asks_names=networks.registrar.registry.asks_names)
        except ValueError as error:
            raise Refusal("contradicts", str(error)) from error
        before, networks.registrar.registry = networks.registrar.registry, made
        gone = {one: [key for key in getattr(before, one) if key not in getattr(made, one)] for one in SECTIONS}
        return _json({"changed": {one: list(getattr(made, one)) for one in SECTIONS}, "removed": gone})

    async def change_registry(self, changes: ChangesBody) -> Response:
        """As in a file, and null takes an entry away. All of it holds from the next message on, or nothing does."""
        return _json(self._change(changes))

    async def entries(self, section: str, query: Annotated[EntriesQuery, Query()]) -> Response:
        """In the order in which they came. Pages: give `next` as `cursor` until it is null."""
        registry, at = self._networks().registrar.registry, self._at()
        keys = list(getattr(registry, _known(section)))
        shown = keys[query.cursor : query.cursor + query.limit]
        told = [_entry_json(registry, section, key, at) for key in shown]
        end = query.cursor + len(shown)
        return _json({"entries": told, "next": str(end) if end < len(keys) else None, "total": len(keys)})

    async def entry(self, section: str, key: str) -> Response:
        """In the words of a file; `facts` is what follows from it."""
        registry = self._networks().registrar.registry
        return _json(_entry_json(registry, section, _there(registry, section, key), self._at()))

    async def put_entry(self, section: str, key: str, entry: EntryBody) -> Response:
        """As in a file: the numbers of a campaign are assigned beside those that it has, and keep it otherwise."""
        self._networks()
        if entry is None:
            raise invalid([Found((_known(section), key), "nothing", "an entry; DELETE takes one away")])
        return self._changed(section, key, entry)

    async def change_entry(self, section: str, key: str, entry: EntryBody) -> Response:
        """What is given stands in place of what was said of it; null is as if it had not been said."""
        registry = self._networks().registrar.registry
        known = _there(registry, section, key)
        form, before = SECTIONS[section], entry_of(registry, section, known, self._at())
        spelled = entry if form is None else form.spelled_out(entry, Names())
        if isinstance(spelled, dict) and isinstance(before, dict):
            spelled = {one: value for one, value in {**before, **spelled}.items() if value is not None}
        return self._changed(section, known, spelled)

    def _changed(self, section: str, key: str, entry: Any) -> Response:
        self._change({_known(section): {key: entry}})
        registry = self._networks().registrar.registry
        return _json(_entry_json(registry, section, _there(registry, section, key), self._at()))

    async def remove_entry(self, section: str, key: str) -> Response:
        """What others need stays: a brand while it has campaigns, a campaign while it has numbers."""
        known = _there(self._networks().registrar.registry, section, key)
        return _json(self._change({section: {known: None}}))

    def _change(self, changes: Any) -> dict[str, Any]:
        """Make the next registry of this one, and put it in its place; what was changed and removed, by section."""
        registrar, at = self._networks().registrar, self._at()
        registry = registrar.registry
        kept, gone = _parted(changes)
        form = formed(RegistryForm, kept, self._names(registry, changes))
        _refuse_taken(registry, kept, gone)
        entries = form.entries(at)
        try:
            made = registry.changed(**entries, without=gone)
        except ValueError as error:
            raise Refusal("contradicts", str(error)) from error
        if form.toll_free_rules is not None:
            made.rules_at = rules_at(form.toll_free_rules)
        registrar.registry = made
        changed = {section: _keys(section, entries[section]) for section in SECTIONS}
        return {"changed": changed, "removed": {section: list(gone.get(section, ())) for section in SECTIONS}}

    def _names(self, registry: Registry, changes: Any) -> Names:
        """What an entry may name: what is there and stays, and what comes with it."""

        def known(section: str) -> tuple[str, ...] | None:
            said = mapping(mapping(changes).get(section))
            stays = [key for key in getattr(registry, section) if said.get(key, key) is not None]
            return tuple(dict.fromkeys((*stays, *(key for key, one in said.items() if one is not None)))) or None

        return Names(networks=tuple(self._networks().networks), brands=known("brands"), campaigns=known("campaigns"))

    def _networks(self) -> Networks:
        return networks_in(self._smsc)

    def _at(self) -> float:
        return self._smsc.clock.at(self._clock())


def networks_in(smsc: Smsc) -> Networks:
    """The networks that are played. Raises Refusal where there are none."""
    if not isinstance(smsc.carrier, Networks):
        raise Refusal("not_asked", "no networks are played here: start with a scenario that has some, as networks/us")
    return smsc.carrier


def _known(section: str) -> str:
    if section not in SECTIONS:
        near = nearest(section, SECTIONS)
        hint = f"; did you mean {near}?" if near else ""
        raise Refusal("not_found", f"section: {section[:SHOWN_MAX]!r}, one of {', '.join(SECTIONS)}{hint}")
    return section


def _there(registry: Registry, section: str, key: str) -> str:
    """The key of an entry as the registry has it. Raises Refusal where there is no such one."""
    entries = getattr(registry, _known(section))
    found = next((one for one in (key, bare(key)) if one in entries), None)
    if found is None:
        near = nearest(key, entries)
        hint = f"; did you mean {near}?" if near else ""
        raise Refusal("not_found", f"{section}: {key[:SHOWN_MAX]!r} is not registered{hint}")
    return found


def _parted(changes: Any) -> tuple[Any, dict[str, list[str]]]:
    """What is said, and what is taken away: keys by section whose value is null."""
    if not isinstance(changes, dict):
        # the form tells what it should have been
        return changes, {}
    kept, gone = dict[str, Any](), dict[str, list[str]]()
    for section, entries in changes.items():
        kept[section] = entries
        if section in SECTIONS and isinstance(entries, dict):
            kept[section] = {key: one for key, one in entries.items() if one is not None}
            gone[section] = [key for key, one in entries.items() if one is None]
    return kept, gone


def _refuse_taken(registry: Registry, kept: Any, gone: Mapping[str, list[str]]) -> None:
    """Numbers that come with a campaign must not be another's; who moves one says so among the numbers."""
    free = {bare(number) for number in gone.get("numbers", ())}
    for key, campaign in mapping(mapping(kept).get("campaigns")).items():
        for number in given_list(mapping(campaign).get("numbers")):
            digits = bare(text_of(number) or "")
            owner = registry.numbers.get(digits, (key, 0.0))[0]
            if owner != key and digits not in free:
                raise Refusal("contradicts", f"campaigns.{key}.numbers: {digits} is campaign {owner}'s already")


def _keys(section: str, entries: list[Any]) -> list[str]:
    if section in ("brands", "campaigns", "templates"):
        return [one.id for one in entries]
    return [one.name if section == "names" else one.number for one in entries]


def _entry_json(registry: Registry, section: str, key: str, at: float) -> dict[str, Any]:
    facts = _FACTS[section](registry, key, at) if section in _FACTS else {}
    return {"section": section, "key": key, "entry": entry_of(registry, section, key, at), "facts": facts}


def _brand_facts(registry: Registry, key: str, _at: float) -> dict[str, Any]:
    campaigns = [one.id for one in registry.campaigns.values() if one.brand == key]
    return {"tier": registry.brands[key].tier, "campaigns": campaigns}


def _campaign_facts(registry: Registry, key: str, _at: float) -> dict[str, Any]:
    registration = registry.of_campaign(key)
    return {
        "is_registered": registration.is_registered,
        "att_class": registration.att_class or None,
        "tier": registration.tier,
        "numbers": len(registry.numbers_of(key)),
    }


def _number_facts(registry: Registry, key: str, at: float) -> dict[str, Any]:
    counts_from = registry.numbers[key][1]
    since = moment_text(counts_from) if isfinite(counts_from) else None
    return {"counts": at >= counts_from, "counts_from": since}


_FACTS: Final[Mapping[str, Callable[[Registry, str, float], dict[str, Any]]]] = {
    "brands": _brand_facts,
    "campaigns": _campaign_facts,
    "numbers": _number_facts,
}


def _json(value: dict[str, Any]) -> Response:
    return answer(json_octets(value))


__all__ = ["REGISTRY_ROUTES", "Registrations", "networks_in"]
