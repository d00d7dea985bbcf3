"""A gateway's test, whole: what it does when the carrier throttles it. The gateway here is smpplib and a loop."""

from collections.abc import Iterator

import pytest
import smpplib.client
import smpplib.exceptions

THROTTLED = 0x58


class Gateway:
    """What is tested: it tries again as long as it is throttled."""

    def __init__(self, host: str, port: int) -> None:
        self.client = smpplib.client.Client(host, port, allow_unknown_opt_params=True)
        self.client.connect()
        self.client.bind_transceiver(system_id="gateway", password="secret")

    def send(self, to: str, text: str) -> None:
        while True:
            self.client.send_message(source_addr="12025550199", destination_addr=to, short_message=text.encode())
            try:
                return self.client.read_once()
            except smpplib.exceptions.PDUError as error:
                if error.args[1] != THROTTLED:
                    raise


@pytest.fixture
def my_gateway(smsc) -> Iterator[Gateway]:
    gateway = Gateway(smsc.host, smsc.port)
    yield gateway
    gateway.client.disconnect()


def test_a_throttled_message_is_tried_again(smsc, my_gateway):
    smsc.when(destination="12025550100").reject("ESME_RTHROTTLED", times=2)
    my_gateway.send(to="+12025550100", text="hi")
    smsc.wait_for(destination="12025550100", state="DELIVRD")
    assert smsc.journal.count(kind="submitted") == 3
