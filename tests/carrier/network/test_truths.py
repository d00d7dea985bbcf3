"""Truths: so many are kept, and whether what is told is what is so."""

import pytest

from simulator.carrier.messages import Outcome
from simulator.carrier.network.truths import TRUTHS_MAX, Known, Truth, Truths

TOLD = (Outcome(1.0, "ENROUTE", is_final=False), Outcome(2.0, "DELIVRD"))


def test_the_truth_of_the_oldest_message_is_forgotten() -> None:
    truths = Truths()
    for number in range(TRUTHS_MAX + 1):
        truths.keep(number, Truth("one", "DELIVRD"), 5.0, TOLD)
    assert truths.get(0) is None
    assert truths.get(1) == Known(Truth("one", "DELIVRD"), 5.0, TOLD)
    truths.clear()
    assert truths.get(1) is None


@pytest.mark.parametrize(
    ("state", "plan", "is_told"),
    [
        ("DELIVRD", TOLD, True),
        ("DELIVRD", (*TOLD, Outcome(9.0, "DELIVRD")), True),
        ("UNDELIV", TOLD, False),
        ("", TOLD, False),
        ("", (), True),
        ("DELIVRD", (), False),
        ("REFUSED", (), True),
    ],
)
def test_what_is_told_is_so_where_the_end_is_the_same(state: str, plan: tuple[Outcome, ...], is_told: bool) -> None:
    assert Known(Truth("one", state), 0.0, plan).is_told is is_told
