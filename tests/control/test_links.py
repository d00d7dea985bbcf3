"""The control API's view of links: who is called by outbind, what TLS agreed on, and the authority to trust."""

from typing import Any

import pytest
import trio

from simulator.net.client import BindRefused
from simulator.net.outbind import accept_outbind
from simulator.net.server import Server
from simulator.smpp.pdus import Outbind
from simulator.smsc.memory.evidence import Secured
from tests.control.caller import Caller
from tests.smsc.world import World

PEM = b"-----BEGIN CERTIFICATE-----\n"


async def test_the_authority_of_a_made_certificate_is_given_as_it_is(caller: Caller) -> None:
    caller.app = caller.app_with(caller.pause, authority=PEM)
    answer = await caller.call("GET", "/api/tls/ca.pem")
    assert (answer.status_code, answer.content) == (200, PEM)
    assert answer.headers["content-type"] == "application/x-pem-file"


async def test_where_no_authority_was_made_there_is_none(caller: Caller) -> None:
    error = await caller.refused("GET", "/api/tls/ca.pem", 404)
    assert error["code"] == "not_found"
    assert "--tls-certificate" in error["detail"]


async def test_a_secure_session_tells_what_tls_agreed_on(world: World, caller: Caller) -> None:
    world.bound().session.tls = Secured("TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=gateway")
    (session,) = (await caller.get("/api/sessions"))["sessions"]
    assert session["tls"] == {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "subject": "CN=gateway"}


async def test_an_smsc_without_a_network_calls_nobody(caller: Caller) -> None:
    error = await caller.refused("POST", "/api/outbind", 409, json={"host": "127.0.0.1", "port": 2776})
    assert (error["code"], error["detail"]) == ("target_refused", "this SMSC has no network")


async def test_an_esme_is_called_and_the_session_it_may_bind_on_is_named(world: World, caller: Caller) -> None:
    server = Server(world.smsc)
    caller.app = caller.app_with(caller.pause, server=server)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    told: list[Outbind] = []

    def admit(pdu: Outbind) -> bool:
        told.append(pdu)
        return True

    async def wait_for_the_call() -> None:
        with pytest.raises(BindRefused):
            async with accept_outbind(system_id="gateway", listener=listener, admit=admit):
                raise AssertionError
        server.stop()

    world.smsc.accounts.is_open = False
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve, [])
            nursery.start_soon(wait_for_the_call)
            body = {"host": "127.0.0.1", "port": port, "system_id": "carrier", "password": "sesame"}
            answer = await caller.call("POST", "/api/outbind", json=body)
            assert (answer.status_code, answer.json()) == (202, {"session": 1, "peer": f"127.0.0.1:{port}"})
    await listener.aclose()
    assert [(pdu.system_id, pdu.password) for pdu in told] == [("carrier", "sesame")]


@pytest.mark.parametrize(
    ("body", "status", "code", "reason"),
    [
        ({"host": "192.0.2.1", "port": 2776}, 409, "target_refused", "--allow-target 192.0.2.1 would allow it"),
        ({"host": "127.0.0.1", "port": 1}, 502, "unreachable", "127.0.0.1:1: Connection refused"),
        ({"host": "127.0.0.1", "port": 0}, 422, "invalid", "port: '0', must be greater than or equal to 1"),
        ({"host": "127.0.0.1", "port": "1"}, 422, "invalid", "port: '1', must be a valid integer"),
        ({"host": "127.0.0.1"}, 422, "invalid", "port: must be given"),
        ({"host": "", "port": 1}, 422, "invalid", "host: "),
        ({"host": "127.0.0.1", "port": 1, "system_id": "x" * 16}, 422, "invalid", "system_id: "),
        ({"host": "127.0.0.1", "port": 1, "system_id": "€"}, 422, "invalid", "system_id: "),
    ],
)
async def test_what_keeps_us_from_calling_is_told(
    world: World, caller: Caller, body: dict[str, Any], status: int, code: str, reason: str
) -> None:
    caller.app = caller.app_with(caller.pause, server=Server(world.smsc))
    error = await caller.refused("POST", "/api/outbind", status, json=body)
    assert error["code"] == code
    assert reason in error["detail"]
