"""The command line: ``carrier-sim serve``, ``journal``, ``decode``, ``encode``, and those of its neighbours.

Words become calls, results words.

Exit codes: 0 fine, 1 the verdict is bad, 2 wrong usage or a wrong file, 3 could not run.
"""

import json
import os
import sys
from binascii import unhexlify
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.asking import verdict as verdict_of_server
from simulator.cli.asking import wait_for
from simulator.cli.ends import BAD, COULD_NOT_RUN, fail
from simulator.cli.gateway import gateway
from simulator.cli.imports import import_smppsim, stub
from simulator.cli.numbers import numbers
from simulator.cli.pdus import shown_pdu
from simulator.cli.scenarios import check, explain, played, quirks, scenarios, schema, stories
from simulator.cli.soak import soak
from simulator.cli.streams import careful_stderr, is_reader_gone
from simulator.cli.verdicts import tell
from simulator.smpp.dissect import as_json, dissect, from_json
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import Book
from simulator.smpp.vendor_tlvs import book_of, vendor_tlv

app = typer.Typer(
    name="carrier-sim",
    help="The carrier, on your laptop: a simulated SMSC that a messaging gateway binds to.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

for _command in (check, explain, numbers, schema, scenarios, quirks, stories, import_smppsim, stub, wait_for, gateway):
    app.command()(_command)
app.command()(soak)
app.command("verdict")(verdict_of_server)

VendorTlvs = Annotated[
    list[str] | None,
    typer.Option(
        "--tlv", metavar="TAG=NAME:KIND[:SIZE]", help="A vendor's TLV: 0x1401=billing_id:cstring. Repeatable."
    ),
]


@app.command()
def serve(
    scenario: Annotated[
        list[str] | None, typer.Argument(help="Scenario files, or names under scenarios/; several compose.")
    ] = None,
    *,
    smpp: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST:PORT", help="Where ESMEs bind (127.0.0.1:2775); port 0 picks a free one. May be repeated."
        ),
    ] = None,
    smpps: Annotated[
        list[str] | None, typer.Option(metavar="HOST:PORT", help="The same over TLS. May be repeated.")
    ] = None,
    http: Annotated[str, typer.Option(metavar="HOST:PORT", help="Control API.")] = "127.0.0.1:8775",
    account: Annotated[
        list[str] | None, typer.Option(metavar="ID:PASSWORD", help="An account; with any given, only those bind.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="ID=NETWORK[,NETWORK]", help="Whence an account may bind; without this from everywhere."),
    ] = None,
    outbind: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT=ID:PASSWORD", help="Call a waiting ESME, saying who we are, so that it binds."),
    ] = None,
    allow_target: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="A host beside this machine that outbind may call.")
    ] = None,
    speed: Annotated[float, typer.Option(help="How many times faster than real time the carrier's clock runs.")] = 1.0,
    allow_conflicts: Annotated[
        bool,
        typer.Option("--allow-conflicts", help="Where files contradict each other, the later one wins."),
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Load the files again when one of them changes.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="The seed of all luck; without this the file's, or one that is picked and told.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the verdict at the end: .json or, as JUnit, .xml. Exit code 1 if it is bad."
        ),
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append every event (.jsonl); see `carrier-sim journal`.")
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM certificate chain for --smpps; without it one is made.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="PEM private key for --smpps.")] = None,
    tls_ca_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the PEM of the made certificate's authority.")
    ] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM authorities of ESMEs that show a certificate.")
    ] = None,
    tls_client_required: Annotated[
        bool, typer.Option("--tls-client-required", help="Let in nobody who shows none.")
    ] = False,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="CARRIER_SIM_TOKEN", help="What the control API asks for; off loopback one is made if none is given."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each session's coming and going.")] = False,
) -> None:
    """Serve as an SMSC until SIGINT or SIGTERM.

    Without a scenario every credential binds and every message is delivered, its receipt within a second.
    """
    from simulator.serving import running

    scenarios = played(scenario or [], allows_conflicts=allow_conflicts)
    try:
        settings = running.settings_from(
            scenarios=scenarios,
            names=scenario or [],
            allows_conflicts=allow_conflicts,
            is_watching=watch,
            smpp=smpp or ["127.0.0.1:2775"],
            smpps=smpps or [],
            http=http,
            accounts=account or [],
            networks=allow or [],
            outbinds=outbind or [],
            targets=allow_target or [],
            speed=speed,
            seed=seed,
            report=report,
            journal=journal,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            tls_ca_out=tls_ca_out,
            tls_client_ca=tls_client_ca,
            is_client_certificate_required=tls_client_required,
            token=token,
            is_verbose=verbose,
        )
    except ValueError as error:
        fail(str(error))
    except OSError as error:
        fail(error.strerror or str(error), COULD_NOT_RUN)
    try:
        verdict = running.run(settings)
    except OSError as error:
        fail(error.strerror or str(error), COULD_NOT_RUN)
    if verdict is not None:
        tell(verdict)
        if verdict.is_bad:
            raise typer.Exit(BAD)


