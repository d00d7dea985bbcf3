"""What rules and networks cost: the same load on servers that play different scenarios, in turns.

It writes the scenarios and knows what each is to show; how a server is started and loaded it does not know.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress
from rich.table import Table

from scripts.carriers import compared
from scripts.served import Server

SHAPE: Final = ("--sessions", "10", "--window", "10")
RATIO_MIN: Final = 0.75
"""How much of the rate without rules is left with twenty mixed ones: CPU a message without, over that with them."""
MANY_MAX: Final = 1.1
"""How much more a message may cost with 5,000 rules for exact destinations than with ten; measured noise is a tenth."""
WAITING_MAX: Final = 1.1
"""The same for 100,000 receipts that wait."""
SLOW_MIN: Final = 450.0
"""Messages a second of one session whose answers come after two seconds, at a window of 1,000."""
WAITING: Final = 100_000
CARRIERS_MAX: Final = 3.0
"""How many times as much a message may cost through the networks of the United States as without a scenario."""

MIXED: Final = """scenario: 1
rules:
  - {when: {to: "15550000001"}, then: {reject: ESME_RTHROTTLED}, times: 2}
  - {when: {to: "15550000002"}, then: silence}
  - {when: {to: ["15550000003", "15550000004"]}, then: {deliver: UNDELIV}}
  - {when: {to: {starts: "4477009"}}, then: {deliver: UNDELIV after 2s}}
  - {when: {to: {pattern: "0{7}$"}}, then: {reject: ESME_RINVDSTADR}}
  - {when: {from: Shop}, then: {respond: 1s}}
  - {when: {from: ["72345", "72346"]}, then: {deliver: 3s}}
  - {when: {account: another}, then: {reject: ESME_RSUBMITFAIL}}
  - {when: {account: [one, two]}, then: {respond: 2s}}
  - {when: {bind_type: TX}, then: {receipts: {session: other}}}
  - {when: {text: {contains: casino}}, then: {deliver: REJECTD}}
  - {when: {text: {contains: lottery}}, then: lose}
  - {when: {alphabet: ucs2}, then: {respond: 50ms}}
  - {when: {part: last}, then: {receipts: {parts: last}}}
  - {when: {length: "200.."}, then: {reject: ESME_RINVMSGLEN}}
  - {when: {fields: {data_coding: 4}}, then: {deliver: 5s}}
  - {when: {fields: {esm_class: {bits: "0x02"}}}, then: {reject: ESME_RINVESMCLASS}}
  - {when: {tlvs: {message_payload: present}}, then: {respond: 20ms}}
  - {when: {fields: {service_type: CMT}}, then: accept}
  - {when: {fields: {validity_period: {length: "1.."}}}, then: {deliver: EXPIRED after 10s}}
