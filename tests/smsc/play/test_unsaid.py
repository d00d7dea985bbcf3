"""The err of an end that a story gives no cause."""

import pytest

from simulator.carrier.messages import Cause
from simulator.smsc.play.unsaid import err_of
from tests.smsc.memory.test_silences import playing


@pytest.mark.parametrize(
    ("state", "err"),
    [("UNDELIV", "399"), ("REJECTD", "399"), ("EXPIRED", "159"), ("UNKNOWN", "399"), ("DELETED", "000")],
)
def test_a_failure_that_is_scripted_tells_an_err_of_its_state(state: str, err: str) -> None:
    world = playing(f"[{{then: {{deliver: {state}}}}}]")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    assert f"stat:{state} err:{err} " in gateway.texts[0]


def test_a_cause_goes_before_that_and_a_delivery_has_none() -> None:
    assert (err_of("UNDELIV", Cause("x", "027")), err_of("DELIVRD", None)) == ("027", "000")
