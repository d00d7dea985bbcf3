"""The tour: the carrier starts, ESMEs bind and talk, subscribers answer, and at the end the books are compared.

It knows the order of things and what a person sees of them. It does NOT know the wire (esmes.py), what is right
(reconciliation.py), what is written (letters.py) or how a figure is made (summary.py).
"""

import argparse
import json
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from smpplib.exceptions import ConnectionError as LinkRefused
from smpplib.exceptions import PDUError

from scripts import summary
from scripts.esmes import RATE, Esmes
from scripts.letters import ACCOUNTS, Writer
from scripts.reconciliation import Ledger, mo_received, reconcile
from scripts.served import CannotRun, Server
from scripts.subscribers import Subscribers, rows_kept

FINE, DIFFERENT = 0, 1
LOOPBACK: Final = "127.0.0.1"
SMPP, HTTP = 2775, 8775
MO_COUNT: Final = 60
LAST_BREATH: Final = 4.0  # seconds that a server may need to end after it has sent everybody away
QUIET: Final = 0.3  # seconds without news after which a complete run is over: a doubled receipt would come in these
PATIENCE: Final = 5.0  # the same for a run in which something is missing
HASTE: Final = 0.8  # seconds that an interrupted run leaves the server for its end
HARMLESS: Final = dict.fromkeys((*range(32), *range(127, 160)), " ")  # a subscriber does not steer this terminal
SAMPLED: Final = ("English", "Greek", "Russian", "Japanese", "Korean", "Spanish")  # scripts that every terminal shows
SHOWN_MAX: Final = 10  # differences shown; all are in the file of --json


def run(options: argparse.Namespace) -> int:
    """The whole tour. Returns 0 when the books agree, else 1; raises CannotRun, and KeyboardInterrupt before that."""
    is_terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if is_terminal else 100)
    with serving() as server:
        smpp, http = addresses(server)
        console.print(f"The carrier is up: SMPP on [bold]{smpp}[/], HTTP on [bold]{http}[/]." + _why(smpp, http))
        return Tour(options, console, server, smpp, http, is_terminal=is_terminal).run()


# --- The server ---


def carrier(smpp_port: int, http_port: int) -> Server:
    """A carrier on these ports of the loopback, not yet started; 0 is any free one. Raises CannotRun."""
    program = Path(sys.executable).with_name("carrier-sim")
    if not program.exists():
        raise CannotRun(f"{program} does not exist: install the package there, as scripts/run does")
    smpp, http = f"{LOOPBACK}:{smpp_port}", f"{LOOPBACK}:{http_port}"
    return Server("carrier-sim", [str(program), "serve", "--smpp", smpp, "--http", http])


def started(stack: ExitStack) -> Server:
    """A carrier that is up: on its usual ports, or on any where one of those is taken. Raises CannotRun."""
    if is_free(SMPP) and is_free(HTTP):
        # Somebody may take a port in between. Whatever else goes wrong will go wrong again, and be told then.
        with suppress(CannotRun):
            return stack.enter_context(carrier(SMPP, HTTP))
    return stack.enter_context(carrier(0, 0))


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: a connection of the last run that still lingers does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


@contextmanager
def serving() -> Iterator[Server]:
    """A running carrier, which is asked to stop at the end. Raises CannotRun when it does not start or end well."""
    with ExitStack() as stack:
        server = started(stack)
        try:
            yield server
        except BaseException:
            # Somebody waits for the prompt, or for what went wrong: a server that takes its time is killed.
            with deaf(), suppress(CannotRun):
                server.interrupt(within=HASTE)
            raise
        with deaf():
            server.interrupt()
        alive(server, ended=0)


def alive(server: Server, ended: int | None = None) -> None:
    """Raise CannotRun, with the last lines of its log, when the server's exit status is not ``ended``."""
    status = server.process.poll()
    if status != ended:
        what = (
            f"was ended by {signal.Signals(-status).name}" if status and status < 0 else f"ended with status {status}"
        )
        raise CannotRun(f"{server.name} {what}; its last lines:\n{server.last_lines()}")


def addresses(server: Server) -> tuple[str, str]:
    """HOST:PORT of SMPP and of HTTP, from the server's ready line."""
    ready = next(line for line in server.printed().splitlines() if line.startswith("ready "))
    words = dict(word.partition("=")[::2] for word in ready.split())
    return words["smpp"], words["http"]


