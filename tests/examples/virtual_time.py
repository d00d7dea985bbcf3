"""A gateway's receipt, six hours late, in a few milliseconds: the carrier and the ESME in one trio run, no socket."""

import trio
import trio.testing

from simulator import open_esme, open_smsc
from simulator.smpp.pdus import DeliverSm, SubmitSm


async def main() -> None:
    async with open_smsc() as smsc, open_esme(stream=smsc.connect(), system_id="gateway") as esme:
        smsc.when(destination="12025550100").deliver("DELIVRD", after="6 hours")
        message = SubmitSm(source_addr="12025550199", destination_addr="12025550100", short_message=b"hello")
        message.registered_delivery = 1
        answer = await esme.submit(message)
        seen = await smsc.wait_for(destination="12025550100", state="DELIVRD", timeout="7 hours")
        assert seen.message_id == answer.message_id
        receipt = await esme.deliveries.receive()
        assert isinstance(receipt, DeliverSm)
        assert b"submit date:2701150800 done date:2701151400 stat:DELIVRD" in receipt.short_message
        assert smsc.verdict()


trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
