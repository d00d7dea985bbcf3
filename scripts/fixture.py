"""What the fixture costs a test: from nothing to a bound client, a reset, and how soon a waiting verb returns.

All of it in this process, as in a test run: the SMSC in its thread, the client on a blocking socket in ours. Wall time,
for that is what a developer waits. It knows the embedded SMSC as its users do.
"""

import socket
import statistics
import threading
import time
from typing import Any

from rich.progress import Progress
from rich.table import Table

from simulator.embed.embedded import EmbeddedSmsc
from simulator.smpp.connection import Connection
from simulator.smpp.pdus import BindTransceiver, Pdu, SubmitSm
from simulator.smpp.states import Side

LIMITS_MS = {"to a bound client": 150.0, "reset": 5.0, "reset, ring and rules full": 5.0, "wait_for": 5.0}
"""The most that each may take, as a median."""
RULES = 200
AT_ONCE = "scenario: 1\ncarrier: {deliver: 0s}"
NUMBER = "12025550100"


class Client:
    """A bound ESME that blocks."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = Connection(Side.ESME, 0.0, window=1_000_000)
        self.ask(BindTransceiver(system_id="bench"))

    def send(self, *pdus: Pdu) -> None:
        """Write requests together."""
        for pdu in pdus:
            self._connection.send_anyway(pdu, 0.0)
        self._socket.sendall(self._connection.data_to_send())

    def read(self, count: int) -> None:
        """Wait until so many PDUs have come."""
        while count > 0:
            octets = self._socket.recv(65_536)
            if not octets:
                raise ConnectionError("the SMSC has hung up")
            self._connection.receive_data(octets)
            count -= sum(1 for _ in self._connection.events(0.0))

    def ask(self, *pdus: Pdu) -> None:
        """Write requests together and wait for as many answers."""
        self.send(*pdus)
        self.read(len(pdus))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def submission() -> SubmitSm:
    """A message without a receipt."""
    return SubmitSm(source_addr="12025550199", destination_addr=NUMBER, short_message=b"hello")


def measured(bench: Any) -> list[dict[str, Any]]:
    """One row for each figure: milliseconds, the median and the worst of so many."""
    options, progress = bench.options, bench.progress
    count = 10 if options.quick else 30
    rows = [_row("to a bound client", _starts(count, progress))]
    with EmbeddedSmsc(_scenarios()) as smsc:
        client = Client(smsc.host, smsc.port)
        rows.append(_row("reset", [_timed(smsc.reset) for _ in range(count)]))
        rows.append(_row("wait_for", _waits(smsc, client, count)))
        rows.append(
            _row("reset, ring and rules full", _full(smsc, client, 3 if options.quick else 5, options, progress))
        )
        client.close()
    return rows


def _scenarios() -> list[Any]:
    from simulator.scenario.file import parse

    return [parse(AT_ONCE)]


def _timed(deed: Any) -> float:
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000.0


def _starts(count: int, progress: Progress) -> list[float]:
    """What the first test of a session waits for."""
    task, times = progress.add_task("fixture", total=count), []
    for _ in range(count):
        began = time.perf_counter()
        smsc = EmbeddedSmsc().start()
        client = Client(smsc.host, smsc.port)
        times.append((time.perf_counter() - began) * 1000.0)
        client.close()
        smsc.close()
        progress.advance(task)
    return times


def _waits(smsc: EmbeddedSmsc, client: Client, count: int) -> list[float]:
    """From the moment at which somebody else writes a message to the return of the verb that waits for it."""
    times = []
    for _ in range(count):
        smsc.reset()
        written: list[float] = []

        def write(written: list[float] = written) -> None:
            time.sleep(0.05)
            written.append(time.perf_counter())
            client.ask(submission())

        writer = threading.Thread(target=write)
        writer.start()
        smsc.wait_for(destination=NUMBER, state="DELIVRD")
        times.append((time.perf_counter() - written[0]) * 1000.0)
        writer.join()
    return times


def _full(smsc: EmbeddedSmsc, client: Client, count: int, options: Any, progress: Progress) -> list[float]:
    """Resets of an SMSC whose ring is full and which plays many rules."""
    task, times = progress.add_task("full rings", total=count), []
    for _ in range(count):
        for number in range(RULES):
            smsc.when(destination=f"1202555{number:04d}").reject("ESME_RTHROTTLED")
        for _ in range(options.ring // 500):
            client.ask(*(submission() for _ in range(500)))
        times.append(_timed(smsc.reset))
        progress.advance(task)
    return times


def _row(name: str, times: list[float]) -> dict[str, Any]:
    median, limit = statistics.median(times), LIMITS_MS[name]
    row = {"what": name, "median_ms": round(median, 3), "max_ms": round(max(times), 3), "runs": len(times)}
    return row | {"limit_ms": limit, "met": median <= limit}


def fixture_table(rows: list[dict[str, Any]]) -> Table:
    """What each takes, and may take."""
    table = Table(title="the fixture: milliseconds of wall time")
    for column in ("what", "median", "worst", "limit"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        verdict = f"{row['limit_ms']:g} {'met' if row['met'] else 'missed'}"
        table.add_row(row["what"], f"{row['median_ms']:.2f}", f"{row['max_ms']:.2f}", verdict)
    return table
