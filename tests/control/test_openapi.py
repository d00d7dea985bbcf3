"""Our own OpenAPI document: examples for every route, and whatever it allows is answered by what it tells.

The requests are made by schemathesis from the document alone, valid and not.
"""

from typing import Any, Final

import httpx2
import pytest
import trio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import openapi
from schemathesis.generation import GenerationMode

from simulator.control.api import ROUTES
from simulator.control.shapes import ProblemShape
from simulator.smpp.constants import CommandStatus
from tests.control.caller import Caller
from tests.smsc.world import World

EXAMPLES: Final = 5
"""Requests of each kind for each route."""
LONG: Final = frozenset({"stream"})
"""What is answered for as long as somebody listens."""


async def document_of(caller: Caller) -> Any:
    return await caller.get("/openapi.json")


async def test_every_route_that_takes_or_gives_something_shows_an_example(caller: Caller) -> None:
    document = await document_of(caller)
    without = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            good = next(one for status, one in operation["responses"].items() if status.startswith("2"))
            shown = [one for kind, one in good.get("content", {}).items() if kind == "application/json"]
            if not (_has_example(operation, document) and all("example" in one for one in shown)):
                without.append(f"{method} {path}")
    assert without == []


def _has_example(operation: Any, document: Any) -> bool:
    body = operation.get("requestBody")
    if body is None:
        return True
    (content,) = body["content"].values()
    schema = content["schema"]
    references = [schema, *schema.get("anyOf", [])]
    for one in references:
        name = one.get("$ref", "").removeprefix("#/components/schemas/")
        if name and "examples" in document["components"]["schemas"][name]:
            return True
    return "examples" in schema or "example" in content or "examples" in content


@pytest.fixture(scope="module")
def asked() -> Any:
    """The operations of the document, and who is asked."""
    world = World(seed=1)
    world.bound("gateway")
    caller = Caller(world)

    async def pause() -> None:
        # somebody waits for carrier time to go on
        world.run(0.5)
        await trio.lowlevel.checkpoint()

    caller.app = caller.app_with(pause)
    document = trio.run(document_of, caller)
    return caller, {one.definition.raw["operationId"]: one for one in operations(document)}


def operations(document: Any) -> list[Any]:
    every: Any = openapi.from_dict(document).get_all_operations()
    return [one.ok() for one in every]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(one.deed for one in ROUTES if one.deed not in LONG))
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "not valid"])
def test_whatever_is_asked_is_answered_by_what_the_document_tells(asked: Any, name: str, mode: GenerationMode) -> None:
    caller, known = asked
    operation = known[name]
    strategy = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def ask(data: Any) -> None:
        case = data.draw(strategy)
        arguments = case.as_transport_kwargs(base_url="http://localhost:8775")
        response = trio.run(_answer, caller, arguments)
        assert response.status_code < 500 or response.status_code in {502, 503}, response.text
        told = operation.definition.raw["responses"]
        assert str(response.status_code) in {*told, "400", "404", "405", "413", "422"}, response.text
        if response.status_code >= 400:
            ProblemShape.model_validate_json(response.content)

    try:
        ask()
    except Exception as error:
        # of some there is nothing that would not be valid
        if mode is GenerationMode.POSITIVE or type(error).__name__ not in {"Unsatisfiable", "SkipTest"}:
            raise


async def _answer(caller: Caller, arguments: dict[str, Any]) -> httpx2.Response:
    transport = httpx2.ASGITransport(caller.app, raise_app_exceptions=False)
    taken = {"method", "url", "params", "headers", "json", "content", "data"}
    options = {key: value for key, value in arguments.items() if key in taken and value is not None}
    if isinstance(options.get("data"), bytes | str):
        options["content"] = options.pop("data")
    if "params" in options:
        options["params"] = {key: value for key, value in options["params"].items() if value is not None}
    async with httpx2.AsyncClient(transport=transport) as client:
        with trio.move_on_after(10):
            return await client.request(**options)
    raise AssertionError(options)


async def test_a_refused_request_has_had_no_effect(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.submit()
    events, rows = world.smsc.journal.total, len(world.smsc.history)
    for method, path, body in (
        ("POST", "/api/mo", {"to": "1", "from": "2"}),
        ("POST", "/api/rules", {"then": "silense"}),
        ("POST", "/api/clock", {"advance": "x"}),
        ("POST", "/api/reset", {"sessions": "maybe"}),
        ("POST", "/api/scenario", {"yaml": "scenario: 1\nrules: [{then: silense}]"}),
        ("POST", "/api/scenarios", {"yaml": "scenario: 1\nrules: [{then: silense}]"}),
        ("POST", "/api/sessions/1/disconnect", {"how": "x"}),
        ("POST", "/api/sessions/1/pdu", {"octets": "x"}),
    ):
        await caller.refused(method, path, 422, json=body)
    assert (world.smsc.journal.total, len(world.smsc.history)) == (events, rows)
    assert gateway.submit().command_status == CommandStatus.ESME_ROK
