"""smpplib as the ESME, over a real socket: what a plain Python client sends and what it is told."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    # its own warnings are not about this server
    warnings.simplefilter("ignore")
    import smpplib.client
    import smpplib.consts
    import smpplib.exceptions
    import smpplib.gsm
    import smpplib.smpp

from tests.e2e.processes import eventually
from tests.e2e.served import Served, serving

pytestmark = [pytest.mark.timeout(60)]

SOURCE = "12125550101"
WITHIN = 10.0
DELIVERED = 2
ESME_RINVPASWD, ESME_RINVSYSID, ESME_RINVBNDSTS, ESME_RALYBND = 0x0E, 0x0F, 0x04, 0x05


class Esme:
    """A client of smpplib and all that it was told. It is read only while something is awaited."""

    def __init__(self, client: smpplib.client.Client) -> None:
        self.client = client
        self.answers: list[Any] = []
        self.deliveries: list[Any] = []
        self.queries: list[Any] = []
        client.set_message_sent_handler(lambda pdu: self.answers.append(pdu))
        client.set_message_received_handler(lambda pdu: self.deliveries.append(pdu))
        client.set_query_resp_handler(lambda pdu: self.queries.append(pdu))
        # an error is an answer as any other here: its test looks at the status
        client.set_error_pdu_handler(lambda _: None)

    def until(self, fact: Callable[[], Any], what: str) -> Any:
        def look() -> Any:
            self.client.poll()
            return fact()

        return eventually(look, WITHIN, what)

    def submit(self, to: str, octets: bytes, **fields: Any) -> Any:
        """Send one submit_sm; its response."""
        pdu = self.client.send_message(
            source_addr_ton=1, source_addr_npi=1, source_addr=SOURCE,
            dest_addr_ton=1, dest_addr_npi=1, destination_addr=to, short_message=octets, **fields,
        )  # fmt: skip
        return self.until(
            lambda: next((one for one in self.answers if one.sequence == pdu.sequence), None), "submit_sm_resp"
        )

    def receipts(self) -> dict[str, Any]:
        """The receipts so far by the id that they are about."""
        return {text_of(pdu.receipted_message_id): pdu for pdu in self.deliveries if pdu.esm_class & 0x3C == 0x04}


def text_of(octets: bytes) -> str:
    return octets.rstrip(b"\0").decode("ascii")


@contextmanager
def esme(served: Served, bind: str, name: str, password: str = "secret") -> Iterator[Esme]:
    client = smpplib.client.Client(served.host, served.port, timeout=WITHIN, allow_unknown_opt_params=True)
    client.connect()
    try:
        answer = getattr(client, f"bind_{bind}")(system_id=name, password=password)
        assert answer.command == f"bind_{bind}_resp"
        yield Esme(client)
    finally:
        client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN  # or it complains that it is closed while bound
        client.disconnect()


@pytest.mark.parametrize("bind", ["transmitter", "receiver", "transceiver"])
def test_each_kind_of_bind_is_accepted_and_left_by_unbind(served: Served, bind: str) -> None:
    with esme(served, bind, f"lib-{bind}") as one:
        session = next(session for session in served.sessions() if session["system_id"] == f"lib-{bind}")
        assert session["bind"] == {"transmitter": "TX", "receiver": "RX", "transceiver": "TRX"}[bind]
        answer = one.client.unbind()
        assert (answer.command, answer.status) == ("unbind_resp", 0)
    eventually(
        lambda: f"lib-{bind}" not in {session["system_id"] for session in served.sessions()}, 5, "the session's end"
    )


@pytest.mark.parametrize(
    ("name", "password", "status"), [("known", "wrong", ESME_RINVPASWD), ("unknown", "secret", ESME_RINVSYSID)]
)
def test_wrong_credentials_are_refused(tmp_path: Path, name: str, password: str, status: int) -> None:
    with serving(tmp_path, "--account", "known:secret") as strict:
        with pytest.raises(smpplib.exceptions.PDUError) as refused, esme(strict, "transceiver", name, password):
            pytest.fail("bound with wrong credentials")
        assert refused.value.args[1] == status
        with esme(strict, "transceiver", "known") as one:
            assert one.client.unbind().status == 0


def test_messages_without_a_receipt_arrive(served: Served) -> None:
    with esme(served, "transmitter", "lib-plain") as one:
        identifiers = [
            text_of(one.submit(f"121255501{number}", f"message {number}".encode()).message_id)
            for number in range(10, 30)
        ]
        assert len(set(identifiers)) == 20
        for number, message_id in zip(range(10, 30), identifiers, strict=True):
            row = served.concluded(to=f"121255501{number}")
            assert (row["text"], row["state"], row["message_id"]) == (f"message {number}", "DELIVRD", message_id)
            assert row["receipts"] == {"requested": False, "sent": 0, "acknowledged": 0}


def test_each_receipt_matches_its_message(served: Served) -> None:
    with esme(served, "transceiver", "lib-receipts") as one:
        sent = {
            text_of(one.submit(f"121255501{number}", b"receipt, please", registered_delivery=True).message_id): number
            for number in range(30, 50)
        }
        one.until(lambda: len(one.deliveries) >= 20, "twenty receipts")
        assert one.receipts().keys() == sent.keys()
        assert len(one.deliveries) == 20
        for message_id, receipt in one.receipts().items():
            assert text_of(receipt.source_addr) == f"121255501{sent[message_id]}"
            assert text_of(receipt.destination_addr) == SOURCE
            assert receipt.message_state == DELIVERED
            text = receipt.short_message.decode("ascii")
            assert text.startswith(f"id:{message_id} sub:001 dlvrd:001 submit date:")
            assert " stat:DELIVRD err:000 " in text
        row = served.message(to="12125550130")
        eventually(lambda: served.message(to="12125550130")["receipts"]["acknowledged"] == 1, 5, "an acknowledgement")
        assert row["receipts"]["requested"] is True


@pytest.mark.parametrize(
    ("number", "text", "parts"),
    [
        (50, "Grüße an alle: 5 € @ $ _ [ok] " * 8, 2),
        (51, "Длинное сообщение, разрезанное на части. " * 5, 4),
        (52, "x" * 160, 1),
        (53, "x" * 161, 2),
    ],
)
def test_a_text_cut_by_the_client_is_joined(served: Served, number: int, text: str, parts: int) -> None:
    octets, coding, esm_class = smpplib.gsm.make_parts(text)
    assert len(octets) == parts
    with esme(served, "transceiver", "lib-long") as one:
        for part in octets:
            answer = one.submit(
                f"121255501{number}", part, data_coding=coding, esm_class=esm_class, registered_delivery=True
            )
            assert answer.status == 0
        one.until(lambda: len(one.receipts()) == parts, "a receipt of each part")
    row = served.message(to=f"121255501{number}")
    assert (row["text"], row["segments"], row["state"]) == (text, parts, "DELIVRD")
    assert [part["message_id"] for part in row["parts"]] == list(one.receipts())


def test_an_enquire_link_is_answered(served: Served) -> None:
    with esme(served, "transceiver", "lib-alive") as one:
        pdu = smpplib.smpp.make_pdu("enquire_link", client=one.client)
        one.client.send_pdu(pdu)
        answer = one.client.read_pdu()
        assert (answer.command, answer.sequence, answer.status) == ("enquire_link_resp", pdu.sequence, 0)


def test_a_subscribers_messages_arrive_as_written(served: Served) -> None:
    texts = ["Hello @ $ _ é", "Ответ на русском", "long, " * 60]
    with esme(served, "receiver", "lib-incoming") as one:
        segments = sum(
            served.mo("12125550198", "+12125550160", text, account="lib-incoming")["segments"] for text in texts
        )
        assert segments == 5
        one.until(lambda: len(one.deliveries) == segments, "all segments")
        assert {(text_of(pdu.source_addr), text_of(pdu.destination_addr)) for pdu in one.deliveries} == {
            ("12125550160", "12125550198")
        }
        first, second, *parts = one.deliveries
        assert first.short_message == smpplib.gsm.gsm_encode(texts[0])
        assert (second.short_message.decode("utf-16-be"), second.data_coding) == (texts[1], 8)
        assert all(pdu.esm_class & 0x40 for pdu in parts)
        assert b"".join(pdu.short_message[6:] for pdu in parts) == texts[2].encode()


def test_receipts_wait_for_a_receiver(served: Served) -> None:
    with esme(served, "transmitter", "lib-pair") as sender:
        message_id = text_of(sender.submit("12125550161", b"to be told later", registered_delivery=True).message_id)
        served.concluded(to="12125550161")
        assert served.message(to="12125550161")["receipts"]["sent"] == 0
        with esme(served, "receiver", "lib-pair") as receiver:
            receiver.until(lambda: receiver.deliveries, "the receipt")
            assert list(receiver.receipts()) == [message_id]
        sender.client.poll()
        assert sender.deliveries == []


def test_query_sm_tells_the_state(served: Served) -> None:
    with esme(served, "transceiver", "lib-query") as one:
        message_id = one.submit("12125550162", b"asked about").message_id
        served.concluded(to="12125550162")
        one.client.query_message(
            message_id=text_of(message_id), source_addr_ton=1, source_addr_npi=1, source_addr=SOURCE
        )
        one.until(lambda: one.queries, "query_sm_resp")
        assert (one.queries[0].status, text_of(one.queries[0].message_id)) == (0, text_of(message_id))
        assert one.queries[0].message_state == DELIVERED


def test_a_second_bind_on_one_link_is_refused(served: Served) -> None:
    with esme(served, "transceiver", "lib-twice") as one:
        one.client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
        with pytest.raises(smpplib.exceptions.PDUError) as refused:
            one.client.bind_transceiver(system_id="lib-twice", password="secret")
        assert refused.value.args[1] == ESME_RALYBND
        one.client.state = smpplib.consts.SMPP_CLIENT_STATE_BOUND_TRX
        assert one.submit("12125550163", b"still here").status == 0


def test_sigterm_unbinds_everybody_and_ends_with_zero(tmp_path: Path) -> None:
    with serving(tmp_path) as ending:
        with esme(ending, "transceiver", "lib-end") as one:
            ending.process.process.terminate()
            pdu = one.client.read_pdu()
            assert pdu.command == "unbind"
            answer = smpplib.smpp.make_pdu("unbind_resp", client=one.client)
            answer.sequence = pdu.sequence
            one.client.state = smpplib.consts.SMPP_CLIENT_STATE_BOUND_TRX
            one.client.send_pdu(answer)
            with pytest.raises(smpplib.exceptions.ConnectionError):
                one.client.read_pdu()
        assert ending.process.process.wait(WITHIN) == 0
