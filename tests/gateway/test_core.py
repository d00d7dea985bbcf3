"""The core against carriers on the loopback: from the order to its receipt, and from the subscriber to the dialect."""

from pathlib import Path

import pytest
import trio

from simulator.embed.embedded import open_smsc
from simulator.gateway.messages import Closing, Full, Query, Status
from tests.gateway.kit import SENDER, config_for, gateway, order, until


async def test_an_order_is_queued_initiated_sent_and_delivered() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, dialect):
            (message,) = await core.accept([order("m1", price=5)])
            assert message.segments == 1
            await until(lambda: message.status is Status.DELIVERED)
            assert dialect.statuses("m1") == [Status.QUEUED, Status.INITIATED, Status.SENT, Status.DELIVERED]
            assert (core.charged("a"), message.charged, message.route) == (5, 5, "smsc1")
            found = await core.find("a", "m1")
            assert found is not None
            assert found.cause is not None
            assert found.cause.stat == "DELIVRD"
            assert await core.find("b", "m1") is None
        assert smsc.journal.count("submitted") == 1


async def test_a_long_message_is_delivered_when_all_its_parts_are() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, _):
            (message,) = await core.accept([order("m1", text="x" * 400)])
            assert message.segments == 3
            await until(lambda: message.status is Status.DELIVERED)
            assert len(set(message.smsc_ids)) == 3
        (seen,) = smsc.messages()
        assert seen.text == "x" * 400


async def test_a_refusal_of_the_carrier_is_told_by_its_status() -> None:
    with open_smsc() as smsc:
        smsc.when(destination="12025550100").reject("ESME_RINVDSTADR")
        async with gateway(config_for(smsc)) as (core, _):
            (message,) = await core.accept([order()])
            await until(lambda: message.status is Status.FAILED)
            assert message.cause is not None
            assert message.cause.text == "ESME_RINVDSTADR"


async def test_a_throttled_message_is_tried_again_until_it_is_taken() -> None:
    with open_smsc() as smsc:
        smsc.when(destination="12025550100").reject("ESME_RTHROTTLED", times=1)
        async with gateway(config_for(smsc)) as (core, _):
            (message,) = await core.accept([order()])
            await until(lambda: message.status is Status.DELIVERED)
        assert smsc.journal.count("submitted") == 2


async def test_the_second_carrier_takes_over_and_the_first_is_used_again_when_it_is_back() -> None:
    with open_smsc() as second:
        first = open_smsc()
        port = first.__enter__().port
        async with gateway(config_for(port, second)) as (core, _):
            await until(lambda: all(route.is_bound for route in core.routes.all))
            (message,) = await core.accept([order("m1")])
            await until(lambda: message.status is Status.DELIVERED)
            assert message.route == "smsc1"
            await trio.to_thread.run_sync(first.__exit__, None, None, None)
            await until(lambda: not core.routes.all[0].is_bound)
            (message,) = await core.accept([order("m2")])
            await until(lambda: message.status is Status.DELIVERED)
            assert message.route == "smsc2"
            with open_smsc(port=port):
                await until(lambda: core.routes.all[0].is_bound)
                (message,) = await core.accept([order("m3")])
                await until(lambda: message.status is Status.DELIVERED)
                assert message.route == "smsc1"


async def test_without_a_carrier_orders_wait_and_go_when_there_is_one() -> None:
    with open_smsc() as smsc:
        port = smsc.port
    async with gateway(config_for(port)) as (core, _):
        (message,) = await core.accept([order()])
        assert message.status is Status.QUEUED
        with open_smsc(port=port):
            await until(lambda: message.status is Status.DELIVERED)


async def test_a_receipt_on_another_bind_finds_its_message() -> None:
    with open_smsc() as smsc:
        config = config_for(smsc)
        config.smscs[0].links = 3
        async with gateway(config) as (core, _):
            await until(lambda: len(core.routes.all[0].links) == 3)
            messages = await core.accept([order(str(number)) for number in range(30)])
            await until(lambda: all(message.status is Status.DELIVERED for message in messages))
        assert smsc.journal.count("submitted") == 30


async def test_a_space_s_backlog_is_bounded_and_nothing_is_taken_in_part() -> None:
    with open_smsc() as smsc:
        port = smsc.port
    async with gateway(config_for(port, backlog=3)) as (core, _):
        await core.accept([order(number) for number in "ab"])
        with pytest.raises(Full):
            await core.accept([order(number) for number in "cd"])
        assert (core.room("a"), await core.find("a", "c")) == (1, None)
        await core.accept([order("e", space="b")])


