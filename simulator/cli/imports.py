"""``carrier-sim import-smppsim`` and ``stub``: what others have written or seen, as the beginning of a scenario.

The scenario goes to standard output, what could not be said in it to standard error.
"""

import sys
from binascii import unhexlify
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.ends import fail

SIZE_MAX = 8 * 1024 * 1024
"""Octets that are read of a file."""


def import_smppsim(
    file: Annotated[Path, typer.Argument(metavar="FILE.props", help="The smppsim.props of an SMPPSim.")],
) -> None:
    """Turn the settings of an SMPPSim into a scenario, and tell on standard error what has no meaning here.

    The accounts, the life cycle of messages, ids, receipts and canned messages become the scenario; the command line
    that goes with it stands at its head.
    """
    from simulator.importing.smppsim import Unreadable, imported, messages_file

    text = _octets_of(str(file)).decode("latin-1")
    try:
        name = messages_file(text)
        canned = ""
        if name:
            # it is looked for where SMPPSim was started: most often above the folder conf/ that its settings are in
            found = next((one for one in (file.parent / name, file.parent.parent / name) if one.is_file()), None)
            canned = _octets_of(str(found)).decode("latin-1") if found else ""
        made = imported(text, str(file), canned)
    except Unreadable as error:
        fail(str(error))
    _print(made.scenario, made.comments, made.remarks)


def stub(
    source: Annotated[
        str, typer.Argument(metavar="TEXT|HEX|FILE|-", help="A receipt's text, PDUs as hex, a file with either, or - .")
    ],
) -> None:
    """Make a scenario stub of what was seen of a carrier: its ids, states, dates, addresses and TLVs.

    Of a receipt's text, or of PDUs as a log shows them in hex. A submit_sm and its response before the receipt tell
    more: in which spelling the id was given, and whether the addresses are swapped.
    """
    from simulator.importing.stub import Unseen, stub_of_pdus, stub_of_text

    content = _octets_of(source) if source == "-" or _is_file(source) else source.encode("utf-8", "surrogateescape")
    octets = _unhexed(content)
    try:
        if octets is None:
            made = stub_of_text(content.decode("utf-8", "replace"))
        else:
            made = stub_of_pdus(octets)
    except Unseen as error:
        fail(str(error))
    _print(
        made.scenario,
        ["A stub: it holds what was seen, and says so of every message that `when` lets in."],
        made.remarks,
    )


def _print(
    scenario: Mapping[str, Any], comments: "list[str] | tuple[str, ...]", remarks: "list[str] | tuple[str, ...]"
) -> None:
    from simulator.control.terminal import printable
    from simulator.importing.writing import file_of
    from simulator.scenario.problems import ScenarioError

    try:
        text = file_of(scenario, comments)
    except ScenarioError as error:
        # a value that was taken over as it came, and that a scenario cannot hold
        fail(f"no scenario comes of it: {'; '.join(f'{one.path}: {one.found}' for one in error.problems)}")
    typer.echo(text, nl=False)
    for remark in remarks:
        typer.echo(printable(remark), err=True)


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except (OSError, ValueError):
        # a long text is no legal file name
        return False


def _octets_of(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read(SIZE_MAX)
    try:
        with Path(source).open("rb") as content:
            return content.read(SIZE_MAX)
    except OSError as error:
        fail(f"{source}: {error.strerror}")


def _unhexed(content: bytes) -> bytes | None:
    """Octets of what is hex with white space, colons and commas; None of what is none, and so a text."""
    digits = content.replace(b"0x", b"").translate(None, b" \t\r\n:,")
    try:
        return unhexlify(digits) or None
    except ValueError:
        return None


__all__ = ["import_smppsim", "stub"]
