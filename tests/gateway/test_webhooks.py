"""Callbacks: once each, in order, again as the policy says, and also after a restart."""

from pathlib import Path
from typing import Any

import pytest
import trio

from simulator.embed.embedded import open_smsc
from simulator.gateway.config import Config
from simulator.gateway.messages import Status
from tests.gateway.kit import SENDER, Sink, all_sent, config_for, gateway, order, sink, until

ALL = ["m queued", "m initiated", "m sent", "m delivered"]


def quick(smsc: Any, **policy: Any) -> Config:
    return config_for(smsc, callbacks={"signalwire": {"pauses": [0.01, 0.02], "read": "500ms"} | policy})


async def sent_with(config: Config, sunk: Sink) -> list[str]:
    """What a sink has heard when a message and its callbacks are through."""
    async with gateway(config) as (core, _):
        (message,) = await core.accept([order("m", callback=sunk.url)])
        await until(lambda: message.status is Status.DELIVERED)
        await all_sent(core)
    return sunk.bodies


async def test_each_status_is_called_back_once_and_in_order() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            assert await sent_with(config_for(smsc), sunk) == ALL
            assert set(sunk.requests) == {"POST /hook HTTP/1.1"}


async def test_what_was_not_taken_is_sent_again() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            sunk.answer("500 Oops")
            bodies = await sent_with(quick(smsc), sunk)
            assert sorted(bodies) == sorted([ALL[0], *ALL])


async def test_after_the_last_try_it_is_given_up() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            for _ in range(12):
                sunk.answer("500 Oops")
            assert len(await sent_with(quick(smsc), sunk)) == 12


async def test_a_connection_that_is_cut_counts_as_a_try() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            sunk.answers += [b""] * 4
            bodies = await sent_with(quick(smsc), sunk)
            assert sorted(set(bodies)) == sorted(ALL)


async def test_a_redirect_is_followed_with_the_body_where_307_says_so() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            sunk.answer("307 There", b"", "location: /there")
            sunk.answer("302 Found", b"", "location: /found")
            await sent_with(quick(smsc), sunk)
            assert sunk.requests[:3] == ["POST /hook HTTP/1.1", "POST /there HTTP/1.1", "GET /found HTTP/1.1"]
            assert sunk.bodies[:3] == [ALL[0], ALL[0], ""]


async def test_where_only_200_counts_204_does_not() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            for _ in range(4):
                sunk.answer("204 No")
            for _ in range(4):
                sunk.answer("200 OK")
            assert len(await sent_with(quick(smsc, accepted="200"), sunk)) == 8


async def test_an_answer_in_chunks_is_read_and_the_connection_kept() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            sunk.answers += [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"] * 4
            assert await sent_with(config_for(smsc, callbacks_at_once=1), sunk) == ALL
            assert sunk.connections == 1


async def test_a_host_that_was_not_named_is_never_called() -> None:
    with open_smsc() as smsc:
        async with gateway(quick(smsc)) as (core, _):
            (message,) = await core.accept([order("m", callback="http://carrier.example/")])
            await until(lambda: message.status is Status.DELIVERED)
            await until(lambda: core.webhooks.counts["given_up"] == 4)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/", "http://[", "nothing"])
async def test_what_is_no_url_is_given_up_and_nothing_else_suffers(url: str) -> None:
    with open_smsc() as smsc:
        async with gateway(quick(smsc, pauses=[])) as (core, _):
            (message,) = await core.accept([order("m", callback=url)])
            await until(lambda: message.status is Status.DELIVERED)
            await until(lambda: core.webhooks.counts["given_up"] == 4)


async def test_an_answer_may_order_a_reply() -> None:
    async with sink() as sunk:
        numbers = [
            {"number": SENDER, "space": "a", "dialect": "signalwire", "settings": {"inbound": sunk.url}},
        ]
        with open_smsc() as smsc:
            async with gateway(config_for(smsc, numbers=numbers)) as (core, dialect):
                sunk.answer("200 OK", b"<reply>", "content-type: text/xml")
                dialect.orders = [order("reply", text="you too")]
                await until(lambda: core.routes.all[0].is_bound)
                await trio.to_thread.run_sync(lambda: smsc.mo(to=SENDER, sender="12025550100", text="hi"))
                await until(lambda: Status.DELIVERED in dialect.statuses("reply"))
                ((callback, answer),) = dialect.answers
                assert (callback.kind, answer.status, answer.content_type) == ("inbound", 200, "text/xml")
                assert answer.body == b"<reply>"


async def test_what_could_not_be_sent_is_sent_in_the_next_life(tmp_path: Path) -> None:
    with open_smsc() as smsc:
        async with sink() as sunk:
            config = quick(smsc, pauses=[0.01, 3600.0, 3600.0])
            for _ in range(8):
                sunk.answer("503 Later")
            async with gateway(config, tmp_path / "db") as (core, _):
                (message,) = await core.accept([order("m", callback=sunk.url)])
                await until(lambda: message.status is Status.DELIVERED)
                await until(lambda: len(sunk.bodies) == 8 and not core.outbox.changes)
            sunk.bodies.clear()
            async with gateway(quick(smsc), tmp_path / "db") as (core, _):
                # its hour is the one that was kept
                core.now = lambda: 1e12
                core.webhooks._clock = core.now
                core.webhooks._looked.set()
                await until(lambda: len(sunk.bodies) == 4)
                assert sorted(sunk.bodies) == sorted(ALL)


async def test_what_was_read_from_the_database_before_it_was_handed_over_is_sent_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_smsc() as smsc:
        async with sink() as sunk, gateway(quick(smsc)) as (core, _):
            put = core.webhooks.put
            # whoever reads the database between its being kept and its being handed over has it already
            monkeypatch.setattr(core.webhooks, "put", lambda callback: (put(callback), put(callback)))
            await core.accept([order("m", callback=sunk.url)])
            await until(lambda: len(sunk.bodies) >= 4)
            await all_sent(core)
            assert sunk.bodies == ALL


async def test_more_callbacks_than_memory_holds_are_all_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.gateway.webhooks.LOADED_MAX", 10)
    with open_smsc() as smsc:
        async with sink() as sunk, gateway(quick(smsc)) as (core, _):
            messages = await core.accept([order(str(number), callback=sunk.url) for number in range(50)])
            await until(lambda: all(message.status is Status.DELIVERED for message in messages))
            await until(lambda: len(sunk.bodies) >= 200)
            await all_sent(core)
            assert len(sunk.bodies) == len(set(sunk.bodies)) == 200