def _why(smpp: str, http: str) -> str:
    usual = f"{LOOPBACK}:{SMPP}", f"{LOOPBACK}:{HTTP}"
    return "" if (smpp, http) == usual else f"\n(Not on {SMPP} and {HTTP}, of which one was taken.)"


@contextmanager
def deaf() -> Iterator[None]:
    """Within, a second Ctrl-C changes nothing: what is done takes a bounded time anyway."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- The tour ---


class Tour:
    """One run against a server that is up."""

    def __init__(
        self,
        options: argparse.Namespace,
        console: Console,
        server: Server,
        smpp: str,
        http: str,
        *,
        is_terminal: bool,
    ) -> None:
        self.options = options
        self.console = console
        self.server = server
        self.http = http
        self.is_terminal = is_terminal
        self.smpp = smpp
        with console.status(f"Writing {options.messages:,} messages ..."):
            writer = Writer(options.seed)
            self.ledger = Ledger(list(writer.letters(options.messages)))
            self.replies = list(writer.replies(MO_COUNT))
            host, _, port = smpp.rpartition(":")
            self.esmes = Esmes((host, int(port)), self.ledger)
        self.stop = threading.Event()
        self.seconds = 0.0

    def run(self) -> int:
        """Bind, talk, compare, tell; on a terminal serve on. Everybody has left when this returns."""
        languages = len({letter.language for letter in self.ledger.letters})
        self.console.print(
            f"{self.options.messages:,} messages in {languages} languages (seed {self.options.seed}) make "
            f"{self.esmes.total:,} submit_sm, among them:"
        )
        self.console.print(self.samples())
        self.console.print(
            f"{len(self.esmes.links)} links of {len(ACCOUNTS)} accounts bind by smpplib; each account sends "
            f"{RATE:.0f} a second."
        )
        self.bind()
        subscribers = Subscribers(self.http, self.replies, self.ledger, self.accounts_known, self.stop)
        try:
            subscribers.start()
            self.esmes.start()
            self.talk()
            verdict = self.compare()
            if self.is_terminal:
                self.serve_on()
            else:
                self.console.print("This is no terminal, so the carrier stops now; on one it would serve on.")
        finally:
            with deaf():
                self.stop.set()
                failures = len(self.ledger.failures)
                self.esmes.leave()
        for failure in self.ledger.failures[failures:]:
            self.console.print(f"[red]{failure}[/]")
            verdict = DIFFERENT
        return verdict

    def samples(self) -> Table:
        """The first letter in some of the languages, a line each."""
        shown = Table.grid(padding=(0, 2), expand=True)
        for width in (11, 15):
            shown.add_column(no_wrap=True, width=width)
        shown.add_column(no_wrap=True, overflow="ellipsis", style="cyan", ratio=1)
        first = {letter.language: letter for letter in reversed(self.ledger.letters)}
        for language in SAMPLED:
            if language in first:
                letter = first[language]
                shown.add_row(f"  {letter.account}", f"to {letter.destination}", Text(letter.text))
        return shown

    def bind(self) -> None:
        """Bind all links. Raises CannotRun."""
        try:
            self.esmes.bind()
        except (PDUError, LinkRefused, OSError) as error:
            alive(self.server)
            raise CannotRun(f"an ESME cannot bind: {error}\n{self.server.last_lines()}") from error

    def accounts_known(self) -> bool:
        """Whether each account has sent: from then on the carrier knows whose number is whose."""
        return len({one.link.partition("/")[0] for one in self.ledger.answered[:]}) == len(ACCOUNTS)

    def talk(self) -> None:
        """Show the progress until all that is expected has come, or nothing more comes. Raises CannotRun."""
        total = self.esmes.total
        expected = {"answered": total, "receipts": total, "MO": len(self.replies)}
        started = news_at = time.perf_counter()
        found: dict[str, int] = {}
        with self.progress() as progress:
            tasks = {name: progress.add_task(name, total=count) for name, count in expected.items()}
            while True:
                alive(self.server)
                before, found = found, self.found()
                for name, task in tasks.items():
                    progress.update(task, completed=found[name])
                now = time.perf_counter()
                news_at = now if found != before else news_at
                # More than expected is complete as well: the comparison will name it.
                is_complete = all(found[name] >= count for name, count in expected.items())
                if now - news_at > (QUIET if is_complete else PATIENCE):
                    break
                if not any(link.is_alive() for link in self.esmes.links):
                    break
                time.sleep(0.03)
        self.seconds = news_at - started
        self.server_if_lost()
        if not self.is_terminal:
            told = ", ".join(f"{name} {found[name]:,} of {count:,}" for name, count in expected.items())
            self.console.print(f"In {self.seconds:.1f} s: {told}.")

    def server_if_lost(self) -> None:
        """When a link was lost, give a dying server some time to be dead, for then that is the news."""
        limit = time.monotonic() + LAST_BREATH
        while not all(link.is_alive() for link in self.esmes.links) and time.monotonic() < limit:
            alive(self.server)
            time.sleep(0.03)

    def found(self) -> dict[str, int]:
        """How much has come so far."""
        ledger = self.ledger
        whole, _ = mo_received(ledger.mo_segments[:])
        return {"answered": len(ledger.answered), "receipts": len(ledger.receipted), "MO": len(whole)}

    def progress(self) -> Progress:
        """The bars; silent where there is no terminal."""
        return Progress(
            TextColumn("{task.description:>10}"),
            BarColumn(bar_width=40),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.is_terminal,
        )

    def compare(self) -> int:
        """Read back what the carrier kept, compare, show the table and the verdict. Returns 0 or 1."""
        try:
            with self.console.status("Reading back what the carrier kept ..."):
                rows = rows_kept(self.http)
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            alive(self.server)
            raise CannotRun(
                f"GET /api/messages: {type(error).__name__}: {error}\n{self.server.last_lines()}"
            ) from error
        differences = reconcile(self.ledger, rows)
        figures = summary.figures(self.ledger)
        if self.options.json is not None:
            self.write(figures, differences)
        self.console.print()
        self.console.print(summary.table(figures, self.console.width))
        shared = summary.shares(figures)
        if shared:
            self.console.print(f"Receipts by receiver: {'; '.join(shared)}.")
        self.tell(differences, figures[-1], len(rows))
        return DIFFERENT if differences else FINE

    def write(self, figures: list[summary.Figures], differences: list[str]) -> None:
        """The file of --json. Raises CannotRun."""
        content: dict[str, Any] = {
            "seed": self.options.seed,
            "messages": self.options.messages,
            "languages": dict(sorted(Counter(letter.language for letter in self.ledger.letters).items())),
            "segments": self.esmes.total,
            "seconds": round(self.seconds, 3),
            "smpp": self.smpp,
            "http": self.http,
            "accounts": figures[:-1],
            "all": figures[-1],
            "differences": differences,
        }
        try:
            self.options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise CannotRun(f"--json {self.options.json}: {error.strerror}") from error

    def tell(self, differences: list[str], everything: summary.Figures, rows: int) -> None:
        """The verdict in a sentence, or the first differences."""
        print_ = self.console.print
        if not differences:
            print_(
                f"[bold green]The books agree:[/] each of {everything['submitted']:,} submit_sm "
                "was answered once and has one receipt, "
                f"{rows:,} texts were kept as they were sent, and all {everything['mo_sent']} MO arrived unchanged."
            )
            return
        count = len(differences)
        print_(f"[bold red]The books differ in {count:,} {'place' if count == 1 else 'places'}:[/]")
        for difference in differences[:SHOWN_MAX]:
            print_(f"  {difference}", markup=False, soft_wrap=True)
        if count > SHOWN_MAX:
            print_(f"  ... and {count - SHOWN_MAX:,} more (--json FILE has them all)")

    def serve_on(self) -> None:
        """Serve until Ctrl-C, showing each subscriber's message that arrives. Raises CannotRun."""
        body = json.dumps({"to": ACCOUNTS[0].number, "from": "12025550177", "text": "Hello, carrier!"})
        self.console.print("\nLook at it, or answer as a subscriber (that arrives here):")
        for example in (
            f"curl 'http://{self.http}/api/messages?to={self.ledger.letters[0].destination}'",
            f"curl http://{self.http}/api/sessions",
            f"curl http://{self.http}/api/mo --json '{body}'",
        ):
            self.console.print(f"  {example}", markup=False, soft_wrap=True)
        self.console.print(f"Your own gateway binds to {self.smpp} with any system_id and password.")
        self.console.print("[bold]Serving until Ctrl-C.[/]")
        shown, _ = mo_received(self.ledger.mo_segments[:])
        with suppress(KeyboardInterrupt):
            while True:
                alive(self.server)
                whole, _ = mo_received(self.ledger.mo_segments[:])
                for letter in Counter(whole) - Counter(shown):
                    text = letter.text.translate(HARMLESS)
                    self.console.print(f"  {letter.account} got from {letter.source}: {text}", markup=False)
                shown = whole
                time.sleep(0.1)
        self.console.print("\nStopping.")
