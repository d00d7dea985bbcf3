"""A gateway's test, whole: what happens to our traffic on T-Mobile at 11 p.m. when the brand's cap is used up?

The gateway here is smpplib and two methods. The carrier is an aggregator in the United States, and an hour of its time
passes in no time at all.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import smpplib.client

from simulator import open_smsc
from simulator.carrier.causes import codes_of

OUR_NUMBER = "15105550103"
"""Of a campaign of a sole proprietor's, who may send T-Mobile a thousand segments a day."""
TMOBILE, VERIZON = "12065550142", "12015550142"
TEN_SEGMENTS = "x" * 1530


class Gateway:
    """What is tested: it sends, and reads receipts."""

    def __init__(self, host: str, port: int) -> None:
        self.client = smpplib.client.Client(host, port, allow_unknown_opt_params=True)
        self.client.set_message_received_handler(self.read)
        self.client.connect()
        self.client.bind_transceiver(system_id="gateway", password="secret")

    def read(self, pdu) -> int:
        self.last = re.findall(r"stat:(\w+) err:(\w+)", pdu.short_message.decode())[0]
        return 0

    def send(self, to: str, *texts: str, receipt: bool = False) -> None:
        for text in texts:
            words = {"source_addr": OUR_NUMBER, "destination_addr": to, "registered_delivery": receipt}
            self.client.send_message(**words, short_message=b"", message_payload=text.encode())
        for _ in texts:
            # an answer other than ESME_ROK would raise
            self.client.read_once()

    def told_of(self, to: str, text: str) -> tuple[str, str]:
        self.send(to, text, receipt=True)
        self.client.read_once()
        return self.last


@pytest.fixture
def smsc():
    with open_smsc("networks/us", speed=60) as smsc:
        yield smsc


@pytest.fixture
def my_gateway(smsc) -> Iterator[Gateway]:
    gateway = Gateway(smsc.host, smsc.port)
    yield gateway
    gateway.client.disconnect()


def wait_until_11_pm(smsc) -> None:
    now = smsc.clock.time.astimezone(ZoneInfo("America/Los_Angeles"))
    evening = now.replace(hour=23, minute=0, second=0, microsecond=0)
    evening += timedelta(days=evening <= now)
    smsc.clock.advance(evening.timestamp() - now.timestamp())


def test_at_11_pm_the_brand_has_used_up_its_day_at_tmobile(smsc, my_gateway):
    wait_until_11_pm(smsc)
    my_gateway.send(TMOBILE, *[TEN_SEGMENTS] * 100)

    # one more is answered well, and never arrives
    assert my_gateway.told_of(TMOBILE, "one more") == ("REJECTD", "064")
    truth = smsc.messages(text="one more")[0].truth
    assert (truth.network, truth.why) == ("tmobile", "limit t_mobile is reached")
    # what the platforms would show their customers
    assert codes_of(truth.cause) == {
        "bandwidth": "4780",
        "telnyx": "40016",
        "twilio": "30027",
        "signalwire_cxml": "30027",
        "signalwire": "tmobile_daily_limit_reached",
    }
    # only this brand, only at T-Mobile, and only until midnight in Los Angeles
    assert my_gateway.told_of(VERIZON, "one more") == ("DELIVRD", "000")
    smsc.clock.advance("1 hour")
    assert my_gateway.told_of(TMOBILE, "after midnight") == ("DELIVRD", "000")