@app.command("journal")
def recount(
    files: Annotated[list[str], typer.Argument(metavar="FILE ...", help="Of `serve --journal`, also .gz; or - .")],
    *,
    account: Annotated[str | None, typer.Option(help="Name of the account.")] = None,
    source: Annotated[str | None, typer.Option("--from", "--source", help="Source, with or without +.")] = None,
    to: Annotated[str | None, typer.Option("--to", "--destination", help="Destination, with or without +.")] = None,
    state: Annotated[str | None, typer.Option(help="State that an event tells: DELIVRD or DELIVERED ...")] = None,
    text: Annotated[str | None, typer.Option(help="Part of a message's text (of one part of it), in any case.")] = None,
    message_id: Annotated[str | None, typer.Option(help="Id of the message.")] = None,
    direction: Annotated[str, typer.Option(metavar="mt|mo|any", help="mt: from ESMEs, mo: from subscribers.")] = "any",
    kind: Annotated[list[str] | None, typer.Option(help="Kind of event; may be repeated.")] = None,
    session: Annotated[int | None, typer.Option(help="Number of the session.")] = None,
    since: Annotated[str | None, typer.Option(help="Carrier time: unix seconds or ISO 8601.")] = None,
    until: Annotated[str | None, typer.Option(help="The same for the end, included.")] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print the lines as they stand in the file.")] = False,
    is_count: Annotated[bool, typer.Option("--count", help="Print only how many events there are.")] = False,
    is_list: Annotated[bool, typer.Option("--list", help="Print the events, also without a filter.")] = False,
) -> None:
    """Search journals, or sum them up: events that pass every filter are printed; without any there is a summary.

    The filters are those of GET /api/messages, and what only events have. Lines that cannot be read are told and
    passed over.
    """
    from simulator.recounting import question, reading, retelling

    complain = retelling.Complaints(lambda reason: typer.echo(f"carrier-sim: {reason}", err=True))
    words = {"account": account, "from": source, "to": to, "state": state, "text": text, "message_id": message_id}
    words |= {"direction": direction, "since": since, "until": until}
    try:
        asked = question.question_from(words, kinds=kind or [], session=session)
        form = "json" if is_json else "count" if is_count else "list" if is_list or not asked.is_open else "summary"
        # bars and lines on one terminal would spoil each other
        is_quiet = sys.stdout.isatty() and form in {"json", "list"}
        with _progress(files, is_quiet=is_quiet) as advance:
            lines = reading.lines_of(files, standard_input=sys.stdin.buffer, complain=complain, advance=advance)
            for line in retelling.retell(lines, asked, form, complain):
                sys.stdout.buffer.write(line + b"\n")
        sys.stdout.flush()
    except ValueError as error:
        sys.stdout.flush()
        fail(str(error))


