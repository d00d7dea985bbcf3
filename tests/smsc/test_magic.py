"""Magic numbers by wire: which status, silence or receipt a gateway meets at AT&T's."""

from typing import Any

import pytest

from simulator.scenario.file import load, parse
from simulator.smpp.pdus import SubmitSmResp
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World

FINAL_AND_PROGRESS = 0x11


def met(number: int, registered_delivery: int = 1) -> Any:
    """The status of a refusal, None for silence, else state and err of each receipt."""
    world = World()
    world.smsc = staged([load("networks/us"), parse("scenario: 1\nnumbers: {magic: true}")], world.now, START, seed=7)
    gateway = world.bound()
    gateway.submit(
        source_addr="15105550100",
        destination_addr=f"120255501{number:02}",
        registered_delivery=registered_delivery,
    )
    world.run(60.0)
    answers = gateway.of(SubmitSmResp)
    if not answers:
        return None
    if answers[0].command_status:
        return answers[0].command_status
    return [(one.stat, one.err) for text in gateway.texts if (one := parse_receipt(text)) is not None]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, [("DELIVRD", "000")]),
        (2, [("ACCEPTD", "000")]),
        (4, []),
        (6, [("UNDELIV", "150")]),
        # AT&T's own spelling
        (14, [("REJECTD", "015")]),
        (16, [("DELIVRD", "000")]),
        (17, [("DELIVRD", "000")]),
        (24, [("REJECTD", "064")]),
        # ESME_RMSGQFUL, ESME_RTHROTTLED, ESME_RSUBMITFAIL
        (31, 0x14),
        (32, 0x58),
        (39, 0x45),
        (33, None),
        (40, [("UNKNOWN", "399")]),
    ],
)
def test_the_last_digits_choose_what_the_gateway_meets(number: int, told: Any) -> None:
    assert met(number) == told


def test_who_asks_for_progress_hears_that_it_is_buffered() -> None:
    assert met(3, FINAL_AND_PROGRESS) == [("ENROUTE", "000"), ("DELIVRD", "000")]
    assert met(3) == [("DELIVRD", "000")]
