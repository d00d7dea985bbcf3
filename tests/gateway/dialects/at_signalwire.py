"""A caller of SignalWire's dialect, what it may send, and what it is answered."""

from typing import Any

from simulator.gateway.dialects.signalwire import SignalwireSettings, demo, signalwire
from simulator.gateway.dialects.signalwire.settings import Project, Token
from simulator.gateway.messages import Message, NumberKind
from tests.gateway.dialects.small import Caller, SmallGateway, number

P = "demo-signalwire"
FROM, TO = "+12065550100", "+12025550100"
GOOD = {"to": TO, "from": FROM, "body": "Your order has shipped!"}
MESSAGES, LOGS = "/api/messaging/messages", "/api/messaging/logs"


def caller_with(project: dict[str, Any] | None = None, numbers: Any = (), backlog: int = 10_000, **more: Any) -> Caller:
    """A caller of a project with these differences from the demo, and these numbers beside the demo's."""
    told = {**demo().projects[0].model_dump(), **(project or {})}
    settings = SignalwireSettings(
        projects=(Project(**told), Project(project_id="other", tokens=(Token(token="x"),))), **more
    )
    gateway = SmallGateway(
        number("12065550100", P, "signalwire", settings={"message_url": "http://127.0.0.1:9/in"}),
        number("18005550100", P, "signalwire", NumberKind.TOLL_FREE),
        number("24273", P, "signalwire", NumberKind.SHORT_CODE),
        number("12065550199", "other", "signalwire"),
        number("12065550101", "demo-flowroute", "flowroute"),
        *numbers,
        backlog=backlog,
        networks={"1202": "T-Mobile", "1303": "AT&T"},
    )
    caller = Caller(gateway, signalwire(gateway, settings))
    caller.auth = (P, "PT-demo-signalwire")
    return caller


async def created(caller: Caller, **fields: Any) -> Message:
    """A message that was created."""
    response = await caller.call("POST", MESSAGES, {**GOOD, **fields})
    assert response.status_code == 201, response.text
    return caller.gateway.messages[-1]


async def refused(caller: Caller, **fields: Any) -> list[tuple[str, str]]:
    """Code and attribute of each error."""
    body = {name: value for name, value in {**GOOD, **fields}.items() if value is not None}
    response = await caller.call("POST", MESSAGES, body)
    assert response.status_code == 422, response.text
    assert set(response.json()) == {"errors"}
    for error in response.json()["errors"]:
        assert set(error) == {"type", "code", "message", "attribute", "url"}
        assert error["message"]
        assert error["url"].endswith("#" + error["code"])
    assert caller.gateway.messages == []
    return [(error["code"], error["attribute"]) for error in response.json()["errors"]]
