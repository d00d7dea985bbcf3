"""What can go wrong, and whose fault it is."""

from simulator.smpp.constants import CommandStatus
from simulator.smpp.errors import FramingError, LocalError, PduError, RemoteError, SmppError


def test_the_tree_tells_our_faults_from_theirs():
    assert issubclass(LocalError, SmppError)
    assert issubclass(RemoteError, SmppError)
    assert issubclass(PduError, RemoteError)
    assert issubclass(FramingError, RemoteError)
    assert not issubclass(LocalError, RemoteError)


def test_a_pdu_error_carries_all_that_its_answer_needs():
    error = PduError(4, 7, CommandStatus.ESME_RINVSRCADR, "source_addr: 24 octets, at most 21", "source_addr")
    assert (error.command_id, error.sequence_number, error.field) == (4, 7, "source_addr")
    assert type(error.status) is int
    assert error.status == 0x0A
    assert str(error) == error.reason == "source_addr: 24 octets, at most 21"


def test_a_framing_error_may_have_no_sequence_number():
    error = FramingError(CommandStatus.ESME_RINVCMDLEN, "command_length: 3 is less than 16")
    assert error.sequence_number == 0
    assert FramingError(2, "reason", 9).sequence_number == 9
    assert error.status == 2
