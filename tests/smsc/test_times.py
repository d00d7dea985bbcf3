"""A time that is none is refused with the status of its field, however it is none (SMPP 3.4, 5.2.15 and 5.2.16)."""

import pytest

from simulator.smpp.constants import CommandStatus
from simulator.smsc.objections import spans
from tests.smpp.test_times import ILLEGAL, LEGAL, NOW


@pytest.mark.parametrize("text", [text for text, _ in ILLEGAL])
def test_each_illegal_spelling_has_the_status_of_its_field(text: str) -> None:
    assert spans(text, "", NOW) == (None, None, CommandStatus.ESME_RINVSCHED)
    assert spans("", text, NOW) == (None, None, CommandStatus.ESME_RINVEXPIRY)
    assert spans(text, text, NOW)[2] == CommandStatus.ESME_RINVSCHED


@pytest.mark.parametrize(("text", "instant"), LEGAL)
def test_each_legal_spelling_is_taken_unless_it_lies_in_the_past(text: str, instant: float) -> None:
    scheduled, _, status = spans(text, "", NOW)
    assert status == 0
    # what is scheduled for the past is delivered now
    assert scheduled == (pytest.approx(instant, abs=1e-3) if instant > NOW else None)
    assert spans("", text, NOW)[2] == (0 if instant >= NOW else CommandStatus.ESME_RINVEXPIRY)
