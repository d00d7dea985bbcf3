"""Our octets before other people's decoders: the smpp34 package and Wireshark's dissector.

Thousands of PDUs, the same in every run. Where an oracle and we disagree, the test says who is right and why:

* ms_validity of 4 octets and broadcast_rep_num, which has 2 (SMPP 5.0, 4.8): Wireshark reads one octet of either and
  takes the others for the next TLV, whatever the length says. We are right; what it is shown has one.
* A body under an error status: Wireshark reads none (SMPP 3.4, 4.4.2), we do (SMPP 5.0, 3.2.1.3). Both are right.
* congestion_state in a query_sm_resp: Wireshark knows no TLV there, SMPP 5.0, 4.8 has it in any response.
* replace_if_present_flag is one bit for Wireshark and an octet for us: the specification has no more values than two.
* broadcast_area_identifier in a broadcast_sm_resp is named as in any other PDU by Wireshark; it is the same tag.
"""

import importlib
import shutil
import string
import subprocess
from random import Random

import pytest

from simulator.smpp.codec import decode, encode
from simulator.smpp.constants import TlvTag, Version
from simulator.smpp.fields import (
    CString,
    DestinationList,
    DistributionList,
    Integer,
    Octets,
    SmeAddress,
    Time,
    Unsuccess,
)
from simulator.smpp.pdus import PDU_CLASSES, DeliverSm, QuerySmResp, Response, SubmitSm, layout
from simulator.smpp.tlvs import TLVS, Tlv, allowed_tlvs, tlv_name, value_of

PRINTABLE = string.ascii_letters + string.digits


def text(luck: Random, longest: int) -> str:
    """Printable and never empty, for Wireshark prints an empty string as it prints none."""
    return "".join(luck.choices(PRINTABLE, k=luck.randint(1, longest)))


def value(luck: Random, kind):
    """A value of everyday use: printable, and a time where a time is due."""
    match kind:
        case Time():
            return luck.choice(["", "261121123000000+", "000007000000000R"])
        case CString(size_max):
            return text(luck, size_max - 1)
        case Integer(width):
            return luck.randrange(256**width)
        case Octets():
            return luck.randbytes(luck.randint(0, 140))
        case DestinationList():
            one = [SmeAddress(1, 1, text(luck, 20)), DistributionList(text(luck, 20))]
            return tuple(luck.choice(one) for _ in range(luck.randint(1, 3)))
    return tuple(Unsuccess(1, 1, text(luck, 20), luck.choice([0x0B, 0x58])) for _ in range(luck.randint(0, 3)))


READ_AS_ONE_OCTET = {TlvTag.MS_VALIDITY, TlvTag.BROADCAST_REP_NUM}


def tlv(luck: Random, tag: int) -> Tlv:
    definition = TLVS[tag]
    size = 1 if tag in READ_AS_ONE_OCTET else luck.randint(definition.size_min, min(definition.size_max, 70))
    if tag == TlvTag.BROADCAST_END_TIME:
        return Tlv(tag, b"261121123000000+\0")
    if definition.kind == "cstr":
        return Tlv(definition.tag, text(luck, 1).encode() * (size - 1) + b"\0")
    return Tlv(definition.tag, luck.randbytes(size))


def pdu(luck: Random, pdu_class):
    """A PDU with its mandatory TLVs, and up to three out of those that it may carry."""
    fields = {name: value(luck, kind) for name, kind in layout(pdu_class)}
    tags = sorted(allowed_tlvs(pdu_class.name, Version.V34) | allowed_tlvs(pdu_class.name, Version.V50))
    chosen = [luck.choice(tags) for _ in range(luck.randint(0, 3))] if tags and fields else []
    tlvs = tuple(tlv(luck, tag) for tag in (*pdu_class.required_tlvs, *chosen))
    status = luck.choice([0, 0x58]) if issubclass(pdu_class, Response) else 0
    return pdu_class(sequence_number=luck.randint(1, 2**31 - 1), command_status=status, tlvs=tlvs, **fields)


