"""Numbers and names."""

import pytest

from simulator.smpp.constants import (
    COMMAND_NAMES,
    STATUS_MEANINGS,
    STATUS_NAMES,
    CommandId,
    CommandStatus,
    EsmClass,
    RegisteredDelivery,
    TlvTag,
    command_name,
    status_name,
    status_value,
)


def test_commands_are_named_as_in_the_specification():
    assert COMMAND_NAMES[4] == "submit_sm"
    assert command_name(0x80000000) == "generic_nack"
    assert command_name(CommandId.QUERY_BROADCAST_SM_RESP) == "query_broadcast_sm_resp"
    assert command_name(0x400) == "0x00000400"


def test_every_request_but_two_has_a_response_beside_it():
    requests = {int(command) for command in CommandId if command < 0x80000000}
    responses = {int(command) & 0x7FFFFFFF for command in CommandId if command > 0x80000000}
    assert requests - responses == {CommandId.OUTBIND, CommandId.ALERT_NOTIFICATION}
    assert responses < requests


def test_statuses_are_named_by_version_5_0_and_known_by_the_names_of_3_4():
    assert STATUS_NAMES[0xC0] == "ESME_RINVTLVSTREAM"
    assert CommandStatus["ESME_RINVOPTPARSTREAM"] is CommandStatus.ESME_RINVTLVSTREAM
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x400) == "0x00000400"


def test_every_status_has_a_meaning():
    assert set(STATUS_MEANINGS) == set(STATUS_NAMES)
    assert len(STATUS_NAMES) == 67
    assert all(STATUS_MEANINGS.values())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ESME_RTHROTTLED", 0x58),
        ("ESME_RINVPARLEN", 0xC2),
        ("0x58", 88),
        ("0X58", 88),
        ("88", 88),
        ("0xFFFFFFFF", 2**32 - 1),
    ],
)
def test_a_status_is_understood_by_name_and_by_number(text, value):
    found = status_value(text)
    assert found == value
    assert type(found) is int


@pytest.mark.parametrize("text", ["ESME_RTHROTLED", "", "0x", "088x"])
def test_a_status_that_nobody_knows_is_refused(text):
    with pytest.raises(ValueError, match="is neither a status name nor a number"):
        status_value(text)


@pytest.mark.parametrize("text", ["-1", "0x100000000"])
def test_a_status_beyond_32_bits_is_refused(text):
    with pytest.raises(ValueError, match="does not fit into 32 bits"):
        status_value(text)


def test_masks_cover_an_octet_of_esm_class():
    assert EsmClass.MODE_MASK | EsmClass.TYPE_MASK | EsmClass.FEATURES_MASK == 0xFF
    assert EsmClass.RECEIPT & EsmClass.TYPE_MASK == EsmClass.RECEIPT
    assert RegisteredDelivery.RECEIPT_MASK | RegisteredDelivery.ACKNOWLEDGEMENT_MASK == 0x0F


def test_a_renamed_tag_has_both_names():
    assert TlvTag["DEST_PORT"] is TlvTag.DESTINATION_PORT
