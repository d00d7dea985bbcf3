"""The statement of what is spoken: it is what the declarations say, and as fresh as they."""

import subprocess
import sys
from pathlib import Path

from scripts.pics_table import COMMAND, FILE, pics
from simulator.smpp.constants import CommandId
from simulator.smpp.tlvs import TLVS

ROOT = Path(__file__).resolve().parent.parent
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in pics().splitlines() if line.startswith("| ")]


def row(first: str) -> list[str]:
    (found,) = [cells for cells in ROWS if cells[0] == first]
    return found


def test_the_file_is_what_the_declarations_say() -> None:
    assert FILE.read_text(encoding="utf-8") == pics(), f"{FILE.name} is stale: run {COMMAND}"


def test_every_command_and_every_tag_has_a_row() -> None:
    assert {int(cells[1], 16) for cells in ROWS if cells[0].startswith("`")} == {int(command) for command in CommandId}
    assert [int(cells[0], 16) for cells in ROWS if cells[0].startswith("0x")] == sorted(TLVS)
    assert {len(cells) for cells in ROWS} == {8, 9}


def test_a_row_tells_number_direction_versions_and_states() -> None:
    assert row("`submit_sm`")[1:7] == ["0x00000004", "ESME to SMSC", "yes", "yes", "yes", "BOUND_TX, BOUND_TRX"]
    assert row("`deliver_sm_resp`")[1:7] == ["0x80000005", "ESME to SMSC", "yes", "yes", "yes", "BOUND_RX, BOUND_TRX"]
    assert row("`data_sm`")[2:7] == ["both", "", "yes", "yes", "BOUND_TX (ESME), BOUND_RX (SMSC), BOUND_TRX (BOTH)"]
    assert row("`generic_nack`")[2:7] == ["both", "yes", "yes", "yes", "all but CLOSED"]
    assert row("`broadcast_sm`")[3:6] == ["", "", "yes"]
    assert "`broadcast_rep_num`" in row("`broadcast_sm`")[8]
    assert row("`param_retrieve`")[3:7] == ["not here", "removed", "removed", "none: generic_nack ESME_RINVCMDID"]


def test_a_tlv_tells_its_type_size_versions_and_pdus() -> None:
    assert row("0x0428")[1:7] == ["`congestion_state`", "int", "1", "", "", "yes"]
    assert row("0x0427")[7] == "`deliver_sm`, `data_sm`, `query_broadcast_sm_resp` (5.0)"
    assert row("0x0381")[3] == "4 to 19"


def test_the_check_ends_with_0_on_a_fresh_file() -> None:
    ended = subprocess.run([sys.executable, "-m", "scripts.pics_table", "--check"], cwd=ROOT, check=False)
    assert ended.returncode == 0