@pytest.mark.real_peer("smpp34")
@pytest.mark.parametrize("pdu_class", [SubmitSm, DeliverSm])
def test_smpp34_reads_what_we_write(pdu_class):
    try:
        smpp34 = importlib.import_module("smpp34")
    except ImportError:
        pytest.skip("the package smpp34 is not installed")
    luck = Random(34)
    for _ in range(1500):
        ours = pdu(luck, pdu_class)
        theirs = smpp34.decode(encode(ours))
        for name in ["sequence_number", *(name for name, _ in layout(pdu_class))]:
            assert getattr(theirs, name) == getattr(ours, name), name
        assert [(one.tag, bytes(one.value)) for one in theirs.tlvs] == list(ours.tlvs)


@pytest.mark.real_peer("smpp34")
@pytest.mark.parametrize("pdu_class", [SubmitSm, DeliverSm])
def test_we_read_what_smpp34_writes(pdu_class):
    try:
        smpp34 = importlib.import_module("smpp34")
    except ImportError:
        pytest.skip("the package smpp34 is not installed")
    luck = Random(37)
    for _ in range(500):
        ours = pdu(luck, pdu_class)
        # It refuses more than 254 octets, as SMPP 3.4, 5.2.21 does; SMPP 5.0 has 255.
        ours.short_message = ours.short_message[:254]
        values = {name: getattr(ours, name) for name, _ in layout(pdu_class)}
        tlvs = [smpp34.Tlv(one.tag, one.value) for one in ours.tlvs]
        theirs = getattr(smpp34, pdu_class.__name__)(**values, tlvs=tlvs, sequence_number=ours.sequence_number)
        assert decode(theirs.encode()) == ours


@pytest.mark.real_peer("smpp34")
def test_smpp34_frames_every_pdu_as_we_do():
    try:
        smpp34 = importlib.import_module("smpp34")
    except ImportError:
        pytest.skip("the package smpp34 is not installed")
    luck = Random(35)
    for ours in (pdu(luck, pdu_class) for pdu_class in PDU_CLASSES.values() for _ in range(30)):
        theirs = smpp34.decode(encode(ours))
        assert theirs.sequence_number == ours.sequence_number
        assert theirs.command_id == ours.command_id


# Wireshark's names are the specification's, with these exceptions.
RENAMED = {"short_message": "message"}
# What it prints in parts (bits) or as calendar dates is compared elsewhere; the rest it does not print for a command.
NOT_PRINTED = {"esm_class", "registered_delivery", "schedule_delivery_time", "validity_period", "final_date"}
COLUMNS = (
    "command_length command_id command_status sequence_number system_id password system_type interface_version "
    "addr_ton addr_npi address_range service_type source_addr_ton source_addr_npi source_addr dest_addr_ton "
    "dest_addr_npi destination_addr dl_name protocol_id priority_flag replace_if_present_flag data_coding "
    "sm_default_msg_id sm_length message message_id error_status_code esme_addr_ton esme_addr_npi esme_addr "
    "message_state error_code opt_param_tag opt_param_len"
).split()
# TLVs whose numbers it prints, under the specification's names; message_state is a field of query_sm_resp, too.
NUMBERS = (
    "user_message_reference source_port destination_port sar_msg_ref_num sar_total_segments sar_segment_seqnum "
    "number_of_messages qos_time_to_live display_time sms_signal set_dpf dpf_result congestion_state "
    "broadcast_channel_indicator broadcast_message_class broadcast_error_status "
    "broadcast_area_success"
).split()


STRUCTURES = (
    "broadcast_area_identifier.format broadcast_frequency_interval.unit broadcast_frequency_interval.value "
    "broadcast_content_type.nw broadcast_content_type.type"
).split()


def capture(frames: list[bytes]) -> bytes:
    """A capture file with each frame as a packet of its own, handed to the SMPP dissector without any transport."""
    # Link type 252: a list of tags (12: name of a dissector), an end, then the PDU itself.
    tags = b"\0\x0c\0\x04smpp" + bytes(4)
    header = b"\xa1\xb2\xc3\xd4\0\2\0\4" + bytes(8) + b"\0\4\0\0" + b"\0\0\0\xfc"
    packets = (tags + frame for frame in frames)
    return header + b"".join(bytes(8) + len(one).to_bytes(4, "big") * 2 + one for one in packets)


