"""Which keys of a scenario this version acts on: what a file says beside them is found here, so that nobody plays it.

A file that says more is still a scenario. This knows shapes and what is played, and plays nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from simulator.carrier.messages import DELIVERED, FINAL
from simulator.scenario.match import Condition, Match, PartMatch, TextCondition
from simulator.scenario.policy import (
    AccountForm,
    Admission,
    BindPolicy,
    Carrier,
    Ghosts,
    Idle,
    Limit,
    LinkPolicy,
    Listener,
)
from simulator.scenario.schema import About, Expect, ExpectedEvent, GatewayFact, Rule, Scenario
from simulator.scenario.shape import Found, Path, Shape
from simulator.scenario.then import Respond, Step, Then
from simulator.scenario.wire_words import SUBMISSIONS

NOT_YET: Final = "not acted on by this version"

_ADMISSION: Final = frozenset(Admission.model_fields)
ACTED_ON: Final[Mapping[type[Shape], frozenset[str]]] = {
    **{shape: frozenset(shape.model_fields) for shape in (About, Rule, Condition, TextCondition, PartMatch)},
    **{shape: frozenset(shape.model_fields) for shape in (Limit, Ghosts, BindPolicy, Idle, LinkPolicy, Listener)},
    **{shape: frozenset(shape.model_fields) for shape in (Expect, ExpectedEvent, GatewayFact)},
    Scenario: frozenset("scenario about seed carrier rules expect".split()),
    Carrier: _ADMISSION
    | frozenset(
        "system_id accounts others vendor_tlvs limits bind_policy link_policy listeners respond deliver spoken".split()
    ),
    AccountForm: _ADMISSION | frozenset("password numbers networks".split()),
    Match: frozenset("command account bind_type version listener source destination text alphabet part".split())
    | frozenset("length fields tlvs count".split()),
    Then: frozenset("accept reject silence respond deliver lose".split()),
    Respond: frozenset({"after"}),
    Step: frozenset({"after", "state"}),
}
"""The keys of each shape that are acted on; of a shape that is not here, none."""


def unacted(shape: Shape, path: Path = ()) -> Iterator[Found]:
    """Everything that is said and not acted on, each with the place of its key or value."""
    acted = ACTED_ON.get(type(shape), frozenset())
    for key in shape.said:
        value = getattr(shape, key)
        if value == ():
            # a list that was not written
            continue
        if key not in acted:
            yield Found((*path, key), NOT_YET, ", ".join(sorted(acted)), is_key=True)
        else:
            yield from _inside(value, (*path, key))
    yield from _values(shape, path)


def _inside(value: Any, path: Path) -> Iterator[Found]:
    if isinstance(value, Shape):
        yield from unacted(value, path)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(one, (*path, key))
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _inside(one, (*path, index))


def _values(shape: Shape, path: Path) -> Iterator[Found]:
    """Values that are not acted on of keys that are."""
    if isinstance(shape, Match):
        for index, command in enumerate(shape.command or ()):
            if command not in SUBMISSIONS:
                yield Found((*path, "command", index), NOT_YET, "submit_sm, submit_multi, data_sm")
    if isinstance(shape, Carrier):
        for index, step in enumerate(shape.deliver or ()):
            if index or step.state not in {None, DELIVERED}:
                yield Found((*path, "deliver", index), NOT_YET, "a delay; or rules: [{then: {deliver: ...}}]")
    if isinstance(shape, Then):
        for index, step in enumerate((shape.deliver or ())[:-1]):
            if (step.state or DELIVERED) in FINAL:
                # whoever has reached his end has no future
                yield Found((*path, "deliver", index), NOT_YET, "a final state last")


__all__ = ["ACTED_ON", "NOT_YET", "unacted"]
