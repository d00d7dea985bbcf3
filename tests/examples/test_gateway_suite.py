"""A gateway's suite, whole: what a messaging gateway is tested for at its carrier's side.

The gateway here is small and honest: smpplib in a thread, a ledger of what became of each message, three tries, one
reconnect. Put yours in its place: what the tests ask of it is `send`, `status_of` and `received`.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

TO, FROM = "12025550100", "12025550199"
AGAIN = {0x58, 0x14, 0x08}
"""Statuses after which it tries again: throttled, queue full, system error."""
TRIES = 3
PAUSE = 0.02


class SampleGateway:
    """It binds, submits, tries again, reads receipts, hands on what subscribers write, and comes back when cut off."""

    def __init__(self, host: str, port: int) -> None:
        self.address = host, port
        self.statuses: dict[str, str] = {}
        """By number: what it would tell its customer."""
        self.received: list[str] = []
        """What subscribers have written."""
        self._by_id: dict[str, str] = {}
        self._asked: dict[int, tuple[str, dict, int]] = {}
        self._early: dict[str, str] = {}
        self._lock = threading.RLock()
        self._is_closing = False
        self._client = self._connected()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _connected(self) -> smpplib.client.Client:
        client = smpplib.client.Client(*self.address, timeout=0.05, allow_unknown_opt_params=True)
        client.set_message_received_handler(self._delivered)
        client.set_message_sent_handler(lambda pdu: self._answered(pdu, 0))
        client.set_error_pdu_handler(lambda pdu: self._answered(pdu, int(pdu.status)))
        client.connect()
        client.bind_transceiver(system_id="gateway", password="secret")
        return client

    def send(self, to: str, text: str) -> None:
        """Send a text, in as many parts as it needs."""
        self.statuses[to] = "sending"
        parts, encoding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            fields = {"destination_addr": to, "short_message": part, "data_coding": encoding, "esm_class": esm_class}
            self._submit(to, fields, 1)

    def _submit(self, to: str, fields: dict, tries: int) -> None:
        with self._lock:
            pdu = self._client.send_message(source_addr=FROM, registered_delivery=1, **fields)
            self._asked[pdu.sequence] = to, fields, tries

    def status_of(self, to: str, *wanted: str) -> str:
        """What has become of the last message to a number, as soon as it is one of those."""
        ends = time.monotonic() + 10
        while self.statuses.get(to) not in wanted and time.monotonic() < ends:
            threading.Event().wait(0.01)
        return self.statuses.get(to, "unknown")

    def close(self) -> None:
        """Leave."""
        self._is_closing = True
        self._thread.join()
        self._client.disconnect()

    # ------------------------------------------------------------------ what the carrier says

    def _answered(self, pdu, status: int) -> None:
        if pdu.command != "submit_sm_resp" or pdu.sequence not in self._asked:
            return
        to, fields, tries = self._asked.pop(pdu.sequence)
        if status in AGAIN and tries < TRIES:
            threading.Event().wait(PAUSE * tries)
            self._submit(to, fields, tries + 1)
        elif status:
            self.statuses[to] = "failed"
        else:
            message_id = pdu.message_id.decode()
            self._by_id[message_id] = to
            self.statuses[to] = self._early.pop(message_id, "sent")

    def _delivered(self, pdu) -> int:
        text = (pdu.short_message or b"").decode("latin-1")
        receipt = re.search(r"id:(\S+) .*stat:(\w+)", text) if pdu.esm_class & 0x04 else None
        if receipt is None:
            self.received.append(text)
            return 0
        told = "delivered" if receipt[2] == "DELIVRD" else "failed"
        if receipt[1] in self._by_id:
            self.statuses[self._by_id[receipt[1]]] = told
        else:
            # it has overtaken its answer
            self._early[receipt[1]] = told
        return 0

    def _listen(self) -> None:
        while not self._is_closing:
            try:
                with self._lock:
                    self._client.read_once()
            except TimeoutError:
                continue
            except (smpplib.exceptions.ConnectionError, OSError):
                if not self._is_closing:
                    self._come_back()

    def _come_back(self) -> None:
        with self._lock:
            with suppress(smpplib.exceptions.ConnectionError, OSError):
                self._client.disconnect()
            self._client = self._connected()
            unanswered, self._asked = list(self._asked.values()), {}
        for to, fields, tries in unanswered:
            self._submit(to, fields, tries + 1)


@pytest.fixture
def gateway(smsc) -> Iterator[SampleGateway]:
    gateway = SampleGateway(smsc.host, smsc.port)
    yield gateway
    gateway.close()


# ------------------------------------------------------------------ the suite


def test_it_binds_as_a_transceiver_with_its_name(smsc, gateway):
    assert smsc.wait_for_bind(account="gateway", bind_type="TRX").version == "3.4"


def test_a_message_arrives_and_the_receipt_is_taken(smsc, gateway):
    gateway.send(TO, "hello")
    seen = smsc.wait_for(destination=TO, state="DELIVRD", receipt="acknowledged")
    assert (seen.text, seen.source) == ("hello", FROM)
    assert gateway.status_of(TO, "delivered") == "delivered"


def test_a_throttled_message_is_tried_again(smsc, gateway):
    smsc.when(destination=TO).reject("ESME_RTHROTTLED", times=2)
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "delivered") == "delivered"
    assert smsc.journal.count("submitted", destination=TO) == 3


def test_it_gives_up_after_three_tries(smsc, gateway):
    smsc.when(destination=TO).reject("ESME_RMSGQFUL")
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "failed") == "failed"
    assert smsc.journal.count("submitted") == 3


def test_what_is_refused_for_good_is_not_tried_again(smsc, gateway):
    smsc.once(destination=TO).reject("ESME_RINVDSTADR")
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "failed") == "failed"
    assert smsc.journal.count("submitted") == 1


def test_it_bears_two_troubles_one_after_the_other(smsc, gateway):
    trouble = smsc.in_order()
    trouble.when().reject("ESME_RTHROTTLED")
    trouble.when().reject("ESME_RSYSERR")
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "delivered") == "delivered"


@pytest.mark.parametrize("state", ["UNDELIV", "EXPIRED", "REJECTD"])
def test_a_receipt_that_tells_a_failure_is_a_failure(smsc, gateway, state):
    smsc.when(destination=TO).deliver(state)
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "failed") == "failed"
    smsc.wait_for(state=state, receipt="acknowledged")


def test_a_receipt_that_overtakes_its_answer_is_not_lost(smsc, gateway):
    smsc.when(destination=TO).delay("200ms").deliver({"state": "DELIVRD", "after": "10ms", "before_response": True})
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "delivered", "sent") == "delivered"


def test_without_a_receipt_nothing_is_made_up(smsc, gateway):
    smsc.when(destination=TO).lose()
    gateway.send(TO, "hello")
    smsc.wait_until_idle()
    assert gateway.status_of(TO, "sent") == "sent"


def test_a_long_text_goes_in_parts_and_comes_in_one(smsc, gateway):
    gateway.send(TO, "so long " * 40)
    seen = smsc.wait_for(destination=TO, state="DELIVRD")
    assert seen.text == "so long " * 40
    assert len(seen.parts) == 3


def test_what_a_subscriber_writes_is_handed_on(smsc, gateway):
    smsc.wait_for_bind()
    smsc.mo(to="5555", sender=TO, text="STOP")
    smsc.wait_until_idle()
    assert gateway.received == ["STOP"]


def test_it_comes_back_when_it_is_cut_off(smsc, gateway):
    smsc.wait_for_bind()
    smsc.disconnect("rst")
    smsc.wait_for_bind(count=1)
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "delivered") == "delivered"


def test_a_message_without_an_answer_goes_again_on_the_next_link(smsc, gateway):
    smsc.once(destination=TO).silence().disconnect("fin", before="answer")
    gateway.send(TO, "hello")
    assert gateway.status_of(TO, "delivered") == "delivered"
    assert smsc.journal.count("submitted") == 2


@pytest.mark.smsc(seed=7)
def test_in_a_bad_hour_every_message_has_an_end(smsc, gateway):
    smsc.when().reject("ESME_RTHROTTLED", probability="30%")
    numbers = [f"120255501{number:02}" for number in range(20)]
    for number in numbers:
        gateway.send(number, "hello")
    assert {gateway.status_of(number, "delivered", "failed") for number in numbers} <= {"delivered", "failed"}
    smsc.wait_until_idle()


def test_nothing_of_all_that_is_against_the_protocol(smsc, gateway):
    gateway.send(TO, "hello")
    smsc.wait_for(receipt="acknowledged")
    assert smsc.verdict()