async def test_messages_are_listed_by_pages_newest_first() -> None:
    with open_smsc() as smsc:
        port = smsc.port
    async with gateway(config_for(port)) as (core, _):
        await core.accept([order(number, batch="b") for number in "abcde"])
        await core.accept([order("x", space="other")])
        page = await core.list(Query("a", limit=2))
        assert ([one.id for one in page.messages], page.has_more) == (["e", "d"], True)
        page = await core.list(Query("a", limit=2, after="d"))
        assert [one.id for one in page.messages] == ["c", "b"]
        page = await core.list(Query("a", limit=2, offset=4))
        assert ([one.id for one in page.messages], page.has_more) == (["a"], False)
        page = await core.list(Query("a", batch="b", is_oldest_first=True, direction="outbound", since=1.0))
        assert [one.id for one in page.messages] == list("abcde")
        assert (await core.list(Query("a", until=1.0))).messages == []


async def test_a_redacted_text_is_gone_for_good(tmp_path: Path) -> None:
    with open_smsc() as smsc:
        port = smsc.port
    async with gateway(config_for(port), tmp_path / "db") as (core, _):
        await core.accept([order("m")])
        redacted = await core.redact("a", "m")
        assert redacted is not None
        assert await core.redact("b", "m") is None
    async with gateway(config_for(port), tmp_path / "db") as (core, _):
        found = await core.find("a", "m")
        assert found is not None
        assert found.order.text == ""
    assert b"hello" not in (tmp_path / "db").read_bytes()


async def test_at_the_end_nothing_is_taken_any_more() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, _):
            pass
        with pytest.raises(Closing):
            core.take([order()])


# ---------------------------------------------------------------------- inbound


async def test_a_subscriber_s_long_message_arrives_as_one() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, dialect):
            await until(lambda: core.routes.all[0].is_bound)
            await trio.to_thread.run_sync(lambda: smsc.mo(to=SENDER, sender="12025550100", text="y" * 300))
            await until(lambda: dialect.inbound)
            (inbound,) = dialect.inbound
            assert (inbound.message.order.text, inbound.message.segments) == ("y" * 300, 2)
            assert inbound.is_complete
            await until(lambda: not core.outbox.changes)
            page = await core.list(Query("a", direction="inbound"))
            assert [one.status for one in page.messages] == [Status.RECEIVED]


async def test_a_message_to_a_number_that_nobody_configured_does_nothing() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, dialect):
            await until(lambda: core.routes.all[0].is_bound)
            await trio.to_thread.run_sync(lambda: smsc.mo(to="12065550177", sender="12025550100", text="hi"))
            await until(lambda: core.outbox.counts["inbound_unconfigured"])
            assert dialect.inbound == []


async def test_stop_is_confirmed_once_and_obeyed_until_start(tmp_path: Path) -> None:
    numbers = [{"number": SENDER, "space": "a", "dialect": "signalwire", "opt_out": "platform"}]
    with open_smsc() as smsc:
        config = config_for(smsc, numbers=numbers)

        async def say(text: str) -> None:
            await trio.to_thread.run_sync(lambda: smsc.mo(to=SENDER, sender="12025550100", text=text))

        async with gateway(config, tmp_path / "db") as (core, dialect):
            await until(lambda: core.routes.all[0].is_bound)
            await say("STOP")
            await until(lambda: smsc.journal.count("submitted") == 1)
            await say("Stop ")
            await until(lambda: len(dialect.inbound) == 2)
            assert core.is_opted_out(SENDER, "12025550100")
            assert [inbound.is_answered for inbound in dialect.inbound] == [True, True]
        async with gateway(config, tmp_path / "db") as (core, dialect):
            (message,) = await core.accept([order("m")])
            await until(lambda: message.status is Status.FAILED)
            assert message.cause is not None
            assert message.cause.key == "opted_out_platform"
            await until(lambda: core.routes.all[0].is_bound)
            await say("START")
            await until(lambda: not core.is_opted_out(SENDER, "12025550100"))
            (message,) = await core.accept([order("n")])
            await until(lambda: message.status is Status.DELIVERED)
            assert [consent.word for consent in await core.consents(SENDER)] == ["stop", "stop", "start"]
        assert smsc.journal.count("submitted") == 3


async def test_stop_is_only_told_where_the_customer_minds_it() -> None:
    with open_smsc() as smsc:
        async with gateway(config_for(smsc)) as (core, dialect):
            await until(lambda: core.routes.all[0].is_bound)
            await trio.to_thread.run_sync(lambda: smsc.mo(to=SENDER, sender="12025550100", text="STOP"))
            await until(lambda: dialect.inbound)
            assert (dialect.inbound[0].keyword, dialect.inbound[0].is_answered) == ("stop", False)
            (message,) = await core.accept([order()])
            await until(lambda: message.status is Status.DELIVERED)