@contextmanager
def _progress(files: list[str], *, is_quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar over the octets of the files, on a terminal; what it yields is told how far one of them is read."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    sizes = [path.stat().st_size for path in map(Path, files) if path.is_file()]
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=is_quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("reading", total=sum(sizes))
        read = [0, 0]

        def advance(octets: int) -> None:
            if octets < read[1]:
                # the next file
                read[0] += read[1]
            read[1] = octets
            progress.update(task, completed=read[0] + octets)

        yield advance


@app.command()
def decode(
    source: Annotated[str, typer.Argument(metavar="HEX|FILE|-", help="PDUs as hex, a file (hex or raw), or - .")],
    *,
    is_json: Annotated[
        bool, typer.Option("--json", help="A JSON list, which `encode` turns back: it holds passwords, too.")
    ] = False,
    tlv: VendorTlvs = None,
) -> None:
    """Show each PDU as named fields with values, meanings and offsets. Reads any octets.

    The password of a bind or outbind is shown as ********, except by --json, because `encode` needs it.
    """
    octets = octets_from(source)
    if not octets:
        fail(f"{'standard input' if source == '-' else repr(source)}: no octets")
    pdus = dissect(octets, book_from(tlv))
    if is_json:
        typer.echo(json.dumps([as_json(pdu) for pdu in pdus], indent=2, ensure_ascii=True))
        return
    for pdu in pdus:
        typer.echo(shown_pdu(pdu))


@app.command()
def encode(*, tlv: VendorTlvs = None) -> None:
    """Turn the JSON of `decode --json` on standard input into octets: one line of hex for each PDU."""
    book = book_from(tlv)
    try:
        pdus = json.loads(sys.stdin.buffer.read())
    except json.JSONDecodeError as error:
        fail(f"standard input:{error.lineno}:{error.colno}: {error.msg}")
    except RecursionError:
        fail("standard input: nested too deeply")
    except ValueError as error:
        # octets that are no text, or a number of thousands of digits
        fail(f"standard input: {error}")
    lines = []
    for index, pdu in enumerate(pdus if isinstance(pdus, list) else [pdus]):
        if not isinstance(pdu, dict):
            fail(f"[{index}]: {type(pdu).__name__}, must be an object")
        try:
            lines.append(from_json(pdu, book).hex())
        except LocalError as error:
            fail(f"[{index}].{error}")
    for line in lines:
        typer.echo(line)


def book_from(declarations: list[str] | None) -> Book:
    """What TLVs are named by: the specifications' names and those of --tlv."""
    try:
        return book_of(vendor_tlv(declaration) for declaration in declarations or [])
    except LocalError as error:
        fail(f"--tlv: {error}")


def octets_from(source: str) -> bytes:
    """The octets that an argument of `decode` means: hex as it stands, a file's content, or standard input (-)."""
    if source == "-":
        return _unhexed(sys.stdin.buffer.read())
    path = Path(source)
    try:
        is_file = path.is_file()
    except OSError:
        # a long hex string is no legal file name
        is_file = False
    if is_file:
        try:
            return _unhexed(path.read_bytes())
        except OSError as error:
            fail(f"{source}: {error.strerror}")
    octets = _hex(source.encode("utf-8", "replace"))
    if octets is None:
        fail(f"{source[:60]!r} is neither hex nor a file")
    return octets


def _unhexed(content: bytes) -> bytes:
    """Content of a file: hex when all of it is hex and white space, else the octets themselves."""
    octets = _hex(content)
    return content if octets is None else octets


def _hex(text: bytes) -> bytes | None:
    digits = text.replace(b"0x", b"").translate(None, b" \t\r\n:,")
    try:
        return unhexlify(digits)
    except ValueError:
        return None


def main() -> None:
    """Entry point of the command: an error of ours ends with 3, told in one line unless CARRIER_SIM_DEBUG is set."""
    sys.stderr = careful_stderr()
    try:
        app()
    except SystemExit as ending:
        if not is_reader_gone(ending):
            raise
        raise SystemExit(0) from None
    except Exception as error:
        if os.environ.get("CARRIER_SIM_DEBUG"):
            raise
        typer.echo(f"carrier-sim: internal error: {type(error).__name__}: {error}", err=True)
        raise SystemExit(COULD_NOT_RUN) from error


if __name__ == "__main__":
    main()