def columns_of(pdu) -> dict[str, list]:
    """What Wireshark is to print of a PDU, by column."""
    expected: dict[str, list] = {
        "command_length": [len(encode(pdu))],
        "command_id": [pdu.command_id],
        "command_status": [pdu.command_status] if isinstance(pdu, Response) else [],
        "sequence_number": [pdu.sequence_number],
    }
    if pdu.command_status:
        # Wireshark reads no body under an error. SMPP 3.4 has none there, SMPP 5.0, 3.2.1.3 bears with one: we read it.
        return expected
    if not isinstance(pdu, QuerySmResp):
        # Its only TLV is congestion_state, which may be in any response (SMPP 5.0, 4.8); Wireshark knows none there.
        expected["opt_param_tag"] = [tlv.tag for tlv in pdu.tlvs]
        expected["opt_param_len"] = [len(tlv.value) for tlv in pdu.tlvs]
        expected |= {name: [value_of(one) for one in pdu.tlvs if tlv_name(one.tag) == name] for name in NUMBERS}
        areas = [one.value for one in pdu.tlvs if one.tag == TlvTag.BROADCAST_AREA_IDENTIFIER]
        expected["broadcast_area_identifier.format"] = [area[0] for area in areas]
        intervals = [one.value for one in pdu.tlvs if one.tag == TlvTag.BROADCAST_FREQUENCY_INTERVAL]
        expected["broadcast_frequency_interval.unit"] = [interval[0] for interval in intervals]
        expected["broadcast_frequency_interval.value"] = [int.from_bytes(interval[1:]) for interval in intervals]
        contents = [one.value for one in pdu.tlvs if one.tag == TlvTag.BROADCAST_CONTENT_TYPE]
        expected["broadcast_content_type.nw"] = [content[0] for content in contents]
        expected["broadcast_content_type.type"] = [int.from_bytes(content[1:]) for content in contents]
    for name, kind in layout(type(pdu)):
        found = getattr(pdu, name)
        if isinstance(kind, Octets):
            expected["sm_length"] = [len(found)]
            expected["message"] = [found.hex()] if found else []
        elif isinstance(found, tuple):
            expected["destination_addr"] = [one.addr for one in found if not isinstance(one, DistributionList)]
            expected["dl_name"] = [one.dl_name for one in found if isinstance(one, DistributionList)]
            expected["error_status_code"] = [one.status for one in found if isinstance(one, Unsuccess)]
        elif name == "replace_if_present_flag":
            # Printed as one bit; the specification has no more values, and we keep the whole octet.
            expected[name] = [found & 1]
        elif name not in NOT_PRINTED:
            expected[RENAMED.get(name, name)] = [found]
    return expected


def printed(cell: str, expected: list) -> list:
    """The values of one of Wireshark's cells, as numbers where numbers are expected."""
    found = cell.split(";") if cell else []
    return [int(one, 0) for one in found] if any(isinstance(one, int) for one in expected) else found


@pytest.mark.real_peer("tshark")
def test_wireshark_reads_what_we_write(tmp_path):
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    luck = Random(36)
    pdus = [pdu(luck, pdu_class) for pdu_class in PDU_CLASSES.values() for _ in range(150)]
    path = tmp_path / "ours.pcap"
    path.write_bytes(capture([encode(one) for one in pdus]))
    names = [*COLUMNS, *NUMBERS, *STRUCTURES]
    columns = [argument for name in names for argument in ("-e", f"smpp.{name}")]
    shape = ["-T", "fields", "-E", "separator=|", "-E", "aggregator=;", "-E", "occurrence=a"]
    run = subprocess.run([tshark, "-r", path, *shape, *columns], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert len(lines) == len(pdus)
    for ours, line in zip(pdus, lines, strict=True):
        cells = dict(zip(names, line.split("|"), strict=True))
        for name, expected in columns_of(ours).items():
            assert printed(cells[name], expected) == expected, (ours.name, name, encode(ours).hex())