"""
SLOW: Final = "scenario: 1\ncarrier: {respond: 2s}\n"
LATE: Final = "scenario: 1\ncarrier: {deliver: 6h}\n"
EMPTY: Final = "scenario: 1\n"


def keyed(count: int) -> str:
    """Rules for so many numbers, none of which is ever written to."""
    numbers = (f"1202555{number:04d}" for number in range(count))
    rules = (f'  - {{when: {{to: "{number}"}}, then: {{reject: ESME_RTHROTTLED}}}}' for number in numbers)
    return "\n".join(["scenario: 1", "rules:", *rules, ""])


class Ruled:
    """The measurements; ``start`` makes a server that plays a scenario file, not started yet."""

    def __init__(self, start: Callable[..., Server], folder: Path, progress: Progress) -> None:
        self._start = start
        self._folder = folder
        self._progress = progress

    def server(self, name: str, scenario: str) -> Server:
        """A server that plays this."""
        path = self._folder / f"{name}.yaml"
        path.write_text(scenario)
        return self._start(name, path)

    def costs(self, messages: int, rounds: int, warm_up: int) -> dict[str, Any]:
        """CPU microseconds a submit_sm under each scenario: the least of runs in turns: what disturbs only adds."""
        files = {"none": EMPTY, "20 mixed": MIXED, "10 keyed": keyed(10), "5,000 keyed": keyed(5000)}
        task = self._progress.add_task("rules", total=(rounds + 1) * len(files))
        runs: dict[str, list[float]] = {name: [] for name in files}
        with ExitStack() as stack:
            servers = {
                name: stack.enter_context(self.server(name.replace(" ", "-"), text)) for name, text in files.items()
            }
            for server in servers.values():
                server.load(warm_up, *SHAPE)
                self._progress.advance(task)
            for turn in range(rounds):
                for name in servers if turn % 2 == 0 else reversed(servers):
                    runs[name].append(servers[name].load(messages, *SHAPE)["cpu_us"])
                    self._progress.advance(task)
        cost = {name: min(values) for name, values in runs.items()}
        ratio, times = cost["none"] / cost["20 mixed"], cost["5,000 keyed"] / cost["10 keyed"]
        return {
            "cpu_us": cost,
            "runs": runs,
            "ratio": round(ratio, 3),
            "ratio_met": ratio >= RATIO_MIN,
            "many_times": round(times, 3),
            "many_met": times <= MANY_MAX,
        }

    def slow(self) -> dict[str, Any]:
        """What one session brings through whose answers come late."""
        task = self._progress.add_task("answers after 2 s", total=1)
        with self.server("slow", SLOW) as server:
            rate = server.load(5000, "--sessions", "1", "--window", "1000")["rate_per_second"]
        self._progress.advance(task)
        return {"rate_per_second": rate, "rate_met": rate >= SLOW_MIN}

    def waiting(self, messages: int, rounds: int) -> dict[str, Any]:
        """CPU a message while nothing waits, and while very many receipts do."""
        task = self._progress.add_task("receipts that wait", total=2 * rounds + 1)
        runs: dict[str, list[float]] = {"none": [], "waiting": []}
        with self.server("few", EMPTY) as few, self.server("late", LATE) as late:
            late.load(WAITING, "--sessions", "10", "--window", "100")
            few.load(WAITING, "--sessions", "10", "--window", "100")
            self._progress.advance(task)
            for _ in range(rounds):
                for name, server in (("none", few), ("waiting", late)):
                    runs[name].append(server.load(messages, *SHAPE)["cpu_us"])
                    self._progress.advance(task)
        none, waiting = (min(values) for values in runs.values())
        return {"runs": runs, "none_us": none, "waiting_us": waiting, "times": round(waiting / none, 3)} | {
            "times_met": waiting <= WAITING_MAX * none
        }

    def carriers(self, rounds: int) -> dict[str, Any]:
        """CPU a message through the networks of the United States and without any scenario; see carriers.py."""
        task = self._progress.add_task("networks", total=2)
        found: dict[str, Any] = {}
        for name, receipts in (("answered", False), ("with receipts", True)):
            figures = compared(rounds, receipts=receipts)
            found[name] = figures | {"times_met": figures["times"] <= CARRIERS_MAX}
            self._progress.advance(task)
        return found


def ruled_table(row: dict[str, Any]) -> Table:
    """All of it, beside what was asked."""
    table = Table(title="what rules cost: CPU microseconds a submit_sm at 10 x 10")
    for column in ("scenario", "figure", "limit", ""):
        table.add_column(column, justify="right" if column == "figure" else "left")
    costs, late, carriers = row["costs"], row["waiting"], row["carriers"]
    for name, microseconds in costs["cpu_us"].items():
        table.add_row(f"rules: {name}", f"{microseconds:.1f} us", "", "")
    for name, one in carriers.items():
        table.add_row(f"no scenario, {name}, without sockets", f"{one['none_us']:.1f} us", "", "")
        table.add_row(f"networks/us, {name}, without sockets", f"{one['networks_us']:.1f} us", "", "")
    for name, figure, limit, is_met in (
        *(
            (f"networks/us, {name}, of none", f"{one['times']:.2f}", f"<= {CARRIERS_MAX:g}", one["times_met"])
            for name, one in carriers.items()
        ),
        ("rate with 20 mixed rules, of that without", f"{costs['ratio']:.2f}", f">= {RATIO_MIN}", costs["ratio_met"]),
        ("5,000 rules for a number each, of ten", f"{costs['many_times']:.2f}", f"<= {MANY_MAX}", costs["many_met"]),
        (f"{WAITING:,} receipts wait, of none", f"{late['times']:.2f}", f"<= {WAITING_MAX}", late["times_met"]),
        (
            "answers after 2 s at a window of 1,000",
            f"{row['slow']['rate_per_second']:.0f}/s",
            f">= {SLOW_MIN:.0f}/s",
            row["slow"]["rate_met"],
        ),
    ):
        table.add_row(name, figure, limit, "met" if is_met else "missed")
    return table
