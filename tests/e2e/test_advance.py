"""Three days of late receipts in about a second, to a plain client that stays bound."""

import socket
import threading
from pathlib import Path

import pytest

from tests.e2e.processes import eventually
from tests.e2e.served import serving
from tests.e2e.test_smpplib import SOURCE, esme

pytestmark = [pytest.mark.timeout(60)]

LATE = """\
scenario: 1
about: receipts that come hours and days late
carrier:
  deliver: 1h..70h
"""
MESSAGES = 200


def test_three_days_of_late_receipts_come_in_seconds_and_the_client_stays_bound(tmp_path: Path) -> None:
    scenario = tmp_path / "late.yaml"
    scenario.write_text(LATE)
    with serving(tmp_path, str(scenario)) as served, esme(served, "transceiver", "late") as one:
        for number in range(MESSAGES):
            one.client.send_message(
                source_addr=SOURCE,
                destination_addr=f"12125550{number:03}",
                short_message=b"hello",
                registered_delivery=True,
            )
        while len(one.answers) < MESSAGES:
            one.client.read_once()
        told = served.get("/api/clock")
        assert (told["planned"], told["next"]["kind"], told["advance"]) == (MESSAGES, "message", None)
        answers: list[dict[str, object]] = []
        walk = threading.Thread(
            target=lambda: answers.append(served.post("/api/clock", {"advance": "3 days"})["advance"])
        )
        walk.start()
        while len(one.deliveries) < MESSAGES:
            one.client.read_once()
        walk.join(20)
        (answer,) = answers
        assert (answer["is_done"], answer["unanswered"], answer["receipts_sent"]) == (True, 0, MESSAGES)
        rows = served.messages()
        assert {row["state"] for row in rows} == {"DELIVRD"}
        assert all(row["receipts"]["acknowledged"] == 1 for row in rows)
        dates = [pdu.short_message.partition(b"done date:")[2][:10] for pdu in one.receipts().values()]
        # in order of time, over three days
        assert dates == sorted(dates)
        assert len({date[:6] for date in dates}) >= 3
        (session,) = served.sessions()
        assert (session["system_id"], session["state"]) == ("late", "BOUND_TRX")
        assert one.client.unbind().status == 0


def test_a_client_that_hangs_up_does_not_stop_the_clock_half_way(tmp_path: Path) -> None:
    scenario = tmp_path / "late.yaml"
    scenario.write_text(LATE)
    with serving(tmp_path, str(scenario)) as served, esme(served, "transceiver", "hasty") as one:
        one.submit("12125550100", b"hello", registered_delivery=True)
        host, _, port = served.http.removeprefix("http://").rpartition(":")
        body = b'{"advance": "3 days"}'
        with socket.create_connection((host, int(port))) as hasty:
            head = f"POST /api/clock HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n"
            hasty.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
            # nobody answers the receipt yet, so the walk is under way
            eventually(lambda: served.get("/api/clock")["advance"], 5, "a walk")
        while not one.deliveries:
            one.client.read_once()
        eventually(lambda: served.get("/api/clock")["advance"] is None, 5, "the end of the walk")
        told = served.get("/api/clock")
        assert (told["planned"], told["next"]) == (0, None)
        assert served.message()["receipts"]["acknowledged"] == 1
