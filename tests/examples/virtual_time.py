"""A gateway's receipt, six hours late, in a few milliseconds: the carrier and the ESME in one trio run, no socket."""

import trio
import trio.testing

from simulator import Server, Smsc, open_esme
from simulator.smpp.pdus import DeliverSm, SubmitSm


async def main() -> None:
    smsc = Smsc(trio.current_time(), unix_time=1_800_000_000, speed=3600)
    server = Server(smsc)
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        nursery.start_soon(server.attend, theirs)
        async with open_esme(stream=ours, system_id="gateway") as esme:
            message = SubmitSm(source_addr="12025550199", destination_addr="12025550100", short_message=b"hello")
            message.schedule_delivery_time = "000000060000000R"
            message.registered_delivery = 1
            answer = await esme.submit(message)
            receipt = await esme.deliveries.receive()
            assert isinstance(receipt, DeliverSm)
            assert answer.message_id.encode() in receipt.short_message
            assert b"submit date:2701150800 done date:2701151400 stat:DELIVRD" in receipt.short_message
        server.stop()


trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
