"""What a peer, or we, can do wrong on the wire.

    SmppError
        LocalError              you asked for something that SMPP forbids: raised at once, nothing was written
        RemoteError             the peer did it
            PduError            recoverable: the frame is whole, its header known; a status answers it, the link lives
            FramingError        unrecoverable: these octets are no frame, so that nothing in them has a place

Decoding raises PduError or FramingError, encoding LocalError; any other exception out of either is a bug. This
file does not know what is answered to an error: connection.py does.

Messages are lower case, have no full stop, name the field and quote the value: `source_addr: 24 octets, at most 21`.
"""


class SmppError(Exception):
    """Anything that went wrong on the wire, on either side."""


# Raised before an octet is written, so that nothing needs to be taken back.
class LocalError(SmppError):
    """You asked for something that SMPP forbids; the message names the field."""


class RemoteError(SmppError):
    """The peer sent something that SMPP forbids.

    ``sequence_number`` is the offender's, 0 where it could not be read; ``status`` is the command_status to answer
    with; ``reason`` says what was wrong.
    """

    # The reason comes first in what is printed: who reads a log wants to know what, and then which.
    def __init__(self, sequence_number: int, status: int, reason: str) -> None:
        super().__init__(reason)
        self.sequence_number = sequence_number
        # A plain number, so that it may be one of a vendor's and prints as it stands on the wire.
        self.status = int(status)
        self.reason = reason


class PduError(RemoteError):
    """One frame that is no legal PDU, in a stream that is still in step.

    ``field`` is the offending field's name (`source_addr`, `tlvs`, `dest_address[2].dest_flag`), None where no single
    field is to blame.
    """

    def __init__(
        # Everything that the answer needs: whoever catches it has no PDU to ask.
        self,
        command_id: int,
        sequence_number: int,
        status: int,
        reason: str,
        field: str | None = None,
    ) -> None:
        super().__init__(sequence_number, status, reason)
        # The header could be read, and the answer depends on it: a request is answered by its own response.
        self.command_id = command_id
        self.field = field


# No field and no command_id: what cannot be found again has neither.
class FramingError(RemoteError):
    """Octets without a whole header, or whose command_length is not theirs: where the next PDU begins is unknown.

    A connection, which cuts frames by that length itself, tells such a one as a fatal Malformed.
    """

    def __init__(self, status: int, reason: str, sequence_number: int = 0) -> None:
        super().__init__(sequence_number, status, reason)
