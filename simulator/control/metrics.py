"""The numbers for Prometheus: read from plain integers at the moment somebody asks, so that traffic pays nothing.

One registry per server. No label is a phone number, a message or an account: what is counted must not grow with the
traffic.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from simulator import __version__
from simulator.control.rows import Recording
from simulator.journal import MALFORMED
from simulator.smpp.constants import status_name
from simulator.smsc.smsc import Smsc

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Numbers(Collector):
    """Every number of one SMSC, and of the file that keeps its events where there is one."""

    def __init__(self, smsc: Smsc, recording: Recording | None) -> None:
        self._smsc = smsc
        self._recording = recording

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry need not read all numbers once to learn their names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics with their present values."""
        yield from self._traffic()
        yield from self._links()
        yield from self._store()
        if self._recording is not None:
            yield from _file(self._recording)

    def _traffic(self) -> Iterator[Metric]:
        smsc = self._smsc
        yield _counter("events", "Events in the journal", "kind", smsc.journal.counts)
        answered = {status_name(status): count for status, count in smsc.tally.answered.items()}
        yield _counter("submissions_answered", "Submissions, by the status of their answer", "status", answered)
        yield _counter("messages_concluded", "Messages that reached a final state", "state", smsc.tally.concluded)
        malformed = smsc.journal.counts[MALFORMED]
        yield CounterMetricFamily("carrier_sim_malformed", "PDUs that could not be read", value=malformed)

    def _links(self) -> Iterator[Metric]:
        sessions = list(self._smsc.sessions.values())
        binds = Counter({"TX": 0, "RX": 0, "TRX": 0, "none": 0})
        binds.update(session.bind_type or "none" for session in sessions)
        yield _gauge("sessions", "Connections, by what they are bound as", "bind", binds)
        unanswered = sum(len(session.deliveries) for session in sessions)
        yield _plain("deliveries_unanswered", "Deliveries sent and not yet answered", unanswered)
        octets = sum(session.bytes_waiting for session in sessions)
        yield _plain("link_waiting_bytes", "Octets that wait to be written", octets)

    def _store(self) -> Iterator[Metric]:
        smsc = self._smsc
        yield _plain("deliveries_waiting", "Deliveries that wait for a receiver or a further attempt", smsc.waiting())
        yield _plain("agenda_pending", "Deeds that are due later", len(smsc.agenda))
        yield _plain("rows_kept", "Rows of messages in the ring", len(smsc.history))
        evicted = smsc.history.evicted
        yield CounterMetricFamily("carrier_sim_rows_evicted", "Rows that have left the ring", value=evicted)
        yield _gauge("build", "Always 1; the label tells the version", "version", {__version__: 1})


class Metrics:
    """The text that a scrape of one SMSC gets."""

    def __init__(self, smsc: Smsc, recording: Recording | None = None) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(Numbers(smsc, recording))

    def text(self) -> bytes:
        """All numbers in the exposition format that CONTENT_TYPE names."""
        return generate_latest(self.registry)


def _file(recording: Recording) -> Iterator[Metric]:
    kept = {"written": recording.written, "lost": recording.lost}
    yield _counter("journal_file_events", "Events for the journal's file, by what became of them", "fate", kept)
    yield _plain("journal_file_waiting", "Events that wait to be written to the journal's file", recording.waiting)
    is_broken = int(recording.error is not None)
    yield _plain("journal_file_broken", "1 while the journal's file cannot be written", is_broken)


def _plain(name: str, help_text: str, value: int) -> Metric:
    return GaugeMetricFamily(f"carrier_sim_{name}", help_text, value=value)


def _gauge(name: str, help_text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"carrier_sim_{name}", help_text, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


def _counter(name: str, help_text: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"carrier_sim_{name}", help_text, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
